#!/usr/bin/env python3
"""curl --aws-sigv4: the one client that signs without an SDK."""

import hashlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from client_lab import (Emulator, REGION, case, check_error, curl, equal, nothing_to_run, run_cases, skipped)

HELP = subprocess.run(["curl", "--help", "all"], capture_output=True, text=True).stdout if shutil.which("curl") else ""
if "--aws-sigv4" not in HELP:
    skipped("curl-sigv4", "this curl does not know --aws-sigv4")
    nothing_to_run()

lab = Emulator(sys.argv[1]).start()
KEY = lab.environment["AWS_ACCESS_KEY_ID"]
SECRET = lab.environment["AWS_SECRET_ACCESS_KEY"]
XML = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def signed(method, path, *arguments, body=b"", secret=SECRET):
    """curl signs x-amz-content-sha256 only when it is given."""
    command = ["--aws-sigv4", f"aws:amz:{REGION}:s3", "--user", f"{KEY}:{secret}", "-X", method,
               "-H", f"x-amz-content-sha256: {hashlib.sha256(body).hexdigest()}"]
    if body or method in ("PUT", "POST"):
        command += ["--data-binary", "@-"]
    if method == "HEAD":
        command.append("--head")
    status, answer, text = curl(*command, *arguments, lab.endpoint + path, stdin=body, environment=lab.environment)
    equal(status, 0, f"curl's exit status for {method} {path}: {text}")
    return answer


LOCATION = f"<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
equal(signed("PUT", "/curl-bucket", body=LOCATION.encode()).status, 200, "the bucket is made")


@case
def an_object_goes_and_comes():
    put = signed("PUT", "/curl-bucket/dir/a.txt", "-H", "Content-Type: text/plain", "-H", "x-amz-meta-a: b", body=b"hello")
    equal((put.status, put.header("ETag")), (200, '"5d41402abc4b2a76b9719d911017c592"'))
    got = signed("GET", "/curl-bucket/dir/a.txt")
    equal((got.status, got.body, got.header("x-amz-meta-a"), got.header("Content-Type")),
          (200, b"hello", "b", "text/plain"))
    part = signed("GET", "/curl-bucket/dir/a.txt", "-H", "Range: bytes=1-2")
    equal((part.status, part.body), (206, b"el"))
    head = signed("HEAD", "/curl-bucket/dir/a.txt")
    equal((head.status, head.header("Content-Length")), (200, "5"))


@case
def a_listing_with_a_query_is_signed():
    signed("PUT", "/curl-bucket/list/1", body=b"1")
    listed = signed("GET", "/curl-bucket?list-type=2&prefix=list%2F")
    equal(listed.status, 200)
    equal([key.text for key in ElementTree.fromstring(listed.body).iter(XML + "Key")], ["list/1"])


@case
def a_multipart_upload_step_by_step():
    begun = signed("POST", "/curl-bucket/parts?uploads=")
    upload = ElementTree.fromstring(begun.body).findtext(XML + "UploadId")
    parts = [b"a" * (5 << 20), b"tail"]
    etags = [signed("PUT", f"/curl-bucket/parts?partNumber={number}&uploadId={upload}", "-H", "Expect:",
                    body=part).header("ETag") for number, part in enumerate(parts, 1)]
    document = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in enumerate(etags, 1))
    done = signed("POST", f"/curl-bucket/parts?uploadId={upload}",
                  body=f"<CompleteMultipartUpload>{document}</CompleteMultipartUpload>".encode())
    equal(done.status, 200, repr(done))
    whole = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()
    equal(ElementTree.fromstring(done.body.strip()).findtext(XML + "ETag"), f'"{whole}-2"')
    equal(signed("GET", "/curl-bucket/parts").body, b"".join(parts))


@case
def a_missing_key_and_a_wrong_secret():
    check_error(signed("GET", "/curl-bucket/nothing"), 404, "NoSuchKey", "The specified key does not exist.",
                {"Key": "nothing"})
    refused = signed("GET", "/curl-bucket/dir/a.txt", secret="wrong")
    equal((refused.status, refused.error()[0]), (403, "SignatureDoesNotMatch"))


@case
def a_wrong_region_is_named():
    _, answer, _ = curl("--aws-sigv4", "aws:amz:eu-central-1:s3", "--user", f"{KEY}:{SECRET}",
                        "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", f"{lab.endpoint}/curl-bucket/x",
                        environment=lab.environment)
    check_error(answer, 400, "AuthorizationHeaderMalformed",
                "The authorization header is malformed; the region 'eu-central-1' is wrong; expecting 'us-east-2'",
                {"Region": "us-east-2"})
    assert re.search("us-east-2", answer.header("x-amz-bucket-region") or ""), repr(answer)


run_cases(lab)
