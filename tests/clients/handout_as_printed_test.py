#!/usr/bin/env python3
"""The handout from its first command to its last, on an empty Benchtop: by the AWS CLI of both versions and by boto3, once over an
endpoint URL and once under AWS's own names over TLS, with handlers in Python (handlers/python/) and as C++ bootstraps."""

import json
import os
import re
import subprocess
import sys
import tempfile

from client_lab import Emulator, case, equal, eventually, find_aws, run_cases, skipped
from control_lab import ACCOUNT, LAMBDA_TRUST, allow, policy, zipped

import boto3
from botocore.config import Config

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HANDLERS = os.path.join(ROOT, "handlers", "python")
# The C++ handlers' archives lie beside the binary's build; sanitizer builds have none.
ARCHIVES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[1]))), "handlers")
lab = Emulator(sys.argv[1], "--empty").start()


def real_names():
    """The environment that `benchtop env` makes."""
    script = 'eval "$("$0" env --port "$1")"; env -0'
    done = subprocess.run(["bash", "-c", script, lab.binary, str(lab.port)], capture_output=True, check=True, env=lab.environment)
    environment = dict(entry.split("=", 1) for entry in done.stdout.decode().split("\0") if "=" in entry)
    environment.pop("AWS_ENDPOINT_URL", None)
    return environment


def python_archive(name):
    with open(os.path.join(HANDLERS, name, "lambda_function.py"), encoding="utf-8") as file:
        return zipped({"lambda_function.py": file.read()})


def cpp_archive(name):
    with open(os.path.join(ARCHIVES, f"{name}.zip"), "rb") as file:
        return file.read()


class Student:
    """Does the parts of the handout; how a call is made is the subclass's."""

    def __init__(self, number, environment, proxied):
        self.bucket = f"student-upload-bucket-{number}"
        self.number, self.environment, self.proxied = number, environment, proxied
        self.directory = tempfile.mkdtemp(prefix="handout.", dir=lab.directory)

    def function(self, name):
        return f"{name}-{self.number}"

    def arn(self, name):
        return f"arn:aws:lambda:us-east-2:{ACCOUNT}:function:{self.function(name)}"

    def build(self, language):
        objects = f"arn:aws:s3:::{self.bucket}"
        self.make_bucket()
        web = policy(allow("s3:PutObject", f"{objects}/uploads/*"))
        worker = policy(allow("s3:GetObject", f"{objects}/uploads/*"), allow("s3:PutObject", f"{objects}/processed/*"),
                        allow("s3:DeleteObject", f"{objects}/uploads/*"))
        archives = ((python_archive("web_presign"), python_archive("worker_move")) if language == "python"
                    else (cpp_archive("web-presign"), cpp_archive("worker-move")))
        runtime, handler = ("python3.11", "lambda_function.lambda_handler") if language == "python" else ("provided.al2023", "bootstrap")
        for name, document, archive, variables in (
                ("web-presign-lambda", web, archives[0],
                 {"BUCKET_NAME": self.bucket, "UPLOAD_PREFIX": "uploads/", "EXPIRES_IN": "300"}),
                ("worker-move-lambda", worker, archives[1], {"PROCESSED_PREFIX": "processed/"})):
            role = self.make_role(f"{name}-role-{self.number}", document)
            self.make_function(self.function(name), role, runtime, handler, archive, variables)
        self.api = self.make_api(self.arn("web-presign-lambda"))
        self.permit(self.function("web-presign-lambda"), "apigateway.amazonaws.com",
                    f"arn:aws:execute-api:us-east-2:{ACCOUNT}:{self.api}/*/*/presign")
        self.permit(self.function("worker-move-lambda"), "s3.amazonaws.com", objects)
        self.trigger({"LambdaFunctionConfigurations": [{
            "LambdaFunctionArn": self.arn("worker-move-lambda"), "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "uploads/"}]}}}]})

    def shell(self, script, status=0):
        done = subprocess.run(["bash", "-c", script], cwd=self.directory, env=self.environment, capture_output=True, text=True, timeout=120)
        equal(done.returncode, status, f"{script}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def use(self):
        """Part 6: with curl, python3 and the CLI."""
        if self.proxied:
            url = f"https://{self.api}.execute-api.us-east-2.amazonaws.com/prod/presign"
        else:
            url = f"http://{self.api}.execute-api.us-east-2.localhost:{lab.port}/prod/presign"
        self.shell(f"curl -s -X POST {url} > presign.json")
        uploaded = self.shell("""
            UPLOAD_URL=$(python3 -c 'import json; print(json.load(open("presign.json"))["uploadUrl"])')
            curl -i -X PUT "$UPLOAD_URL" --data-binary "hello-$(date +%s)" """)
        equal("HTTP/1.1 200 OK" in uploaded, True, uploaded)
        with open(os.path.join(self.directory, "presign.json"), encoding="utf-8") as file:
            answer = json.load(file)
        names = r"https://[\w.-]+\.amazonaws\.com/" if self.proxied else re.escape(lab.endpoint) + "/"
        equal(bool(re.match(names, answer["uploadUrl"])), True, answer["uploadUrl"])
        name = answer["s3Key"].split("/")[1]
        eventually(lambda: name in self.keys("processed/"), f"{name} is in processed/")
        eventually(lambda: name not in self.keys("uploads/"), "and not in uploads/ any more")
        for method, path in (("POST", "/prod"), ("GET", "/prod/presign")):
            equal(self.shell(f"curl -s -X {method} {url.replace('/prod/presign', path)}"), '{"message":"Not Found"}')
        denied = self.shell(f'curl -s -X PUT "{answer["uploadUrl"].split("?")[0]}" --data-binary x')
        equal("<Code>AccessDenied</Code><Message>Access Denied</Message>" in denied, True, denied)


class ByCli(Student):
    def __init__(self, major, *arguments):
        super().__init__(*arguments)
        self.program = find_aws(major)

    def aws(self, *arguments):
        endpoint = [] if self.proxied else ["--endpoint-url", lab.endpoint]
        done = subprocess.run([self.program, *endpoint, "--output", "json", *arguments], cwd=self.directory, env=self.environment,
                              capture_output=True, text=True, timeout=120)
        equal(done.returncode, 0, f"{arguments}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip().startswith("{") else done.stdout

    def make_bucket(self):
        equal(self.aws("sts", "get-caller-identity")["Account"], ACCOUNT)
        self.aws("s3api", "create-bucket", "--bucket", self.bucket, "--region", "us-east-2",
                 "--create-bucket-configuration", "LocationConstraint=us-east-2")
        for folder in ("uploads/", "processed/"):
            self.aws("s3api", "put-object", "--bucket", self.bucket, "--key", folder)

    def make_role(self, name, document):
        arn = self.aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", LAMBDA_TRUST)["Role"]["Arn"]
        self.aws("iam", "put-role-policy", "--role-name", name, "--policy-name", "lab", "--policy-document", document)
        return arn

    def make_function(self, name, role, runtime, handler, archive, variables):
        with open(os.path.join(self.directory, "f.zip"), "wb") as file:
            file.write(archive)
        self.aws("lambda", "create-function", "--function-name", name, "--runtime", runtime, "--handler", handler, "--role", role,
                 "--zip-file", "fileb://f.zip", "--environment", "Variables={" + ",".join(f"{k}={v}" for k, v in variables.items()) + "}")

    def make_api(self, function):
        api = self.aws("apigatewayv2", "create-api", "--name", "presign-upload-api", "--protocol-type", "HTTP")["ApiId"]
        integration = self.aws("apigatewayv2", "create-integration", "--api-id", api, "--integration-type", "AWS_PROXY",
                               "--integration-uri", function, "--payload-format-version", "2.0")["IntegrationId"]
        self.aws("apigatewayv2", "create-route", "--api-id", api, "--route-key", "POST /presign", "--target", f"integrations/{integration}")
        self.aws("apigatewayv2", "create-stage", "--api-id", api, "--stage-name", "prod", "--auto-deploy")
        return api

    def permit(self, function, service, source):
        self.aws("lambda", "add-permission", "--function-name", function, "--statement-id", "lab", "--action", "lambda:InvokeFunction",
                 "--principal", service, "--source-arn", source)

    def trigger(self, configuration):
        self.aws("s3api", "put-bucket-notification-configuration", "--bucket", self.bucket,
                 "--notification-configuration", json.dumps(configuration))

    def keys(self, prefix):
        endpoint = "" if self.proxied else f"--endpoint-url {lab.endpoint}"
        return self.shell(f"{self.program} {endpoint} s3 ls s3://{self.bucket}/{prefix} --region us-east-2 | tail")


class ByBoto3(Student):
    def client(self, service):
        session = boto3.session.Session(aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
                                        aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"], region_name="us-east-2")
        config = {"retries": {"total_max_attempts": 1}}
        if self.proxied:
            proxy = self.environment["HTTPS_PROXY"]
            return session.client(service, verify=self.environment["AWS_CA_BUNDLE"],
                                  config=Config(proxies={"https": proxy, "http": proxy}, **config))
        return session.client(service, endpoint_url=lab.endpoint, config=Config(**config))

    def make_bucket(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
        for folder in ("uploads/", "processed/"):
            s3.put_object(Bucket=self.bucket, Key=folder)

    def make_role(self, name, document):
        iam = self.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=LAMBDA_TRUST)["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="lab", PolicyDocument=document)
        return arn

    def make_function(self, name, role, runtime, handler, archive, variables):
        self.client("lambda").create_function(FunctionName=name, Runtime=runtime, Handler=handler, Role=role,
                                              Code={"ZipFile": archive}, Environment={"Variables": variables})

    def make_api(self, function):
        apis = self.client("apigatewayv2")
        api = apis.create_api(Name="presign-upload-api", ProtocolType="HTTP")["ApiId"]
        integration = apis.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function,
                                              PayloadFormatVersion="2.0")["IntegrationId"]
        apis.create_route(ApiId=api, RouteKey="POST /presign", Target=f"integrations/{integration}")
        apis.create_stage(ApiId=api, StageName="prod", AutoDeploy=True)
        return api

    def permit(self, function, service, source):
        self.client("lambda").add_permission(FunctionName=function, StatementId="lab", Action="lambda:InvokeFunction",
                                             Principal=service, SourceArn=source)

    def trigger(self, configuration):
        self.client("s3").put_bucket_notification_configuration(Bucket=self.bucket, NotificationConfiguration=configuration)

    def keys(self, prefix):
        listed = self.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return " ".join(entry["Key"] for entry in listed)


def tell_cli(major, number, environment, proxied, language="python"):
    if not find_aws(major):
        skipped(f"the handout by aws {major}", "not on this machine")
        return
    student = ByCli(major, number, environment, proxied)
    student.build(language)
    student.use()


@case
def the_cli_1_over_the_endpoint():
    tell_cli(1, "c1e", lab.environment, False)


@case
def the_cli_1_under_awss_names():
    tell_cli(1, "c1n", real_names(), True)


@case
def the_cli_2_over_the_endpoint():
    tell_cli(2, "c2e", lab.environment, False)


@case
def the_cli_2_under_awss_names():
    tell_cli(2, "c2n", real_names(), True)


@case
def boto3_over_the_endpoint():
    student = ByBoto3("b3e", lab.environment, False)
    student.build("python")
    student.use()


@case
def boto3_under_awss_names():
    student = ByBoto3("b3n", real_names(), True)
    student.build("python")
    student.use()


@case
def the_cpp_bootstraps_are_functions_like_any_other():
    if not os.path.exists(os.path.join(ARCHIVES, "web-presign.zip")):
        skipped("C++ bootstraps", "this build has no archives of them")
        return
    for number, environment, proxied in (("cpe", lab.environment, False), ("cpn", real_names(), True)):
        student = ByBoto3(number, environment, proxied)
        student.build("cpp")
        student.use()


run_cases(lab)
