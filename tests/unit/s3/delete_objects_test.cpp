// DeleteObjects, and the digests every document operation shares.
#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/operation_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

std::string md5_header(std::string_view body) {
    return to_base64(md5(body));
}

Result<Response> remove(Bench& bench, const std::string& body) {
    return bench.run(
        delete_objects_operation(), {"POST", "/b?delete", {{"Content-MD5", md5_header(body)}}, body}
    );
}

std::string result_document(std::string_view entries) {
    return std::string(kProlog) + "<DeleteResult" + std::string(kNamespace) + ">" +
           std::string(entries) + "</DeleteResult>";
}

std::string keys_document(int count) {
    std::string body = "<Delete>";
    for (int i = 0; i < count; ++i) {
        body += "<Object><Key>k" + std::to_string(i) + "</Key></Object>";
    }
    return body + "</Delete>";
}

constexpr std::string_view kOneKey = "<Delete><Object><Key>a</Key></Object></Delete>";
constexpr std::string_view kMalformed =
    "400 MalformedXML: The XML you provided was not well-formed or did not validate against our "
    "published schema";

} // namespace

TEST_CASE("DeleteObjects answers for each key, missing ones included", "[s3][delete]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "a&b.txt");
    const auto answer = remove(
        bench,
        "<Delete" + std::string(kNamespace) +
            "><Object><Key>a&amp;b.txt</Key></Object><Object><Key>missing</Key></Object>"
            "<Object><Key>v</Key><VersionId>HPni</VersionId></Object></Delete>"
    );
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    CHECK(
        body_of(*answer) ==
        result_document("<Deleted><Key>a&amp;b.txt</Key></Deleted><Deleted><Key>missing</Key>"
                        "</Deleted><Error><Key>v</Key><VersionId>HPni</VersionId>"
                        "<Code>NoSuchVersion</Code>"
                        "<Message>The specified version does not exist.</Message></Error>")
    );
    CHECK_FALSE(bench.has_object("b", "a&b.txt"));
}

TEST_CASE("Quiet shows only errors", "[s3][delete]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "a");
    bench.authorizer.denied.insert({"s3:DeleteObject", "arn:aws:s3:::b/secret"});
    const auto answer = remove(
        bench,
        "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object>"
        "<Object><Key>secret</Key></Object></Delete>"
    );
    REQUIRE(answer.has_value());
    CHECK(
        body_of(*answer) == result_document("<Error><Key>secret</Key><Code>AccessDenied</Code>"
                                            "<Message>denied: s3:DeleteObject</Message></Error>")
    );
    CHECK_FALSE(bench.has_object("b", "a"));
}

TEST_CASE("A key that may not be deleted stays, its neighbours go", "[s3][delete]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "keep");
    bench.make_object("b", "go");
    bench.make_object("b", "changed", "0123");
    bench.authorizer.denied.insert({"s3:DeleteObject", "arn:aws:s3:::b/keep"});
    REQUIRE(remove(
                bench,
                "<Delete><Object><Key>keep</Key></Object><Object><Key>go</Key></Object>"
                "<Object><Key>changed</Key><ETag>\"9999\"</ETag></Object></Delete>"
    )
                .has_value());
    CHECK(bench.has_object("b", "keep"));
    CHECK_FALSE(bench.has_object("b", "go"));
    CHECK(bench.has_object("b", "changed"));
    REQUIRE(
        remove(bench, "<Delete><Object><Key>changed</Key><ETag>\"0123\"</ETag></Object></Delete>")
            .has_value()
    );
    CHECK_FALSE(bench.has_object("b", "changed"));
}

TEST_CASE("Each deleted key raises one event, a missing one none", "[s3][delete][events]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "a");
    bench.make_object("b", "c");
    bench.edit([](store::WriteTx& tx) {
        tx.set_bucket_notification(
            tx.find_bucket("b")->id,
            "<NotificationConfiguration><CloudFunctionConfiguration><Id>t</Id>"
            "<CloudFunction>arn:aws:lambda:us-east-2:111122223333:function:w</CloudFunction>"
            "<Event>s3:ObjectRemoved:*</Event></CloudFunctionConfiguration>"
            "</NotificationConfiguration>"
        );
    });
    REQUIRE(remove(
                bench,
                "<Delete><Object><Key>a</Key></Object>"
                "<Object><Key>b</Key></Object><Object><Key>c</Key></Object></Delete>"
    )
                .has_value());
    const auto deliveries = bench.deliveries();
    REQUIRE(deliveries.size() == 2);
    CHECK(deliveries[0].key == "a");
    CHECK(deliveries[1].key == "c");
    CHECK(deliveries[0].event_name == "ObjectRemoved:Delete");
    CHECK(deliveries[0].payload.find("\"size\"") == std::string::npos);
    CHECK(deliveries[0].payload.find("\"eTag\"") == std::string::npos);
    CHECK(
        deliveries[0].payload.find("\"object\":{\"key\":\"a\",\"sequencer\":\"") !=
        std::string::npos
    );
}

TEST_CASE("DeleteObjects takes one to a thousand keys", "[s3][delete]") {
    Bench bench;
    bench.make_bucket("b");
    CHECK(outcome(remove(bench, keys_document(1000))) == "200");
    CHECK(outcome(remove(bench, keys_document(1001))) == kMalformed);
    CHECK(outcome(remove(bench, keys_document(0))) == kMalformed);
    CHECK(outcome(remove(bench, "<Delete><Object/></Delete>")) == kMalformed);
    CHECK(outcome(remove(bench, "<Delete><Object><Key>a</Key></Object>")) == kMalformed);
    CHECK(outcome(remove(bench, "<Other/>")) == kMalformed);
    CHECK(outcome(remove(bench, "")) == "400 MissingRequestBodyError: Request Body is empty");
}

TEST_CASE("Document digests are demanded, read and compared in AWS's order", "[s3][integrity]") {
    Bench bench;
    bench.make_bucket("b");
    const auto send = [&](const std::vector<std::pair<std::string, std::string>>& headers) {
        return outcome(bench.run(
            delete_objects_operation(), {"POST", "/b?delete", headers, std::string(kOneKey)}
        ));
    };
    CHECK(
        send({}) == "400 InvalidRequest: Missing required header for this request: Content-MD5 OR "
                    "x-amz-checksum-*"
    );
    CHECK(
        send({{"Content-MD5", "short"}}) ==
        "400 InvalidDigest: The Content-MD5 you specified was invalid. [Content-MD5=short]"
    );
    const std::string wrong_md5 = md5_header("something else");
    const std::string right_md5 = md5_header(kOneKey);
    CHECK(
        send({{"Content-MD5", wrong_md5}}) ==
        "400 BadDigest: The Content-MD5 you specified did not match what we received. "
        "[CalculatedDigest=" +
            right_md5 + "] [ExpectedDigest=" + wrong_md5 + "]"
    );
    Checksum crc(ChecksumAlgorithm::Crc32);
    crc.update(as_bytes(kOneKey));
    const std::string right_crc = to_base64(as_bytes(crc.finish()));
    CHECK(
        send({{"x-amz-checksum-crc32", right_crc}, {"x-amz-sdk-checksum-algorithm", "crc32"}}) ==
        "200"
    );
    CHECK(
        send({{"x-amz-checksum-crc32", "AAAAAA=="}}) ==
        "400 BadDigest: The CRC32 you specified did not match the calculated checksum."
    );
    CHECK(
        send({{"x-amz-checksum-crc32", "AAAA"}}) ==
        "400 InvalidRequest: Value for x-amz-checksum-crc32 header is invalid."
    );
    CHECK(
        send({{"x-amz-checksum-crc32", right_crc}, {"x-amz-checksum-crc32c", right_crc}}) ==
        "400 InvalidRequest: Expecting a single x-amz-checksum- header. Multiple checksum Types "
        "are "
        "not allowed."
    );
    CHECK(
        send({{"x-amz-checksum-bad", right_crc}}) ==
        "400 InvalidRequest: The algorithm type you specified in x-amz-checksum- header is invalid."
    );
    CHECK(
        send({{"x-amz-sdk-checksum-algorithm", "CRC32"}, {"Content-MD5", right_md5}}) ==
        "400 InvalidRequest: x-amz-sdk-checksum-algorithm specified, but no corresponding "
        "x-amz-checksum-* or x-amz-trailer headers were found."
    );
    CHECK(
        send({{"x-amz-sdk-checksum-algorithm", "SHA1"}, {"x-amz-checksum-crc32", right_crc}}) ==
        "400 InvalidRequest: Value for x-amz-sdk-checksum-algorithm header is invalid."
    );
    // A wrong SHA-256 beats a wrong MD5; a malformed MD5 beats both.
    const std::string wrong_sha(64, 'a');
    bench.authenticated.payload = auth::PayloadHash::Literal;
    bench.authenticated.payload_literal = wrong_sha;
    CHECK(
        send({{"Content-MD5", wrong_md5}}) ==
        "400 XAmzContentSHA256Mismatch: The provided 'x-amz-content-sha256' header does not match "
        "what was computed. [ClientComputedContentSHA256=" +
            wrong_sha + "] [S3ComputedContentSHA256=" + sha256_hex(kOneKey) + "]"
    );
    CHECK(send({{"Content-MD5", "short"}}).starts_with("400 InvalidDigest"));
    bench.authenticated.payload_literal = sha256_hex(kOneKey);
    CHECK(send({{"Content-MD5", right_md5}}) == "200");
}
