#!/usr/bin/env python3
"""Raw sockets and rough handling: hostile requests, kill -9, a second instance, a port that is taken."""

import base64
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

from client_lab import (BUCKET, DEADLINE_SECONDS, Connection, Emulator, case, check_error, equal, eventually,
                        exchange, in_thread, run_cases)
from signing import Keys, presign, signed_chunks, signed_head

lab = Emulator(sys.argv[1]).start()
HOST = f"127.0.0.1:{lab.port}"
KEYS = Keys.of(lab.environment)


def put(key, body, port=None, **options):
    host = f"127.0.0.1:{port or lab.port}"
    return exchange(port or lab.port, signed_head(KEYS, "PUT", host, f"/{BUCKET}/{key}", body=body, **options) + body)


def get(key, port=None):
    host = f"127.0.0.1:{port or lab.port}"
    return exchange(port or lab.port, signed_head(KEYS, "GET", host, f"/{BUCKET}/{key}"))


def healthy(port=None):
    answer = exchange(port or lab.port, "GET /_benchtop/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    equal(answer.status, 200, repr(answer))


def put_target(key, **options):
    """The presigned target of a PUT."""
    return presign(KEYS, "PUT", HOST, f"/{BUCKET}/{key}", **options)[len(f"http://{HOST}"):]


@case
def a_body_that_ends_early_stores_nothing():
    """Content-Length says more than is sent, then the client goes away"""
    with Connection(lab.port) as connection:
        connection.send(signed_head(KEYS, "PUT", HOST, f"/{BUCKET}/r/short", headers={"Content-Length": "100"},
                                    payload="UNSIGNED-PAYLOAD") + b"only this")
        connection.half_close()
        connection.closed()
    healthy()
    equal(get("r/short").status, 404)


@case
def bytes_beyond_content_length_are_the_next_request():
    with Connection(lab.port) as connection:
        head = signed_head(KEYS, "PUT", HOST, f"/{BUCKET}/r/long", body=b"12345")
        connection.send(head + b"12345" + signed_head(KEYS, "GET", HOST, f"/{BUCKET}/r/long"))
        equal(connection.receive().status, 200)
        equal(connection.receive().body, b"12345")


@case
def bad_content_lengths_are_refused():
    for value in ("-1", "12x", "99999999999999999999999999", "1, 2", ""):
        answer = exchange(lab.port, f"PUT {put_target('r/bad')} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {value}\r\n\r\nx")
        assert 400 <= answer.status < 500, answer
    two = f"PUT {put_target('r/bad')} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"
    equal(exchange(lab.port, two).status, 400)
    both = f"PUT {put_target('r/bad')} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with Connection(lab.port) as connection:
        answer = connection.send(both).receive()
        assert 400 <= answer.status <= 501, answer
        assert connection.closed(), "a smuggled request must not be read"
    equal(get("r/bad").status, 404)
    healthy()


@case
def more_than_five_gigabytes_in_one_put():
    head = signed_head(KEYS, "PUT", HOST, f"/{BUCKET}/r/huge", payload="UNSIGNED-PAYLOAD",
                       headers={"Content-Length": "5368709121"})
    check_error(exchange(lab.port, head), 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
                {"ProposedSize": "5368709121", "MaxSizeAllowed": "5368709120"})


@case
def giant_headers_are_refused():
    for size in (9_000, 200_000):
        with Connection(lab.port) as connection:
            try:
                connection.send(f"GET /{BUCKET}/x HTTP/1.1\r\nHost: {HOST}\r\nX-Filler: {'y' * size}\r\n\r\n")
                answer = connection.receive()
                assert answer.status in (400, 431), answer
            except ConnectionError:
                assert size > 64 * 1024, "a header section of 9 kB gets an answer"
    many = "".join(f"X-{number}: y\r\n" for number in range(3000))
    with Connection(lab.port) as connection:
        try:
            answer = connection.send(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n{many}\r\n").receive()
            assert answer.status in (400, 431), answer
        except ConnectionError:
            pass
    healthy()


@case
def a_giant_request_target_is_refused():
    with Connection(lab.port) as connection:
        try:
            answer = connection.send(f"GET /{'a' * 100_000} HTTP/1.1\r\nHost: {HOST}\r\n\r\n").receive()
            assert 400 <= answer.status < 500, answer
        except ConnectionError:
            pass
    healthy()


@case
def what_is_no_http_is_refused():
    for junk in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"HELLO WORLD\r\n\r\n", b"\x00" * 64,
                 b"GET / HTTP/9.9\r\n\r\n", b"G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n"):
        with Connection(lab.port) as connection:
            try:
                connection.send(junk)
                connection.half_close()
                answer = connection.receive()
                assert 400 <= answer.status <= 505, answer
            except ConnectionError:
                pass
    healthy()


@case
def invalid_utf8_in_a_key():
    answer = exchange(lab.port, presign(KEYS, "PUT", HOST, f"/{BUCKET}/r/%FF%FE")[len(f"http://{HOST}"):].join(
        ("PUT ", f" HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\n\r\nx")))
    assert answer.status == 400, answer
    for raw in (b"/%zz", b"/%", b"/\xff\xfe"):
        with Connection(lab.port) as connection:
            connection.send(b"GET /" + BUCKET.encode() + raw + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            assert 400 <= connection.receive().status < 500, raw
    healthy()


@case
def pipelined_requests_are_answered_in_order():
    with Connection(lab.port) as connection:
        requests = b""
        for number in range(20):
            body = f"body {number}".encode()
            requests += signed_head(KEYS, "PUT", HOST, f"/{BUCKET}/r/pipe{number}", body=body) + body
        for number in range(20):
            requests += signed_head(KEYS, "GET", HOST, f"/{BUCKET}/r/pipe{number}")
        connection.send(requests)
        for number in range(20):
            equal(connection.receive().status, 200, f"PUT {number}")
        for number in range(20):
            equal(connection.receive().body, f"body {number}".encode())


@case
def one_byte_at_a_time():
    body = b"slow but sure"
    with Connection(lab.port) as connection:
        for byte in signed_head(KEYS, "PUT", HOST, f"/{BUCKET}/r/bytes", body=body) + body:
            connection.send(bytes([byte]))
        equal(connection.receive().status, 200)
    equal(get("r/bytes").body, body)


@case
def expect_100_continue():
    """The go-ahead comes before the body; a refusal comes instead of it"""
    with Connection(lab.port) as connection:
        connection.send(signed_head(KEYS, "PUT", HOST, f"/{BUCKET}/r/expect", body=b"x" * 10, headers={"Expect": "100-continue"}))
        equal(connection.receive().status, 100)
        equal(connection.send(b"x" * 10).receive().status, 200)
    wrong = Keys(KEYS.access, "x" * 40)
    with Connection(lab.port) as connection:
        connection.send(signed_head(wrong, "PUT", HOST, f"/{BUCKET}/r/no", body=b"x" * 10, headers={"Expect": "100-continue"}))
        equal(connection.receive().status, 403)


@case
def head_has_no_body():
    put("r/head", b"12345")
    with Connection(lab.port) as connection:
        connection.send(signed_head(KEYS, "HEAD", HOST, f"/{BUCKET}/r/head"))
        answer = connection.receive(head=True)
        equal((answer.status, answer.header("Content-Length")), (200, "5"))
        connection.send(signed_head(KEYS, "HEAD", HOST, f"/{BUCKET}/r/none"))
        answer = connection.receive(head=True)
        equal((answer.status, answer.header("Content-Length")), (404, None))
        connection.send(signed_head(KEYS, "GET", HOST, f"/{BUCKET}/r/head"))
        equal(connection.receive().body, b"12345", "the connection is in step")


@case
def http_1_0_gets_an_answer_and_is_closed():
    with Connection(lab.port) as connection:
        answer = connection.send(f"GET /_benchtop/health HTTP/1.0\r\nHost: {HOST}\r\n\r\n").receive()
        equal(answer.status, 200)
        assert "ok" in answer.body.decode() and connection.closed(), answer
    with Connection(lab.port) as connection:
        head = signed_head(KEYS, "GET", HOST, f"/{BUCKET}/r/none").replace(b"HTTP/1.1", b"HTTP/1.0")
        answer = connection.send(head).receive()
        equal((answer.status, answer.header("Transfer-Encoding")), (404, None), "HTTP/1.0 knows no chunks")


@case
def no_host_and_two_hosts():
    for lines in ("", f"Host: {HOST}\r\nHost: other\r\n"):
        with Connection(lab.port) as connection:
            equal(connection.send(f"GET / HTTP/1.1\r\n{lines}\r\n").receive().status, 400)


@case
def plain_chunked_bodies_are_not_implemented():
    with Connection(lab.port) as connection:
        connection.send(f"PUT {put_target('r/chunked')} HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "5\r\nhello\r\n0\r\n\r\n")
        answer = connection.receive()
        equal((answer.status, answer.error()[0]), (501, "NotImplemented"))
        equal(answer.header("Connection"), "close")
        assert connection.closed()


@case
def signed_chunks_are_verified_one_by_one():
    chunks = [os.urandom(65536), os.urandom(65536), b"the end"]
    head, body = signed_chunks(KEYS, "PUT", HOST, f"/{BUCKET}/r/signed-chunks", chunks)
    equal(exchange(lab.port, head + body).status, 200)
    equal(get("r/signed-chunks").body == b"".join(chunks), True)
    head, body = signed_chunks(KEYS, "PUT", HOST, f"/{BUCKET}/r/spoiled", chunks)
    spoiled = body[:70_000] + bytes([body[70_000] ^ 1]) + body[70_001:]
    answer = exchange(lab.port, head + spoiled)
    equal((answer.status, answer.error()[0]), (403, "SignatureDoesNotMatch"), repr(answer))
    assert answer.error()[2]["StringToSign"].startswith("AWS4-HMAC-SHA256-PAYLOAD\n"), answer
    equal(get("r/spoiled").status, 404)
    head, body = signed_chunks(KEYS, "PUT", HOST, f"/{BUCKET}/r/framing", chunks)
    answer = exchange(lab.port, head + body.replace(b";chunk-signature=", b";chunk_signature=", 1))
    assert answer.status in (400, 403), answer
    equal(get("r/framing").status, 404)


@case
def a_wrong_payload_hash_stores_nothing():
    answer = exchange(lab.port, signed_head(KEYS, "PUT", HOST, f"/{BUCKET}/r/hash", body=b"hello") + b"hallo")
    check_error(answer, 400, "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                {"ClientComputedContentSHA256": None, "S3ComputedContentSHA256": None})
    equal(get("r/hash").status, 404)


@case
def a_clock_that_is_wrong_by_more_than_15_minutes():
    for offset in (-1000, 1000):
        answer = exchange(lab.port, signed_head(KEYS, "GET", HOST, f"/{BUCKET}/x", offset=offset))
        check_error(answer, 403, "RequestTimeTooSkewed",
                    "The difference between the request time and the current time is too large.",
                    {"RequestTime": None, "ServerTime": None, "MaxAllowedSkewMilliseconds": "900000"})
    equal(exchange(lab.port, signed_head(KEYS, "GET", HOST, f"/{BUCKET}/r/none", offset=-800)).status, 404)


@case
def malformed_xml_is_said_to_be():
    for body in (b"<Delete><Object>", b"not xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Delete>&b;</Delete>", b"<Delete/>",
                 b"<a>" * 5000):
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        head = signed_head(KEYS, "POST", HOST, f"/{BUCKET}", query=[("delete", "")], body=body, headers={"Content-MD5": md5})
        check_error(exchange(lab.port, head + body), 400, "MalformedXML",
                    "The XML you provided was not well-formed or did not validate against our published schema")


@case
def slow_clients_do_not_stop_others():
    """200 connections that never finish their heads; others are served meanwhile"""
    slow = [Connection(lab.port) for _ in range(200)]
    try:
        for connection in slow:
            connection.send("GET / HTTP/1.1\r\nHost: ")
        for number in range(50):
            equal(put(f"r/meanwhile{number}", b"x").status, 200)
    finally:
        for connection in slow:
            connection.socket.close()
    healthy()


@case
def connections_that_break_off_leave_nothing():
    for number in range(100):
        connection = Connection(lab.port)
        connection.send(signed_head(KEYS, "PUT", HOST, f"/{BUCKET}/r/broken", headers={"Content-Length": "1000000"},
                                    payload="UNSIGNED-PAYLOAD") + b"x" * 50_000)
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        connection.socket.close()
    healthy()
    equal(get("r/broken").status, 404)


@case
def a_web_page_may_not_turn_the_clock():
    body = json.dumps({"by": "1s"})
    answer = exchange(lab.port, f"POST /_benchtop/clock/advance HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.test\r\n"
                                f"Content-Length: {len(body)}\r\n\r\n{body}")
    equal(answer.status, 403)


def untried(port):
    """Events that wait for their first attempt. (One whose file was moved just before the kill is tried again, finds
    the file gone and waits for its retry, as on AWS.)"""
    answer = exchange(port, "GET /_benchtop/deliveries?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return [card for card in json.loads(answer.body)["deliveries"]
            if card["state"] == "pending" and card["attempts"] == 0]


@case
def kill_9_loses_no_acknowledged_object_and_no_event():
    """Killed in the middle of uploads, three times: every upload that got 200 ends up in processed/"""
    data = tempfile.mkdtemp(prefix="benchtop-kill.")
    acknowledged = []
    server = Emulator(sys.argv[1], "--data", data, ephemeral=False)
    try:
        for round_number in range(3):
            server.start()
            stop = threading.Event()
            lock = threading.Lock()
            mine = []

            def upload(worker):
                number = 0
                host = f"127.0.0.1:{server.port}"
                try:
                    with Connection(server.port) as connection:
                        while not stop.is_set():
                            key = f"uploads/r{round_number}-w{worker}-{number}.txt"
                            body = key.encode()
                            connection.send(signed_head(KEYS, "PUT", host, f"/{BUCKET}/{key}", body=body) + body)
                            if connection.receive().status == 200:
                                with lock:
                                    mine.append(key)
                            number += 1
                except (ConnectionError, OSError):
                    pass

            threads = [in_thread(lambda worker=worker: upload(worker)) for worker in range(4)]
            eventually(lambda: len(mine) > 100 * (round_number + 1), "uploads are under way")
            server.kill()
            stop.set()
            for thread in threads:
                thread.join(DEADLINE_SECONDS)
            acknowledged += mine
        server.start()
        eventually(lambda: not untried(server.port), "every event is tried", 30)
        with Connection(server.port) as connection:
            host = f"127.0.0.1:{server.port}"
            for key in acknowledged:
                moved = key.replace("uploads/", "processed/")
                answer = connection.send(signed_head(KEYS, "GET", host, f"/{BUCKET}/{moved}")).receive()
                if answer.status != 200:
                    def again():
                        nonlocal answer
                        answer = get(moved, server.port)
                        return answer.status == 200
                    eventually(again, f"{moved} appears")
                equal(answer.body, key.encode(), moved)
        equal(server.stop(), 0, "exit status after SIGTERM")
    finally:
        if server.process.poll() is None:
            server.kill()
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(server.directory, ignore_errors=True)


@case
def kill_9_in_the_middle_of_a_multipart_upload():
    """Every part that got 200 is there after the restart, and the upload goes on"""
    data = tempfile.mkdtemp(prefix="benchtop-kill.")
    server = Emulator(sys.argv[1], "--data", data, ephemeral=False)
    etags = {}

    def send(method, query, body=b""):
        head = signed_head(KEYS, method, f"127.0.0.1:{server.port}", f"/{BUCKET}/r/parts", query=query, body=body)
        return exchange(server.port, head + body)

    def part(number):
        return bytes([number]) * (5 << 20)

    def upload_parts():
        try:
            for number in range(1, 60):
                answer = send("PUT", [("partNumber", str(number)), ("uploadId", upload)], part(number))
                etags[number] = answer.header("ETag")
        except (ConnectionError, OSError):
            pass

    try:
        server.start()
        upload = re.search(rb"<UploadId>(.*)</UploadId>", send("POST", [("uploads", "")]).body)[1].decode()
        thread = in_thread(upload_parts)
        eventually(lambda: len(etags) > 4, "parts are under way")
        server.kill()
        thread.join(DEADLINE_SECONDS)
        server.start()
        listed = send("GET", [("uploadId", upload)]).body.decode()
        for number, etag in etags.items():
            assert re.search(rf"<PartNumber>{number}</PartNumber><LastModified>[^<]*</LastModified><ETag>&quot;"
                             f"{etag[1:-1]}&quot;", listed), (number, etag, listed)
        parts = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{e}</ETag></Part>" for n, e in sorted(etags.items()))
        document = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        equal(send("POST", [("uploadId", upload)], document).status, 200)
        equal(get("r/parts", server.port).body, b"".join(part(n) for n in sorted(etags)))
        equal(server.stop(), 0, "exit status after SIGTERM")
    finally:
        if server.process.poll() is None:
            server.kill()
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(server.directory, ignore_errors=True)


@case
def sigterm_finishes_what_is_under_way():
    with Emulator(sys.argv[1]) as server:
        host = f"127.0.0.1:{server.port}"
        idle = Connection(server.port)
        busy = Connection(server.port)
        body = b"x" * 100_000
        head = signed_head(KEYS, "PUT", host, f"/{BUCKET}/r/drain", body=body, headers={"Expect": "100-continue"})
        equal(busy.send(head).receive().status, 100, "the request is under way")
        server.process.send_signal(signal.SIGTERM)
        assert idle.closed(), "idle connections end at once"
        equal(busy.send(body).receive().status, 200, "the upload is finished")
        equal(server.process.wait(DEADLINE_SECONDS), 0, "exit status")
        busy.socket.close()
        idle.socket.close()


def refused_start(*arguments):
    done = subprocess.run([sys.argv[1], "up", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60)
    equal((done.returncode, done.stdout), (1, ""), done.stderr)
    sentence = done.stderr.strip()
    assert sentence.startswith("benchtop: ") and "\n" not in sentence, f"one sentence: {done.stderr!r}"
    return sentence


@case
def a_port_that_is_taken():
    sentence = refused_start("--port", str(lab.port), "--api-port", "0", "--ephemeral")
    assert str(lab.port) in sentence, sentence


@case
def a_data_directory_that_is_in_use_or_cannot_be_written():
    data = tempfile.mkdtemp(prefix="benchtop-data.")
    try:
        with Emulator(sys.argv[1], "--data", data, ephemeral=False):
            sentence = refused_start("--port", "0", "--data", data)
            assert data in sentence, sentence
        with Emulator(sys.argv[1], "--data", data, ephemeral=False) as server:
            healthy(server.port)
        sentence = refused_start("--port", "0", "--data", "/proc/no-such-place")
        assert "/proc/no-such-place" in sentence, sentence
        file = os.path.join(data, "file")
        with open(file, "w", encoding="ascii"):
            pass
        assert file in refused_start("--port", "0", "--data", file)
    finally:
        shutil.rmtree(data, ignore_errors=True)


@case
def the_port_file_holds_both_ports():
    equal(open(os.path.join(lab.directory, "port"), encoding="ascii").read(), f"{lab.port}\n{lab.api_port}\n")
    assert lab.port != 4566 and lab.api_port not in (4567, lab.port), "any free ones"


@case
def wrong_usage_is_status_2():
    for arguments in (["up", "--port", "many"], ["up", "--unknown"], ["unknown"], [], ["up", "--data", "x", "--ephemeral"]):
        done = subprocess.run([sys.argv[1], *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        equal(done.returncode, 2, f"{arguments}: {done.stderr}")


@case
def commands_without_an_emulator_say_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        done = subprocess.run([sys.argv[1], "clock", "--port", port, "show"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        equal(done.returncode, 1)
        assert re.fullmatch(r"benchtop: .*\n", done.stderr), done.stderr


@case
def an_empty_emulator_has_nothing_deployed():
    with Emulator(sys.argv[1], "--empty") as server:
        host = f"127.0.0.1:{server.port}"
        answer = exchange(server.port, signed_head(KEYS, "GET", host, "/"))
        equal(answer.status, 200, repr(answer))
        assert b"<Buckets/>" in answer.body, answer


run_cases(lab)
