#!/usr/bin/env python3
"""IAM and STS through boto3 and both versions of the AWS CLI: identities are made, used and taken away."""

import json
import subprocess
import sys

from client_lab import BUCKET, case, equal, find_aws, run_cases, skipped
from control_lab import ACCOUNT, LAMBDA_TRUST, ControlLab, allow, policy, refusal, refused_with

lab = ControlLab()
iam, sts = lab.client("iam"), lab.client("sts")
OBJECT = f"arn:aws:s3:::{BUCKET}/uploads/*"
TRUST_ACCOUNT = policy({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})


def make_user(name, *documents):
    iam.create_user(UserName=name)
    for number, document in enumerate(documents):
        iam.put_user_policy(UserName=name, PolicyName=f"p{number}", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def session_keys(answer):
    given = answer["Credentials"]
    return given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]


def put(keys, key="uploads/x"):
    return lab.client("s3", keys).put_object(Bucket=BUCKET, Key=key, Body=b"1")


@case
def a_role_is_made_read_listed_and_deleted():
    made = iam.create_role(RoleName="r-life", AssumeRolePolicyDocument=LAMBDA_TRUST, Description="d",
                           Tags=[{"Key": "class", "Value": "a"}])["Role"]
    equal(made["Arn"], f"arn:aws:iam::{ACCOUNT}:role/r-life")
    equal(made["AssumeRolePolicyDocument"], json.loads(LAMBDA_TRUST))
    equal("MaxSessionDuration" in made, False, "CreateRole does not tell it")
    read = iam.get_role(RoleName="r-life")["Role"]
    equal((read["MaxSessionDuration"], read["RoleLastUsed"], read["Tags"]), (3600, {}, [{"Key": "class", "Value": "a"}]))
    listed = [r for r in iam.list_roles()["Roles"] if r["RoleName"] == "r-life"][0]
    equal("Tags" in listed or "RoleLastUsed" in listed, False, "lists are shorter")
    equal(refusal(lambda: iam.create_role(RoleName="R-LIFE", AssumeRolePolicyDocument=LAMBDA_TRUST)),
          ("EntityAlreadyExists", "Role with name R-LIFE already exists."))
    iam.put_role_policy(RoleName="r-life", PolicyName="p", PolicyDocument=policy(allow("s3:PutObject", OBJECT)))
    equal(iam.list_role_policies(RoleName="r-life")["PolicyNames"], ["p"])
    equal(iam.get_role_policy(RoleName="r-life", PolicyName="p")["PolicyDocument"]["Statement"][0]["Resource"], OBJECT)
    equal(refusal(lambda: iam.delete_role(RoleName="r-life")),
          ("DeleteConflict", "Cannot delete entity, must delete policies first."))
    iam.delete_role_policy(RoleName="r-life", PolicyName="p")
    iam.delete_role(RoleName="r-life")
    equal(refusal(lambda: iam.get_role(RoleName="r-life")),
          ("NoSuchEntity", "The role with name r-life cannot be found."))


@case
def documents_are_refused_in_iams_words():
    iam.create_role(RoleName="r-doc", AssumeRolePolicyDocument=LAMBDA_TRUST)
    for document, message in (
            ("{no json", "Syntax errors in policy."),
            ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"PutObject","Resource":"*"}]}',
             "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
            ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"bucket/*"}]}',
             'Resource bucket/* must be in ARN format or "*".')):
        code = "MalformedPolicyDocument"
        equal(refusal(lambda: iam.put_role_policy(RoleName="r-doc", PolicyName="p", PolicyDocument=document)), (code, message))
    big = policy(*[allow("s3:GetObject", f"arn:aws:s3:::b/{'x' * 200}{n}") for n in range(45)])
    refused_with(lambda: iam.put_role_policy(RoleName="r-doc", PolicyName="p", PolicyDocument=big), "LimitExceeded", "10240")
    equal(refusal(lambda: iam.get_role_policy(RoleName="r-doc", PolicyName="q")),
          ("NoSuchEntity", "The role policy with name q cannot be found."))
    equal(refusal(lambda: iam.attach_role_policy(RoleName="r-doc", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/none")),
          ("NoSuchEntity", f"Policy arn:aws:iam::{ACCOUNT}:policy/none does not exist or is not attachable."))


@case
def managed_policies_have_versions_and_are_attached():
    arn = iam.create_policy(PolicyName="m", PolicyDocument=policy(allow("s3:PutObject", OBJECT)))["Policy"]["Arn"]
    keys = make_user("u-managed")
    refused_with(lambda: put(keys), "AccessDenied", "because no identity-based policy allows the s3:PutObject action")
    iam.attach_user_policy(UserName="u-managed", PolicyArn=arn)
    put(keys)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(allow("s3:GetObject", OBJECT)), SetAsDefault=True)
    refused_with(lambda: put(keys), "AccessDenied", "no identity-based policy")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    put(keys)
    equal([v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]], ["v2", "v1"])
    equal(iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"], 1)
    equal(refusal(lambda: iam.delete_policy(PolicyArn=arn)), ("DeleteConflict", "Cannot delete a policy attached to entities."))
    iam.detach_user_policy(UserName="u-managed", PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)
    known = {p["PolicyName"] for p in iam.list_policies(Scope="AWS")["Policies"]}
    equal({"AWSLambdaBasicExecutionRole", "AmazonS3FullAccess", "AdministratorAccess"} <= known, True)


@case
def groups_give_their_members_what_they_have():
    keys = make_user("u-group")
    iam.create_group(GroupName="students")
    iam.put_group_policy(GroupName="students", PolicyName="p", PolicyDocument=policy(allow("s3:PutObject", OBJECT)))
    refused_with(lambda: put(keys), "AccessDenied", "no identity-based policy")
    iam.add_user_to_group(GroupName="students", UserName="u-group")
    put(keys)
    equal([u["UserName"] for u in iam.get_group(GroupName="students")["Users"]], ["u-group"])
    iam.remove_user_from_group(GroupName="students", UserName="u-group")
    refused_with(lambda: put(keys), "AccessDenied", "no identity-based policy")


@case
def a_boundary_limits_what_policies_allow():
    boundary = iam.create_policy(PolicyName="bound", PolicyDocument=policy(allow("s3:GetObject")))["Policy"]["Arn"]
    keys = make_user("u-bound", policy(allow("s3:*")))
    put(keys)
    iam.put_user_permissions_boundary(UserName="u-bound", PermissionsBoundary=boundary)
    refused_with(lambda: put(keys), "AccessDenied", "because no permissions boundary allows the s3:PutObject action")
    iam.delete_user_permissions_boundary(UserName="u-bound")
    put(keys)


@case
def explicit_denies_and_variables_decide():
    keys = make_user("aj", policy(
        allow("s3:*", f"arn:aws:s3:::{BUCKET}/uploads/${{aws:username}}/*"),
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"s3:x-amz-acl": "public-read"}}}))
    put(keys, "uploads/aj/x")
    refused_with(lambda: put(keys, "uploads/other/x"), "AccessDenied", "no identity-based policy")
    refused_with(lambda: lab.client("s3", keys).put_object(Bucket=BUCKET, Key="uploads/aj/x", Body=b"", ACL="public-read"),
                 "AccessDenied", "with an explicit deny in an identity-based policy")


@case
def an_inactive_key_is_nobodys():
    keys = make_user("u-inactive")
    equal(lab.client("sts", keys).get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:user/u-inactive")
    iam.update_access_key(UserName="u-inactive", AccessKeyId=keys[0], Status="Inactive")
    equal(refusal(lambda: lab.client("sts", keys).get_caller_identity()),
          ("InvalidClientTokenId", "The security token included in the request is invalid."))
    iam.update_access_key(UserName="u-inactive", AccessKeyId=keys[0], Status="Active")
    iam.create_access_key(UserName="u-inactive")
    equal(refusal(lambda: iam.create_access_key(UserName="u-inactive")),
          ("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"))


@case
def a_role_is_assumed_for_its_time():
    iam.create_role(RoleName="r-assume", AssumeRolePolicyDocument=TRUST_ACCOUNT)
    iam.put_role_policy(RoleName="r-assume", PolicyName="p", PolicyDocument=policy(allow("s3:PutObject", OBJECT)))
    arn = f"arn:aws:iam::{ACCOUNT}:role/r-assume"
    stranger = make_user("u-stranger")
    equal(refusal(lambda: lab.client("sts", stranger).assume_role(RoleArn=arn, RoleSessionName="s1:2")),
          ("ValidationError", "1 validation error detected: Value 's1:2' at 'roleSessionName' failed to satisfy constraint: "
                              "Member must satisfy regular expression pattern: [\\w+=,.@-]*"))
    denied = f"User: arn:aws:iam::{ACCOUNT}:user/u-stranger is not authorized to perform: sts:AssumeRole on resource: "
    equal(refusal(lambda: lab.client("sts", stranger).assume_role(RoleArn=arn, RoleSessionName="s1")), ("AccessDenied", denied + arn))
    none = f"arn:aws:iam::{ACCOUNT}:role/none"
    equal(refusal(lambda: lab.client("sts", stranger).assume_role(RoleArn=none, RoleSessionName="s1")), ("AccessDenied", denied + none))
    answer = sts.assume_role(RoleArn=arn, RoleSessionName="s1", DurationSeconds=900)
    equal(answer["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/r-assume/s1")
    keys = session_keys(answer)
    put(keys)
    refused_with(lambda: put((keys[0], keys[1])), "InvalidAccessKeyId", "does not exist in our records")
    limited = session_keys(sts.assume_role(RoleArn=arn, RoleSessionName="s2", Policy=policy(allow("s3:GetObject"))))
    refused_with(lambda: put(limited), "AccessDenied", "because no session policy allows the s3:PutObject action")
    equal(refusal(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="s1", DurationSeconds=7200)),
          ("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."))
    lab.emulator.command("clock", "advance", "901s")
    equal(refusal(lambda: put(keys))[0], "ExpiredToken")
    equal(refusal(lambda: lab.client("sts", keys).get_caller_identity()),
          ("ExpiredToken", "The security token included in the request is expired"))


@case
def every_service_denies_in_its_own_words():
    keys = make_user("u-nothing")
    who = f"User: arn:aws:iam::{ACCOUNT}:user/u-nothing is not authorized to perform: "
    for service, call, code, message in (
            ("iam", lambda c: c.create_role(RoleName="x", AssumeRolePolicyDocument=LAMBDA_TRUST), "AccessDenied",
             f"{who}iam:CreateRole on resource: arn:aws:iam::{ACCOUNT}:role/x because no identity-based policy allows the iam:CreateRole action"),
            ("lambda", lambda c: c.invoke(FunctionName="web-presign-lambda"), "AccessDeniedException",
             f"{who}lambda:InvokeFunction on resource: arn:aws:lambda:us-east-2:{ACCOUNT}:function:web-presign-lambda because no identity-based policy allows the lambda:InvokeFunction action"),
            ("apigatewayv2", lambda c: c.get_apis(), "AccessDeniedException",
             f"{who}apigateway:GET on resource: arn:aws:apigateway:us-east-2::/apis because no identity-based policy allows the apigateway:GET action"),
            ("logs", lambda c: c.describe_log_groups(), "AccessDeniedException",
             f"{who}logs:DescribeLogGroups on resource: arn:aws:logs:us-east-2:{ACCOUNT}:log-group::log-stream: because no identity-based policy allows the logs:DescribeLogGroups action")):
        equal(refusal(lambda: call(lab.client(service, keys))), (code, message))


@case
def the_simulator_decides_as_requests_do():
    make_user("u-sim", policy(allow("s3:PutObject", OBJECT), {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}))
    results = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/u-sim",
        ActionNames=["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
        ResourceArns=[f"arn:aws:s3:::{BUCKET}/uploads/a"])["EvaluationResults"]
    equal([r["EvalDecision"] for r in results], ["allowed", "implicitDeny", "explicitDeny"])


@case
def lists_come_in_pages():
    for n in range(5):
        iam.create_user(UserName=f"page{n}", Path="/pages/")
    pages = list(iam.get_paginator("list_users").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 2}))
    equal([len(page["Users"]) for page in pages], [2, 2, 1])


def tell_cli(major):
    program = find_aws(major)
    if not program:
        skipped(f"aws {major}", "not on this machine")
        return

    def aws(*arguments, status=(0,)):
        done = subprocess.run([program, "--endpoint-url", lab.emulator.endpoint, "--output", "json", *arguments],
                              env=lab.environment, capture_output=True, text=True, timeout=60)
        equal(done.returncode in status, True, f"{arguments}: {done.returncode} {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else done.stderr

    name = f"cli{major}"
    equal(aws("sts", "get-caller-identity")["Account"], ACCOUNT)
    aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", LAMBDA_TRUST)
    aws("iam", "put-role-policy", "--role-name", name, "--policy-name", "p", "--policy-document", policy(allow("s3:PutObject", OBJECT)))
    equal(aws("iam", "list-role-policies", "--role-name", name)["PolicyNames"], ["p"])
    told = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", LAMBDA_TRUST, status=(254, 255))
    equal("An error occurred (EntityAlreadyExists) when calling the CreateRole operation: "
          f"Role with name {name} already exists." in told, True, told)


@case
def the_cli_1_makes_roles():
    tell_cli(1)


@case
def the_cli_2_makes_roles():
    tell_cli(2)


run_cases(lab.emulator)
