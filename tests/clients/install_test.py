#!/usr/bin/env python3
"""`cmake --install` gives a Benchtop that runs, and a harness with which another project tests its own handler.

    install_test.py BUILD_DIRECTORY [CASE...]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from client_lab import Emulator, case, curl, equal, run_cases

BUILD = os.path.abspath(sys.argv[1])
directory = tempfile.mkdtemp(prefix="benchtop-install.")
prefix = os.path.join(directory, "prefix")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLE = os.path.join(ROOT, "harness", "examples", "catch2")


def run(*command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, **options)
    equal(done.returncode, 0, f"{' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


@case
def the_tree_is_complete():
    run("cmake", "--install", BUILD, "--prefix", prefix)
    for name in ("bin/benchtop", "lib/benchtop/handlers/web_presign.so", "lib/benchtop/handlers/worker_move.so",
                 "include/benchtop/handlers/aws/plugin_abi.h", "include/benchtop/handlers/aws/handler.hpp",
                 "include/benchtop/harness/lab.hpp", "lib/benchtop/libbenchtop_harness.a",
                 "include/benchtop/harness/catch2.hpp", "lib/cmake/Benchtop/BenchtopConfig.cmake"):
        assert os.path.exists(os.path.join(prefix, name)), f"{name} is not installed"


@case
def the_installed_binary_runs_the_lab():
    with Emulator(os.path.join(prefix, "bin", "benchtop")) as lab:
        _, answer, _ = curl("-X", "POST", f"http://localhost:{lab.api_port}/prod/presign")
        equal(answer.status, 200, repr(answer))


@case
def another_project_tests_its_handler_with_the_harness():
    """The example: a plugin's draft is found wrong, the mended one is not."""
    source = shutil.copytree(EXAMPLE, os.path.join(directory, "example"))
    build = os.path.join(directory, "example-build")
    run("cmake", "-S", source, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", build)
    said = run("ctest", "--test-dir", build, "--output-on-failure")
    assert "100% tests passed, 0 tests failed out of 3" in said, said
    suite = ElementTree.parse(os.path.join(build, "file_mover.xml")).getroot().find("testsuite")
    equal((suite.get("failures"), suite.get("errors")), ("0", "0"))
    assert int(suite.get("tests")) > 0
    equal(ElementTree.parse(os.path.join(build, "check.xml")).getroot().get("failures"), "0")
    # What the search found is a file: it fails the draft, and not the worker.
    for handler, status in (("file_mover_draft", 1), ("file_mover", 0)):
        done = subprocess.run([os.path.join(prefix, "bin", "benchtop"), "check", os.path.join(build, handler + ".so"), "--replay",
                               os.path.join(build, "draft.json")], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, check=False)
        equal(done.returncode, status, done.stdout + done.stderr)


@case
def what_is_not_there_is_said():
    source = os.path.join(directory, "consumer")
    os.makedirs(source)
    for version, found in (("0.1", True), ("7.0", False)):
        with open(os.path.join(source, "CMakeLists.txt"), "w", encoding="ascii") as file:
            file.write("cmake_minimum_required(VERSION 3.25)\nproject(consumer CXX)\n"
                       f"find_package(Benchtop {version} REQUIRED)\n"
                       "if(NOT TARGET Benchtop::harness OR NOT TARGET Benchtop::benchtop)\n  message(FATAL_ERROR missing)\nendif()\n")
        done = subprocess.run(["cmake", "-S", source, "-B", os.path.join(directory, f"build-{version}"), "-G", "Ninja",
                               f"-DCMAKE_PREFIX_PATH={prefix}"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        equal(done.returncode == 0, found, done.stderr)


try:
    run_cases()
finally:
    shutil.rmtree(directory, ignore_errors=True)
