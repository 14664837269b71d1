#!/usr/bin/env python3
"""The Node test helper in harness/node: its example with the AWS SDK for JavaScript v3, and what it promises.

    node_helper_test.py BINARY [CASE...]
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from client_lab import case, clients_directory, equal, find_program, nothing_to_run, run_cases, skipped

BINARY = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
HARNESS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "harness")
HELPER = os.path.join(HARNESS, "node", "benchtop.mjs")
MODULES = os.path.join(clients_directory(), "clients-node", "node_modules")

node = find_program("node")
version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout if node else ""
if not re.match(r"v(1[89]|[2-9]\d)\.", version):
    skipped("node-helper", "Node.js 18 or newer is not on this machine")
    nothing_to_run()


def node_tests(script, count):
    environment = {k: v for k, v in os.environ.items() if k[:4] != "AWS_" and k[:9] != "BENCHTOP_" and k != "NODE_TEST_CONTEXT"}
    done = subprocess.run([node, "--test", script], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180,
                          env={**environment, "BENCHTOP_BIN": BINARY, "BENCHTOP_HELPER": HELPER}, check=False)
    counts = dict(re.findall(r"^\S+ (pass|fail) (\d+)$", done.stdout, re.M))
    equal((done.returncode, counts), (0, {"pass": str(count), "fail": "0"}), done.stdout + done.stderr)


@case
def the_example_passes():
    if not os.path.isdir(os.path.join(MODULES, "@aws-sdk", "client-s3")):
        skipped("node-helper's example", "@aws-sdk/client-s3 is not installed (tests/clients/install)")
        return
    # Node looks for modules above the script.
    with tempfile.TemporaryDirectory(prefix="benchtop-node.") as directory:
        os.symlink(MODULES, os.path.join(directory, "node_modules"))
        for part in ("node", os.path.join("examples", "node")):
            shutil.copytree(os.path.join(HARNESS, part), os.path.join(directory, "harness", part))
        node_tests(os.path.join(directory, "harness", "examples", "node", "upload.test.mjs"), 3)


@case
def it_keeps_its_promises():
    node_tests(os.path.join(HERE, "node_helper_cases.mjs"), 5)


run_cases()
