"""POST /presign -> a presigned PUT URL for a new object below UPLOAD_PREFIX.

No Content-Type is signed, so that whoever uses the URL may send any, or none.
"""

import json
from os import environ
from uuid import uuid4

import boto3

client = boto3.client("s3")

HEADERS = {
    "Content-Type": "application/json",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "OPTIONS,POST",
}


def lambda_handler(event, context):
    bucket = environ["BUCKET_NAME"]
    name = environ.get("UPLOAD_PREFIX", "uploads/") + "upload-" + str(uuid4()) + ".txt"
    url = client.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": name}, ExpiresIn=int(environ.get("EXPIRES_IN", "300"))
    )
    return {"statusCode": 200, "headers": HEADERS, "body": json.dumps({"uploadUrl": url, "s3Key": name})}
