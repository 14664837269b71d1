#!/usr/bin/env python3
"""The controls of a running emulator: each page, each command, and what boto3 sees of them."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

from client_lab import BUCKET, Emulator, case, equal, eventually, run_cases, skipped
from control_lab import ControlLab

from botocore.exceptions import BotoCoreError, ClientError

try:
    import yaml
except ImportError:
    yaml = None

lab = ControlLab()
emulator = lab.emulator
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


seen = []  # (method, path, status, document) of every answer, for the description's test


def ask(method, path, document=None):
    """(status, document) of a page of /_benchtop/."""
    status, answer = ask_quietly(method, path, document)
    seen.append((method.lower(), path.split("?")[0], status, answer))
    return status, answer


def ask_quietly(method, path, document):
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
def a_snapshot_brings_everything_back():
    good("POST", "reset")
    s3, iam = lab.client("s3"), lab.client("iam")
    large = bytes(range(256)) * (5 << 12)
    s3.put_object(Bucket=BUCKET, Key="small", Body=b"first")
    s3.put_object(Bucket=BUCKET, Key="large", Body=large)
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=1, Body=large)["ETag"]
    iam.create_user(UserName="kept")
    emulator.command("clock", "advance", "1h")  # waits for the next second: what is signed then is fresh
    equal([s["name"] for s in good("PUT", "snapshots/before")["snapshots"]], ["before"])
    for _ in range(2):
        s3.put_object(Bucket=BUCKET, Key="small", Body=b"second")
        s3.delete_object(Bucket=BUCKET, Key="large")
        s3.put_object(Bucket=BUCKET, Key="later", Body=large[1:])
        iam.delete_user(UserName="kept")
        good("POST", "clock/advance", {"by": "2h"})
        equal(good("POST", "snapshots/before/restore"), {"status": "restored", "name": "before"})
        equal(s3.get_object(Bucket=BUCKET, Key="small")["Body"].read(), b"first")
        equal(s3.get_object(Bucket=BUCKET, Key="large")["Body"].read() == large, True)
        equal("later" in keys_of(s3), False)
        equal(iam.get_user(UserName="kept")["User"]["UserName"], "kept")
        equal(good("GET", "clock")["advancedSeconds"], 3600.0)
        s3.put_object(Bucket=BUCKET, Key="another", Body=large[2:])  # its file is not the snapshot's
    s3.complete_multipart_upload(Bucket=BUCKET, Key="parts", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    equal(s3.get_object(Bucket=BUCKET, Key="parts")["Body"].read() == large, True)
    equal(put(presigned()["uploadUrl"])[0], 200, "the lab works in what came back")
    good("POST", "settle")
    equal(len([key for key in keys_of(s3) if key.startswith("processed/upload-")]), 1)
    good("POST", "reset")
    emulator.command("snapshot", "restore", "before")
    equal(s3.get_object(Bucket=BUCKET, Key="large")["Body"].read() == large, True, "it outlives a reset")
    equal(emulator.command("snapshot", "save", "second").stdout.split()[0::3], ["before", "second"])
    emulator.command("snapshot", "remove", "before")
    equal([line.split()[0] for line in emulator.command("snapshot", "list").stdout.splitlines()], ["second"])
    equal(ask("POST", "snapshots/before/restore")[0], 404)
    equal(ask("DELETE", "snapshots/before")[0], 404)
    for name in ("..", "%2e%2e%2fx", "a.b", "x" * 65):
        equal(ask("PUT", "snapshots/" + name)[0] in (400, 404), True, name)
        equal(ask("POST", f"snapshots/{name}/restore")[0], 404, name)
        equal(ask("DELETE", "snapshots/" + name)[0], 404, name)
    good("DELETE", "snapshots/second")


@case
def a_snapshot_and_its_bodies_survive_the_process():
    directory = tempfile.mkdtemp(prefix="benchtop-snapshot.")
    other = Emulator(sys.argv[1], "--data", directory, ephemeral=False).start()
    try:
        def client():
            keys = other.environment["AWS_ACCESS_KEY_ID"], other.environment["AWS_SECRET_ACCESS_KEY"]
            return lab.client("s3", keys=keys, endpoint=other.endpoint)
        large = b"a" * (3 << 20)
        client().put_object(Bucket=BUCKET, Key="large", Body=large)
        other.command("snapshot", "save", "it")
        client().delete_object(Bucket=BUCKET, Key="large")
        other.command("snapshot", "restore", "it")
        other.kill()
        other.start()
        for number in range(4):
            client().put_object(Bucket=BUCKET, Key=f"new-{number}", Body=b"b" * (3 << 20))
        equal(client().get_object(Bucket=BUCKET, Key="large")["Body"].read() == large, True)
        client().delete_object(Bucket=BUCKET, Key="large")
        other.command("snapshot", "restore", "it")
        equal(client().get_object(Bucket=BUCKET, Key="large")["Body"].read() == large, True)
    finally:
        other.stop()
        shutil.rmtree(directory, ignore_errors=True)


def faults(*rules, seed=0):
    return good("PUT", "faults", {"rules": list(rules), "seed": seed})["rules"]


@case
def a_call_is_refused_in_its_services_words():
    good("POST", "reset")
    s3, iam, functions = lab.client("s3"), lab.client("iam"), lab.client("lambda")
    faults({"kind": "throttle", "operation": "PutObject", "nth": 2}, {"kind": "error", "operation": "GetUser"},
           {"kind": "expired-credentials", "operation": "ListBuckets"}, {"kind": "throttle", "service": "lambda"},
           {"kind": "error", "service": "execute-api", "times": 1})
    put_object = lambda: s3.put_object(Bucket=BUCKET, Key="faulty", Body=b"x")
    equal([code_of(put_object) for _ in range(3)], ["", "SlowDown", ""])
    equal(code_of(lambda: iam.get_user(UserName="nobody")), "InternalFailure")
    equal(code_of(s3.list_buckets), "ExpiredToken")
    equal(code_of(functions.list_functions), "TooManyRequestsException")
    try:
        presigned()
        raise AssertionError("the API had to fail once")
    except urllib.error.HTTPError as refusal:
        equal((refusal.code, json.loads(refusal.read())), (500, {"message": "Internal Server Error"}))
    presigned()
    rules = good("GET", "faults")["rules"]
    equal([(rule["seen"], rule["fired"]) for rule in rules], [(3, 1), (1, 1), (1, 1), (1, 1), (2, 1)])
    equal(good("GET", "requests?operation=PutObject")["requests"][1]["fault"], "throttle")
    good("DELETE", "faults")
    equal(code_of(s3.list_buckets), "")


@case
def what_is_not_done_changed_nothing_and_a_lost_answer_did():
    good("POST", "reset")
    s3 = lab.client("s3")
    for kind, there in (("error", False), ("timeout", False), ("throttle", False), ("lost-answer", True)):
        faults({"kind": kind, "operation": "PutObject", "key": "fate-*"})
        try:
            s3.put_object(Bucket=BUCKET, Key="fate-" + kind, Body=b"x" * 100_000)
            raise AssertionError(f"{kind}: no error came")
        except (ClientError, BotoCoreError) as failure:
            equal(isinstance(failure, ClientError), kind in ("error", "throttle"), f"{kind}: {failure!r}")
        equal("fate-" + kind in keys_of(s3), there, kind)
    faults({"kind": "lost-answer", "operation": "DeleteObject"})
    try:
        s3.delete_object(Bucket=BUCKET, Key="fate-lost-answer")
        raise AssertionError("an answer came")
    except BotoCoreError:
        pass
    equal("fate-lost-answer" in keys_of(s3), False)
    equal(good("GET", "requests?operation=DeleteObject")["requests"][0]["status"], 0)


@case
def a_workers_call_fails_and_the_retry_heals_it():
    good("POST", "reset")
    s3 = lab.client("s3")
    faults({"kind": "error", "function": "worker-move-lambda", "operation": "CopyObject", "times": 1})
    equal(put(presigned()["uploadUrl"])[0], 200)
    settled = good("POST", "settle", {"retries": "advance"})
    equal(good("GET", "faults")["rules"][0]["fired"], 1)
    equal(settled["advances"], 1)
    equal(len([key for key in keys_of(s3) if key.startswith("processed/upload-")]), 1, str(settled))


@case
def an_event_comes_twice_late_or_again():
    good("POST", "reset")
    worker = "worker-move-lambda"
    faults({"on": "event", "kind": "duplicate", "delay": "50ms", "function": worker})
    equal(put(presigned()["uploadUrl"])[0], 200)
    good("POST", "settle")
    heard = good("GET", f"invocations?function={worker}")["invocations"]
    equal(len(heard), 2, "settle waits for the second one, too")
    equal(len({card["requestId"] for card in heard}), 1)
    good("POST", "reset")
    faults({"on": "event", "kind": "lost-answer", "nth": 1})
    equal(put(presigned()["uploadUrl"])[0], 200)
    equal(good("POST", "settle", {"retries": "advance"})["advances"] >= 1, True)
    equal(len(good("GET", f"invocations?function={worker}")["invocations"]) >= 2, True, "the event came again")
    equal(len([key for key in keys_of(lab.client("s3")) if key.startswith("processed/upload-")]), 1)


@case
def a_delay_passes_before_it_is_done():
    good("POST", "reset")
    faults({"kind": "delay", "delay": "300ms", "operation": "PutObject"})
    lab.client("s3").put_object(Bucket=BUCKET, Key="late", Body=b"x")
    card = good("GET", "requests?operation=PutObject")["requests"][0]
    equal((card["fault"], card["durationMs"] >= 300), ("delay", True), str(card))


@case
def faults_have_commands():
    good("POST", "reset")
    added = emulator.command("faults", "add", "throttle", "--operation", "Copy*", "--nth", "2").stdout
    equal(json.loads(added), {"on": "call", "kind": "throttle", "operation": "Copy*", "nth": 2, "seen": 0, "fired": 0})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"rules": [{"kind": "error"}], "seed": 3}, file)
        file.flush()
        emulator.command("faults", "set", file.name)
    equal(good("GET", "faults")["seed"], 3)
    assert '"kind":"error"' in emulator.command("faults", "list").stdout
    assert "Nothing goes wrong" in emulator.command("faults", "clear").stdout
    for wrong in ({"rules": [{}]}, {"rules": 3}, {}, [], {"rules": [3]}, {"rules": [{"kind": "error"}] * 101},
                  {"rules": [], "seed": -1}):
        equal(ask("PUT", "faults", wrong)[0], 400, str(wrong)[:80])
    equal(ask("POST", "faults", {"kind": "crash"})[0], 400)
    refused = subprocess.run([emulator.binary, "faults", "add", "explode", "--port", str(emulator.port)],
                             capture_output=True, text=True, timeout=60)
    equal(refused.returncode, 1)
    assert "kind is delay" in refused.stderr, refused.stderr


@case
def an_answer_that_is_waited_for_does_not_hold_up_the_end():
    """a second emulator is told to end while a delayed request waits"""
    other = Emulator(sys.argv[1]).start()
    try:
        request = urllib.request.Request(f"{other.endpoint}/_benchtop/faults", method="POST",
                                         data=b'{"kind": "delay", "delay": "60s"}')
        OPENER.open(request, timeout=20).close()
        late = threading.Thread(target=lambda: subprocess.run(
            ["curl", "-s", "--noproxy", "*", f"{other.endpoint}/{BUCKET}/late"], capture_output=True))
        late.start()
        eventually(lambda: '"seen":1' in other.command("faults", "list").stdout, "the request waits")
        other.process.terminate()
        equal(other.process.wait(timeout=30), 0)
        late.join(timeout=30)
        equal(late.is_alive(), False)
    finally:
        other.stop()


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
    assert description().startswith("openapi: 3.1.0")


def description():
    request = urllib.request.Request(f"{emulator.endpoint}/_benchtop/openapi.yaml")
    with OPENER.open(request, timeout=20) as answer:
        return answer.read().decode()


def flaws(schema, value, root, where):
    """What of `value` is not as the schema says; of JSON Schema, what the description uses."""
    if "$ref" in schema:
        return flaws(referred(root, schema), value, root, where)
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
             "null": type(None)}
    wanted = schema.get("type")
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(isinstance(value, kinds[kind]) and (kind == "boolean" or not isinstance(value, bool)) for kind in wanted):
        return [f"{where} is {value!r}, not {wanted}"]
    found = [f"{where} is {value!r}, not one of {schema['enum']}"] if value not in schema.get("enum", [value]) else []
    if isinstance(value, dict):
        found += [f"{where} has no {name}" for name in schema.get("required", []) if name not in value]
        for name, inner in schema.get("properties", {}).items():
            found += flaws(inner, value[name], root, f"{where}.{name}") if name in value else []
    for number, item in enumerate(value if isinstance(value, list) else []):
        found += flaws(schema.get("items", {}), item, root, f"{where}[{number}]")
    return found


def referred(root, node):
    for part in node["$ref"].split("/")[1:] if "$ref" in node else []:
        root = root[part]
    return root if "$ref" in node else node


@case
def every_answer_of_these_tests_is_as_described():
    """and the tests above ask every page for what it gives"""
    if yaml is None:
        skipped("PyYAML", "PyYAML is not on this machine")
        return
    root = yaml.safe_load(description())
    for page in ("health", "ca", "logs/worker-move-lambda", "handout/check", "export"):
        good("GET", page)
    equal(code_of(lab.client("s3", keys=(lab.administrator[0], "wrong")).list_buckets), "SignatureDoesNotMatch")
    refused = good("GET", "refusals")["refusals"][0]["requestId"]
    for page in ("refusals/", "explain/"):
        good("GET", page + refused)
    good("GET", "explain")
    good("GET", "snapshots")
    good("POST", "faults", {"kind": "throttle", "operation": "NoSuchOperation"})
    good("POST", "explain-url", {"url": "http://localhost:4566/bucket/key"})
    good("POST", "record/start", {"seed": 3})
    keys_of(lab.client("s3"))
    good("POST", "record/stop")
    equal(ask("POST", "record/stop")[0], 409)
    equal(ask("POST", "replay/at", {"at": 1})[0], 409)
    good("POST", "replay/start", {"seed": 3, "startedAt": 1_790_000_000_000_000})
    equal(good("GET", "clock")["now"], "2026-09-21T14:13:20.000Z")
    good("POST", "replay/at", {"at": 1_790_000_001_000_000})
    good("POST", "replay/stop")
    for page, wrong in (("record/start", {"seed": -1}), ("replay/start", {}), ("replay/at", {"at": "x"})):
        equal(ask("POST", page, wrong)[0], 400)
    given, checked = set(), 0
    for method, path, status, answer in seen:
        for pattern, operations in root["paths"].items():
            if method in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), "/_benchtop/" + path):
                operation = operations[method]
                assert str(status) in operation["responses"], f"{method} {path} answered {status}"
                response = referred(root, operation["responses"][str(status)])
                schema = response["content"]["application/json"]["schema"]
                equal(flaws(schema, answer, root, f"{method} {path} {status}"), [])
                given |= {operation["operationId"]} if status == 200 else set()
                checked += 1
                break
    assert checked > 100, checked
    # Their answers are no JSON, or need an archive.
    left_out = {"getOpenApi", "getFunctionCode"}
    everything = {operation["operationId"] for operations in root["paths"].values() for operation in operations.values()}
    equal(everything - given, left_out)


run_cases(emulator)
