// Signatures in a POST form's fields, and when what a form promises has ended.
#include "emulator/auth/form.hpp"
#include "tests/unit/auth/rig.hpp"

using namespace rig;

namespace {

// "Example: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)", Amazon S3 API
// Reference: the policy field and its signature.
constexpr std::string_view kPolicy =
    "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsN"
    "CiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRr"
    "ZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vz"
    "c19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29t"
    "L3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUi"
    "LCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7"
    "IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIs"
    "ICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZP"
    "RE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXot"
    "YWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlU"
    "MDAwMDAwWiIgfQ0KICBdDQp9";
const std::string kSignature = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e";
const std::string kCredential = kKeyId + "/20151229/us-east-1/s3/aws4_request";

using Fields = std::vector<Headers::Entry>;

Fields example() {
    return {
        {"key", "user/user1/${filename}"},
        {"X-Amz-Credential", kCredential},
        {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
        {"X-Amz-Date", "20151229T000000Z"},
        {"Policy", std::string(kPolicy)},
        {"X-Amz-Signature", kSignature}};
}

Fields example_v2() {
    return {
        {"key", "k"},
        {"AWSAccessKeyId", kKeyId},
        {"policy", std::string(kPolicy)},
        {"signature", to_base64(hmac_sha1(as_bytes(kSecret), kPolicy))}};
}

Fields without(Fields fields, std::string_view name) {
    std::erase_if(fields, [&](const auto& field) { return iequals(field.first, name); });
    return fields;
}

Fields with(Fields fields, std::string name, std::string value) {
    fields = without(std::move(fields), name);
    fields.emplace_back(std::move(name), std::move(value));
    return fields;
}

struct FormBench : Bench {
    Result<Authenticated> send(const Fields& fields) {
        VerifyContext context{.now = now, .axis = axis};
        if (region) {
            context.expected_region = *region;
        }
        return verify_form(make_head("POST", "/examplebucket", fields), context, keys, cache);
    }

    std::string refused(const Fields& fields) {
        const auto result = send(fields);
        if (result) {
            return "accepted";
        }
        const AwsError& error = result.error();
        return std::to_string(error.status()) + " " + error.code() + ": " + error.message() + "|" +
               extras(error);
    }
};

std::string missing(const std::string& name) {
    return "400 InvalidArgument: Bucket POST must contain a field named '" + name +
           "'.  If it is specified, please check the order of the fields.|ArgumentName=" + name +
           "|ArgumentValue=";
}

std::string about_credential(const std::string& message, const std::string& credential) {
    return "400 InvalidArgument: " + message +
           "|ArgumentName=X-Amz-Credential|ArgumentValue=" + credential;
}

} // namespace

TEST_CASE("A form's signature is that of its policy field", "[auth][form]") {
    FormBench bench;
    const auto v4 = bench.send(example());
    REQUIRE(v4.has_value());
    CHECK(v4->type == AuthType::Form);
    CHECK(v4->version == 4);
    CHECK(v4->access_key_id == kKeyId);
    CHECK(v4->region == "us-east-1");
    CHECK(v4->signed_at == parse_amz_date("20151229T000000Z"));
    const auto v2 = bench.send(example_v2());
    REQUIRE(v2.has_value());
    CHECK(v2->type == AuthType::Form);
    CHECK(v2->version == 2);
    CHECK_FALSE(v2->signed_at);

    const std::string mismatch = bench.refused(with(example(), "policy", "e30="));
    CHECK(mismatch.starts_with("403 SignatureDoesNotMatch: "));
    CHECK(mismatch.ends_with(
        "|AWSAccessKeyId=" + kKeyId + "|StringToSign=e30=|SignatureProvided=" + kSignature +
        "|StringToSignBytes=65 33 30 3d"
    ));
    CHECK(
        bench.refused(with(example_v2(), "signature", "x")).starts_with("403 SignatureDoesNotMatch")
    );
}

TEST_CASE("A form without any field of a signature is anonymous", "[auth][form]") {
    FormBench bench;
    const auto anonymous = bench.send({{"key", "k"}, {"policy", std::string(kPolicy)}});
    REQUIRE(anonymous.has_value());
    CHECK(anonymous->type == AuthType::Anonymous);
}

TEST_CASE("A form has all fields of a signature or none", "[auth][form]") {
    FormBench bench;
    for (const std::string name :
         {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature", "policy"}) {
        CHECK(bench.refused(without(example(), name)) == missing(name));
    }
    CHECK(
        bench.refused(without(without(example(), "x-amz-algorithm"), "x-amz-credential")) ==
        missing("X-Amz-Algorithm")
    );
    CHECK(bench.refused(without(example_v2(), "signature")) == missing("Signature"));
    CHECK(bench.refused(without(example_v2(), "AWSAccessKeyId")) == missing("AWSAccessKeyId"));
    CHECK(bench.refused(without(example_v2(), "policy")) == missing("policy"));
}

TEST_CASE("Flaws of a form's credential are named as arguments", "[auth][form]") {
    FormBench bench;
    bench.region = "us-east-1";
    const std::pair<std::string, std::string> flaws[] = {
        {"nonsense",
         "the Credential is mal-formed; expecting "
         "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."},
        {"/20151229/us-east-1/s3/aws4_request",
         "a non-empty Access Key (AKID) must be provided in the credential."},
        {"A/20151229/us-east-1/s2/aws4_request",
         "incorrect service \"s2\". This endpoint belongs to \"s3\"."},
        {"A/20151229/us-east-1/s3/x",
         "incorrect terminal \"x\". This endpoint uses \"aws4_request\"."},
        {"A/today/us-east-1/s3/aws4_request",
         "incorrect date format \"today\". This date in the credential must be in the format "
         "\"yyyyMMdd\"."},
    };
    for (const auto& [credential, message] : flaws) {
        CHECK(
            bench.refused(with(example(), "x-amz-credential", credential)) ==
            about_credential(message, credential)
        );
    }
    bench.region = "us-west-1";
    CHECK(
        bench.refused(example()) ==
        about_credential("the region 'us-east-1' is wrong; expecting 'us-west-1'", kCredential) +
            "|Region=us-west-1"
    );
    CHECK(
        bench.refused(with(example(), "x-amz-date", "yesterday")) ==
        "400 InvalidArgument: X-Amz-Date must be formated via ISO8601 Long format"
        "|ArgumentName=X-Amz-Date|ArgumentValue=yesterday"
    );
    CHECK(bench.refused(with(example(), "x-amz-algorithm", "AWS4"))
              .ends_with("|ArgumentName=X-Amz-Algorithm|ArgumentValue=AWS4"));
}

TEST_CASE("A form's key is looked up like any other", "[auth][form]") {
    FormBench bench;
    CHECK(bench
              .refused(
                  with(example(), "x-amz-credential", "AKIDNONE/20151229/us-east-1/s3/aws4_request")
              )
              .starts_with("403 InvalidAccessKeyId"));
    CHECK(
        bench.refused(with(example(), "x-amz-security-token", "t")).starts_with("400 InvalidToken")
    );
    bench.region = "us-east-2";
    CHECK(bench.refused(example_v2()).find("Please use AWS4-HMAC-SHA256.") != std::string::npos);
}

TEST_CASE("A form ends on the lab's clock, as old as its date", "[auth][form]") {
    const UtcInstant made = from_epoch_seconds(1'790'000'000);
    const UtcInstant expires = made + seconds{3600};
    TimeAxis axis;
    CHECK_FALSE(has_ended(expires, made, axis, expires));
    CHECK(has_ended(expires, made, axis, expires + seconds{1}));
    CHECK_FALSE(has_ended(expires, std::nullopt, axis, expires));
    CHECK(has_ended(expires, std::nullopt, axis, expires + seconds{1}));
    // An advance ages what was made before it, and nothing made after.
    axis.advance(made + seconds{10}, seconds{3700});
    CHECK(has_ended(expires, made, axis, made + seconds{20}));
    CHECK_FALSE(has_ended(expires + seconds{30}, made + seconds{20}, axis, made + seconds{30}));
    CHECK(has_ended(expires, std::nullopt, axis, made + seconds{20}));
    CHECK_FALSE(has_ended(expires, made, axis, made + seconds{9}));
}
