#!/usr/bin/env python3
"""A session of boto3 and curl's kind of uploads, recorded; replayed; exported as a pytest test that runs and passes."""

import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from client_lab import BUCKET, case, equal, run_cases, skipped
from control_lab import ControlLab

from botocore.exceptions import BotoCoreError, ClientError

lab = ControlLab()
emulator = lab.emulator
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
directory = tempfile.TemporaryDirectory(prefix="benchtop-record.")
FILE = os.path.join(directory.name, "session.json")


def command(*arguments, expected=0):
    done = subprocess.run([emulator.binary, *arguments], capture_output=True, text=True, timeout=120)
    equal(done.returncode, expected, f"{arguments}: {done.stdout}{done.stderr}")
    return done


def presigned():
    request = urllib.request.Request(f"http://localhost:{emulator.api_port}/prod/presign", data=b"", method="POST")
    with OPENER.open(request, timeout=20) as answer:
        return json.loads(answer.read())


def put(url, body):
    request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": "application/octet-stream"})
    try:
        with OPENER.open(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def ignoring(call):
    try:
        call()
    except (ClientError, BotoCoreError):
        pass


def a_session():
    """uploads, the worker, time, faults, refusals, keys, bytes of every kind"""
    s3, iam = lab.client("s3"), lab.client("iam")
    equal(put(presigned()["uploadUrl"], bytes(range(256))), 200)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    moved = [key for key in keys if "/upload-" in key]
    equal([key.split("/")[0] for key in moved], ["processed"], "the worker is done before the next request")
    equal(s3.get_object(Bucket=BUCKET, Key=moved[0])["Body"].read(), bytes(range(256)))
    url = presigned()["uploadUrl"]
    emulator.command("clock", "advance", "301s")
    equal(put(url, b"late"), 403)
    emulator.command("faults", "add", "lost-answer", "--operation", "PutObject", "--times", "1")
    ignoring(lambda: s3.put_object(Bucket=BUCKET, Key="lost", Body=b"x"))
    emulator.command("faults", "add", "error", "--function", "worker-move-lambda", "--operation", "CopyObject", "--times", "1")
    equal(put(presigned()["uploadUrl"], b"second"), 200)
    emulator.command("settle", "--retries", "advance")
    iam.create_user(UserName="student")
    iam.create_access_key(UserName="student")
    ignoring(lambda: s3.get_object(Bucket=BUCKET, Key="not-there"))
    s3.put_object(Bucket=BUCKET, Key="large", Body=b"0123456789abcdef" * (3 << 16))
    equal(s3.head_object(Bucket=BUCKET, Key="large")["ContentLength"], 3 << 20)
    s3.get_object(Bucket=BUCKET, Key="large")["Body"].read()


def record():
    emulator.command("record", "start", "--seed", "7")
    a_session()
    printed = emulator.command("record", "stop", FILE).stdout
    with open(FILE, encoding="utf-8") as file:
        return printed, json.load(file)


@case
def a_session_is_recorded():
    printed, recording = record()
    steps = recording["steps"]
    assert printed.startswith(f"{len(steps)} requests"), printed
    equal((recording["recording"], recording["seed"]), (1, 7))
    controls = [step["target"] for step in steps if step["target"].startswith("/_benchtop/")]
    equal(controls, ["/_benchtop/clock/advance", "/_benchtop/faults", "/_benchtop/faults", "/_benchtop/settle"])
    lost = [step for step in steps if step["target"].endswith("/lost")]
    equal([step["answer"] for step in lost], [None])
    equal([step["at"] for step in steps], sorted(step["at"] for step in steps))
    equal(any("x-amz-copy-source" in json.dumps(step["headers"]).lower() for step in steps), False, "handlers' are not kept")
    refused = subprocess.run([emulator.binary, "record", "--port", str(emulator.port), "stop", FILE + "x"],
                             capture_output=True, text=True, timeout=60)
    equal((refused.returncode, "Nothing is recorded." in refused.stderr), (1, True))


@case
def a_replay_gives_the_recorded_answers():
    _, recording = record()
    for _ in range(3):
        printed = command("replay", FILE).stdout
        equal(printed, f"{len(recording['steps'])} requests, and every answer is the recorded one.\n")


@case
def a_replay_shows_the_first_difference():
    _, recording = record()
    step = next(step for step in recording["steps"] if step["target"].endswith("/not-there"))
    number = recording["steps"].index(step) + 1
    step["answer"]["body"] = step["answer"]["body"].replace("NoSuchKey", "NoSuchFile")
    changed = os.path.join(directory.name, "changed.json")
    with open(changed, "w", encoding="utf-8") as file:
        json.dump(recording, file)
    shown = command("replay", changed, expected=1).stdout
    assert shown.startswith(f"Request {number} differs: GET /{BUCKET}/not-there\n"), shown
    assert "NoSuchFile" in shown and "NoSuchKey" in shown, shown
    step["answer"] = None
    with open(changed, "w", encoding="utf-8") as file:
        json.dump(recording, file)
    assert "no answer" in command("replay", changed, expected=1).stdout


@case
def what_is_no_recording_is_refused():
    for text in ("", "{}", "[1]", '{"recording": 2}', '{"recording": 1, "seed": 1, "startedAt": 1, "steps": [{"at": 1}]}'):
        path = os.path.join(directory.name, "wrong.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        assert "no recording" in command("replay", path, expected=2).stderr, text
    command("replay", os.path.join(directory.name, "absent"), expected=2)
    command("record", "export", os.path.join(directory.name, "absent"), expected=2)


@case
def an_exported_session_is_a_test_that_passes():
    if subprocess.run([sys.executable, "-c", "import pytest"], capture_output=True).returncode != 0:
        skipped("pytest", "pytest is not on this machine")
        return
    record()
    test = os.path.join(directory.name, "test_session.py")
    command("record", "export", FILE, "--output", test)
    environment = {**os.environ, "BENCHTOP": emulator.binary, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    def run():
        return subprocess.run([sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", test], env=environment,
                              cwd=directory.name, capture_output=True, text=True, timeout=120)

    passed = run()
    equal(passed.returncode, 0, passed.stdout + passed.stderr)
    assert "1 passed" in passed.stdout, passed.stdout
    with open(test, encoding="utf-8") as file:
        text = file.read()
    assert "assert status == 403, body" in text and "Request has expired" in text and "assert status is None" in text
    with open(test, "w", encoding="utf-8") as file:
        file.write(text.replace("assert status == 404", "assert status == 200"))
    equal(run().returncode, 1, "a wrong expectation fails")


run_cases(emulator)
