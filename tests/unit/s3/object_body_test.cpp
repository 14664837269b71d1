// The body of an upload: what the head must announce and what the bytes must add up to.
#include "tests/unit/s3/object_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

constexpr const char* kHelloSha256 =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
constexpr const char* kHelloMd5Base64 = "XUFAKrxLKna5cZ2REBfFkg==";
constexpr const char* kOtherMd5Base64 = "CY9rzUYh03PK3k6DJie09g=="; // of "test"

RequestHead put_head(const HeaderList& headers, std::optional<std::uint64_t> length) {
    RequestHead head;
    head.method = "PUT";
    head.target = "/lab/k";
    head.headers.add("Host", "localhost");
    for (const auto& [name, value] : headers) {
        head.headers.add(name, value);
    }
    head.content_length = length;
    return head;
}

} // namespace

TEST_CASE("An upload must say how long it is", "[s3][body]") {
    ObjectBench bench;
    const auto without_length = bench.send(put_head({}, std::nullopt), "");
    CHECK(without_length.status == 411);
    CHECK(without_length.code == "MissingContentLength");
    CHECK(without_length.message == "You must provide the Content-Length HTTP header.");

    RequestHead chunked = put_head({}, std::nullopt);
    chunked.chunked = true;
    const auto plain_chunked = bench.send(chunked, "hello");
    CHECK(plain_chunked.status == 501);
    CHECK(plain_chunked.code == "NotImplemented");
    CHECK(plain_chunked.extra == "Header=Transfer-Encoding;");

    const auto too_large = bench.send(put_head({}, 5368709121), "");
    CHECK(too_large.status == 400);
    CHECK(too_large.code == "EntityTooLarge");
    CHECK(too_large.extra == "ProposedSize=5368709121;MaxSizeAllowed=5368709120;");

    const auto too_short = bench.send(put_head({}, 6), "hello");
    CHECK(too_short.code == "IncompleteBody");
    CHECK(too_short.extra == "NumberBytesExpected=6;NumberBytesProvided=5;");
    CHECK_FALSE(bench.object("k"));
}

TEST_CASE("An aws-chunked upload may come in HTTP chunks", "[s3][body]") {
    ObjectBench bench;
    bench.authenticated.payload = auth::PayloadHash::StreamingUnsignedTrailer;
    RequestHead head = put_head({{"x-amz-decoded-content-length", "5"}}, std::nullopt);
    head.chunked = true;
    CHECK(bench.send(head, "5\r\nhello\r\n0\r\n\r\n").status == 200);
    CHECK(bench.object("k")->checksum == "M3eFcAZSQlc=");
    CHECK(
        bench.send(head, "6\r\nhello!\r\n0\r\n\r\n").extra ==
        "NumberBytesExpected=5;NumberBytesProvided=6;"
    );
    RequestHead no_length = put_head({}, 20);
    CHECK(bench.send(no_length, "5\r\nhello\r\n0\r\n\r\n").code == "MissingContentLength");
    RequestHead huge = put_head({{"x-amz-decoded-content-length", "5368709121"}}, 20);
    CHECK(bench.send(huge, "").code == "EntityTooLarge");
}

TEST_CASE("A trailer's checksum is compared with the body", "[s3][body]") {
    ObjectBench bench;
    bench.authenticated.payload = auth::PayloadHash::StreamingUnsignedTrailer;
    const HeaderList headers{
        {"x-amz-decoded-content-length", "5"}, {"x-amz-trailer", "x-amz-checksum-crc32"}};
    const auto wrong = bench.send(
        "PUT", "/lab/k", headers, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    );
    CHECK(wrong.code == "BadDigest");
    CHECK(wrong.message == "The CRC32 you specified did not match the calculated checksum.");
}

TEST_CASE("Digests of the whole body are checked in AWS's order", "[s3][body]") {
    struct Row {
        HeaderList headers;
        const char* literal_sha256; // "" for UNSIGNED-PAYLOAD
        const char* code;           // "" for success
        const char* message;
        const char* extra;
    };

    const char* const bad_md5 = "The Content-MD5 you specified did not match what we received.";
    const char* const bad_sha =
        "The provided 'x-amz-content-sha256' header does not match what was computed.";
    const char* const several =
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
    const std::string sha_extra = "ClientComputedContentSHA256=invalid;"
                                  "S3ComputedContentSHA256=" +
                                  std::string(kHelloSha256) + ";";
    const Row rows[] = {
        {{}, kHelloSha256, "", "", ""},
        {{}, "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824", "", "", ""},
        {{}, "invalid", "XAmzContentSHA256Mismatch", bad_sha, sha_extra.c_str()},
        {{{"Content-MD5", kHelloMd5Base64}}, "", "", "", ""},
        {{{"Content-MD5", "bad"}},
         "",
         "InvalidDigest",
         "The Content-MD5 you specified was invalid.",
         "Content-MD5=bad;"},
        {{{"Content-MD5", ""}},
         "",
         "InvalidDigest",
         "The Content-MD5 you specified was invalid.",
         "Content-MD5=;"},
        {{{"Content-MD5", "bad"}},
         "invalid",
         "InvalidDigest",
         "The Content-MD5 you specified was invalid.",
         "Content-MD5=bad;"},
        {{{"Content-MD5", kOtherMd5Base64}},
         "",
         "BadDigest",
         bad_md5,
         "CalculatedDigest=XUFAKrxLKna5cZ2REBfFkg==;"
         "ExpectedDigest=098f6bcd4621d373cade4e832627b4f6;"},
        {{{"Content-MD5", kOtherMd5Base64}},
         "invalid",
         "XAmzContentSHA256Mismatch",
         bad_sha,
         sha_extra.c_str()},
        {{{"x-amz-checksum-crc32", "AAAAAA=="}},
         "invalid",
         "XAmzContentSHA256Mismatch",
         bad_sha,
         sha_extra.c_str()},
        {{{"x-amz-checksum-crc32", "AAAAAA=="}},
         "",
         "BadDigest",
         "The CRC32 you specified did not match the calculated checksum.",
         ""},
        {{{"x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="}},
         "",
         "",
         "",
         ""},
        {{{"x-amz-checksum-crc32", "AAAA"}},
         "",
         "InvalidRequest",
         "Value for x-amz-checksum-crc32 header is invalid.",
         ""},
        {{{"x-amz-checksum-crc32", "NhCmhg=="}, {"x-amz-checksum-crc32c", "mnG7TA=="}},
         "",
         "InvalidRequest",
         several,
         ""},
        {{{"x-amz-checksum-bad", "AAAA"}},
         "",
         "InvalidRequest",
         "The algorithm type you specified in x-amz-checksum- header is invalid.",
         ""},
        {{{"x-amz-checksum-sha512", "AAAA"}},
         "",
         "NotImplemented",
         "A header you provided implies functionality that is not implemented",
         "Header=x-amz-checksum-sha512;"},
        {{{"x-amz-sdk-checksum-algorithm", "CRC32"}},
         "",
         "InvalidRequest",
         "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
         "x-amz-trailer headers were found.",
         ""},
        {{{"x-amz-checksum-crc32", "NhCmhg=="}, {"x-amz-sdk-checksum-algorithm", "SHA1"}},
         "",
         "InvalidRequest",
         "Value for x-amz-sdk-checksum-algorithm header is invalid.",
         ""},
        {{{"x-amz-trailer", "x-amz-checksum-crc32"}},
         "",
         "MalformedTrailerError",
         "The request contained trailing data that was not well-formed or did not conform to our "
         "published schema.",
         ""},
    };
    for (const auto& row : rows) {
        INFO((row.headers.empty() ? "" : row.headers[0].first + ": " + row.headers[0].second));
        INFO(row.literal_sha256);
        ObjectBench bench;
        if (*row.literal_sha256 != '\0') {
            bench.authenticated.payload = auth::PayloadHash::Literal;
            bench.authenticated.payload_literal = row.literal_sha256;
        }
        const auto answer = bench.send("PUT", "/lab/k", row.headers, "hello");
        CHECK(answer.code == row.code);
        CHECK(answer.message == row.message);
        CHECK(answer.extra == row.extra);
        CHECK(bench.object("k").has_value() == (*row.code == '\0'));
    }
}

TEST_CASE("A stream that is not decoded is no hash of its body", "[s3][body]") {
    RequestHead head = put_head({}, 5);
    auth::Authenticated who;
    who.payload = auth::PayloadHash::UndecodedStreaming;
    who.payload_literal = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    const auto plan = plan_body(head, who);
    REQUIRE(plan.has_value());
    CHECK_FALSE(plan->aws_chunked);
    CHECK(plan->sha256 == "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    head.headers.add("x-amz-decoded-content-length", "4");
    const auto refused = plan_body(head, who);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == "IncompleteBody");
}

TEST_CASE("A body may come in pieces of any size", "[s3][body]") {
    ObjectBench bench;
    const RequestHead head = put_head({}, 5);
    auto plan = plan_body(head, bench.authenticated);
    REQUIRE(plan.has_value());
    ObjectBody body(*plan, bench.memory->stage(5));
    for (const char c : std::string_view("hello")) {
        REQUIRE(body.feed(as_bytes(std::string_view(&c, 1))).has_value());
    }
    const auto staged = body.finish();
    REQUIRE(staged.has_value());
    CHECK(staged->md5_hex == "5d41402abc4b2a76b9719d911017c592");
    CHECK(staged->checksum == "M3eFcAZSQlc=");
    CHECK(staged->body->size == 5);
}

namespace {

// A lane that runs its tasks late: only when somebody waits, or when it is full.
class LateLane final : public benchtop::Lane {
public:
    void run(std::move_only_function<void()> task) override {
        tasks_.push_back(std::move(task));
        if (tasks_.size() == 3) {
            wait();
        }
    }

    void wait() override {
        for (auto& task : tasks_) {
            task();
        }
        tasks_.clear();
    }

private:
    std::vector<std::move_only_function<void()>> tasks_;
};

} // namespace

TEST_CASE("a lane changes nothing about a body but the thread of its MD5", "[s3][body]") {
    std::string text(3'000'001, 'x');
    for (std::size_t i = 0; i < text.size(); i += 997) {
        text[i] = static_cast<char>(i);
    }
    const auto memory = store::open_memory_store();
    const auto through = [&](std::unique_ptr<Lane> lane) {
        BodyPlan plan;
        plan.decoded_length = text.size();
        ObjectBody body(std::move(plan), memory->stage(text.size()), std::move(lane));
        for (std::size_t at = 0; at < text.size(); at += 100'000) {
            REQUIRE(body.feed(as_bytes(std::string_view(text).substr(at, 100000))).has_value());
        }
        auto staged = body.finish();
        REQUIRE(staged.has_value());
        return *std::move(staged);
    };
    const StagedObject alone = through(nullptr);
    const StagedObject beside = through(std::make_unique<LateLane>());
    CHECK(beside.md5_hex == alone.md5_hex);
    CHECK(beside.checksum == alone.checksum);
    CHECK(beside.body->small == alone.body->small);
    CHECK(beside.body->size == text.size());
}
