#!/usr/bin/env python3
"""The controls of a running emulator: each page, each command, and what boto3 sees of them."""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request

from client_lab import BUCKET, case, equal, run_cases
from control_lab import ControlLab

from botocore.exceptions import ClientError

lab = ControlLab()
emulator = lab.emulator
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(method, path, document=None):
    """(status, document) of a page of /_benchtop/."""
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(f"{emulator.endpoint}/_benchtop/{path}", data=body, method=method)
    try:
        with OPENER.open(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())


def good(method, path, document=None):
    status, answer = ask(method, path, document)
    equal(status, 200, f"{method} {path}: {answer}")
    return answer


def keys_of(s3):
    return sorted(item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []))


def presigned():
    request = urllib.request.Request(f"http://localhost:{emulator.api_port}/prod/presign", data=b"", method="POST")
    with OPENER.open(request, timeout=20) as answer:
        return json.loads(answer.read())


def put(url, body=b"x"):
    request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": "application/octet-stream"})
    try:
        with OPENER.open(request, timeout=20) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def code_of(call):
    try:
        call()
    except ClientError as refusal:
        return refusal.response["Error"]["Code"]
    return ""


@case
def settle_answers_when_the_worker_has_moved_the_file():
    good("POST", "reset")
    s3 = lab.client("s3")
    equal(put(presigned()["uploadUrl"], b"hello")[0], 200)
    answer = good("POST", "settle", {"timeout": "20s"})
    equal((answer["settled"], answer["underWay"], answer["waiting"]), (True, 0, 0))
    moved = [key for key in keys_of(s3) if key.startswith("processed/upload-")]
    equal(len(moved), 1, "moved at once: no polling")
    assert "Nothing is under way." in emulator.command("settle").stdout


@case
def settle_says_what_is_left_and_can_advance_to_retries():
    """a worker that may not copy fails, and its event waits a minute for the next attempt"""
    good("POST", "reset")
    iam = lab.client("iam")
    for name in iam.list_role_policies(RoleName="lambda-worker-role")["PolicyNames"]:
        iam.delete_role_policy(RoleName="lambda-worker-role", PolicyName=name)
    equal(put(presigned()["uploadUrl"])[0], 200)
    equal(good("POST", "settle", {"retries": "ignore", "timeout": "20s"})["waiting"], 1)
    status, left = ask("POST", "settle", {"retries": "wait", "timeout": "50ms"})
    equal((status, left["settled"], left["waiting"], left["underWay"]), (408, False, 1, 0), str(left))
    assert left["nextDueInMs"] > 0, left
    refused = subprocess.run([emulator.binary, "settle", "--port", str(emulator.port), "--timeout", "10ms"],
                             capture_output=True, text=True, timeout=60)
    equal(refused.returncode, 1)
    assert "1 wait for their retry" in refused.stderr, refused.stderr
    settled = good("POST", "settle", {"retries": "advance", "timeout": "20s"})
    equal((settled["settled"], settled["waiting"], settled["advances"]), (True, 0, 2))
    failed = good("GET", "invocations?function=worker-move-lambda&status=function-error")["invocations"]
    equal(len(failed), 3, "the first attempt and two retries")
    equal(len({card["requestId"] for card in failed}), 1, "attempts share the id")


@case
def reset_is_the_state_after_up():
    s3 = lab.client("s3")
    s3.put_object(Bucket=BUCKET, Key="small", Body=b"x")
    s3.put_object(Bucket=BUCKET, Key="large", Body=b"y" * (6 << 20))
    s3.create_bucket(Bucket="another-bucket-for-reset", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    good("POST", "clock/advance", {"by": "3h"})
    good("POST", "clock/freeze")
    good("POST", "seed", {"seed": 5})
    equal(good("POST", "reset"), {"status": "reset"})
    equal([bucket["Name"] for bucket in s3.list_buckets()["Buckets"]], [BUCKET])
    equal([key for key in keys_of(s3) if key in ("small", "large")], [])
    clock = good("GET", "clock")
    equal((clock["advancedSeconds"], clock["frozen"]), (0.0, False))
    equal(good("GET", "deliveries")["deliveries"], [])
    equal(good("GET", "refusals")["refusals"], [])
    equal(put(presigned()["uploadUrl"])[0], 200, "the lab works again")
    good("POST", "settle")
    equal(len([key for key in keys_of(s3) if key.startswith("processed/upload-")]), 1)
    assert "as it was after" in emulator.command("reset").stdout
    equal([key for key in keys_of(s3) if key.startswith("processed/upload-")], [])


@case
def reset_under_way_lets_nothing_late_in():
    """writers that never stop meet resets: afterwards no object of theirs is left from before"""
    s3 = lab.client("s3")
    stop = threading.Event()

    def write(number):
        mine = lab.client("s3")
        count = 0
        while not stop.is_set():
            try:
                mine.put_object(Bucket=BUCKET, Key=f"uploads/w{number}-{count}", Body=b"x")
            except ClientError:
                pass
            count += 1

    writers = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for writer in writers:
        writer.start()
    for _ in range(5):
        good("POST", "reset")
    stop.set()
    for writer in writers:
        writer.join()
    good("POST", "reset")
    good("POST", "settle", {"retries": "ignore"})
    equal([key for key in keys_of(s3) if "/w" in key], [])
    equal([d for d in good("GET", "deliveries")["deliveries"]], [])


@case
def a_frozen_clock_stands_and_an_advance_still_ages():
    good("POST", "reset")
    s3 = lab.client("s3")
    frozen = good("POST", "clock/freeze")
    equal(frozen["frozen"], True)
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"x")
    s3.put_object(Bucket=BUCKET, Key="b", Body=b"x")
    stamps = {item["LastModified"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"] if item["Key"] in "ab"}
    equal(len(stamps), 1)
    equal(good("GET", "clock")["now"], frozen["now"], "it stands")
    url = presigned()["uploadUrl"]
    good("POST", "clock/advance", {"by": "301s"})
    status, body = put(url)
    equal(status, 403)
    assert "Request has expired" in body, body
    equal(put(presigned()["uploadUrl"])[0], 200, "what is made after the advance is fresh")
    equal(good("GET", "clock")["labTime"] > frozen["labTime"], True)
    assert "frozen     no" in emulator.command("clock", "resume").stdout
    assert "frozen     yes" in emulator.command("clock", "freeze").stdout
    resumed = good("POST", "clock/resume")
    equal(resumed["frozen"], False)


@case
def a_seed_repeats_ids_and_keys():
    iam = lab.client("iam")

    def drawn():
        good("POST", "reset")
        good("POST", "seed", {"seed": 42})
        iam.create_user(UserName="seeded")
        key = iam.create_access_key(UserName="seeded")["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    first = drawn()
    equal(drawn(), first)
    equal(good("POST", "seed", {"seed": None}), {"seed": None})
    equal(iam.create_access_key(UserName="seeded")["AccessKey"]["AccessKeyId"] == first[0], False)
    assert "seed 7" in emulator.command("seed", "7").stdout
    assert "machine's" in emulator.command("seed", "none").stdout
    for wrong in ({}, {"seed": "x"}, {"seed": -1}, {"seed": 1.5}, []):
        equal(ask("POST", "seed", wrong)[0], 400, str(wrong))


@case
def requests_are_recorded_without_secrets():
    good("POST", "reset")
    s3 = lab.client("s3")
    equal(put(presigned()["uploadUrl"])[0], 200)
    good("POST", "settle")
    equal(code_of(lambda: s3.get_object(Bucket=BUCKET, Key="not-there")), "NoSuchKey")
    puts = good("GET", "requests?operation=PutObject")["requests"]
    upload = [card for card in puts if card["path"].find("/upload-") >= 0][0]
    equal((upload["method"], upload["status"], upload["service"], upload["code"]), ("PUT", 200, "s3", ""))
    assert upload["caller"].startswith("arn:aws:sts::111122223333:assumed-role/lambda-web-presign-role/"), upload
    missed = good("GET", "requests?status=404&operation=GetObject")["requests"]
    equal([card["code"] for card in missed], ["NoSuchKey"])
    assert missed[0]["requestId"]
    everything = json.dumps(good("GET", "requests?limit=1000"))
    for secret in ("X-Amz-Signature", "X-Amz-Security-Token", "Credential="):
        equal(secret in everything, False, secret)
    equal("/_benchtop/" in everything, False)
    equal(code_of(lambda: lab.client("iam").get_user(UserName="nobody")), "NoSuchEntity")
    equal(good("GET", "requests?service=iam")["requests"][0]["operation"], "GetUser")
    equal(len(good("GET", "requests?limit=2")["requests"]), 2)
    equal(ask("GET", "requests?status=abc")[0], 400)
    assert "GetObject  404 NoSuchKey" in emulator.command("requests", "--status", "404").stdout


@case
def invocations_are_recorded():
    good("POST", "reset")
    equal(put(presigned()["uploadUrl"])[0], 200)
    good("POST", "settle")
    newest = good("GET", "invocations")["invocations"]
    equal([card["function"] for card in newest], ["worker-move-lambda", "web-presign-lambda"])
    equal([card["source"] for card in newest], ["s3.amazonaws.com", "apigateway.amazonaws.com"])
    equal({card["status"] for card in newest}, {"ok"})
    assert "ObjectCreated:Put" in newest[0]["payload"], newest[0]
    assert "REPORT RequestId: " + newest[0]["requestId"] in newest[0]["logTail"], newest[0]
    equal(len(good("GET", "invocations?function=web-presign-lambda")["invocations"]), 1)
    printed = emulator.command("invocations", "--function", "worker-move-lambda").stdout
    assert "worker-move-lambda:$LATEST  ok" in printed, printed
    as_json = json.loads(emulator.command("invocations", "--json", "--limit", "1").stdout)
    equal(len(as_json["invocations"]), 1)


@case
def what_is_not_understood_is_refused():
    for path, document in (("settle", {"timeout": "2h"}), ("settle", {"retries": "never"}), ("settle", {"timeout": 3}),
                           ("clock/advance", {"by": "-1s"})):
        equal(ask("POST", path, document)[0], 400, f"{path} {document}")
    equal(ask("GET", "settle")[0], 405)
    equal(ask("POST", "nothing", {})[0], 404)
    request = urllib.request.Request(f"{emulator.endpoint}/_benchtop/reset", data=b"", method="POST",
                                     headers={"Origin": "http://example.com"})
    try:
        OPENER.open(request, timeout=20)
        raise AssertionError("a web page may not reset the lab")
    except urllib.error.HTTPError as refusal:
        equal(refusal.code, 403)


@case
def the_description_is_served():
    request = urllib.request.Request(f"{emulator.endpoint}/_benchtop/openapi.yaml")
    with OPENER.open(request, timeout=20) as answer:
        text = answer.read().decode()
    assert text.startswith("openapi: 3.1.0"), text[:80]


run_cases(emulator)
