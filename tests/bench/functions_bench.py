#!/usr/bin/env python3
"""What running functions as processes costs, beside what the interpreter costs alone.

    functions_bench.py BUILD_DIR

Prints: a warm Python invoke over the handler's own time; a cold start with boto3 beside `python3 -c 'import boto3'`
run in between; the memory of 200 registered functions.
"""

import base64
import json
import os
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "clients"))
BUILD = os.path.abspath(sys.argv[1])
sys.argv[1:] = [os.path.join(BUILD, "emulator", "benchtop")]
from control_lab import ACCOUNT, ControlLab, zipped  # noqa: E402

lab = ControlLab()
functions = lab.client("lambda")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/lambda-worker-role"


def make(name, source, **more):
    functions.create_function(FunctionName=name, Runtime="python3.11", Role=ROLE, Handler="f.handler",
                              Code={"ZipFile": zipped({"f.py": source})}, **more)


def invoke(name):
    """(milliseconds on the client, the report's own durations)"""
    begin = time.perf_counter()
    answer = functions.invoke(FunctionName=name, LogType="Tail", Payload=b"{}")
    elapsed = 1000 * (time.perf_counter() - begin)
    report = base64.b64decode(answer["LogResult"]).decode()
    return elapsed, {key: float(value) for key, value in re.findall(r"\t(Duration|Init Duration): ([\d.]+) ms", report)}


def resident_mb():
    with open(f"/proc/{lab.emulator.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


make("warm", "import time\ndef handler(event, context):\n    begin = time.perf_counter()\n    sum(range(1000))\n    return (time.perf_counter() - begin) * 1000\n")
invoke("warm")
over = []
for _ in range(300):
    begin = time.perf_counter()
    own = json.loads(functions.invoke(FunctionName="warm", Payload=b"{}")["Payload"].read())
    over.append(1000 * (time.perf_counter() - begin) - own)
calls = []
for _ in range(300):
    begin = time.perf_counter()
    functions.get_function_concurrency(FunctionName="warm")
    calls.append(1000 * (time.perf_counter() - begin))
print(f"warm Python invoke over the handler's own time, median: {statistics.median(over):.2f} ms "
      f"(a call that runs nothing: {statistics.median(calls):.2f} ms; ratio {statistics.median(over) / statistics.median(calls):.2f})")

python = sys.executable
imports, colds = [], []
for number in range(10):
    begin = time.perf_counter()
    subprocess.run([python, "-c", "import boto3"], check=True)
    imports.append(1000 * (time.perf_counter() - begin))
    make(f"cold{number}", "import boto3\ndef handler(event, context):\n    return 1\n", Timeout=20)
    elapsed, durations = invoke(f"cold{number}")
    colds.append(durations["Init Duration"])
print(f"cold start with boto3, median: {statistics.median(colds):.0f} ms beside {statistics.median(imports):.0f} ms for "
      f"python3 -c 'import boto3' (difference {statistics.median(colds) - statistics.median(imports):.0f} ms)")

before = resident_mb()
for number in range(200):
    make(f"many{number}", f"def handler(event, context):\n    return {number}\n")
print(f"200 registered functions: {resident_mb() - before:.1f} MB of resident memory")
lab.emulator.__exit__()
