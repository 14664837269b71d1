#!/usr/bin/env python3
"""`benchtop check` with handlers that do not play by the rules, each compiled from a few lines: exit status, sentence, report.

  check_command_test.py BENCHTOP SOURCE_ROOT"""

import os
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

PLUGIN = """
#include "handlers/aws/plugin_abi.h"
#include <cstdio>
#include <cstdlib>
static void handle(const benchtop_host* host, const benchtop_invocation* event, benchtop_result* result) {
    (void)host; (void)event; (void)result;
    BODY
}
static const benchtop_plugin plugin{BENCHTOP_PLUGIN_ABI_VERSION, sizeof(benchtop_plugin), "NAME", handle, nullptr};
extern "C" const benchtop_plugin* benchtop_plugin_v1() { return &plugin; }
"""
STATIC = """
    static int calls = 0;
    static char text[16];
    result->is_error = 1;
    result->payload = {text, static_cast<size_t>(std::snprintf(text, sizeof text, "%d", ++calls))};
"""
# name, body, options, exit status, what is said
CASES = [
    ("exits", "std::exit(0);", [], 1, 'exits breaks "ends": under seed 1 the handler called exit()'),
    ("crashes", "*static_cast<volatile int*>(nullptr) = 1;", [], 1, "the handler ended the process: signal 11"),
    ("loops", "static volatile int spins; for (;;) { spins = 1; }", ["--patience", "2"], 1, "the handler does not come to an end"),
    ("idle", "", [], 1, "was never moved"),
    ("remembers", STATIC, [], 1, "this schedule gives another run"),
]
USAGE = [["--seeds", "-1"], ["--seeds", "0"], ["--seeds", "99999999999999999999"], ["no-such-worker"], ["--replay", "/"],
         ["--replay", "/no/such/file"], ["--replay", "x", "--save", "y"], ["--patience", "0"]]


def main():
    benchtop, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    failed = passed = 0

    def expect(name, condition, seen):
        nonlocal failed, passed
        passed += bool(condition)
        failed += not condition
        if not condition:
            print(f"FAILED {name}\n{seen}")

    def check(*arguments):
        done = subprocess.run([benchtop, "check", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, check=False)
        return done.returncode, done.stdout.decode()

    with tempfile.TemporaryDirectory() as folder:
        for name, body, options, status, said in CASES:
            source = os.path.join(folder, name + ".cpp")
            with open(source, "w", encoding="ascii") as file:
                file.write(PLUGIN.replace("BODY", body).replace("NAME", name))
            library = source.replace(".cpp", ".so")
            subprocess.run(["g++", "-std=c++20", "-shared", "-fPIC", "-I", root, "-o", library, source], check=True)
            report = os.path.join(folder, name + ".xml")
            seen = check(library, "--seeds", "3", "--junit", report, *options)
            expect(name, seen[0] == status and said in seen[1], seen)
            suite = ElementTree.parse(report).getroot()
            expect(name + ", the report", suite.get("failures") == "1" and len(suite) == int(suite.get("tests")), suite.attrib)
    for arguments in USAGE:
        seen = check(*arguments)
        expect(" ".join(arguments), seen[0] == 2 and seen[1], seen)
    seen = check("worker_move", "--seeds", "3")
    expect("worker_move", seen[0] == 0 and "No invariant was broken." in seen[1], seen)
    print(f"CASES {passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
