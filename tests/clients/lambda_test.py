#!/usr/bin/env python3
"""Lambda's control plane through boto3 and both versions of the AWS CLI."""

import base64
import hashlib
import json
import os
import subprocess
import urllib.request

from client_lab import BUCKET, case, equal, eventually, find_aws, run_cases, skipped
from control_lab import ACCOUNT, LAMBDA_TRUST, ControlLab, allow, policy, refusal, refused_with, zipped

lab = ControlLab()
functions, iam, s3 = lab.client("lambda"), lab.client("iam"), lab.client("s3")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/lambda-worker-role"
CODE = zipped({"lambda_function.py": "def lambda_handler(event, context):\n    return event\n"})


def arn(name):
    return f"arn:aws:lambda:us-east-2:{ACCOUNT}:function:{name}"


def create(name, **more):
    settings = {"Runtime": "python3.11", "Role": ROLE, "Handler": "lambda_function.lambda_handler", "Code": {"ZipFile": CODE}, **more}
    return functions.create_function(FunctionName=name, **{k: v for k, v in settings.items() if v is not None})


def settle(name):
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 10})


def ready(name, **more):
    create(name, **more)
    lab.emulator.command("clock", "advance", "5s")
    return name


@case
def a_function_is_pending_then_active():
    made = create("f-states", Environment={"Variables": {"A_KEY": "b"}}, Tags={"class": "a"})
    equal((made["State"], made["StateReasonCode"], made["Version"], made["Timeout"], made["MemorySize"]),
          ("Pending", "Creating", "$LATEST", 3, 128))
    equal(made["CodeSha256"], base64.b64encode(hashlib.sha256(CODE).digest()).decode())
    equal("LastUpdateStatus" in made, False)
    settle("f-states")
    read = functions.get_function(FunctionName="f-states")
    equal((read["Configuration"]["State"], read["Configuration"]["LastUpdateStatus"]), ("Active", "Successful"))
    equal(read["Tags"], {"class": "a"})
    equal(made["RevisionId"] == read["Configuration"]["RevisionId"], False, "a transition has a revision of its own")
    with urllib.request.urlopen(read["Code"]["Location"], timeout=20) as answer:
        equal(answer.read() == CODE, True, "the code can be fetched")
    equal(read["Code"]["Location"].startswith(
        f"{lab.emulator.endpoint}/awslambda-us-east-2-tasks/snapshots/{ACCOUNT}/f-states-"), True, read["Code"])
    updated = functions.update_function_configuration(FunctionName="f-states", Timeout=10, Environment={"Variables": {}})
    equal((updated["LastUpdateStatus"], updated["Environment"]), ("InProgress", {"Variables": {}}))
    equal(refusal(lambda: functions.update_function_code(FunctionName="f-states", ZipFile=CODE)),
          ("ResourceConflictException", "The operation cannot be performed at this time. An update is in progress for resource: "
                                        + arn("f-states")))
    settle("f-states")
    functions.update_function_code(FunctionName="f-states", ZipFile=CODE)
    functions.delete_function(FunctionName="f-states")
    equal(refusal(lambda: functions.get_function(FunctionName="f-states")),
          ("ResourceNotFoundException", "Function not found: " + arn("f-states")))


@case
def what_create_function_refuses():
    ready("f-exists")
    iam.create_role(RoleName="not-lambdas", AssumeRolePolicyDocument=policy(
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}))
    invalid = "InvalidParameterValueException"
    cannot_assume = "The role defined for the function cannot be assumed by Lambda."
    for changes, code, message in (
            ({"FunctionName": "f-exists"}, "ResourceConflictException", "Function already exist: f-exists"),
            ({"Role": f"arn:aws:iam::{ACCOUNT}:role/none"}, invalid, cannot_assume),
            ({"Role": f"arn:aws:iam::{ACCOUNT}:role/not-lambdas"}, invalid, cannot_assume),
            ({"Role": "r1"}, "ValidationException",
             "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression "
             r"pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"),
            ({"Runtime": "python3.7"}, invalid,
             "The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions. "
             "We recommend you use a supported runtime while creating or updating functions."),
            ({"Code": {"ZipFile": b"no zip"}}, invalid,
             "Could not unzip uploaded file. Please check your file, then try to upload again."),
            ({"Code": {"ZipFile": b"PK\x05\x06" + b"\0" * 18}}, invalid, "Uploaded file must be a non-empty zip"),
            ({"Code": {"ZipFile": zipped({"../evil.py": "x"})}}, invalid,
             "Could not unzip uploaded file. Please check your file, then try to upload again."),
            ({"Code": {"S3Bucket": BUCKET, "S3Key": "none.zip"}}, invalid,
             "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."),
            ({"Code": {"S3Bucket": "no-such-bucket-here", "S3Key": "k"}}, invalid,
             "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"),
            ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, invalid,
             "Lambda was unable to configure your environment variables because the environment variables you have provided contains "
             "reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION"),
            ({"FunctionName": "x" * 65}, invalid,
             f"1 validation error detected: Value '{'x' * 65}' at 'functionName' failed to satisfy constraint: "
             "Member must have length less than or equal to 64"),
            ({"Timeout": 901}, "ValidationException",
             "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: "
             "Member must have value less than or equal to 900")):
        name = changes.pop("FunctionName", "f-refused")
        equal(refusal(lambda: create(name, **changes)), (code, message), f"{name} {changes}")
    refused_with(lambda: create("f-refused", Runtime="cobol"), invalid, "Value cobol at 'runtime' failed to satisfy constraint")
    refused_with(lambda: create("f-refused", Environment={"Variables": {"BIG": "x" * 4096}}), invalid, "exceeded the 4KB limit")
    bomb = zipped({f"z{n}": "\0" * 50_000_000 for n in range(6)})
    equal(refusal(lambda: create("f-refused", Code={"ZipFile": bomb})), (invalid, "Unzipped size must be smaller than 262144000 bytes"))


@case
def passing_a_role_is_a_permission():
    iam.create_user(UserName="u-nopass")
    iam.put_user_policy(UserName="u-nopass", PolicyName="p", PolicyDocument=policy(allow("lambda:*")))
    key = iam.create_access_key(UserName="u-nopass")["AccessKey"]
    theirs = lab.client("lambda", (key["AccessKeyId"], key["SecretAccessKey"]))
    equal(refusal(lambda: theirs.create_function(
        FunctionName="f-nopass", Runtime="python3.11", Role=ROLE, Handler="a.b", Code={"ZipFile": CODE})),
        ("AccessDeniedException", f"User: arn:aws:iam::{ACCOUNT}:user/u-nopass is not authorized to perform: iam:PassRole on resource: "
                                  f"{ROLE} because no identity-based policy allows the iam:PassRole action"))
    iam.put_user_policy(UserName="u-nopass", PolicyName="q", PolicyDocument=policy(
        allow("iam:PassRole", ROLE, Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})))
    theirs.create_function(FunctionName="f-nopass", Runtime="python3.11", Role=ROLE, Handler="a.b", Code={"ZipFile": CODE})


@case
def code_comes_from_a_bucket():
    s3.put_object(Bucket=BUCKET, Key="code/f.zip", Body=CODE)
    made = create("f-s3", Code={"S3Bucket": BUCKET, "S3Key": "code/f.zip"})
    equal(made["CodeSize"], len(CODE))


@case
def names_come_in_every_form():
    ready("f-names")
    for given in ("f-names", f"{ACCOUNT}:function:f-names", f"function:f-names", arn("f-names"), arn("f-names") + ":$LATEST"):
        equal(functions.get_function_configuration(FunctionName=given)["FunctionName"], "f-names", given)
    equal(functions.get_function_configuration(FunctionName="f-names", Qualifier="$LATEST")["FunctionArn"], arn("f-names") + ":$LATEST")
    other = arn("f-names").replace("us-east-2", "ap-southeast-1")
    equal(refusal(lambda: functions.get_function(FunctionName=other)),
          ("ResourceNotFoundException", "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-2')"))
    equal(refusal(lambda: functions.get_function(FunctionName="f-names:1", Qualifier="2")),
          ("InvalidParameterValueException", "The derived qualifier from the function name does not match the specified qualifier."))


@case
def permissions_are_statements():
    ready("f-perm")
    equal(refusal(lambda: functions.get_policy(FunctionName="f-perm")),
          ("ResourceNotFoundException", "The resource you requested does not exist."))
    added = functions.add_permission(FunctionName="f-perm", StatementId="s3", Action="lambda:InvokeFunction",
                                     Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{BUCKET}", SourceAccount=ACCOUNT)
    equal(added["Statement"],
          '{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"'
          + arn("f-perm") + '","Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::'
          + BUCKET + '"}}}')
    equal(refusal(lambda: functions.add_permission(FunctionName="f-perm", StatementId="s3", Action="lambda:InvokeFunction",
                                                   Principal="s3.amazonaws.com")),
          ("ResourceConflictException", "The statement id (s3) provided already exists. Please provide a new statement id, or remove "
                                        "the existing statement."))
    equal(refusal(lambda: functions.add_permission(FunctionName="f-perm", StatementId="x", Action="lambda:InvokeFunction",
                                                   Principal="lamda.amazonaws.com")),
          ("InvalidParameterValueException", "The provided principal was invalid. Please check the principal and try again."))
    equal(json.loads(functions.get_policy(FunctionName="f-perm")["Policy"])["Id"], "default")
    equal(refusal(lambda: functions.remove_permission(FunctionName="f-perm", StatementId="y")),
          ("ResourceNotFoundException", "Statement y is not found in resource policy."))
    functions.remove_permission(FunctionName="f-perm", StatementId="s3")
    equal(refusal(lambda: functions.get_policy(FunctionName="f-perm"))[0], "ResourceNotFoundException")


@case
def versions_do_not_change_and_aliases_move():
    ready("f-versions")
    first = functions.publish_version(FunctionName="f-versions", Description="one")
    equal((first["Version"], first["FunctionArn"]), ("1", arn("f-versions") + ":1"))
    functions.update_function_configuration(FunctionName="f-versions", Timeout=7)
    lab.emulator.command("clock", "advance", "5s")
    equal(functions.publish_version(FunctionName="f-versions")["Version"], "2")
    equal(functions.publish_version(FunctionName="f-versions")["Version"], "2", "nothing has changed")
    equal(functions.get_function_configuration(FunctionName="f-versions:1")["Timeout"], 3)
    equal([v["Version"] for v in functions.list_versions_by_function(FunctionName="f-versions")["Versions"]], ["$LATEST", "1", "2"])
    functions.create_alias(FunctionName="f-versions", Name="live", FunctionVersion="1")
    equal(functions.get_function_configuration(FunctionName="f-versions:live")["Version"], "1")
    functions.update_alias(FunctionName="f-versions", Name="live", FunctionVersion="2")
    equal(functions.get_function_configuration(FunctionName="f-versions", Qualifier="live")["Version"], "2")
    equal(refusal(lambda: functions.get_alias(FunctionName="f-versions", Name="none")),
          ("ResourceNotFoundException", "Cannot find alias arn: " + arn("f-versions") + ":none"))
    equal(refusal(lambda: functions.delete_function(FunctionName="f-versions", Qualifier="$LATEST")),
          ("InvalidParameterValueException", "$LATEST version cannot be deleted without deleting the function."))
    functions.delete_alias(FunctionName="f-versions", Name="live")
    functions.delete_function(FunctionName="f-versions", Qualifier="1")
    equal([v["Version"] for v in functions.list_versions_by_function(FunctionName="f-versions")["Versions"]], ["$LATEST", "2"])


@case
def invocations_answer_as_lambda_does():
    answer = functions.invoke(FunctionName="web-presign-lambda", LogType="Tail", Payload=b"{}")
    equal((answer["StatusCode"], answer["ExecutedVersion"], "FunctionError" in answer), (200, "$LATEST", False))
    tail = base64.b64decode(answer["LogResult"]).decode()
    equal(tail.startswith("START RequestId: " + answer["ResponseMetadata"]["RequestId"]), True, tail)
    equal(functions.invoke(FunctionName="web-presign-lambda", InvocationType="DryRun")["StatusCode"], 204)
    equal(refusal(lambda: functions.invoke(FunctionName="none")),
          ("ResourceNotFoundException", "Function not found: " + arn("none") + ":$LATEST"))
    refused_with(lambda: functions.invoke(FunctionName="web-presign-lambda", Payload=b"\x99"), "InvalidRequestContentException",
                 "Could not parse request body into json")
    refused_with(lambda: functions.invoke(FunctionName="web-presign-lambda", Payload=b'"' + b"x" * 6291456 + b'"'),
                 "RequestEntityTooLargeException", "6291456 bytes")
    accepted = functions.invoke(FunctionName="web-presign-lambda", InvocationType="Event", Payload=b"{}")
    equal((accepted["StatusCode"], accepted["Payload"].read()), (202, b""))
    functions.put_function_concurrency(FunctionName="web-presign-lambda", ReservedConcurrentExecutions=0)
    equal(refusal(lambda: functions.invoke(FunctionName="web-presign-lambda")), ("TooManyRequestsException", "Rate Exceeded."))
    equal(functions.get_function_concurrency(FunctionName="web-presign-lambda")["ReservedConcurrentExecutions"], 0)
    refused_with(lambda: functions.put_function_concurrency(FunctionName="web-presign-lambda", ReservedConcurrentExecutions=950),
                 "InvalidParameterValueException", "below its minimum value of [100]")
    functions.delete_function_concurrency(FunctionName="web-presign-lambda")
    functions.invoke(FunctionName="web-presign-lambda")


@case
def asynchronous_settings_are_kept():
    ready("f-async")
    equal(refusal(lambda: functions.get_function_event_invoke_config(FunctionName="f-async")),
          ("ResourceNotFoundException", "The function " + arn("f-async") + ":$LATEST doesn't have an EventInvokeConfig"))
    functions.put_function_event_invoke_config(FunctionName="f-async", MaximumRetryAttempts=0,
                                               DestinationConfig={"OnFailure": {"Destination": arn("worker-move-lambda")}})
    functions.update_function_event_invoke_config(FunctionName="f-async", MaximumEventAgeInSeconds=60)
    read = functions.get_function_event_invoke_config(FunctionName="f-async")
    equal((read["MaximumRetryAttempts"], read["MaximumEventAgeInSeconds"], read["DestinationConfig"]),
          (0, 60, {"OnSuccess": {}, "OnFailure": {"Destination": arn("worker-move-lambda")}}))
    functions.delete_function_event_invoke_config(FunctionName="f-async")


@case
def lists_and_tags():
    for n in range(3):
        create(f"page-{n}")
    pages = list(functions.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}))
    names = [f["FunctionName"] for page in pages for f in page["Functions"]]
    equal(names == sorted(names) and {"page-0", "page-1", "page-2"} <= set(names), True)
    equal("State" in pages[0]["Functions"][0], False)
    functions.tag_resource(Resource=arn("page-0"), Tags={"a": "b", "c": "d"})
    functions.untag_resource(Resource=arn("page-0"), TagKeys=["a"])
    equal(functions.list_tags(Resource=arn("page-0"))["Tags"], {"c": "d"})
    equal(functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"], 1000)


@case
def a_trigger_is_checked_when_it_is_saved():
    ready("f-trigger")

    def notify(name):
        s3.put_bucket_notification_configuration(Bucket="trigger-bucket-for-lambda", NotificationConfiguration={
            "LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn(name), "Events": ["s3:ObjectCreated:*"]}]})

    s3.create_bucket(Bucket="trigger-bucket-for-lambda", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    unable = ("InvalidArgument", "Unable to validate the following destination configurations")
    equal(refusal(lambda: notify("f-trigger")), unable, "no permission")
    equal(refusal(lambda: notify("f-none")), unable, "no function")
    functions.add_permission(FunctionName="f-trigger", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
                             SourceArn="arn:aws:s3:::another-bucket")
    equal(refusal(lambda: notify("f-trigger")), unable, "another bucket's permission")
    functions.add_permission(FunctionName="f-trigger", StatementId="s3b", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
                             SourceArn="arn:aws:s3:::trigger-bucket-for-lambda", SourceAccount=ACCOUNT)
    notify("f-trigger")


def tell_cli(major):
    program = find_aws(major)
    if not program:
        skipped(f"aws {major}", "not on this machine")
        return
    archive = os.path.join(lab.emulator.directory, "f.zip")
    with open(archive, "wb") as file:
        file.write(CODE)

    def aws(*arguments):
        done = subprocess.run([program, "--endpoint-url", lab.emulator.endpoint, "--output", "json", *arguments],
                              env=lab.environment, capture_output=True, text=True, timeout=60)
        equal(done.returncode, 0, f"{arguments}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    name = f"cli-{major}"
    made = aws("lambda", "create-function", "--function-name", name, "--runtime", "python3.11", "--handler",
               "lambda_function.lambda_handler", "--role", ROLE, "--zip-file", f"fileb://{archive}", "--environment",
               "Variables={BUCKET_NAME=b,UPLOAD_PREFIX=uploads/,EXPIRES_IN=300}")
    equal(made["Environment"]["Variables"], {"BUCKET_NAME": "b", "UPLOAD_PREFIX": "uploads/", "EXPIRES_IN": "300"})
    aws("lambda", "wait", "function-active-v2", "--function-name", name)
    aws("lambda", "update-function-configuration", "--function-name", name, "--timeout", "9")
    aws("lambda", "wait", "function-updated-v2", "--function-name", name)
    equal(aws("lambda", "get-function-configuration", "--function-name", name)["Timeout"], 9)
    aws("lambda", "delete-function", "--function-name", name)


@case
def the_cli_1_makes_functions():
    tell_cli(1)


@case
def the_cli_2_makes_functions():
    tell_cli(2)


run_cases(lab.emulator)
