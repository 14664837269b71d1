"""Makes the bytes of a request from its description in fixtures/hostile/ (see its README).

Texts may hold @{NAME}: names of the lab (bucket, host, access ...), what a set-up step saved, and
  @{date} @{day}            x-amz-date of now, and its day
  @{iso:+60} @{http:-60} @{epoch:+60}   now and so many seconds, ISO 8601, HTTP date, seconds
  @{repeat:a:1025}          a text so many times
  @{md5} @{md5hex} @{crc32} @{sha256}   digests of the body (decoded, when it is aws-chunked)
Signatures are made here and share no code with the emulator or an SDK."""

import base64
import datetime
import hashlib
import hmac
import json
import re
import time
import zlib
from urllib.parse import quote_from_bytes, unquote_to_bytes

from signing import EMPTY_SHA256, Keys, amz_date, signing_key

ALGORITHM = "AWS4-HMAC-SHA256"


def _sha256(data):
    return hashlib.sha256(data).hexdigest()


def _hmac(key, text):
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def _encode(data, safe=""):
    return quote_from_bytes(data, safe=safe + "-._~")


def _decode(text):
    return unquote_to_bytes(text.replace("+", " "))


def at(offset):
    return datetime.datetime.fromtimestamp(time.time() + offset, datetime.timezone.utc)


def http_date(offset=0):
    return at(offset).strftime("%a, %d %b %Y %H:%M:%S GMT")


def _moment(kind, offset):
    if kind == "iso":
        return at(offset).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if kind == "http":
        return http_date(offset)
    if kind == "epoch":
        return str(int(time.time()) + offset)
    return amz_date(offset)


def substitute(text, names):
    def value(match):
        name, _, rest = match.group(1).partition(":")
        if name == "repeat":
            unit, _, times = rest.rpartition(":")
            return unit * int(times)
        if name in ("iso", "http", "epoch", "amz"):
            return _moment(name, int(rest))
        if name == "date":
            return amz_date()
        if name == "day":
            return amz_date()[:8]
        if name not in names:
            raise KeyError(f"nothing is called @{{{name}}}")
        return names[name]

    return re.sub(r"@\{([^{}]+)\}", value, text)


class Rendering:
    """One request; `data` are its bytes, `is_head` tells that the answer has no body."""

    def __init__(self, description, names):
        self.description = description
        self.names = dict(names)
        self.charset = description.get("charset", "utf-8")
        self.method = description.get("method", "GET")
        self.is_head = self.method == "HEAD"
        self.auth = description.get("auth", {})
        self.keys = Keys(self.text(self.auth.get("access", "@{access}")), self.text(self.auth.get("secret", "@{secret}")),
                         region=self.text(self.auth.get("region", "@{region}")))
        self.data = self.render()

    # --- texts and bodies

    def text(self, value):
        return substitute(value, self.names)

    def bytes_of(self, spec):
        if isinstance(spec, list):
            return b"".join(self.bytes_of(part) for part in spec)
        if isinstance(spec, str):
            return self.text(spec).encode(self.charset)
        if "base64" in spec:
            return base64.b64decode(spec["base64"])
        return self.bytes_of(spec["repeat"]) * spec["times"]

    def edit(self, data, edits):
        for old, new in edits:
            old, new = self.bytes_of(old), self.bytes_of(new)
            assert old in data, f"nothing to edit: {old!r} in {data[:300]!r}"
            data = data.replace(old, new, 1)
        return data

    def remember_digests(self, body):
        self.names["md5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
        self.names["md5hex"] = hashlib.md5(body).hexdigest()
        self.names["crc32"] = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        self.names["sha256"] = _sha256(body)

    # --- the request

    def render(self):
        description = self.description
        if "raw" in description:
            return self.bytes_of(description["raw"])
        form = description.get("form")
        chunked = description.get("chunked")
        if form:
            body, content_type = self.render_form(form)
        else:
            body = self.bytes_of(chunked.get("chunks", []) if chunked else description.get("body", ""))
        self.remember_digests(body)
        self.path = self.text(description.get("path", "/@{bucket}"))
        self.query = self.text(description.get("query", ""))
        headers = description.get("headers", {})
        pairs = headers if isinstance(headers, list) else list(headers.items())
        self.headers = [(name, self.text(value)) for name, value in pairs]
        if form and content_type:
            self.headers.append(("Content-Type", content_type))
        self.host = self.text(description.get("host", "@{host}"))
        sign = description.get("sign", "none" if form else "header")
        if chunked:
            self.announce_chunks(chunked, body)
        payload = description.get("payload", chunked["payload"] if chunked else _sha256(body))
        head = getattr(self, "sign_" + sign.replace("-", "_"))(payload and self.text(payload))
        if chunked:
            body = self.frame_chunks(chunked)
        length = description.get("length", str(len(body)) if body or self.method in ("PUT", "POST") else None)
        if length is not None:
            head.append(("Content-Length", self.text(length)))
        target = self.path + ("?" + self.query if self.query else "")
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in head), "", ""]
        wire = "\r\n".join(lines).encode(self.charset)
        return self.edit(wire, description.get("edit_head", [])) + body

    def with_host(self, *more):
        return [("Host", self.host), *more]

    def sign_none(self, payload):
        explicit = [("x-amz-content-sha256", payload)] if "payload" in self.description and payload else []
        return self.with_host(*explicit, *self.headers)

    # --- SigV4

    def scope(self, date):
        auth = self.auth
        return "/".join([auth.get("scope_date", date[:8]), self.text(auth.get("scope_region", self.keys.region)),
                         auth.get("service", "s3"), auth.get("terminal", "aws4_request")])

    def signed_names(self, headers):
        if "signed_headers" in self.auth:
            return self.auth["signed_headers"].split(";")
        names = {"host"} | {name.lower() for name, _ in headers if name.lower().startswith("x-amz-")}
        names |= set(self.auth.get("signed_also", []))
        return sorted(names - set(self.auth.get("unsigned", [])))

    def canonical(self, headers, names, query, payload):
        values = {}
        for name, value in headers:
            values.setdefault(name.lower(), []).append(" ".join(value.split()))
        path = _encode(_decode(self.path), "/")
        pairs = [part.partition("=") for part in query.split("&") if part]
        parameters = sorted((_encode(_decode(name)), _encode(_decode(value))) for name, _, value in pairs)
        lines = [self.method, path, "&".join(f"{name}={value}" for name, value in parameters)]
        lines += [f"{name}:{','.join(values.get(name, ['']))}" for name in names]
        return "\n".join([*lines, "", ";".join(names), payload])

    def signature(self, date, canonical):
        text = f"{ALGORITHM}\n{date}\n{self.scope(date)}\n{_sha256(canonical.encode(self.charset))}"
        return _hmac(signing_key(self.keys, date[:8]), text.encode(self.charset))

    def sign_header(self, payload):
        auth = self.auth
        date = self.text(auth["date"]) if "date" in auth else amz_date(auth.get("offset", 0))
        headers = self.with_host()
        if date:
            headers.append(("x-amz-date", date))
        if payload:
            headers.append(("x-amz-content-sha256", payload))
        headers += self.headers
        names = self.signed_names(headers)
        signed_date = date or amz_date()
        self.date, self.seed = signed_date, self.signature(
            signed_date, self.canonical(headers, names, self.query, payload or ""))
        self.names |= {
            "credential": self.text(auth.get("credential", self.keys.access + "/" + self.scope(signed_date))),
            "signed_headers": ";".join(names), "signature": self.text(auth.get("signature", self.seed))}
        template = auth.get(
            "authorization",
            ALGORITHM + " Credential=@{credential}, SignedHeaders=@{signed_headers}, Signature=@{signature}")
        return [*headers, ("Authorization", self.text(template))]

    def sign_presigned(self, payload):
        auth = self.auth
        date = self.text(auth["date"]) if "date" in auth else amz_date(auth.get("offset", 0))
        headers = self.with_host(*self.headers)
        names = self.signed_names(headers)
        parameters = {
            "X-Amz-Algorithm": auth.get("algorithm", ALGORITHM),
            "X-Amz-Credential": self.text(auth.get("credential", self.keys.access + "/" + self.scope(date))),
            "X-Amz-Date": date,
            "X-Amz-Expires": str(auth.get("expires", 300)),
            "X-Amz-SignedHeaders": ";".join(names),
        }
        if "token" in auth:
            parameters["X-Amz-Security-Token"] = auth["token"]
        text = "&".join(f"{name}={_encode(value.encode())}" for name, value in parameters.items()
                        if name not in auth.get("omit", []))
        self.query = "&".join(part for part in (self.query, text) if part)
        hashed = payload if "payload" in self.description and payload else "UNSIGNED-PAYLOAD"
        if "payload" in self.description and payload:
            headers.append(("x-amz-content-sha256", payload))
            hashed = "UNSIGNED-PAYLOAD" if "x-amz-content-sha256" not in names else payload
        signature = self.text(auth.get("signature", self.signature(
            date, self.canonical(headers, names, self.query, hashed))))
        if "X-Amz-Signature" not in auth.get("omit", []):
            self.query += "&X-Amz-Signature=" + signature
        self.query += self.text(auth.get("query_after", ""))
        return headers

    # --- SigV2: header and query; resources without sub-resources

    def signature_v2(self, date_line):
        values = {name.lower(): value for name, value in self.headers}
        amz = "".join(f"{name}:{value}\n" for name, value in sorted(values.items()) if name.startswith("x-amz-"))
        text = (f"{self.method}\n{values.get('content-md5', '')}\n{values.get('content-type', '')}\n{date_line}\n"
                f"{amz}{self.path}")
        digest = hmac.new(self.keys.secret.encode(), text.encode(self.charset), hashlib.sha1).digest()
        return base64.b64encode(digest).decode()

    def sign_header_v2(self, _):
        date = self.text(self.auth.get("date", http_date(self.auth.get("offset", 0))))
        self.names |= {"signature": self.text(self.auth.get("signature", self.signature_v2(date)))}
        self.names["credential"] = self.keys.access
        authorization = self.text(self.auth.get("authorization", "AWS @{credential}:@{signature}"))
        dated = [("Date", date)] if date else []
        return self.with_host(*dated, *self.headers, ("Authorization", authorization))

    def sign_query_v2(self, _):
        until = self.text(str(self.auth.get("until", int(time.time()) + self.auth.get("expires", 300))))
        signature = self.text(self.auth.get("signature", self.signature_v2(until)))
        parameters = {"AWSAccessKeyId": self.keys.access, "Signature": signature, "Expires": until}
        self.query = "&".join(
            [self.query] * bool(self.query) +
            [f"{name}={_encode(value.encode())}" for name, value in parameters.items()
             if name not in self.auth.get("omit", [])])
        self.query += self.text(self.auth.get("query_after", ""))
        return self.with_host(*self.headers)

    # --- aws-chunked

    def announce_chunks(self, chunked, body):
        decoded = chunked.get("decoded", str(len(body)))
        if decoded is not None:
            self.headers.append(("x-amz-decoded-content-length", decoded))
        trailers = chunked.get("trailers", [])
        announced = chunked.get("announce", ",".join(name for name, _ in trailers))
        if announced:
            self.headers.append(("x-amz-trailer", announced))

    def chain(self, kind, previous, *rest):
        text = "\n".join([f"{ALGORITHM}-{kind}", self.date, self.scope(self.date), previous, *rest])
        return _hmac(signing_key(self.keys, self.date[:8]), text.encode())

    def frame_chunks(self, chunked):
        if "wire" in chunked:
            return self.bytes_of(chunked["wire"])
        is_signed = "AWS4" in chunked["payload"] and hasattr(self, "seed")
        previous = getattr(self, "seed", "")
        out = b""
        for chunk in [*(self.bytes_of(chunk) for chunk in chunked.get("chunks", [])), b""]:
            out += f"{len(chunk):x}".encode()
            if is_signed:
                previous = self.chain("PAYLOAD", previous, EMPTY_SHA256, _sha256(chunk))
                out += f";chunk-signature={previous}".encode()
            out += b"\r\n" + (chunk + b"\r\n" if chunk else b"")
        trailers = [(name, self.text(value)) for name, value in chunked.get("trailers", [])]
        out += "".join(f"{name}:{value}\r\n" for name, value in trailers).encode()
        if is_signed and chunked["payload"].endswith("-TRAILER"):
            text = "".join(f"{name.lower()}:{value.strip()}\n" for name, value in trailers) or "\n"
            out += f"x-amz-trailer-signature:{self.chain('TRAILER', previous, _sha256(text.encode()))}\r\n".encode()
        return self.edit(out + b"\r\n", chunked.get("edit", []))

    # --- forms with a POST policy

    def render_form(self, form):
        fields = [(name, self.bytes_of(value)) for name, value in form.get("fields", [])]
        if "policy" in form or "policy_text" in form or "policy_base64" in form:
            text = form.get("policy_text") or json.dumps(form.get("policy", {}))
            policy = form.get("policy_base64", base64.b64encode(self.bytes_of(text)).decode())
            fields += [(name, value.encode()) for name, value in self.form_signature(form, policy)]
        boundary = form.get("boundary", "benchtop-form-boundary")
        out = b""
        for name, value in fields:
            out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        files = form.get("files", [form.get("file", {"content": "form content"})])
        for file in files:
            named = f'; filename="{file["filename"]}"' if file.get("filename", "a.txt") is not None and "filename" in file else ""
            out += (f'--{boundary}\r\nContent-Disposition: form-data; name="{file.get("name", "file")}"{named}\r\n'
                    f'Content-Type: {file.get("type", "text/plain")}\r\n\r\n').encode()
            out += self.bytes_of(file["content"]) + b"\r\n"
        out += f"--{boundary}--\r\n".encode()
        content_type = form.get("content_type", f"multipart/form-data; boundary={boundary}")
        return self.edit(out, form.get("edit", [])), content_type

    def form_signature(self, form, policy):
        auth = form.get("auth", {})
        kind = form.get("sign", "v4")
        date = amz_date(auth.get("offset", 0))
        if kind == "v4":
            scope = "/".join([auth.get("scope_date", date[:8]), auth.get("region", self.keys.region),
                              auth.get("service", "s3"), auth.get("terminal", "aws4_request")])
            key = signing_key(self.keys, date[:8])
            fields = [("x-amz-algorithm", auth.get("algorithm", ALGORITHM)),
                      ("x-amz-credential", self.text(auth.get("credential", self.keys.access + "/" + scope))),
                      ("x-amz-date", date), ("policy", policy),
                      ("x-amz-signature", auth.get("signature", _hmac(key, policy.encode())))]
        elif kind == "v2":
            digest = hmac.new(self.keys.secret.encode(), policy.encode(), hashlib.sha1).digest()
            fields = [("AWSAccessKeyId", self.keys.access), ("policy", policy),
                      ("signature", auth.get("signature", base64.b64encode(digest).decode()))]
        else:
            fields = [("policy", policy)]
        return [field for field in fields if field[0] not in form.get("omit", [])]
