#!/usr/bin/env python3
"""`benchtop exec -- CMD`: an emulator for one command, its exit status, its signals, and nobody left behind.

    exec_test.py BINARY [CASE...]
"""

import errno
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time
import urllib.request

from client_lab import case, equal, eventually, run_cases

BINARY = os.path.abspath(sys.argv[1])
PYTHON = sys.executable
CLEAN = {k: v for k, v in os.environ.items()
         if k[:4] != "AWS_" and k[:9] != "BENCHTOP_" and not k.upper().endswith("_PROXY")}


def execute(*arguments, **options):
    return subprocess.run([BINARY, "exec", *arguments], capture_output=True, text=True, timeout=60,
                          **{"env": CLEAN, "stdin": subprocess.DEVNULL, **options})


def start(*arguments, **options):
    return subprocess.Popen([BINARY, "exec", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                            env=CLEAN, **options)


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"  # nobody here reaps what init does
    except FileNotFoundError:
        return True


def guardian_of(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
        return int(file.read().split()[0])


@case
def the_exit_status_is_the_commands():
    equal(execute("--", "sh", "-c", "exit 7").returncode, 7)
    equal(execute("--", "true").returncode, 0)
    equal(execute("--", "sh", "-c", "kill -9 $$").returncode, 128 + 9, "as a shell says it")
    equal(execute("sh", "-c", "exit 3").returncode, 3, "the dashes may be left out")


@case
def what_cannot_be_run_is_told_as_a_shell_does():
    missing = execute("--", "no-such-program-anywhere")
    equal(missing.returncode, 127)
    assert "no-such-program-anywhere: command not found" in missing.stderr, missing.stderr
    equal(execute("--", "/etc/passwd").returncode, 126, "is no program")
    equal(execute().returncode, 2, "nothing to run")
    equal(execute("--no-such-option", "--", "true").returncode, 2)
    broken = execute("--stack", "/no/such/template.yaml", "--", "touch", "/no/such/file")
    equal(broken.returncode, 125, "no emulator")
    equal(broken.stderr.count("\n"), 1, broken.stderr)


@case
def arguments_standard_input_and_output_are_the_commands_own():
    done = execute("--", "sh", "-c", 'cat; printf "[%s]" "$@"; echo told >&2', "sh", "--help", "--", "--endpoint", "a b", "",
                   stdin=None, input="typed ")
    equal((done.stdout, done.stderr), ("typed [--help][--][--endpoint][a b][]", "told\n"))


@case
def the_environment_is_what_env_prints():
    script = 'env; echo ---; "$0" env $1; echo ---; pwd'
    for option in ("--endpoint", "--real-names"):
        printed = "--endpoint" if option == "--endpoint" else ""
        done = execute(option, "--", "sh", "-c", script, BINARY, printed)
        equal(done.returncode, 0, done.stderr)
        inside, shell_lines, directory = done.stdout.split("---\n")
        inside = dict(line.split("=", 1) for line in inside.splitlines() if "=" in line)
        exported = [line[len("export "):].split("=", 1) for line in shell_lines.splitlines() if line.startswith("export ")]
        assert len(exported) >= 5, shell_lines
        for name, value in exported:
            if name != "BENCHTOP_SAVED":
                equal(inside.get(name), value, name)
        for line in shell_lines.splitlines():
            if line.startswith("unset "):
                for name in line.split()[1:]:
                    assert name not in inside, name
        equal(inside["BENCHTOP_ENDPOINT"], f"http://127.0.0.1:{inside['BENCHTOP_PORT']}")
        equal(directory.strip(), os.getcwd())


@case
def the_lab_is_there_and_commands_of_benchtop_find_it():
    script = """
import json, os, subprocess, urllib.request
invoke = "http://127.0.0.1:" + os.environ["BENCHTOP_API_PORT"] + "/prod/presign"
made = json.load(urllib.request.urlopen(urllib.request.Request(invoke, method="POST")))
put = urllib.request.Request(made["uploadUrl"], data=b"x", method="PUT")
assert urllib.request.urlopen(put).status == 200
subprocess.run([os.environ["BINARY"], "clock", "advance", "301s"], check=True)
try:
    urllib.request.urlopen(put)
except urllib.error.HTTPError as late:
    assert b"Request has expired" in late.read()
    print("expired")
"""
    done = execute("--endpoint", "--", PYTHON, "-c", script, env={**CLEAN, "BINARY": BINARY})
    equal(done.stdout.splitlines()[-1:], ["expired"], done.stdout + done.stderr)


@case
def several_run_at_once_and_share_nothing():
    running = [start("--endpoint", "--", "sh", "-c", "echo $BENCHTOP_PORT; exec tail -f /dev/null") for _ in range(6)]
    try:
        ports = [int(one.stdout.readline()) for one in running]
        equal(len(set(ports)), 6, f"ports {ports}")
        # One lab's clock is not another's.
        advance = urllib.request.Request(f"http://127.0.0.1:{ports[0]}/_benchtop/clock/advance", data=b'{"by": "60s"}')
        urllib.request.urlopen(advance)
        advanced = [json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/_benchtop/clock"))["advancedSeconds"]
                    for port in ports]
        equal(advanced, [60.0] + [0.0] * 5)
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(20)
            one.stdout.close()


@case
def a_signal_reaches_the_command():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        script = f"import signal, sys\nsignal.signal({int(number)}, lambda *_: sys.exit(42))\nprint('ready', flush=True)\nsignal.pause()"
        with start("--", PYTHON, "-c", script) as one:
            equal(one.stdout.readline(), "ready\n")
            one.send_signal(number)
            equal(one.wait(20), 42, f"signal {number}: the command decides")
    # A command that does not handle it ends by it.
    with start("--", PYTHON, "-c", "import signal\nprint('ready', flush=True)\nsignal.pause()") as one:
        one.stdout.readline()
        one.send_signal(signal.SIGTERM)
        equal(one.wait(20), 128 + 15)


@case
def a_signal_of_the_terminal_comes_once():
    """The terminal tells the whole group; passing it on as well would interrupt the command's own clean-up."""
    import pty

    # Signals are passed on in order: what SIGINT is to come again has come when SIGUSR1 does.
    script = """
import signal
count, done = 0, False
def interrupted(*_):
    global count
    count += 1
def finish(*_):
    global done
    done = True
signal.signal(signal.SIGINT, interrupted)
signal.signal(signal.SIGUSR1, finish)
print("ready", flush=True)
while not count:
    signal.sigtimedwait([], 0.02)
print("first", flush=True)
while not done:
    signal.sigtimedwait([], 0.02)
print("interrupted", count, flush=True)
"""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(BINARY, [BINARY, "exec", "--", PYTHON, "-c", script], CLEAN)
    mode = termios.tcgetattr(terminal)
    mode[3] &= ~termios.ECHO  # the echo of ^C may come in the middle of a line
    termios.tcsetattr(terminal, termios.TCSANOW, mode)
    text = b""
    deadline = time.monotonic() + 30

    def read_some():
        """False at the end: a terminal nobody holds any more answers EIO."""
        nonlocal text
        assert select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0], f"only {text!r} in time"
        try:
            data = os.read(terminal, 4096)
        except OSError as error:
            equal(error.errno, errno.EIO)
            return False
        text += data
        return data != b""

    def read_until(line):
        while line + b"\r\n" not in text:
            assert read_some(), f"{line!r} was awaited, {text!r} is all"

    try:
        read_until(b"ready")
        os.write(terminal, b"\x03")
        read_until(b"first")
        os.kill(pid, signal.SIGUSR1)
        while read_some():
            pass
        assert b"interrupted 1\r\n" in text, text
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
    os.close(terminal)


@case
def nobody_is_left_when_it_is_killed():
    """Also not the command's grandchildren that have left its session."""
    script = "sh -c 'setsid sh -c \"echo \\$\\$; tail -f /dev/null; true\" & echo $$; tail -f /dev/null; true'; true"
    with start("--", "sh", "-c", script) as one:
        pids = [int(one.stdout.readline()) for _ in range(2)] + [guardian_of(one)]
        one.kill()
        for pid in pids:
            eventually(lambda pid=pid: is_gone(pid), f"process {pid} ends")
    # Whoever kills the process in between ends the command, too.
    with start("--", "sh", "-c", "echo $$; exec tail -f /dev/null") as one:
        pid = int(one.stdout.readline())
        os.kill(guardian_of(one), signal.SIGKILL)
        equal(one.wait(20), 128 + 9)
        eventually(lambda: is_gone(pid), "the command ends")


@case
def nobody_is_left_when_the_command_has_ended():
    done = execute("--", "sh", "-c", "setsid tail -f /dev/null >/dev/null 2>&1 & echo $!; exit 5")
    equal(done.returncode, 5)
    assert is_gone(int(done.stdout)), "what it left in the background is ended"


@case
def a_state_can_be_kept():
    with tempfile.TemporaryDirectory(prefix="benchtop-exec.") as directory:
        for expected in ("0.0", "60.0"):
            script = ('import json, os, urllib.request\nbase = os.environ["BENCHTOP_ENDPOINT"] + "/_benchtop/clock"\n'
                      'print(json.load(urllib.request.urlopen(base))["advancedSeconds"])\n'
                      'urllib.request.urlopen(urllib.request.Request(base + "/advance", data=b\'{"by": "60s"}\'))')
            done = execute("--data", directory, "--endpoint", "--", PYTHON, "-c", script)
            equal(done.stdout.strip(), expected, done.stderr)


@case
def a_stack_of_ones_own_is_deployed():
    with tempfile.TemporaryDirectory(prefix="benchtop-exec.") as directory:
        path = os.path.join(directory, "template.yaml")
        with open(path, "w", encoding="ascii") as file:
            file.write("Parameters:\n  Name:\n    Type: String\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n"
                       "    Properties:\n      BucketName: !Ref Name\n")
        done = execute("--stack", path, "--parameter", "Name=mine-alone", "--endpoint", "--", "sh", "-c",
                       'for name in mine-alone student-upload-bucket-aj; do '
                       'curl -s -o /dev/null -w "%{http_code} " $AWS_ENDPOINT_URL/$name; done')
        equal(done.stdout.split(), ["403", "404"], done.stderr)


run_cases()
