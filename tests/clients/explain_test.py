#!/usr/bin/env python3
"""`benchtop explain` and `explain-url`: real clients make real mistakes, and the tutor names them."""

import hashlib
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request

from client_lab import BUCKET, REGION, Emulator, case, curl, equal, run_cases, skipped

lab = Emulator(sys.argv[1]).start()
KEY = lab.environment["AWS_ACCESS_KEY_ID"]
SECRET = lab.environment["AWS_SECRET_ACCESS_KEY"]
BODY = b"hello"


def explained(request_id):
    with urllib.request.urlopen(f"{lab.endpoint}/_benchtop/explain/{request_id}") as answer:
        return json.load(answer)


def mistake_of(answer):
    """What is said of a refused answer, by the page and by the command."""
    request_id = answer.header("x-amz-request-id") or answer.header("Apigw-Requestid")
    page = explained(request_id)
    printed = lab.command("explain", request_id).stdout
    if page["cause"] not in printed or page["fix"] not in printed:
        raise AssertionError(f"the command says what the page says:\n{printed}\n{page}")
    if SECRET in printed:
        raise AssertionError("a secret was printed")
    return page["mistake"], page


def put(url, *arguments, method="PUT"):
    status, answer, text = curl("-X", method, "--data-binary", "@-", *arguments, url, stdin=BODY, environment=lab.environment)
    equal(status, 0, text)
    return answer


def presign():
    request = urllib.request.Request(f"http://127.0.0.1:{lab.api_port}/prod/presign", method="POST", data=b"")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["uploadUrl"]


def read_url(text):
    request = urllib.request.Request(lab.endpoint + "/_benchtop/explain-url", method="POST",
                                     data=json.dumps({"url": text}).encode())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def path_style(url):
    """The lab's handler may name a host this machine cannot resolve: its address is given to curl."""
    host = re.match(r"https?://([^/:]+)(?::(\d+))?", url)
    return ["--resolve", f"{host.group(1)}:{host.group(2) or 80}:127.0.0.1"]


@case
def curl_signs_with_a_wrong_secret():
    answer = put(f"{lab.endpoint}/{BUCKET}/uploads/a.txt", "--aws-sigv4", f"aws:amz:{REGION}:s3", "--user", f"{KEY}:wrong",
                 "-H", f"x-amz-content-sha256: {hashlib.sha256(BODY).hexdigest()}")
    mistake, page = mistake_of(answer)
    equal((answer.status, mistake, page["signature"]["certainty"]), (403, "wrong-secret", "likely"))


@case
def curl_signs_for_another_region_and_service():
    for scope, mistake in ((f"aws:amz:us-west-2:s3", "region"), (f"aws:amz:{REGION}:s3express", "service")):
        answer = put(f"{lab.endpoint}/{BUCKET}/uploads/a.txt", "--aws-sigv4", scope, "--user", f"{KEY}:{SECRET}",
                     "-H", f"x-amz-content-sha256: {hashlib.sha256(BODY).hexdigest()}")
        equal(mistake_of(answer)[0], mistake)


@case
def a_presigned_url_is_used_wrongly():
    url = presign()
    reach = path_style(url)
    name, page = mistake_of(put(url, *reach, method="GET"))
    equal((name, page["signature"]["firstDifference"]), ("method", {"part": "method", "line": 1, "computed": "GET", "signed": "PUT"}))
    equal(mistake_of(put(url.replace(".txt", ".pdf"), *reach))[0], "path")
    equal(mistake_of(put(url.replace("X-Amz-Expires=300", "X-Amz-Expires=900"), *reach))[0], "expires-edited")
    equal(mistake_of(put(url.split("&")[0], *reach))[0], "query-cut")
    equal(mistake_of(put(url, "-H", "x-amz-acl: private", *reach))[0], "header-not-signed")
    equal(put(url, *reach).status, 200, "the URL itself is good")


@case
def a_wrong_path_of_the_api_is_explained_too():
    answer = put(f"http://127.0.0.1:{lab.api_port}/prod", method="POST")
    equal(answer.status, 404)
    page = explained(answer.header("Apigw-Requestid"))
    if not page["text"].strip():
        raise AssertionError("there is a text")


@case
def a_url_is_read():
    url = presign()
    page = read_url(url)
    equal((page["signatureVersion"], page["signature"], page["permits"]["method"], page["permits"]["bucket"], page["findings"]),
          (4, "good", "PUT", BUCKET, []), page["text"])
    if "lambda-web-presign-role" not in page["signedBy"]["holder"]:
        raise AssertionError(page["signedBy"])
    if not 290 <= page["secondsLeft"] <= 300:
        raise AssertionError(f"seconds left: {page['secondsLeft']}")
    for text, mistake in ((url.split("&")[0], "query-cut"), (url.replace("&", "&amp;"), "html-escape"),
                          (url.replace("&", "\\u0026"), "json-escape"), (url + '","s3Key":"x"}', "json-tail"),
                          (url[:-9], "signature-cut"), ("nothing", "no-url")):
        equal([f["mistake"] for f in read_url(text)["findings"]][:1], [mistake], text)
    lab.command("clock", "advance", "301s")
    equal((read_url(url)["expired"], read_url(url)["findings"][0]["mistake"]), (True, "expired"))
    expired = subprocess.run([lab.binary, "explain-url", "--port", str(lab.port), url], capture_output=True, text=True, timeout=60,
                             check=False)
    equal((expired.returncode, "expired" in expired.stdout), (1, True))


try:
    import boto3
    import botocore.exceptions
    from botocore.config import Config
except ImportError:
    skipped("boto3", "not installed for this Python")
else:
    @case
    def boto3_mixes_up_pairs():
        def client(key, secret):
            return boto3.client("s3", region_name=REGION, endpoint_url=lab.endpoint, aws_access_key_id=key,
                                aws_secret_access_key=secret, config=Config(retries={"max_attempts": 1}))

        for key, secret, mistake in ((KEY, SECRET + " ", "secret-mangled"), (KEY, "test", "other-secret"),
                                     (KEY[:-1], SECRET, "unknown-key")):
            try:
                client(key, secret).put_object(Bucket=BUCKET, Key="uploads/b c.txt", Body=BODY)
            except botocore.exceptions.ClientError as refused:
                page = explained(refused.response["ResponseMetadata"]["RequestId"])
                equal(page["mistake"], mistake, page["text"])
            else:
                raise AssertionError("it was let through")


sys.exit(run_cases(lab))
