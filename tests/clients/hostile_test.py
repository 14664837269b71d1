#!/usr/bin/env python3
"""The corpus of hostile and malformed S3 requests (fixtures/hostile/): each over a raw connection, each with AWS's answer;
afterwards the store holds what the cases say and nothing else, and the process is well.

  hostile_test.py BENCHTOP [AREA | CASE NAME]..."""

import glob
import html
import json
import os
import re
import shutil
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from client_lab import Connection, Emulator, equal, exchange
from hostile_requests import Rendering, substitute
from signing import Keys, encode, signed_head

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures")
CLOSING = (400, 411, 500, 501, 503)
MEMORY_GROWTH_MAX = 24 * 1024 * 1024
HEALTH = "GET /_benchtop/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def matches(actual, expected, names, what):
    """`expected`: a text, {"match": pattern} or {"any": true}."""
    if isinstance(expected, dict):
        assert actual is not None, f"{what} is missing"
        if "match" in expected:
            assert re.fullmatch(expected["match"], actual, re.S), f"{what}: {actual!r} is not {expected['match']!r}"
        return
    equal(actual, expected if expected is None else substitute(expected, names), what)


class Area:
    """One file of fixtures/hostile/."""

    def __init__(self, path, lab):
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as file:
            self.content = json.load(file)
        self.lab = lab
        self.buckets = self.content.get("buckets", {f"hostile-{self.name}": "us-east-2"})
        self.names = dict(lab.names)
        for number, (bucket, region) in enumerate(self.buckets.items()):
            self.names["bucket" if number == 0 else f"bucket{number + 1}"] = bucket
            if number == 0:
                self.names["region"] = region

    def cases(self):
        for case in self.content["cases"]:
            yield {**case, "request": {**self.content.get("request", {}), **case.get("request", {})}}

    def set_up(self):
        for bucket, region in self.buckets.items():
            body = "" if region == "us-east-1" else (
                f"<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>")
            self.succeed({"method": "PUT", "path": f"/{bucket}", "body": body, "auth": {"region": region}})
        for step in self.content.get("set_up", []):
            answer = self.succeed(step)
            for name, pattern in step.get("save", {}).items():
                text = "\n".join([f"{key}: {value}" for key, value in answer.headers] + [answer.body.decode()])
                self.names[name] = re.search(pattern, text).group(1)

    def succeed(self, request):
        rendering = Rendering(request, self.names)
        answer = exchange(self.lab.port, rendering.data, rendering.is_head)
        assert 200 <= answer.status < 300, f"{self.name}, set-up {request}: {answer}"
        return answer


class ErrorTable:
    """fixtures/s3/errors.json: every error S3 gives here. {} in a message stands for any text, [Name] for an element that
    may be absent."""

    def __init__(self):
        with open(os.path.join(FIXTURES, "s3", "errors.json"), encoding="utf-8") as file:
            self.rows = json.load(file)
        self.shown = set()

    def row_of(self, status, code, message, extra):
        for number, row in enumerate(self.rows):
            pattern = ".*".join(re.escape(part) for part in row["message"].split("{}"))
            required = [name for name in row["extra"] if not name.startswith("[")]
            all_names = [name.strip("[]") for name in row["extra"]]
            if ((status, code) == (row["status"], row["code"]) and re.fullmatch(pattern, message, re.S)
                    and list(extra) in (required, all_names)):
                return number
        return None

    def show(self, status, code, message, extra):
        number = self.row_of(status, code, message, extra)
        assert number is not None, f"not in fixtures/s3/errors.json: {status} {code} {message!r} {list(extra)}"
        self.shown.add(number)

    def not_shown(self):
        return [row for number, row in enumerate(self.rows) if number not in self.shown and "shown_by" not in row]


ERRORS = ErrorTable()


class Lab:
    def __init__(self, emulator):
        self.emulator = emulator
        self.port = emulator.port
        self.keys = Keys.of(emulator.environment)
        self.names = {"host": f"127.0.0.1:{self.port}", "port": str(self.port), "access": self.keys.access,
                      "secret": self.keys.secret, "region": self.keys.region}

    def signed(self, method, path, query=(), body=b"", keys=None):
        head = signed_head(keys or self.keys, method, self.names["host"], path, query=query, body=body)
        return exchange(self.port, head + body, method == "HEAD")

    def healthy(self):
        assert self.emulator.process.poll() is None, "the process is alive"
        equal(exchange(self.port, HEALTH).status, 200, "health")

    def objects(self):
        """{"bucket/key"} of every bucket."""
        found = set()
        answer = self.signed("GET", "/")
        equal(answer.status, 200, repr(answer))
        for name in re.findall(r"<Name>(.*?)</Name>", answer.body.decode()):
            query, more = [("list-type", "2"), ("encoding-type", "url")], True
            region = re.search(r">([^<>]*)</LocationConstraint>", self.signed(
                "GET", f"/{name}", [("location", "")], keys=self.keys_of("us-east-1")).body.decode())
            keys = self.keys_of(region.group(1) if region else "us-east-1")
            found.add(name + "/")
            while more:
                page = self.signed("GET", f"/{name}", query, keys=keys)
                equal(page.status, 200, f"listing {name}: {page!r}")
                text = page.body.decode()
                found |= {f"{name}/{key}" for key in re.findall(r"<Contents><Key>(.*?)</Key>", text)}
                token = re.search(r"<NextContinuationToken>(.*?)</NextContinuationToken>", text)
                more = token is not None
                query = query[:2] + ([("continuation-token", token.group(1))] if more else [])
        return found

    def keys_of(self, region):
        return Keys(self.keys.access, self.keys.secret, region=region)

    def resident(self):
        with open(f"/proc/{self.emulator.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) * 1024


def error_of(answer):
    """(code, message, {element: text}), after what every error document of S3 has to be."""
    equal(answer.header("Content-Type"), "application/xml", "Content-Type of an error")
    equal(answer.header("Transfer-Encoding"), "chunked", "framing of an error")
    equal(answer.header("Server"), "AmazonS3", "Server")
    assert answer.header("Date"), "Date"
    return answer.error()


def html_error_of(answer):
    """The same of a website's error page."""
    equal(answer.header("Content-Type"), "text/html; charset=utf-8", "Content-Type of an error page")
    items = re.findall(r"<li>([^:<]+): (.*?)</li>", answer.body.decode("utf-8"), re.S)
    elements = {name: html.unescape(value) for name, value in items}
    equal(answer.header("x-amz-error-code"), elements.pop("Code"), "x-amz-error-code")
    equal(elements.pop("RequestId"), answer.header("x-amz-request-id"), "RequestId is the header's")
    elements.pop("HostId")
    return answer.header("x-amz-error-code"), elements.pop("Message"), elements


def check_answer(answer, expected, names, is_head):
    equal(answer.status, expected["status"], f"status of {answer!r}")
    if "code" in expected:
        code, message, extra = html_error_of(answer) if expected.get("html") else error_of(answer)
        ERRORS.show(answer.status, code, message, extra)
        equal(code, expected["code"], f"code of {answer!r}")
        matches(message, expected["message"], names, "message")
        wanted = expected.get("extra", {})
        equal(list(extra), list(wanted), f"names of the extra elements of {answer!r}")
        for name, value in wanted.items():
            matches(extra[name], value, names, f"element {name}")
    if expected.get("empty") or is_head:
        equal(answer.body, b"", "body")
    if "body" in expected:
        matches(answer.body.decode("utf-8"), expected["body"], names, "body")
    for name, value in expected.get("headers", {}).items():
        matches(answer.header(name), value, names, f"header {name}")
    if answer.header("Content-Type") == "application/xml" and answer.body:
        ElementTree.fromstring(answer.body)


def check_connection(connection, answer, expected):
    """A connection ends where AWS ends it, and is in step where it goes on."""
    closes = expected.get("close", answer.status in CLOSING or expected.get("code") == "RequestTimeTooSkewed")
    equal(answer.header("Connection"), "close" if closes else None, f"Connection of {answer!r}")
    if closes:
        assert connection.closed(), "the connection ends"
    else:
        equal(connection.send(HEALTH).receive().status, 200, "the next request on the connection")


def send(connection, data):
    try:
        connection.send(data)
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before all of it was sent: the answer is what counts


def run_case(area, case):
    rendering = Rendering(case["request"], area.names)
    with Connection(area.lab.port) as connection:
        send(connection, rendering.data)
        if case.get("half_close"):
            connection.half_close()
        if case.get("no_answer"):
            assert connection.closed(), "closed without an answer"
            return None
        answers = case.get("answers", [case.get("expect")])
        for expected in answers:
            answer = connection.receive(rendering.is_head)
            check_answer(answer, expected, rendering.names, rendering.is_head)
        if not case.get("half_close"):
            check_connection(connection, answer, expected)
        return answer


def send_again(area, case):
    with Connection(area.lab.port) as connection:
        send(connection, Rendering(case["request"], area.names).data)
        try:
            connection.half_close()
            while connection._fill():
                connection.buffer = b""
        except OSError:
            pass


class Run:
    def __init__(self, binary, chosen):
        self.chosen = chosen
        self.data = tempfile.mkdtemp(prefix="benchtop-hostile.")
        self.emulator = Emulator(binary, "--data", os.path.join(self.data, "data"), ephemeral=False).start()
        self.lab = Lab(self.emulator)
        self.passed, self.failed = 0, 0
        self.expected_objects = self.lab.objects()
        self.run_areas = []

    def judge(self, name, check, *arguments):
        try:
            check(*arguments)
            self.passed += 1
            return True
        except Exception as error:
            self.failed += 1
            print(f"FAILED {name}: {error}")
            return False

    def areas(self):
        for path in sorted(glob.glob(os.path.join(FIXTURES, "hostile", "*.json"))):
            yield Area(path, self.lab)

    def run(self):
        for area in self.areas():
            cases = [case for case in area.cases()
                     if not self.chosen or area.name in self.chosen or case["name"] in self.chosen]
            if not cases:
                continue
            if not self.judge(f"{area.name}: set-up", area.set_up):
                continue
            for case in cases:
                self.judge(f"{area.name}: {case['name']}", run_case, area, case)
            self.run_areas.append((area, cases))
        if not self.chosen:
            self.judge("every_error_of_the_table_is_shown", self.every_error_of_the_table_is_shown)
        for check in (self.process_is_healthy, self.a_round_trip_works, self.memory_is_bounded,
                      self.nothing_is_stored_that_no_case_made, self.a_restart_finds_nothing_to_repair,
                      self.a_restart_would_have_found_something):
            self.judge(check.__name__, check)
        if self.failed:
            print("--- end of the emulator's log ---")
            print(self.emulator.log_text()[-3000:])
        self.emulator.__exit__()
        shutil.rmtree(self.data, ignore_errors=True)
        print(f"CASES {self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0

    def every_error_of_the_table_is_shown(self):
        """By a case here, or by the unit test the row names (tests/tidy/error_table.py looks for it)."""
        equal([f"{row['code']}: {row['message']}" for row in ERRORS.not_shown()], [], "errors no case shows")

    def process_is_healthy(self):
        self.lab.healthy()

    def a_round_trip_works(self):
        path = "/student-upload-bucket-aj/hostile-round-trip"
        equal(self.lab.signed("PUT", path, body=b"round").status, 200, "PUT")
        equal(self.lab.signed("GET", path).body, b"round", "GET")
        assert "student-upload-bucket-aj/hostile-round-trip" in self.lab.objects(), "LIST"
        equal(self.lab.signed("DELETE", path).status, 204, "DELETE")
        equal(self.lab.signed("GET", path).status, 404, "GET after DELETE")

    def memory_is_bounded(self):
        """Sent again and again, the corpus leaves the process as large as the first time left it."""
        before = self.lab.resident()
        for _ in range(2):
            for area, cases in self.run_areas:
                for case in cases:
                    send_again(area, case)
        self.lab.healthy()
        grown = self.lab.resident() - before
        assert grown < MEMORY_GROWTH_MAX, f"grown by {grown} bytes"

    def nothing_is_stored_that_no_case_made(self):
        expected = set(self.expected_objects)
        for area, cases in self.run_areas:
            own = area.names["bucket"]
            expected |= {bucket + "/" for bucket in area.buckets}
            for item in [*area.content.get("set_up", []), *cases]:
                for key in item.get("creates", []):
                    expected.add(key[1:] if key.startswith("/") else f"{own}/{key}")
        stored = self.lab.objects()
        equal((sorted(stored - expected), sorted(expected - stored)), ([], []), "what nobody made, what is gone")

    def restart(self, in_between):
        """SIGTERM, `in_between`, a start that looks through the whole data directory; what it logs."""
        equal(self.emulator.stop(), 0, "exit status after SIGTERM")
        offset = len(self.emulator.log_text())
        os.remove(os.path.join(self.data, "data", "clean"))  # as if it had been killed: everything is looked at
        in_between()
        self.emulator.start()
        self.lab = Lab(self.emulator)
        return self.emulator.log_text()[offset:]

    def a_restart_finds_nothing_to_repair(self):
        before = self.lab.objects()
        log = self.restart(lambda: None)
        assert "tidied up" not in log and "damaged" not in log and " error " not in log, log
        equal(sorted(self.lab.objects()), sorted(before), "buckets and objects after a restart")

    def a_restart_would_have_found_something(self):
        def stray():
            os.makedirs(os.path.join(self.data, "data", "blobs", "00"), exist_ok=True)
            with open(os.path.join(self.data, "data", "blobs", "00", "stray"), "wb") as file:
                file.write(b"stray")

        assert "tidied up" in self.restart(stray), "a file of no object is found"


if __name__ == "__main__":
    sys.exit(Run(sys.argv[1], sys.argv[2:]).run())
