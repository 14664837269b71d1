#!/usr/bin/env python3
"""Exit statuses: what README's table says, for every command, shown by running it.

    exit_status_test.py BINARY [CASE...]
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from client_lab import Emulator, case, equal, run_cases

BINARY = os.path.abspath(sys.argv[1])
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLEAN = {k: v for k, v in os.environ.items() if k[:4] != "AWS_" and k[:9] != "BENCHTOP_"}
ASK_AN_EMULATOR = ("clock show", "clock advance 1s", "clock freeze", "clock resume", "logs worker-move-lambda", "deliveries", "export",
                   "handout check", "why-denied", "reset", "settle", "seed 7", "requests", "invocations", "faults list", "faults clear")
NEED_NONE = ("env", "handout", "lab", "mistakes", "mistakes run 4", "operations", "check --list", "check worker_move --seeds 20",
             "exec -- true", "--help", "up --help")


def execute(line, port=None):
    """Where nobody listens, unless a port is given."""
    done = subprocess.run([BINARY, *line.split()], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          env={**CLEAN, "BENCHTOP_PORT": str(port or 1)}, check=False)
    return done


def expect(line, status, port=None):
    done = execute(line, port)
    equal(done.returncode, status, f"benchtop {line}\n{done.stdout[-500:]}{done.stderr[-500:]}")
    return done


@case
def nothing_but_done_is_0():
    for line in NEED_NONE:
        expect(line, 0)
    with Emulator(BINARY) as lab:
        for line in ASK_AN_EMULATOR:
            expect(line, 0, lab.port)


@case
def without_an_emulator_it_is_1_and_a_sentence():
    for line in ASK_AN_EMULATOR:
        done = expect(line, 1)
        assert done.stderr.startswith("benchtop: ") and done.stderr.count("\n") == 1, (line, done.stderr)


@case
def what_is_refused_is_1():
    with Emulator(BINARY) as lab:
        for line in ("clock advance soon", "why-denied NOBODYKNOWS", "settle --timeout nonsense"):
            expect(line, 1, lab.port)
        done = subprocess.run([BINARY, "up", "--port", str(lab.port), "--ephemeral"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, env=CLEAN, check=False)
        equal(done.returncode, 1, "the port is taken")
    expect("mistakes run 400", 1)
    expect("up --ephemeral --port 0 --stack /no/such/file.yaml", 1)
    with Emulator(BINARY, "--empty") as lab:
        expect("handout check", 1, lab.port)


@case
def wrong_usage_is_2():
    for line in ("", "no-such-command", "up --no-such-option", "clock", "faults", "mistakes run", "settle --retries sometimes",
                 "up --empty --stack x", *(f"{line} --no-such-option" for line in ASK_AN_EMULATOR)):
        expect(line, 2)


@case
def a_search_tells_broken_from_unusable():
    expect("check delete_before_copy --seeds 200", 1)
    expect("check /no/such/handler.so", 2)
    expect("check worker_move --replay /no/such/schedule.json", 2)
    with tempfile.TemporaryDirectory(prefix="benchtop-exit.") as directory:
        saved, junit = os.path.join(directory, "saved.json"), os.path.join(directory, "junit.xml")
        expect(f"check delete_before_copy --seeds 200 --save {saved} --junit {junit}", 1)
        suite = ElementTree.parse(junit).getroot()
        equal((suite.tag, suite.get("failures"), len(suite.findall("testcase/failure"))), ("testsuite", "1", 1))
        equal(int(suite.get("tests")), len(suite.findall("testcase")))
        expect(f"check delete_before_copy --replay {saved}", 1)
        expect(f"check worker_move --replay {saved}", 0)
        expect(f"check worker_move --seeds 20 --junit {directory}/no/such/junit.xml", 2)


@case
def exec_gives_its_commands():
    expect("exec -- false", 1)
    expect("exec -- no-such-program", 127)
    expect("exec -- /etc/passwd", 126)
    expect("exec --stack /no/such/file.yaml -- true", 125)
    done = subprocess.run([BINARY, "exec", "--", "sh", "-c", "kill -9 $$"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                          env=CLEAN, check=False)
    equal(done.returncode, 128 + 9)


@case
def up_ends_with_0_when_it_is_told_to():
    for number in (signal.SIGINT, signal.SIGTERM):
        lab = Emulator(BINARY).start()
        lab.process.send_signal(number)
        equal(lab.process.wait(20), 0, f"signal {number}")
        lab.stop()


@case
def the_readme_has_a_row_for_each():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        table = re.search(r"^\| exit status \|.*\n\|.*\n((?:\|.*\n)+)", file.read(), re.M).group(1)
    equal(re.findall(r"^\| ([^|]+?) \|", table, re.M), ["0", "1", "2", "70", "125", "126", "127", "128 + N"])


run_cases()
