#!/usr/bin/env python3
"""Part 6 of the handout as written, and what each documented mistake with a presigned URL gets, with curl."""

import json
import os
import re
import subprocess
import sys
import tempfile

from client_lab import (BUCKET, REGION, Emulator, aws_version, case, check_error, curl, equal, eventually, exchange,
                        find_program, knows_endpoint_variable, nothing_to_run, run_cases, skipped)
from signing import Keys, amz_date, presign, presign_v2, signed_head

if not find_program("curl"):
    skipped("curl", "curl is not on this machine")
    nothing_to_run()

lab = Emulator(sys.argv[1]).start()
HOST = f"127.0.0.1:{lab.port}"
API_HOST = f"{lab.api_id()}.execute-api.{REGION}"
ADMIN = Keys.of(lab.environment)
AWS = find_program("aws")

SIGNATURE_TEXT = ("The request signature we calculated does not match the signature you provided. "
                  "Check your key and signing method.")
V4_ELEMENTS = {name: None for name in ("AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes",
                                       "CanonicalRequest", "CanonicalRequestBytes")}
V2_ELEMENTS = {name: None for name in ("AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes")}
SIX_PARAMETERS = ("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                  "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
THREE_PARAMETERS = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"


def bash(script):
    """A piece of the handout in a shell, in a directory of its own; gives stdout."""
    with tempfile.TemporaryDirectory() as directory:
        if AWS and not knows_endpoint_variable(aws_version(AWS)):
            script = f'aws() {{ command aws --endpoint-url "{lab.endpoint}" "$@"; }}\n' + script
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script.replace("/tmp/presign.json", "presign.json")],
                              cwd=directory, env=lab.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=90)
        equal(done.returncode, 0, f"exit status of\n{script}\n{done.stdout}{done.stderr}")
        return done.stdout


def presigned_by_the_lab():
    status, answer, text = curl("-X", "POST", f"http://localhost:{lab.api_port}/prod/presign")
    equal(status, 0, text)
    return json.loads(answer.body)


def put_url(key="mistakes/file.txt", **options):
    """A URL signed by the administrator for a key that wakes no function."""
    return presign(ADMIN, "PUT", HOST, f"/{BUCKET}/{key}", **options)


def body_of(key):
    return exchange(lab.port, signed_head(ADMIN, "GET", HOST, f"/{BUCKET}/{key}"))


def europe_bucket():
    """A bucket in us-east-1, where boto3 still presigns with SigV2."""
    keys = Keys(ADMIN.access, ADMIN.secret, region="us-east-1")
    answer = exchange(lab.port, signed_head(keys, "PUT", HOST, "/lab-sigv2"))
    equal(answer.status, 200, repr(answer))
    return keys


SIGV2 = europe_bucket()


def v2_url(method="PUT", **options):
    return presign_v2(SIGV2, method, HOST, "lab-sigv2", "/file.txt", **options)


PART_6 = r"""
curl -s -X POST INVOKE_URL/presign > /tmp/presign.json

UPLOAD_URL=$(python3 -c 'import json; print(json.load(open("/tmp/presign.json"))["uploadUrl"])')
S3KEY=$(python3 -c 'import json; print(json.load(open("/tmp/presign.json"))["s3Key"])')

echo "S3KEY=$S3KEY"

curl -i -X PUT "$UPLOAD_URL" --data-binary "hello-$(date +%s)"
"""


def part_6(invoke_url, options=""):
    script = PART_6.replace("INVOKE_URL", invoke_url)
    if options:
        script = script.replace("curl -s", f"curl -s {options}", 1)
    printed = bash(script)
    key = re.search(r"^S3KEY=(uploads/upload-[0-9a-f-]{36}\.txt)$", printed, re.M)
    assert key, printed
    assert "HTTP/1.1 200 OK\r\n" in printed or "HTTP/1.1 200 OK\n" in printed, printed
    moved = key.group(1).replace("uploads/", "processed/")
    answer = eventually(lambda: (lambda a: a if a.status == 200 else None)(body_of(moved)), f"{moved} appears")
    assert re.fullmatch(rb"hello-\d+", answer.body), answer.body
    # The worker copies first and deletes afterwards: whoever sees the copy may still see the original.
    eventually(lambda: body_of(key.group(1)).status == 404, "the original is gone")
    return moved


@case
def part_6_on_the_short_port():
    """Part 6 with http://localhost:4567/prod in place of the invoke URL"""
    part_6(f"http://localhost:{lab.api_port}/prod")


@case
def part_6_by_localhost_name():
    """Part 6 with API_ID.execute-api.us-east-2.localhost"""
    part_6(f"http://{API_HOST}.localhost:{lab.port}/prod")


@case
def part_6_with_amazons_name():
    """Part 6 with the real host name, sent here by --connect-to, by --resolve and by a Host header"""
    part_6(f"http://{API_HOST}.amazonaws.com/prod", f"--connect-to ::127.0.0.1:{lab.port}")
    name = f"{API_HOST}.amazonaws.com"
    part_6(f"http://{name}:{lab.port}/prod", f"--resolve {name}:{lab.port}:127.0.0.1")
    part_6(f"{lab.endpoint}/prod", f"-H 'Host: {name}'")


@case
def part_6_by_path():
    """Part 6 with /_aws/execute-api/API_ID/STAGE on the main port"""
    part_6(f"{lab.endpoint}/_aws/execute-api/{lab.api_id()}/prod")


@case
def presign_answer_as_the_handout_shows():
    status, answer, _ = curl("-X", "POST", f"http://localhost:{lab.api_port}/prod/presign")
    equal((status, answer.status), (0, 200))
    equal(answer.header("Content-Type"), "application/json")
    equal(answer.header("Access-Control-Allow-Origin"), "*")
    assert answer.header("Apigw-Requestid"), answer
    document = json.loads(answer.body)
    equal(list(document), ["uploadUrl", "s3Key"])
    assert "X-Amz-Signature=" in document["uploadUrl"] and "X-Amz-Security-Token=" in document["uploadUrl"], document
    assert "X-Amz-Expires=300" in document["uploadUrl"], document


@case
def check_with_the_cli_as_written():
    """`aws s3 ls` as printed in 6.3, and `aws sts get-caller-identity` of part 0"""
    if not AWS:
        skipped("aws", "no AWS CLI on this machine")
        return
    moved = part_6(f"http://localhost:{lab.api_port}/prod").split("/")[1]
    printed = bash(f"aws s3 ls s3://{BUCKET}/processed/ --region us-east-2 | tail -1000")
    assert re.search(rf"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d +16 {re.escape(moved)}$", printed, re.M), printed
    printed = bash(f"aws s3 ls s3://{BUCKET}/processed/ --region us-east-2 | tail")
    assert "upload-" in printed, printed
    printed = bash(f"aws s3 ls s3://{BUCKET}/ --region us-east-2 --recursive | grep upload-")
    assert f"processed/{moved}" in printed and " uploads/upload-" not in printed, printed
    identity = json.loads(bash("aws sts get-caller-identity"))
    equal(identity["Account"], "111122223333")
    equal(sorted(identity), ["Account", "Arn", "UserId"])


@case
def mistake_1_stage_root():
    """POST /prod: {"message":"Not Found"}"""
    for path in ("/prod", "/prod/"):
        _, answer, _ = curl("-X", "POST", f"http://localhost:{lab.api_port}{path}")
        equal((answer.status, answer.body), (404, b'{"message":"Not Found"}'), path)
        equal(answer.header("Content-Type"), "application/json")


@case
def mistake_2_get_instead_of_post():
    _, answer, _ = curl(f"http://localhost:{lab.api_port}/prod/presign")
    equal((answer.status, answer.body), (404, b'{"message":"Not Found"}'))


@case
def mistake_3_base_url_only():
    url = presigned_by_the_lab()["uploadUrl"].split("?")[0]
    _, answer, _ = curl("-X", "PUT", url, "--data-binary", "x")
    check_error(answer, 403, "AccessDenied", "Access Denied")


@case
def mistake_5_not_in_uploads():
    """The file is in processed/ only"""
    made = presigned_by_the_lab()
    _, answer, _ = curl("-X", "PUT", made["uploadUrl"], "--data-binary", "x")
    equal(answer.status, 200)
    moved = made["s3Key"].replace("uploads/", "processed/")
    eventually(lambda: body_of(moved).status == 200, "moved")
    eventually(lambda: body_of(made["s3Key"]).status != 200, "the original is gone")
    check_error(body_of(made["s3Key"]), 404, "NoSuchKey", "The specified key does not exist.", {"Key": made["s3Key"]})


@case
def a_presigned_put_answers_as_s3_does():
    status, answer, text = curl("-X", "PUT", put_url(), "--data-binary", "hello")
    equal((status, answer.status, answer.reason, answer.body), (0, 200, "OK", b""), text)
    equal(answer.header("ETag"), '"5d41402abc4b2a76b9719d911017c592"')
    equal(answer.header("x-amz-server-side-encryption"), "AES256")
    equal(answer.header("x-amz-checksum-crc64nvme"), "M3eFcAZSQlc=")
    equal(answer.header("x-amz-checksum-type"), "FULL_OBJECT")
    equal(answer.header("Content-Length"), "0")
    equal(answer.header("Server"), "AmazonS3")
    equal((answer.header("Content-Type"), answer.header("Connection")), (None, None))
    assert re.fullmatch(r"[0-9A-Z]{16}", answer.header("x-amz-request-id")), answer
    equal(body_of("mistakes/file.txt").header("Content-Type"), "application/x-www-form-urlencoded")


@case
def get_instead_of_put():
    _, answer, _ = curl(put_url())
    check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V4_ELEMENTS)
    canonical = answer.error()[2]["CanonicalRequest"]
    assert canonical.startswith(f"GET\n/{BUCKET}/mistakes/file.txt\nX-Amz-Algorithm="), canonical
    as_bytes = bytes(int(pair, 16) for pair in answer.error()[2]["CanonicalRequestBytes"].split())
    equal(as_bytes.decode(), canonical, "CanonicalRequestBytes spells CanonicalRequest")
    _, answer, _ = curl("-I", put_url())
    equal((answer.status, answer.body, answer.header("Content-Length")), (403, b"", None))


@case
def post_instead_of_put():
    _, answer, _ = curl("-X", "POST", put_url(), "--data-binary", "x")
    check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V4_ELEMENTS)


@case
def unquoted_url_cut_at_the_first_ampersand():
    _, answer, _ = curl("-X", "PUT", put_url().split("&")[0], "--data-binary", "x")
    check_error(answer, 400, "AuthorizationQueryParametersError", SIX_PARAMETERS)
    _, answer, _ = curl("-X", "PUT", v2_url().split("&")[0], "-H", "Content-Type:", "--data-binary", "x")
    check_error(answer, 403, "AccessDenied", THREE_PARAMETERS)


@case
def json_tail_pasted_behind_the_url():
    tail = '","s3Key":"uploads/upload-1.txt"'
    url = put_url()
    _, answer, _ = curl("-X", "PUT", url + tail, "--data-binary", "x")
    check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V4_ELEMENTS)
    equal(answer.error()[2]["SignatureProvided"], url.rsplit("=", 1)[1] + tail)
    encoded = tail.replace('"', "%22").replace(":", ":%20")
    _, answer, _ = curl("-X", "PUT", url + encoded, "--data-binary", "x")
    check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V4_ELEMENTS)
    url = v2_url()
    _, answer, _ = curl("-X", "PUT", url + tail, "-H", "Content-Type:", "--data-binary", "x")
    equal(answer.status, 403, repr(answer))
    message = f"Invalid date (should be seconds since epoch): {url.rsplit('=', 1)[1]}{tail}"
    check_error(answer, 403, "AccessDenied", message)


@case
def what_curl_itself_refuses():
    """Spaces, a closing brace or a leading quote never leave the machine: exit status 3"""
    for url in (put_url() + '", "s3Key": "x"', put_url() + "}", '"' + put_url()):
        status, answer, _ = curl("-X", "PUT", url, "--data-binary", "x")
        equal((status, answer), (3, None), url)
    _, answer, _ = curl("-g", "-X", "PUT", put_url() + "}", "--data-binary", "x")
    check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V4_ELEMENTS)


@case
def json_escapes_left_in_the_url():
    _, answer, _ = curl("-X", "PUT", put_url().replace("&", r"\u0026"), "--data-binary", "x")
    equal(answer.status, 400, repr(answer))
    equal(answer.error()[0], "AuthorizationQueryParametersError")
    _, answer, _ = curl("-X", "PUT", v2_url().replace("&", r"\u0026"), "-H", "Content-Type:", "--data-binary", "x")
    check_error(answer, 403, "AccessDenied", THREE_PARAMETERS)


@case
def region_edited_in_the_host():
    host = f"{BUCKET}.s3.us-east-2.localhost:{lab.port}"
    url = presign(ADMIN, "PUT", host, "/mistakes/host.txt")
    _, answer, _ = curl("-X", "PUT", url, "--data-binary", "x")
    equal(answer.status, 200, repr(answer))
    _, answer, _ = curl("-X", "PUT", url.replace("us-east-2.localhost", "us-east-1.localhost"), "--data-binary", "x")
    check_error(answer, 400, "AuthorizationQueryParametersError",
                "Error parsing the X-Amz-Credential parameter; the region 'us-east-2' is wrong; expecting 'us-east-1'",
                {"Region": "us-east-1"})


@case
def key_renamed_in_the_url():
    _, answer, _ = curl("-X", "PUT", put_url().replace("/file.txt", "/me.txt"), "--data-binary", "x")
    check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V4_ELEMENTS)
    check_error(body_of("mistakes/me.txt"), 404, "NoSuchKey", "The specified key does not exist.",
                {"Key": "mistakes/me.txt"})


@case
def one_character_of_the_signature_changed():
    url = put_url()
    changed = url[:-1] + ("0" if url[-1] != "0" else "1")
    _, answer, _ = curl("-X", "PUT", changed, "--data-binary", "x")
    check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V4_ELEMENTS)


@case
def parameter_added_after_signing():
    _, answer, _ = curl("-X", "PUT", put_url() + "&x-id=PutObject", "--data-binary", "x")
    check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V4_ELEMENTS)


@case
def data_strips_newlines():
    """`-d @file` stores another file than the one on the disk, with 200"""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"one\ntwo\n")
        file.flush()
        _, answer, _ = curl("-X", "PUT", put_url(), "-d", f"@{file.name}")
        equal(answer.status, 200, repr(answer))
        equal(body_of("mistakes/file.txt").body, b"onetwo")
        _, answer, _ = curl("-X", "PUT", v2_url(), "-d", f"@{file.name}")
        check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V2_ELEMENTS)


@case
def form_upload_stores_the_envelope():
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"content")
        file.flush()
        _, answer, _ = curl("-X", "PUT", put_url(), "-F", f"file=@{file.name}")
        equal(answer.status, 200, repr(answer))
        stored = body_of("mistakes/file.txt")
        assert stored.header("Content-Type").startswith("multipart/form-data; boundary="), stored
        assert stored.body.startswith(b"--") and b'name="file"' in stored.body, stored.body
        _, answer, _ = curl("-X", "PUT", v2_url(), "-F", f"file=@{file.name}")
        check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V2_ELEMENTS)


@case
def upload_from_a_pipe_is_not_implemented():
    _, answer, _ = curl("-T", "-", put_url(), stdin=b"from a pipe")
    equal(answer.status, 501, repr(answer))
    code, message, extra = answer.error()
    equal((code, message), ("NotImplemented", "A header you provided implies functionality that is not implemented"))
    equal(extra["Header"], "Transfer-Encoding")
    equal(answer.header("Connection"), "close")


@case
def put_without_a_body():
    _, answer, _ = curl("-X", "PUT", put_url())
    check_error(answer, 411, "MissingContentLength", "You must provide the Content-Length HTTP header.")


@case
def upload_of_a_file_waits_for_100_continue():
    """`-T file` sends Expect: 100-continue and no Content-Type"""
    with tempfile.NamedTemporaryFile() as file:
        file.write(os.urandom(300_000))
        file.flush()
        status, answer, text = curl("-T", file.name, "-H", "Expect: 100-continue", put_url())
        equal((status, answer.status), (0, 200), text)
        assert text.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"), text[:80]
        stored = body_of("mistakes/file.txt")
        file.seek(0)
        equal(stored.body == file.read(), True, "the bytes come back")
        equal(stored.header("Content-Type"), "binary/octet-stream")
        _, answer, text = curl("-T", file.name, "-H", "Expect: 100-continue", put_url() + "0")
        equal(answer.status, 403, "a refused request")
        assert "100 Continue" not in text, text[:80]


@case
def authorization_header_added():
    _, answer, _ = curl("-X", "PUT", put_url(), "-H", "Authorization: Bearer abc", "--data-binary", "x")
    check_error(answer, 400, "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
                "parameter or the Authorization header should be specified",
                {"ArgumentName": "Authorization", "ArgumentValue": "Bearer abc"})


@case
def amz_headers_that_were_not_signed():
    _, answer, _ = curl("-X", "PUT", put_url(), "-H", "x-amz-acl: public-read", "--data-binary", "x")
    text = "There were headers present in the request which were not signed"
    check_error(answer, 403, "AccessDenied", text, {"HeadersNotSigned": "x-amz-acl"})
    _, answer, _ = curl("-X", "PUT", put_url(), "-H", "x-amz-meta-b: 1", "-H", "x-amz-date: " + amz_date(),
                        "--data-binary", "x")
    equal(sorted(answer.error()[2]["HeadersNotSigned"].split(", ")), ["x-amz-date", "x-amz-meta-b"])


@case
def content_type_signed_by_one_side():
    """Signed: the value must arrive as signed. Not signed: any value is stored"""
    url = put_url(headers={"Content-Type": "text/plain"})
    _, answer, _ = curl("-X", "PUT", url, "-H", "Content-Type: text/plain", "--data-binary", "x")
    equal(answer.status, 200, repr(answer))
    for wrong in ("Content-Type: text/csv", "Content-Type:"):
        _, answer, _ = curl("-X", "PUT", url, "-H", wrong, "--data-binary", "x")
        check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V4_ELEMENTS)
    _, answer, _ = curl("-X", "PUT", put_url(), "-H", "Content-Type: image/png", "--data-binary", "x")
    equal(answer.status, 200, repr(answer))
    equal(body_of("mistakes/file.txt").header("Content-Type"), "image/png")


@case
def content_md5_is_checked():
    _, answer, _ = curl("-X", "PUT", put_url(), "-H", "Content-MD5: XUFAKrxLKna5cZ2REBfFkg==", "--data-binary", "hello")
    equal(answer.status, 200, repr(answer))
    _, answer, _ = curl("-X", "PUT", put_url(), "-H", "Content-MD5: XUFAKrxLKna5cZ2REBfFkg==", "--data-binary", "hallo")
    equal((answer.status, answer.error()[0]), (400, "BadDigest"))
    _, answer, _ = curl("-X", "PUT", put_url(), "-H", "Content-MD5: x", "--data-binary", "hello")
    check_error(answer, 400, "InvalidDigest", "The Content-MD5 you specified was invalid.", {"Content-MD5": "x"})


@case
def percent_decoding_the_token():
    """A token whose %2B was turned into + is another token: the signature no longer fits"""
    url = presigned_by_the_lab()["uploadUrl"]
    token = re.search(r"X-Amz-Security-Token=([^&]*)", url).group(1)
    if "%2B" not in token:
        token, spoiled = token, token.replace("%2F", "%20", 1) if "%2F" in token else "x" + token
    else:
        spoiled = token.replace("%2B", "+")
    _, answer, _ = curl("-X", "PUT", url.replace(token, spoiled), "--data-binary", "x")
    assert answer.status in (400, 403), answer
    assert answer.error()[0] in ("SignatureDoesNotMatch", "InvalidToken"), answer


@case
def sigv2_and_its_content_type():
    """In us-east-1 boto3's URLs are SigV2: the Content-Type curl adds is part of what was not signed"""
    _, answer, _ = curl("-X", "PUT", v2_url(), "--data-binary", "x")
    check_error(answer, 403, "SignatureDoesNotMatch", SIGNATURE_TEXT, V2_ELEMENTS)
    assert "\napplication/x-www-form-urlencoded\n" in answer.error()[2]["StringToSign"], answer
    _, answer, _ = curl("-X", "PUT", v2_url(), "-H", "Content-Type:", "--data-binary", "x")
    equal(answer.status, 200, repr(answer))
    _, answer, _ = curl("-X", "PUT", v2_url(content_type="text/plain"), "-H", "Content-Type: text/plain",
                        "--data-binary", "x")
    equal(answer.status, 200, repr(answer))
    _, answer, _ = curl(v2_url("GET"))
    equal((answer.status, answer.body), (200, b"x"))


@case
def sigv2_in_a_newer_region():
    url = presign_v2(ADMIN, "PUT", HOST, BUCKET, "/mistakes/file.txt")
    _, answer, _ = curl("-X", "PUT", url, "-H", "Content-Type:", "--data-binary", "x")
    check_error(answer, 400, "InvalidRequest", "The authorization mechanism you have provided is not supported. "
                                               "Please use AWS4-HMAC-SHA256.")


@case
def expiry_of_more_than_a_week():
    _, answer, _ = curl("-X", "PUT", put_url(expires=604801), "--data-binary", "x")
    check_error(answer, 400, "AuthorizationQueryParametersError",
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less "
                "than 604800 seconds")
    _, answer, _ = curl("-X", "PUT", put_url(expires=604800), "--data-binary", "x")
    equal(answer.status, 200, repr(answer))


@case
def mistake_4_url_expired():
    """301 s later, by `benchtop clock advance`; the next URL works"""
    url, v2 = presigned_by_the_lab()["uploadUrl"], v2_url()
    advanced = subprocess.run([lab.binary, "clock", "--port", str(lab.port), "advance", "301s"], capture_output=True,
                              text=True, timeout=60)
    equal(advanced.returncode, 0, advanced.stderr)
    for old, elements in ((url, ["X-Amz-Expires", "Expires", "ServerTime"]), (v2, ["Expires", "ServerTime"])):
        _, answer, _ = curl("-X", "PUT", old, "-H", "Content-Type:", "--data-binary", "x")
        check_error(answer, 403, "AccessDenied", "Request has expired", {name: None for name in elements})
        extra = answer.error()[2]
        for name in ("Expires", "ServerTime"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", extra[name]), extra
        assert extra["Expires"] < extra["ServerTime"], extra
        equal(extra.get("X-Amz-Expires", "300"), "300")
    _, answer, _ = curl("-X", "PUT", presigned_by_the_lab()["uploadUrl"], "--data-binary", "x")
    equal(answer.status, 200, repr(answer))


run_cases(lab)
