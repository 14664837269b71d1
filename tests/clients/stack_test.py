#!/usr/bin/env python3
"""Templates: `benchtop up --stack FILE` deploys one, `benchtop export` writes one, and the two agree.

    stack_test.py BENCHTOP [CASE...]

cfn-lint judges what is exported and what is in fixtures/; where it is not installed, that is skipped by name.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile

from client_lab import BUCKET, Emulator, case, curl, equal, eventually, find_aws, find_program, run_cases, skipped

BINARY = sys.argv[1]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LAB = os.path.join(ROOT, "fixtures", "stacks", "lab.yaml")


def write(directory, name, text):
    path = os.path.join(directory, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def lint(path):
    program = find_program("cfn-lint")
    if program is None:
        skipped("cfn-lint", f"it is not installed; {os.path.basename(path)} is not judged")
        return
    # E2531, E2533: a runtime grows old by the calendar, whatever the template.
    done = subprocess.run([program, "-i", "E2531", "E2533", "--", path], capture_output=True, text=True, timeout=120)
    equal((done.returncode, done.stdout), (0, ""), f"cfn-lint on {path}: {done.stderr}")


def refused(template, *arguments, directory=None):
    """The sentence `up --stack` ends with."""
    with tempfile.TemporaryDirectory() as own:
        path = write(directory or own, "template.yaml", template)
        done = subprocess.run(
            [BINARY, "up", "--port", "0", "--ephemeral", "--stack", path, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )
        equal(done.returncode, 1, f"it ends at once: {done.stdout}")
        equal(done.stderr.count("\n"), 1, f"one sentence: {done.stderr}")
        return done.stderr


@case
def the_lab_of_the_fixtures_is_a_template_like_any_other():
    lint(LAB)
    with Emulator(BINARY, "--stack", LAB, "--parameter", "BucketName=another-bucket") as lab:
        _, answer, _ = curl("-X", "POST", f"http://localhost:{lab.api_port}/prod/presign")
        equal(answer.status, 200, repr(answer))
        assert b"/another-bucket/uploads/" in answer.body, answer
        assert re.search(r"InvokeUrl +https://labpresign\.execute-api\.us-east-2\.amazonaws\.com/prod/presign",
                         lab.log_text()), lab.log_text()


@case
def an_exported_lab_is_deployed_again_and_exported_the_same():
    with tempfile.TemporaryDirectory() as directory:
        first, second = os.path.join(directory, "a"), os.path.join(directory, "b")
        with Emulator(BINARY) as lab:
            lab.command("export", "--directory", first)
            equal(lab.command("export").stdout, read(first, "template.yaml"), "without a directory it is printed")
        lint(os.path.join(first, "template.yaml"))
        with Emulator(BINARY, "--stack", os.path.join(first, "template.yaml")) as lab:
            lab.command("export", "--directory", second)
            _, answer, _ = curl("-X", "POST", f"http://localhost:{lab.api_port}/prod/presign")
            assert f"/{BUCKET}/uploads/".encode() in answer.body, answer
        equal(read(second, "template.yaml"), read(first, "template.yaml"), "the second export")


ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "s3:*", Resource: !Sub "arn:aws:s3:::${BucketName}/*"}]
"""
PICTURES = """Transform: AWS::Serverless-2016-10-31
Parameters:
  BucketName: {Type: String, Default: pictures-of-the-class}
Globals:
  Function: {Runtime: python3.13, Timeout: 10, MemorySize: 256}
Resources:
  Pictures:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Ref BucketName
      VersioningConfiguration: {Status: Enabled}
      CorsConfiguration:
        CorsRules: [{AllowedMethods: [GET, PUT], AllowedOrigins: ["https://class.example"], MaxAge: 60}]
  PicturesPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Pictures
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: OnlyThisAccount
            Effect: Allow
            Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
            Action: s3:GetObject
            Resource: !Sub "${Pictures.Arn}/*"
""" + ROLE + """
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: v1
      CorsConfiguration: {AllowOrigins: ["https://class.example"], AllowMethods: [GET, POST]}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt Role.Arn
      Handler: app.handler
      CodeUri: src
      Environment: {Variables: {BUCKET: !Ref BucketName, FLAG: yes}}
      Events:
        Say: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: "/hello/{name}", Method: get}}
  Seen:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - S3ReadPolicy: {BucketName: !Ref BucketName}
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            print(event["Records"][0]["s3"]["object"]["key"])
      EventInvokeConfig: {MaximumRetryAttempts: 0}
      Events:
        Upload:
          Type: S3
          Properties:
            Bucket: !Ref Pictures
            Events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
            Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}, {Name: suffix, Value: .png}]}}
Outputs:
  Url: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/v1/hello"}
"""
HELLO = """import json
import os


def handler(event, context):
    name = event["pathParameters"]["name"]
    return {"statusCode": 200, "body": json.dumps({"hello": name, "bucket": os.environ["BUCKET"]})}
"""


def pictures(directory):
    write(directory, "src/app.py", HELLO)
    return write(directory, "template.yaml", PICTURES)


@case
def a_lab_of_ones_own_is_exported_with_its_code():
    with tempfile.TemporaryDirectory() as directory:
        source = pictures(os.path.join(directory, "source"))
        lint(source)
        first, second = os.path.join(directory, "a"), os.path.join(directory, "b")
        with Emulator(BINARY, "--stack", source) as lab:
            written = lab.command("export", "--directory", first)
            equal(written.stderr, "", "nothing is left out")
        lint(os.path.join(first, "template.yaml"))
        codes = sorted(os.listdir(os.path.join(first, "code")))
        equal(len(codes), 2, codes)
        with Emulator(BINARY, "--stack", os.path.join(first, "template.yaml")) as lab:
            lab.command("export", "--directory", second)
        equal(read(second, "template.yaml"), read(first, "template.yaml"), "the second export")
        for name in codes:
            with open(os.path.join(first, "code", name), "rb") as a, open(os.path.join(second, "code", name), "rb") as b:
                equal(a.read(), b.read(), name)
        hello = [name for name in codes if "Hello" in name][0]
        with zipfile.ZipFile(os.path.join(first, "code", hello)) as archive:
            equal(archive.namelist(), ["app.py"], "files of the archive")
            equal(archive.read("app.py").decode(), HELLO, "the code")
            equal(archive.testzip(), None, "digests of the archive")


@case
def functions_of_a_stack_run():
    """Python code beside the template behind its API, and inline code behind its trigger."""
    with tempfile.TemporaryDirectory() as directory:
        with Emulator(BINARY, "--stack", pictures(directory)) as lab:
            _, answer, _ = curl(f"http://localhost:{lab.api_port}/v1/hello/class")
            equal((answer.status, json.loads(answer.body)),
                  (200, {"hello": "class", "bucket": "pictures-of-the-class"}), repr(answer))
            aws = find_aws(1) or find_aws(2)
            if aws is None:
                skipped("aws", "no AWS CLI: the trigger of the stack is not driven")
                return
            subprocess.run([aws, "s3api", "put-object", "--bucket", "pictures-of-the-class", "--key", "in/cat.png"],
                           env=lab.environment, check=True, capture_output=True, timeout=60)
            seen = re.search(r"FunctionName: (lab-Seen-\w+)", lab.command("export").stdout).group(1)
            eventually(lambda: "in/cat.png" in lab.command("logs", seen).stdout, "the trigger's function ran")
            # SAM's role has AWSLambdaBasicExecutionRole: CloudWatch gets the lines too.
            events = eventually(
                lambda: subprocess.run([aws, "logs", "filter-log-events", "--log-group-name", f"/aws/lambda/{seen}"],
                                       env=lab.environment, capture_output=True, text=True, timeout=60).stdout,
                "CloudWatch has the function's group")
            assert "in/cat.png" in events, events


@case
def a_restart_finds_what_it_deployed():
    template = "Resources:\n  Pictures: {Type: AWS::S3::Bucket}\nOutputs: {Name: {Value: !Ref Pictures}}\n"
    with tempfile.TemporaryDirectory() as directory:
        path = write(directory, "template.yaml", template)
        names = []
        for _ in range(2):
            with Emulator(BINARY, "--stack", path, "--stack-name", "class-a", "--data",
                          os.path.join(directory, "data"), ephemeral=False) as lab:
                exported = lab.command("export").stdout
                names.append(re.findall(r"BucketName: (.*)", exported))
                counts = "0 resources made, 1 were there" if len(names) == 2 else "1 resources made, 0 were there"
                assert f"class-a: {counts}" in lab.log_text(), lab.log_text()
        equal(len(names[0]), 1, "one bucket")
        assert re.fullmatch(r"class-a-pictures-[a-z0-9]{12}", names[0][0]), names
        equal(names[1], names[0], "after the restart")


@case
def refusals_name_the_file_the_line_and_the_property():
    text = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n"
    assert "template.yaml: line 3: resource Queue: Benchtop does not build the type AWS::SQS::Queue." in refused(text)
    text = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      ObjectLockEnabled: true\n"
    assert "line 5: resource B, property ObjectLockEnabled: Benchtop does not take" in refused(text)
    text = "Resources:\n  B: {Type: AWS::S3::Bucket, Properties: {BucketName: No_Good}}\n"
    assert "line 2: resource B (AWS::S3::Bucket): The specified bucket is not valid." in refused(text)
    text = "Parameters: {A: {Type: String}}\nResources: {B: {Type: AWS::S3::Bucket}}\n"
    assert "--parameter A=VALUE" in refused(text)
    assert "NAME=VALUE" in refused(text, "--parameter", "A")
    assert "no parameter C" in refused(text, "--parameter", "A=b", "--parameter", "C=d")
    assert "cannot read" in refused_file("/nowhere/template.yaml")


def refused_file(path):
    done = subprocess.run([BINARY, "up", "--port", "0", "--ephemeral", "--stack", path], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)
    equal(done.returncode, 1, done.stdout)
    return done.stderr


@case
def code_that_is_not_there_is_refused():
    text = ("Transform: AWS::Serverless-2016-10-31\n"
            "Resources:\n"
            "  F:\n"
            "    Type: AWS::Serverless::Function\n"
            "    Properties: {Runtime: python3.11, Handler: app.handler, Role: 'arn:aws:iam::111122223333:role/r',\n"
            "      CodeUri: src}\n")
    assert "line 6: resource F, property Code: cannot read" in refused(text)
    with tempfile.TemporaryDirectory() as directory:
        write(directory, "src", "no archive")
        assert "neither a directory nor a zip archive" in refused(text, directory=directory)


@case
def hostile_templates_end_at_once():
    bomb = "A0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for i in range(1, 12):
        bomb += f"A{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n"
    assert "aliases" in refused(bomb)
    assert "deeper than 50 levels" in refused("Resources: " + "[" * 400_000 + "]" * 400_000)
    assert "larger than 1 MB" in refused("#" * 1_500_000)
    assert "line" in refused("Resources: {A: {Type: 'AWS::S3::Bucket'\n")


run_cases()
