// PutObject, GetObject, HeadObject and DeleteObject: headers in AWS's order, and every refusal.
#include "tests/unit/s3/object_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

constexpr const char* kHelloMd5 = "5d41402abc4b2a76b9719d911017c592";

struct ErrorRow {
    HeaderList headers;
    int status;
    const char* code;
    const char* message;
    const char* extra;
};

void check_error(const Answer& answer, const ErrorRow& row) {
    INFO((row.headers.empty() ? std::string() : row.headers[0].first + ": " + row.headers[0].second)
    );
    CHECK(answer.status == row.status);
    CHECK(answer.code == row.code);
    CHECK(answer.message == row.message);
    CHECK(answer.extra == row.extra);
}

} // namespace

TEST_CASE("A PUT answers ETag, checksum and encryption in the recorded order", "[s3][put]") {
    ObjectBench bench;
    const auto answer = bench.send("PUT", "/lab/uploads/a.txt", {}, "hello");
    CHECK(answer.status == 200);
    CHECK(
        answer.headers == "x-amz-server-side-encryption: AES256\n"
                          "ETag: \"5d41402abc4b2a76b9719d911017c592\"\n"
                          "x-amz-checksum-crc64nvme: M3eFcAZSQlc=\n"
                          "x-amz-checksum-type: FULL_OBJECT\n"
    );
    CHECK(answer.response.framing == Framing::ContentLength);
    CHECK(answer.response.body_size() == 0);
    REQUIRE(raised_events().size() == 1);
    const ObjectEvent& event = raised_events()[0];
    CHECK(event.event_name == "ObjectCreated:Put");
    CHECK(event.key == "uploads/a.txt");
    CHECK(event.size == 5);
    CHECK(event.etag == kHelloMd5);
    CHECK(event.sequencer == bench.object("uploads/a.txt")->sequencer);
}

TEST_CASE("A GET answers the object with its headers in the recorded order", "[s3][get]") {
    ObjectBench bench;
    bench.send(
        "PUT",
        "/lab/a.txt",
        {{"Content-Type", "text/plain"},
         {"Cache-Control", "max-age=60"},
         {"Content-Disposition", "attachment"},
         {"Content-Encoding", "gzip"},
         {"Content-Language", "de"},
         {"Expires", "whenever"},
         {"x-amz-storage-class", "STANDARD_IA"},
         {"x-amz-website-redirect-location", "/other"},
         {"x-amz-tagging", "a=1&b=2"},
         {"X-Amz-Meta-Colour", "red"}},
        "hello"
    );
    const char* const headers = "Last-Modified: Sat, 21 Feb 2026 00:07:57 GMT\n"
                                "ETag: \"5d41402abc4b2a76b9719d911017c592\"\n"
                                "x-amz-tagging-count: 2\n"
                                "x-amz-server-side-encryption: AES256\n"
                                "x-amz-storage-class: STANDARD_IA\n"
                                "x-amz-website-redirect-location: /other\n"
                                "x-amz-meta-colour: red\n"
                                "Cache-Control: max-age=60\n"
                                "Content-Disposition: attachment\n"
                                "Content-Encoding: gzip\n"
                                "Content-Language: de\n"
                                "Expires: whenever\n"
                                "Accept-Ranges: bytes\n"
                                "Content-Type: text/plain\n";
    const auto got = bench.send("GET", "/lab/a.txt?x-id=GetObject");
    CHECK(got.status == 200);
    CHECK(got.body == "hello");
    CHECK(got.headers == headers);

    const auto head = bench.send("HEAD", "/lab/a.txt");
    CHECK(head.status == 200);
    CHECK(head.headers == headers);
    CHECK(head.response.is_head);
    CHECK(head.response.head_length == 5);
    CHECK(head.body.empty());
}

TEST_CASE("An object without attributes has S3's defaults", "[s3][get]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/empty");
    const auto got = bench.send("GET", "/lab/empty", {{"x-amz-checksum-mode", "ENABLED"}});
    CHECK(got.status == 200);
    CHECK(got.body.empty());
    CHECK(
        got.headers == "Last-Modified: Sat, 21 Feb 2026 00:07:57 GMT\n"
                       "ETag: \"d41d8cd98f00b204e9800998ecf8427e\"\n"
                       "x-amz-checksum-crc64nvme: AAAAAAAAAAA=\n"
                       "x-amz-checksum-type: FULL_OBJECT\n"
                       "x-amz-server-side-encryption: AES256\n"
                       "Accept-Ranges: bytes\n"
                       "Content-Type: binary/octet-stream\n"
    );
}

TEST_CASE("The client's checksum algorithm is kept and given back on request", "[s3][checksum]") {
    ObjectBench bench;
    const auto put = bench.send(
        "PUT",
        "/lab/a",
        {{"x-amz-checksum-crc32", "NhCmhg=="}, {"x-amz-sdk-checksum-algorithm", "crc32"}},
        "hello"
    );
    CHECK(put.header_map.get("x-amz-checksum-crc32") == "NhCmhg==");
    CHECK_FALSE(put.header_map.has("x-amz-checksum-crc64nvme"));
    CHECK_FALSE(bench.send("GET", "/lab/a").header_map.has("x-amz-checksum-crc32"));
    const HeaderList mode{{"x-amz-checksum-mode", "ENABLED"}};
    CHECK(bench.send("GET", "/lab/a", mode).header_map.get("x-amz-checksum-crc32") == "NhCmhg==");
    const HeaderList part{{"x-amz-checksum-mode", "ENABLED"}, {"Range", "bytes=0-3"}};
    CHECK_FALSE(bench.send("GET", "/lab/a", part).header_map.has("x-amz-checksum-crc32"));
    const HeaderList whole{{"x-amz-checksum-mode", "ENABLED"}, {"Range", "bytes=0-"}};
    CHECK(bench.send("GET", "/lab/a", whole).header_map.has("x-amz-checksum-crc32"));
}

TEST_CASE("Over TLS the keys that are not built are refused for that reason", "[s3][put]") {
    ObjectBench bench;
    for (const auto& [header, value] :
         {std::pair{"x-amz-server-side-encryption", "aws:kms"},
          std::pair{"x-amz-server-side-encryption-customer-algorithm", "AES256"}}) {
        RequestHead head;
        head.method = "PUT";
        head.target = "/lab/k";
        head.received_at = bench.now;
        head.secure = true;
        head.headers.add("Host", "localhost:4566");
        head.headers.add(header, value);
        head.content_length = 5;
        const std::string extra = "Header=" + std::string(header) + ";";
        const ErrorRow row{
            {},
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            extra.c_str()};
        check_error(bench.send(head, "hello"), row);
    }
}

TEST_CASE("What a PUT's headers may not say", "[s3][put]") {
    ObjectBench bench;
    const ErrorRow rows[] = {
        {{{"x-amz-storage-class", "COLD"}},
         400,
         "InvalidStorageClass",
         "The storage class you specified is not valid",
         "StorageClassRequested=COLD;"},
        {{{"x-amz-acl", "public-read"}},
         400,
         "AccessControlListNotSupported",
         "The bucket does not allow ACLs",
         ""},
        {{{"x-amz-grant-read", "uri=http://acs.amazonaws.com/groups/global/AllUsers"}},
         400,
         "AccessControlListNotSupported",
         "The bucket does not allow ACLs",
         ""},
        {{{"x-amz-grant-read", "id=1"}},
         400,
         "InvalidArgument",
         "Invalid id",
         "ArgumentName=id;ArgumentValue=1;"},
        {{{"x-amz-acl", "secret"}},
         400,
         "InvalidArgument",
         "",
         "ArgumentName=x-amz-acl;ArgumentValue=secret;"},
        {{{"x-amz-server-side-encryption", "aws:kms"}},
         400,
         "InvalidArgument",
         "Requests specifying Server Side Encryption with AWS KMS managed keys must be made over a "
         "secure connection.",
         "ArgumentName=x-amz-server-side-encryption;ArgumentValue=aws:kms;"},
        {{{"x-amz-server-side-encryption", "AES128"}},
         400,
         "InvalidArgument",
         "The encryption method specified is not supported",
         "ArgumentName=x-amz-server-side-encryption;ArgumentValue=AES128;"},
        {{{"x-amz-server-side-encryption", "AES256"},
          {"x-amz-server-side-encryption-aws-kms-key-id", "k"}},
         400,
         "InvalidArgument",
         "Server Side Encryption with AWS KMS managed key requires HTTP header "
         "x-amz-server-side-encryption : aws:kms",
         "ArgumentName=x-amz-server-side-encryption-aws-kms-key-id;ArgumentValue=k;"},
        {{{"x-amz-server-side-encryption-customer-key", "k"}},
         400,
         "InvalidRequest",
         "Requests specifying Server Side Encryption with Customer provided keys must be made over "
         "a "
         "secure connection.",
         ""},
        {{{"x-amz-object-lock-legal-hold", "ON"}},
         400,
         "InvalidRequest",
         "Bucket is missing ObjectLockConfiguration",
         ""},
        {{{"x-amz-tagging", "a=1&a=2"}},
         400,
         "InvalidArgument",
         "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
         "parameters without tag name duplicates.",
         "ArgumentName=x-amz-tagging;ArgumentValue=a=1&a=2;"},
        {{{"x-amz-tagging", "key1=val1,key2=val2"}},
         400,
         "InvalidArgument",
         "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
         "parameters without tag name duplicates.",
         "ArgumentName=x-amz-tagging;ArgumentValue=key1=val1,key2=val2;"},
        {{{"x-amz-tagging", "aws:a=1"}},
         400,
         "InvalidTag",
         "Your TagKey cannot be prefixed with aws:",
         "TagKey=aws:a;"},
        {{{"x-amz-tagging", "a=%3C"}},
         400,
         "InvalidTag",
         "The TagValue you have provided is invalid",
         "TagKey=a;TagValue=<;"},
        {{{"x-amz-tagging", "a&b&c&d&e&f&g&h&i&j&k"}},
         400,
         "BadRequest",
         "Object tags cannot be greater than 10",
         ""},
        {{{"x-amz-website-redirect-location", "other"}},
         400,
         "InvalidRedirectLocation",
         "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
         ""},
        {{{"x-amz-expected-bucket-owner", "me"}},
         400,
         "InvalidBucketOwnerAWSAccountID",
         "The value of the expected bucket owner parameter must be an AWS Account ID... [me]",
         ""},
        {{{"x-amz-expected-bucket-owner", "999988887777"}},
         403,
         "AccessDenied",
         "Access Denied",
         ""},
        {{{"x-amz-meta-a", std::string(2048, 'm')}},
         400,
         "MetadataTooLarge",
         "Your metadata headers exceed the maximum allowed metadata size",
         "Size=2049;MaxSizeAllowed=2048;"},
    };
    for (const auto& row : rows) {
        check_error(bench.send("PUT", "/lab/k", row.headers, "hello"), row);
    }
    CHECK_FALSE(bench.object("k"));
    CHECK(raised_events().empty());
    CHECK(
        bench.send("PUT", "/lab/k?versionId=null").message ==
        "This operation does not accept a version-id."
    );
}

TEST_CASE("How an object is encrypted is not said when it is read", "[s3][get]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/a", {}, "hello");
    const std::string message =
        "x-amz-server-side-encryption header is not supported for this operation.";
    for (const std::string target : {"/lab/a", "/lab", "/lab?list-type=2"}) {
        const auto got = bench.send("GET", target, {{"x-amz-server-side-encryption", "AES256"}});
        CHECK(got.status == 400);
        CHECK(got.code == "InvalidArgument");
        CHECK(got.message == message);
    }
    CHECK(bench.send("HEAD", "/lab/a", {{"x-amz-server-side-encryption", "AES256"}}).status == 400);
}

TEST_CASE("What a PUT's headers may say without effect", "[s3][put]") {
    ObjectBench bench;
    for (const HeaderList& headers : {
             HeaderList{{"x-amz-acl", "private"}},
             HeaderList{{"x-amz-acl", "bucket-owner-full-control"}},
             HeaderList{{"x-amz-server-side-encryption", "AES256"}},
             HeaderList{{"x-amz-storage-class", "STANDARD"}},
             HeaderList{{"x-amz-expected-bucket-owner", "111122223333"}},
             HeaderList{{"x-amz-checksum-algorithm", "nonsense"}},
             HeaderList{{"x-amz-checksum-type", "nonsense"}},
             HeaderList{{"x-amz-meta-a", std::string(2047, 'm')}},
         }) {
        INFO(headers[0].first);
        CHECK(bench.send("PUT", "/lab/k", headers, "hello").status == 200);
        CHECK(bench.object("k")->attributes.storage_class.empty());
    }
}

TEST_CASE("User metadata comes back in lower case, joined, and readable", "[s3][metadata]") {
    ObjectBench bench;

    struct Row {
        const char* sent;
        const char* got;
    };

    const Row rows[] = {
        {"plain text", "plain text"},
        {"=?UTF-8?B?YWJj?=", "abc"},
        {"=?utf-8?q?a_b=5Fc?=", "a b_c"},
        {"=?UTF-8?B?YWJj?= =?UTF-8?B?ZGVm?=", "abcdef"},
        {"=?UTF-8?B?w6k=?=", "=?UTF-8?Q?=C3=A9?="},
        {"caf\xC3\xA9 au_lait", "=?UTF-8?Q?caf=C3=A9_au=5Flait?="},
        {"=?UTF-8?B?AQ==?=", "=?UTF-8?B?AQ==?="},
        {"=?UTF-8?B?!!?=", "=?UTF-8?Q?=EF=BF=BD?="},
        {"=?UTF-8?X?abc?=", "=?UTF-8?X?abc?="},
        {"=?", "=?"},
    };
    for (const auto& row : rows) {
        INFO(row.sent);
        bench.send("PUT", "/lab/k", {{"x-amz-meta-v", row.sent}});
        CHECK(bench.send("HEAD", "/lab/k").header_map.get("x-amz-meta-v") == row.got);
    }
    bench.send("PUT", "/lab/k", {{"X-Amz-Meta-__Two", "a"}, {"x-amz-meta-__two", "b"}});
    CHECK(bench.send("HEAD", "/lab/k").header_map.get("x-amz-meta-__two") == "a,b");
}

TEST_CASE("aws-chunked is framing only when the body was streamed", "[s3][put]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/plain", {{"Content-Encoding", "aws-chunked"}});
    CHECK(bench.object("plain")->attributes.content_encoding == "aws-chunked");

    bench.authenticated.payload = auth::PayloadHash::StreamingUnsignedTrailer;
    const std::string body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    const HeaderList headers{
        {"x-amz-decoded-content-length", "5"},
        {"x-amz-trailer", "x-amz-checksum-crc32"},
        {"x-amz-sdk-checksum-algorithm", "CRC32"},
        {"Content-Encoding", "foo, aws-chunked, bar"}};
    CHECK(bench.send("PUT", "/lab/streamed", headers, body).status == 200);
    const auto object = bench.object("streamed");
    CHECK(object->attributes.content_encoding == "foo, bar");
    CHECK(object->etag == kHelloMd5);
    CHECK(object->checksum == "NhCmhg==");
}

TEST_CASE("Keys are any bytes of UTF-8", "[s3][key]") {
    ObjectBench bench;
    for (const char* target :
         {"/lab/a%20b",
          "/lab/a%2Bb",
          "/lab/a%252Fb",
          "/lab//a",
          "/lab/a/",
          "/lab/a//b",
          "/lab/x/../y",
          "/lab/%F0%9F%98%80",
          "/lab/test@key/"}) {
        INFO(target);
        CHECK(bench.send("PUT", target, {}, target).status == 200);
    }
    CHECK(bench.send("GET", "/lab/a+b").body == "/lab/a%20b");
    CHECK(bench.send("GET", "/lab/a%2Bb").body == "/lab/a%2Bb");
    CHECK(bench.send("GET", "/lab//a").body == "/lab//a");
    CHECK(bench.send("GET", "/lab/a").code == "NoSuchKey");
    CHECK(bench.object("a%2Fb"));
    CHECK(bench.object("x/../y"));
    CHECK(bench.object("\xF0\x9F\x98\x80"));
}

TEST_CASE("A missing key is 404 only for who may list the bucket", "[s3][get]") {
    ObjectBench bench;
    const auto missing = bench.send("GET", "/lab/nope.txt");
    CHECK(missing.status == 404);
    CHECK(missing.code == "NoSuchKey");
    CHECK(missing.message == "The specified key does not exist.");
    CHECK(missing.extra == "Key=nope.txt;");
    bench.authorizer.denied = {"s3:ListBucket arn:aws:s3:::lab"};
    CHECK(bench.send("GET", "/lab/nope.txt").message == "denied s3:ListBucket");
    CHECK(bench.send("HEAD", "/lab/nope.txt").status == 403);
    CHECK(bench.send("GET", "/none/k").code == "NoSuchBucket");
}

TEST_CASE("Each operation asks for AWS's actions", "[s3][iam]") {
    ObjectBench bench;
    const auto asked =
        [&](const std::string& method, const std::string& target, const HeaderList& headers) {
            bench.authorizer.asked.clear();
            bench.send(method, target, headers);
            return bench.authorizer.asked;
        };
    using List = std::vector<std::string>;
    const std::string arn = " arn:aws:s3:::lab/a b";
    CHECK(asked("PUT", "/lab/a%20b", {}) == List{"s3:PutObject" + arn});
    CHECK(
        asked("PUT", "/lab/a%20b", {{"x-amz-tagging", "t=1"}, {"x-amz-acl", "private"}}) ==
        List{"s3:PutObject" + arn, "s3:PutObjectTagging" + arn, "s3:PutObjectAcl" + arn}
    );
    using Conditions = std::vector<std::pair<std::string, std::string>>;
    CHECK(
        bench.authorizer.conditions ==
        Conditions{
            {"s3:x-amz-acl", "private"},
            {"s3:RequestObjectTag/t", "1"},
            {"s3:RequestObjectTagKeys", "t"}}
    );
    CHECK(asked("GET", "/lab/a%20b", {}) == List{"s3:GetObject" + arn});
    CHECK(asked("HEAD", "/lab/a%20b", {}) == List{"s3:GetObject" + arn});
    CHECK(asked("GET", "/lab/a%20b?versionId=null", {}) == List{"s3:GetObjectVersion" + arn});
    CHECK(asked("DELETE", "/lab/a%20b", {}) == List{"s3:DeleteObject" + arn});
    CHECK(asked("DELETE", "/lab/a%20b?versionId=null", {}) == List{"s3:DeleteObjectVersion" + arn});
}

TEST_CASE("An archived object can be looked at but not read", "[s3][get]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/k", {{"x-amz-storage-class", "DEEP_ARCHIVE"}});
    const auto got = bench.send("GET", "/lab/k");
    CHECK(got.status == 403);
    CHECK(got.code == "InvalidObjectState");
    CHECK(got.extra == "StorageClass=DEEP_ARCHIVE;");
    CHECK(bench.send("HEAD", "/lab/k").status == 200);
}

TEST_CASE("response-* parameters replace headers for signed requests", "[s3][get]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/k", {{"Cache-Control", "stored"}});
    const auto got = bench.send(
        "GET", "/lab/k?response-content-type=text%2Fcss&response-cache-control=no-store"
    );
    CHECK(got.header_map.get("content-type") == "text/css");
    CHECK(got.header_map.get("cache-control") == "no-store");
    const auto unknown = bench.send("GET", "/lab/k?response-foo=1");
    CHECK(unknown.code == "InvalidArgument");
    CHECK(unknown.message == "response-foo is not in the set of overridable response headers");
    for (const char* value : {"%E2%82%AC", "a%0D%0AX-Evil:%201"}) {
        const auto bad = bench.send("GET", std::string("/lab/k?response-cache-control=") + value);
        CHECK(bad.message == "Header value cannot be represented using ISO-8859-1.");
        CHECK(bad.extra.starts_with("ArgumentName=response-cache-control;"));
    }
    const auto latin = bench.send("GET", "/lab/k?response-content-disposition=%C3%A9");
    CHECK(latin.header_map.get("content-disposition") == "\xE9");
    bench.authenticated = {};
    CHECK(
        bench.send("GET", "/lab/k?response-expires=0").message ==
        "Request specific response headers cannot be used for anonymous GET requests."
    );
}

TEST_CASE("A bucket that never had versions knows the version \"null\" only", "[s3][version]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/k");
    for (const char* method : {"GET", "HEAD", "DELETE"}) {
        const auto unknown = bench.send(method, "/lab/k?versionId=abc");
        CHECK(unknown.status == 400);
        CHECK(unknown.message == "Invalid version id specified");
        CHECK(unknown.extra == "ArgumentName=versionId;ArgumentValue=abc;");
    }
    const auto null = bench.send("GET", "/lab/k?versionId=null");
    CHECK(null.status == 200);
    CHECK(null.headers.find("x-amz-version-id") == std::string::npos); // recorded
    CHECK(bench.send("DELETE", "/lab/k?versionId=null").status == 204);
    CHECK_FALSE(bench.object("k"));
}

TEST_CASE("DELETE answers 204 and tells of it only when there was something", "[s3][delete]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/k", {}, "hello");
    raised_events().clear();
    const auto gone = bench.send("DELETE", "/lab/k");
    CHECK(gone.status == 204);
    CHECK(gone.headers.empty());
    CHECK(gone.response.framing == Framing::None);
    REQUIRE(raised_events().size() == 1);
    CHECK(raised_events()[0].event_name == "ObjectRemoved:Delete");
    CHECK_FALSE(raised_events()[0].size);
    CHECK(raised_events()[0].etag.empty());
    CHECK(bench.send("DELETE", "/lab/k").status == 204);
    CHECK(raised_events().size() == 1);
}

TEST_CASE("A conditional DELETE removes only what it names", "[s3][delete]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/k", {}, "hello");
    const auto refused = bench.send("DELETE", "/lab/k", {{"If-Match", "\"other\""}});
    CHECK(refused.status == 412);
    CHECK(refused.extra == "Condition=If-Match;");
    CHECK(bench.object("k"));
    const auto by_size = bench.send("DELETE", "/lab/k", {{"x-amz-if-match-size", "5"}});
    CHECK(by_size.status == 501);
    CHECK(by_size.extra == "Header=x-amz-if-match-size;");
    const auto of_version = bench.send("DELETE", "/lab/k?versionId=null", {{"If-Match", "*"}});
    CHECK(of_version.status == 501);
    CHECK(of_version.extra == "Header=If-Match;");
    CHECK(bench.send("DELETE", "/lab/k", {{"If-Match", kHelloMd5}}).status == 204);
    CHECK_FALSE(bench.object("k"));
    // "How to perform conditional deletes": the key no longer exists.
    for (const char* tags : {"*", "\"other\""}) {
        const auto missing = bench.send("DELETE", "/lab/k", {{"If-Match", tags}});
        CHECK(missing.status == 404);
        CHECK(missing.code == "NoSuchKey");
        CHECK(missing.extra == "Key=k;");
    }
}

TEST_CASE("Signed query parameters of a presigned URL act like headers", "[s3][presigned]") {
    ObjectBench bench;
    bench.authenticated.type = auth::AuthType::QueryString;
    const auto put = bench.send(
        "PUT",
        "/lab/k?x-amz-meta-colour=red&x-amz-storage-class=STANDARD_IA&x-amz-tagging=a%3D1"
        "&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32&x-id=PutObject",
        {},
        "hello"
    );
    REQUIRE(put.status == 200);
    CHECK(put.header_map.get("x-amz-checksum-crc64nvme") == "M3eFcAZSQlc=");
    const auto object = bench.object("k");
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    CHECK(object->attributes.metadata == Pairs{{"colour", "red"}});
    CHECK(object->attributes.tags == Pairs{{"a", "1"}});
    CHECK(object->attributes.storage_class == "STANDARD_IA");
    CHECK(bench.send("PUT", "/lab/k?If-None-Match=*", {}, "again").status == 412);
    CHECK(bench.send("PUT", "/lab/k?x-amz-meta-a%0Ab=1").code == "InvalidArgument");
    CHECK(
        bench.send("PUT", "/lab/k?x-amz-website-redirect-location=/%0D%0Ax").code ==
        "InvalidRedirectLocation"
    );

    // Without a signature over it, a query parameter is nothing.
    bench.authenticated.type = auth::AuthType::RestHeader;
    bench.send("PUT", "/lab/k?x-amz-meta-colour=red");
    CHECK(bench.object("k")->attributes.metadata.empty());
}

TEST_CASE("Which query parameters stand for headers depends on the signature", "[s3][presigned]") {
    RequestHead head;
    head.target = "/lab/k?X-Amz-Meta-A=1&If-Match=e&x-amz-checksum-crc32=c"
                  "&x-amz-sdk-checksum-algorithm=CRC32&x-amz-checksum-mode=ENABLED&Range=r";
    head.headers.add("x-amz-acl", "private");
    const Query query = Query::parse(head.query());
    const Target target;
    auth::Authenticated who;
    const S3Request request{head, target, query, who};
    CHECK_FALSE(request.header("x-amz-meta-a"));
    who.type = auth::AuthType::QueryString;
    who.version = 4;
    CHECK(request.header("x-amz-meta-a") == "1");
    CHECK(request.header("if-match") == "e");
    CHECK(request.header("x-amz-checksum-mode") == "ENABLED");
    CHECK_FALSE(request.header("x-amz-checksum-crc32"));
    CHECK_FALSE(request.header("x-amz-sdk-checksum-algorithm"));
    CHECK_FALSE(request.header("range"));
    CHECK(request.header("x-amz-acl") == "private");
    who.version = 2;
    CHECK(request.header("x-amz-meta-a") == "1");
    CHECK_FALSE(request.header("if-match"));
}

TEST_CASE("A PUT replaces the object and its attributes as a whole", "[s3][put]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/k", {{"x-amz-meta-a", "1"}, {"Content-Type", "text/plain"}}, "hello");
    bench.now += seconds(5);
    bench.send("PUT", "/lab/k", {}, "test");
    const auto got = bench.send("GET", "/lab/k");
    CHECK(got.body == "test");
    CHECK_FALSE(got.header_map.has("x-amz-meta-a"));
    CHECK(got.header_map.get("content-type") == "binary/octet-stream");
    CHECK(got.header_map.get("last-modified") == "Sat, 21 Feb 2026 00:08:02 GMT");
}
