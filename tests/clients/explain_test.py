#!/usr/bin/env python3
"""`benchtop explain` and `explain-url`: real clients make real mistakes, and the tutor names them."""

import hashlib
import json
import re
import socket
import subprocess
import sys
import time
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


def api(path, *arguments, method="POST"):
    return put(f"http://127.0.0.1:{lab.api_port}{path}", *arguments, method=method)


def signed(url, *arguments, user=None, scope=f"aws:amz:{REGION}:s3", method="PUT"):
    return put(url, "--aws-sigv4", scope, "--user", user or f"{KEY}:{SECRET}", "-H",
               f"x-amz-content-sha256: {hashlib.sha256(BODY).hexdigest()}", *arguments, method=method)


@case
def refusals_of_an_api_are_explained():
    """404, 403 and 500 of an HTTP API say nothing to the client; the page says what was wrong."""
    for path, method, mistake in (("/prod", "POST", "stage-root"), ("/prod/presign", "GET", "wrong-method"),
                                  ("/prod/presign/", "POST", "trailing-slash"), ("/prod/Presign", "POST", "letter-case"),
                                  ("/prod/nothing", "POST", "route-missing"), ("/stage/presign", "POST", "stage-missing")):
        answer = api(path, method=method)
        equal((answer.status, mistake_of(answer)[0]), (404, mistake), path)
    answer = put(lab.endpoint + "/x", "-H", f"Host: nosuchapi0.execute-api.{REGION}.amazonaws.com", method="POST")
    page = explained(answer.header("x-amzn-RequestId"))
    equal((answer.status, page["mistake"], "nosuchapi0" in page["cause"]), (403, "forbidden", True), page)


@case
def refusals_that_are_nobodys_mistake_are_explained():
    for method, path, status, mistake in (("GET", f"/{BUCKET}/uploads/none.txt", 404, "no-such-key"),
                                          ("GET", "/no-such-bucket-here/a", 404, "no-such-bucket"),
                                          ("PUT", "/Bad_Name", 400, "invalid-bucket-name")):
        answer = signed(lab.endpoint + path, method=method)
        equal((answer.status, mistake_of(answer)[0]), (status, mistake), path)
    answer = put(lab.endpoint + "/" + BUCKET + "/uploads/none.txt", method="GET")
    equal((answer.status, mistake_of(answer)[0]), (403, "query-string-missing"))


@case
def a_fault_on_purpose_says_so():
    lab.command("faults", "add", "throttle", "--service", "s3", "--times", "1")
    answer = signed(f"{lab.endpoint}/{BUCKET}/uploads/a.txt", method="GET")
    lab.command("faults", "clear")
    name, page = mistake_of(answer)
    equal((answer.status, name, "throttle" in page["cause"]), (503, "fault-on-purpose", True), page)


@case
def the_last_refusal_needs_no_id():
    answer = api("/prod/none")
    expected = explained(answer.header("Apigw-Requestid"))["text"]
    for arguments in (("--last",), ()):
        equal(lab.command("explain", *arguments).stdout, expected)
    with urllib.request.urlopen(lab.endpoint + "/_benchtop/explain?format=text") as page:
        equal((page.headers["Content-Type"], page.read().decode()), ("text/plain; charset=utf-8", expected))
    good = signed(f"{lab.endpoint}/{BUCKET}/uploads/good.txt")
    for request_id, said in ((good.header("x-amz-request-id"), "was not refused: its answer was 200"), ("NOBODY", "No refused request has the id")):
        done = subprocess.run([lab.binary, "explain", "--port", str(lab.port), request_id], capture_output=True, text=True, timeout=60, check=False)
        equal((done.returncode, said in done.stderr), (1, True), done.stderr)


@case
def a_secret_in_the_wrong_place_is_not_repeated():
    answers = [signed(f"{lab.endpoint}/{BUCKET}/uploads/a.txt", user=f"{SECRET}:{SECRET}"),
               signed(f"{lab.endpoint}/{BUCKET}/uploads/a.txt", "-H", f"x-amz-meta-key: {SECRET}", user=f"{KEY}:{SECRET} "),
               signed(f"{lab.endpoint}/{BUCKET}/uploads/{SECRET}", user=f"{KEY}:wrong")]
    for answer in answers:
        equal(answer.status, 403)
        page = json.dumps(explained(answer.header("x-amz-request-id")))
        equal(SECRET in page, False, page)
    url = presign()
    page = json.dumps(read_url(re.sub("X-Amz-Credential=[^%]*", "X-Amz-Credential=" + SECRET, url)))
    equal(SECRET in page, False, page)


def explain_url(argument, stdin=None, port=None):
    return subprocess.run([lab.binary, "explain-url", "--port", str(port or lab.port), argument], input=stdin, capture_output=True, text=True,
                          timeout=60, check=False)


@case
def a_url_is_read_from_standard_input_and_without_an_emulator():
    url = presign()
    piped = explain_url("-", stdin=json.dumps({"uploadUrl": url}))
    equal((piped.returncode, "Signature Version 4, good" in piped.stdout), (0, True), piped.stdout)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    alone = explain_url(url, port=nobody)
    equal((alone.returncode, "No emulator answers" in alone.stdout, BUCKET in alone.stdout), (0, True, True), alone.stdout + alone.stderr)
    cut = explain_url(url.split("&")[0], port=nobody)
    equal((cut.returncode, "query-cut" in cut.stdout), (1, True), cut.stdout)


@case
def hostile_urls_are_read_within_bounds():
    url = presign()
    signature = url.split("X-Amz-Signature=")[1].split("&")[0]
    worst = url.replace(signature, signature[::-1]) + "&a=%" * 3000
    begin = time.monotonic()
    for text in (worst, "http://" + "&" * 16000, "http://a?" + "X-Amz-Credential=a%2F" * 700, url + "\x00\x07", "https://[::1]:99999999999/?" + url):
        equal(read_url(text)["signature"] != "good" or text.startswith(url), True)
    if time.monotonic() - begin > 10:
        raise AssertionError("explaining took more than 10 s")
    for body in (b"", b"[]", b"{", b'{"url": 7}', b"x" * 70000):
        request = urllib.request.Request(lab.endpoint + "/_benchtop/explain-url", method="POST", data=body)
        try:
            urllib.request.urlopen(request)
        except urllib.error.HTTPError as refused:
            equal(400 <= refused.code < 500, True, refused.code)
        else:
            raise AssertionError(f"{body[:10]!r} was taken")


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

    @case
    def denials_and_refusals_of_other_services_are_explained():
        def client(service, key=KEY, secret=SECRET):
            return boto3.client(service, region_name=REGION, endpoint_url=lab.endpoint, aws_access_key_id=key,
                                aws_secret_access_key=secret, config=Config(retries={"max_attempts": 1}))

        iam = client("iam")
        iam.create_user(UserName="AJ")
        pair = iam.create_access_key(UserName="AJ")["AccessKey"]
        own = (pair["AccessKeyId"], pair["SecretAccessKey"])
        calls = ((lambda: client("s3", *own).put_object(Bucket=BUCKET, Key="uploads/a", Body=BODY), "permission-missing", "s3:PutObject"),
                 (lambda: client("lambda", *own).list_functions(), "permission-missing", "lambda:ListFunctions"),
                 (lambda: client("lambda").invoke(FunctionName="none"), "resource-not-found-exception", "none"),
                 (lambda: client("iam").get_user(UserName="none"), "no-such-entity", "none"),
                 (lambda: client("iam", KEY, "wrong").list_users(), "wrong-secret", KEY),
                 (lambda: client("sts", "AKIAI44QH8DHBEXAMPLE", "wrong").get_caller_identity(), "unknown-key", "AKIAI44QH8DHBEXAMPLE"))
        for call, mistake, named in calls:
            try:
                call()
            except botocore.exceptions.ClientError as refused:
                page = explained(refused.response["ResponseMetadata"]["RequestId"])
                equal((page["mistake"], named in page["cause"], bool(page["fix"])), (mistake, True, True), page["text"])
            else:
                raise AssertionError(f"{mistake}: it was let through")


sys.exit(run_cases(lab))
