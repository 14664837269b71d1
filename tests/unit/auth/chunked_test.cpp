// aws-chunked bodies in every form: AWS's own examples, what is tolerated, every refusal, and what
// is decided from the head alone.
#include "tests/unit/auth/rig.hpp"

#include <algorithm>

using namespace rig;

namespace {

const std::string kTerminated = "The request body terminated unexpectedly";

struct Decoded {
    std::string data;
    std::optional<AwsError> error;
    std::optional<std::string> trailer;
};

Decoded decode(const ChunkedPlan& plan, const std::string& body, std::size_t piece = 1 << 20) {
    ChunkDecoder decoder(plan);
    Decoded out;
    const auto sink = [&](ByteView data) { out.data += as_text(data); };
    for (std::size_t at = 0; at < body.size(); at += piece) {
        const auto part = std::string_view(body).substr(at, piece);
        if (const auto ok = decoder.feed(as_bytes(part), sink); !ok) {
            out.error = ok.error();
            return out;
        }
    }
    if (const auto ok = decoder.finish(); !ok) {
        out.error = ok.error();
    }
    out.trailer = decoder.trailer_value();
    return out;
}

ChunkedPlan unsigned_plan(std::uint64_t length, bool trailer = false) {
    ChunkedPlan plan;
    plan.decode = true;
    plan.decoded_length = length;
    if (trailer) {
        plan.trailer = ChecksumAlgorithm::Crc32;
    }
    return plan;
}

// The plan of one of AWS's two chunked examples, made by verifying its head.
ChunkedPlan example_plan(const std::string& name) {
    for (const Recorded& entry : recorded("aws_examples.json")) {
        if (entry.name == "aws_examples.json: " + name) {
            Bench bench;
            prepare(bench, entry);
            const auto who = bench.verify(entry.head);
            REQUIRE(who.has_value());
            const auto plan = plan_chunked(entry.head, *who);
            REQUIRE(plan.has_value());
            return *plan;
        }
    }
    FAIL("no example " << name);
    return {};
}

const std::string kFirst = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";
const std::string kSecond = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497";
const std::string kLast = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";

std::string chunk(const std::string& size, const std::string& signature, std::size_t bytes) {
    return size + ";chunk-signature=" + signature + "\r\n" + std::string(bytes, 'a') + "\r\n";
}

std::string example_body() {
    return chunk("10000", kFirst, 65536) + chunk("400", kSecond, 1024) + chunk("0", kLast, 0);
}

std::string trailer_example_body() {
    return chunk(
               "10000", "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2", 65536
           ) +
           chunk("400", "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", 1024) +
           "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
           "x-amz-checksum-crc32c:sOO8/Q==\r\n"
           "x-amz-trailer-signature:"
           "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

void check_terminated(const ChunkedPlan& plan, const std::string& body) {
    const Decoded out = decode(plan, body);
    INFO(body.substr(0, 200));
    REQUIRE(out.error.has_value());
    CHECK(out.error->status() == 400);
    CHECK(out.error->code() == "IncompleteBody");
    CHECK(out.error->message() == kTerminated);
    CHECK(out.error->extra().empty());
    CHECK(out.error->closes_connection());
}

std::string code_of(const ChunkedPlan& plan, const std::string& body) {
    const Decoded out = decode(plan, body);
    return out.error ? out.error->code() : "";
}

} // namespace

TEST_CASE("AWS's signed example decodes however it is cut", "[auth][chunked]") {
    const ChunkedPlan plan = example_plan("chunked PUT");
    const std::string body = example_body();
    CHECK(body.size() == 66824);
    for (const std::size_t piece :
         {body.size(), std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        const Decoded out = decode(plan, body, piece);
        CHECK_FALSE(out.error.has_value());
        CHECK(out.data == std::string(66560, 'a'));
    }
}

TEST_CASE("AWS's signed trailer example decodes and gives its checksum", "[auth][chunked]") {
    const ChunkedPlan plan = example_plan("chunked PUT with a trailer");
    const Decoded out = decode(plan, trailer_example_body(), 1000);
    CHECK_FALSE(out.error.has_value());
    CHECK(out.data.size() == 66560);
    REQUIRE(out.trailer.has_value());
    CHECK(to_base64(as_bytes(*out.trailer)) == "sOO8/Q==");
    Checksum crc(ChecksumAlgorithm::Crc32c);
    crc.update(as_bytes(out.data));
    CHECK(crc.finish() == *out.trailer);
}

TEST_CASE("a changed byte of a signed body is refused", "[auth][chunked]") {
    const ChunkedPlan plan = example_plan("chunked PUT");
    const std::string body = example_body();
    for (const std::size_t at : {body.find("\r\n") + 2, body.size() - 10, std::size_t{30}}) {
        std::string changed = body;
        changed[at] = changed[at] == 'b' ? 'c' : 'b';
        const Decoded out = decode(plan, changed);
        REQUIRE(out.error.has_value());
        CHECK(out.error->status() == 403);
        CHECK(out.error->code() == "SignatureDoesNotMatch");
        CHECK(out.error->extra_value("StringToSign").substr(0, 25) == "AWS4-HMAC-SHA256-PAYLOAD\n");
        CHECK(out.error->extra_value("CanonicalRequest").substr(0, 4) == "PUT\n");
        CHECK(out.error->extra_value("AWSAccessKeyId") == kKeyId);
    }
    const ChunkedPlan trailer_plan = example_plan("chunked PUT with a trailer");
    const Decoded trailer =
        decode(trailer_plan, replaced(trailer_example_body(), "sOO8/Q", "sOO9/Q"));
    REQUIRE(trailer.error.has_value());
    CHECK(trailer.error->code() == "SignatureDoesNotMatch");
    CHECK(trailer.error->extra_value("StringToSign").substr(0, 25) == "AWS4-HMAC-SHA256-TRAILER\n");
}

TEST_CASE("signed chunk headers tolerate spaces and nothing else", "[auth][chunked]") {
    const ChunkedPlan plan = example_plan("chunked PUT");
    const std::string body = example_body();
    CHECK(code_of(plan, replaced(body, "10000;chunk-signature=", "10000 ; chunk-signature = "))
              .empty());
    CHECK(code_of(plan, replaced(body, kFirst, kFirst.substr(1))) == "SignatureDoesNotMatch");
    CHECK(code_of(plan, replaced(body, "10000;", "10000;a=b;")) == "SignatureDoesNotMatch");
    check_terminated(plan, replaced(body, ";chunk-signature=" + kFirst, ""));
    check_terminated(plan, replaced(body, kFirst, ""));
    check_terminated(plan, replaced(body, kFirst, kFirst + ";a=b"));
    check_terminated(plan, body.substr(0, body.size() - 2));
    check_terminated(plan, body + "x");
}

TEST_CASE("a signed trailer needs its signature, an announced one its line", "[auth][chunked]") {
    const ChunkedPlan plan = example_plan("chunked PUT with a trailer");
    const std::string body = trailer_example_body();
    const auto at = body.find("x-amz-trailer-signature");
    check_terminated(plan, body.substr(0, at) + "\r\n");
    const auto checksum = body.find("x-amz-checksum-crc32c");
    CHECK(
        code_of(plan, body.substr(0, checksum) + "\r\n" + body.substr(checksum)) ==
        "MalformedTrailerError"
    );
}

TEST_CASE("an empty signed trailer signs one newline", "[auth][chunked]") {
    ChunkedPlan plan = example_plan("chunked PUT with a trailer");
    plan.trailer.reset();
    const std::string body = trailer_example_body();
    const std::string last = "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992";
    const std::string to_sign = "AWS4-HMAC-SHA256-TRAILER\n" + plan.signing.amz_date + "\n" +
                                plan.signing.scope + "\n" + last + "\n" + sha256_hex("\n");
    const std::string bare =
        body.substr(0, body.find("x-amz-checksum-crc32c")) +
        "x-amz-trailer-signature:" + to_hex(hmac_sha256(plan.signing.key, to_sign)) + "\r\n\r\n";
    CHECK(code_of(plan, bare).empty());
}

TEST_CASE("unsigned bodies decode with and without a trailer", "[auth][chunked]") {
    CHECK(decode(unsigned_plan(5), "5\r\nhello\r\n0\r\n\r\n", 1).data == "hello");
    const std::string body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, body.size()}) {
        const Decoded out = decode(unsigned_plan(5, true), body, piece);
        CHECK_FALSE(out.error.has_value());
        CHECK(out.data == "hello");
        REQUIRE(out.trailer.has_value());
        CHECK(to_base64(as_bytes(*out.trailer)) == "NhCmhg==");
    }
    CHECK(code_of(unsigned_plan(0, true), "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n").empty());
}

TEST_CASE("unsigned bodies tolerate what AWS tolerates", "[auth][chunked]") {
    CHECK(code_of(unsigned_plan(5), "5\r\nhello\r\n0\r\n").empty());
    const std::string head = "5\r\nhello\r\n0\r\n";
    CHECK(code_of(unsigned_plan(5, true), head + "x-amz-checksum-crc32:NhCmhg==\r\n\r\njunk\n\r")
              .empty());
    CHECK(code_of(unsigned_plan(5, true), head + "x-amz-checksum-crc32:   NhCmhg==\r\n\r\n").empty()
    );
    const Decoded repeated = decode(
        unsigned_plan(5, true),
        head + "x-amz-checksum-crc32:AAAAAA==\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    );
    REQUIRE(repeated.trailer.has_value());
    CHECK(to_base64(as_bytes(*repeated.trailer)) == "NhCmhg==");
}

TEST_CASE("broken framing terminates the body", "[auth][chunked]") {
    const std::string bodies[] = {
        "",
        "z\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello\r\n",
        "5\r\nhel",
        "5\r\nhello",
        "5;a=b\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0",
        "10000000000000000\r\n",
    };
    for (const std::string& body : bodies) {
        check_terminated(unsigned_plan(5), body);
    }
    const std::string head = "5\r\nhello\r\n0\r\n";
    check_terminated(unsigned_plan(5, true), head + "x-amz-checksum-crc32:NhCmhg==");
    check_terminated(unsigned_plan(5, true), head + "x-amz-checksum-crc32:NhCmhg==\n\r\n");
    check_terminated(unsigned_plan(5), std::string(100000, '0'));
}

TEST_CASE("the chunks must add up to x-amz-decoded-content-length", "[auth][chunked]") {
    const auto numbers = [](std::uint64_t declared, const std::string& body) {
        const Decoded out = decode(unsigned_plan(declared), body);
        REQUIRE(out.error.has_value());
        CHECK(out.error->code() == "IncompleteBody");
        CHECK(
            out.error->message() ==
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        );
        return extras(*out.error);
    };
    CHECK(numbers(6, "5\r\nhello\r\n0\r\n\r\n") == "NumberBytesExpected=6|NumberBytesProvided=5");
    CHECK(numbers(4, "5\r\nhello\r\n0\r\n\r\n") == "NumberBytesExpected=4|NumberBytesProvided=5");
    CHECK(
        numbers(4, "ffffffffffffffff\r\n") ==
        "NumberBytesExpected=4|NumberBytesProvided=18446744073709551615"
    );
}

TEST_CASE("only the last data chunk may be smaller than 8192 bytes", "[auth][chunked]") {
    const std::string full = "2000\r\n" + std::string(8192, 'b') + "\r\n";
    CHECK(code_of(unsigned_plan(8197), full + "5\r\nhello\r\n0\r\n\r\n").empty());
    const Decoded small = decode(unsigned_plan(8197), "5\r\nhello\r\n" + full + "0\r\n\r\n");
    REQUIRE(small.error.has_value());
    CHECK(small.error->status() == 400);
    CHECK(small.error->code() == "InvalidChunkSizeError");
    CHECK(
        small.error->message() ==
        "Only the last chunk is allowed to have a size less than 8192 bytes"
    );
    CHECK(extras(*small.error) == "Chunk=1|BadChunkSize=5");
}

TEST_CASE("a negative chunk size is AWS's own internal error", "[auth][chunked]") {
    const Decoded out = decode(unsigned_plan(5), "-5\r\nhello\r\n0\r\n\r\n");
    REQUIRE(out.error.has_value());
    CHECK(out.error->status() == 500);
    CHECK(out.error->code() == "InternalError");
}

TEST_CASE("a trailer must be the announced one, whole and of the right size", "[auth][chunked]") {
    const std::string head = "5\r\nhello\r\n0\r\n";
    const std::string bodies[] = {
        head,
        head + "\r\n",
        head + "\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
        head + "x-amz-checksum-crc32c:NhCmhg==\r\n\r\n",
        head + "x-amz-checksum-crc32:NhCmhg==\r\nx-extra:1\r\n\r\n",
        head + "nocolon\r\n\r\n",
    };
    for (const std::string& body : bodies) {
        const Decoded out = decode(unsigned_plan(5, true), body);
        INFO(body);
        REQUIRE(out.error.has_value());
        CHECK(out.error->code() == "MalformedTrailerError");
        CHECK(
            out.error->message() == "The request contained trailing data that was not well-formed "
                                    "or did not conform to our "
                                    "published schema."
        );
    }
    CHECK(
        code_of(unsigned_plan(5), head + "x-amz-checksum-crc32:NhCmhg==\r\n\r\n") ==
        "MalformedTrailerError"
    );
    for (const std::string value : {"", "NhCm", "!!!!!!==", "NhCmhgAA"}) {
        const Decoded out =
            decode(unsigned_plan(5, true), head + "x-amz-checksum-crc32:" + value + "\r\n\r\n");
        REQUIRE(out.error.has_value());
        CHECK(out.error->code() == "InvalidRequest");
        CHECK(out.error->message() == "Value for x-amz-checksum-crc32 trailing header is invalid.");
    }
    CHECK(
        trailer_mismatch(ChecksumAlgorithm::Crc32).message() ==
        "The CRC32 you specified did not match the calculated checksum."
    );
}

TEST_CASE("trailers are bounded", "[auth][chunked]") {
    std::string body = "5\r\nhello\r\n0\r\n";
    for (int i = 0; i < 10000; ++i) {
        body += "x-amz-checksum-crc32:NhCmhg==\r\n";
    }
    CHECK(code_of(unsigned_plan(5, true), body + "\r\n") == "MalformedTrailerError");
}

TEST_CASE("the head alone decides about trailers and checksums", "[auth][chunked]") {
    Authenticated who;
    who.payload = PayloadHash::StreamingUnsignedTrailer;
    const auto planned = [&](std::vector<Headers::Entry> headers) {
        headers.emplace_back("x-amz-decoded-content-length", "5");
        return plan_chunked(make_head("PUT", "/k", std::move(headers)), who);
    };
    const auto message = [&](std::vector<Headers::Entry> headers) {
        const auto plan = planned(std::move(headers));
        return plan ? std::string() : plan.error().message();
    };
    for (const std::string tolerated : {"x-amz-checksum-crc32", "x-amz-checksum-crc32 , ,"}) {
        const auto plan = planned({{"x-amz-trailer", tolerated}});
        REQUIRE(plan.has_value());
        CHECK(plan->decode);
        CHECK(plan->decoded_length == 5);
        CHECK(plan->trailer == ChecksumAlgorithm::Crc32);
    }
    for (const std::string unsupported :
         {"x-amz-meta-a",
          "x-amz-checksum-md4",
          ",x-amz-checksum-crc32",
          "x-amz-checksum-crc32, , x-amz-checksum-sha1"}) {
        CHECK(
            message({{"x-amz-trailer", unsupported}}) ==
            "The value specified in the x-amz-trailer header is not supported"
        );
    }
    const std::string several =
        "Expecting a single x-amz-checksum- header. Multiple checksum Types "
        "are not allowed.";
    CHECK(message({{"x-amz-trailer", "x-amz-checksum-crc32,x-amz-checksum-sha1"}}) == several);
    CHECK(message({{"x-amz-checksum-crc32", "a"}, {"x-amz-checksum-sha1", "b"}}) == several);
    CHECK(
        message({{"x-amz-trailer", "x-amz-checksum-crc32"}, {"x-amz-checksum-crc32", "a"}}) ==
        "Expecting a single x-amz-checksum- header"
    );
    CHECK(
        message(
            {{"x-amz-trailer", "x-amz-checksum-crc32"}, {"x-amz-sdk-checksum-algorithm", "SHA1"}}
        ) == "Value for x-amz-sdk-checksum-algorithm header is invalid."
    );
    CHECK(message({{"x-amz-checksum-type", "a"}, {"x-amz-checksum-algorithm", "b"}}).empty());

    for (const std::string length : {"", "x", "-1"}) {
        const auto plan =
            plan_chunked(make_head("PUT", "/k", {{"x-amz-decoded-content-length", length}}), who);
        REQUIRE_FALSE(plan.has_value());
        CHECK(plan.error().status() == 411);
        CHECK(plan.error().code() == "MissingContentLength");
    }
    who.payload = PayloadHash::Literal;
    const auto plain = planned({{"x-amz-trailer", "x-amz-checksum-crc32"}});
    REQUIRE_FALSE(plain.has_value());
    CHECK(plain.error().code() == "MalformedTrailerError");
    CHECK_FALSE(planned({})->decode);
}
