"""A running Benchtop as a test speaks with it. Nothing here needs pytest; client() needs boto3."""

import datetime
import json
import os
import urllib.error
import urllib.parse
import urllib.request

from .answer import Answer
from .process import BenchtopError, Process

REQUEST_SECONDS = 60
# What would lead a client elsewhere; AWS_ENDPOINT_URL_S3 and its like do so, too.
_MISLEADING = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


class Clock:
    """The lab's clock."""

    def __init__(self, benchtop):
        self._benchtop = benchtop

    @property
    def now(self):
        """The lab's time: real time and all advances."""
        return datetime.datetime.fromisoformat(self.show()["labTime"].replace("Z", "+00:00"))

    def show(self):
        return self._benchtop.ask("GET", "/_benchtop/clock")

    def advance(self, by):
        """Ages everything made so far: "301s", "30d", whole seconds, or a timedelta. What fell due has begun when it
        returns; settle() waits for it."""
        if isinstance(by, datetime.timedelta):
            by = by.total_seconds()
        if not isinstance(by, str):
            if by != int(by):
                raise ValueError("the clock advances by whole seconds")
            by = f"{int(by)}s"
        return self._benchtop.ask("POST", "/_benchtop/clock/advance", {"by": by})

    def freeze(self):
        """Holds the clock until resume() or the end of the test; advance() still ages what exists."""
        return self._benchtop.ask("POST", "/_benchtop/clock/freeze")

    def resume(self):
        return self._benchtop.ask("POST", "/_benchtop/clock/resume")


class Benchtop:
    """One instance, running from its making to stop(). `stack`: a template to deploy instead of the lab;
    `options`: more options of `benchtop exec`."""

    def __init__(self, binary, stack=None, options=()):
        self._process = Process(binary, [*options, *(["--stack", os.fspath(stack)] if stack else [])])
        told = self._process.told
        self.port, self.api_port = int(told["BENCHTOP_PORT"]), int(told["BENCHTOP_API_PORT"])
        self.region = told["AWS_REGION"]
        self._credentials = told["AWS_ACCESS_KEY_ID"], told["AWS_SECRET_ACCESS_KEY"]
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.clock = Clock(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._process.stop()

    def is_running(self):
        return self._process.is_running()

    def own_log(self):
        """What the process itself printed."""
        return self._process.log()

    # --- for clients

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_endpoint(self):
        """The lab's HTTP API, without stage."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def environment(self):
        """Variables that lead a client here; None: this one must not be set."""
        key, secret = self._credentials
        bypass = [name for name in (os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or "").split(",") if name]
        bypass = ",".join([*bypass, *(name for name in ("127.0.0.1", "localhost") if name not in bypass)])
        misleading = [*_MISLEADING, *(name for name in os.environ if name.startswith("AWS_ENDPOINT_URL_"))]
        return {
            **{name: None for name in misleading},
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": self.endpoint,
            # Whoever runs the tests may have a configuration; it must not change what they see.
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": bypass, "no_proxy": bypass,
            "BENCHTOP_ENDPOINT": self.endpoint,
            "BENCHTOP_PORT": str(self.port), "BENCHTOP_API_PORT": str(self.api_port),
        }

    def client(self, service, **options):
        """A boto3 client of this instance."""
        import boto3  # only who asks for one needs it

        key, secret = self._credentials
        settings = {"endpoint_url": self.endpoint, "aws_access_key_id": key, "aws_secret_access_key": secret,
                    "region_name": self.region}
        return boto3.session.Session().client(service, **{**settings, **options})

    def request(self, method, url, body=None, headers=None):
        """Any HTTP request; `url` may be a path of the endpoint."""
        url = url if "://" in url else self.endpoint + url
        data = body.encode() if isinstance(body, str) else body
        sent = dict(headers or {})
        if data is not None and "content-type" not in {name.lower() for name in sent}:
            sent["Content-Type"] = "application/octet-stream"  # urllib would say it is a form
        request = urllib.request.Request(url, data=data, method=method, headers=sent)
        try:
            with self._opener.open(request, timeout=REQUEST_SECONDS) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, refused.headers, refused.read())

    def presign(self, path="/prod/presign"):
        """What the lab's POST /presign gives: {"uploadUrl": ..., "s3Key": ...}."""
        answer = self.request("POST", self.api_endpoint + path, b"")
        if answer.status != 200:
            raise BenchtopError(f"POST {path} is answered {answer.status}: {answer.text}")
        return answer.json()

    def put(self, url, body, headers=None):
        """PUT to a presigned URL."""
        return self.request("PUT", url, body, headers)

    # --- what only a laboratory has

    def ask(self, method, path, document=None):
        """A page of /_benchtop/: JSON in and out."""
        body = None if document is None and method == "GET" else json.dumps(document or {}).encode()
        answer = self.request(method, path, body, {"Content-Type": "application/json"})
        if answer.status != 200:
            raise BenchtopError(f"{method} {path}: {answer.message or answer.text}")
        return answer.json()

    def reset(self):
        """As after the start: an empty store, the stack deployed, the clock let go."""
        self.ask("POST", "/_benchtop/reset")

    def settle(self, timeout=30, retries="wait"):
        """Returns when no delivery is due or under way. `retries`: "wait" for those that are due later, "ignore" them,
        or "advance" the clock to each."""
        return self.ask("POST", "/_benchtop/settle", {"timeout": f"{timeout}s", "retries": retries})

    def seed(self, seed):
        """Ids, keys and the jitter of retries come from this seed from now on; None: from the machine again."""
        self.ask("POST", "/_benchtop/seed", {"seed": seed})

    def fault(self, kind, **rule):
        """Lets something go wrong from now on, as `benchtop faults add`: fault("lost-answer", operation="CopyObject", nth=1).
        A rule on events is fault("duplicate", on="event")."""
        return self.ask("POST", "/_benchtop/faults", {"kind": kind, **rule})

    def faults(self):
        """The rules, with how many requests or events each has `seen` and how often it `fired`."""
        return self.ask("GET", "/_benchtop/faults")["rules"]

    def clear_faults(self):
        self.ask("DELETE", "/_benchtop/faults")

    def snapshot(self, name):
        """Keeps all the store has now under this name. It outlives reset() and the test: set up once, restore() often."""
        self.ask("PUT", f"/_benchtop/snapshots/{urllib.parse.quote(name, safe='')}")

    def restore(self, name):
        """Instead of all the store has, what it had at that snapshot()."""
        self.ask("POST", f"/_benchtop/snapshots/{urllib.parse.quote(name, safe='')}/restore")

    def deliveries(self, bucket=None, key=None, limit=1000):
        """Object events and what became of them, newest first."""
        return self._list("deliveries", bucket=bucket, key=key, limit=limit)

    def invocations(self, function=None, status=None, limit=1000):
        """Completed invocations, newest first."""
        return self._list("invocations", function=function, status=status, limit=limit)

    def requests(self, limit=1000, **filters):
        """Requests lately, newest first; filters are method, service, operation, status, code and requestId."""
        return self._list("requests", limit=limit, **filters)

    def refusals(self, limit=1000):
        """Requests that were refused, with cause and fix where they are known, newest first."""
        return self._list("refusals", limit=limit)

    def _list(self, name, **filters):
        query = urllib.parse.urlencode({key: value for key, value in filters.items() if value is not None})
        return self.ask("GET", f"/_benchtop/{name}?{query}")[name]

    def logs(self, function):
        """The function's log lines, oldest first."""
        lines, after = [], 0
        while True:
            page = self.ask("GET", f"/_benchtop/logs/{urllib.parse.quote(function, safe='')}?after={after}")
            if not page["lines"]:
                return lines
            lines += [line["text"] for line in page["lines"]]
            after = page["last"]

    def story(self):
        """Refused requests and deliveries as text, oldest first: what a failing test's report shows."""
        lines = []
        for refusal in reversed(self.refusals()):
            status = f"{refusal['status']} " if "status" in refusal else ""
            lines.append(f"refused    {refusal['request']}: {status}{refusal.get('code', '')} {refusal.get('message', '')}".rstrip())
            for name in ("reason", "missingStatement", "addTo", "cause", "fix"):
                if refusal.get(name):
                    lines.append(f"    {name}: {refusal[name]}")
        for one in reversed(self.deliveries()):
            lines.append(f"{one['state']:<10} {one['event']} {one['bucket']}/{one['key']}: {one['explanation']}")
            if one["attempts"]:
                lines.append(f"    attempts {one['attempts']}, last result: {one['lastResult']}")
        return "\n".join(lines)
