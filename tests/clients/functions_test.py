#!/usr/bin/env python3
"""Functions run: Python, Node.js and bootstrap archives through the control plane, and what goes wrong in them."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

from client_lab import Emulator, case, equal, eventually, run_cases, skipped
from control_lab import ACCOUNT, ControlLab, refusal, zipped

lab = ControlLab()
functions = lab.client("lambda")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/lambda-worker-role"
RUNTIMES = {"py": "python3.11", "js": "nodejs20.x", "sh": "provided.al2023"}


def make(name, kind, files, handler=None, modes=None, **settings):
    handlers = {"py": "lambda_function.lambda_handler", "js": "index.handler", "sh": "bootstrap"}
    functions.create_function(FunctionName=name, Runtime=RUNTIMES[kind], Role=ROLE, Handler=handler or handlers[kind],
                              Code={"ZipFile": zipped(files, modes)}, **settings)
    return name


def python(name, source, **settings):
    return make(name, "py", {"lambda_function.py": source}, **settings)


class Run:
    def __init__(self, name, event=None, **more):
        answer = functions.invoke(FunctionName=name, LogType="Tail", Payload=json.dumps(event or {}).encode(), **more)
        self.failed = answer.get("FunctionError")
        self.id = answer["ResponseMetadata"]["RequestId"]
        self.text = answer["Payload"].read().decode()
        self.log = base64.b64decode(answer["LogResult"]).decode()

    @property
    def value(self):
        return json.loads(self.text)


def error(name, expected):
    """The function fails with this document; <ID> stands for the request's id."""
    run = Run(name)
    equal(run.failed, "Unhandled", run.text)
    equal(json.loads(run.text.replace(run.id, "<ID>")), expected)
    return run


def written(name):
    """All that was logged, which X-Amz-Log-Result shows from START on."""
    return lab.emulator.command("logs", name).stdout


@case
def a_python_function_is_cold_once_and_then_warm():
    python("warm", "n = 0\ndef lambda_handler(event, context):\n    global n\n    n += 1\n    print('seen', event)\n    return [n, event]\n")
    first, second = Run("warm", {"a": 1}), Run("warm", {"a": 2})
    equal((first.value, second.value), ([1, {"a": 1}], [2, {"a": 2}]))
    lines = first.log.split("\n")
    equal("INIT_START Runtime Version: python:3.11." in written("warm"), True, written("warm"))
    equal(lines[0:3], [f"START RequestId: {first.id} Version: $LATEST", "seen {'a': 1}", f"END RequestId: {first.id}"])
    equal("\tInit Duration: " in first.log and "\tInit Duration: " not in second.log, True)
    lab.emulator.command("clock", "advance", "5s")
    functions.update_function_code(FunctionName="warm", ZipFile=zipped({"lambda_function.py": "def lambda_handler(e, c):\n    return 'new'\n"}))
    equal(Run("warm").value, "new", "an update starts cold")


@case
def functions_run_from_a_relative_data_directory():
    """`up --data data`: a function's process starts elsewhere and still finds its code and runtime"""
    with tempfile.TemporaryDirectory(prefix="benchtop-relative.") as directory:
        other = Emulator(sys.argv[1], "--data", os.path.relpath(os.path.join(directory, "data")), ephemeral=False)
        with other:
            client = lab.client("lambda", endpoint=other.endpoint)
            client.create_function(
                FunctionName="relative", Runtime="python3.11", Role=ROLE, Handler="lambda_function.lambda_handler",
                Code={"ZipFile": zipped({"lambda_function.py": "import os\ndef lambda_handler(e, c):\n    return os.listdir('.')\n"})})
            answer = eventually(lambda: invoked(client, "relative"), "it is there")
            equal(json.loads(answer), ["lambda_function.py"])


def invoked(client, name):
    try:
        return client.invoke(FunctionName=name)["Payload"].read()
    except client.exceptions.ResourceConflictException:
        return None


@case
def an_environment_is_frozen_between_events():
    """threads and children stop with the answer and go on with the next event"""
    python("frozen", """
import os, subprocess, threading
count = 0
def counting():
    global count
    while True:
        count += 1
child = subprocess.Popen(["sleep", "600"])
threading.Thread(target=counting, daemon=True).start()
def lambda_handler(event, context):
    return [os.getpid(), child.pid, count]
""", Timeout=20)

    def state(pid):
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0]

    pid, child, first = Run("frozen").value
    eventually(lambda: (state(pid), state(child)) == ("T", "T"), "both are stopped")
    again, _, _ = Run("frozen").value
    equal(again, pid, "the environment is warm")
    eventually(lambda: Run("frozen").value[2] > first, "the thread goes on with an event")
    eventually(lambda: (state(pid), state(child)) == ("T", "T"), "both are stopped again")


@case
def the_context_and_the_environment_are_lambdas():
    python("context", """
import os
def lambda_handler(event, context):
    return {"id": context.aws_request_id, "name": context.function_name, "version": context.function_version,
            "arn": context.invoked_function_arn, "memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis(),
            "group": context.log_group_name, "stream": context.log_stream_name, "env": dict(os.environ)}
""", Environment={"Variables": {"MINE": "yes"}}, MemorySize=256, Timeout=5)
    run = Run("context")
    value, env = run.value, run.value["env"]
    equal((value["id"], value["name"], value["version"], value["memory"]), (run.id, "context", "$LATEST", "256"))
    equal(value["arn"], f"arn:aws:lambda:us-east-2:{ACCOUNT}:function:context")
    equal(4000 < value["left"] <= 5000, True, str(value["left"]))
    equal((value["group"], value["stream"]), (env["AWS_LAMBDA_LOG_GROUP_NAME"], env["AWS_LAMBDA_LOG_STREAM_NAME"]))
    for name, expected in {"MINE": "yes", "AWS_REGION": "us-east-2", "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11", "TZ": ":UTC",
                           "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "_HANDLER": "lambda_function.lambda_handler",
                           "AWS_ENDPOINT_URL": lab.emulator.endpoint}.items():
        equal(env.get(name), expected, name)
    equal(env["AWS_ACCESS_KEY_ID"].startswith("ASIA"), True)
    equal([name for name in env if name.startswith("BENCHTOP") or name in ("HOME", "USER", "SSH_AUTH_SOCK")], [], "nothing of ours leaks")
    equal(Run("context", Qualifier="$LATEST").value["arn"].endswith(":context:$LATEST"), True)


@case
def python_errors_have_lambdas_documents():
    python("raises", "def inner():\n    raise ValueError('no')\n\ndef lambda_handler(event, context):\n    inner()\n")
    run = error("raises", {"errorMessage": "no", "errorType": "ValueError", "requestId": "<ID>", "stackTrace": [
        '  File "/var/task/lambda_function.py", line 5, in lambda_handler\n    inner()\n',
        '  File "/var/task/lambda_function.py", line 2, in inner\n    raise ValueError(\'no\')\n']})
    equal("[ERROR] ValueError: no\nTraceback (most recent call last):\n\u00a0\u00a0File " in run.log, True, run.log)
    python("syntax", "def lambda_handler(event, context):\n    return 1 +\n")
    error("syntax", {"errorMessage": "Syntax error in module 'lambda_function': invalid syntax (lambda_function.py, line 2)",
                     "errorType": "Runtime.UserCodeSyntaxError", "requestId": "",
                     "stackTrace": ['  File "/var/task/lambda_function.py" Line 2\n        return 1 +\n']})
    lines = [line.partition(" ")[2] if line[:4].isdigit() else line for line in written("syntax").splitlines()]
    equal(sum("LAMBDA_WARNING: Unhandled exception. The most likely cause" in line for line in lines), 2, "an init that fails is run once more")
    equal([line.split("\t", 1)[1] for line in lines if "INIT_REPORT" in line],
          [f"Phase: {phase}\tStatus: error\tError Type: Runtime.UserCodeSyntaxError" for phase in ("init", "invoke")])
    python("partly", "def lambda_handler(event, context):\n    return 1 + event['a']\n")
    error("partly", {"errorMessage": "'a'", "errorType": "KeyError", "requestId": "<ID>", "stackTrace": [
        '  File "/var/task/lambda_function.py", line 2, in lambda_handler\n    return 1 + event[\'a\']\n']})
    python("silent", "def lambda_handler(event, context):\n    raise ValueError\n")
    equal("[ERROR] ValueError\nTraceback" in Run("silent").log, True)
    make("no-module", "py", {"other.py": ""})
    error("no-module", {"errorMessage": "Unable to import module 'lambda_function': No module named 'lambda_function'",
                        "errorType": "Runtime.ImportModuleError", "requestId": "", "stackTrace": []})
    python("no-handler", "x = 1\n")
    error("no-handler", {"errorMessage": "Handler 'lambda_handler' missing on module 'lambda_function'",
                         "errorType": "Runtime.HandlerNotFound", "requestId": "", "stackTrace": []})
    make("no-dot", "py", {"x.py": ""}, handler="x")
    error("no-dot", {"errorMessage": "Bad handler 'x': not enough values to unpack (expected 2, got 1)",
                     "errorType": "Runtime.MalformedHandlerName", "requestId": "", "stackTrace": []})
    python("no-json", "def lambda_handler(event, context):\n    return {1, 2}\n")
    error("no-json", {"errorMessage": "Unable to marshal response: Object of type set is not JSON serializable",
                      "errorType": "Runtime.MarshalError", "requestId": "<ID>", "stackTrace": []})


@case
def what_the_platform_does_to_a_process():
    python("slow", "import time\ndef lambda_handler(event, context):\n    print('sleeping', flush=True)\n    time.sleep(60)\n", Timeout=1)
    run = error("slow", {"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: <ID> Error: Task timed out after 1.00 seconds"})
    equal("sleeping\n" in run.log and "Status: timeout" in run.log, True, run.log)
    python("stubborn", "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef lambda_handler(event, context):\n    time.sleep(60)\n",
           Timeout=1)
    equal(Run("stubborn").value["errorType"], "Sandbox.Timedout")
    for name, source, how in (
            ("exit-3", "import sys\ndef lambda_handler(e, c):\n    sys.exit(3)\n", "Runtime exited with error: exit status 3"),
            ("exit-0", "import sys\ndef lambda_handler(e, c):\n    sys.exit(0)\n", "Runtime exited without providing a reason"),
            ("abort", "import os\ndef lambda_handler(e, c):\n    os.abort()\n", "Runtime exited with error: signal: aborted")):
        python(name, source)
        error(name, {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: <ID> Error: {how}"})
    python("hog", "import time\ndef lambda_handler(e, c):\n    x = bytearray(400 * 1024 * 1024)\n    time.sleep(2)\n", Timeout=10)
    error("hog", {"errorType": "Runtime.OutOfMemory", "errorMessage": "RequestId: <ID> Error: Runtime exited with error: signal: killed"})
    python("large", "def lambda_handler(e, c):\n    return 'x' * (6 * 1024 * 1024 + 200)\n")
    equal(Run("large").value["errorType"], "Function.ResponseSizeTooLarge")


@case
def nothing_is_left_of_what_a_function_started():
    mark = f"benchtop-straggler-{os.getpid()}"
    python("forks", f"""
import subprocess, time
def lambda_handler(event, context):
    subprocess.Popen(["/bin/sh", "-c", ": {mark}; sleep 600"], start_new_session=True)
    subprocess.Popen(["/bin/sh", "-c", ": {mark}; sleep 600"], start_new_session=True, env={{}}, cwd="/", close_fds=True,
                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(60)
""", Timeout=1)
    equal(Run("forks").value["errorType"], "Sandbox.Timedout")

    def gone():
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    if mark.encode() in file.read():
                        return False
            except OSError:
                pass
        return True

    eventually(gone, "the child in a session of its own is killed, also one that kept nothing of ours")


def children():
    with open(f"/proc/{lab.emulator.process.pid}/task/{lab.emulator.process.pid}/children", encoding="ascii") as file:
        found = file.read().split()
    for task in os.listdir(f"/proc/{lab.emulator.process.pid}/task"):
        try:
            with open(f"/proc/{lab.emulator.process.pid}/task/{task}/children", encoding="ascii") as file:
                found += file.read().split()
        except OSError:
            pass
    return set(found)


@case
def processes_of_functions_that_are_gone_end():
    before = children()
    for n in range(3):
        python(f"short-lived-{n}", "def lambda_handler(event, context):\n    return 1\n")
        Run(f"short-lived-{n}")
    equal(len(children() - before) >= 3, True)
    for n in range(3):
        functions.delete_function(FunctionName=f"short-lived-{n}")
    eventually(lambda: not (children() - before), "idle processes of deleted functions end", 30)


@case
def a_flood_of_output_is_bounded():
    python("flood", "def lambda_handler(event, context):\n    for n in range(200000):\n        print('x' * 80)\n    return 'done'\n", Timeout=30)
    run = Run("flood")
    equal(run.value, "done")
    equal(len(run.log) <= 4096, True)


@case
def environments_serve_one_event_at_a_time():
    python("parallel", "import time, os\ndef lambda_handler(event, context):\n    time.sleep(0.4)\n    return os.getpid()\n", Timeout=10)
    pids = []
    threads = [threading.Thread(target=lambda: pids.append(Run("parallel").value)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(len(set(pids)), 3, "three events at once are three environments")


BOOTSTRAP = """#!/bin/sh
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime
while :; do
  head=$(mktemp)
  event=$(curl -sS -D "$head" $api/invocation/next)
  id=$(grep -i aws-request-id "$head" | tr -d '[:space:]' | cut -d: -f2)
  curl -sS -X POST "$api/invocation/$id/response" -d "{\\"got\\":$event,\\"handler\\":\\"$_HANDLER\\"}" > /dev/null
done
"""


@case
def a_bootstrap_is_any_program():
    make("shell", "sh", {"bootstrap": BOOTSTRAP}, modes={"bootstrap": 0o755}, handler="any.thing")
    equal(Run("shell", {"a": 1}).value, {"got": {"a": 1}, "handler": "any.thing"})
    equal(Run("shell", {"a": 2}).value["got"], {"a": 2})
    missing = {"errorType": "Runtime.InvalidEntrypoint",
               "errorMessage": "RequestId: <ID> Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"}
    make("no-bootstrap", "sh", {"x": ""})
    error("no-bootstrap", missing)
    make("windows-zip", "sh", {"bootstrap": BOOTSTRAP}, modes={"bootstrap": 0})
    error("windows-zip", missing)


@case
def the_runtime_api_holds_against_misuse():
    make("misuse", "py", {"lambda_function.py": """
import json, os, urllib.request, urllib.error
def ask(method, path, body=b"{}"):
    request = urllib.request.Request("http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + path, data=None if method == "GET" else body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text).get("errorType") if text.startswith(b"{") else None
def lambda_handler(event, context):
    base = "/2018-06-01/runtime/"
    return [ask("POST", base + "invocation/wrong-id/response"), ask("POST", base + "init/error"), ask("GET", "/2018-06-01/ping"),
            ask("POST", "/2020-01-01/extension/register"), ask("GET", "/none")[0]]
"""}, Timeout=10)
    equal(Run("misuse").value, [[400, "InvalidRequestID"], [403, "InvalidStateTransition"], [200, "pong"], [403, "Extension.NotSupported"], 404])
    # An answer given behind the runtime's back is the answer; what the handler returns comes second, and is refused.
    python("twice", """
import os, urllib.request
def lambda_handler(event, context):
    where = "/2018-06-01/runtime/invocation/" + context.aws_request_id + "/response"
    urllib.request.urlopen(urllib.request.Request("http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + where, data=b"[1]", method="POST"), timeout=5)
    return 2
""", Timeout=10)
    equal([Run("twice").value, Run("twice").value], [[1], [1]])


@case
def node_functions_run():
    if not any(os.access(os.path.join(path, "node"), os.X_OK) for path in os.environ["PATH"].split(":")):
        skipped("nodejs functions", "node is not on this machine")
        return
    make("node", "js", {"index.js": "exports.handler = async (event, context) => { console.log('hi', event); return { event, id: context.awsRequestId }; };\n"})
    run = Run("node", {"a": 1})
    equal(run.value, {"event": {"a": 1}, "id": run.id})
    equal(f"\t{run.id}\tINFO\thi {{ a: 1 }}\n" in run.log, True, run.log)
    make("node-callback", "js", {"index.js": "exports.handler = (event, context, callback) => setTimeout(() => callback(null, 'late'), 5);\n"})
    equal(Run("node-callback").value, "late")
    # What is returned without a promise does not count, nor what is never settled.
    make("node-plain", "js", {"index.js": "exports.handler = (event) => 'lost';\n"})
    equal(Run("node-plain").value, None)
    make("node-pending", "js", {"index.js": "exports.handler = () => new Promise(() => {});\n"})
    equal([Run("node-pending").value, Run("node-pending").value], [None, None])
    make("node-succeed", "js", {"index.js": "exports.handler = (event, context) => { setTimeout(() => context.succeed('late'), 5); };\n"})
    equal(Run("node-succeed").value, "late")
    make("node-esm", "js", {"index.mjs": "export const handler = async () => { throw new TypeError('bad'); };\n"})
    failed = Run("node-esm")
    equal((failed.failed, failed.value["errorType"], failed.value["errorMessage"]), ("Unhandled", "TypeError", "bad"))
    equal("at handler (file:///var/task/index.mjs:1:" in failed.value["trace"][1], True, str(failed.value))
    make("node-none", "js", {"other.js": ""})
    equal(Run("node-none").value["errorType"], "Runtime.ImportModuleError")
    make("node-no-handler", "js", {"index.js": "exports.other = 1;\n"})
    equal(Run("node-no-handler").value["errorMessage"], "index.handler is undefined or not exported")


@case
def the_functions_own_credentials_are_its_roles():
    python("who", "import boto3\ndef lambda_handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Arn']\n", Timeout=20)
    equal(Run("who").value, f"arn:aws:sts::{ACCOUNT}:assumed-role/lambda-worker-role/who")


@case
def other_runtimes_say_what_is_missing():
    functions.create_function(FunctionName="java", Runtime="java21", Role=ROLE, Handler="a.B::c", Code={"ZipFile": zipped({"a": "b"})})
    value = Run("java").value
    equal(value["errorType"], "Runtime.NotSupported")
    equal("java21 has no program here" in value["errorMessage"], True, value["errorMessage"])


run_cases(lab.emulator)
