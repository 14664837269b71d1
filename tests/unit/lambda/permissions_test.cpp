// Who else may use a function: its resource policy, those of its versions and aliases, and S3.
#include "tests/unit/lambda/lambda_fixture.hpp"

using namespace benchtop;
using namespace benchtop::tests;

namespace {

const std::string kF = at("f");

json::object permission(std::string_view sid, std::string_view principal) {
    return {{"StatementId", sid}, {"Action", "lambda:InvokeFunction"}, {"Principal", principal}};
}

// PutBucketNotificationConfiguration with one function.
harness::ClientResponse notify(LambdaBench& bench, const std::string& qualifier) {
    return bench.lab.send_signed(
        {"PUT",
         "http://student-upload-bucket-aj.s3.us-east-2.amazonaws.com/?notification",
         {},
         "<NotificationConfiguration><CloudFunctionConfiguration><CloudFunction>" +
             std::string(kFunctions) + "f" + qualifier +
             "</CloudFunction><Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration>"
             "</NotificationConfiguration>"},
        harness::Lab::administrator()
    );
}

} // namespace

TEST_CASE("A principal that no policy can hold leaves the policy as it was", "[lambda]") {
    LambdaBench bench;
    bench.make("f");
    bench.good(201, "POST", kF + "/policy", permission("s3", "s3.amazonaws.com"));
    CHECK(notify(bench, "").status == 200);
    for (const char* principal :
         {"arn:aws:iam::", "arn:aws:iam::x", "arn:aws:sts::1:x", "12", "AIDAEXAMPLEEXAMPLE123"}) {
        INFO(principal);
        CHECK(
            bench.refusal("POST", kF + "/policy", permission("bad", principal)) ==
            "400 InvalidParameterValueException: The provided principal was invalid. Please "
            "check the principal and try again."
        );
    }
    CHECK(notify(bench, "").status == 200);
    for (const char* principal :
         {"*",
          "999999999999",
          "arn:aws:iam::999999999999:user/somebody",
          "arn:aws:iam::111122223333:root",
          "arn:aws:iam::111122223333:role/lambda-worker-role",
          "apigateway.amazonaws.com"}) {
        INFO(principal);
        bench.good(201, "POST", kF + "/policy", permission("good", principal));
        bench.good(204, "DELETE", kF + "/policy/good");
    }
}

TEST_CASE("A bucket may notify an alias or a version whose own policy lets S3 in", "[lambda]") {
    LambdaBench bench;
    bench.make("f", {{"Publish", true}});
    bench.good(201, "POST", kF + "/aliases", {{"Name", "live"}, {"FunctionVersion", "1"}});
    for (const std::string qualifier : {"live", "1"}) {
        INFO(qualifier);
        CHECK(notify(bench, ":" + qualifier).status == 400);
        bench.good(
            201, "POST", kF + "/policy?Qualifier=" + qualifier, permission("s3", "s3.amazonaws.com")
        );
        CHECK(notify(bench, ":" + qualifier).status == 200);
    }
    CHECK(notify(bench, "").status == 400); // $LATEST's lets nobody in
    CHECK(notify(bench, ":none").status == 400);
}

TEST_CASE("A function's policy has at most 20 KB", "[lambda]") {
    LambdaBench bench;
    bench.make("f");
    std::string refused;
    for (int n = 0; n < 200 && refused.empty(); ++n) {
        const auto answer = bench.send(
            "POST", kF + "/policy", permission("s" + std::to_string(n), "s3.amazonaws.com")
        );
        refused = answer.status == 201 ? "" : LambdaBench::refusal_of(answer);
    }
    CHECK(refused == "400 PolicyLengthExceededException: The final policy size is too large.");
}

TEST_CASE("Code comes from S3 with the caller's permission only", "[lambda]") {
    LambdaBench bench;
    const auto iam = [&](const std::string& form) {
        return bench.lab.call("iam", "POST", "/", form + "&Version=2010-05-08").body;
    };
    const auto element = [](const std::string& xml, const std::string& name) {
        const std::size_t begin = xml.find("<" + name + ">") + name.size() + 2;
        return xml.substr(begin, xml.find("</" + name + ">") - begin);
    };
    iam("Action=CreateUser&UserName=u");
    iam("Action=PutUserPolicy&UserName=u&PolicyName=p&PolicyDocument=%7B%22Version%22%3A%222012-10-"
        "17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%5B%22lambda%3A*"
        "%22%2C%22iam%3APassRole%22%5D%2C%22Resource%22%3A%22*%22%7D%7D");
    const std::string key = iam("Action=CreateAccessKey&UserName=u");
    json::object body = LambdaBench::creation("f");
    body["Code"] = {{"S3Bucket", "student-upload-bucket-aj"}, {"S3Key", "code.zip"}};
    const std::string refused = bench.refusal(
        "POST", kBase, body, {element(key, "AccessKeyId"), element(key, "SecretAccessKey"), ""}
    );
    CHECK(refused.starts_with(
        "403 AccessDeniedException: Your access has been denied by S3, please make sure your "
        "request credentials have permission to GetObject for student-upload-bucket-aj/code.zip. "
        "S3 Error Code: AccessDenied. S3 Error Message: "
    ));
}

TEST_CASE("Statements are kept in the order and shape AWS shows", "[lambda]") {
    LambdaBench bench;
    bench.make("f");
    json::object s3 = permission("s3", "s3.amazonaws.com");
    s3["SourceArn"] = "arn:aws:s3:::student-upload-bucket-aj";
    s3["SourceAccount"] = "111122223333";
    const auto added = bench.good(201, "POST", kF + "/policy", s3);
    CHECK(
        bench.text(added, "Statement") ==
        R"({"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},)"
        R"("Action":"lambda:InvokeFunction","Resource":")" +
            std::string(kFunctions) +
            R"(f","Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"},)"
            R"("ArnLike":{"AWS:SourceArn":"arn:aws:s3:::student-upload-bucket-aj"}}})"
    );
    const auto account = bench.good(201, "POST", kF + "/policy", permission("a", "999999999999"));
    CHECK(
        bench.text(account, "Statement").find(R"({"AWS":"arn:aws:iam::999999999999:root"})") !=
        std::string::npos
    );
    const std::string policy = bench.text(bench.good(200, "GET", kF + "/policy"), "Policy");
    CHECK(policy.starts_with(R"({"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s3",)")
    );
    bench.good(204, "DELETE", kF + "/policy/s3");
    bench.good(204, "DELETE", kF + "/policy/a");
    CHECK(bench.send("GET", kF + "/policy").status == 404);
}
