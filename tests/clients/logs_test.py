#!/usr/bin/env python3
"""CloudWatch Logs as boto3 and both versions of the AWS CLI use it."""

import os
import signal
import subprocess
import sys
import time

from client_lab import BUCKET, Emulator, case, clients_directory, equal, eventually, find_aws, nothing_to_run, run_cases, skipped

try:
    import boto3
except ImportError:
    python = os.path.join(clients_directory(), "clients-venv", "bin", "python")
    if os.access(python, os.X_OK) and os.path.realpath(sys.prefix) != os.path.realpath(os.path.dirname(os.path.dirname(python))):
        os.execv(python, [python, "-B", *sys.argv])
    skipped("boto3", "boto3 is not on this machine")
    nothing_to_run()
from botocore.config import Config
from botocore.exceptions import ClientError

FOLLOW_SECONDS = 60

lab = Emulator(sys.argv[1]).start()
for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
    del os.environ[name]
os.environ.update({k: v for k, v in lab.environment.items() if k.startswith("AWS_")})


def client(service="logs"):
    return boto3.client(service, endpoint_url=lab.endpoint, config=Config(retries={"total_max_attempts": 1}))


def now_ms():
    return int(time.time() * 1000)


def refusal(call):
    """(code, message) of a call that must not succeed."""
    try:
        answer = call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError(f"it succeeded: {answer}")


def aws(major, *arguments, check=True):
    result = subprocess.run(
        [find_aws(major), *arguments, "--endpoint-url", lab.endpoint],
        env=lab.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )
    if check and result.returncode != 0:
        raise AssertionError(f"aws {arguments}: {result.stderr}")
    return result


@case
def boto3_keeps_a_group_from_creation_to_deletion():
    logs = client()
    logs.create_log_group(logGroupName="/lab/one", tags={"env": "class"})
    logs.create_log_stream(logGroupName="/lab/one", logStreamName="s")
    now = now_ms()
    put = logs.put_log_events(
        logGroupName="/lab/one", logStreamName="s",
        logEvents=[{"timestamp": now - 1, "message": "first \N{SNOWMAN}"}, {"timestamp": now, "message": "second"}],
    )
    equal("rejectedLogEventsInfo" in put, False)
    events = logs.get_log_events(logGroupName="/lab/one", logStreamName="s", startFromHead=True)["events"]
    equal([(e["timestamp"], e["message"]) for e in events], [(now - 1, "first \N{SNOWMAN}"), (now, "second")])
    stream = logs.describe_log_streams(logGroupName="/lab/one")["logStreams"][0]
    equal((stream["firstEventTimestamp"], stream["lastEventTimestamp"]), (now - 1, now))
    arn = logs.describe_log_groups(logGroupNamePrefix="/lab/one")["logGroups"][0]["logGroupArn"]
    equal(logs.list_tags_for_resource(resourceArn=arn)["tags"], {"env": "class"})
    equal(
        refusal(lambda: logs.create_log_group(logGroupName="/lab/one")),
        ("ResourceAlreadyExistsException", "The specified log group already exists"),
    )
    logs.delete_log_group(logGroupName="/lab/one")
    equal(
        refusal(lambda: logs.get_log_events(logGroupName="/lab/one", logStreamName="s")),
        ("ResourceNotFoundException", "The specified log group does not exist."),
    )


@case
def boto3_pages_to_the_end():
    logs = client()
    logs.create_log_group(logGroupName="pages")
    for number in range(5):
        logs.create_log_stream(logGroupName="pages", logStreamName=f"s{number}")
    now = now_ms()
    logs.put_log_events(
        logGroupName="pages", logStreamName="s0",
        logEvents=[{"timestamp": now, "message": f"n={i}"} for i in range(250)],
    )
    found = [
        event["message"]
        for page in logs.get_paginator("filter_log_events").paginate(
            logGroupName="pages", filterPattern='"n="', PaginationConfig={"PageSize": 100})
        for event in page["events"]
    ]
    equal(found, [f"n={i}" for i in range(250)])
    streams = [
        stream["logStreamName"]
        for page in logs.get_paginator("describe_log_streams").paginate(
            logGroupName="pages", PaginationConfig={"PageSize": 2})
        for stream in page["logStreams"]
    ]
    equal(streams, [f"s{i}" for i in range(5)])


@case
def boto3_searches_json():
    logs = client()
    logs.create_log_group(logGroupName="json")
    logs.create_log_stream(logGroupName="json", logStreamName="s")
    logs.put_log_events(
        logGroupName="json", logStreamName="s",
        logEvents=[{"timestamp": now_ms(), "message": text} for text in (
            '{"level":"ERROR","ms":12}', '{"level":"INFO","ms":3}', "ERROR in plain words")],
    )

    def search(pattern):
        return [e["message"] for e in logs.filter_log_events(logGroupName="json", filterPattern=pattern)["events"]]

    equal(search('{ $.level = "ERROR" }'), ['{"level":"ERROR","ms":12}'])
    equal(search("{ $.ms < 10 || $.ms > 100 }"), ['{"level":"INFO","ms":3}'])
    equal(len(search("ERROR")), 2)
    equal(search("ERROR -level"), ["ERROR in plain words"])
    equal(len(search("?plain ?INFO")), 2)
    equal(refusal(lambda: search("a.b")), ("InvalidParameterException", "Invalid character(s) in term 'a.b'"))


def tell_cli(major):
    if not find_aws(major):
        skipped(f"aws {major}", "not on this machine")
        return
    group = f"/cli/{major}"
    aws(major, "logs", "create-log-group", "--log-group-name", group)
    aws(major, "logs", "create-log-stream", "--log-group-name", group, "--log-stream-name", "s")
    aws(major, "logs", "put-log-events", "--log-group-name", group, "--log-stream-name", "s",
        "--log-events", f"timestamp={now_ms()},message=hello")
    shown = aws(major, "logs", "get-log-events", "--log-group-name", group, "--log-stream-name", "s",
                "--query", "events[].message", "--output", "text")
    equal(shown.stdout.strip(), "hello")
    aws(major, "logs", "put-retention-policy", "--log-group-name", group, "--retention-in-days", "7")
    days = aws(major, "logs", "describe-log-groups", "--log-group-name-prefix", group,
               "--query", "logGroups[0].retentionInDays", "--output", "text")
    equal(days.stdout.strip(), "7")
    wrong = aws(major, "logs", "delete-log-stream", "--log-group-name", group, "--log-stream-name", "x", check=False)
    equal(
        wrong.stderr.strip(),
        "An error occurred (ResourceNotFoundException) when calling the DeleteLogStream operation: "
        "The specified log stream does not exist.",
    )
    aws(major, "logs", "delete-log-group", "--log-group-name", group)


@case
def cli_v1_keeps_a_group():
    tell_cli(1)


@case
def cli_v2_keeps_a_group():
    tell_cli(2)


class Follower:
    """`aws logs tail GROUP --follow`, its output in a file; ended by interrupt, as a person does."""

    def __init__(self, group):
        self.path = os.path.join(lab.directory, "tail")
        self.file = open(self.path, "wb")
        # Unbuffered: the CLI's Python prints into a file here, not a terminal.
        self.process = subprocess.Popen(
            [find_aws(2), "logs", "tail", group, "--follow", "--format", "short", "--endpoint-url", lab.endpoint],
            env={**lab.environment, "PYTHONUNBUFFERED": "1"}, stdin=subprocess.DEVNULL, stdout=self.file, stderr=self.file,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.file.close()

    def text(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()


@case
def cli_v2_tail_follows():
    if not find_aws(2):
        skipped("aws 2", "not on this machine")
        return
    logs = client()
    logs.create_log_group(logGroupName="tail")
    logs.create_log_stream(logGroupName="tail", logStreamName="s")

    def put(text):
        logs.put_log_events(logGroupName="tail", logStreamName="s", logEvents=[{"timestamp": now_ms(), "message": text}])

    put("before")
    with Follower("tail") as follower:
        eventually(lambda: "before" in follower.text(), "the line there is", FOLLOW_SECONDS)
        put("while it follows")
        eventually(lambda: "while it follows" in follower.text(), "the line that comes", FOLLOW_SECONDS)
        equal(follower.text().count("before"), 1, "no line twice")


@case
def a_function_whose_role_may_not_log_has_no_group():
    """as on AWS; benchtop logs shows the lines all the same, and says what the role lacks"""
    client("s3").put_object(Bucket=BUCKET, Key="uploads/logged.txt", Body=b"x")
    shown = eventually(
        lambda: (lambda answer: answer if "REPORT RequestId" in answer.stdout else None)(
            lab.command("logs", "worker-move-lambda")),
        "the worker's lines",
    )
    equal("Moving: uploads/logged.txt" in shown.stdout, True, shown.stdout)
    equal(
        shown.stderr.strip(),
        "CloudWatch Logs gets none of these lines: role lambda-worker-role lacks logs:CreateLogGroup on "
        "arn:aws:logs:us-east-2:111122223333:log-group:/aws/lambda/worker-move-lambda:log-stream: "
        "(the managed policy AWSLambdaBasicExecutionRole has it).",
    )
    equal(client().describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"], [])


@case
def a_policy_attached_now_counts_for_the_next_event():
    """and CLI v2 follows the function's group"""
    client("iam").attach_role_policy(
        RoleName="lambda-worker-role",
        PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    )
    group = "/aws/lambda/worker-move-lambda"
    client("s3").put_object(Bucket=BUCKET, Key="uploads/seen.txt", Body=b"x")

    def messages():
        try:
            return [e["message"] for e in client().filter_log_events(logGroupName=group)["events"]]
        except client().exceptions.ResourceNotFoundException:
            return []

    eventually(lambda: any(m.startswith("REPORT RequestId") for m in messages()), "the event's lines in CloudWatch")
    equal("Moving: uploads/seen.txt -> processed/seen.txt\n" in messages(), True, messages())
    equal(any("logged.txt" in m for m in messages()), False, "what came before the policy is not there")
    equal(lab.command("logs", "worker-move-lambda").stderr, "", "nothing to explain any more")
    if find_aws(2):
        with Follower(group) as follower:
            eventually(lambda: "seen.txt" in follower.text(), "the lines there are", FOLLOW_SECONDS)


@case
def reserved_concurrency_of_0_sends_events_to_their_destination():
    functions = client("lambda")
    functions.put_function_concurrency(FunctionName="worker-move-lambda", ReservedConcurrentExecutions=0)
    client("iam").put_role_policy(
        RoleName="lambda-worker-role", PolicyName="Destination",
        PolicyDocument='{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"lambda:InvokeFunction",'
                       '"Resource":"arn:aws:lambda:us-east-2:111122223333:function:web-presign-lambda"}}',
    )
    functions.put_function_event_invoke_config(
        FunctionName="worker-move-lambda",
        DestinationConfig={"OnFailure": {
            "Destination": "arn:aws:lambda:us-east-2:111122223333:function:web-presign-lambda"}},
    )
    try:
        functions.invoke(FunctionName="worker-move-lambda", Payload=b"{}")
        raise AssertionError("it ran")
    except functions.exceptions.TooManyRequestsException as error:
        equal(error.response["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded")
    accepted = functions.invoke(FunctionName="worker-move-lambda", InvocationType="Event", Payload=b'{"n":1}')
    equal(accepted["StatusCode"], 202)
    request = accepted["ResponseMetadata"]["RequestId"]
    shown = eventually(
        lambda: (lambda text: text if "done       OnFailure" in text else None)(lab.command("deliveries").stdout),
        "the destination heard of it",
    )
    equal(f"Destination of worker-move-lambda for {request} (ZeroReservedConcurrency)." in shown, True, shown)
    equal(f"Invoke  arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda  {request}" in shown, True, shown)


run_cases(lab)
