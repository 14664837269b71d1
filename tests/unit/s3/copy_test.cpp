// CopyObject: what travels, what does not, and every refusal.
#include "tests/unit/s3/object_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

Answer copy(ObjectBench& bench, std::string target, std::string source, HeaderList headers = {}) {
    headers.emplace_back("x-amz-copy-source", std::move(source));
    return bench.send("PUT", std::move(target), headers);
}

} // namespace

TEST_CASE("A copy answers the recorded document and raises its event", "[s3][copy]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/uploads/a.txt", {}, "hello");
    raised_events().clear();
    bench.now += seconds(69);
    const auto answer = copy(bench, "/lab/processed/a.txt", "lab/uploads/a.txt");
    CHECK(answer.status == 200);
    CHECK(
        answer.headers == "x-amz-server-side-encryption: AES256\nContent-Type: application/xml\n"
    );
    CHECK(answer.response.framing == Framing::Chunked);
    CHECK(
        answer.body == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<CopyObjectResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                       "<LastModified>2026-02-21T00:09:06.000Z</LastModified>"
                       "<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag>"
                       "<ChecksumType>FULL_OBJECT</ChecksumType>"
                       "<ChecksumCRC64NVME>M3eFcAZSQlc=</ChecksumCRC64NVME></CopyObjectResult>"
    );
    REQUIRE(raised_events().size() == 1);
    const ObjectEvent& event = raised_events()[0];
    CHECK(event.event_name == "ObjectCreated:Copy");
    CHECK(event.key == "processed/a.txt");
    CHECK(event.size == 5);
    CHECK(event.sequencer > bench.object("uploads/a.txt")->sequencer);
}

TEST_CASE("A copy shares the source's bytes and outlives it", "[s3][copy]") {
    ObjectBench bench;
    const std::string large(store::kSmallBodyMax + 1, 'l');
    bench.send("PUT", "/lab/a", {}, large);
    copy(bench, "/lab/b", "/lab/a");
    CHECK(bench.object("b")->body == bench.object("a")->body);
    bench.send("DELETE", "/lab/a");
    CHECK(bench.send("GET", "/lab/b").body == large);
    copy(bench, "/lab/b", "lab/b", {{"x-amz-metadata-directive", "REPLACE"}});
    CHECK(bench.send("GET", "/lab/b").body == large);
}

TEST_CASE("COPY keeps the source's metadata, REPLACE takes the request's", "[s3][copy]") {
    ObjectBench bench;
    bench.send(
        "PUT",
        "/lab/a",
        {{"Content-Type", "text/plain"},
         {"Cache-Control", "no-store"},
         {"x-amz-meta-a", "source"},
         {"x-amz-tagging", "t=source"},
         {"x-amz-storage-class", "STANDARD_IA"},
         {"x-amz-website-redirect-location", "/x"}},
        "hello"
    );
    const HeaderList sent{
        {"Content-Type", "text/css"}, {"x-amz-meta-b", "request"}, {"x-amz-tagging", "t=request"}};
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    REQUIRE(copy(bench, "/lab/copied", "lab/a", sent).status == 200);
    auto attributes = bench.object("copied")->attributes;
    CHECK(attributes.content_type == "text/plain");
    CHECK(attributes.cache_control == "no-store");
    CHECK(attributes.metadata == Pairs{{"a", "source"}});
    CHECK(attributes.tags == Pairs{{"t", "source"}});
    CHECK(attributes.storage_class.empty());
    CHECK(attributes.website_redirect_location.empty());

    HeaderList replace = sent;
    replace.emplace_back("x-amz-metadata-directive", "REPLACE");
    replace.emplace_back("x-amz-storage-class", "ONEZONE_IA");
    REQUIRE(copy(bench, "/lab/replaced", "lab/a", replace).status == 200);
    attributes = bench.object("replaced")->attributes;
    CHECK(attributes.content_type == "text/css");
    CHECK(attributes.cache_control.empty());
    CHECK(attributes.metadata == Pairs{{"b", "request"}});
    CHECK(attributes.tags == Pairs{{"t", "source"}});
    CHECK(attributes.storage_class == "ONEZONE_IA");

    HeaderList retag = sent;
    retag.emplace_back("x-amz-tagging-directive", "REPLACE");
    REQUIRE(copy(bench, "/lab/retagged", "lab/a", retag).status == 200);
    attributes = bench.object("retagged")->attributes;
    CHECK(attributes.content_type == "text/plain");
    CHECK(attributes.tags == Pairs{{"t", "request"}});

    REQUIRE(
        copy(bench, "/lab/bare", "lab/a", {{"x-amz-metadata-directive", "REPLACE"}}).status == 200
    );
    CHECK(bench.object("bare")->attributes.content_type == "binary/octet-stream");
}

TEST_CASE("A copy keeps the checksum's algorithm unless another is asked for", "[s3][copy]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/a", {{"x-amz-checksum-crc32", "NhCmhg=="}}, "hello");
    copy(bench, "/lab/b", "lab/a");
    CHECK(bench.object("b")->checksum == "NhCmhg==");
    const auto other = copy(bench, "/lab/c", "lab/a", {{"x-amz-checksum-algorithm", "CRC32C"}});
    CHECK(other.body.find("<ChecksumCRC32C>mnG7TA==</ChecksumCRC32C>") != std::string::npos);
    const std::string large(store::kSmallBodyMax + 1, 'l');
    bench.send("PUT", "/lab/large", {{"x-amz-checksum-algorithm", "ignored"}}, large);
    copy(bench, "/lab/large2", "lab/large", {{"x-amz-checksum-algorithm", "SHA256"}});
    const auto digest = sha256(large);
    CHECK(bench.object("large2")->checksum == to_base64(ByteView(digest)));
}

TEST_CASE("The copy source is decoded once", "[s3][copy]") {
    ObjectBench bench;
    for (const char* target :
         {"/lab/a%20b", "/lab/a%2Bb", "/lab/a%2525b", "/lab//lead", "/lab/q%3Fm"}) {
        bench.send("PUT", target, {}, target);
    }
    const auto body_of = [&](const char* source) {
        const auto answer = copy(bench, "/lab/copy", source);
        return answer.status == 200 ? bench.send("GET", "/lab/copy").body : answer.code;
    };
    CHECK(body_of("lab/a%20b") == "/lab/a%20b");
    CHECK(body_of("lab/a+b") == "/lab/a%20b");
    CHECK(body_of("lab/a b") == "/lab/a%20b");
    CHECK(body_of("lab/a%2Bb") == "/lab/a%2Bb");
    CHECK(body_of("lab/a%2525b") == "/lab/a%2525b");
    CHECK(body_of("/lab//lead") == "/lab//lead");
    CHECK(body_of("lab%2Fa%20b") == "/lab/a%20b");
    CHECK(body_of("lab/q?m") == "/lab/q%3Fm");
    CHECK(body_of("lab/a%20b?versionId=null") == "/lab/a%20b");
}

TEST_CASE("What a copy may not be asked", "[s3][copy]") {
    struct Row {
        const char* source;
        HeaderList headers;
        int status;
        const char* code;
        const char* message;
        const char* extra;
    };

    const char* const named = "ArgumentName=x-amz-copy-source;ArgumentValue=x-amz-copy-source;";
    const char* const unmet = "At least one of the pre-conditions you specified did not hold";
    const char* const before = "Sat, 21 Feb 2026 00:07:56 GMT";
    const Row rows[] = {
        {"none/k",
         {},
         404,
         "NoSuchBucket",
         "The specified bucket does not exist",
         "BucketName=none;"},
        {"lab/none", {}, 404, "NoSuchKey", "The specified key does not exist.", "Key=none;"},
        {"lab", {}, 400, "InvalidArgument", "Invalid copy source object key", named},
        {"lab/", {}, 400, "InvalidArgument", "Invalid copy source object key", named},
        {"//k", {}, 400, "InvalidArgument", "Invalid copy source bucket name", named},
        {"Lab/k", {}, 400, "InvalidArgument", "Invalid copy source bucket name", named},
        {"lab/%zz", {}, 400, "InvalidArgument", "Invalid copy source encoding", named},
        {"lab/a?versionId=x",
         {},
         400,
         "InvalidArgument",
         "Invalid version id specified",
         "ArgumentName=versionId;ArgumentValue=x;"},
        {"lab/a",
         {{"Range", "bytes=0-1"}},
         400,
         "InvalidArgument",
         "RANGE is not supported in Copy!",
         "ArgumentName=Range;ArgumentValue=bytes=0-1;"},
        {"lab/a",
         {{"x-amz-metadata-directive", "MERGE"}},
         400,
         "InvalidArgument",
         "Unknown metadata directive.",
         "ArgumentName=x-amz-metadata-directive;ArgumentValue=MERGE;"},
        {"lab/a",
         {{"x-amz-tagging-directive", "MERGE"}},
         400,
         "InvalidArgument",
         "Unknown tagging directive.",
         "ArgumentName=x-amz-tagging-directive;ArgumentValue=MERGE;"},
        {"lab/a",
         {{"x-amz-copy-source-if-match", "x"}},
         412,
         "PreconditionFailed",
         unmet,
         "Condition=x-amz-copy-source-If-Match;"},
        {"lab/a",
         {{"x-amz-copy-source-if-none-match", "5d41402abc4b2a76b9719d911017c592"}},
         412,
         "PreconditionFailed",
         unmet,
         "Condition=x-amz-copy-source-If-None-Match;"},
        {"lab/a",
         {{"x-amz-copy-source-if-unmodified-since", before}},
         412,
         "PreconditionFailed",
         unmet,
         "Condition=x-amz-copy-source-If-Unmodified-Since;"},
        {"lab/a",
         {{"x-amz-copy-source-if-modified-since", "Sat, 21 Feb 2026 00:07:57 GMT"}},
         412,
         "PreconditionFailed",
         unmet,
         "Condition=x-amz-copy-source-If-Modified-Since;"},
        {"lab/a",
         {{"x-amz-source-expected-bucket-owner", "999988887777"}},
         403,
         "AccessDenied",
         "Access Denied",
         ""},
        {"lab/archived",
         {},
         403,
         "InvalidObjectState",
         "The operation is not valid for the object's storage class",
         "StorageClass=GLACIER;"},
    };
    ObjectBench bench;
    bench.send("PUT", "/lab/a", {}, "hello");
    bench.send("PUT", "/lab/archived", {{"x-amz-storage-class", "GLACIER"}}, "hello");
    for (const auto& row : rows) {
        INFO(row.source);
        const auto answer = copy(bench, "/lab/copy", row.source, row.headers);
        CHECK(answer.status == row.status);
        CHECK(answer.code == row.code);
        CHECK(answer.message == row.message);
        CHECK(answer.extra == row.extra);
    }
    CHECK_FALSE(bench.object("copy"));
    CHECK(copy(bench, "/lab/copy", "lab/" + std::string(1025, 'k')).code == "KeyTooLongError");
    CHECK(
        copy(
            bench,
            "/lab/copy",
            "lab/a",
            {{"x-amz-copy-source-if-match", "5d41402abc4b2a76b9719d911017c592"},
             {"x-amz-copy-source-if-unmodified-since", before}}
        ).status == 200
    );
    bench.authenticated = {};
    CHECK(
        copy(bench, "/lab/copy", "lab/a").message ==
        "Anonymous users cannot copy objects. Please authenticate."
    );
}

TEST_CASE("More than 5 GiB are not copied at once", "[s3][copy]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/large", {}, "hello");
    bench.write([](store::WriteTx& tx) {
        const auto bucket = tx.find_bucket("lab");
        store::Object object = *tx.find_object(bucket->id, "large");
        object.size = 5'368'709'121;
        tx.put_object(bucket->id, object);
        return true;
    });
    const auto refused = copy(bench, "/lab/copy", "lab/large");
    CHECK(refused.status == 400);
    CHECK(refused.code == "InvalidRequest");
    CHECK(
        refused.message ==
        "The specified copy source is larger than the maximum allowable size for "
        "a copy source: 5368709120"
    );
    CHECK(refused.extra.empty());
}

TEST_CASE("A copy onto itself must change something", "[s3][copy]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/a", {}, "hello");
    for (const HeaderList& headers :
         {HeaderList{},
          HeaderList{{"x-amz-acl", "private"}},
          HeaderList{{"x-amz-meta-a", "ignored"}},
          HeaderList{{"x-amz-metadata-directive", "COPY"}}}) {
        const auto refused = copy(bench, "/lab/a", "/lab/a", headers);
        CHECK(refused.code == "InvalidRequest");
        CHECK(
            refused.message ==
            "This copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, storage class, website redirect location "
            "or encryption attributes."
        );
    }
    for (const HeaderList& headers :
         {HeaderList{{"x-amz-metadata-directive", "REPLACE"}},
          HeaderList{{"x-amz-storage-class", "STANDARD"}},
          HeaderList{{"x-amz-website-redirect-location", "/b"}},
          HeaderList{{"x-amz-server-side-encryption", "AES256"}}}) {
        INFO(headers[0].first);
        CHECK(copy(bench, "/lab/a", "/lab/a", headers).status == 200);
        CHECK(bench.send("GET", "/lab/a").body == "hello");
    }
}

TEST_CASE("A copy needs rights at both ends", "[s3][copy][iam]") {
    ObjectBench bench;
    bench.add_bucket("theirs", "999988887777");
    bench.send("PUT", "/theirs/a", {{"x-amz-tagging", "t=1"}}, "hello");
    bench.authorizer.asked.clear();
    REQUIRE(copy(bench, "/lab/b", "theirs/a").status == 200);
    // The source is asked for before its bytes may have to be read, and again when the copy is
    // made.
    CHECK(
        bench.authorizer.asked ==
        std::vector<std::string>{
            "s3:PutObject arn:aws:s3:::lab/b",
            "s3:GetObject arn:aws:s3:::theirs/a",
            "s3:GetObject arn:aws:s3:::theirs/a",
            "s3:GetObjectTagging arn:aws:s3:::theirs/a",
            "s3:PutObjectTagging arn:aws:s3:::lab/b"}
    );
    for (const char* action :
         {"s3:PutObject", "s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging"}) {
        bench.authorizer.denied = {action};
        CHECK(copy(bench, "/lab/c", "theirs/a").message == "denied " + std::string(action));
    }
    CHECK_FALSE(bench.object("c"));
    bench.authorizer.denied = {"s3:ListBucket"};
    CHECK(copy(bench, "/lab/c", "theirs/none").message == "denied s3:ListBucket");
}

TEST_CASE("Only a PUT may name a copy source", "[s3][copy]") {
    ObjectBench bench;
    for (const char* method : {"GET", "HEAD", "DELETE"}) {
        const auto answer = bench.send(method, "/lab/a", {{"x-amz-copy-source", "lab/b"}});
        CHECK(answer.status == 400);
        CHECK(answer.message == "You can only specify a copy source header for copy requests.");
        CHECK(answer.extra == "ArgumentName=x-amz-copy-source;ArgumentValue=lab/b;");
    }
}
