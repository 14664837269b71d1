"""What the tests with real clients share: a running emulator, cases, raw HTTP.

A test is a script: it starts the emulator on free ports, runs the functions marked @case one after the other and
ends with `CASES n passed, m failed`. A client that is not on the machine gives `SKIPPED name: reason`.
Nothing here sleeps for a fixed time: whoever waits polls until a deadline.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import xml.etree.ElementTree as ElementTree

BUCKET = "student-upload-bucket-aj"
REGION = "us-east-2"
DEADLINE_SECONDS = 20

_cases = []


def case(function):
    """Marks a test case; its docstring or name is the sentence that is printed when it fails."""
    _cases.append(function)
    return function


def skipped(name, reason):
    print(f"SKIPPED {name}: {reason}", flush=True)


def eventually(condition, what, seconds=DEADLINE_SECONDS):
    """Polls until `condition()` is true (not None, not empty) and gives its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what}\n   expected: {expected!r}\n   actual:   {actual!r}")


def clients_directory():
    """Where tests/clients/install puts clients: BENCHTOP_CLIENTS, by default build/ of this repository."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.environ.get("BENCHTOP_CLIENTS") or os.path.join(root, "build")


def find_program(name):
    installed = os.path.join(clients_directory(), "clients-venv", "bin", name)
    return installed if os.access(installed, os.X_OK) else shutil.which(name)


def find_aws(major):
    """The AWS CLI of that major version: pip brings version 1, Debian's package version 2."""
    for program in (find_program("aws"), "/usr/bin/aws", "/usr/local/bin/aws"):
        if program and os.access(program, os.X_OK) and aws_version(program)[0] == major:
            return program
    return None


class Emulator:
    """`benchtop up --port 0 --port-file F`; its ports, credentials and log."""

    def __init__(self, binary, *arguments, ephemeral=True):
        self.binary = os.path.abspath(binary)
        self.arguments = list(arguments)
        if ephemeral:
            self.arguments.append("--ephemeral")
        self.directory = tempfile.mkdtemp(prefix="benchtop-clients.")
        self.process = None
        self.log_path = os.path.join(self.directory, "log")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        port_file = os.path.join(self.directory, "port")
        if os.path.exists(port_file):
            os.remove(port_file)
        self.log = open(self.log_path, "ab")
        environment = dict(os.environ)
        python = os.path.join(clients_directory(), "clients-venv", "bin", "python")
        if os.access(python, os.X_OK):
            environment.setdefault("BENCHTOP_PYTHON", python)  # functions find boto3 there
        self.process = subprocess.Popen(
            [self.binary, "up", "--port", "0", "--port-file", port_file, *self.arguments],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            env=environment,
        )

        def ports():
            if self.process.poll() is not None:
                raise AssertionError(f"the emulator ended at once:\n{self.log_text()}")
            if not os.path.exists(port_file):
                return None
            with open(port_file, encoding="ascii") as file:
                return [int(line) for line in file.read().split()]

        self.port, self.api_port = eventually(ports, "the port file")
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.environment = self.read_environment()
        return self

    def read_environment(self):
        """What `benchtop env --endpoint` prints, over an environment without any AWS configuration of this machine."""
        environment = {k: v for k, v in os.environ.items() if not k.upper().endswith("_PROXY") and k[:4] != "AWS_"}
        printed = self.command("env", "--endpoint").stdout
        for name, value in re.findall(r"^export (\w+)=(.*)$", printed, re.M):
            environment[name] = value
        environment["AWS_CONFIG_FILE"] = os.path.join(self.directory, "aws-config")
        environment["AWS_SHARED_CREDENTIALS_FILE"] = os.path.join(self.directory, "aws-credentials")
        environment["AWS_EC2_METADATA_DISABLED"] = "true"
        environment["AWS_PAGER"] = ""
        environment["PATH"] = os.path.join(clients_directory(), "clients-venv", "bin") + ":" + environment["PATH"]
        return environment

    def command(self, *arguments):
        """Another command of the binary, asked of this emulator."""
        return subprocess.run(
            [self.binary, arguments[0], "--port", str(self.port), *arguments[1:]],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True,
        )

    def log_text(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def api_id(self):
        """The lab's API, as the welcome text shows it."""
        return eventually(
            lambda: re.search(r"http://(\w+)\.execute-api\.", self.log_text()), "the invoke URL is printed"
        ).group(1)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE_SECONDS)
        self.log.close()

    def stop(self):
        """SIGTERM; gives the exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        return self.process.returncode


class Answer:
    """An HTTP answer as its bytes say: nothing decoded but chunked framing."""

    def __init__(self, status, reason, headers, body):
        self.status, self.reason, self.headers, self.body = status, reason, headers, body

    def header(self, name):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    def error(self):
        """(code, message, {extra element: text} in order) of an S3 error document."""
        root = ElementTree.fromstring(self.body)
        equal(root.tag, "Error", f"an error document, status {self.status}")
        elements = {child.tag: child.text or "" for child in root}
        names = list(elements)
        equal(names[:2] + names[-2:], ["Code", "Message", "RequestId", "HostId"], "element order")
        equal(elements["RequestId"], self.header("x-amz-request-id"), "RequestId is the header's")
        equal(elements["HostId"], self.header("x-amz-id-2"), "HostId is the header's")
        return elements["Code"], elements["Message"], {name: elements[name] for name in names[2:-2]}

    def __repr__(self):
        return f"{self.status} {self.reason} {self.headers} {self.body[:600]!r}"


def check_error(answer, status, code, message, extra=None):
    """Status, code, message and the exact list of extra elements (a value None: only its presence)."""
    equal(answer.status, status, f"status of {answer!r}")
    actual_code, actual_message, actual_extra = answer.error()
    equal((actual_code, actual_message), (code, message), f"code and message of {answer!r}")
    expected = extra or {}
    equal(list(actual_extra), list(expected), "names of the extra elements")
    for name, value in expected.items():
        if value is not None:
            equal(actual_extra[name], value, f"element {name}")


class Connection:
    """A raw connection: bytes out, answers in, in order."""

    def __init__(self, port, timeout=DEADLINE_SECONDS):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)
        return self

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def _fill(self):
        received = self.socket.recv(65536)
        self.buffer += received
        return len(received) > 0

    def closed(self):
        """True when the server ends the connection without another byte."""
        try:
            return not self.buffer and not self._fill()
        except ConnectionResetError:
            return True

    def _line(self):
        while b"\r\n" not in self.buffer:
            if not self._fill():
                raise ConnectionError(f"the connection ended in a line: {self.buffer!r}")
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _bytes(self, count):
        while len(self.buffer) < count:
            if not self._fill():
                raise ConnectionError(f"{count - len(self.buffer)} bytes are missing")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def receive(self, head=False):
        """The next answer; `head`: it has no body whatever its headers say."""
        version, status, reason = (self._line().decode("latin-1") + " ").split(" ", 2)
        assert version in ("HTTP/1.1", "HTTP/1.0"), version
        headers = []
        while True:
            line = self._line()
            if not line:
                break
            name, value = line.decode("latin-1").split(":", 1)
            headers.append((name, value.strip()))
        answer = Answer(int(status), reason.strip(), headers, b"")
        if head or answer.status in (100, 204, 304):
            return answer
        if (answer.header("Transfer-Encoding") or "").lower() == "chunked":
            while True:
                size = int(self._line().split(b";")[0], 16)
                if size == 0:
                    self._line()
                    return answer
                answer.body += self._bytes(size)
                equal(self._line(), b"", "the end of a chunk")
        length = answer.header("Content-Length")
        if length is not None:
            answer.body = self._bytes(int(length))
        else:
            while self._fill():
                pass
            answer.body, self.buffer = self.buffer, b""
        return answer


def exchange(port, data, head=False):
    """One request on a connection of its own."""
    with Connection(port) as connection:
        return connection.send(data).receive(head)


def curl(*arguments, environment=None, stdin=None):
    """`curl -s -i ...`: (exit status, the last Answer or None, all of stdout and stderr)."""
    done = subprocess.run(
        ["curl", "-s", "-S", "-i", *arguments],
        input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True, timeout=60, env=environment,
    )
    rest, answer = done.stdout, None
    while rest.startswith(b"HTTP/"):
        block, _, rest = rest.partition(b"\r\n\r\n")
        lines = block.decode("latin-1").split("\r\n")
        _, status, reason = (lines[0] + " ").split(" ", 2)
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        answer = Answer(int(status), reason.strip(), headers, b"")
    if answer is not None:
        answer.body = rest
    return done.returncode, answer, (done.stdout + done.stderr).decode("utf-8", "replace")


def aws_version(program):
    """(major, minor) of the AWS CLI."""
    text = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60).stdout
    major, minor = re.match(r"aws-cli/(\d+)\.(\d+)", text).groups()
    return int(major), int(minor)


def knows_endpoint_variable(version):
    """AWS_ENDPOINT_URL is read since 1.29 and 2.13."""
    return version >= (2, 13) or (1, 29) <= version < (2, 0)


def run_cases(emulator=None, only=None):
    """Runs every case and ends the process with the count."""
    passed, failed = 0, 0
    chosen = only or sys.argv[2:]
    for function in _cases:
        if chosen and function.__name__ not in chosen:
            continue
        try:
            function()
            passed += 1
        except Exception:
            failed += 1
            print(f"FAILED {function.__name__}: {(function.__doc__ or '').strip()}")
            traceback.print_exc(limit=4, file=sys.stdout)
    if failed and emulator is not None:
        print("--- end of the emulator's log ---")
        print(emulator.log_text()[-4000:])
    print(f"CASES {passed} passed, {failed} failed", flush=True)
    if emulator is not None:
        emulator.__exit__()
    sys.exit(1 if failed else 0)


def nothing_to_run():
    print("CASES 0 passed, 0 failed", flush=True)
    sys.exit(0)


def in_thread(function):
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread
