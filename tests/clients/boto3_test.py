#!/usr/bin/env python3
"""boto3 against the emulator: what SDKs put on the wire by default, and what they can be told to."""

import base64
import datetime
import hashlib
import http.client
import io
import os
import socket
import sys
import urllib.parse

from client_lab import BUCKET, Emulator, case, clients_directory, equal, nothing_to_run, run_cases, skipped

try:
    import boto3
except ImportError:
    python = os.path.join(clients_directory(), "clients-venv", "bin", "python")
    if os.access(python, os.X_OK) and os.path.realpath(sys.prefix) != os.path.realpath(os.path.dirname(os.path.dirname(python))):
        os.execv(python, [python, "-B", *sys.argv])
    skipped("boto3", "boto3 is not on this machine")
    nothing_to_run()
from botocore.config import Config
from botocore.exceptions import ClientError

# Since 1.36 SDKs send checksums of their own accord; before, boto3 knows neither CRC64NVME nor conditional writes.
CURRENT = tuple(int(part) for part in boto3.__version__.split(".")[:2]) >= (1, 36)


def needs_current(function):
    """A case only current versions can run."""
    if not CURRENT:
        skipped(f"boto3 {function.__name__}", f"boto3 {boto3.__version__} is older than 1.36")
    return case(function) if CURRENT else function


lab = Emulator(sys.argv[1]).start()
for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
    del os.environ[name]
os.environ.update({k: v for k, v in lab.environment.items() if k.startswith("AWS_") and k != "AWS_ENDPOINT_URL"})

# glibc does not resolve names below localhost: do it here, for this process.
_getaddrinfo = socket.getaddrinfo


def resolve_localhost(host, *arguments, **options):
    if isinstance(host, str) and (host.endswith(".localhost") or host.endswith(".amazonaws.com")):
        host = "127.0.0.1"
    return _getaddrinfo(host, *arguments, **options)


socket.getaddrinfo = resolve_localhost


def client(service="s3", region="us-east-2", endpoint=None, keys=None, **config):
    session = boto3.session.Session(**(keys or {}))
    return session.client(service, region_name=region, endpoint_url=endpoint or lab.endpoint,
                          config=Config(retries={"total_max_attempts": 1}, **config))


s3 = client()
s3.create_bucket(Bucket="boto", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
virginia = client(region="us-east-1")
virginia.create_bucket(Bucket="boto-virginia")


def failure(call, *arguments, **options):
    """(code, message, status) of a call that must fail."""
    try:
        call(*arguments, **options)
    except ClientError as error:
        return (error.response["Error"]["Code"], error.response["Error"]["Message"],
                error.response["ResponseMetadata"]["HTTPStatusCode"])
    raise AssertionError("the call succeeded")


def send(method, url, body=None, headers=None):
    """The request as given: http.client adds no Content-Type."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def get(key, bucket="boto", **options):
    return s3.get_object(Bucket=bucket, Key=key, **options)["Body"].read()


@case
def put_get_head_copy_delete():
    put = s3.put_object(Bucket="boto", Key="k", Body=b"hello", Metadata={"Color": "blue"}, ContentType="text/plain")
    equal(put["ETag"], '"5d41402abc4b2a76b9719d911017c592"')
    got = s3.get_object(Bucket="boto", Key="k")
    equal((got["Body"].read(), got["Metadata"], got["ContentType"]), (b"hello", {"color": "blue"}, "text/plain"))
    head = s3.head_object(Bucket="boto", Key="k")
    equal((head["ContentLength"], head["ETag"], head["LastModified"]), (5, put["ETag"], got["LastModified"]))
    s3.copy_object(Bucket="boto", Key="k2", CopySource={"Bucket": "boto", "Key": "k"})
    equal(s3.head_object(Bucket="boto", Key="k2")["Metadata"], {"color": "blue"})
    s3.copy_object(Bucket="boto", Key="k3", CopySource="boto/k", MetadataDirective="REPLACE", Metadata={"a": "b"})
    equal(s3.head_object(Bucket="boto", Key="k3")["Metadata"], {"a": "b"})
    equal(s3.delete_object(Bucket="boto", Key="k")["ResponseMetadata"]["HTTPStatusCode"], 204)
    equal(s3.delete_object(Bucket="boto", Key="k")["ResponseMetadata"]["HTTPStatusCode"], 204)
    equal(failure(s3.get_object, Bucket="boto", Key="k"), ("NoSuchKey", "The specified key does not exist.", 404))
    equal(failure(s3.head_object, Bucket="boto", Key="k"), ("404", "Not Found", 404))
    equal(failure(s3.copy_object, Bucket="boto", Key="k2", CopySource="boto/k2")[0], "InvalidRequest")


@case
def presigned_v4_put_and_get():
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "boto", "Key": "signed é.txt"}, ExpiresIn=300)
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url, url
    equal(send("PUT", url, b"v4"), (200, b""))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "boto", "Key": "signed é.txt",
                                                          "ResponseContentType": "text/x"})
    equal(send("GET", url), (200, b"v4"))
    equal(send("GET", url.replace("text%2Fx", "text%2Fy"))[0], 403)


@case
def presigned_v2_put_and_get():
    """us-east-1: boto3 still presigns with SigV2"""
    url = virginia.generate_presigned_url("put_object", Params={"Bucket": "boto-virginia", "Key": "v2.txt"})
    assert "AWSAccessKeyId=" in url and "X-Amz-" not in url, url
    equal(send("PUT", url, b"v2"), (200, b""))
    equal(send("PUT", url, b"v2", {"Content-Type": "text/plain"})[0], 403)
    url = virginia.generate_presigned_url("put_object", Params={
        "Bucket": "boto-virginia", "Key": "v2.txt", "ContentType": "text/plain", "Metadata": {"a": "b"}})
    equal(send("PUT", url, b"v2", {"Content-Type": "text/plain", "x-amz-meta-a": "b"}), (200, b""))
    equal(virginia.head_object(Bucket="boto-virginia", Key="v2.txt")["Metadata"], {"a": "b"})
    url = virginia.generate_presigned_url("get_object", Params={"Bucket": "boto-virginia", "Key": "v2.txt"})
    equal(send("GET", url), (200, b"v2"))


@case
def presigned_with_a_signed_content_type():
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "boto", "Key": "ct", "ContentType": "text/plain",
                                                          "Metadata": {"who": "me"}})
    assert "X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-meta-who" in url, url
    headers = {"Content-Type": "text/plain", "x-amz-meta-who": "me"}
    equal(send("PUT", url, b"x", headers), (200, b""))
    equal(s3.head_object(Bucket="boto", Key="ct")["Metadata"], {"who": "me"})
    equal(send("PUT", url, b"x", headers | {"Content-Type": "text/html"})[0], 403)
    equal(send("PUT", url, b"x", {"x-amz-meta-who": "me"})[0], 403)
    equal(send("PUT", url, b"x", headers | {"x-amz-meta-who": "you"})[0], 403)


@case
def a_session_token_that_nobody_issued():
    keys = {"aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"], "aws_session_token": "made+up/token=="}
    other = client(keys=keys)
    equal(failure(other.list_objects_v2, Bucket="boto"),
          ("InvalidToken", "The provided token is malformed or otherwise invalid.", 400))
    url = other.generate_presigned_url("get_object", Params={"Bucket": "boto", "Key": "x"})
    status, body = send("GET", url)
    assert status == 400 and b"<Token-0>made+up/token==</Token-0>" in body, (status, body)


KEYS = ["plain", "with space", "plus+and%percent", "%2F literal", "a+b=c&d?e#f", "é/日本語/🙂", "//two/leading", "/one",
        "double//inside", "trailing/", "a/../b", "a/./b", "quote'\"quote", "semi;colon:comma,", "tilde~star*(paren)!",
        "back\\slash", "<xml>&amp;", "k" * 1024, "é" * 512]


@case
def odd_keys_come_back_as_they_went():
    s3.create_bucket(Bucket="odd-keys", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    for number, key in enumerate(KEYS):
        body = f"{number}".encode()
        s3.put_object(Bucket="odd-keys", Key=key, Body=body)
        equal(get(key, "odd-keys"), body, key)
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "odd-keys", "Key": key})
        equal(send("GET", url), (200, body), f"presigned {key}")
    for operation in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(operation).paginate(Bucket="odd-keys", PaginationConfig={"PageSize": 3})
        listed = [item["Key"] for page in pages for item in page.get("Contents", [])]
        equal(listed, sorted(KEYS, key=str.encode), operation)
    for key in KEYS:
        s3.copy_object(Bucket="odd-keys", Key="copy", CopySource={"Bucket": "odd-keys", "Key": key})
    deleted = s3.delete_objects(Bucket="odd-keys", Delete={"Objects": [{"Key": k} for k in KEYS + ["copy"]]})
    equal(sorted(item["Key"] for item in deleted["Deleted"]), sorted(KEYS + ["copy"]))
    s3.delete_bucket(Bucket="odd-keys")


@case
def a_key_of_1025_bytes_is_too_long():
    equal(failure(s3.put_object, Bucket="boto", Key="k" * 1025, Body=b""),
          ("KeyTooLongError", "Your key is too long", 400))


@needs_current
def checksums_are_kept_and_given_back():
    names = {"SHA1": "ChecksumSHA1", "SHA256": "ChecksumSHA256", "CRC32": "ChecksumCRC32", "CRC32C": "ChecksumCRC32C",
             "CRC64NVME": "ChecksumCRC64NVME"}
    known = {"ChecksumSHA1": base64.b64encode(hashlib.sha1(b"hello").digest()).decode(),
             "ChecksumSHA256": base64.b64encode(hashlib.sha256(b"hello").digest()).decode(),
             "ChecksumCRC32": "NhCmhg==", "ChecksumCRC32C": "mnG7TA==", "ChecksumCRC64NVME": "M3eFcAZSQlc="}
    try:
        import awscrt  # noqa: F401
    except ImportError:
        skipped("boto3 computing CRC32C and CRC64NVME", "awscrt is not on this machine; the values are given instead")
    for algorithm, name in names.items():
        try:
            put = s3.put_object(Bucket="boto", Key=algorithm, Body=b"hello", ChecksumAlgorithm=algorithm)
        except Exception as error:
            if "crt" not in str(error).lower():
                raise
            put = s3.put_object(Bucket="boto", Key=algorithm, Body=b"hello", **{name: known[name]})
        equal(put[name], known[name], algorithm)
        equal(s3.get_object(Bucket="boto", Key=algorithm, ChecksumMode="ENABLED")[name], known[name], algorithm)
        wrong = base64.b64encode(bytes(len(base64.b64decode(known[name])))).decode()
        code, message, status = failure(s3.put_object, Bucket="boto", Key="wrong", Body=b"hello", **{name: wrong})
        equal((code, status), ("BadDigest", 400), message)
        assert message.endswith("you specified did not match the calculated checksum."), message
    equal(failure(s3.get_object, Bucket="boto", Key="wrong")[0], "NoSuchKey", "nothing was stored")


@needs_current
def aws_chunked_with_a_trailer():
    """What SDKs do over https by default: STREAMING-UNSIGNED-PAYLOAD-TRAILER, forced here over http"""
    body = os.urandom(300_000)
    other = client()

    def as_over_https(params, **_):
        params["context"]["checksum"]["request_algorithm"]["in"] = "trailer"

    def look(request, **_):
        seen.update({name.lower(): value for name, value in request.headers.items()})

    seen = {}
    other.meta.events.register("before-call.s3.PutObject", as_over_https)
    other.meta.events.register("before-send.s3.PutObject", look)
    put = other.put_object(Bucket="boto", Key="chunked", Body=io.BytesIO(body))
    equal(seen["x-amz-content-sha256"], b"STREAMING-UNSIGNED-PAYLOAD-TRAILER", "the SDK's own framing was used")
    assert put["ChecksumCRC32"], put
    equal(hashlib.sha256(get("chunked")).digest(), hashlib.sha256(body).digest())
    assert "ContentEncoding" not in s3.head_object(Bucket="boto", Key="chunked")


@case
def unsigned_payload_over_http():
    other = client(s3={"payload_signing_enabled": False})
    other.put_object(Bucket="boto", Key="unsigned", Body=b"unsigned")
    equal(get("unsigned"), b"unsigned")


@case
def upload_and_download_of_a_file_object():
    from boto3.s3.transfer import TransferConfig
    body = os.urandom(6 * 1024 * 1024)
    s3.upload_fileobj(io.BytesIO(body), "boto", "file-object", ExtraArgs={"Metadata": {"a": "b"}})
    target = io.BytesIO()
    s3.download_fileobj("boto", "file-object", target, Config=TransferConfig(multipart_threshold=1 << 20,
                                                                            multipart_chunksize=1 << 20))
    equal(hashlib.sha256(target.getvalue()).digest(), hashlib.sha256(body).digest(), "in ranges, in parallel")


@case
def a_large_file_goes_up_in_parts():
    path = os.path.join(lab.directory, "large.bin")
    body = os.urandom(20 * 1024 * 1024 + 1)
    with open(path, "wb") as file:
        file.write(body)
    s3.upload_file(path, "boto", "multi/large.bin", ExtraArgs={"Metadata": {"a": "b"}, "ContentType": "image/png"})
    chunk = 8 * 1024 * 1024
    digests = [hashlib.md5(body[at:at + chunk]).digest() for at in range(0, len(body), chunk)]
    head = s3.head_object(Bucket="boto", Key="multi/large.bin")
    equal(head["ETag"], f'"{hashlib.md5(b"".join(digests)).hexdigest()}-3"')
    equal((head["Metadata"], head["ContentType"], head["ContentLength"]), ({"a": "b"}, "image/png", len(body)))
    back = os.path.join(lab.directory, "back.bin")
    s3.download_file("boto", "multi/large.bin", back)
    with open(back, "rb") as file:
        equal(hashlib.sha256(file.read()).digest(), hashlib.sha256(body).digest())
    part = s3.get_object(Bucket="boto", Key="multi/large.bin", PartNumber=3)
    equal((part["PartsCount"], part["ContentRange"]), (3, f"bytes {2 * chunk}-{len(body) - 1}/{len(body)}"))
    equal(part["Body"].read(), body[2 * chunk:])
    equal(get("multi/large.bin", Range=f"bytes={chunk - 2}-{chunk + 1}"), body[chunk - 2:chunk + 2])
    equal(failure(s3.get_object, Bucket="boto", Key="multi/large.bin", PartNumber=4),
          ("InvalidPartNumber", "The requested partnumber is not satisfiable", 416))
    copy = s3.copy_object(Bucket="boto", Key="multi/copy.bin", CopySource="boto/multi/large.bin")
    equal(copy["CopyObjectResult"]["ETag"], f'"{hashlib.md5(body).hexdigest()}"', "a plain object again")


@case
def parts_are_uploaded_copied_listed_and_aborted():
    body = os.urandom(5 * 1024 * 1024)
    s3.put_object(Bucket="boto", Key="multi/source", Body=body)
    where = {"Bucket": "boto", "Key": "multi/parts"}
    upload = s3.create_multipart_upload(**where, ContentType="text/plain")["UploadId"]
    one = s3.upload_part_copy(**where, UploadId=upload, PartNumber=1, CopySource="boto/multi/source")["CopyPartResult"]
    two = s3.upload_part(**where, UploadId=upload, PartNumber=2, Body=b"two")
    three = s3.upload_part_copy(**where, UploadId=upload, PartNumber=3, CopySource="boto/multi/source",
                                CopySourceRange="bytes=10-19")["CopyPartResult"]
    equal(three["ETag"], f'"{hashlib.md5(body[10:20]).hexdigest()}"')
    pages = list(s3.get_paginator("list_parts").paginate(**where, UploadId=upload, PaginationConfig={"PageSize": 1}))
    equal([part["PartNumber"] for page in pages for part in page.get("Parts", [])], [1, 2, 3])
    small = {"Parts": [{"PartNumber": n, "ETag": p["ETag"]} for n, p in enumerate((one, two, three), 1)]}
    equal(failure(s3.complete_multipart_upload, **where, UploadId=upload, MultipartUpload=small),
          ("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400))
    parts = {"Parts": [{"PartNumber": 1, "ETag": one["ETag"]}, {"PartNumber": 3, "ETag": three["ETag"]}]}
    done = s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)
    equal((done["Bucket"], done["Key"], done["ETag"][-3:]), ("boto", "multi/parts", '-2"'))
    equal(get("multi/parts"), body + body[10:20])
    equal(s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)["ETag"], done["ETag"])
    equal(failure(s3.list_parts, **where, UploadId=upload)[0], "NoSuchUpload")

    keys = [f"multi/open-{number}" for number in range(5)]
    for key in keys:
        s3.create_multipart_upload(Bucket="boto", Key=key)
    pages = s3.get_paginator("list_multipart_uploads").paginate(
        Bucket="boto", Prefix="multi/open-", PaginationConfig={"PageSize": 2})
    seen = []
    for page in pages:
        for each in page.get("Uploads", []):
            seen.append(each["Key"])
            s3.abort_multipart_upload(Bucket="boto", Key=each["Key"], UploadId=each["UploadId"])
    equal(seen, keys, "aborted page by page")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="boto", Prefix="multi/open-")
    equal(failure(s3.abort_multipart_upload, Bucket="boto", Key="multi/x", UploadId="none")[0], "NoSuchUpload")


@needs_current
def checksums_of_multipart_uploads():
    where = {"Bucket": "boto", "Key": "multi/checksum"}
    body = os.urandom(5 * 1024 * 1024)
    for algorithm, kind in (("SHA256", "COMPOSITE"), ("CRC32", "COMPOSITE"), ("CRC32", "FULL_OBJECT"),
                            ("CRC64NVME", "FULL_OBJECT")):
        upload = s3.create_multipart_upload(**where, ChecksumAlgorithm=algorithm, ChecksumType=kind)["UploadId"]
        parts = []
        name = f"Checksum{algorithm}"
        for number, piece in enumerate((body, b"end"), 1):
            try:
                part = s3.upload_part(**where, UploadId=upload, PartNumber=number, Body=piece, ChecksumAlgorithm=algorithm)
            except Exception as error:  # CRC64NVME needs a library of its own
                if "crt" not in str(error).lower():
                    raise
                part = None
                break
            parts.append({"PartNumber": number, "ETag": part["ETag"], name: part[name]})
        if part is None:
            skipped(f"boto3 {algorithm}", "awscrt is not on this machine")
            continue
        done = s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
        got = s3.get_object(**where, ChecksumMode="ENABLED")
        equal((got["ChecksumType"], got[name]), (kind, done[name]))
        equal(got["Body"].read(), body + b"end", "botocore compares full-object checksums itself")


@case
def virtual_hosts():
    """bucket.localhost, bucket.s3.REGION.localhost and Amazon's own names in the Host header"""
    for host in ("localhost", "s3.us-east-2.localhost", "s3.us-east-2.amazonaws.com", "s3.amazonaws.com"):
        other = client(endpoint=f"http://{host}:{lab.port}", s3={"addressing_style": "virtual"})
        other.put_object(Bucket="boto", Key="virtual/é", Body=host.encode())
        equal(get("virtual/é"), host.encode(), host)
        url = other.generate_presigned_url("get_object", Params={"Bucket": "boto", "Key": "virtual/é"})
        assert url.startswith(f"http://boto.{host}:{lab.port}/virtual/"), url
        equal(send("GET", url), (200, host.encode()), host)


@needs_current
def conditional_writes_and_reads():
    s3.put_object(Bucket="boto", Key="once", Body=b"1", IfNoneMatch="*")
    equal(failure(s3.put_object, Bucket="boto", Key="once", Body=b"2", IfNoneMatch="*"),
          ("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412))
    etag = s3.head_object(Bucket="boto", Key="once")["ETag"]
    s3.put_object(Bucket="boto", Key="once", Body=b"3", IfMatch=etag)
    equal(failure(s3.put_object, Bucket="boto", Key="once", Body=b"4", IfMatch=etag)[0], "PreconditionFailed")
    equal(get("once"), b"3")
    etag = s3.head_object(Bucket="boto", Key="once")["ETag"]
    equal(failure(s3.get_object, Bucket="boto", Key="once", IfNoneMatch=etag), ("304", "Not Modified", 304))
    equal(failure(s3.get_object, Bucket="boto", Key="once", IfMatch='"0"')[0], "PreconditionFailed")


@case
def ranges():
    s3.put_object(Bucket="boto", Key="range", Body=b"0123456789")
    for given, expected in (("bytes=0-4", b"01234"), ("bytes=5-", b"56789"), ("bytes=-3", b"789"),
                            ("bytes=8-99", b"89"), ("bytes=5-2", b"0123456789"), ("bytes=0-1,3-4", b"0123456789")):
        equal(get("range", Range=given), expected, given)
    equal(failure(s3.get_object, Bucket="boto", Key="range", Range="bytes=10-"),
          ("InvalidRange", "The requested range is not satisfiable", 416))


@case
def versions_of_an_object():
    """What a versioned bucket keeps, hides, lists in pages, gives back and lets go"""
    s3.create_bucket(Bucket="versions", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    assert "Status" not in s3.get_bucket_versioning(Bucket="versions")
    s3.put_object(Bucket="versions", Key="k", Body=b"before")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    equal(s3.get_bucket_versioning(Bucket="versions")["Status"], "Enabled")
    ids = [s3.put_object(Bucket="versions", Key="k", Body=body)["VersionId"] for body in (b"one", b"two")]
    equal(get("k", "versions"), b"two")
    equal([get("k", "versions", VersionId=id) for id in ("null", *ids)], [b"before", b"one", b"two"])
    equal(s3.head_object(Bucket="versions", Key="k", VersionId=ids[0])["VersionId"], ids[0])

    deleted = s3.delete_object(Bucket="versions", Key="k")
    assert deleted["DeleteMarker"], deleted
    equal(failure(s3.get_object, Bucket="versions", Key="k")[0], "NoSuchKey")
    equal(failure(s3.head_object, Bucket="versions", Key="k", VersionId=deleted["VersionId"]),
          ("405", "Method Not Allowed", 405))
    assert "Contents" not in s3.list_objects_v2(Bucket="versions")
    equal(failure(s3.get_object, Bucket="versions", Key="k", VersionId=ids[0][:-4] + "ABCD"),
          ("InvalidArgument", "Invalid version id specified", 400))
    copied = s3.copy_object(Bucket="versions", Key="k",
                            CopySource={"Bucket": "versions", "Key": "k", "VersionId": ids[0]})
    equal(copied["CopySourceVersionId"], ids[0])
    equal(get("k", "versions"), b"one")
    for key in ("a/1", "a/2", "a/2"):
        s3.put_object(Bucket="versions", Key=key, Body=b"x")

    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket="versions", PaginationConfig={"PageSize": 2}))
    equal([len(page.get("Versions", [])) + len(page.get("DeleteMarkers", [])) for page in pages], [2, 2, 2, 2])
    listed = [(item["Key"], item["IsLatest"]) for page in pages for item in page.get("Versions", [])]
    equal(listed, [("a/1", True), ("a/2", True), ("a/2", False), ("k", True), ("k", False), ("k", False), ("k", False)])
    groups = s3.list_object_versions(Bucket="versions", Delimiter="/")
    equal([group["Prefix"] for group in groups["CommonPrefixes"]], ["a/"])

    equal(failure(s3.delete_bucket, Bucket="versions")[0], "BucketNotEmpty")
    resource = boto3.resource("s3", region_name="us-east-2", endpoint_url=lab.endpoint).Bucket("versions")
    resource.object_versions.filter(Prefix="a/").delete()
    resource.object_versions.page_size(2).delete()  # each page begins after a version that is gone
    left = s3.list_object_versions(Bucket="versions")
    assert "Versions" not in left and "DeleteMarkers" not in left, left
    s3.delete_bucket(Bucket="versions")


@case
def suspended_versioning_writes_the_null_version():
    s3.create_bucket(Bucket="suspended", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    s3.put_bucket_versioning(Bucket="suspended", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="suspended", Key="k", Body=b"one")["VersionId"]
    s3.put_bucket_versioning(Bucket="suspended", VersioningConfiguration={"Status": "Suspended"})
    for body in (b"two", b"three"):
        assert "VersionId" not in s3.put_object(Bucket="suspended", Key="k", Body=body)
    equal(s3.get_object(Bucket="suspended", Key="k")["VersionId"], "null")
    deleted = s3.delete_object(Bucket="suspended", Key="k")
    equal((deleted["DeleteMarker"], deleted["VersionId"]), (True, "null"))
    answer = s3.delete_objects(Bucket="suspended", Delete={"Objects": [
        {"Key": "k", "VersionId": "null"}, {"Key": "k", "VersionId": first},
        {"Key": "k", "VersionId": "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"}]})
    equal(sorted(item["VersionId"] for item in answer["Deleted"]), sorted(["null", first]))
    equal([error["Code"] for error in answer["Errors"]], ["NoSuchVersion"])
    s3.delete_bucket(Bucket="suspended")


@case
def object_lock_lapses_on_the_labs_clock():
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True,
                     CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    equal(s3.get_bucket_versioning(Bucket="locked")["Status"], "Enabled")
    kept = s3.put_object(Bucket="locked", Key="kept", Body=b"x")["VersionId"]
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)
    s3.put_object_retention(Bucket="locked", Key="kept", Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until})
    shown = s3.head_object(Bucket="locked", Key="kept")
    equal(shown["ObjectLockMode"], "COMPLIANCE")
    assert abs(shown["ObjectLockRetainUntilDate"] - until) < datetime.timedelta(seconds=1), shown
    refusal = ("AccessDenied", "Access Denied because object protected by object lock.", 403)
    equal(failure(s3.delete_object, Bucket="locked", Key="kept", VersionId=kept), refusal)
    equal(failure(s3.delete_object, Bucket="locked", Key="kept", VersionId=kept, BypassGovernanceRetention=True), refusal)

    s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 365}}})
    held = s3.put_object(Bucket="locked", Key="held", Body=b"x", ContentMD5="ndTkYSaMgDT1yFZOFVxnpg==",
                         ObjectLockLegalHoldStatus="ON")["VersionId"]
    equal(s3.get_object_retention(Bucket="locked", Key="held")["Retention"]["Mode"], "GOVERNANCE")
    equal(failure(s3.delete_object, Bucket="locked", Key="held", VersionId=held, BypassGovernanceRetention=True), refusal)
    s3.put_object_legal_hold(Bucket="locked", Key="held", LegalHold={"Status": "OFF"})
    equal(failure(s3.delete_object, Bucket="locked", Key="held", VersionId=held), refusal)
    s3.delete_object(Bucket="locked", Key="held", VersionId=held, BypassGovernanceRetention=True)

    lab.command("clock", "advance", "29d")
    equal(failure(s3.delete_object, Bucket="locked", Key="kept", VersionId=kept), refusal)
    lab.command("clock", "advance", "2d")
    s3.delete_object(Bucket="locked", Key="kept", VersionId=kept)
    s3.delete_bucket(Bucket="locked")


@needs_current
def attributes_of_an_object():
    s3.put_object(Bucket="boto", Key="attributes", Body=b"hello", ChecksumAlgorithm="SHA256")
    answer = s3.get_object_attributes(Bucket="boto", Key="attributes", ObjectAttributes=[
        "ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"])
    equal((answer["ETag"], answer["ObjectSize"], answer["StorageClass"], answer["Checksum"]["ChecksumType"]),
          ("5d41402abc4b2a76b9719d911017c592", 5, "STANDARD", "FULL_OBJECT"))
    assert "ObjectParts" not in answer, answer


@case
def error_codes():
    equal(failure(s3.list_objects_v2, Bucket="no-such-bucket-here"),
          ("NoSuchBucket", "The specified bucket does not exist", 404))
    equal(failure(s3.create_bucket, Bucket="boto", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})[0],
          "BucketAlreadyOwnedByYou")
    equal(failure(s3.create_bucket, Bucket="no-region"),
          ("IllegalLocationConstraintException", "The unspecified location constraint is incompatible for the region "
           "specific endpoint this request was sent to.", 400))
    equal(failure(s3.delete_bucket, Bucket="boto")[0], "BucketNotEmpty")
    equal(failure(s3.get_object_tagging, Bucket="boto", Key="no-such-key")[0], "NoSuchKey")
    equal(failure(client("sts", keys={"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"})
                  .get_caller_identity)[0], "InvalidClientTokenId")


@case
def buckets_of_every_region_are_listed():
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    equal(names, sorted(names))
    assert {"boto", "boto-virginia", BUCKET} <= set(names), names
    equal(s3.get_bucket_location(Bucket="boto")["LocationConstraint"], "us-east-2")
    equal(virginia.get_bucket_location(Bucket="boto-virginia")["LocationConstraint"], None)
    head = s3.head_bucket(Bucket="boto")["ResponseMetadata"]["HTTPHeaders"]
    equal(head["x-amz-bucket-region"], "us-east-2")


@case
def a_bucket_of_another_region_is_found():
    """boto3 follows the region S3 names, without a word"""
    virginia.put_object(Bucket="boto-virginia", Key="elsewhere", Body=b"here")
    redirected = boto3.client("s3", region_name="us-east-2", endpoint_url=lab.endpoint)
    equal(redirected.get_object(Bucket="boto-virginia", Key="elsewhere")["Body"].read(), b"here")


def owner_of_bucket(account="111122223333"):
    """A client of another account's root user, as the lab knows every account."""
    return client(keys={"aws_access_key_id": account, "aws_secret_access_key": "test"})


def anonymous(key, bucket="shared"):
    """Status of a GET without a signature."""
    return send("GET", f"{lab.endpoint}/{bucket}/{key}")[0]


@case
def sub_resources_of_a_new_bucket():
    s3.create_bucket(Bucket="fresh", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    equal(s3.get_bucket_ownership_controls(Bucket="fresh")["OwnershipControls"],
          {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    equal(s3.get_public_access_block(Bucket="fresh")["PublicAccessBlockConfiguration"],
          {name: True for name in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")})
    rule = s3.get_bucket_encryption(Bucket="fresh")["ServerSideEncryptionConfiguration"]["Rules"][0]
    equal(rule["ApplyServerSideEncryptionByDefault"], {"SSEAlgorithm": "AES256"})
    equal(s3.get_bucket_request_payment(Bucket="fresh")["Payer"], "BucketOwner")
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket="fresh")
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket="fresh")
    equal(s3.list_bucket_inventory_configurations(Bucket="fresh")["IsTruncated"], False)
    acl = s3.get_bucket_acl(Bucket="fresh")
    equal([grant["Permission"] for grant in acl["Grants"]], ["FULL_CONTROL"])
    equal(acl["Grants"][0]["Grantee"], {"ID": acl["Owner"]["ID"], "Type": "CanonicalUser"})
    for call, code in ((s3.get_bucket_tagging, "NoSuchTagSet"),
                       (s3.get_bucket_policy_status, "NoSuchBucketPolicy"),
                       (s3.get_bucket_replication, "ReplicationConfigurationNotFoundError")):
        equal(failure(call, Bucket="fresh")[0], code)
    equal(failure(s3.get_bucket_metrics_configuration, Bucket="fresh", Id="x")[0], "NoSuchConfiguration")


@case
def configurations_come_back_as_they_went():
    tags = [{"Key": "team", "Value": "a"}, {"Key": "empty", "Value": ""}]
    s3.put_bucket_tagging(Bucket="boto", Tagging={"TagSet": tags})
    equal(s3.get_bucket_tagging(Bucket="boto")["TagSet"], tags)
    s3.delete_bucket_tagging(Bucket="boto")
    s3.put_bucket_request_payment(Bucket="boto", RequestPaymentConfiguration={"Payer": "Requester"})
    equal(s3.get_bucket_request_payment(Bucket="boto")["Payer"], "Requester")
    s3.put_bucket_request_payment(Bucket="boto", RequestPaymentConfiguration={"Payer": "BucketOwner"})
    logging = {"LoggingEnabled": {"TargetBucket": "boto", "TargetPrefix": "log"}}
    s3.put_bucket_logging(Bucket="boto", BucketLoggingStatus=logging)
    equal(s3.get_bucket_logging(Bucket="boto")["LoggingEnabled"], logging["LoggingEnabled"])
    s3.put_bucket_logging(Bucket="boto", BucketLoggingStatus={})
    inventory = {"Id": "i", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"},
                 "OptionalFields": ["Size", "ETag"],
                 "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::boto", "Format": "CSV"}}}
    s3.put_bucket_inventory_configuration(Bucket="boto", Id="i", InventoryConfiguration=inventory)
    equal(s3.get_bucket_inventory_configuration(Bucket="boto", Id="i")["InventoryConfiguration"], inventory)
    equal(s3.list_bucket_inventory_configurations(Bucket="boto")["InventoryConfigurationList"], [inventory])
    s3.delete_bucket_inventory_configuration(Bucket="boto", Id="i")
    equal(failure(s3.put_bucket_logging, Bucket="boto", BucketLoggingStatus={
        "LoggingEnabled": {"TargetBucket": "no-such-target", "TargetPrefix": ""}})[0], "InvalidTargetBucketForLogging")


@case
def object_tags_come_back_as_they_went():
    s3.put_object(Bucket="boto", Key="tagged", Body=b"x", Tagging="a=1&b=")
    equal(s3.get_object_tagging(Bucket="boto", Key="tagged")["TagSet"],
          [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    equal(s3.head_object(Bucket="boto", Key="tagged")["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"], "2")
    s3.put_object_tagging(Bucket="boto", Key="tagged", Tagging={"TagSet": [{"Key": "c", "Value": "3"}]})
    equal(s3.get_object_tagging(Bucket="boto", Key="tagged")["TagSet"], [{"Key": "c", "Value": "3"}])
    s3.delete_object_tagging(Bucket="boto", Key="tagged")
    equal(s3.get_object_tagging(Bucket="boto", Key="tagged")["TagSet"], [])
    equal(failure(s3.put_object_tagging, Bucket="boto", Key="tagged",
                  Tagging={"TagSet": [{"Key": str(i), "Value": ""} for i in range(11)]}),
          ("BadRequest", "Object tags cannot be greater than 10", 400))


@case
def acls_count_where_the_bucket_lets_them():
    mine = owner_of_bucket()
    theirs = owner_of_bucket("444455556666")
    mine.create_bucket(Bucket="shared", ObjectOwnership="ObjectWriter",
                       CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    equal(failure(mine.put_object, Bucket="shared", Key="open", Body=b"x", ACL="public-read")[0], "AccessDenied")
    mine.delete_public_access_block(Bucket="shared")
    mine.put_object(Bucket="shared", Key="open", Body=b"x", ACL="public-read")
    mine.put_object(Bucket="shared", Key="closed", Body=b"x")
    equal((anonymous("open"), anonymous("closed")), (200, 403))
    equal(failure(theirs.get_object, Bucket="shared", Key="closed"), ("AccessDenied", "Access Denied", 403))
    their_id = theirs.list_buckets()["Owner"]["ID"]
    mine.put_object(Bucket="shared", Key="granted", Body=b"x", GrantRead=f'id="{their_id}"')
    equal(theirs.get_object(Bucket="shared", Key="granted")["Body"].read(), b"x")
    mine.put_object_acl(Bucket="shared", Key="closed", ACL="authenticated-read")
    equal(theirs.get_object(Bucket="shared", Key="closed")["Body"].read(), b"x")
    equal(anonymous("closed"), 403)
    equal([grant["Permission"] for grant in mine.get_object_acl(Bucket="shared", Key="closed")["Grants"]],
          ["FULL_CONTROL", "READ"])
    mine.put_bucket_acl(Bucket="shared", ACL="public-read")
    equal([grant["Grantee"].get("URI") for grant in mine.get_bucket_acl(Bucket="shared")["Grants"]],
          [None, "http://acs.amazonaws.com/groups/global/AllUsers"])
    equal(theirs.list_objects_v2(Bucket="shared")["KeyCount"], 3)
    mine.put_public_access_block(Bucket="shared", PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    equal(anonymous("open"), 403)
    equal(failure(s3.put_bucket_acl, Bucket="boto", ACL="private"),
          ("AccessControlListNotSupported", "The bucket does not allow ACLs", 400))


@case
def lifecycle_configurations_come_back_as_they_were_put():
    equal(failure(s3.get_bucket_lifecycle_configuration, Bucket="boto"),
          ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", 404))
    rules = [{
        "ID": "all", "Status": "Enabled",
        "Filter": {"And": {"Prefix": "lifecycle/", "Tags": [{"Key": "a", "Value": "b"}], "ObjectSizeGreaterThan": 5}},
        "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 60, "StorageClass": "GLACIER"}],
        "Expiration": {"Days": 365},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
    }, {
        "ID": "uploads", "Status": "Disabled", "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }]
    put = s3.put_bucket_lifecycle_configuration(Bucket="boto", LifecycleConfiguration={"Rules": rules})
    equal(put["TransitionDefaultMinimumObjectSize"], "all_storage_classes_128K")
    equal(s3.get_bucket_lifecycle_configuration(Bucket="boto")["Rules"], rules)
    bad = [{**rules[1], "Filter": {"Tag": {"Key": "a", "Value": "b"}}}]
    equal(failure(s3.put_bucket_lifecycle_configuration, Bucket="boto", LifecycleConfiguration={"Rules": bad}),
          ("InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags.", 400))
    equal(s3.get_bucket_lifecycle_configuration(Bucket="boto")["Rules"], rules)
    s3.delete_bucket_lifecycle(Bucket="boto")
    equal(failure(s3.get_bucket_lifecycle_configuration, Bucket="boto")[0], "NoSuchLifecycleConfiguration")


@case
def objects_expire_when_the_clock_is_advanced():
    """the command returns when the rules have been applied: a script sees the result at once"""
    s3.create_bucket(Bucket="expiring", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    s3.put_bucket_lifecycle_configuration(Bucket="expiring", LifecycleConfiguration={"Rules": [
        {"ID": "month", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 30}},
        {"ID": "cold", "Status": "Enabled", "Filter": {"Prefix": "cold/"},
         "Transitions": [{"Days": 30, "StorageClass": "DEEP_ARCHIVE"}]}]})
    expiration = s3.put_object(Bucket="expiring", Key="tmp/a", Body=b"x")["Expiration"]
    assert 'rule-id="month"' in expiration and ' 00:00:00 GMT"' in expiration, expiration
    s3.put_object(Bucket="expiring", Key="cold/a", Body=b"x" * 131072)
    s3.put_object(Bucket="expiring", Key="kept", Body=b"x")
    equal(s3.head_object(Bucket="expiring", Key="tmp/a")["Expiration"], expiration)
    lab.command("clock", "advance", "31d")
    keys = {entry["Key"]: entry["StorageClass"] for entry in s3.list_objects_v2(Bucket="expiring")["Contents"]}
    equal(keys, {"cold/a": "DEEP_ARCHIVE", "kept": "STANDARD"})
    equal(failure(s3.get_object, Bucket="expiring", Key="cold/a")[0], "InvalidObjectState")
    equal(failure(s3.head_object, Bucket="expiring", Key="tmp/a")[2], 404)


run_cases(lab)
