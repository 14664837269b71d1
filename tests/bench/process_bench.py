#!/usr/bin/env python3
"""The running emulator beside nginx, as a table of ratios: tests/bench/process_bench.py BUILD_DIR

Needs nginx (with the DAV module), wrk and curl on the machine and the target bench_flow in BUILD_DIR:
    cmake --build --preset release --target all bench_flow bench_verify
Every figure of Benchtop stands beside one of the reference, taken in the same run on the same machine.
"""

import hashlib
import hmac
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ACCESS_KEY = "AKIABENCHTOPLABADMIN"
SECRET = "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"
REGION = "us-east-2"
BUCKET = "bench-bucket"
LARGE_BYTES = 1 << 30
PART_BYTES = 8 << 20
PART_CONNECTIONS = 4  # SDKs use up to ten


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def presign(method, host, path, expires=86400, query=()):
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{now[:8]}/{REGION}/s3/aws4_request"
    parameters = sorted(
        list(query)
        + [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", f"{ACCESS_KEY}/{scope}"),
            ("X-Amz-Date", now),
            ("X-Amz-Expires", str(expires)),
            ("X-Amz-SignedHeaders", "host"),
        ]
    )
    text = "&".join(f"{k}={urllib.parse.quote(v, safe='-_.~')}" for k, v in parameters)
    canonical = f"{method}\n{path}\n{text}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = sign(sign(sign(sign(b"AWS4" + SECRET.encode(), now[:8]), REGION), "s3"), "aws4_request")
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{path}?{text}&X-Amz-Signature={signature}"


def request(port, method, target, body=b"", headers=""):
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.sendall(
            f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n{headers}\r\n".encode() + body
        )
        answer = b""
        while piece := s.recv(65536):
            answer += piece
    return int(answer.split(b" ", 2)[1]), answer


class Benchtop:
    def __init__(self, build, data, *options):
        self.port_file = os.path.join(data + ".port")
        if os.path.exists(self.port_file):
            os.unlink(self.port_file)
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [os.path.join(build, "emulator/benchtop"), "up", "--port", "0", "--data", data, "--quiet",
             "--port-file", self.port_file, *options],
            stdout=subprocess.DEVNULL,
        )
        while not os.path.exists(self.port_file):
            if self.process.poll() is not None:
                raise SystemExit("benchtop did not start")
        self.port, self.api_port = map(int, open(self.port_file).read().split())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def first_answer_ms(command, port, target):
    """exec until the first 200: polls by connecting, as a test runner would."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            if request(port, "GET", target)[0] == 200:
                break
        except OSError:
            pass
    took = (time.perf_counter() - began) * 1000
    return process, took


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wrk(url, connections, script=None, seconds=5):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    if script:
        command += ["-s", script]
    out = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit("refused requests in the measurement:\n" + out)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def put_script(path, targets):
    with open(path, "w") as f:
        f.write("local urls = {\n" + "".join(f'"{t}",\n' for t in targets) + "}\nlocal i = 0\n")
        f.write('local body = string.rep("x", 1024)\n')
        f.write('request = function() i = i + 1 return wrk.format("PUT", urls[i % #urls + 1], nil, body) end\n')


def curl_seconds(*arguments):
    out = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", *arguments],
        capture_output=True, text=True, check=True,
    ).stdout.split()
    if not out[0].startswith("2"):
        raise SystemExit(f"refused: {out}")
    return float(out[1])


def memory_kb(pid, field):
    text = open(f"/proc/{pid}/status").read()
    return int(re.search(rf"{field}:\s+(\d+)", text)[1])


def row(what, ours, reference, goal):
    print(f"| {what:<52} | {ours:>16} | {reference:>22} | {goal:<24} |", flush=True)


def start_up(build, root):
    binary = os.path.join(build, "emulator/benchtop")
    fresh, again = [], []
    for i in range(15):
        port = free_port()
        data = os.path.join(root, f"start{i}")
        for samples in (fresh, again):
            process, took = first_answer_ms(
                [binary, "up", "--port", str(port), "--api-port", "0", "--data", data, "--quiet"],
                port, "/_benchtop/health",
            )
            samples.append(took)
            process.send_signal(signal.SIGTERM)
            process.wait()
    nginx = []
    for _ in range(15):
        port = free_port()
        conf = nginx_conf(root, port)
        process, took = first_answer_ms(["nginx", "-c", conf, "-g", "daemon off;"], port, "/k")
        nginx.append(took)
        process.send_signal(signal.SIGTERM)
        process.wait()
    reference = f"nginx {statistics.median(nginx):.1f} ms"
    row("exec to first 200, lab in the data directory", f"{statistics.median(again):.1f} ms", reference, "< 15 ms")
    row("exec to first 200, deploying the lab", f"{statistics.median(fresh):.1f} ms", reference, "< 30 ms")
    stripped = os.path.join(root, "stripped")
    subprocess.run(["strip", "-o", stripped, binary], check=True)
    row("stripped binary", f"{os.path.getsize(stripped) / 1e6:.1f} MB", "", "< 15 MB")


def nginx_conf(root, port):
    html = os.path.join(root, "html")
    os.makedirs(os.path.join(html, "put"), exist_ok=True)
    with open(os.path.join(html, "k"), "wb") as f:
        f.write(b"x" * 1024)
    conf = os.path.join(root, "nginx.conf")
    with open(conf, "w") as f:
        f.write(
            f"worker_processes 2; pid {root}/nginx.pid; error_log {root}/nginx.err; user root;\n"
            "events { worker_connections 1024; }\n"
            "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;\n"
            f" client_body_temp_path {root}/tmp; client_max_body_size 6g;\n"
            f" server {{ listen 127.0.0.1:{port}; root {html};\n"
            "  location /put/ { dav_methods PUT; create_full_put_path on; } location / {} } }\n"
        )
    return conf


def small_objects(build, root, bench, nginx_port):
    host = f"127.0.0.1:{bench.port}"
    status, answer = request(
        bench.port, "PUT", presign("PUT", host, f"/{BUCKET}"),
        b"<CreateBucketConfiguration><LocationConstraint>us-east-2</LocationConstraint></CreateBucketConfiguration>",
    )
    if status != 200:
        raise SystemExit(answer.decode())
    request(bench.port, "PUT", presign("PUT", host, f"/{BUCKET}/k"), b"x" * 1024)
    ours_url = f"http://{host}{presign('GET', host, f'/{BUCKET}/k')}"
    for connections in (16, 64):
        ours = wrk(ours_url, connections)
        theirs = wrk(f"http://127.0.0.1:{nginx_port}/k", connections)
        row(f"presigned GET 1 KiB, {connections} connections", f"{ours:,.0f}/s",
            f"nginx {theirs:,.0f}/s", f"{ours / theirs:.2f} of nginx (0.7)")
    ours_script, theirs_script = os.path.join(root, "ours.lua"), os.path.join(root, "theirs.lua")
    put_script(ours_script, [presign("PUT", host, f"/{BUCKET}/put/{i}") for i in range(500)])
    put_script(theirs_script, [f"/put/{i}" for i in range(500)])
    theirs = wrk(f"http://127.0.0.1:{nginx_port}/", 32, theirs_script)
    ours = wrk(f"http://{host}/", 32, ours_script)
    row("presigned PUT 1 KiB, 32 connections", f"{ours:,.0f}/s", f"nginx DAV {theirs:,.0f}/s",
        f"{ours / theirs:.2f} of nginx (1.0)")
    synced = Benchtop(build, os.path.join(root, "fsync"), "--fsync")
    host = f"127.0.0.1:{synced.port}"
    request(
        synced.port, "PUT", presign("PUT", host, f"/{BUCKET}"),
        b"<CreateBucketConfiguration><LocationConstraint>us-east-2</LocationConstraint></CreateBucketConfiguration>",
    )
    put_script(ours_script, [presign("PUT", host, f"/{BUCKET}/put/{i}") for i in range(500)])
    ours = wrk(f"http://{host}/", 32, ours_script)
    synced.stop()
    row("the same with --fsync", f"{ours:,.0f}/s", f"nginx DAV {theirs:,.0f}/s", f"{ours / theirs:.2f} of nginx (0.7)")


def flow(build, bench):
    def run(files, clients):
        out = subprocess.run(
            [os.path.join(build, "tests/bench/bench_flow"), str(bench.port), str(bench.api_port), str(files), str(clients)],
            capture_output=True, text=True, check=True,
        ).stdout.split()
        return float(out[1]), float(out[3])

    run(200, 1)
    _, median = run(1000, 1)
    row("presign -> PUT -> processed/, one client, median", f"{median:.2f} ms", "", "< 3 ms")
    rate, _ = run(10000, 32)
    row("the same, 32 clients", f"{rate:,.0f} files/s", "", "> 2,000 files/s")


def large_object(root, bench, nginx_port):
    host = f"127.0.0.1:{bench.port}"
    request(
        bench.port, "PUT", presign("PUT", host, f"/{BUCKET}"),
        b"<CreateBucketConfiguration><LocationConstraint>us-east-2</LocationConstraint></CreateBucketConfiguration>",
    )
    source = os.path.join(root, "html", "large")
    with open(source, "wb") as f:
        for _ in range(LARGE_BYTES >> 20):
            f.write(b"a" * (1 << 20))
    idle = memory_kb(bench.process.pid, "VmRSS")
    with open(f"/proc/{bench.process.pid}/clear_refs", "w") as f:
        f.write("5")  # the peak starts anew: what follows is what counts
    md5 = hashlib.md5()
    block = b"a" * (1 << 20)
    began = time.perf_counter()
    for _ in range(256):
        md5.update(block)
    md5_rate = 256 * (1 << 20) / (time.perf_counter() - began)
    put = min(curl_seconds("-T", source, f"http://{host}{presign('PUT', host, f'/{BUCKET}/large')}") for _ in range(3))
    row("PUT 1 GiB", f"{LARGE_BYTES / put / 1e9:.2f} GB/s", f"MD5, one core {md5_rate / 1e9:.2f} GB/s",
        f"{LARGE_BYTES / put / md5_rate:.2f} of MD5 (0.8)")
    get = min(curl_seconds(f"http://{host}{presign('GET', host, f'/{BUCKET}/large')}") for _ in range(3))
    theirs = min(curl_seconds(f"http://127.0.0.1:{nginx_port}/large") for _ in range(3))
    row("GET 1 GiB", f"{LARGE_BYTES / get / 1e9:.2f} GB/s", f"nginx {LARGE_BYTES / theirs / 1e9:.2f} GB/s",
        f"{theirs / get:.2f} of nginx (0.8)")
    peak = memory_kb(bench.process.pid, "VmHWM")
    row("memory over idle, at most", f"{(peak - idle) / 1024:.1f} MB", "", "<= 32 MB")
    times = []
    for i in range(9):
        # x-amz-copy-source must be signed: as a query parameter it is.
        target = presign("PUT", host, f"/{BUCKET}/copy{i}", query=[("x-amz-copy-source", f"/{BUCKET}/large")])
        began = time.perf_counter()
        status, answer = request(bench.port, "PUT", target)
        times.append((time.perf_counter() - began) * 1000)
        if status != 200 or b"CopyObjectResult" not in answer:
            raise SystemExit(answer.decode())
    row("COPY 1 GiB, with its connection", f"{statistics.median(times):.2f} ms", "", "< 2 ms")
    multipart_object(root, bench, put, theirs)


def send_part(connection, host, target, file, offset, size):
    head = f"PUT {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {size}\r\n\r\n"
    connection.sendall(head.encode())
    connection.sendfile(file, offset, size)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(answer.decode())
    return re.search(rb'ETag: ("\w+")', answer)[1].decode()


def upload_in_parts(bench, source, key):
    """Seconds of a whole multipart upload over a few connections."""
    host = f"127.0.0.1:{bench.port}"
    path = f"/{BUCKET}/{key}"
    began = time.perf_counter()
    answer = request(bench.port, "POST", presign("POST", host, path, query=[("uploads", "")]))[1]
    upload = re.search(rb"<UploadId>(.*)</UploadId>", answer)[1].decode()
    parts = LARGE_BYTES // PART_BYTES
    etags = {}

    def worker(first):
        with socket.create_connection(("127.0.0.1", bench.port)) as connection, open(source, "rb") as file:
            for number in range(first, parts + 1, PART_CONNECTIONS):
                query = [("partNumber", str(number)), ("uploadId", upload)]
                target = presign("PUT", host, path, query=query)
                etags[number] = send_part(connection, host, target, file, (number - 1) * PART_BYTES, PART_BYTES)

    threads = [threading.Thread(target=worker, args=(first,)) for first in range(1, PART_CONNECTIONS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{etags[n]}</ETag></Part>" for n in sorted(etags))
    document = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    status, answer = request(bench.port, "POST", presign("POST", host, path, query=[("uploadId", upload)]), document)
    if status != 200 or f"-{parts}&quot;".encode() not in answer:
        raise SystemExit(answer.decode())
    return time.perf_counter() - began


def multipart_object(root, bench, single, nginx_get):
    host = f"127.0.0.1:{bench.port}"
    idle = memory_kb(bench.process.pid, "VmRSS")
    with open(f"/proc/{bench.process.pid}/clear_refs", "w") as f:
        f.write("5")
    source = os.path.join(root, "html", "large")
    took = min(upload_in_parts(bench, source, f"parts{i}") for i in range(3))
    row(f"multipart PUT 1 GiB, 8 MiB parts, {PART_CONNECTIONS} connections", f"{LARGE_BYTES / took / 1e9:.2f} GB/s",
        f"single PUT {LARGE_BYTES / single / 1e9:.2f} GB/s", f"{single / took:.2f} of single (1.0)")
    get = min(curl_seconds(f"http://{host}{presign('GET', host, f'/{BUCKET}/parts0')}") for _ in range(3))
    row("GET 1 GiB of 128 parts", f"{LARGE_BYTES / get / 1e9:.2f} GB/s", f"nginx {LARGE_BYTES / nginx_get / 1e9:.2f} GB/s",
        f"{nginx_get / get:.2f} of nginx (0.8)")
    target = presign("PUT", host, f"/{BUCKET}/parts-copy", query=[("x-amz-copy-source", f"/{BUCKET}/parts0")])
    began = time.perf_counter()
    if b"CopyObjectResult" not in request(bench.port, "PUT", target)[1]:
        raise SystemExit("the copy failed")
    row("COPY of it, whose MD5 is not known", f"{time.perf_counter() - began:.2f} s", "", "reads it once")
    peak = memory_kb(bench.process.pid, "VmHWM")
    row("memory over idle in all of this, at most", f"{(peak - idle) / 1024:.1f} MB", "", "<= 32 MB")


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release")  # then --large: only that part
    for tool in ("nginx", "wrk", "curl", "strip"):
        if not shutil.which(tool):
            raise SystemExit(f"this benchmark needs {tool}")
    root = tempfile.mkdtemp(prefix="benchtop-bench-")
    print("| what | Benchtop | reference, same run | ratio or figure (goal) |")
    print("| --- | --- | --- | --- |")
    nginx = None
    bench = None
    try:
        if "--large" not in sys.argv:
            start_up(build, root)
        bench = Benchtop(build, os.path.join(root, "data"))
        request(bench.port, "GET", "/_benchtop/health")
        smaps = open(f"/proc/{bench.process.pid}/smaps_rollup").read()
        private = sum(int(n) for n in re.findall(r"Private_(?:Clean|Dirty):\s+(\d+)", smaps))
        row("idle memory (private / resident)",
            f"{private / 1024:.1f} / {memory_kb(bench.process.pid, 'VmRSS') / 1024:.1f} MB", "", "< 15 MB")
        port = free_port()
        nginx = subprocess.Popen(["nginx", "-c", nginx_conf(root, port), "-g", "daemon off;"])
        if "--large" not in sys.argv:
            flow(build, bench)
            small_objects(build, root, bench, port)
        large_object(root, bench, port)
        subprocess.run([os.path.join(build, "tests/bench/bench_verify")], check=False)
    finally:
        if nginx:
            nginx.terminate()
            nginx.wait()
        if bench:
            bench.stop()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
