#!/usr/bin/env python3
"""Configuration mistakes: each is made in a student's working lab, met as AWS meets it, named by `handout check`, and undone."""

import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request

from client_lab import Emulator, case, equal, eventually, run_cases
from control_lab import ACCOUNT, ControlLab, allow, policy, refusal, zipped

HANDLERS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "handlers", "python")
BUCKET = "student-upload-bucket-aj"
lab = ControlLab("--empty")
s3, iam, functions, apis, logs = (lab.client(name) for name in ("s3", "iam", "lambda", "apigatewayv2", "logs"))
WEB, WORKER = "web-presign-lambda", "worker-move-lambda"
OBJECTS = f"arn:aws:s3:::{BUCKET}"
WEB_STATEMENTS = [allow("s3:PutObject", f"{OBJECTS}/uploads/*")]
WORKER_STATEMENTS = [allow("s3:GetObject", f"{OBJECTS}/uploads/*"), allow("s3:PutObject", f"{OBJECTS}/processed/*"),
                     allow("s3:DeleteObject", f"{OBJECTS}/uploads/*")]
WEB_VARIABLES = {"BUCKET_NAME": BUCKET, "UPLOAD_PREFIX": "uploads/", "EXPIRES_IN": "300"}


def source(name):
    with open(os.path.join(HANDLERS, name, "lambda_function.py"), encoding="utf-8") as file:
        return file.read()


def pass_time(amount="3s"):
    """Function states and retries wait for the lab's clock only."""
    lab.emulator.command("clock", "advance", amount)


def arn(function):
    return f"arn:aws:lambda:us-east-2:{ACCOUNT}:function:{function}"


def trust(service):
    return policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def set_role(role, statements):
    iam.put_role_policy(RoleName=role, PolicyName="lab", PolicyDocument=policy(*statements))


def configure(function, **settings):
    functions.update_function_configuration(FunctionName=function, **settings)
    pass_time()


def set_code(function, files):
    functions.update_function_code(FunctionName=function, ZipFile=zipped(files))
    pass_time()


def permit(function, service, source_arn, **more):
    functions.add_permission(FunctionName=function, StatementId="lab", Action="lambda:InvokeFunction", Principal=service,
                             SourceArn=source_arn, **more)


def trigger(prefix="uploads/", suffix=None, events=("s3:ObjectCreated:*",), function=WORKER):
    rules = [{"Name": "prefix", "Value": prefix}] if prefix else []
    rules += [{"Name": "suffix", "Value": suffix}] if suffix else []
    entry = {"LambdaFunctionArn": arn(function), "Events": list(events)}
    if rules:
        entry["Filter"] = {"Key": {"FilterRules": rules}}
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"LambdaFunctionConfigurations": [entry]})


class State:
    """What a mistake may look at: the parts' ids."""


state = State()


def build():
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    for folder in ("uploads/", "processed/"):
        s3.put_object(Bucket=BUCKET, Key=folder)
    for role, statements in (("lambda-web-presign-role", WEB_STATEMENTS), ("lambda-worker-role", WORKER_STATEMENTS)):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))
        set_role(role, statements)
    for function, role, name, variables in ((WEB, "lambda-web-presign-role", "web_presign", WEB_VARIABLES),
                                            (WORKER, "lambda-worker-role", "worker_move", {"PROCESSED_PREFIX": "processed/"})):
        functions.create_function(FunctionName=function, Runtime="python3.11", Handler="lambda_function.lambda_handler",
                                  Role=f"arn:aws:iam::{ACCOUNT}:role/{role}", Code={"ZipFile": zipped({"lambda_function.py": source(name)})},
                                  Environment={"Variables": variables})
    state.api = apis.create_api(Name="presign-upload-api", ProtocolType="HTTP")["ApiId"]
    state.integration = apis.create_integration(ApiId=state.api, IntegrationType="AWS_PROXY", IntegrationUri=arn(WEB),
                                                PayloadFormatVersion="2.0")["IntegrationId"]
    state.route = apis.create_route(ApiId=state.api, RouteKey="POST /presign", Target=f"integrations/{state.integration}")["RouteId"]
    apis.create_stage(ApiId=state.api, StageName="prod", AutoDeploy=True)
    permit(WEB, "apigateway.amazonaws.com", api_source())
    permit(WORKER, "s3.amazonaws.com", OBJECTS)
    trigger()
    pass_time()


def api_source():
    return f"arn:aws:execute-api:us-east-2:{ACCOUNT}:{state.api}/*/*/presign"


# --- what a client sees

def http(method, url, data=None, headers=None):
    request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def presign(method="POST", path="/prod/presign"):
    return http(method, f"{lab.emulator.endpoint}/_aws/execute-api/{state.api}{path}")


def upload(name=None):
    """(status, body, key) of part 6: a presigned PUT."""
    status, body = presign()
    equal(status, 200, body)
    answer = json.loads(json.loads(body)["body"]) if '"statusCode"' in body else json.loads(body)
    # No Content-Type: SigV2 and SigV4 URLs take it alike.
    return (*http("PUT", answer["uploadUrl"], b"hello", {"Content-Type": ""}), answer["s3Key"])


def code_of(body):
    return re.search(r"<Code>(\w+)</Code>", body).group(1)


def exists(key):
    return any(entry["Key"] == key for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix=key).get("Contents", []))


def delivery_of(key):
    """The card of the key's event once its first attempt is over."""
    def ended():
        with urllib.request.urlopen(f"{lab.emulator.endpoint}/_benchtop/deliveries?key={key}", timeout=20) as answer:
            cards = json.loads(answer.read())["deliveries"]
        return cards[0] if cards and (cards[0]["state"] != "pending" or cards[0]["attempts"] > 0) else None
    return eventually(ended, f"the event of {key} was tried")


NOT_FOUND = (404, '{"message":"Not Found"}')
SERVER_ERROR = (500, '{"message":"Internal Server Error"}')


def presign_answers(expected):
    return lambda: equal(presign(), expected)


def put_is_denied():
    status, body, _ = upload()
    equal((status, code_of(body)), (403, "AccessDenied"), body)


def worker_fails(text):
    def check():
        status, body, key = upload()
        equal(status, 200, body)
        card = delivery_of(key)
        equal(text in json.dumps(card), True, f"{text} in {card}")
        s3.delete_object(Bucket=BUCKET, Key=key)
    return check


def file_stays():
    status, body, key = upload()
    equal((status, exists(key)), (200, True), body)
    s3.delete_object(Bucket=BUCKET, Key=key)


def worker_hears_nothing():
    status, body, key = upload()
    equal(status, 200, body)
    equal(exists(key), True, "the file stays where it was put")
    equal(delivery_of(key)["state"], "unmatched")
    s3.delete_object(Bucket=BUCKET, Key=key)


def findings():
    with urllib.request.urlopen(f"{lab.emulator.endpoint}/_benchtop/handout/check", timeout=20) as answer:
        report = json.loads(answer.read())
    return {finding["rule"]: finding for step in report["steps"] for finding in step["findings"]}, report


# --- the mistakes: (name, make, what is seen, rule of `handout check`, undo)

def without(statements, index):
    return statements[:index] + statements[index + 1:]


def web_policy(statements):
    return (lambda: set_role("lambda-web-presign-role", statements)), (lambda: set_role("lambda-web-presign-role", WEB_STATEMENTS))


def worker_policy(statements):
    return (lambda: set_role("lambda-worker-role", statements)), (lambda: set_role("lambda-worker-role", WORKER_STATEMENTS))


def variables(function, changed):
    good = WEB_VARIABLES if function == WEB else {"PROCESSED_PREFIX": "processed/"}
    return (lambda: configure(function, Environment={"Variables": changed})), (lambda: configure(function, Environment={"Variables": good}))


def handler(function, name):
    return (lambda: configure(function, Handler=name)), (lambda: configure(function, Handler="lambda_function.lambda_handler"))


def code(function, files):
    good = {"lambda_function.py": source("web_presign" if function == WEB else "worker_move")}
    return (lambda: set_code(function, files)), (lambda: set_code(function, good))


def route(**changed):
    return ((lambda: apis.update_route(ApiId=state.api, RouteId=state.route, **changed)),
            (lambda: apis.update_route(ApiId=state.api, RouteId=state.route, RouteKey="POST /presign", Target=f"integrations/{state.integration}")))


def permission(function, service, wrong_source, good_source):
    def make():
        functions.remove_permission(FunctionName=function, StatementId="lab")
        if wrong_source:
            permit(function, service, wrong_source)

    def undo():
        if wrong_source:
            functions.remove_permission(FunctionName=function, StatementId="lab")
        permit(function, service, good_source)
    return make, undo


def restage(make):
    def run():
        apis.delete_stage(ApiId=state.api, StageName="prod")
        make()

    def undo():
        for stage in apis.get_stages(ApiId=state.api)["Items"]:
            apis.delete_stage(ApiId=state.api, StageName=stage["StageName"])
        apis.create_stage(ApiId=state.api, StageName="prod", AutoDeploy=True)
    return run, undo


def notification(**changed):
    return (lambda: trigger(**changed)), trigger


def no_notification():
    return (lambda: s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={})), trigger


def role_trust(role, service):
    return ((lambda: iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust(service))),
            (lambda: iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust("lambda.amazonaws.com"))))


def slow_worker():
    text = source("worker_move").replace("def lambda_handler(event, context):", "def lambda_handler(event, context):\n    import time; time.sleep(2)")
    make, undo = code(WORKER, {"lambda_function.py": text})

    def both():
        make()
        configure(WORKER, Timeout=1)

    def back():
        undo()
        configure(WORKER, Timeout=3)
    return both, back


OTHER = f"{OBJECTS.replace('-aj', '-zz')}"
BROKEN = {"lambda_function.py": "def lambda_handler(event, context)\n    return 1\n"}


def mistakes():
    web, worker = web_policy, worker_policy
    yield ("web: no statement", web([allow("s3:ListBucket", OBJECTS)]), put_is_denied, {"statement-missing"})
    yield ("web: another bucket", web([allow("s3:PutObject", f"{OTHER}/uploads/*")]), put_is_denied, None)
    yield ("web: BUCKET left in", web([allow("s3:PutObject", "arn:aws:s3:::BUCKET/uploads/*")]), put_is_denied, {"placeholder-left"})
    yield ("web: resource without /*", web([allow("s3:PutObject", OBJECTS)]), put_is_denied, {"resource-without-wildcard"})
    yield ("web: another prefix", web([allow("s3:PutObject", f"{OBJECTS}/upload/*")]), put_is_denied, None)
    yield ("web: GetObject for PutObject", web([allow("s3:GetObject", f"{OBJECTS}/uploads/*")]), put_is_denied, None)
    yield ("web: an explicit deny", web(WEB_STATEMENTS + [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]), put_is_denied, {"explicit-deny"})
    denied = worker_fails("AccessDenied")
    yield ("worker: no GetObject", worker(without(WORKER_STATEMENTS, 0)), denied, None)
    yield ("worker: no PutObject", worker(without(WORKER_STATEMENTS, 1)), denied, None)
    yield ("worker: no DeleteObject", worker(without(WORKER_STATEMENTS, 2)), denied, None)
    yield ("worker: writes to another prefix", worker([WORKER_STATEMENTS[0], allow("s3:PutObject", f"{OBJECTS}/process/*"), WORKER_STATEMENTS[2]]),
           denied, None)
    yield ("worker: BUCKET left in", worker([allow("s3:*", "arn:aws:s3:::BUCKET/*")]), denied, {"placeholder-left"})
    yield ("worker: an explicit deny of the delete", worker(WORKER_STATEMENTS + [{"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}]),
           denied, {"explicit-deny"})
    yield ("web: trusted to another service", role_trust("lambda-web-presign-role", "ec2.amazonaws.com"), presign_answers(SERVER_ERROR), {"trust-policy"})
    yield ("worker: trusted to another service", role_trust("lambda-worker-role", "ec2.amazonaws.com"), None, {"trust-policy"})
    yield ("web: wrong handler function", handler(WEB, "lambda_function.handler"), presign_answers(SERVER_ERROR), {"handler-name"})
    yield ("web: wrong module", handler(WEB, "index.lambda_handler"), presign_answers(SERVER_ERROR), {"module-missing"})
    yield ("web: no dot in the handler", handler(WEB, "lambda_handler"), presign_answers(SERVER_ERROR), {"module-missing"})
    yield ("worker: wrong handler function", handler(WORKER, "lambda_function.main"), worker_fails("Runtime.HandlerNotFound"), {"handler-name"})
    yield ("web: a syntax error", code(WEB, BROKEN), presign_answers(SERVER_ERROR), {"syntax-error"})
    yield ("worker: a syntax error", code(WORKER, BROKEN), worker_fails("Runtime.UserCodeSyntaxError"), {"syntax-error"})
    yield ("web: imports what is not there", code(WEB, {"lambda_function.py": "import no_such_module\n" + source("web_presign")}),
           presign_answers(SERVER_ERROR), {"import-error"})
    yield ("web: the file has another name", code(WEB, {"main.py": source("web_presign")}), presign_answers(SERVER_ERROR), {"module-missing"})
    yield ("web: no BUCKET_NAME", variables(WEB, {"UPLOAD_PREFIX": "uploads/", "EXPIRES_IN": "300"}), presign_answers(SERVER_ERROR), {"variable-missing"})
    yield ("web: another bucket's name", variables(WEB, {**WEB_VARIABLES, "BUCKET_NAME": "no-such-bucket-of-aj"}),
           lambda: equal(code_of(upload()[1]), "NoSuchBucket"), {"bucket-name"})
    yield ("web: EXPIRES_IN is no number", variables(WEB, {**WEB_VARIABLES, "EXPIRES_IN": "5 minutes"}), presign_answers(SERVER_ERROR), {"expires-in"})
    yield ("web: UPLOAD_PREFIX without slash", variables(WEB, {**WEB_VARIABLES, "UPLOAD_PREFIX": "uploads"}), put_is_denied, {"upload-prefix-slash"})
    yield ("web: UPLOAD_PREFIX elsewhere", variables(WEB, {**WEB_VARIABLES, "UPLOAD_PREFIX": "incoming/"}), put_is_denied, None)
    yield ("worker: PROCESSED_PREFIX without slash", variables(WORKER, {"PROCESSED_PREFIX": "processed"}), denied, {"processed-prefix-slash"})
    yield ("worker: PROCESSED_PREFIX below uploads/", variables(WORKER, {"PROCESSED_PREFIX": "uploads/processed/"}), None, {"processed-loop"})
    yield ("the route has another method", route(RouteKey="GET /presign"), presign_answers(NOT_FOUND), {"route-method"})
    yield ("the route has another path", route(RouteKey="POST /presigned"), presign_answers(NOT_FOUND), {"route-path"})
    yield ("there is no stage", restage(lambda: None), presign_answers(NOT_FOUND), {"stage-missing"})
    yield ("the stage has another name", restage(lambda: apis.create_stage(ApiId=state.api, StageName="dev", AutoDeploy=True)),
           presign_answers(NOT_FOUND), {"stage-name"})
    yield ("the stage is not deployed", restage(lambda: apis.create_stage(ApiId=state.api, StageName="prod", AutoDeploy=False)),
           presign_answers(NOT_FOUND), {"stage-not-deployed"})
    yield ("the API may not invoke", permission(WEB, "apigateway.amazonaws.com", None, api_source()), presign_answers(SERVER_ERROR), {"api-permission"})
    yield ("another API may invoke", permission(WEB, "apigateway.amazonaws.com", f"arn:aws:execute-api:us-east-2:{ACCOUNT}:0000000000/*", api_source()),
           presign_answers(SERVER_ERROR), {"api-permission-source"})
    yield ("the bucket may not invoke", permission(WORKER, "s3.amazonaws.com", None, OBJECTS), None, {"s3-permission"})
    yield ("another bucket may invoke", permission(WORKER, "s3.amazonaws.com", OTHER, OBJECTS), None, {"s3-permission-source"})
    yield ("no trigger", no_notification(), file_stays, {"trigger-missing"})
    yield ("the trigger's prefix has a slip", notification(prefix="upload/"), worker_hears_nothing, {"trigger-prefix"})
    yield ("the trigger's suffix fits no file", notification(suffix=".csv"), worker_hears_nothing, {"trigger-suffix"})
    yield ("the trigger hears of deletes", notification(events=("s3:ObjectRemoved:*",)), worker_hears_nothing, {"trigger-events"})
    yield ("the trigger has no prefix", notification(prefix=None), None, {"trigger-no-prefix"})
    yield ("the worker's time is too short", slow_worker(), worker_fails("Task timed out after 1.00 seconds"), {"timeout-short", "last-run-failed"})


@case
def a_lab_without_mistakes_works():
    build()
    status, body, key = upload()
    equal(status, 200, body)
    eventually(lambda: exists(key.replace("uploads/", "processed/")), f"{key} is processed")
    eventually(lambda: not exists(key), "the original is gone")
    found, report = findings()
    equal((report["done"], found), (True, {}))


@case
def every_mistake_is_met_as_aws_meets_it_and_named():
    failed, told = [], 0
    for name, (make, undo), seen, rules in mistakes():
        make()
        try:
            if seen is not None:
                seen()
            found, report = findings()
            named = {rule for rule in found if rule not in ("waits", "not-tried")}
            if report["done"] or not named or (rules and not rules & named):
                failed.append(f"{name}: handout check found {sorted(named)}, expected {sorted(rules or ['something'])}")
            missing_fix = [rule for rule, finding in found.items() if rule in named and not finding["fix"]]
            if missing_fix:
                failed.append(f"{name}: no fix for {missing_fix}")
        except AssertionError as error:
            failed.append(f"{name}: {error}")
        undo()
        told += 1
    equal(failed, [], "mistakes")
    equal(told >= 40, True, f"{told} mistakes")
    equal(presign()[0], 200, "all are undone")


@case
def mistakes_of_use_get_awss_answers():
    status, body = presign()
    url = json.loads(body)["uploadUrl"]
    equal(presign("GET"), NOT_FOUND)
    equal(presign("POST", "/prod"), NOT_FOUND)
    equal(presign("POST", "/dev/presign"), NOT_FOUND)
    status, body = http("PUT", url.split("?")[0], b"x")
    equal((status, code_of(body)), (403, "AccessDenied"), "the query string is lost")
    status, body = http("PUT", url.replace("X-Amz-Signature=", "X-Amz-Signature=0"), b"x")
    equal((status, code_of(body)), (403, "SignatureDoesNotMatch"))
    pass_time("301s")
    status, body = http("PUT", url, b"x")
    equal((status, "<Message>Request has expired</Message>" in body), (403, True))


run_cases(lab.emulator)
