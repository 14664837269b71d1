#!/usr/bin/env python3
"""`cmake --install` gives a Benchtop that runs, and a harness another project can link.

    install_test.py BUILD_DIRECTORY
"""

import os
import shutil
import subprocess
import sys
import tempfile

from client_lab import Emulator, case, curl, equal, run_cases

BUILD = os.path.abspath(sys.argv[1])
directory = tempfile.mkdtemp(prefix="benchtop-install.")
prefix = os.path.join(directory, "prefix")

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(consumer CXX)
find_package(benchtop CONFIG REQUIRED)
add_executable(consumer consumer.cpp)
target_link_libraries(consumer PRIVATE benchtop::benchtop_harness)
"""
CONSUMER = """#include "harness/lab.hpp"
int main() {
    benchtop::harness::Lab lab;
    const auto made = lab.presign();
    const int fresh = lab.put(made.upload_url, "hello").status;
    lab.settle();
    const bool moved = lab.has_object("student-upload-bucket-aj", "processed" + made.s3_key.substr(7));
    lab.pass(std::chrono::seconds(301));
    return fresh == 200 && moved && lab.put(made.upload_url, "late").status == 403 ? 0 : 1;
}
"""


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
                 "lib/cmake/benchtop/benchtop-config.cmake"):
        assert os.path.exists(os.path.join(prefix, name)), f"{name} is not installed"


@case
def the_installed_binary_runs_the_lab():
    with Emulator(os.path.join(prefix, "bin", "benchtop")) as lab:
        _, answer, _ = curl("-X", "POST", f"http://localhost:{lab.api_port}/prod/presign")
        equal(answer.status, 200, repr(answer))


@case
def another_project_links_the_harness():
    source = os.path.join(directory, "consumer")
    os.makedirs(source)
    for name, text in (("CMakeLists.txt", PROJECT), ("consumer.cpp", CONSUMER)):
        with open(os.path.join(source, name), "w", encoding="ascii") as file:
            file.write(text)
    run("cmake", "-S", source, "-B", os.path.join(source, "build"), "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", os.path.join(source, "build"))
    run(os.path.join(source, "build", "consumer"))


try:
    run_cases()
finally:
    shutil.rmtree(directory, ignore_errors=True)
