#include "emulator/pipeline/service_tables.hpp"
#include "emulator/stack/deploy.hpp"
#include "emulator/stack/export.hpp"
#include "emulator/stack/template.hpp"
#include "emulator/stack/yaml_writer.hpp"
#include "emulator/store/store.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::stack;

namespace {

struct CountingRandom : Random {
    char next = 0;

    void fill(RandomStream, std::span<char> bytes) override {
        for (char& c : bytes) {
            c = next++;
        }
    }
};

struct Bench {
    std::unique_ptr<store::Store> store = store::open_memory_store();
    CountingRandom random;

    store::CommitStatus write(const std::function<bool(store::WriteTx&)>& change) {
        store::CommitStatus out{};
        store::WriteJob job;
        job.run = change;
        job.done = [&](store::CommitStatus status) { out = status; };
        store->write(std::move(job));
        return out;
    }

    // "" or what refused it.
    std::string deployed(const Stack& stack) {
        std::string refused;
        write([&](store::WriteTx& tx) {
            const auto report =
                deploy(tx, stack, from_epoch_seconds(1000), random, pipeline::service_tables());
            refused = report ? "" : report.error().message();
            return report.has_value();
        });
        return refused;
    }

    Export exported() {
        Export out;
        store->read([&](const store::ReadTx& tx) {
            out = export_template(tx, kLabAccount, kLabRegion);
        });
        return out;
    }
};

Stack read(std::string_view text) {
    auto stack = read_template(text, {});
    INFO(text);
    INFO((stack ? std::string() : stack.error().message()));
    REQUIRE(stack.has_value());
    return *std::move(stack);
}

} // namespace

TEST_CASE("the exported lab makes the same lab, and the same export", "[stack][export]") {
    Bench first;
    REQUIRE(first.deployed(lab_stack()).empty());
    const Export once = first.exported();
    CHECK(once.notes.empty());
    REQUIRE(once.code.size() == 2);
    CHECK(once.code[0].path == "code/web-presign-lambda.zip");
    CHECK(once.code[0].plugin == "web_presign");
    CHECK(once.text.find("111122223333") == std::string::npos);
    Bench second;
    REQUIRE(second.deployed(read(once.text)).empty());
    CHECK(second.exported().text == once.text);
    // Equal in the store too, ids included.
    first.store->read([&](const store::ReadTx& a) {
        second.store->read([&](const store::ReadTx& b) {
            CHECK(a.find_api(kLabApiId)->document == b.find_api(kLabApiId)->document);
            CHECK(
                a.find_bucket(kLabBucket)->notification == b.find_bucket(kLabBucket)->notification
            );
            for (const auto name : {kWebFunction, kWorkerFunction}) {
                const auto one = *a.find_function(kLabAccount, kLabRegion, name);
                const auto other = *b.find_function(kLabAccount, kLabRegion, name);
                CHECK(one.policy == other.policy);
                CHECK(one.role_arn == other.role_arn);
                CHECK((one.environment == other.environment));
            }
            CHECK(
                a.find_role(kLabAccount, kWebRole)->trust_policy ==
                b.find_role(kLabAccount, kWebRole)->trust_policy
            );
        });
    });
}

TEST_CASE("texts that YAML or Fn::Sub could misread come back unchanged", "[stack][export]") {
    Bench bench;
    REQUIRE(bench.deployed(lab_stack()).empty());
    const NamedTexts odd{
        {"YES", "yes"},
        {"NUMBER", "0123"},
        {"FLOAT", "1.0"},
        {"EMPTY", ""},
        {"SPACES", "  a: b # c  "},
        {"LINES", "one\ntwo\ttabs\r\n"},
        {"QUOTES", "\"a\" 'b' \\c"},
        {"SUB", "${AWS::Region} ${!x} $y"},
        {"ARN", "arn:aws:lambda:us-east-2:111122223333:function:${x}"},
        {"ACCOUNT", "111122223333"},
        {"UNICODE", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"TAG", "!Ref x"},
        {"LIST", "[a, b]"},
        {"ANCHOR", "&a *b"},
        {"NULL", "null"},
        {"COLON", "a:"},
        {"BELL", "\x07\x7f"}};
    bench.write([&](store::WriteTx& tx) {
        auto function = *tx.find_function(kLabAccount, kLabRegion, kWebFunction);
        function.environment = odd;
        tx.put_function(function);
        auto role = *tx.find_role(kLabAccount, kWebRole);
        tx.put_inline_policy(
            store::PrincipalKind::Role,
            kLabAccount,
            kWebRole,
            {"own",
             R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*","Condition":{"Bool":{"aws:SecureTransport":false},"NumericLessThan":{"s3:max-keys":10},"StringLike":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/*"]}}}]})"}
        );
        return true;
    });
    const Export once = bench.exported();
    const Stack again = read(once.text);
    CHECK((again.functions.at(0).environment == odd));
    Bench second;
    REQUIRE(second.deployed(again).empty());
    CHECK(second.exported().text == once.text);
    second.store->read([&](const store::ReadTx& tx) {
        const auto policies = tx.inline_policies(store::PrincipalKind::Role, kLabAccount, kWebRole);
        REQUIRE(policies.size() == 2);
        CHECK(policies[1].document.find("b/${aws:username}/*") != std::string::npos);
        CHECK(policies[1].document.find("\"aws:SecureTransport\":false") != std::string::npos);
        CHECK(policies[1].document.find("\"s3:max-keys\":10") != std::string::npos);
        CHECK(policies[1].document.find("arn:aws:iam::111122223333:role/*") != std::string::npos);
    });
}

TEST_CASE("everything a function has comes back", "[stack][export]") {
    Bench bench;
    const Stack stack = read(R"(
Transform: AWS::Serverless-2016-10-31
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: r
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
  Failed:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Handler: index.handler
      Runtime: nodejs20.x
      Code: {ZipFile: "exports.handler = async () => 1;"}
  F:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: all-of-it
      Role: !GetAtt Role.Arn
      Handler: index.handler
      Runtime: python3.11
      InlineCode: "def handler(event, context): return 1"
      Description: "says: something"
      Timeout: 7
      MemorySize: 256
      Architectures: [arm64]
      EphemeralStorage: {Size: 1024}
      ReservedConcurrentExecutions: 3
      Tags: {course: cloud}
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        MaximumEventAgeInSeconds: 60
        DestinationConfig: {OnFailure: {Destination: !GetAtt Failed.Arn}}
)");
    REQUIRE(bench.deployed(stack) == "");
    const Export once = bench.exported();
    CHECK(once.notes.empty());
    for (const std::string_view part :
         {"Description: \"says: something\"",
          "Timeout: 7",
          "MemorySize: 256",
          "- arm64",
          "Size: 1024",
          "ReservedConcurrentExecutions: 3",
          "course: cloud",
          "MaximumRetryAttempts: 1",
          "MaximumEventAgeInSeconds: 60",
          "OnFailure:"}) {
        INFO(once.text);
        INFO(part);
        CHECK(once.text.find(part) != std::string::npos);
    }
    REQUIRE(once.code.size() == 2);
    TemplateInput input;
    input.read_code = [&](std::string_view path) -> Result<std::string> {
        for (const ExportedCode& code : once.code) {
            if (code.path == path) {
                std::string zip;
                bench.store->read([&](const store::ReadTx& tx) {
                    zip = *tx.find_document(store::kFunctionCodeSpace, code.sha256);
                });
                return zip;
            }
        }
        return AwsError(400, "CannotRead", "no such code");
    };
    const auto again = read_template(once.text, input);
    REQUIRE(again.has_value());
    Bench second;
    REQUIRE(second.deployed(*again) == "");
    CHECK(second.exported().text == once.text);
    CHECK(second.exported().code.at(0).sha256 == once.code[0].sha256);
}

TEST_CASE("roles have their managed policies, and come back with them", "[stack][export]") {
    Bench bench;
    const Stack stack = read(R"(
Transform: AWS::Serverless-2016-10-31
Resources:
  Own:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: own
      Path: /course/
      Description: "only: reading"
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: r
      Path: /course/
      Description: d
      MaxSessionDuration: 7200
      PermissionsBoundary: !Ref Own
      ManagedPolicyArns: [!Ref Own, "arn:aws:iam::aws:policy/AmazonS3FullAccess"]
      Tags: [{Key: course, Value: cloud}]
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
  Inline:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: added
      Roles: [!Ref Role]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Deny, Action: "s3:DeleteObject", Resource: "*"}]
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      InlineCode: "def handler(event, context): return 1"
)");
    REQUIRE(bench.deployed(stack) == "");
    const Export once = bench.exported();
    INFO(once.text);
    CHECK(once.notes.empty());
    for (const std::string_view part :
         {"ManagedPolicyName: own",
          "Path: /course/",
          "Description: \"only: reading\"",
          "PermissionsBoundary: !Ref OwnPolicy",
          "- !Ref OwnPolicy",
          "- arn:aws:iam::aws:policy/AmazonS3FullAccess",
          "- arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
          "MaxSessionDuration: 7200",
          "PolicyName: added"}) {
        INFO(part);
        CHECK(once.text.find(part) != std::string::npos);
    }
    TemplateInput input;
    input.read_code = [&](std::string_view) -> Result<std::string> {
        std::string zip;
        bench.store->read([&](const store::ReadTx& tx) {
            zip = *tx.find_document(store::kFunctionCodeSpace, once.code.at(0).sha256);
        });
        return zip;
    };
    const auto again = read_template(once.text, input);
    REQUIRE(again.has_value());
    Bench second;
    REQUIRE(second.deployed(*again) == "");
    CHECK(second.exported().text == once.text);
    CHECK(second.deployed(*again) == ""); // a restart
    CHECK(second.exported().text == once.text);
}

TEST_CASE("a policy that IAM refuses is refused with its resource", "[stack][deploy]") {
    Bench bench;
    Stack lab = lab_stack();
    lab.roles.at(0).policies.at(0).document = R"({"Version":"2012-10-17"})";
    CHECK(bench.deployed(lab).find("resource WebRole (AWS::IAM::Role): ") != std::string::npos);
}

TEST_CASE("a function whose role Lambda may not assume is refused", "[stack][deploy]") {
    Bench bench;
    Stack lab = lab_stack();
    lab.roles.at(1).trust_policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
    CHECK(
        bench.deployed(lab).find("resource Worker (AWS::Lambda::Function): The role defined for "
                                 "the function cannot be assumed by Lambda.") != std::string::npos
    );
}

TEST_CASE("what a template cannot hold is told", "[stack][export]") {
    Bench bench;
    REQUIRE(bench.deployed(lab_stack()).empty());
    bench.write([&](store::WriteTx& tx) {
        tx.set_bucket_setting(tx.find_bucket(kLabBucket)->id, "website", "<x/>");
        auto version = *tx.find_function(kLabAccount, kLabRegion, kWebFunction);
        version.version = "1";
        tx.put_function(version);
        return true;
    });
    const auto notes = bench.exported().notes;
    REQUIRE(notes.size() == 2);
    CHECK(notes[0] == "The versions and aliases of the function web-presign-lambda.");
    CHECK(notes[1] == "The website configuration of the bucket student-upload-bucket-aj.");
}

TEST_CASE("a refused part leaves nothing of the stack behind", "[stack][deploy]") {
    Bench bench;
    const std::string refused = bench.deployed(read("Resources:\n"
                                                    "  A:\n"
                                                    "    Type: AWS::S3::Bucket\n"
                                                    "    Properties: {BucketName: good-bucket}\n"
                                                    "  B:\n"
                                                    "    Type: AWS::S3::Bucket\n"
                                                    "    DependsOn: A\n"
                                                    "    Properties: {BucketName: Bad_Bucket}\n"));
    CHECK(refused == "line 6: resource B (AWS::S3::Bucket): The specified bucket is not valid.");
    bench.store->read([](const store::ReadTx& tx) {
        CHECK_FALSE(tx.find_bucket("good-bucket").has_value());
        CHECK_FALSE(tx.find_user(kLabAccount, kAdministratorName).has_value());
    });
}

TEST_CASE("a trigger without its permission is refused as S3 refuses it", "[stack][deploy]") {
    Bench bench;
    Stack lab = lab_stack();
    std::erase_if(lab.permissions, [](const auto& one) { return one.statement_id == "s3"; });
    const std::string refused = bench.deployed(lab);
    CHECK(
        refused.find("resource Bucket (AWS::S3::Bucket): Unable to validate the following "
                     "destination configurations") != std::string::npos
    );
}
