#!/usr/bin/env python3
"""`benchtop handout` pasted into a shell makes the lab, with both versions of the AWS CLI, both ways in; `handout check` says so."""

import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from client_lab import Emulator, case, equal, find_aws, run_cases, skipped


def check(lab):
    """(exit status, text) of `handout check`."""
    done = subprocess.run([lab.binary, "handout", "check", "--port", str(lab.port)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def paste(major, *options):
    program = find_aws(major)
    if not program:
        skipped(f"the printed handout by aws {major}", "not on this machine")
        return
    with Emulator(sys.argv[1], "--empty") as lab, tempfile.TemporaryDirectory() as directory:
        status, text = check(lab)
        equal((status, "There is no bucket student-upload-bucket-aj." in text), (1, True), text)
        script = lab.command("handout", *options).stdout
        bin_directory = os.path.join(directory, "bin")
        os.mkdir(bin_directory)
        os.symlink(program, os.path.join(bin_directory, "aws"))
        environment = {k: v for k, v in lab.environment.items() if k not in ("AWS_ENDPOINT_URL",)}
        environment["PATH"] = bin_directory + ":" + environment["PATH"]
        if "--endpoint" in options:
            # Older versions, as Debian 12's, do not know the variable yet.
            script = "aws() { command aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"; }\n" + script
        done = subprocess.run(["bash", "-e"], input=script, cwd=directory, env=environment, capture_output=True, text=True, timeout=200)
        equal(done.returncode, 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        equal("HTTP/1.1 200 OK" in done.stdout, True, done.stdout[-2000:])
        status, text = check(lab)
        equal((status, "Everything of the handout is set up." in text), (0, True), text)


@case
def aws_1_under_awss_names():
    paste(1)


@case
def aws_2_under_awss_names():
    paste(2)


@case
def aws_2_over_the_endpoint():
    paste(2, "--endpoint")


@case
def the_built_in_lab_is_finished_but_for_its_use():
    with Emulator(sys.argv[1]) as lab:
        status, text = check(lab)
        equal((status, "missing" in text or "wrong" in text), (0, False), text)


@case
def a_refusal_is_explained():
    with Emulator(sys.argv[1]) as lab:
        try:
            urllib.request.urlopen(f"{lab.endpoint}/student-upload-bucket-aj/uploads/x", timeout=20)
        except urllib.error.HTTPError as error:
            request_id = error.headers["x-amz-request-id"]
        told = lab.command("why-denied", request_id).stdout
        equal("s3:GetObject" in told or "s3:ListBucket" in told, True, told)


run_cases()
