#include "emulator/core/encoding.hpp"
#include "emulator/s3/post_policy.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/operation_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kDenied = "403 AccessDenied: Invalid according to Policy: ";
constexpr std::string_view kInvalid = "400 InvalidPolicyDocument: Invalid Policy: ";

std::string document_of(std::string_view conditions) {
    return "{\"expiration\": \"2026-02-21T00:17:57Z\", \"conditions\": [" +
           std::string(conditions) + "]}";
}

// What becomes of a form with these fields, sent to the bucket "lab".
std::string judged(std::string_view text, const Fields& fields = {{"key", "uploads/a.txt"}}) {
    const auto parsed = parse_post_policy(to_base64(as_bytes(text)));
    if (!parsed) {
        return describe(parsed.error());
    }
    std::vector<std::string> names;
    for (const auto& [name, value] : fields) {
        names.push_back(name);
    }
    const auto verdict = check_post_conditions(
        *parsed,
        [&](std::string_view wanted) -> std::optional<std::string_view> {
            if (wanted == "bucket") {
                return "lab";
            }
            for (const auto& [name, value] : fields) {
                if (iequals(name, wanted)) {
                    return value;
                }
            }
            return std::nullopt;
        },
        names
    );
    return verdict ? std::to_string(parsed->size.least) + "-" + std::to_string(parsed->size.most)
                   : describe(verdict.error());
}

std::string failed(std::string_view condition) {
    return std::string(kDenied) + "Policy Condition failed: " + std::string(condition);
}

const std::string kFits = "0-5368709120";
const std::string kBase = R"({"bucket": "lab"}, ["starts-with", "$key", "uploads/"])";

} // namespace

TEST_CASE("A form that keeps its policy's conditions may be stored", "[s3][post]") {
    CHECK(judged(document_of(kBase)) == kFits);
    CHECK(judged(document_of(R"({"BUCKET": "lab"}, ["eq", "$KEY", "uploads/a.txt"])")) == kFits);
    CHECK(judged(document_of(R"(["eq", "$bucket", "lab"], ["StArTs-WiTh", "$key", ""])")) == kFits);
    CHECK(
        judged(
            document_of(kBase + R"(,{"X-Amz-Meta-A": "1"})"),
            {{"Key", "uploads/b"},
             {"x-amz-meta-a", "1"},
             {"policy", "p"},
             {"X-Amz-Signature", "s"},
             {"AWSAccessKeyId", "a"},
             {"signature", "s"},
             {"x-ignore-anything", "1"}}
        ) == kFits
    );
    CHECK(
        judged(
            document_of(kBase + R"(,["starts-with", "$Content-Type", "image/"])"),
            {{"key", "uploads/b"}, {"Content-Type", "image/png, image/jpeg"}}
        ) == kFits
    );
}

TEST_CASE("A refusal repeats the condition as the policy writes it", "[s3][post]") {
    CHECK(
        judged(document_of(kBase), {{"key", "other"}}) ==
        failed(R"(["starts-with", "$key", "uploads/"])")
    );
    const std::string spaced = R"([  "eq",
        "$Success_Action_Redirect","http://localhost.test/\"a]\u0041" ])";
    CHECK(judged(document_of(kBase + "," + spaced)) == failed(spaced));
    CHECK(
        judged(document_of(kBase + R"(,{"Content-Type": "a\"b"})")) ==
        failed(R"(["eq", "$Content-Type", "a\"b"])")
    );
    // Without "$" it names no field; an absent field fails even with the empty text.
    CHECK(
        judged(document_of(R"({"bucket": "lab"}, ["eq", "key", "uploads/a.txt"])")) ==
        failed(R"(["eq", "key", "uploads/a.txt"])")
    );
    CHECK(
        judged(document_of(kBase + R"(, ["starts-with", "$Content-Type", ""])")) ==
        failed(R"(["starts-with", "$Content-Type", ""])")
    );
    // Values are compared with their case.
    CHECK(
        judged(document_of(R"({"bucket": "LAB"}, ["starts-with", "$key", ""])")) ==
        failed(R"(["eq", "$bucket", "LAB"])")
    );
    CHECK(
        judged(
            document_of(kBase + R"(,["starts-with", "$Content-Type", "image/"])"),
            {{"key", "uploads/b"}, {"Content-Type", "image/png, text/html"}}
        ) == failed(R"(["starts-with", "$Content-Type", "image/"])")
    );
}

TEST_CASE("Every field needs a condition", "[s3][post]") {
    const std::string extra = std::string(kDenied) + "Extra input fields: ";
    CHECK(
        judged(document_of(kBase), {{"key", "uploads/a"}, {"Content-Type", "text/plain"}}) ==
        extra + "content-type"
    );
    CHECK(judged(document_of(R"(["starts-with", "$key", ""])")) == extra + "bucket");
    CHECK(judged(document_of(R"({"bucket": "lab"})")) == extra + "key");
}

TEST_CASE("A range of lengths bounds the file", "[s3][post]") {
    const auto range = [](std::string_view bounds) {
        return judged(
            document_of(kBase + ", [\"content-length-range\", " + std::string(bounds) + "]")
        );
    };
    CHECK(range("5, 10") == "5-10");
    CHECK(range("\"5\", \"10\"") == "5-10");
    CHECK(range("0, 18446744073709551615") == kFits);
    CHECK(range("\"test\", \"10\"") == failed("[\"content-length-range\", \"test\", \"10\"]"));
    CHECK(
        range("5") ==
        std::string(kInvalid) + "Invalid content-length-range: wrong number of arguments."
    );
    CHECK(range("0, 512.0") == std::string(kInvalid) + "Invalid JSON.");
    CHECK(range("-1, 0") == std::string(kInvalid) + "Token - must be enclosed in quotes.");
}

TEST_CASE("What is no policy is refused with S3's texts", "[s3][post]") {
    const std::pair<std::string, std::string> documents[] = {
        {"{", "Invalid JSON."},
        {"[]", "Invalid JSON."},
        {"{\"expiration\": \"2026-02-21T00:17:57Z\", \"conditions\": [],}", "Invalid JSON."},
        {"{\"Version\": \"1\", \"conditions\": []}", "Unexpected: 'version'"},
        {"{\"conditions\": []}", "Policy missing expiration."},
        {"{\"expiration\": \"2026-02-21T00:17:57Z\"}", "Policy missing conditions."},
        {"{\"expiration\": \"2026-02-21 00:17:57 UTC\", \"conditions\": []}",
         "Invalid 'expiration' value: '2026-02-21 00:17:57 UTC'"},
        {"{\"expiration\": \"2026-02-21T00:17:57+02:00\", \"conditions\": []}",
         "Invalid 'expiration' value: '2026-02-21T00:17:57+02:00'"},
        {"{\"expiration\": 1, \"conditions\": []}", "Invalid JSON."},
        {"{\"expiration\": \"2026-02-21T00:17:57Z\", \"conditions\": {}}",
         "Invalid 'conditions' value: must be a List."},
        {document_of("\"a\""), "Invalid condition test: must be a List or Object."},
        {document_of("{}"),
         "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."},
        {document_of("{\"a\": \"1\", \"b\": \"2\"}"),
         "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."},
        {document_of("{\"Content-Length\": 6199034}"),
         "Invalid Simple-Condition: value must be a string."},
        {document_of("{\"a\": null}"), "Invalid JSON."},
        {document_of("[]"), "Invalid Condition: missing operation identifier."},
        {document_of("[1, \"$a\", \"b\"]"), "Invalid Condition: missing operation identifier."},
        {document_of("[\"like\", \"$a\", \"b\"]"), "Invalid Condition: unknown operation 'like'."},
        {document_of("[\"eq\", \"$a\"]"), "Invalid eq: wrong number of arguments."},
        {document_of("[\"eq\", \"$a\", 1]"), "Invalid JSON."},
        {document_of(std::string(100, '[')), "Invalid JSON."},
    };
    for (const auto& [document, flaw] : documents) {
        INFO(document);
        CHECK(judged(document) == std::string(kInvalid) + flaw);
    }
    CHECK(
        describe(parse_post_policy("").error()) ==
        std::string(kInvalid) + "Expecting '{' but found End-of-Input"
    );
    CHECK(
        describe(parse_post_policy("%%%%").error()) ==
        std::string(kInvalid) + "invalid Base64 encoding."
    );
}
