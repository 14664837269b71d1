#!/usr/bin/env python3
"""The pytest plugin in harness/python: its example, isolation, the environment, reports, parallel workers.

    pytest_plugin_test.py BINARY [CASE...]
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from client_lab import case, clients_directory, equal, eventually, nothing_to_run, run_cases, skipped

BINARY = os.path.abspath(sys.argv[1])
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLUGIN = os.path.join(ROOT, "harness", "python")
EXAMPLE = os.path.join(ROOT, "harness", "examples", "pytest")


def imports(python, modules):
    return subprocess.run([python, "-c", f"import {modules}"], stderr=subprocess.DEVNULL, check=False).returncode == 0


candidates = [os.path.join(clients_directory(), "clients-venv", "bin", "python"), sys.executable]
PYTHON = next((one for one in candidates if os.access(one, os.X_OK) and imports(one, "pytest, boto3")), None)
if PYTHON is None:
    skipped("pytest-plugin", "pytest and boto3 are not installed (tests/clients/install)")
    nothing_to_run()


def environment(**more):
    """Nothing that leads to an instance; a configuration that would mislead a client."""
    inherited = {k: v for k, v in os.environ.items() if k[:4] != "AWS_" and k[:9] != "BENCHTOP_" and k[:7] != "PYTEST_"}
    return {**inherited, "PYTHONPATH": PLUGIN + os.pathsep + os.environ.get("PYTHONPATH", ""), "PYTHONDONTWRITEBYTECODE": "1",
            "BENCHTOP_BIN": BINARY, **more}


def pytest(*arguments, cwd, **more):
    done = subprocess.run([PYTHON, "-m", "pytest", "-p", "pytest_benchtop.plugin", "-p", "no:cacheprovider", *arguments],
                          cwd=cwd, env=environment(**more), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120, check=False)
    done.counts = {what: int(number) for number, what in re.findall(r"(\d+) (passed|failed|error)", done.stdout)}
    return done


def tests(text, conftest="", cwd=None, arguments=(), **more):
    """pytest on these tests, in a directory of their own."""
    with tempfile.TemporaryDirectory(prefix="benchtop-pytest.") as directory:
        for name, content in (("test_it.py", text), ("conftest.py", conftest)):
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write(content)
        return pytest(*arguments, cwd=cwd or directory, **more)


@case
def the_example_passes():
    done = pytest(EXAMPLE, cwd=ROOT)
    equal((done.returncode, done.counts), (0, {"passed": 3}), done.stdout + done.stderr)


@case
def it_installs_as_pytest_wants_it():
    with tempfile.TemporaryDirectory(prefix="benchtop-pytest.") as directory:
        source = shutil.copytree(PLUGIN, os.path.join(directory, "source"))  # it is built beside the source
        done = subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--target", os.path.join(directory, "site"), source],
                              env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            skipped("pytest-plugin's installation", f"pip cannot build it here: {done.stderr.strip().splitlines()[-1:]}")
            return
        found = subprocess.run([PYTHON, "-m", "pytest", "--fixtures", "-p", "no:cacheprovider"], cwd=directory,
                               env=environment(PYTHONPATH=os.path.join(directory, "site")), stdin=subprocess.DEVNULL,
                               capture_output=True, text=True, timeout=60, check=False)
        assert re.search(r"^benchtop_clock\b", found.stdout, re.M), found.stdout[-2000:] + found.stderr


@case
def tests_of_a_session_share_an_instance_and_see_nothing_of_each_other():
    done = tests("""
import boto3, pytest

ports, frozen = [], []

@pytest.mark.parametrize("turn", range(4))
def test_turn(benchtop, benchtop_clock, turn):
    ports.append(benchtop.port)
    assert len(set(ports)) == 1
    state = benchtop_clock.show()
    assert (state["advancedSeconds"], state["frozen"]) == (0, False)
    assert benchtop.deliveries() == [] and benchtop.refusals() == [] and benchtop.invocations() == []
    assert benchtop.faults() == []
    benchtop.fault("throttle", operation="GetObject", key="processed/*")
    s3 = boto3.client("s3")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["student-upload-bucket-aj"]
    s3.create_bucket(Bucket="mine-alone", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    made = benchtop.presign()
    assert benchtop.put(made["uploadUrl"], "hello").status == 200
    if turn % 2:  # the next test begins while this one's handler may still run
        benchtop.settle()
        assert [one["status"] for one in benchtop.invocations(function="worker-move-lambda")] == ["ok"]
    benchtop_clock.freeze()
    benchtop_clock.advance("301s")
    assert benchtop.put(made["uploadUrl"], "late").refused("Request has expired")
""")
    equal((done.returncode, done.counts), (0, {"passed": 4}), done.stdout + done.stderr)


@case
def the_environment_leads_any_client_there_and_ends_with_the_test():
    done = tests("""
import os, subprocess, sys
import boto3

before = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}

def test_before_it():
    boto3.client("s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")  # makes the default session

def test_inside(benchtop):
    assert "AWS_ENDPOINT_URL_S3" not in os.environ
    assert boto3.client("s3").meta.region_name == os.environ["AWS_REGION"] == benchtop.region
    assert boto3.client("sts").get_caller_identity()["Account"] == "111122223333"
    script = "import boto3; print(boto3.client('s3').list_buckets()['Buckets'][0]['Name'])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == "student-upload-bucket-aj\\n"
    assert os.environ["BENCHTOP_ENDPOINT"] == benchtop.endpoint

def test_after_it():
    assert {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"} == before
""",
                 AWS_ENDPOINT_URL_S3="http://127.0.0.1:9", AWS_DEFAULT_REGION="eu-west-1", AWS_ACCESS_KEY_ID="other",
                 AWS_SECRET_ACCESS_KEY="other", HTTP_PROXY="http://127.0.0.1:9")
    equal((done.returncode, done.counts), (0, {"passed": 3}), done.stdout + done.stderr)


@case
def the_readme_tells_the_truth():
    with open(os.path.join(PLUGIN, "README.md"), encoding="utf-8") as file:
        indented = [line[4:] for line in file if line.startswith("    ") or line == "\n"]
    done = tests("".join(line for line in indented if not line.startswith("pip ")))
    equal((done.returncode, done.counts), (0, {"passed": 3}), done.stdout + done.stderr)


@case
def a_state_is_kept_and_had_again():
    done = tests("""
import boto3, pytest

BUCKET = "student-upload-bucket-aj"

def put(key):
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"x")

def keys():
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="kept/").get("Contents", [])
    return [one["Key"] for one in found]

def test_made(benchtop):
    put("kept/one")
    benchtop.snapshot("one")
    put("kept/two")
    benchtop.restore("one")
    assert keys() == ["kept/one"]

def test_had_again(benchtop):
    assert keys() == []
    benchtop.restore("one")
    assert keys() == ["kept/one"]
    with pytest.raises(Exception, match="snapshot"):
        benchtop.restore("none-of-that-name")
""")
    equal((done.returncode, done.counts), (0, {"passed": 2}), done.stdout + done.stderr)


@case
def a_stack_of_ones_own():
    done = tests("""
import boto3

def names():
    return [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]

def test_first(benchtop):
    assert names() == ["mine-alone"]
    boto3.client("s3").put_object(Bucket="mine-alone", Key="k", Body=b"x")

def test_second(benchtop):
    assert names() == ["mine-alone"]
    assert benchtop.client("s3").list_objects_v2(Bucket="mine-alone")["KeyCount"] == 0
""", conftest="""
import pytest

@pytest.fixture
def benchtop_stack(tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "template.yaml"
    path.write_text("Resources:\\n  Bucket:\\n    Type: AWS::S3::Bucket\\n    Properties:\\n      BucketName: mine-alone\\n")
    return path
""")
    equal((done.returncode, done.counts), (0, {"passed": 2}), done.stdout + done.stderr)


@case
def a_failing_tests_report_tells_what_benchtop_saw():
    with tempfile.TemporaryDirectory(prefix="benchtop-pytest.") as directory:
        junit = os.path.join(directory, "junit.xml")
        done = tests("""
def test_fails(benchtop, benchtop_clock):
    url = benchtop.presign()["uploadUrl"]
    benchtop_clock.advance(301)
    assert benchtop.put(url, "late").status == 200

def test_passes(benchtop):
    pass
""", arguments=["--junitxml", junit, "-o", "junit_logging=all"])
        equal((done.returncode, done.counts), (1, {"failed": 1, "passed": 1}), done.stdout + done.stderr)
        assert re.search(r"^-+ Benchtop -+$", done.stdout, re.M), done.stdout
        assert "Request has expired" in done.stdout.partition(" Benchtop -")[2], done.stdout
        suite = ElementTree.parse(junit).getroot().find("testsuite")
        equal((suite.get("tests"), suite.get("failures")), ("2", "1"))


@case
def what_is_missing_is_said():
    done = tests("def test_it(benchtop):\n    pass\n", arguments=["--benchtop-bin", "/no/such/benchtop"])
    equal((done.returncode, done.counts), (1, {"error": 1}), done.stdout)
    assert "there is no program /no/such/benchtop" in done.stdout, done.stdout
    done = tests("def test_it(benchtop):\n    pass\n", BENCHTOP_BIN=shutil.which("false"))
    assert "does not start" in done.stdout, done.stdout


@case
def it_is_found_on_the_path():
    path = os.path.dirname(BINARY) + os.pathsep + os.environ["PATH"]
    done = tests("def test_it(benchtop_binary):\n    assert benchtop_binary == %r\n" % BINARY, BENCHTOP_BIN="", PATH=path)
    equal((done.returncode, done.counts), (0, {"passed": 1}), done.stdout + done.stderr)


PARALLEL = """
import os, pathlib, pytest

@pytest.mark.parametrize("turn", range(6))
def test_turn(benchtop, turn):
    assert benchtop.client("s3").list_objects_v2(Bucket="student-upload-bucket-aj", Prefix="uploads/x")["KeyCount"] == 0
    benchtop.client("s3").put_object(Bucket="student-upload-bucket-aj", Key=f"uploads/x{turn}", Body=b"")
    pathlib.Path(os.environ["PORTS"], f"{os.getpid()}-{benchtop.port}").touch()
"""


@case
def workers_in_parallel_have_instances_of_their_own():
    if not imports(PYTHON, "xdist"):
        skipped("pytest-plugin under xdist", "pytest-xdist is not installed")
        return
    with tempfile.TemporaryDirectory(prefix="benchtop-pytest.") as ports:
        done = tests(PARALLEL, arguments=["-n", "2", "-p", "xdist"], PORTS=ports)
        equal((done.returncode, done.counts), (0, {"passed": 6}), done.stdout + done.stderr)
        equal(len(os.listdir(ports)), 2, "instances")


@case
def sessions_in_parallel_share_nothing():
    with tempfile.TemporaryDirectory(prefix="benchtop-pytest.") as ports:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            both = [pool.submit(tests, PARALLEL, PORTS=ports) for _ in range(2)]
            for done in (one.result() for one in both):
                equal((done.returncode, done.counts), (0, {"passed": 6}), done.stdout + done.stderr)
        equal(len(os.listdir(ports)), 2, "instances")


@case
def nothing_outlives_the_tests_not_even_when_they_are_killed():
    kills = ("import os, pathlib, signal\n\ndef test_it(benchtop):\n"
             "    pathlib.Path(os.environ['PIDS'], str(benchtop._process._process.pid)).touch()\n")
    for ending in ("", "    os.kill(os.getpid(), signal.SIGKILL)\n"):
        with tempfile.TemporaryDirectory(prefix="benchtop-pytest.") as pids:
            tests(kills + ending, PIDS=pids)
            (pid,) = os.listdir(pids)
            eventually(lambda pid=pid: is_gone(pid), f"process {pid} ends")


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"  # nobody here reaps what init does
    except FileNotFoundError:
        return True


run_cases()
