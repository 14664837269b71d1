// What `why-denied` knows: refusals by their request ids, with the statement that decided or the
// line that is missing.
#include "emulator/pipeline/refusals.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

using namespace benchtop;
using namespace benchtop::harness;

namespace {

namespace json = boost::json;

json::object why(Lab& lab, std::string_view request_id) {
    const auto answer = lab.send(
        {"GET", std::string(kEndpoint) + "/_benchtop/refusals/" + std::string(request_id), {}, ""}
    );
    return answer.status == 200 ? json::parse(answer.body).as_object() : json::object{};
}

std::string text(const json::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

bool contains(std::string_view whole, std::string_view part) {
    return whole.find(part) != std::string_view::npos;
}

void change_policy(Lab& lab, std::string_view role, std::string_view document) {
    lab.write([&](store::WriteTx& tx) {
        for (const auto& old :
             tx.inline_policies(store::PrincipalKind::Role, stack::kLabAccount, role)) {
            tx.put_inline_policy(
                store::PrincipalKind::Role,
                stack::kLabAccount,
                role,
                {old.name, std::string(document)}
            );
        }
    });
}

} // namespace

TEST_CASE("A presigned upload the role may not make names the missing line", "[pipeline]") {
    Lab lab;
    change_policy(
        lab,
        stack::kWebRole,
        R"({"Version":"2012-10-17","Statement":[{"Sid":"Typo","Effect":"Allow","Action":"s3:PutObject",)"
        R"("Resource":"arn:aws:s3:::student-upload-bucket-aj/upload/*"}]})"
    );
    const auto answer = lab.put(lab.presign().upload_url, "x");
    REQUIRE(answer.status == 403);
    const auto card = why(lab, answer.headers.get("x-amz-request-id"));
    CHECK(text(card, "action") == "s3:PutObject");
    CHECK(
        text(card, "principal") ==
        "arn:aws:sts::111122223333:assumed-role/lambda-web-presign-role/web-presign-lambda"
    );
    CHECK(text(card, "decision") == "no statement allows it");
    CHECK(contains(text(card, "reason"), "Typo"));
    CHECK(
        text(card, "missingStatement") ==
        R"({"Sid":"AllowPutObject","Effect":"Allow","Action":"s3:PutObject",)"
        R"("Resource":"arn:aws:s3:::student-upload-bucket-aj/uploads/*"})"
    );
    CHECK(contains(text(card, "addTo"), "lambda-web-presign-policy"));
    CHECK(contains(
        text(card, "command"), "aws iam put-role-policy --role-name lambda-web-presign-role"
    ));
}

TEST_CASE("A Deny is named, and no line is offered", "[pipeline]") {
    Lab lab;
    change_policy(
        lab,
        stack::kWebRole,
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},)"
        R"({"Sid":"NoUploads","Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]})"
    );
    const auto answer = lab.put(lab.presign().upload_url, "x");
    REQUIRE(answer.status == 403);
    const auto card = why(lab, answer.headers.get("x-amz-request-id"));
    CHECK(text(card, "decision") == "explicit deny");
    CHECK(contains(text(card, "reason"), "NoUploads"));
    CHECK(text(card, "missingStatement").empty());
}

TEST_CASE("A function's own request that is refused is kept too", "[pipeline]") {
    Lab lab;
    change_policy(
        lab,
        stack::kWorkerRole,
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:DeleteObject"],"Resource":"*"}]})"
    );
    REQUIRE(lab.put(lab.presign().upload_url, "x").status == 200);
    lab.settle();
    const auto refused = lab.services().refusals->newest(1);
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].action == "s3:GetObject");
    CHECK(contains(refused[0].principal, "lambda-worker-role"));
}

TEST_CASE("Refusals of services and of control planes are kept by their ids", "[pipeline]") {
    Lab lab;
    lab.write([](store::WriteTx& tx) {
        for (auto function : tx.list_functions(stack::kLabAccount)) {
            function.policy.clear();
            tx.put_function(function);
        }
    });
    const auto api = lab.send({"POST", std::string(kApiEndpoint) + "/prod/presign", {}, ""});
    CHECK(api.status == 500);
    auto card = why(lab, api.headers.get("apigw-requestid"));
    CHECK(text(card, "principal") == "apigateway.amazonaws.com");
    CHECK(contains(
        text(card, "command"),
        "--source-arn 'arn:aws:execute-api:us-east-2:111122223333:labpresign/*/*/presign'"
    ));

    lab.write([](store::WriteTx& tx) {
        store::User nobody;
        nobody.account = stack::kLabAccount;
        nobody.name = "nobody";
        nobody.user_id = "AIDANOBODY";
        tx.put_user(nobody);
        store::AccessKey key;
        key.access_key_id = "AKIANOBODY";
        key.secret = "secret";
        key.account = stack::kLabAccount;
        key.principal_name = "nobody";
        tx.put_access_key(key);
    });
    const auto logs = lab.logs("DescribeLogGroups", "{}", {"AKIANOBODY", "secret", ""});
    CHECK(logs.status == 400);
    card = why(lab, logs.headers.get("x-amzn-requestid"));
    CHECK(text(card, "action") == "logs:DescribeLogGroups");
    CHECK(text(card, "addTo") == "a policy of the user nobody, which has none yet");
}

TEST_CASE("An event S3 may not hand over is kept", "[pipeline]") {
    Lab lab;
    lab.write([](store::WriteTx& tx) {
        auto worker =
            tx.find_function(stack::kLabAccount, stack::kLabRegion, stack::kWorkerFunction);
        worker->policy.clear();
        tx.put_function(*worker);
    });
    REQUIRE(lab.put(lab.presign().upload_url, "x").status == 200);
    lab.settle();
    const auto refused = lab.services().refusals->newest(1);
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].principal == "s3.amazonaws.com");
    CHECK(
        contains(refused[0].command, "aws lambda add-permission --function-name worker-move-lambda")
    );
}

TEST_CASE("A signature's refusal comes with the mistake it shows", "[pipeline]") {
    Lab lab;
    const std::string url = lab.presign().upload_url;
    const auto answer = lab.put(url.substr(0, url.find('?')), "x");
    REQUIRE(answer.status == 403);
    const auto card = why(lab, answer.headers.get("x-amz-request-id"));
    CHECK(contains(text(card, "cause"), "carries no signature"));
}

TEST_CASE("An unknown id is said to be unknown, and what is known", "[pipeline]") {
    Lab lab;
    const auto answer =
        lab.send({"GET", std::string(kEndpoint) + "/_benchtop/refusals/ABC%20DEF", {}, ""});
    CHECK(answer.status == 404);
    CHECK(contains(answer.body, "No refused request has the id ABC DEF."));
    CHECK(contains(answer.body, "The last 1000 refusals"));
}

TEST_CASE("The ring is bounded in number and in length", "[pipeline]") {
    pipeline::Refusals ring;
    for (std::size_t n = 0; n <= pipeline::Refusals::kKept; ++n) {
        pipeline::Refusal refusal;
        refusal.request_id = std::to_string(n);
        refusal.resource = std::string(100'000, 'x');
        ring.add(std::move(refusal));
    }
    CHECK_FALSE(ring.find("0"));
    REQUIRE(ring.find("1"));
    CHECK(ring.find("1")->resource.size() <= pipeline::Refusals::kTextBytesMax + 3);
    CHECK(ring.newest(5).size() == 5);
    CHECK(ring.newest(5)[0].request_id == std::to_string(pipeline::Refusals::kKept));
    CHECK(ring.newest(1'000'000).size() == pipeline::Refusals::kKept);
}
