// Values and formats: the checks use figures AWS or the RFCs publish.
#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/core/http.hpp"
#include "emulator/core/result.hpp"
#include "emulator/core/time_axis.hpp"
#include "tests/catch.hpp"

using namespace benchtop;

namespace {

std::string checksum_of(ChecksumAlgorithm algorithm, std::string_view text) {
    Checksum checksum(algorithm);
    checksum.update(as_bytes(text.substr(0, text.size() / 2)));
    checksum.update(as_bytes(text.substr(text.size() / 2)));
    return to_base64(as_bytes(checksum.finish()));
}

} // namespace

TEST_CASE("checksums of known bodies", "[core][digest]") {
    CHECK(checksum_of(ChecksumAlgorithm::Crc32, "hello") == "NhCmhg==");
    CHECK(checksum_of(ChecksumAlgorithm::Crc32c, "hello") == "mnG7TA==");
    CHECK(checksum_of(ChecksumAlgorithm::Crc64Nvme, "hello") == "M3eFcAZSQlc=");
    CHECK(checksum_of(ChecksumAlgorithm::Crc64Nvme, "") == "AAAAAAAAAAA=");
    CHECK(checksum_of(ChecksumAlgorithm::Crc64Nvme, "something") == "1BGd19PD4OU=");
    CHECK(to_hex(md5("hello")) == "5d41402abc4b2a76b9719d911017c592");
    CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("CRC64NVME does not depend on how the bytes are cut", "[core][digest]") {
    // Short pieces go through the tables, long ones through carry-less multiplication.
    std::string text;
    for (int i = 0; i < 5000; ++i) {
        text += static_cast<char>(i * 37 + i / 251);
    }
    Checksum by_tables(ChecksumAlgorithm::Crc64Nvme);
    for (std::size_t at = 0; at < text.size(); at += 100) {
        by_tables.update(as_bytes(std::string_view(text).substr(at, 100)));
    }
    const std::string expected = by_tables.finish();
    for (const std::size_t cut : {0u, 1u, 255u, 256u, 257u, 1024u, 4999u}) {
        Checksum checksum(ChecksumAlgorithm::Crc64Nvme);
        checksum.update(as_bytes(std::string_view(text).substr(0, cut)));
        checksum.update(as_bytes(std::string_view(text).substr(cut)));
        CHECK(checksum.finish() == expected);
    }
}

TEST_CASE("HMAC-SHA256 of RFC 4231 case 2", "[core][digest]") {
    CHECK(
        to_hex(hmac_sha256(as_bytes("Jefe"), "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

TEST_CASE("dates are printed and read in AWS's forms", "[core][time]") {
    const UtcInstant t = *parse_amz_date("20260221T001757Z");
    CHECK(to_http_date(t) == "Sat, 21 Feb 2026 00:17:57 GMT");
    CHECK(to_iso8601_ms(t) == "2026-02-21T00:17:57.000Z");
    CHECK(to_amz_date(t) == "20260221T001757Z");
    CHECK(to_clf(t) == "21/Feb/2026:00:17:57 +0000");
    CHECK(parse_http_date("Sat, 21 Feb 2026 00:17:57 GMT") == t);
    CHECK(parse_http_date("Saturday, 21-Feb-26 00:17:57 GMT") == t);
    CHECK(parse_http_date("Sat Feb 21 00:17:57 2026") == t);
    CHECK(parse_http_date("Tue, 27 Mar 2007 19:36:42 +0000"));
    CHECK(parse_iso8601("2026-02-21T00:17:57.000Z") == t);
    for (const char* bad :
         {"", "20260221T001757", "20261321T001757Z", "2026022aT001757Z", "20260221 001757Z"}) {
        CHECK_FALSE(parse_amz_date(bad));
    }
}

TEST_CASE("an advance ages what came before it and nothing after", "[core][time]") {
    const UtcInstant start = *parse_amz_date("20260221T000000Z");
    TimeAxis axis;
    axis.advance(start + seconds{10}, seconds{301});
    CHECK(axis.age(start, start + seconds{11}) == seconds{312});
    CHECK(axis.age(start + seconds{11}, start + seconds{12}) == seconds{1});
}

TEST_CASE("percent-encoding keeps only the unreserved characters", "[core][encoding]") {
    CHECK(percent_encode("a b+c/é", SlashRule::Keep) == "a%20b%2Bc/%C3%A9");
    CHECK(percent_encode("/", SlashRule::Encode) == "%2F");
    CHECK(percent_decode("a%20b+c", PlusRule::Space) == "a b c");
    CHECK_FALSE(percent_decode("%4", PlusRule::Literal));
    CHECK(form_encode_key("uploads/my file (1)+50%.txt") == "uploads/my+file+%281%29%2B50%25.txt");
}

TEST_CASE("base64 is strict about length and alphabet", "[core][encoding]") {
    CHECK(to_base64(as_bytes("hello")) == "aGVsbG8=");
    CHECK(from_base64("aGVsbG8=") == "hello");
    CHECK_FALSE(from_base64("aGVsbG8"));
    CHECK_FALSE(from_base64("aGVsb*8="));
}

TEST_CASE("a repeated query name gives its first value", "[core][http]") {
    const Query q = Query::parse("list-type=2&prefix=a%2Fb+c&acl&prefix=z&bad=%zz");
    CHECK(q.get("prefix") == "a/b c");
    CHECK(q.has("acl"));
    CHECK(q.get("bad") == "%zz");
    CHECK_FALSE(q.has("ACL"));
}
