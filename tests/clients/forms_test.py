#!/usr/bin/env python3
"""POST forms: curl -F, which streams, and forms made by boto3's generate_presigned_post in both signature versions."""

import hashlib
import http.client
import os
import shutil
import sys
import urllib.parse

from client_lab import (Emulator, case, check_error, clients_directory, curl, equal, nothing_to_run, run_cases, skipped)
from signing import Keys, sign_form

try:
    import boto3
except ImportError:
    python = os.path.join(clients_directory(), "clients-venv", "bin", "python")
    if os.access(python, os.X_OK) and os.path.realpath(sys.prefix) != os.path.realpath(os.path.dirname(os.path.dirname(python))):
        os.execv(python, [python, "-B", *sys.argv])
    skipped("forms", "boto3 is not on this machine")
    nothing_to_run()
from botocore.config import Config

if not shutil.which("curl"):
    skipped("forms", "curl is not on this machine")
    nothing_to_run()

lab = Emulator(sys.argv[1]).start()
for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
    del os.environ[name]
os.environ.update({k: v for k, v in lab.environment.items() if k.startswith("AWS_")})
keys = Keys.of(lab.environment)


def client(region="us-east-2", **config):
    return boto3.client("s3", region_name=region, endpoint_url=lab.endpoint,
                        config=Config(retries={"total_max_attempts": 1}, **config))


s3 = client()
s3.create_bucket(Bucket="forms", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
client(region="us-east-1").create_bucket(Bucket="forms-virginia")


def post(url, fields, content, filename="a.txt"):
    """The form as a browser sends it."""
    boundary = "----form" + hashlib.md5(content).hexdigest()
    body = b""
    for name, value in fields:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    body += (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
             "Content-Type: text/plain\r\n\r\n").encode() + content + f"\r\n--{boundary}--\r\n".encode()
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.request("POST", parts.path, body=body,
                           headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def curl_form(bucket, fields, file, *more):
    arguments = [part for name, value in fields for part in ("-F", f"{name}={value}")]
    return curl(*arguments, "-F", f"file=@{file}", *more, f"{lab.endpoint}/{bucket}")


def temporary(name, content):
    path = os.path.join(lab.directory, name)
    with open(path, "wb") as file:
        file.write(content)
    return path


@case
def curl_sends_a_form():
    """curl -F: the key takes the file's name, the answer is 201 with a document."""
    path = temporary("a (b) c.txt", b"hello form")
    fields = sign_form(keys, "forms", [("key", "curl/${filename}"), ("success_action_status", "201"),
                                       ("x-amz-meta-from", "curl")])
    status, answer, output = curl_form("forms", fields, path)
    equal((status, answer.status), (0, 201), output)
    assert b"<Key>curl/a (b) c.txt</Key>" in answer.body, answer
    got = s3.get_object(Bucket="forms", Key="curl/a (b) c.txt")
    equal((got["Body"].read(), got["Metadata"]), (b"hello form", {"from": "curl"}))


@case
def curl_sends_a_large_form():
    """A file of 40 MB passes through; its ETag is its MD5."""
    block = os.urandom(1 << 20)
    path = temporary("large", block * 40)
    status, answer, output = curl_form("forms", sign_form(keys, "forms", [("key", "large")]), path)
    equal((status, answer.status), (0, 204), output)
    equal(answer.header("ETag").strip('"'), hashlib.md5(block * 40).hexdigest())
    equal(s3.head_object(Bucket="forms", Key="large")["ContentLength"], 40 << 20)


@case
def a_form_too_large_for_its_policy_is_told():
    """The whole file is read before it is refused, so that curl sees the answer."""
    path = temporary("large", os.urandom(3 << 20))
    fields = sign_form(keys, "forms", [("key", "bounded")], [["content-length-range", 1, 1 << 20]])
    _, answer, _ = curl_form("forms", fields, path)
    check_error(answer, 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
                {"ProposedSize": str(3 << 20), "MaxSizeAllowed": str(1 << 20)})


@case
def boto3_forms_in_both_versions():
    """generate_presigned_post: SigV4 in us-east-2, SigV2 in us-east-1."""
    for bucket, region, version in (("forms", "us-east-2", "s3v4"), ("forms-virginia", "us-east-1", "s3"),
                                    ("forms-virginia", "us-east-1", "s3v4")):
        maker = client(region=region, signature_version=version)
        form = maker.generate_presigned_post(
            bucket, "boto/${filename}", Fields={"acl": "private", "Content-Type": "text/css"},
            Conditions=[{"acl": "private"}, ["starts-with", "$Content-Type", "text/"], ["content-length-range", 1, 100]],
            ExpiresIn=60)
        equal("signature" in form["fields"], version == "s3", version)
        status, headers, body = post(form["url"], form["fields"].items(), b"from boto3", "C:\\dir\\b.css")
        equal((status, body), (204, ""), form)
        assert headers["Location"].endswith(f"/{bucket}/boto%2Fb.css"), headers["Location"]
        got = maker.get_object(Bucket=bucket, Key="boto/b.css")
        equal((got["Body"].read(), got["ContentType"]), (b"from boto3", "text/css"), version)


@case
def boto3_forms_are_refused():
    """A form that was changed after it was signed."""
    for region, bucket, version, named in (("us-east-2", "forms", "s3v4", "X-Amz-Signature"),
                                           ("us-east-1", "forms-virginia", "s3", "Signature")):
        form = client(region=region, signature_version=version).generate_presigned_post(bucket, "k", ExpiresIn=60)
        for change, expected in (
                (lambda f: f | {"key": "other"}, (403, "Policy Condition failed: [&quot;eq&quot;, &quot;$key&quot;, &quot;k&quot;]")),
                (lambda f: f | {"policy": f["policy"][:-4]}, (403, "<Code>SignatureDoesNotMatch</Code>")),
                (lambda f: f | {"x-amz-meta-a": "1"}, (403, "Extra input fields: x-amz-meta-a")),
                (lambda f: {k: v for k, v in f.items() if k.lower() not in ("signature", "x-amz-signature")},
                 (400, f"must contain a field named '{named}'."))):
            status, _, body = post(form["url"], change(form["fields"]).items(), b"x")
            assert (status, expected[1] in body) == (expected[0], True), (version, status, body)


@case
def an_expired_form_is_refused_on_the_labs_clock():
    """`clock advance` ages a form that was made before it. The last case: what SigV2 forms are taken to be made at lies before now."""
    path = temporary("b", b"x")
    fields = sign_form(keys, "forms", [("key", "aged")], expires=600)
    equal(curl_form("forms", fields, path)[1].status, 204)
    lab.command("clock", "advance", "601s")
    check_error(curl_form("forms", fields, path)[1], 403, "AccessDenied",
                "Invalid according to Policy: Policy expired.")


run_cases(lab)
