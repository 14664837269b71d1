#!/usr/bin/env python3
"""s3cmd with its own defaults: header signatures, ListObjects version 1, MD5 comparison, multipart uploads."""

import os
import subprocess
import sys

from client_lab import (Emulator, REGION, case, equal, find_program, nothing_to_run, run_cases, skipped)

S3CMD = find_program("s3cmd")
if not S3CMD:
    skipped("s3cmd", "s3cmd is not on this machine")
    nothing_to_run()

lab = Emulator(sys.argv[1]).start()
work = os.path.join(lab.directory, "work")
os.mkdir(work)
configuration = os.path.join(lab.directory, "s3cfg")
with open(configuration, "w", encoding="ascii") as file:
    file.write(
        "[default]\n"
        f"access_key = {lab.environment['AWS_ACCESS_KEY_ID']}\n"
        f"secret_key = {lab.environment['AWS_SECRET_ACCESS_KEY']}\n"
        f"host_base = 127.0.0.1:{lab.port}\nhost_bucket = 127.0.0.1:{lab.port}\n"
        f"bucket_location = {REGION}\nuse_https = False\nsignature_v2 = False\nmultipart_chunk_size_mb = 5\n"
    )


def run(*arguments):
    return subprocess.run([S3CMD, "-c", configuration, "--no-progress", *arguments], cwd=work,
                          env=lab.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)


def s3cmd(*arguments):
    """stdout of a command that must succeed."""
    done = run(*arguments)
    equal(done.returncode, 0, f"s3cmd {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout


def write(name, content):
    path = os.path.join(work, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(content)


def read(name):
    with open(os.path.join(work, name), "rb") as source:
        return source.read()


def keys(url):
    return [line.split()[-1] for line in s3cmd("ls", "-r", url).splitlines()]


s3cmd("mb", "s3://s3cmd-bucket")


@case
def buckets_are_made_listed_and_removed():
    s3cmd("mb", "s3://s3cmd-made")
    assert "s3://s3cmd-made" in s3cmd("ls"), "the bucket is listed"
    assert REGION in s3cmd("info", "s3://s3cmd-made"), "info names the region"
    s3cmd("rb", "s3://s3cmd-made")
    assert "s3://s3cmd-made" not in s3cmd("ls")


@case
def a_small_file_goes_and_comes_with_its_attributes():
    write("a b+c.txt", b"hello")
    s3cmd("put", "a b+c.txt", "s3://s3cmd-bucket/one/a b+c.txt")
    s3cmd("get", "--force", "s3://s3cmd-bucket/one/a b+c.txt", "back.txt")
    equal(read("back.txt"), b"hello")
    info = s3cmd("info", "s3://s3cmd-bucket/one/a b+c.txt")
    assert "MD5 sum:   5d41402abc4b2a76b9719d911017c592" in info, info
    assert "x-amz-meta-s3cmd-attrs" in info, info


@case
def a_large_file_goes_in_parts():
    content = os.urandom(1024) * (12 * 1024)
    write("large.bin", content)
    s3cmd("put", "large.bin", "s3://s3cmd-bucket/large.bin")
    s3cmd("get", "--force", "s3://s3cmd-bucket/large.bin", "large.back")
    assert read("large.back") == content, "the bytes come back"
    equal(s3cmd("multipart", "s3://s3cmd-bucket").count("large.bin"), 0, "no upload is left open")


@case
def directories_are_synchronised_both_ways():
    for name in ("tree/1.txt", "tree/sub/2.txt", "tree/sub/3.txt"):
        write(name, name.encode())
    s3cmd("sync", "tree/", "s3://s3cmd-bucket/tree/")
    equal(keys("s3://s3cmd-bucket/tree/"),
          [f"s3://s3cmd-bucket/tree/{name}" for name in ("1.txt", "sub/2.txt", "sub/3.txt")])
    os.remove(os.path.join(work, "tree/sub/3.txt"))
    s3cmd("sync", "--delete-removed", "tree/", "s3://s3cmd-bucket/tree/")
    equal(len(keys("s3://s3cmd-bucket/tree/")), 2, "the removed file is gone")
    s3cmd("sync", "s3://s3cmd-bucket/tree/", "tree-back/")
    equal(read("tree-back/sub/2.txt"), b"tree/sub/2.txt")


@case
def objects_are_copied_moved_and_deleted():
    write("move.txt", b"move me")
    s3cmd("put", "move.txt", "s3://s3cmd-bucket/m/first.txt")
    # s3cmd copies the source's ACL with a request of its own, which AWS refuses for a bucket without ACLs
    # (s3tools/s3cmd#1304); --acl-private leaves it out.
    done = run("cp", "s3://s3cmd-bucket/m/first.txt", "s3://s3cmd-bucket/m/refused.txt")
    assert done.returncode != 0 and "400 (AccessControlListNotSupported): The bucket does not allow ACLs" in done.stderr, done
    s3cmd("del", "s3://s3cmd-bucket/m/refused.txt")
    s3cmd("cp", "--acl-private", "s3://s3cmd-bucket/m/first.txt", "s3://s3cmd-bucket/m/second.txt")
    s3cmd("mv", "--acl-private", "s3://s3cmd-bucket/m/second.txt", "s3://s3cmd-bucket/m/third.txt")
    equal(keys("s3://s3cmd-bucket/m/"), ["s3://s3cmd-bucket/m/first.txt", "s3://s3cmd-bucket/m/third.txt"])
    s3cmd("del", "-r", "--force", "s3://s3cmd-bucket/m/")
    equal(keys("s3://s3cmd-bucket/m/"), [])


@case
def a_missing_object_is_said_to_be_missing():
    done = run("get", "s3://s3cmd-bucket/nothing", "nothing")
    assert done.returncode != 0 and "does not exist" in done.stderr, done.stderr


@case
def a_wrong_secret_is_refused():
    done = run("--secret_key=wrong", "ls", "s3://s3cmd-bucket")
    assert done.returncode != 0 and "SignatureDoesNotMatch" in done.stderr, done.stderr


run_cases(lab)
