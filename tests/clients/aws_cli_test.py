#!/usr/bin/env python3
"""The AWS CLI as students type it: version 1, or 2 with BENCHTOP_AWS_CLI=2. Old ones get --endpoint-url."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys

from client_lab import (BUCKET, Emulator, aws_version, case, equal, find_aws, knows_endpoint_variable,
                        nothing_to_run, run_cases, skipped)

MAJOR = int(os.environ.get("BENCHTOP_AWS_CLI", "1"))
AWS = find_aws(MAJOR)
if not AWS:
    skipped(f"aws-cli-v{MAJOR}", f"no AWS CLI version {MAJOR} on this machine")
    nothing_to_run()

lab = Emulator(sys.argv[1]).start()
VERSION = aws_version(AWS)
work = os.path.join(lab.directory, "work")
os.mkdir(work)
lab.environment["AWS_MAX_ATTEMPTS"] = "1"


def run(*arguments, stdin=None):
    command = [AWS, *([] if knows_endpoint_variable(VERSION) else ["--endpoint-url", lab.endpoint]), *arguments]
    return subprocess.run(command, cwd=work, env=lab.environment, input=stdin, capture_output=True, text=True,
                          timeout=90)


def aws(*arguments, stdin=None):
    """stdout of a command that must succeed."""
    done = run(*arguments, stdin=stdin)
    equal(done.returncode, 0, f"aws {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout


def aws_json(*arguments):
    return json.loads(aws(*arguments, "--output", "json") or "{}")


def refused(*arguments):
    """The error line of a command that must fail."""
    done = run(*arguments)
    assert done.returncode != 0, f"succeeded: aws {' '.join(arguments)}\n{done.stdout}"
    # Version 2 also says how often it tried; that is the client's own affair.
    return done.stderr.strip().replace(" (reached max retries: 0)", "")


def write(name, content):
    path = os.path.join(work, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


def read(name):
    with open(os.path.join(work, name), "rb") as file:
        return file.read()


aws("s3", "mb", "s3://cli-bucket")


@case
def buckets_are_made_listed_and_removed():
    equal(aws("s3", "mb", "s3://cli-made").strip(), "make_bucket: cli-made")
    listed = aws("s3", "ls")
    for name in ("cli-made", BUCKET):
        assert re.search(rf"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d {name}$", listed, re.M), listed
    equal(aws_json("s3api", "get-bucket-location", "--bucket", "cli-made")["LocationConstraint"], "us-east-2")
    again = refused("s3", "mb", "s3://cli-made")
    assert ("make_bucket failed: s3://cli-made An error occurred (BucketAlreadyOwnedByYou) when calling the "
            "CreateBucket operation: Your previous request to create the named bucket succeeded and you already own "
            "it.") in again, again
    aws("s3api", "head-bucket", "--bucket", "cli-made")
    equal(aws("s3", "rb", "s3://cli-made").strip(), "remove_bucket: cli-made")
    gone = refused("s3api", "head-bucket", "--bucket", "cli-made")
    assert "An error occurred (404) when calling the HeadBucket operation: Not Found" in gone, gone


@case
def a_bucket_in_us_east_1_has_no_location():
    aws("s3", "mb", "s3://cli-virginia", "--region", "us-east-1")
    equal(aws_json("s3api", "get-bucket-location", "--bucket", "cli-virginia", "--region", "us-east-1"),
          {"LocationConstraint": None})


@case
def a_bucket_that_is_not_empty_stays():
    aws("s3", "mb", "s3://cli-full")
    aws("s3", "cp", write("a.txt", b"a"), "s3://cli-full/a.txt")
    error = refused("s3", "rb", "s3://cli-full")
    assert ("remove_bucket failed: s3://cli-full An error occurred (BucketNotEmpty) when calling the DeleteBucket "
            "operation: The bucket you tried to delete is not empty") in error, error
    aws("s3", "rb", "s3://cli-full", "--force")


@case
def cp_moves_bytes_both_ways():
    content = os.urandom(20 * 1024 * 1024)
    write("big.bin", content)
    aws("s3", "cp", "big.bin", "s3://cli-bucket/cp/big.bin", "--no-progress")
    aws("s3", "cp", "s3://cli-bucket/cp/big.bin", "back.bin", "--no-progress")
    equal(hashlib.sha256(read("back.bin")).hexdigest(), hashlib.sha256(content).hexdigest())
    printed = aws("s3", "cp", write("small é+%.txt", b"small"), "s3://cli-bucket/cp/small é+%.txt", "--no-progress")
    assert printed.startswith("upload: "), printed
    equal(aws("s3", "cp", "s3://cli-bucket/cp/small é+%.txt", "-"), "small")
    listed = aws("s3", "ls", "s3://cli-bucket/cp/", "--human-readable", "--summarize")
    assert re.search(r" 20\.0 MiB big\.bin$", listed, re.M) and re.search(r" 5 Bytes small é\+%\.txt$", listed, re.M), listed
    assert "Total Objects: 2" in listed, listed


@case
def large_files_go_up_and_down_in_parts():
    """5 MB whole, 50 MB and 300 MB in parts of 8 MB; the last one has holes, so that making it costs nothing"""
    for size in (5, 50, 300):
        path = os.path.join(work, "large.bin")
        with open(path, "wb") as file:
            file.truncate(size * 1024 * 1024)
            for at in (0, size * 1024 * 512 - 5, size * 1024 * 1024 - 10):
                file.seek(at)
                file.write(os.urandom(10))
        key = f"large/{size}.bin"
        aws("s3", "cp", "large.bin", f"s3://cli-bucket/{key}", "--no-progress")
        parts = (size + 7) // 8
        head = aws_json("s3api", "head-object", "--bucket", "cli-bucket", "--key", key)
        equal((head["ContentLength"], head["ETag"].strip('"')[33:]), (size << 20, str(parts) if parts > 1 else ""))
        aws("s3", "cp", f"s3://cli-bucket/{key}", "back.bin", "--no-progress")
        equal(subprocess.run(["cmp", path, os.path.join(work, "back.bin")], check=False).returncode, 0)
        if size == 50:
            aws("s3", "cp", f"s3://cli-bucket/{key}", f"s3://cli-bucket/copied/{size}.bin", "--no-progress")
            aws("s3", "mv", f"s3://cli-bucket/copied/{size}.bin", "back.bin", "--no-progress")
            equal(subprocess.run(["cmp", path, os.path.join(work, "back.bin")], check=False).returncode, 0, "copied")
    listed = aws_json("s3api", "list-multipart-uploads", "--bucket", "cli-bucket")
    assert "Uploads" not in listed, listed


@case
def cp_from_a_pipe():
    aws("s3", "cp", "-", "s3://cli-bucket/cp/piped.txt", stdin="piped\n")
    equal(aws("s3", "cp", "s3://cli-bucket/cp/piped.txt", "-"), "piped\n")


@case
def cp_within_s3_and_mv():
    write("m.txt", b"moved")
    aws("s3", "cp", "m.txt", "s3://cli-bucket/mv/m.txt")
    printed = aws("s3", "cp", "s3://cli-bucket/mv/m.txt", "s3://cli-bucket/mv/copy of m.txt")
    assert "copy: s3://cli-bucket/mv/m.txt to s3://cli-bucket/mv/copy of m.txt" in printed, printed
    printed = aws("s3", "mv", "s3://cli-bucket/mv/m.txt", "s3://cli-bucket/mv/n.txt")
    assert "move: s3://cli-bucket/mv/m.txt to s3://cli-bucket/mv/n.txt" in printed, printed
    names = [line.split(None, 3)[3] for line in aws("s3", "ls", "s3://cli-bucket/mv/").splitlines()]
    equal(names, ["copy of m.txt", "n.txt"])
    aws("s3", "mv", "s3://cli-bucket/mv/n.txt", "n.txt")
    equal(read("n.txt"), b"moved")


@case
def sync_and_recursive_rm():
    for name in ("tree/a.txt", "tree/b/c.txt", "tree/b/d e.txt"):
        # S3's times are whole seconds: a file of this very second would look newer than its copy.
        os.utime(write(name, name.encode()), (1_700_000_000, 1_700_000_000))
    printed = aws("s3", "sync", "tree", "s3://cli-bucket/tree", "--no-progress")
    equal(len(printed.splitlines()), 3, printed)
    equal(aws("s3", "sync", "tree", "s3://cli-bucket/tree", "--no-progress"), "", "nothing changed")
    os.remove(os.path.join(work, "tree/a.txt"))
    printed = aws("s3", "sync", "tree", "s3://cli-bucket/tree", "--delete")
    assert "delete: s3://cli-bucket/tree/a.txt" in printed, printed
    aws("s3", "sync", "s3://cli-bucket/tree", "again")
    equal(read("again/b/d e.txt"), b"tree/b/d e.txt")
    listed = aws("s3", "ls", "s3://cli-bucket/tree/")
    equal(listed.strip(), "PRE b/")
    equal(len(aws("s3", "rm", "s3://cli-bucket/tree/", "--recursive").splitlines()), 2)
    done = run("s3", "ls", "s3://cli-bucket/tree/")
    equal((done.returncode, done.stdout), (1, ""), "an empty listing")


@case
def folders_are_keys_with_a_slash_at_the_end():
    aws("s3api", "put-object", "--bucket", "cli-bucket", "--key", "folder/")
    equal(aws("s3", "ls", "s3://cli-bucket/folder").strip(), "PRE folder/")
    assert re.search(r" 0 $", aws("s3", "ls", "s3://cli-bucket/folder/"), re.M)


@case
def put_head_get_object():
    body = write("o.txt", b"hello world")
    put = aws_json("s3api", "put-object", "--bucket", "cli-bucket", "--key", "o.txt", "--body", body, "--metadata",
                   "color=blue,size=XL", "--content-type", "text/plain; charset=utf-8", "--cache-control", "max-age=60")
    equal(put["ETag"], '"5eb63bbbe01eeed093cb22bb8f5acdc3"')
    equal(put["ServerSideEncryption"], "AES256")
    head = aws_json("s3api", "head-object", "--bucket", "cli-bucket", "--key", "o.txt")
    equal(head["Metadata"], {"color": "blue", "size": "XL"})
    equal((head["ContentLength"], head["ContentType"], head["CacheControl"], head["AcceptRanges"]),
          (11, "text/plain; charset=utf-8", "max-age=60", "bytes"))
    got = aws_json("s3api", "get-object", "--bucket", "cli-bucket", "--key", "o.txt", "--range", "bytes=6-", "part.txt")
    equal((got["ContentRange"], read("part.txt")), ("bytes 6-10/11", b"world"))
    error = refused("s3api", "get-object", "--bucket", "cli-bucket", "--key", "o.txt", "--range", "bytes=99-", "x")
    assert ("An error occurred (InvalidRange) when calling the GetObject operation: The requested range is not "
            "satisfiable") in error, error
    error = refused("s3api", "get-object", "--bucket", "cli-bucket", "--key", "o.txt", "--if-match", '"00"', "x")
    assert "(PreconditionFailed)" in error, error


@case
def wrong_md5_and_checksum_are_refused():
    body = write("o.txt", b"hello world")
    wrong = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    error = refused("s3api", "put-object", "--bucket", "cli-bucket", "--key", "md5", "--body", body, "--content-md5", wrong)
    assert "An error occurred (BadDigest) when calling the PutObject operation" in error, error
    assert ": The Content-MD5 you specified did not match what we received." in error, error
    error = refused("s3api", "head-object", "--bucket", "cli-bucket", "--key", "md5")
    assert "(404)" in error, "nothing was stored"


@case
def copy_and_delete_objects():
    for key in ("d/1", "d/2", "d/3"):
        aws("s3api", "put-object", "--bucket", "cli-bucket", "--key", key, "--body", write("o.txt", b"hello"))
    copied = aws_json("s3api", "copy-object", "--bucket", "cli-bucket", "--key", "d/4", "--copy-source", "cli-bucket/d/1")
    equal(copied["CopyObjectResult"]["ETag"], '"5d41402abc4b2a76b9719d911017c592"')
    aws("s3api", "delete-object", "--bucket", "cli-bucket", "--key", "d/1")
    deleted = aws_json("s3api", "delete-objects", "--bucket", "cli-bucket", "--delete",
                       "Objects=[{Key=d/2},{Key=d/3},{Key=d/none}]")
    equal(sorted(item["Key"] for item in deleted["Deleted"]), ["d/2", "d/3", "d/none"])
    listed = aws_json("s3api", "list-objects-v2", "--bucket", "cli-bucket", "--prefix", "d/")
    equal([item["Key"] for item in listed["Contents"]], ["d/4"])
    error = refused("s3api", "copy-object", "--bucket", "cli-bucket", "--key", "d/5", "--copy-source", "cli-bucket/d/1")
    assert ("An error occurred (NoSuchKey) when calling the CopyObject operation: The specified key does not "
            "exist.") in error, error


@case
def lists_page_by_page():
    aws("s3", "mb", "s3://cli-pages")
    for key in ("a", "b/1", "b/2", "c d", "e+f"):
        aws("s3api", "put-object", "--bucket", "cli-pages", "--key", key)
    for operation in ("list-objects", "list-objects-v2"):
        listed = aws_json("s3api", operation, "--bucket", "cli-pages", "--page-size", "2")
        equal([item["Key"] for item in listed["Contents"]], ["a", "b/1", "b/2", "c d", "e+f"], operation)
        listed = aws_json("s3api", operation, "--bucket", "cli-pages", "--delimiter", "/", "--page-size", "2")
        equal([item["Key"] for item in listed["Contents"]], ["a", "c d", "e+f"], operation)
        equal(listed["CommonPrefixes"], [{"Prefix": "b/"}], operation)
        listed = aws_json("s3api", operation, "--bucket", "cli-pages", "--prefix", "b/")
        equal([item["Key"] for item in listed["Contents"]], ["b/1", "b/2"], operation)
    first = aws_json("s3api", "list-objects-v2", "--bucket", "cli-pages", "--max-items", "2")
    rest = aws_json("s3api", "list-objects-v2", "--bucket", "cli-pages", "--starting-token", first["NextToken"])
    equal([item["Key"] for item in rest["Contents"]], ["b/2", "c d", "e+f"])
    after = aws_json("s3api", "list-objects-v2", "--bucket", "cli-pages", "--start-after", "b/2")
    equal([item["Key"] for item in after["Contents"]], ["c d", "e+f"])


@case
def the_labs_trigger_is_read_and_written_back():
    configuration = aws_json("s3api", "get-bucket-notification-configuration", "--bucket", BUCKET)
    [rule] = configuration["LambdaFunctionConfigurations"]
    equal(rule["LambdaFunctionArn"], "arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda")
    equal(rule["Events"], ["s3:ObjectCreated:*"])
    [prefix] = rule["Filter"]["Key"]["FilterRules"]
    equal((prefix["Name"].lower(), prefix["Value"]), ("prefix", "uploads/"))
    aws("s3api", "put-bucket-notification-configuration", "--bucket", BUCKET, "--notification-configuration",
        json.dumps(configuration))
    equal(aws_json("s3api", "get-bucket-notification-configuration", "--bucket", BUCKET), configuration)
    rule["LambdaFunctionArn"] = "arn:aws:lambda:us-east-2:111122223333:function:missing"
    error = refused("s3api", "put-bucket-notification-configuration", "--bucket", BUCKET,
                    "--notification-configuration", json.dumps(configuration))
    assert ("An error occurred (InvalidArgument) when calling the PutBucketNotificationConfiguration operation: Unable "
            "to validate the following destination configurations") in error, error


@case
def an_old_version_is_found_and_brought_back():
    aws("s3", "mb", "s3://cli-versions")
    aws("s3api", "put-bucket-versioning", "--bucket", "cli-versions", "--versioning-configuration", "Status=Enabled")
    equal(aws_json("s3api", "get-bucket-versioning", "--bucket", "cli-versions"), {"Status": "Enabled"})
    for text in ("one", "two"):
        aws("s3", "cp", "-", "s3://cli-versions/k.txt", stdin=text)
    aws("s3", "rm", "s3://cli-versions/k.txt")
    equal(aws_json("s3", "ls", "s3://cli-versions"), {}, "hidden")
    listed = aws_json("s3api", "list-object-versions", "--bucket", "cli-versions")
    equal([(item["Key"], item["IsLatest"]) for item in listed["Versions"]], [("k.txt", False), ("k.txt", False)])
    equal([item["IsLatest"] for item in listed["DeleteMarkers"]], [True])
    got = aws_json("s3api", "get-object", "--bucket", "cli-versions", "--key", "k.txt", "--version-id",
                   listed["Versions"][1]["VersionId"], "old.txt")
    equal((read("old.txt"), got["VersionId"]), (b"one", listed["Versions"][1]["VersionId"]))
    error = refused("s3api", "head-object", "--bucket", "cli-versions", "--key", "k.txt")
    assert "An error occurred (404) when calling the HeadObject operation: Not Found" in error, error
    aws("s3api", "delete-object", "--bucket", "cli-versions", "--key", "k.txt", "--version-id",
        listed["DeleteMarkers"][0]["VersionId"])
    equal(aws("s3", "cp", "s3://cli-versions/k.txt", "-"), "two")
    error = refused("s3", "rb", "s3://cli-versions", "--force")
    assert "You must delete all versions in the bucket." in error, error
    error = refused("s3api", "put-bucket-versioning", "--bucket", "cli-versions", "--versioning-configuration",
                    "Status=Enabled,MFADelete=Enabled", "--mfa", "arn:aws:iam::111122223333:mfa/device 123456")
    assert ("An error occurred (AccessDenied) when calling the PutBucketVersioning operation: Mfa Authentication must be "
            "used for this request") in error, error


@case
def errors_read_as_on_aws():
    error = refused("s3", "ls", "s3://no-such-bucket-here")
    assert ("An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not "
            "exist") in error, error
    error = refused("s3", "cp", "s3://cli-bucket/none.txt", "x")
    assert ("fatal error: An error occurred (404) when calling the HeadObject operation: Key \"none.txt\" does not "
            "exist") in error, error
    error = refused("s3api", "get-object", "--bucket", "cli-bucket", "--key", "none.txt", "x")
    assert ("An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not "
            "exist.") in error, error
    error = refused("s3api", "put-bucket-encryption", "--bucket", "cli-bucket", "--server-side-encryption-configuration",
                    '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"}}]}')
    assert "NotImplemented" in error, f"what is not built says so: {error}"


@case
def wrong_keys_are_refused():
    saved = dict(lab.environment)
    try:
        lab.environment["AWS_SECRET_ACCESS_KEY"] = "x" * 40
        error = refused("s3", "ls")
        assert "(SignatureDoesNotMatch)" in error, error
        error = refused("sts", "get-caller-identity")
        assert ("(SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request signature we "
                "calculated does not match the signature you provided.") in error, error
        lab.environment["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE"
        error = refused("s3", "ls")
        assert ("(InvalidAccessKeyId) when calling the ListBuckets operation: The AWS Access Key Id you provided does "
                "not exist in our records.") in error, error
        error = refused("sts", "get-caller-identity")
        assert ("(InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in "
                "the request is invalid.") in error, error
        lab.environment.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
        equal(aws_json("sts", "get-caller-identity")["Account"], "000000000000")
        error = refused("s3", "ls", f"s3://{BUCKET}")
        assert "(AccessDenied) when calling the ListObjectsV2 operation: " in error, error
        lab.environment.update(AWS_ACCESS_KEY_ID="123456789012", AWS_SECRET_ACCESS_KEY="test")
        equal(aws_json("sts", "get-caller-identity")["Arn"], "arn:aws:iam::123456789012:root")
    finally:
        lab.environment.clear()
        lab.environment.update(saved)


@case
def presigned_by_the_cli():
    url = aws("s3", "presign", "s3://cli-bucket/cp/presigned.txt", "--expires-in", "60").strip()
    aws("s3", "cp", "-", "s3://cli-bucket/cp/presigned.txt", stdin="signed")
    done = subprocess.run(["curl", "-s", url], capture_output=True, text=True, timeout=60)
    equal(done.stdout, "signed")


@case
def sub_resources():
    aws("s3", "mb", "s3://cli-settings")
    equal(aws_json("s3api", "get-bucket-ownership-controls", "--bucket", "cli-settings")["OwnershipControls"]["Rules"],
          [{"ObjectOwnership": "BucketOwnerEnforced"}])
    aws("s3api", "put-bucket-tagging", "--bucket", "cli-settings", "--tagging", "TagSet=[{Key=team,Value=a}]")
    equal(aws_json("s3api", "get-bucket-tagging", "--bucket", "cli-settings")["TagSet"], [{"Key": "team", "Value": "a"}])
    aws("s3api", "put-public-access-block", "--bucket", "cli-settings", "--public-access-block-configuration",
        "BlockPublicAcls=false,IgnorePublicAcls=false,BlockPublicPolicy=false,RestrictPublicBuckets=false")
    aws("s3api", "put-bucket-ownership-controls", "--bucket", "cli-settings", "--ownership-controls",
        "Rules=[{ObjectOwnership=BucketOwnerPreferred}]")
    aws("s3api", "put-bucket-acl", "--bucket", "cli-settings", "--acl", "public-read")
    grants = aws_json("s3api", "get-bucket-acl", "--bucket", "cli-settings")["Grants"]
    equal([grant["Permission"] for grant in grants], ["FULL_CONTROL", "READ"])
    aws("s3api", "put-object", "--bucket", "cli-settings", "--key", "k", "--tagging", "a=1")
    equal(aws_json("s3api", "get-object-tagging", "--bucket", "cli-settings", "--key", "k")["TagSet"],
          [{"Key": "a", "Value": "1"}])
    aws("s3api", "put-object-acl", "--bucket", "cli-settings", "--key", "k", "--acl", "public-read")
    equal(len(aws_json("s3api", "get-object-acl", "--bucket", "cli-settings", "--key", "k")["Grants"]), 2)
    aws("s3", "rm", "s3://cli-settings/k")
    aws("s3api", "put-bucket-encryption", "--bucket", "cli-settings", "--server-side-encryption-configuration",
        '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}')
    aws("s3api", "delete-bucket-encryption", "--bucket", "cli-settings")
    aws("s3api", "delete-public-access-block", "--bucket", "cli-settings")
    line = refused("s3api", "get-public-access-block", "--bucket", "cli-settings")
    assert "(NoSuchPublicAccessBlockConfiguration)" in line, line
    aws("s3", "rb", "s3://cli-settings")


@case
def a_bucket_becomes_a_website():
    """aws s3 website; its pages are for everybody once the bucket's policy says so."""

    def page(path):
        return subprocess.run(["curl", "-s", "-i", f"http://cli-site.s3-website.localhost:{lab.port}{path}"],
                              capture_output=True, text=True, timeout=60).stdout

    aws("s3", "mb", "s3://cli-site")
    aws("s3", "website", "s3://cli-site", "--index-document", "index.html", "--error-document", "error.html")
    equal(aws_json("s3api", "get-bucket-website", "--bucket", "cli-site"),
          {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}})
    write("site/index.html", b"<p>home")
    write("site/docs/index.html", b"<p>docs")
    aws("s3", "sync", "site", "s3://cli-site")
    assert "403 Forbidden" in page("/") and "<li>Code: AccessDenied</li>" in page("/"), page("/")
    aws("s3api", "delete-public-access-block", "--bucket", "cli-site")
    aws("s3api", "put-bucket-policy", "--bucket", "cli-site", "--policy", json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::cli-site/*"}]}))
    assert page("/").endswith("<p>home") and "Content-Type: text/html" in page("/"), page("/")
    assert page("/docs/").endswith("<p>docs"), page("/docs/")
    assert "302 Moved Temporarily" in page("/docs") and "Location: /docs/" in page("/docs"), page("/docs")
    aws("s3api", "delete-bucket-website", "--bucket", "cli-site")
    error = refused("s3api", "get-bucket-website", "--bucket", "cli-site")
    assert ("(NoSuchWebsiteConfiguration) when calling the GetBucketWebsite operation: The specified bucket does not "
            "have a website configuration") in error, error


@case
def cors_rules_come_and_go():
    rules = {"CORSRules": [{"AllowedOrigins": ["http://*.example.com"], "AllowedMethods": ["GET", "PUT"],
                            "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 3000}]}
    aws("s3api", "put-bucket-cors", "--bucket", "cli-bucket", "--cors-configuration", json.dumps(rules))
    equal(aws_json("s3api", "get-bucket-cors", "--bucket", "cli-bucket"), rules)
    aws("s3api", "delete-bucket-cors", "--bucket", "cli-bucket")
    error = refused("s3api", "get-bucket-cors", "--bucket", "cli-bucket")
    assert "(NoSuchCORSConfiguration) when calling the GetBucketCors operation: " in error, error


run_cases(lab)
