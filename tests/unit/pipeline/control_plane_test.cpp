// What every control plane has in common: which service is meant, whose words refuse.
#include "harness/lab.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::harness;

namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

constexpr const char* kWhoAmI = "Action=GetCallerIdentity&Version=2011-06-15";

} // namespace

TEST_CASE("The scope's service answers, in its own dialect", "[pipeline]") {
    Lab lab;
    const auto who = lab.call("sts", "POST", "/", kWhoAmI);
    CHECK(who.status == 200);
    CHECK(contains(who.body, "<Arn>arn:aws:iam::111122223333:user/benchtop-admin</Arn>"));

    const auto query = lab.call("iam", "POST", "/", "Action=NoSuchThing&Version=2010-05-08");
    CHECK(query.status == 400);
    CHECK(contains(query.body, "<Code>InvalidAction</Code>"));
    CHECK(contains(query.body, "Could not find operation NoSuchThing for version 2010-05-08"));

    const auto rest = lab.call("lambda", "GET", "/2099-01-01/no-such-thing", "");
    CHECK(rest.status == 404);
    CHECK(rest.headers.get("x-amzn-ErrorType") == "UnknownOperationException");

    const auto json = lab.call("logs", "POST", "/", "{}");
    CHECK(json.status == 400);
    CHECK(contains(json.body, R"("__type":"UnknownOperationException")"));

    const auto unbuilt = lab.call("dynamodb", "POST", "/", "{}");
    CHECK(unbuilt.status == 404);
    CHECK(contains(unbuilt.body, "does not implement"));
}

TEST_CASE("A wrong secret is refused in the service's words", "[pipeline]") {
    Lab lab;
    ClientCredentials wrong = Lab::administrator();
    wrong.secret.back() = '1';
    const auto query = lab.call("sts", "POST", "/", kWhoAmI, wrong);
    CHECK(query.status == 403);
    CHECK(contains(query.body, "<Code>SignatureDoesNotMatch</Code>"));
    const auto rest = lab.call("lambda", "GET", "/2015-03-31/functions", "", wrong);
    CHECK(rest.status == 403);
    CHECK(rest.headers.get("x-amzn-ErrorType") == "InvalidSignatureException");
}

TEST_CASE("Without a signature the host's name tells the service", "[pipeline]") {
    Lab lab;
    const auto sts = lab.send({"POST", "https://sts.us-east-2.amazonaws.com/", {}, kWhoAmI});
    CHECK(sts.status == 403);
    CHECK(contains(sts.body, "<Code>MissingAuthenticationToken</Code>"));
    const auto lambda =
        lab.send({"GET", "https://lambda.us-east-2.amazonaws.com/2015-03-31/functions", {}, ""});
    CHECK(lambda.status == 403);
    CHECK(lambda.headers.get("x-amzn-ErrorType") == "MissingAuthenticationTokenException");
}

TEST_CASE("Under AWS's own name the scope must be the host's", "[pipeline]") {
    Lab lab;
    const auto list = [&lab](std::string_view region, std::string_view service) {
        const std::string authorization =
            "AWS4-HMAC-SHA256 Credential=" + Lab::administrator().access_key_id + "/20250101/" +
            std::string(region) + "/" + std::string(service) +
            "/aws4_request, SignedHeaders=host;x-amz-date, Signature=0";
        return lab.send(
            {"GET",
             "https://lambda.us-east-2.amazonaws.com/2015-03-31/functions",
             {{"Authorization", authorization}, {"X-Amz-Date", "20250101T000000Z"}},
             ""}
        );
    };
    const auto other_region = list("eu-west-1", "lambda");
    CHECK(other_region.status == 403);
    CHECK(other_region.headers.get("x-amzn-ErrorType") == "InvalidSignatureException");
    CHECK(contains(other_region.body, "Credential should be scoped to a valid region."));
    const auto other_service = list("us-east-2", "sts");
    CHECK(other_service.headers.get("x-amzn-ErrorType") == "InvalidSignatureException");
    CHECK(contains(other_service.body, "Credential should be scoped to correct service: 'lambda'.")
    );
    CHECK_FALSE(contains(list("us-east-2", "lambda").body, "scoped"));
}
