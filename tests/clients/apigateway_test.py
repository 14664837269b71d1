#!/usr/bin/env python3
"""API Gateway's control plane for HTTP APIs through boto3 and both versions of the AWS CLI, and what a deployed API then answers."""

import base64
import json
import os
import subprocess
import time
import urllib.error
import urllib.request

from client_lab import BUCKET, case, equal, find_aws, run_cases, skipped
from control_lab import ACCOUNT, ControlLab, allow, policy, refusal, zipped

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

lab = ControlLab()
apis, functions, iam, s3 = lab.client("apigatewayv2"), lab.client("lambda"), lab.client("iam"), lab.client("s3")
ECHO = f"arn:aws:lambda:us-east-2:{ACCOUNT}:function:echo"
functions.create_function(
    FunctionName="echo", Runtime="python3.11", Role=f"arn:aws:iam::{ACCOUNT}:role/lambda-worker-role", Handler="f.handler",
    Timeout=20, Code={"ZipFile": zipped({"f.py": "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"})})
functions.add_permission(FunctionName="echo", StatementId="apis", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
                         SourceArn=f"arn:aws:execute-api:us-east-2:{ACCOUNT}:*")


def call(api, method, path, headers=None, data=None):
    """(status, body, headers) of a request to the API, by the path form of its address."""
    request = urllib.request.Request(f"{lab.emulator.endpoint}{path}", method=method, data=data,
                                     headers={"Host": f"{api}.execute-api.us-east-2.amazonaws.com", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def new_api(name, stage="prod", auto_deploy=True, route="POST /presign", **route_settings):
    api = apis.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    integration = apis.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=ECHO,
                                          PayloadFormatVersion="2.0")["IntegrationId"]
    made = apis.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}", **route_settings)
    apis.create_stage(ApiId=api, StageName=stage, AutoDeploy=auto_deploy)
    return api, integration, made["RouteId"]


NOT_FOUND = (404, '{"message":"Not Found"}')


@case
def the_labs_order_of_calls_makes_an_api():
    api, integration, route = new_api("presign-upload-api")
    equal((len(api), len(integration), len(route)), (10, 7, 7))
    read = apis.get_api(ApiId=api)
    equal((read["ApiEndpoint"], read["Name"], read["ProtocolType"]),
          (f"https://{api}.execute-api.us-east-2.amazonaws.com", "presign-upload-api", "HTTP"))
    status, body, _ = call(api, "POST", "/prod/presign")
    equal((status, json.loads(body)["routeKey"]), (200, "POST /presign"))
    for method, path in (("GET", "/prod/presign"), ("POST", "/prod"), ("POST", "/presign"), ("POST", "/dev/presign"), ("POST", "/prod/presign/")):
        equal(call(api, method, path)[:2], NOT_FOUND, f"{method} {path}")
    stage = apis.get_stage(ApiId=api, StageName="prod")
    equal(stage["LastDeploymentStatusMessage"], f"Successfully deployed stage with deployment ID '{stage['DeploymentId']}'")
    equal(apis.get_routes(ApiId=api)["Items"][0]["Target"], f"integrations/{integration}")
    apis.delete_route(ApiId=api, RouteId=route)
    equal(call(api, "POST", "/prod/presign")[:2], NOT_FOUND, "a deleted route is gone at once")
    apis.delete_integration(ApiId=api, IntegrationId=integration)
    apis.delete_api(ApiId=api)
    equal(refusal(lambda: apis.get_api(ApiId=api)), ("NotFoundException", f"Invalid API identifier specified {ACCOUNT}:{api}"))
    equal(call(api, "POST", "/prod/presign")[0], 403)


@case
def without_auto_deploy_a_change_waits_for_its_deployment():
    api, integration, _ = new_api("by-hand", auto_deploy=False)
    equal("AutoDeploy" in apis.get_stage(ApiId=api, StageName="prod"), False)
    equal(call(api, "POST", "/prod/presign")[:2], NOT_FOUND)
    first = apis.create_deployment(ApiId=api, StageName="prod")["DeploymentId"]
    equal(call(api, "POST", "/prod/presign")[0], 200)
    apis.create_route(ApiId=api, RouteKey="GET /more", Target=f"integrations/{integration}")
    equal(call(api, "GET", "/prod/more")[:2], NOT_FOUND)
    apis.create_deployment(ApiId=api, StageName="prod")
    equal(call(api, "GET", "/prod/more")[0], 200)
    apis.update_stage(ApiId=api, StageName="prod", DeploymentId=first)
    equal(call(api, "GET", "/prod/more")[:2], NOT_FOUND, "back to the first deployment")
    equal([d["AutoDeployed"] for d in apis.get_deployments(ApiId=api)["Items"]], [False, False])


@case
def a_stage_of_an_empty_api_recovers():
    api = apis.create_api(Name="empty", ProtocolType="HTTP")["ApiId"]
    apis.create_stage(ApiId=api, StageName="prod", AutoDeploy=True)
    equal(apis.get_stage(ApiId=api, StageName="prod")["LastDeploymentStatusMessage"],
          "Deployment attempt failed: Unable to deploy API because no routes exist in this API")
    equal(refusal(lambda: apis.create_deployment(ApiId=api)), ("BadRequestException", "Unable to deploy API because no routes exist in this API"))
    integration = apis.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=ECHO, PayloadFormatVersion="2.0")["IntegrationId"]
    apis.create_route(ApiId=api, RouteKey="$default", Target=f"integrations/{integration}")
    equal(call(api, "PUT", "/prod/any/thing")[0], 200)


@case
def quick_create_makes_the_default_stage():
    api = apis.create_api(Name="quick", ProtocolType="HTTP", Target=ECHO, RouteKey="POST /presign")["ApiId"]
    route = apis.get_routes(ApiId=api)["Items"][0]
    equal((route["RouteKey"], route["ApiGatewayManaged"]), ("POST /presign", True))
    equal(apis.get_stage(ApiId=api, StageName="$default")["ApiGatewayManaged"], True)
    equal(call(api, "POST", "/presign")[0], 200)
    equal(call(api, "POST", "/prod/presign")[:2], NOT_FOUND, "there is no /prod")
    made = apis.update_api(ApiId=api, RouteKey="PUT /presign")
    equal(len(made["ResponseMetadata"]["HTTPHeaders"]["x-amz-apigw-id"]), 16)
    equal([call(api, method, "/presign")[0] for method in ("PUT", "POST")], [200, 404])
    for request in (lambda: apis.delete_stage(ApiId=api, StageName="$default"),
                    lambda: apis.update_stage(ApiId=api, StageName="$default", AutoDeploy=False),
                    lambda: apis.update_route(ApiId=api, RouteId=route["RouteId"], RouteKey="GET /x"),
                    lambda: apis.delete_route(ApiId=api, RouteId=route["RouteId"]),
                    lambda: apis.update_api(ApiId=api, Target="https://example.com/x")):
        equal(refusal(request)[0], "BadRequestException")


@case
def what_cannot_be_honoured_is_refused():
    api, integration, route = new_api("honest")
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    for request in (lambda: apis.create_api(Name="x", ProtocolType="HTTP", Target=ECHO, CredentialsArn=role),
                    lambda: apis.update_integration(ApiId=api, IntegrationId=integration, CredentialsArn=role),
                    lambda: apis.update_integration(ApiId=api, IntegrationId=integration, IntegrationUri=f"arn:aws:sqs:us-east-2:{ACCOUNT}:q"),
                    lambda: apis.update_route(ApiId=api, RouteId=route, ApiKeyRequired=True),
                    lambda: apis.update_stage(ApiId=api, StageName="prod", ClientCertificateId="c"),
                    lambda: apis.update_api(ApiId=api, DisableSchemaValidation=True),
                    lambda: apis.update_api(ApiId=api, CorsConfiguration={"AllowOrigins": ["example.com"]}),
                    lambda: apis.create_route(ApiId=api, RouteKey="GET /{a}{b}"),
                    lambda: apis.get_tags(ResourceArn=f"arn:aws:apigateway:eu-west-1::/apis/{api}")):
        equal(refusal(request)[0], "BadRequestException")
    stage = apis.update_stage(ApiId=api, StageName="prod", DefaultRouteSettings={"ThrottlingRateLimit": 1e-9})
    equal(stage["DefaultRouteSettings"]["ThrottlingRateLimit"], 1e-9)


@case
def an_issuer_that_points_back_lets_nobody_in():
    api, integration, _ = new_api("loop")
    back = f"{api}/prod/loop?t=e30.e30.AAAA&x="
    for number, issuer in enumerate((f"https://{api}.execute-api.s3.amazonaws.com/prod/loop?t=e30.e30.AAAA&x=",
                                     f"https://b.s3.us-east-2.amazonaws.com/_aws/execute-api/{back}")):
        authorizer = apis.create_authorizer(ApiId=api, AuthorizerType="JWT", Name=f"a{number}", IdentitySource=["$request.querystring.t"],
                                            JwtConfiguration={"Issuer": issuer, "Audience": ["x"]})["AuthorizerId"]
        route = apis.create_route(ApiId=api, RouteKey="GET /loop", Target=f"integrations/{integration}", AuthorizationType="JWT",
                                  AuthorizerId=authorizer)["RouteId"]
        token = ".".join((base64url(b'{"alg":"RS256"}'), base64url(b"{}"), "AAAA"))
        equal(call(api, "GET", f"/prod/loop?t={token}")[:2], (401, '{"message":"Unauthorized"}'))
        apis.delete_route(ApiId=api, RouteId=route)


@case
def what_the_control_plane_refuses():
    api, integration, _ = new_api("refusals")
    bad = "BadRequestException"
    for request, code, message in (
            (lambda: apis.create_api(Name="x", ProtocolType="FTP"), bad, "Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]"),
            (lambda: apis.create_route(ApiId=api, RouteKey="POST /presign"), "ConflictException",
             "Route with key POST /presign already exists for this API"),
            (lambda: apis.create_route(ApiId=api, RouteKey="post /x"), bad,
             'The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"'),
            (lambda: apis.create_route(ApiId=api, RouteKey="GET /x", Target="integrations/none"), "NotFoundException",
             "Invalid Integration identifier specified none"),
            (lambda: apis.create_integration(ApiId=api, IntegrationType="AWS", IntegrationUri=ECHO), bad,
             "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)"),
            (lambda: apis.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=ECHO), bad,
             "PayloadFormatVersion is a required parameter for integration"),
            (lambda: apis.create_stage(ApiId=api, StageName="prod"), "ConflictException", "Stage already exists"),
            (lambda: apis.get_stage(ApiId=api, StageName="none"), "NotFoundException", "Invalid stage identifier specified"),
            (lambda: apis.get_route(ApiId=api, RouteId="none"), "NotFoundException", "Invalid Route identifier specified"),
            (lambda: apis.get_api(ApiId="none"), "NotFoundException", f"Invalid API identifier specified {ACCOUNT}:none")):
        equal(refusal(request), (code, message))
    apis.create_route(ApiId=api, RouteKey="GET /a/{y}")
    equal(refusal(lambda: apis.create_route(ApiId=api, RouteKey="GET /a/{x}")),
          ("ConflictException", 'The provided route key "GET /a/{x}" has a conflicting variable on the same hierarchical level as "GET /a/{y}"'))
    code, message = refusal(lambda: apis.create_integration(ApiId=api, IntegrationType="HTTP_PROXY", IntegrationUri="https://example.com",
                                                            IntegrationMethod="GET", PayloadFormatVersion="1.0"))
    equal((code, "no connection to the outside" in message), (bad, True))
    equal(refusal(lambda: apis.delete_integration(ApiId=api, IntegrationId=integration))[0], "ConflictException")


@case
def without_the_permission_the_answer_is_500():
    functions.create_function(FunctionName="no-permission", Runtime="python3.11", Handler="f.handler",
                              Role=f"arn:aws:iam::{ACCOUNT}:role/lambda-worker-role", Code={"ZipFile": zipped({"f.py": ""})})
    api, integration, _ = new_api("not-permitted")
    apis.update_integration(ApiId=api, IntegrationId=integration, IntegrationUri=ECHO.replace("echo", "no-permission"))
    equal(call(api, "POST", "/prod/presign")[:2], (500, '{"message":"Internal Server Error"}'))
    apis.update_integration(ApiId=api, IntegrationId=integration, IntegrationUri=ECHO.replace("echo", "not-there"))
    equal(call(api, "POST", "/prod/presign")[:2], (500, '{"message":"Internal Server Error"}'))


@case
def stage_variables_and_cors():
    api, integration, _ = new_api("variables")
    apis.update_integration(ApiId=api, IntegrationId=integration,
                            IntegrationUri=ECHO.replace("echo", "${stageVariables.fn}"))
    equal(call(api, "POST", "/prod/presign")[0], 500)
    apis.update_stage(ApiId=api, StageName="prod", StageVariables={"fn": "echo"})
    status, body, _ = call(api, "POST", "/prod/presign")
    equal((status, json.loads(body)["stageVariables"]), (200, {"fn": "echo"}))
    apis.update_api(ApiId=api, CorsConfiguration={"AllowOrigins": ["https://page.example"], "AllowMethods": ["POST"]})
    status, _, headers = call(api, "OPTIONS", "/prod/presign", {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"})
    equal((status, headers["access-control-allow-origin"]), (204, "https://page.example"))
    equal(refusal(lambda: apis.update_api(ApiId=api, CorsConfiguration={"AllowOrigins": ["*"], "AllowCredentials": True}))[0], "BadRequestException")
    apis.delete_cors_configuration(ApiId=api)
    equal(call(api, "OPTIONS", "/prod/presign", {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"})[:2], NOT_FOUND)


@case
def a_route_is_throttled_at_its_limit():
    api, _, _ = new_api("throttled")
    apis.update_stage(ApiId=api, StageName="prod", DefaultRouteSettings={"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.001})
    statuses = [call(api, "POST", "/prod/presign")[:2] for _ in range(3)]
    equal([statuses[0][0], statuses[1][0], statuses[2]], [200, 200, (429, '{"message":"Too Many Requests"}')])
    apis.update_stage(ApiId=api, StageName="prod", DefaultRouteSettings={"ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0})
    equal(call(api, "POST", "/prod/presign")[0], 429)


@case
def iam_authorization_takes_signed_requests_only():
    api, _, _ = new_api("signed", AuthorizationType="AWS_IAM")
    equal(call(api, "POST", "/prod/presign")[:2], (403, '{"message":"Forbidden"}'))

    def signed(keys, method="POST", path="/prod/presign"):
        host = f"{api}.execute-api.us-east-2.amazonaws.com"
        body = b"{}" if method == "POST" else None
        request = AWSRequest(method, f"https://{host}{path}", data=body, headers={"Host": host, "Content-Type": "application/json"})
        SigV4Auth(Credentials(*keys), "execute-api", "us-east-2").add_auth(request)
        return call(api, method, path, dict(request.headers), body)

    status, body, _ = signed(lab.administrator)
    equal((status, json.loads(body)["requestContext"]["authorizer"]["iam"]["userArn"]), (200, f"arn:aws:iam::{ACCOUNT}:user/benchtop-admin"))
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    keys = (key["AccessKeyId"], key["SecretAccessKey"])
    equal(signed(keys)[:2], (403, '{"message":"Forbidden"}'))
    iam.put_user_policy(UserName="caller", PolicyName="p", PolicyDocument=policy(
        allow("execute-api:Invoke", f"arn:aws:execute-api:us-east-2:{ACCOUNT}:{api}/prod/POST/presign")))
    equal(signed(keys)[0], 200)
    equal(signed((keys[0], "x" * 40))[0], 403)
    integration = apis.get_integrations(ApiId=api)["Items"][0]["IntegrationId"]
    for key in ("GET /pets/{id}", "$default"):
        apis.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{integration}", AuthorizationType="AWS_IAM")
    iam.put_user_policy(UserName="caller", PolicyName="p", PolicyDocument=policy(allow("execute-api:Invoke", [
        f"arn:aws:execute-api:us-east-2:{ACCOUNT}:{api}/prod/{allowed}" for allowed in ("GET/pets/7", "PUT/*")])))
    equal([signed(keys, *request)[0] for request in (("GET", "/prod/pets/7"), ("GET", "/prod/pets/8"), ("PUT", "/prod/any"), ("DELETE", "/prod/any"))],
          [200, 403, 200, 403])


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Issuer:
    """An issuer whose keys lie in a public bucket; tokens are signed with openssl."""

    def __init__(self):
        self.key = os.path.join(lab.emulator.directory, "issuer.pem")
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)
        modulus = subprocess.run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"], check=True, capture_output=True, text=True).stdout
        self.url = "https://issuer-of-tokens.s3.us-east-2.amazonaws.com"
        s3.create_bucket(Bucket="issuer-of-tokens", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
        s3.delete_public_access_block(Bucket="issuer-of-tokens")
        s3.put_bucket_policy(Bucket="issuer-of-tokens", Policy=policy(
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::issuer-of-tokens/*"}))
        number = bytes.fromhex(modulus.strip().split("=")[1])
        s3.put_object(Bucket="issuer-of-tokens", Key=".well-known/openid-configuration",
                      Body=json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys.json"}))
        s3.put_object(Bucket="issuer-of-tokens", Key="keys.json",
                      Body=json.dumps({"keys": [{"kty": "RSA", "kid": "k1", "n": base64url(number), "e": "AQAB"}]}))

    def token(self, algorithm="RS256", **claims):
        now = int(time.time())
        claims = {"iss": self.url, "aud": "lab", "iat": now, "exp": now + 300, **claims}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": algorithm, "kid": "k1"}, claims))
        done = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=signed.encode(), check=True, capture_output=True)
        return signed + "." + base64url(done.stdout)


@case
def jwt_authorization_checks_tokens():
    issuer = Issuer()
    api, _, route = new_api("tokens")
    authorizer = apis.create_authorizer(ApiId=api, AuthorizerType="JWT", Name="jwt", IdentitySource=["$request.header.Authorization"],
                                        JwtConfiguration={"Issuer": issuer.url, "Audience": ["lab"]})["AuthorizerId"]
    apis.update_route(ApiId=api, RouteId=route, AuthorizationType="JWT", AuthorizerId=authorizer)

    def ask(token=None):
        return call(api, "POST", "/prod/presign", {"Authorization": f"Bearer {token}"} if token else {})

    unauthorized = (401, '{"message":"Unauthorized"}')
    status, body, headers = ask()
    equal((status, body, headers["www-authenticate"]), (*unauthorized, "Bearer"))
    good = issuer.token(scope="read write")
    status, body, _ = ask(good)
    equal((status, json.loads(body)["requestContext"]["authorizer"]["jwt"]["claims"]["aud"]), (200, "lab"))
    for token in (issuer.token(aud="other"), issuer.token(iss="https://other"), issuer.token(exp=int(time.time()) - 5, iat=int(time.time()) - 9),
                  good[:-6] + "AAAAAA", issuer.token(algorithm="none"), "a.b.c", "x" * 9000):
        equal(ask(token)[:2], unauthorized, token[:80])
    apis.update_route(ApiId=api, RouteId=route, AuthorizationScopes=["admin"])
    equal(ask(good)[:2], (403, '{"message":"Forbidden"}'))
    apis.update_route(ApiId=api, RouteId=route, AuthorizationScopes=["admin", "read"])
    equal(ask(good)[0], 200)
    lab.emulator.command("clock", "advance", "301s")
    equal(ask(good)[:2], unauthorized, "as old as the lab's clock says")
    equal(ask(issuer.token(scope="read"))[0], 200)


@case
def tags_and_pages():
    api = apis.create_api(Name="tagged", ProtocolType="HTTP", Tags={"a": "b"})["ApiId"]
    arn = f"arn:aws:apigateway:us-east-2::/apis/{api}"
    apis.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    equal(apis.get_tags(ResourceArn=arn)["Tags"], {"a": "b", "c": "d"})
    apis.untag_resource(ResourceArn=arn, TagKeys=["a"])
    equal(apis.get_tags(ResourceArn=arn)["Tags"], {"c": "d"})
    first = apis.get_apis(MaxResults="2")
    equal(len(first["Items"]), 2)
    equal(len(apis.get_apis(MaxResults="2", NextToken=first["NextToken"])["Items"]) > 0, True)


def tell_cli(major):
    program = find_aws(major)
    if not program:
        skipped(f"aws {major}", "not on this machine")
        return

    def aws(*arguments):
        done = subprocess.run([program, "--endpoint-url", lab.emulator.endpoint, "--output", "json", "apigatewayv2", *arguments],
                              env=lab.environment, capture_output=True, text=True, timeout=60)
        equal(done.returncode, 0, f"{arguments}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    api = aws("create-api", "--name", f"cli-{major}", "--protocol-type", "HTTP")["ApiId"]
    integration = aws("create-integration", "--api-id", api, "--integration-type", "AWS_PROXY", "--integration-uri", ECHO,
                      "--payload-format-version", "2.0")["IntegrationId"]
    aws("create-route", "--api-id", api, "--route-key", "POST /presign", "--target", f"integrations/{integration}")
    aws("create-stage", "--api-id", api, "--stage-name", "prod", "--auto-deploy")
    equal(call(api, "POST", "/prod/presign")[0], 200)
    equal(aws("get-stages", "--api-id", api)["Items"][0]["AutoDeploy"], True)


@case
def the_cli_1_makes_an_api():
    tell_cli(1)


@case
def the_cli_2_makes_an_api():
    tell_cli(2)


run_cases(lab.emulator)
