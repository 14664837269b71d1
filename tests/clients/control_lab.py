"""What the tests of control planes share: boto3 against an emulator, archives, refusals."""

import io
import json
import os
import sys
import zipfile

from client_lab import Emulator, clients_directory, nothing_to_run, skipped

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

ACCOUNT = "111122223333"
REGION = "us-east-2"
LAMBDA_TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


class ControlLab:
    """An emulator and clients of it; `keys` are (id, secret[, token]), by default the administrator's."""

    def __init__(self, *arguments):
        self.emulator = Emulator(sys.argv[1], *arguments).start()
        for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
            del os.environ[name]
        self.environment = self.emulator.environment
        self.administrator = (self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"])

    def client(self, service, keys=None, region=REGION, endpoint=None):
        keys = keys or self.administrator
        session = boto3.session.Session(
            aws_access_key_id=keys[0], aws_secret_access_key=keys[1], aws_session_token=keys[2] if len(keys) > 2 else None)
        return session.client(service, region_name=region, endpoint_url=endpoint or self.emulator.endpoint,
                              config=Config(retries={"total_max_attempts": 1}))


def zipped(files, modes=None):
    """An archive of {name: text}; modes {name: 0o755}, or None for an archive without Unix modes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (modes or {}).get(name, 0o644) << 16
            archive.writestr(entry, text)
    return buffer.getvalue()


def refusal(call):
    """(code, message) of the error `call` must meet."""
    try:
        answer = call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError(f"not refused: {answer!r}")


def refused_with(call, code, part):
    """The call is refused with `code`, and `part` is in the message."""
    actual_code, message = refusal(call)
    if actual_code != code or part not in message:
        raise AssertionError(f"expected {code}: ...{part}...\n   actual: {actual_code}: {message}")
