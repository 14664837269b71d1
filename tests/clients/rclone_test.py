#!/usr/bin/env python3
"""rclone with its defaults: copy, sync, check, listings, multipart uploads."""

import json
import os
import subprocess
import sys

from client_lab import (Emulator, REGION, case, equal, find_program, nothing_to_run, run_cases, skipped)

RCLONE = find_program("rclone")
if not RCLONE:
    skipped("rclone", "rclone is not on this machine")
    nothing_to_run()

lab = Emulator(sys.argv[1]).start()
work = os.path.join(lab.directory, "work")
os.mkdir(work)
environment = dict(
    lab.environment,
    RCLONE_CONFIG=os.path.join(lab.directory, "rclone.conf"),
    RCLONE_CONFIG_LAB_TYPE="s3",
    RCLONE_CONFIG_LAB_PROVIDER="Other", # for AWS rclone insists on virtual hosts,
    RCLONE_CONFIG_LAB_ENV_AUTH="true",
    RCLONE_CONFIG_LAB_REGION=REGION,
    RCLONE_CONFIG_LAB_LOCATION_CONSTRAINT=REGION,
    RCLONE_CONFIG_LAB_ENDPOINT=lab.endpoint,
)
with open(environment["RCLONE_CONFIG"], "w", encoding="ascii"):
    pass


def run(*arguments):
    return subprocess.run([RCLONE, "--retries", "1", "--low-level-retries", "1", *arguments], cwd=work, env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)


def rclone(*arguments):
    """stdout of a command that must succeed."""
    done = run(*arguments)
    equal(done.returncode, 0, f"rclone {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout


def write(name, content):
    path = os.path.join(work, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def read(name):
    with open(os.path.join(work, name), "rb") as file:
        return file.read()


rclone("mkdir", "lab:rclone-bucket")


@case
def buckets_are_made_listed_and_removed():
    rclone("mkdir", "lab:rclone-made")
    assert "rclone-made" in [line.split()[-1] for line in rclone("lsd", "lab:").splitlines()]
    rclone("rmdir", "lab:rclone-made")
    assert "rclone-made" not in rclone("lsd", "lab:")


@case
def a_tree_is_copied_checked_and_copied_back():
    for name in ("tree/a b+c é.txt", "tree/sub/2.txt", "tree/empty"):
        write(name, name.encode() if name != "tree/empty" else b"")
    rclone("copy", "tree", "lab:rclone-bucket/tree")
    rclone("check", "tree", "lab:rclone-bucket/tree")
    listed = json.loads(rclone("lsjson", "-R", "--hash", "lab:rclone-bucket/tree"))
    equal(sorted(entry["Path"] for entry in listed), ["a b+c é.txt", "empty", "sub", "sub/2.txt"])
    rclone("copy", "lab:rclone-bucket/tree", "back")
    equal(read("back/a b+c é.txt"), "tree/a b+c é.txt".encode())
    equal(read("back/empty"), b"")
    # The time of modification travels in the metadata: nothing is copied twice.
    again = run("copy", "-v", "tree", "lab:rclone-bucket/tree")
    assert "Copied" not in again.stderr, again.stderr


@case
def sync_removes_what_is_gone():
    for name in ("sync/1", "sync/2"):
        write(name, name.encode())
    rclone("sync", "sync", "lab:rclone-bucket/sync")
    os.remove(os.path.join(work, "sync/1"))
    rclone("sync", "sync", "lab:rclone-bucket/sync")
    equal(rclone("lsf", "lab:rclone-bucket/sync").split(), ["2"])


@case
def a_large_file_goes_in_parts():
    content = os.urandom(1024) * (17 * 1024)
    write("large.bin", content)
    rclone("copy", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", "large.bin", "lab:rclone-bucket/large")
    rclone("check", "--download", "--include", "large.bin", ".", "lab:rclone-bucket/large")
    rclone("copy", "lab:rclone-bucket/large/large.bin", "large-back")
    assert read("large-back/large.bin") == content, "the bytes come back"


@case
def objects_are_moved_on_the_server_and_purged():
    write("m/1.txt", b"move me")
    rclone("copy", "m", "lab:rclone-bucket/m")
    rclone("moveto", "lab:rclone-bucket/m/1.txt", "lab:rclone-bucket/n/2.txt")
    equal(rclone("lsf", "-R", "lab:rclone-bucket/n").split(), ["2.txt"])
    equal(rclone("cat", "lab:rclone-bucket/n/2.txt"), "move me")
    rclone("purge", "lab:rclone-bucket/n")
    equal(rclone("lsf", "-R", "lab:rclone-bucket/n"), "")


@case
def a_wrong_secret_is_refused():
    done = run("--s3-secret-access-key", "wrong", "--s3-access-key-id", environment["AWS_ACCESS_KEY_ID"],
               "--s3-env-auth=false", "lsd", "lab:")
    assert done.returncode != 0 and "SignatureDoesNotMatch" in done.stderr, done.stderr


run_cases(lab)
