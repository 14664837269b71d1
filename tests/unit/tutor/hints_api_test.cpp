#include "emulator/tutor/hint_texts.hpp"
#include "emulator/tutor/hints.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::tutor;
using apigateway::Fault;
using apigateway::Miss;

namespace {

constexpr std::string_view kFunction =
    "arn:aws:lambda:us-east-2:111122223333:function:web-presign-lambda";

std::optional<Hint> missed(std::string method, std::string target, Miss miss) {
    RequestHead head;
    head.method = std::move(method);
    head.target = std::move(target);
    return hint_for(ApiObservation{head, 404, miss, "POST /prod/presign", Fault::None, "", ""});
}

std::optional<Hint> failed(int status, Fault fault, std::string_view source_arn = "") {
    RequestHead head;
    head.method = "POST";
    head.target = "/prod/presign";
    return hint_for(ApiObservation{head, status, std::nullopt, "", fault, kFunction, source_arn});
}

} // namespace

TEST_CASE("the same 404 has a hint for each of its reasons", "[tutor][api]") {
    const auto root = missed("POST", "/prod", Miss::StageRoot);
    REQUIRE(root);
    CHECK(root->mistake == "stage-root");
    CHECK(root->fix == "call POST /prod/presign.");
    const auto get = missed("GET", "/prod/presign", Miss::MethodMismatch);
    REQUIRE(get);
    CHECK(get->mistake == "wrong-method");
    CHECK(contains(get->cause, "GET"));
    CHECK(contains(get->fix, "-X POST"));
    CHECK(missed("POST", "/presign", Miss::NoStage)->mistake == "stage-missing");
    CHECK(missed("POST", "/prod/presign/", Miss::TrailingSlash)->mistake == "trailing-slash");
    CHECK(missed("POST", "/prod/Presign", Miss::LetterCase)->mistake == "letter-case");
    CHECK(missed("POST", "/prod/new", Miss::NotDeployed)->mistake == "not-deployed");
    CHECK(missed("POST", "/prod/x", Miss::NoRoute)->mistake == "route-missing");
    CHECK(missed("POST", "/x", Miss::EndpointDisabled)->mistake == "endpoint-disabled");
}

TEST_CASE("a missing permission of the API names the command that grants it", "[tutor][api]") {
    const auto said = failed(
        500,
        Fault::NotPermitted,
        "arn:aws:execute-api:us-east-2:111122223333:labpresign/prod/POST/presign"
    );
    REQUIRE(said);
    CHECK(said->mistake == "api-permission-missing");
    CHECK(contains(said->fix, "--function-name web-presign-lambda"));
    CHECK(contains(
        said->fix,
        "--source-arn 'arn:aws:execute-api:us-east-2:111122223333:labpresign/*/*/presign'"
    ));
    const auto fallback = failed(
        500,
        Fault::NotPermitted,
        "arn:aws:execute-api:us-east-2:111122223333:labpresign/prod/$default"
    );
    CHECK(contains(fallback->fix, "labpresign/*/$default'"));
}

TEST_CASE("a 500 is explained by what the function did", "[tutor][api]") {
    CHECK(failed(500, Fault::FunctionFailed)->mistake == "function-failed");
    CHECK(failed(500, Fault::MalformedAnswer)->mistake == "answer-malformed");
    CHECK(failed(500, Fault::FunctionMissing)->mistake == "integration-broken");
    CHECK(failed(503, Fault::TimedOut)->mistake == "integration-timeout");
}

TEST_CASE("good calls, and the function's own 404, are left without a hint", "[tutor][api]") {
    CHECK_FALSE(failed(200, Fault::None));
    CHECK_FALSE(failed(404, Fault::None));
    CHECK_FALSE(failed(500, Fault::None));
    CHECK_FALSE(failed(413, Fault::TooLarge));
}
