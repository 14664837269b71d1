#!/usr/bin/env python3
"""AWS under its own names: what `benchtop env` exports leads clients to the emulator, certificates checked."""

import http.client
import json
import os
import re
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import zipfile

from client_lab import (BUCKET, DEADLINE_SECONDS, REGION, Emulator, case, check_error, curl, equal, find_aws, find_program,
                        run_cases, skipped)

lab = Emulator(sys.argv[1]).start()
STS = f"sts.{REGION}.amazonaws.com"
S3 = f"s3.{REGION}.amazonaws.com"
REFUSAL = "Benchtop does not answer for {}, and it opens no outgoing connection to anywhere else.\n"


def clean_environment():
    """This machine's, without proxies, AWS settings and CAs of its own."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.upper().endswith(("_PROXY", "_CA_BUNDLE")) and not name.startswith(("AWS_", "BENCHTOP_S"))
                   and name not in ("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS")}
    environment["AWS_CONFIG_FILE"] = os.path.join(lab.directory, "none")
    environment["AWS_SHARED_CREDENTIALS_FILE"] = os.path.join(lab.directory, "none")
    environment["AWS_PAGER"] = ""
    return environment


def shell(script, environment=None, check=True):
    """A POSIX shell, in which $BENCHTOP is the binary and $PORT the emulator's."""
    given = dict(environment if environment is not None else clean_environment())
    given.update(BENCHTOP=lab.binary, PORT=str(lab.port))
    done = subprocess.run(["sh", "-eu", "-c", script], env=given, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120, check=False)
    assert not check or done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done


def variables(printed):
    return {line.split("=", 1)[0]: line.split("=", 1)[1] for line in printed.splitlines() if "=" in line}


NAMES = 'eval "$("$BENCHTOP" env --port "$PORT")"; '
# What every client below is started with.
ENVIRONMENT = variables(shell(NAMES + "env").stdout)


def run(*command, check=True):
    done = subprocess.run(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                          check=False)
    assert not check or done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done


def ca_file():
    return ENVIRONMENT["AWS_CA_BUNDLE"]


@case
def curl_speaks_to_aws_names():
    """curl checks the certificate and says the lab's handout letter for letter"""
    equal(json.loads(run("curl", "-sS", "-X", "POST",
                         f"https://labpresign.execute-api.{REGION}.amazonaws.com/prod/presign").stdout).keys(),
          {"uploadUrl", "s3Key"})
    verbose = run("curl", "-sSv", f"https://{STS}/?Action=GetCallerIdentity")
    assert "SSL certificate verify ok" in verbose.stderr, verbose.stderr
    assert "MissingAuthenticationToken" in verbose.stdout, verbose.stdout
    for host in (f"{BUCKET}.s3.amazonaws.com", f"{BUCKET}.{S3}", f"{BUCKET}.s3.dualstack.{REGION}.amazonaws.com",
                 f"with.dots.{S3}"):
        assert "<Error>" in run("curl", "-sS", f"https://{host}/").stdout, host
    assert "<Error>" in run("curl", "-sS", f"http://{BUCKET}.{S3}/").stdout, "plain http through the proxy"


@case
def curl_needs_the_ca():
    """without the lab's CA nobody believes the certificate"""
    environment = {name: value for name, value in ENVIRONMENT.items() if name not in ("CURL_CA_BUNDLE", "SSL_CERT_FILE")}
    done = subprocess.run(["curl", "-sS", f"https://{STS}/"], env=environment, capture_output=True, text=True, check=False,
                          timeout=60)
    equal(done.returncode, 60, done.stderr)


@case
def curl_without_a_proxy():
    """--connect-to: TLS on the emulator's own port, the certificate chosen by SNI"""
    done = subprocess.run(["curl", "-sS", "--cacert", ca_file(), "--connect-to", f"::127.0.0.1:{lab.port}",
                           f"https://{STS}/?Action=GetCallerIdentity"],
                          env=clean_environment(), capture_output=True, text=True, timeout=60, check=False)
    assert "MissingAuthenticationToken" in done.stdout, done.stdout + done.stderr
    done = subprocess.run(["curl", "-sS", "--cacert", ca_file(), f"https://127.0.0.1:{lab.port}/_benchtop/health"],
                          env=clean_environment(), capture_output=True, text=True, timeout=60, check=False)
    equal(done.stdout, '{"status":"ok"}\n', done.stderr)


@case
def both_aws_clis():
    """sts, s3 and refusals with CLI 1 and 2, no endpoint and no switched-off check anywhere"""
    for major in (1, 2):
        aws = find_aws(major)
        if not aws:
            skipped(f"aws-cli {major}", "not on this machine")
            continue
        identity = json.loads(run(aws, "sts", "get-caller-identity", "--output", "json").stdout)
        equal(identity["Arn"], "arn:aws:iam::111122223333:user/benchtop-admin")
        bucket = f"names-{major}"
        run(aws, "s3", "mb", f"s3://{bucket}")
        path = os.path.join(lab.directory, "names.txt")
        with open(path, "w", encoding="ascii") as file:
            file.write("through the tunnel" * 1000000)  # in several parts
        run(aws, "s3", "cp", path, f"s3://{bucket}/some/key.txt")
        run(aws, "s3", "cp", f"s3://{bucket}/some/key.txt", path + ".back")
        with open(path, encoding="ascii") as sent, open(path + ".back", encoding="ascii") as received:
            equal(received.read(), sent.read())
        url = run(aws, "s3", "presign", f"s3://{bucket}/some/key.txt", "--region", REGION).stdout.strip()
        assert re.match(r"https://names-\d\.s3[.a-z0-9-]*\.amazonaws\.com/some/key\.txt\?", url), url
        equal(len(run("curl", "-sSf", url).stdout), 18000000)
        unknown = run(aws, "dynamodb", "list-tables", check=False)
        assert "(UnknownOperationException)" in unknown.stderr, unknown.stderr
        run(aws, "s3", "rb", "--force", f"s3://{bucket}")


@case
def the_code_of_a_function_is_fetched_by_its_presigned_url():
    """GetFunction's Code.Location is a URL of Lambda's bucket, good for ten minutes of the lab's clock"""
    aws = find_aws(2) or find_aws(1)
    if not aws:
        skipped("aws", "no AWS CLI on this machine")
        return
    archive = os.path.join(lab.directory, "f.zip")
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("lambda_function.py", "def lambda_handler(event, context):\n    return 1\n")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    run(aws, "iam", "create-role", "--role-name", "code-role", "--assume-role-policy-document", trust)
    run(aws, "lambda", "create-function", "--function-name", "code-f", "--runtime", "python3.11", "--handler",
        "lambda_function.lambda_handler", "--role", "arn:aws:iam::111122223333:role/code-role", "--zip-file",
        f"fileb://{archive}")
    with open(archive, "rb") as file:
        content = file.read()

    def location():
        return json.loads(run(aws, "lambda", "get-function", "--function-name", "code-f", "--output",
                              "json").stdout)["Code"]["Location"]

    def fetched(url):
        return curl(url, environment=ENVIRONMENT)[1]

    url = location()
    assert re.match(r"https://awslambda-us-east-2-tasks\.s3\.us-east-2\.amazonaws\.com/snapshots/111122223333/code-f-"
                    r"[0-9a-f-]{36}\?versionId=[^&]{32,}&X-Amz-Security-Token=", url), url
    assert "&X-Amz-Expires=600&" in url, url
    answer = fetched(url)
    equal((answer.status, answer.body == content, answer.header("Content-Type")), (200, True, "application/zip"), repr(answer))
    check_error(fetched(url.split("?")[0]), 403, "AccessDenied", "Access Denied")
    equal(fetched(url[:-1] + ("0" if url[-1] != "0" else "1")).error()[0], "SignatureDoesNotMatch")
    equal(curl("-X", "DELETE", url, environment=ENVIRONMENT)[1].status, 403)
    lab.command("clock", "advance", "10m")
    lab.command("clock", "advance", "1s")
    expired = fetched(url)
    equal((expired.status, expired.error()[:2]), (403, ("AccessDenied", "Request has expired")), repr(expired))
    equal(fetched(location()).body == content, True, "a new URL is good")
    run(aws, "lambda", "delete-function", "--function-name", "code-f")
    equal(fetched(url).error()[0], "NoSuchKey")


BOTO3 = """
import boto3, json, urllib.request
s3 = boto3.client("s3")
s3.create_bucket(Bucket="names-boto3", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
s3.put_object(Bucket="names-boto3", Key="k", Body=b"x" * 3000000)
assert len(s3.get_object(Bucket="names-boto3", Key="k")["Body"].read()) == 3000000
url = s3.generate_presigned_url("get_object", Params={"Bucket": "names-boto3", "Key": "k"})
assert url.startswith("https://names-boto3.s3.") and ".amazonaws.com/k?" in url, url
# urllib trusts SSL_CERT_FILE and takes the proxy from the environment.
assert len(urllib.request.urlopen(url).read()) == 3000000
# A customer's own key travels over TLS only.
key = dict(SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
try:
    s3.put_object(Bucket="names-boto3", Key="sse-c", Body=b"secret", **key)
except s3.exceptions.ClientError as error:
    assert error.response["Error"]["Code"] == "NotImplemented", error
# A policy may ask how a request came.
s3.put_bucket_policy(Bucket="names-boto3", Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::names-boto3/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}))
s3.get_object(Bucket="names-boto3", Key="k")
plain = boto3.client("s3", use_ssl=False)
try:
    plain.get_object(Bucket="names-boto3", Key="k")
    raise SystemExit("the policy did not see that this was plain HTTP")
except plain.exceptions.ClientError as error:
    assert error.response["Error"]["Code"] == "AccessDenied", error
print(boto3.client("sts").get_caller_identity()["Account"])
try:
    import requests
    assert requests.get(url).ok
except ImportError:
    pass
"""


@case
def boto3_and_pythons_own_https():
    for python in (find_program("python"), sys.executable):
        if python and subprocess.run([python, "-c", "import boto3"], capture_output=True, check=False).returncode == 0:
            equal(run(python, "-c", BOTO3).stdout.strip(), "111122223333")
            return
    skipped("boto3", "boto3 is not on this machine")


@case
def rclone_and_go():
    """Go's TLS and its idea of proxies; rclone 1.60 does not start while AWS_CA_BUNDLE is set"""
    rclone = find_program("rclone")
    if not rclone:
        skipped("rclone", "rclone is not on this machine")
        return
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "AWS_CA_BUNDLE"}
    remote = f":s3,provider=AWS,env_auth,region={REGION}:{BUCKET}"
    listed = subprocess.run([rclone, "--config", os.devnull, "lsf", remote], env=environment, capture_output=True,
                            text=True, timeout=60, check=False)
    assert "uploads/" in listed.stdout, listed


NODE = """
const http = require("http"), https = require("https"), tls = require("tls");
const proxy = new URL(process.env.HTTPS_PROXY), host = process.argv[1];
http.request({ host: proxy.hostname, port: proxy.port, method: "CONNECT", path: host + ":443" })
  .on("connect", (answer, socket) => {
    if (answer.statusCode !== 200) { console.log(answer.statusCode); socket.destroy(); return; }
    const secure = tls.connect({ socket, servername: host, ALPNProtocols: ["h2", "http/1.1"] }, () =>
      https.request({ host, path: "/", createConnection: () => secure }, (reply) => {
        console.log(secure.authorized, secure.alpnProtocol, secure.getProtocol(), reply.statusCode);
        reply.resume().on("end", () => secure.destroy());
      }).end());
  }).end();
"""


@case
def node_trusts_the_extra_ca():
    node = find_program("node")
    if not node:
        skipped("node", "node is not on this machine")
        return
    equal(run(node, "-e", NODE, STS).stdout, "true http/1.1 TLSv1.3 403\n")
    equal(run(node, "-e", NODE, "example.com").stdout, "502\n")


def proxy_answer(request):
    with socket.create_connection(("127.0.0.1", lab.port), timeout=DEADLINE_SECONDS) as connection:
        connection.sendall(request.encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read().decode()


@case
def everything_else_is_refused():
    """curl fails, and the answer is a sentence; neither a name is looked up nor a connection opened"""
    done = run("curl", "-sS", "https://example.com/", check=False)
    assert done.returncode != 0 and "502" in done.stderr, done.stderr
    equal(run("curl", "-sS", "http://example.com/").stdout, REFUSAL.format("example.com"))
    for host in ("example.com:443", "169.254.169.254:80", "ec2-1-2-3-4.us-east-2.compute.amazonaws.com:443"):
        equal(proxy_answer(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"), (502, REFUSAL.format(host)))
    equal(foreign_sockets(), [])


def foreign_sockets():
    """Connections of the emulator that it did not accept on one of its two ports, as (local, remote) of /proc."""
    mine = set()
    for name in os.listdir(f"/proc/{lab.process.pid}/fd"):
        try:
            mine.add(os.readlink(f"/proc/{lab.process.pid}/fd/{name}"))
        except FileNotFoundError:
            pass
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        with open(f"/proc/{lab.process.pid}/net/{table}", encoding="ascii") as file:
            for line in file.readlines()[1:]:
                fields = line.split()
                port = int(fields[1].rsplit(":", 1)[1], 16)
                if f"socket:[{fields[9]}]" in mine and port not in (lab.port, lab.api_port):
                    found.append((fields[1], fields[2]))
    return found


@case
def the_key_stays_where_it_is():
    """mode 0600, beside a certificate that holds no key; nothing under /_benchtop/ gives it"""
    key = os.path.join(os.path.dirname(ca_file()), "ca-key.pem")
    equal(stat.S_IMODE(os.stat(key).st_mode), 0o600)
    with open(ca_file(), encoding="ascii") as file:
        text = file.read()
    assert text.startswith("-----BEGIN CERTIFICATE-----") and "KEY" not in text, text
    status, body = proxy_answer("GET /_benchtop/ca HTTP/1.1\r\nHost: localhost\r\n\r\n")
    equal((status, json.loads(body)), (200, {"file": ca_file()}))


@case
def the_ca_is_constrained():
    """a leaf that somebody made with the lab's key for another name is not believed"""
    openssl = find_program("openssl")
    if not openssl:
        skipped("openssl", "not on this machine")
        return
    home = os.path.dirname(ca_file())
    with tempfile.TemporaryDirectory() as there:
        def leaf(name):
            def at(suffix):
                return os.path.join(there, name + suffix)
            with open(at(".ext"), "w", encoding="ascii") as file:
                file.write(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\n")
            run(openssl, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", at(".key"),
                "-out", at(".csr"), "-subj", "/O=test")
            run(openssl, "x509", "-req", "-in", at(".csr"), "-CA", ca_file(), "-CAkey", os.path.join(home, "ca-key.pem"),
                "-out", at(".pem"), "-days", "2", "-extfile", at(".ext"))
            return run(openssl, "verify", "-CAfile", ca_file(), "-purpose", "sslserver", at(".pem"), check=False)
        equal(leaf("sts.amazonaws.com").returncode, 0)
        refused = leaf("example.com")
        assert refused.returncode != 0 and "permitted subtree violation" in refused.stderr + refused.stdout, refused


@case
def old_tls_is_refused():
    context = ssl.create_default_context(cafile=ca_file())
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.maximum_version = version
        with socket.create_connection(("127.0.0.1", lab.port), timeout=DEADLINE_SECONDS) as connection:
            with context.wrap_socket(connection, server_hostname=STS) as secure:
                equal(secure.version(), "TLSv1.2" if version is ssl.TLSVersion.TLSv1_2 else "TLSv1.3")


@case
def env_and_back_again():
    """what a shell had before is there again after --unset; a second env changes nothing of that"""
    before = dict(clean_environment(), AWS_PROFILE="my profile, it's", HTTPS_PROXY="http://proxy.example:3128",
                  AWS_ENDPOINT_URL="http://127.0.0.1:9")
    shown = 'env | grep -E "^(AWS|BENCHTOP_S|HTTP|http|NO_|no_|CURL|SSL_|REQUESTS|NODE_)" | sort; '
    middle = variables(shell(NAMES + NAMES + shown, before).stdout)
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL"} & middle.keys(), middle
    equal(middle["HTTPS_PROXY"], f"http://127.0.0.1:{lab.port}")
    equal(shell(NAMES + NAMES + 'eval "$("$BENCHTOP" env --unset)"; ' + shown, before).stdout, shell(shown, before).stdout)
    equal(shell('eval "$("$BENCHTOP" env --unset)"; ' + shown, before).stdout, shell(shown, before).stdout)
    endpoint = variables(shell('eval "$("$BENCHTOP" env --port "$PORT" --endpoint)"; env', before).stdout)
    equal(endpoint["AWS_ENDPOINT_URL"], f"http://127.0.0.1:{lab.port}")
    equal(endpoint["HTTPS_PROXY"], before["HTTPS_PROXY"], "the endpoint needs no proxy of ours")


@case
def configured_endpoints_do_not_win():
    """an endpoint_url left in ~/.aws/config leads nobody away from the names"""
    aws = find_aws(1) or find_aws(2)
    if not aws:
        skipped("aws-cli", "not on this machine")
        return
    config = os.path.join(lab.directory, "config")
    with open(config, "w", encoding="ascii") as file:
        file.write("[default]\nendpoint_url = http://127.0.0.1:9\n")
    environment = dict(ENVIRONMENT, AWS_CONFIG_FILE=config, AWS_ENDPOINT_URL_STS="http://127.0.0.1:9")
    done = subprocess.run([aws, "sts", "get-caller-identity"], env=environment, capture_output=True, text=True, timeout=60,
                          check=False)
    assert "111122223333" in done.stdout, done


@case
def env_before_the_emulator():
    """without a running emulator env names the file that will be there"""
    with tempfile.TemporaryDirectory() as state:
        environment = dict(clean_environment(), XDG_STATE_HOME=state)
        printed = shell('"$BENCHTOP" env --port 1', environment).stdout
        expected = os.path.join(state, "benchtop", "ca", "ca.pem")
        assert f"export AWS_CA_BUNDLE={expected}\n" in printed, printed


@case
def the_ca_outlives_the_process():
    """one CA per data directory: a shell's environment stays true over a restart"""
    with tempfile.TemporaryDirectory() as data:
        texts = []
        for _ in range(2):
            with Emulator(sys.argv[1], "--data", data, ephemeral=False):
                with open(os.path.join(data, "ca", "ca.pem"), encoding="ascii") as file:
                    texts.append(file.read())
        equal(texts[0], texts[1])


run_cases(lab)
