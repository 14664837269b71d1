"""S3 says that uploads/X was created -> uploads/X is moved to PROCESSED_PREFIX/X: a copy, then a delete.

Events come at least once. A second one for the same object finds its source gone.
"""

from os import environ
from urllib.parse import unquote_plus

import boto3

client = boto3.client("s3")
SOURCE = "uploads/"


def move(bucket, key):
    target = environ.get("PROCESSED_PREFIX", "processed/") + key[len(SOURCE):]
    print("Moving:", key, "->", target)
    client.copy_object(Bucket=bucket, Key=target, CopySource={"Bucket": bucket, "Key": key})
    client.delete_object(Bucket=bucket, Key=key)
    print("Moved successfully:", target)


def lambda_handler(event, context):
    moved = 0
    for record in event["Records"]:
        # Keys in events are form encoded: "a b" comes as "a+b".
        key = unquote_plus(record["s3"]["object"]["key"])
        if not key.startswith(SOURCE) or key == SOURCE:
            print("Left alone:", key)
            continue
        move(record["s3"]["bucket"]["name"], key)
        moved += 1
    return {"moved": moved}
