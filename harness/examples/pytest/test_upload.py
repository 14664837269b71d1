"""pytest harness/examples/pytest/ (after pip install ./harness/python)"""

import boto3
import pytest
from botocore.exceptions import ClientError

BUCKET = "student-upload-bucket-aj"


def test_an_upload_is_moved_to_processed(benchtop):
    made = benchtop.presign()
    assert benchtop.put(made["uploadUrl"], b"hello").status == 200
    benchtop.settle()
    s3 = boto3.client("s3")  # as the code under test makes it: the environment leads it to Benchtop
    processed = made["s3Key"].replace("uploads/", "processed/")
    assert s3.get_object(Bucket=BUCKET, Key=processed)["Body"].read() == b"hello"
    with pytest.raises(ClientError, match="Not Found"):
        s3.head_object(Bucket=BUCKET, Key=made["s3Key"])


def test_a_presigned_url_expires_after_five_minutes(benchtop, benchtop_clock):
    url = benchtop.presign()["uploadUrl"]
    benchtop_clock.advance("301s")
    assert benchtop.put(url, b"late").refused("Request has expired")


def test_a_test_sees_nothing_of_another(benchtop):
    names = [found["Key"] for found in boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert all(name.endswith("/") for name in names), "only the lab's folders"
    assert benchtop.deliveries() == []
