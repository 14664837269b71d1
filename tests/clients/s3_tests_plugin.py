"""pytest's part of s3_tests_test.py: which tests of ceph/s3-tests this process runs, and what became of each.

Loaded with `-p s3_tests_plugin` into the unmodified suite. BENCHTOP_S3_TESTS_PLAN names a JSON file:
    names         a file that gets the names of all tests, one a line (with --collect-only)
    run           names of the tests to run; everything else is deselected
    older_bucket  those of them that were written for the buckets AWS made before April 2023
    lab_clock     those of them that wait for days to pass
    display_names {canonical user id: display name}
    seconds       how long one test may take
    outcomes      the file that gets one JSON line a test: name, outcome, text
    benchtop      [binary, port]: whose clock is advanced
"""

import json
import os
import signal
import subprocess
import sys
import time

import botocore.client
import pytest
from botocore.exceptions import ClientError

with open(os.environ["BENCHTOP_S3_TESTS_PLAN"], encoding="utf-8") as file:
    PLAN = json.load(file)


def pytest_collection_modifyitems(config, items):
    if "names" in PLAN:
        with open(PLAN["names"], "w", encoding="utf-8") as file:
            file.writelines(f"{item.name}\n" for item in items)
        return
    chosen = set(PLAN["run"])
    config.hook.pytest_deselected(items=[item for item in items if item.name not in chosen])
    items[:] = [item for item in items if item.name in chosen]


class WithoutBypass:
    """A client whose delete_objects never asks to bypass object lock."""

    def __init__(self, client):
        self.client = client

    def delete_objects(self, **params):
        params.pop("BypassGovernanceRetention", None)
        return self.client.delete_objects(**params)

    def __getattr__(self, name):
        return getattr(self.client, name)


def pytest_collection_finish(session):
    """Before and after each test the suite empties its buckets, and bypasses object lock in all of them.

    S3 refuses that in a bucket without object lock: InvalidArgument (recorded, see s3_tests_excluded.txt). So it is
    left to buckets that have one.
    """
    suite = sys.modules.get("s3tests.functional")
    if suite is None:
        return
    empty = suite.nuke_bucket

    def nuke_bucket(client, bucket):
        try:
            client.get_object_lock_configuration(Bucket=bucket)
        except ClientError:
            client = WithoutBypass(client)
        empty(client, bucket)

    suite.nuke_bucket = nuke_bucket


def _too_slow(*_):
    raise TimeoutError(f"the test takes longer than {PLAN['seconds']} s")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    signal.signal(signal.SIGALRM, _too_slow)
    signal.setitimer(signal.ITIMER_REAL, PLAN["seconds"])
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class OlderBucket:
    """New buckets as before April 2023: ACLs in force and no public access block, as the suite takes for granted.

    What AWS asks for today is done with AWS's own operations right after CreateBucket. Owners get the display name
    back that AWS leaves out of every answer since November 2025, and groups are listed before users.
    """

    def __init__(self, display_names):
        self.display_names = display_names
        self.call = botocore.client.BaseClient._make_api_call

    def make_api_call(self, client, operation, params):
        if operation == "CreateBucket":
            return self.create_bucket(client, params)
        answer = self.call(client, operation, params)
        self.add_display_names(answer)
        if "Grants" in answer:
            answer["Grants"].sort(key=lambda grant: grant["Grantee"]["Type"] != "Group")
        return answer

    def create_bucket(self, client, params):
        acl = {name: params[name] for name in params if name == "ACL" or name.startswith("Grant")}
        plain = {name: value for name, value in params.items() if name not in acl}
        answer = self.call(client, "CreateBucket", {"ObjectOwnership": "ObjectWriter", **plain})
        self.call(client, "DeletePublicAccessBlock", {"Bucket": params["Bucket"]})
        if acl:
            self.call(client, "PutBucketAcl", {"Bucket": params["Bucket"], **acl})
        return answer

    def add_display_names(self, answer):
        if isinstance(answer, list):
            for item in answer:
                self.add_display_names(item)
        elif isinstance(answer, dict):
            if answer.get("ID") in self.display_names:
                answer["DisplayName"] = self.display_names[answer["ID"]]
            for name, value in answer.items():
                if name != "ResponseMetadata":
                    self.add_display_names(value)


class LabTime:
    """The module `time`, but a sleep of the suite's lifecycle interval is a day of the emulator's clock."""

    def __init__(self, module):
        self.module = module

    def sleep(self, seconds):
        binary, port = PLAN["benchtop"]
        amount = f"{round(seconds / self.module.get_lc_debug_interval() * 86400)}s"
        subprocess.run([binary, "clock", "--port", str(port), "advance", amount], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=30)

    def __getattr__(self, name):
        return getattr(time, name)


@pytest.fixture(autouse=True)
def benchtop_help(request, monkeypatch):
    name = request.node.name
    if name in PLAN["older_bucket"]:
        older = OlderBucket(PLAN["display_names"])
        monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call",
                            lambda client, operation, params: older.make_api_call(client, operation, params))
    if name in PLAN["lab_clock"]:
        monkeypatch.setattr(request.module, "time", LabTime(request.module))


_outcomes = {}


def _reason(report):
    if report.skipped and isinstance(report.longrepr, tuple):
        return report.longrepr[2]
    crash = getattr(report.longrepr, "reprcrash", None)
    where = f" ({os.path.basename(crash.path)}:{crash.lineno})" if crash else ""
    return f"{report.when}: {crash.message if crash else report.longreprtext}{where}"


def pytest_runtest_logreport(report):
    """A test has passed when its setup, its call and its teardown have."""
    name = report.location[2]
    outcome, text, seconds = _outcomes.get(name, ("passed", "", 0))
    if report.outcome != "passed" and outcome == "passed":
        outcome, text = report.outcome, _reason(report)
    _outcomes[name] = (outcome, text, seconds + report.duration)
    if report.when == "teardown":
        outcome, text, seconds = _outcomes.pop(name)
        with open(PLAN["outcomes"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "outcome": outcome, "text": text, "seconds": seconds}) + "\n")
