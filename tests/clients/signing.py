"""Signatures made here, from AWS's documentation ("Signature calculations for the Authorization header", "Signing and
authenticating REST requests"): a second opinion that shares no code with the emulator or an SDK."""

import base64
import datetime
import hashlib
import hmac
import json
import time
from urllib.parse import quote

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


class Keys:
    def __init__(self, access, secret, token=None, region="us-east-2"):
        self.access, self.secret, self.token, self.region = access, secret, token, region

    @staticmethod
    def of(environment):
        return Keys(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"],
                    region=environment["AWS_DEFAULT_REGION"])


def amz_date(offset=0):
    now = datetime.datetime.fromtimestamp(time.time() + offset, datetime.timezone.utc)
    return now.strftime("%Y%m%dT%H%M%SZ")


def encode(text, safe=""):
    return quote(text, safe=safe + "-._~")


def signing_key(keys, day, service="s3"):
    key = ("AWS4" + keys.secret).encode()
    for part in (day, keys.region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _signature(keys, date, canonical, service):
    scope = f"{date[:8]}/{keys.region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(signing_key(keys, date[:8], service), text.encode(), hashlib.sha256).hexdigest()


def _canonical(method, path, query, headers, names, payload):
    # `path` is encoded already; `query` a list of (name, value) not encoded.
    parts = sorted((encode(n), encode(v)) for n, v in query)
    lines = [method, path, "&".join(f"{n}={v}" for n, v in parts)]
    lines += [f"{name}:{' '.join(headers[name].split())}" for name in names] + ["", ";".join(names), payload]
    return "\n".join(lines)


def presign(keys, method, host, path, expires=300, headers=None, query=(), offset=0):
    """A SigV4 URL in botocore's order of parameters; `path` is encoded already."""
    signed = {k.lower(): v for k, v in (headers or {}).items()} | {"host": host}
    names = sorted(signed)
    date = amz_date(offset)
    parameters = list(query) + [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Credential", f"{keys.access}/{date[:8]}/{keys.region}/s3/aws4_request"),
        ("X-Amz-Date", date),
        ("X-Amz-Expires", str(expires)),
        ("X-Amz-SignedHeaders", ";".join(names)),
    ]
    if keys.token:
        parameters.append(("X-Amz-Security-Token", keys.token))
    canonical = _canonical(method, path, parameters, signed, names, "UNSIGNED-PAYLOAD")
    signature = _signature(keys, date, canonical, "s3")
    text = "&".join(f"{encode(n)}={encode(v)}" for n, v in parameters)
    return f"http://{host}{path}?{text}&X-Amz-Signature={signature}"


def presign_v2(keys, method, host, bucket, path, expires=300, content_type=""):
    """A SigV2 URL, path style, in botocore's order of parameters."""
    until = str(int(time.time()) + expires)
    text = f"{method}\n\n{content_type}\n{until}\n/{bucket}{path}"
    digest = hmac.new(keys.secret.encode(), text.encode(), hashlib.sha1).digest()
    signature = encode(base64.b64encode(digest).decode())
    return f"http://{host}/{bucket}{path}?AWSAccessKeyId={keys.access}&Signature={signature}&Expires={until}"


def signed_head(keys, method, host, path, query=(), body=b"", headers=None, payload=None, offset=0):
    """The head of a request signed in its Authorization header; Content-Length is `body`'s unless given."""
    date = amz_date(offset)
    payload = payload or hashlib.sha256(body).hexdigest()
    signed = {"host": host, "x-amz-date": date, "x-amz-content-sha256": payload}
    plain = {}
    for name, value in (headers or {}).items():
        (signed if name.lower().startswith("x-amz-") else plain)[name.lower()] = value
    if keys.token:
        signed["x-amz-security-token"] = keys.token
    names = sorted(signed)
    canonical = _canonical(method, path, list(query), signed, names, payload)
    signature = _signature(keys, date, canonical, "s3")
    text = "&".join(f"{encode(n)}={encode(v)}" for n, v in query)
    lines = [f"{method} {path}{'?' + text if text else ''} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in signed.items()]
    lines.append(f"authorization: AWS4-HMAC-SHA256 Credential={keys.access}/{date[:8]}/{keys.region}/s3/aws4_request, "
                 f"SignedHeaders={';'.join(names)}, Signature={signature}")
    if "content-length" not in plain and "transfer-encoding" not in plain and (body or method in ("PUT", "POST")):
        plain["content-length"] = str(len(body))
    lines += [f"{name}: {value}" for name, value in plain.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def signed_chunks(keys, method, host, path, chunks, headers=None):
    """A request whose body is aws-chunked with a signature for each chunk (STREAMING-AWS4-HMAC-SHA256-PAYLOAD)."""
    length = sum(len(chunk) for chunk in chunks)
    date = amz_date()
    scope = f"{date[:8]}/{keys.region}/s3/aws4_request"
    framed = [c for c in chunks if c] + [b""]
    wire = sum(len(f"{len(c):x};chunk-signature=") + 64 + 4 + len(c) for c in framed)
    head = signed_head(keys, method, host, path, payload="STREAMING-AWS4-HMAC-SHA256-PAYLOAD", headers={
        "x-amz-decoded-content-length": str(length), "content-encoding": "aws-chunked",
        "content-length": str(wire)} | (headers or {}))
    date = [l.split(b": ")[1] for l in head.split(b"\r\n") if l.startswith(b"x-amz-date")][0].decode()
    previous = head.split(b"Signature=")[1].split(b"\r\n")[0].decode()
    body = b""
    for chunk in framed:
        text = (f"AWS4-HMAC-SHA256-PAYLOAD\n{date}\n{scope}\n{previous}\n{EMPTY_SHA256}\n"
                f"{hashlib.sha256(chunk).hexdigest()}")
        previous = hmac.new(signing_key(keys, date[:8]), text.encode(), hashlib.sha256).hexdigest()
        body += f"{len(chunk):x};chunk-signature={previous}\r\n".encode() + chunk + b"\r\n"
    return head, body


def sign_form(keys, bucket, fields, conditions=(), expires=3600, version=4):
    """The fields of a POST form (a list of pairs), signed; every field is its own condition."""
    until = datetime.datetime.fromtimestamp(time.time() + expires, datetime.timezone.utc)
    fields = list(fields)
    date = amz_date()
    if version == 4:
        fields += [("x-amz-algorithm", "AWS4-HMAC-SHA256"),
                   ("x-amz-credential", f"{keys.access}/{date[:8]}/{keys.region}/s3/aws4_request"),
                   ("x-amz-date", date)]
    if keys.token:
        fields.append(("x-amz-security-token", keys.token))
    # The key may hold ${filename}: its beginning is the condition.
    rules = [["starts-with", "$key", v.split("$")[0]] if n == "key" else {n: v} for n, v in fields]
    document = {"expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "conditions": [{"bucket": bucket}, *rules, *conditions]}
    policy = base64.b64encode(json.dumps(document).encode()).decode()
    if version == 4:
        signature = hmac.new(signing_key(keys, date[:8]), policy.encode(), hashlib.sha256).hexdigest()
        return fields + [("policy", policy), ("x-amz-signature", signature)]
    digest = hmac.new(keys.secret.encode(), policy.encode(), hashlib.sha1).digest()
    return fields + [("AWSAccessKeyId", keys.access), ("policy", policy),
                     ("signature", base64.b64encode(digest).decode())]
