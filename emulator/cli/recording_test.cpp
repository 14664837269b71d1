#include "emulator/cli/recording_test.hpp"

#include "emulator/core/encoding.hpp"

#include <fmt/format.h>

namespace benchtop::cli {
namespace {

// What every such module begins with. `benchtop` is found by $BENCHTOP or on the PATH.
constexpr std::string_view kPrologue =
    R"py("""A session recorded by `benchtop record`, as a test. Run it with pytest; BENCHTOP names the binary."""

import http.client
import json
import os
import re
import subprocess
import time

import pytest


class Session:
    """The session's emulator; its clock stands at the moment of each request."""

    def __init__(self, directory):
        port_file = os.path.join(directory, "ports")
        self.process = subprocess.Popen(
            [os.environ.get("BENCHTOP", "benchtop"), "up", "--ephemeral", "--port", "0", "--port-file", port_file],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not os.path.exists(port_file):
            assert self.process.poll() is None and time.monotonic() < deadline, "benchtop up did not start"
            time.sleep(0.01)
        with open(port_file, encoding="ascii") as file:
            self.ports = dict(zip(("main", "api"), map(int, file.read().split())))

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def exchange(self, listener, method, target, headers, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[listener], timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, without_ports(answer.read())
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return None, b""  # as recorded when a fault took the answer
        finally:
            connection.close()

    def control(self, page, **document):
        body = json.dumps(document).encode()
        headers = [("Host", "127.0.0.1"), ("Content-Length", str(len(body)))]
        status, answer = self.exchange("main", "POST", "/_benchtop/" + page, headers, body)
        assert status == 200, answer

    def request(self, at, listener, method, target, headers, body):
        self.control("replay/at", at=at)
        return self.exchange(listener, method, target, headers, body)


def without_ports(body):
    body = re.sub(rb"(127\.0\.0\.1|localhost):\d+", rb"\1:*", body)
    return re.sub(rb"X-Amz-Signature=[0-9a-f]*", b"X-Amz-Signature=*", body)


@pytest.fixture
def session(tmp_path):
    session = Session(str(tmp_path))
    yield session
    session.stop()


)py";

std::string bytes_literal(std::string_view bytes) {
    std::string text = "b\"";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            text += '\\';
            text += c;
        } else if (byte >= 0x20 && byte < 0x7F) {
            text += c;
        } else {
            text += fmt::format("\\x{:02x}", byte);
        }
    }
    return text + '"';
}

// Header values and targets are latin-1 on the wire.
std::string text_literal(std::string_view text) {
    return bytes_literal(text).substr(1);
}

// Framing is the test's own: it sends whole bodies.
std::string headers_literal(const pipeline::RecordedStep& step) {
    std::string text = "[";
    for (const auto& [name, value] : step.head.headers.entries()) {
        if (iequals(name, "transfer-encoding") || iequals(name, "content-length") ||
            iequals(name, "expect") || iequals(name, "connection")) {
            continue;
        }
        text += fmt::format("\n            ({}, {}),", text_literal(name), text_literal(value));
    }
    if (!step.body.empty() || step.head.headers.has("content-length")) {
        text += fmt::format("\n            (\"Content-Length\", \"{}\"),", step.body.size());
    }
    return text + "]";
}

std::string step_text(const pipeline::RecordedStep& step) {
    std::string text = fmt::format(
        "    status, body = session.request(\n        {}, {}, {},\n        {},\n        {},\n      "
        "  "
        "{})\n",
        step.at.time_since_epoch().count(),
        step.head.listener == Listener::HttpApi ? "\"api\"" : "\"main\"",
        text_literal(step.head.method),
        text_literal(step.head.target),
        headers_literal(step),
        bytes_literal(step.body)
    );
    if (step.status == 0) {
        return text + "    assert status is None\n";
    }
    text += fmt::format("    assert status == {}, body\n", step.status);
    if (step.has_answer_bytes()) {
        text += "    assert body == " + bytes_literal(without_ports(step.answer)) + '\n';
    } else if (step.head.method != "HEAD") {
        text += fmt::format("    assert len(body) == {}\n", step.answer_size);
    }
    return text;
}

} // namespace

std::string pytest_of(const Recording& recording) {
    std::string text(kPrologue);
    text += "def test_session(session):\n";
    text += fmt::format(
        "    session.control(\"replay/start\", seed={}, startedAt={})\n",
        recording.seed,
        recording.started_at
    );
    for (const pipeline::RecordedStep& step : recording.steps) {
        text += step_text(step);
    }
    return text;
}

} // namespace benchtop::cli
