#!/usr/bin/env python3
"""The public S3 conformance suite ceph/s3-tests against the emulator.

    s3_tests_test.py BENCHTOP [TEST...]

The suite is looked for in BENCHTOP_S3_TESTS, then where tests/clients/install clones it. It is not changed:
s3_tests_excluded.txt says which of its tests are left out or helped, and why; every other one has to pass.
"""

import json
import os
import subprocess
import sys
from collections import Counter

import s3_tests_list
from client_lab import Emulator, clients_directory, nothing_to_run, skipped

REQUIRED = ("boto3", "pytest", "munch", "isodate", "pytz", "requests")


def missing_module():
    for name in REQUIRED:
        try:
            __import__(name)
        except ImportError:
            return name
    return None


if missing_module():
    python = os.path.join(clients_directory(), "clients-venv", "bin", "python")
    if os.access(python, os.X_OK) and os.path.realpath(sys.prefix) != os.path.realpath(os.path.dirname(os.path.dirname(python))):
        os.execv(python, [python, "-B", *sys.argv])
    skipped("s3-tests", f"Python's {missing_module()} is not on this machine")
    nothing_to_run()
import boto3

HERE = os.path.dirname(os.path.abspath(__file__))
SUITE = os.environ.get("BENCHTOP_S3_TESTS") or os.path.join(clients_directory(), "s3-tests")
FUNCTIONAL = os.path.join("s3tests", "functional")
FILES = [os.path.join(FUNCTIONAL, name) for name in ("test_s3.py", "test_headers.py")]
if not all(os.path.exists(os.path.join(SUITE, name)) for name in FILES):
    skipped("s3-tests", f"the suite ceph/s3-tests is not in {SUITE} (tests/clients/install)")
    nothing_to_run()

# Compiled Python, so that nothing is written into the suite.
CACHE = os.path.join(clients_directory(), "s3-tests-cache")
SECONDS_A_TEST = 90
WORKERS = 2
# Roots of these accounts; their secret is "test". A test turns the main one round and wants it refused.
ACCOUNTS = {"s3 main": "222233334444", "s3 alt": "333333333333", "s3 tenant": "444444444444",
            "iam": "555555555555", "iam root": "666666666666", "iam alt root": "777777777777"}


def display_name(account):
    return f"account {account}"


class Worker:
    """An emulator of its own and the suite's process against it."""

    def __init__(self, number, binary):
        self.lab = Emulator(binary, "--empty").start()
        self.number = number
        self.binary = os.path.abspath(binary)
        self.directory = self.lab.directory
        self.outcomes = os.path.join(self.directory, "outcomes")
        self.owners = {account: self.canonical_id(account) for account in ACCOUNTS.values()}

    def canonical_id(self, account):
        client = boto3.session.Session(account, "test").client("s3", "us-east-1", endpoint_url=self.lab.endpoint)
        return client.list_buckets()["Owner"]["ID"]

    def write_configuration(self, storage_classes):
        lines = ["[DEFAULT]", "host = localhost", f"port = {self.lab.port}", "is_secure = False", "ssl_verify = False",
                 "[fixtures]", "bucket prefix = s3tests-{random}-", "iam name prefix = s3-tests-",
                 "iam path prefix = /s3-tests/"]
        for section, account in ACCOUNTS.items():
            lines += [f"[{section}]", f"access_key = {account}", "secret_key = test",
                      f"user_id = {self.owners[account]}", f"display_name = {display_name(account)}",
                      f"email = {account}@example.com"]
            if section == "s3 main":
                # Buckets made by way of the global endpoint for another region.
                lines += ["api_name = us-west-2", f"storage_classes = {storage_classes}"]
            if section == "s3 tenant":
                lines += ["tenant = tenant"]
        path = os.path.join(self.directory, "s3-tests.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def start(self, plan, *options, storage_classes=""):
        plan = {"older_bucket": [], "lab_clock": [], "seconds": SECONDS_A_TEST, "outcomes": self.outcomes,
                "display_names": {owner: display_name(account) for account, owner in self.owners.items()},
                "benchtop": [self.binary, self.lab.port], **plan}
        path = os.path.join(self.directory, "plan.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(plan, file)
        environment = {k: v for k, v in self.lab.environment.items() if k != "AWS_ENDPOINT_URL"}
        environment.update(S3TEST_CONF=self.write_configuration(storage_classes), BENCHTOP_S3_TESTS_PLAN=path,
                           PYTHONPATH=HERE, PYTHONPYCACHEPREFIX=CACHE,
                           AWS_DEFAULT_REGION="us-east-1", AWS_REGION="us-east-1")
        self.output = os.path.join(self.directory, "pytest.log")
        with open(self.output, "wb") as output:
            # A traceback with source lines parses the suite's 20,000 lines anew for each failure.
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pytest", "-q", "-p", "s3_tests_plugin", "-p", "no:cacheprovider",
                 "--tb=native", *options, *FILES],
                cwd=SUITE, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)

    def finish(self):
        self.process.wait()
        with open(self.output, encoding="utf-8", errors="replace") as file:
            return self.process.returncode, file.read()

    def results(self):
        if not os.path.exists(self.outcomes):
            return []
        with open(self.outcomes, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def collect(worker):
    names = os.path.join(worker.directory, "names")
    worker.start({"names": names}, "--collect-only")
    status, output = worker.finish()
    if status:
        raise AssertionError(f"pytest cannot read the suite:\n{output[-3000:]}")
    with open(names, encoding="utf-8") as file:
        return file.read().split("\n")[:-1]


def report_list(entries, listed, names):
    """What is run and what is not; the numbers belong to the suite's two files."""
    counts = Counter((entry.kind, entry.group) for entry in listed.values())
    print(f"s3-tests: {len(names)} tests in test_s3.py and test_headers.py")
    for (kind, group), count in counts.items():
        print(f"s3-tests: {kind}, {group}: {count}")
    for entry in entries:
        if entry.pattern.endswith(".py"):
            print(f"s3-tests: excluded, {entry.pattern}: {entry.reason}")


def main():
    only = sys.argv[2:]
    workers = [Worker(number, sys.argv[1]) for number in range(WORKERS + 1)]
    try:
        names = collect(workers[0])
        entries = s3_tests_list.read(os.path.join(HERE, "s3_tests_excluded.txt"))
        listed = s3_tests_list.sort_tests(entries, names, os.listdir(os.path.join(SUITE, FUNCTIONAL)))
        report_list(entries, listed, names)
        kinds = {kind: [name for name in names if name in listed and listed[name].kind == kind]
                 for kind in s3_tests_list.KINDS}
        wanted = set(only) or {name for name in names if name not in kinds["excluded"]}
        on_clock = [name for name in kinds["lab-clock"] if name in wanted]
        others = [name for name in names if name in wanted and name not in on_clock]
        for worker in workers[:WORKERS]:
            worker.start({"run": others[worker.number::WORKERS], "older_bucket": kinds["older-bucket"]})
        # The clock of their emulator runs ahead of everybody's, so they have one to themselves.
        workers[WORKERS].start({"run": on_clock, "lab_clock": on_clock},
                               storage_classes="INTELLIGENT_TIERING GLACIER_IR")
        return judge(workers, set(others) | set(on_clock))
    finally:
        for worker in workers:
            worker.lab.__exit__()


def judge(workers, expected):
    outputs = [worker.finish()[1] for worker in workers]
    results = [result for worker in workers for result in worker.results()]
    if os.environ.get("BENCHTOP_S3_TESTS_OUTCOMES"):
        with open(os.environ["BENCHTOP_S3_TESTS_OUTCOMES"], "w", encoding="utf-8") as file:
            file.writelines(json.dumps(result) + "\n" for result in results)
    outcomes = Counter(result["outcome"] for result in results)
    lost = sorted(expected - {result["name"] for result in results})
    for result in results:
        if result["outcome"] == "skipped":
            skipped(f"s3-tests {result['name']}", result["text"])
        elif result["outcome"] != "passed":
            print(f"FAILED {result['name']}: {result['text'][:400]}")
    for name in lost:
        print(f"FAILED {name}: it was not run")
    if lost:
        print("\n".join(output[-2000:] for output in outputs))
    failed = outcomes["failed"] + len(lost)
    print(f"s3-tests: {len(expected)} run, {outcomes['passed']} passed, {failed} failed, {outcomes['skipped']} skip themselves")
    print(f"CASES {outcomes['passed']} passed, {failed} failed", flush=True)
    return 1 if failed else 0


sys.exit(main())
