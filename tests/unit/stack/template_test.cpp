#include "emulator/archive/zip.hpp"
#include "emulator/stack/template.hpp"
#include "emulator/stack/zip_writer.hpp"
#include "tests/catch.hpp"

#include <algorithm>

using namespace benchtop;
using namespace benchtop::stack;

namespace {

Stack read(std::string_view text, TemplateInput input = {}) {
    auto stack = read_template(text, input);
    INFO((stack ? std::string() : stack.error().message()));
    REQUIRE(stack.has_value());
    return *std::move(stack);
}

std::string refusal(std::string_view text, TemplateInput input = {}) {
    const auto stack = read_template(text, input);
    REQUIRE(stack.has_error());
    CHECK(stack.error().status() == 400);
    return stack.error().message();
}

// A template of buckets and outputs, whose values are what a test is about.
std::string outputs(std::string_view value) {
    return "Parameters:\n"
           "  Name:\n"
           "    Type: String\n"
           "    Default: some-bucket\n"
           "Resources:\n"
           "  Bucket:\n"
           "    Type: AWS::S3::Bucket\n"
           "    Properties:\n"
           "      BucketName: !Ref Name\n"
           "Outputs:\n"
           "  Out:\n"
           "    Value: " +
           std::string(value) + "\n";
}

std::string value_of(std::string_view value) {
    return read(outputs(value)).outputs.at(0).value;
}

bool holds(std::string_view text, std::string_view part) {
    INFO(text);
    INFO(part);
    return text.find(part) != std::string_view::npos;
}

} // namespace

TEST_CASE("functions are evaluated in their short and long forms", "[stack][template]") {
    CHECK(value_of("!Ref Name") == "some-bucket");
    CHECK(value_of("{Ref: Bucket}") == "some-bucket");
    CHECK(value_of("!GetAtt Bucket.Arn") == "arn:aws:s3:::some-bucket");
    CHECK(value_of("{\"Fn::GetAtt\": [Bucket, Arn]}") == "arn:aws:s3:::some-bucket");
    CHECK(value_of("{\"Fn::GetAtt\": Bucket.DomainName}") == "some-bucket.s3.amazonaws.com");
    CHECK(
        value_of("!Sub ${Name}/${Bucket.Arn}/${!Name}") ==
        "some-bucket/arn:aws:s3:::some-bucket/${Name}"
    );
    CHECK(value_of("!Sub [\"${A}-${Name}\", {A: !Ref AWS::Region}]") == "us-east-2-some-bucket");
    CHECK(
        value_of("!Join [':', [a, !Ref Name, !Sub 'x${AWS::AccountId}']]") ==
        "a:some-bucket:x111122223333"
    );
    CHECK(
        value_of("!Sub '${AWS::Partition} ${AWS::StackName} ${AWS::URLSuffix}'") ==
        "aws lab amazonaws.com"
    );
    CHECK(value_of("!Sub a-$-{x}-${Name}") == "a-$-{x}-some-bucket");
    CHECK(value_of("yes") == "true"); // YAML 1.1
    CHECK(value_of("'yes'") == "yes");
    CHECK(value_of("012345678901") == "012345678901");
}

TEST_CASE("a template in JSON is the same template", "[stack][template]") {
    const Stack stack = read(R"({
	"Parameters": {"Name": {"Type": "String", "Default": "some\u002dbucket"}},
	"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "Name"},
		"VersioningConfiguration": {"Status": "Enabled"}}}},
	"Outputs": {"Out": {"Value": {"Fn::Join": ["\/", ["a", {"Fn::GetAtt": ["Bucket", "Arn"]}]]}}}
})");
    CHECK(stack.buckets.at(0).name == "some-bucket");
    CHECK(stack.buckets.at(0).versioning == "Enabled");
    CHECK(stack.outputs.at(0).value == "a/arn:aws:s3:::some-bucket");
    CHECK(
        read(R"({"Resources": {"B": {"Type": "AWS::S3::Bucket"}},
                   "Outputs": {"O": {"Value": "\ud83d\ude00 \\ud83d\u00e4"}}})")
            .outputs.at(0)
            .value == "\xf0\x9f\x98\x80 \\ud83d\xc3\xa4"
    );
}

TEST_CASE("what Benchtop does not evaluate is refused with its line", "[stack][template]") {
    CHECK(holds(refusal(outputs("!If [A, b, c]")), "line 12: output Out: Benchtop evaluates Ref"));
    CHECK(holds(refusal(outputs("!ImportValue x")), "not Fn::ImportValue"));
    CHECK(holds(refusal(outputs("!Ref Nobody")), "line 12: output Out: There is no parameter"));
    CHECK(holds(refusal(outputs("!Ref AWS::NoValue")), "no pseudo parameter AWS::NoValue"));
    CHECK(holds(refusal(outputs("!GetAtt Bucket.WebsiteURL")), "no attribute WebsiteURL"));
    CHECK(holds(refusal(outputs("!GetAtt Nobody.Arn")), "There is no resource Nobody"));
    CHECK(holds(refusal(outputs("!Sub ${Name")), "has no }"));
    CHECK(holds(refusal(outputs("!Join [a]")), "Fn::Join takes"));
    CHECK(holds(refusal(outputs("{Ref: Name, b: c, 'Fn::Sub': x}")), "stands alone"));
    CHECK(holds(refusal(outputs("[a, b]")), "property Value: this must be a text"));
    CHECK(holds(refusal(outputs("!Condition x")), "no conditions"));
    CHECK(holds(
        refusal("Resources: {A: {Type: AWS::SQS::Queue}}"),
        "line 1: resource A: Benchtop does not build the type AWS::SQS::Queue."
    ));
    CHECK(holds(refusal("Mappings: {A: {b: {c: d}}}\nResources: {}"), "section Mappings"));
    CHECK(holds(refusal("Conditions:\n  A: !Equals [a, b]\nResources: {}"), "section Conditions"));
    CHECK(holds(
        refusal("Resources: {A: {Type: AWS::S3::Bucket, Condition: B}}"), "attribute Condition"
    ));
    CHECK(holds(refusal("Resources: {}"), "has no Resources"));
    CHECK(holds(
        refusal("Transform: AWS::Include\nResources: {A: {Type: AWS::S3::Bucket}}"),
        "only transform"
    ));
    CHECK(holds(refusal("AWSTemplateFormatVersion: '2011-01-01'\nResources: {}"), "2010-09-09"));
    CHECK(holds(refusal("- a\n"), "a map"));
    CHECK(holds(refusal(""), "a map"));
}

TEST_CASE("an unknown property is named with its line and resource", "[stack][template]") {
    CHECK(
        refusal("Resources:\n"
                "  Bucket:\n"
                "    Type: AWS::S3::Bucket\n"
                "    Properties:\n"
                "      AccelerateConfiguration:\n"
                "        AccelerationStatus: Enabled\n") ==
        "line 6: resource Bucket, property AccelerateConfiguration: Benchtop does not take this "
        "property."
    );
    CHECK(holds(
        refusal("Resources:\n"
                "  Bucket:\n"
                "    Type: AWS::S3::Bucket\n"
                "    Properties:\n"
                "      NotificationConfiguration:\n"
                "        TopicConfigurations: []\n"),
        "line 6: resource Bucket, property NotificationConfiguration.TopicConfigurations"
    ));
    CHECK(holds(
        refusal("Resources:\n"
                "  F:\n"
                "    Type: AWS::Lambda::Function\n"
                "    Properties: {Role: r, Handler: h, Runtime: python3.11, Timeout: soon,\n"
                "      Code: {ZipFile: x}}\n"),
        "line 4: resource F, property Timeout: this must be an integer, not soon."
    ));
    CHECK(holds(
        refusal("Resources:\n"
                "  F:\n"
                "    Type: AWS::Lambda::Function\n"
                "    Properties: {Handler: h, Runtime: python3.11, Code: {ZipFile: x}}\n"),
        "resource F, property Role: this is missing."
    ));
}

TEST_CASE("parameters have defaults, values and limits", "[stack][template]") {
    const std::string text = "Parameters:\n"
                             "  Name:\n"
                             "    Type: String\n"
                             "    AllowedValues: [aaa, bbb]\n"
                             "  Count:\n"
                             "    Type: Number\n"
                             "    Default: 3\n"
                             "    MaxValue: 5\n"
                             "Resources: {B: {Type: AWS::S3::Bucket}}\n"
                             "Outputs: {Out: {Value: !Sub '${Name}${Count}'}}\n";
    TemplateInput input;
    CHECK(holds(refusal(text, input), "line 3: The parameter Name has no Default"));
    input.parameters = {{"Name", "bbb"}};
    CHECK(read(text, input).outputs.at(0).value == "bbb3");
    input.parameters = {{"Name", "ccc"}};
    CHECK(holds(refusal(text, input), "not among AllowedValues"));
    input.parameters = {{"Name", "aaa"}, {"Count", "6"}};
    CHECK(holds(refusal(text, input), "outside MinValue and MaxValue"));
    input.parameters = {{"Name", "aaa"}, {"Count", "many"}};
    CHECK(holds(refusal(text, input), "no integer"));
    input.parameters = {{"Name", "aaa"}, {"Other", "x"}};
    CHECK(holds(refusal(text, input), "no parameter Other"));
    CHECK(holds(
        refusal("Parameters: {A: {Type: 'List<String>', Default: a}}\nResources: {}"),
        "String and Number"
    ));
}

TEST_CASE(
    "names nobody gave are the same each time and other in another stack", "[stack][template]"
) {
    const std::string_view text = "Resources:\n"
                                  "  UploadBucket: {Type: AWS::S3::Bucket}\n"
                                  "  Second: {Type: AWS::S3::Bucket}\n";
    const Stack first = read(text);
    const std::string name = first.buckets.at(0).name;
    CHECK(name.starts_with("lab-uploadbucket-"));
    CHECK(name.size() == std::string_view("lab-uploadbucket-").size() + 12);
    CHECK(std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
    CHECK(read(text).buckets.at(0).name == name);
    CHECK(first.buckets.at(1).name != name);
    TemplateInput other;
    other.stack_name = "class-b";
    CHECK(read(text, other).buckets.at(0).name.starts_with("class-b-uploadbucket-"));
    other.stack_name = "no_good";
    CHECK(holds(refusal(text, other), "A stack's name"));
}

TEST_CASE("resources come after what they refer to, and circles are refused", "[stack][template]") {
    const Stack lab = lab_stack();
    const int bucket = lab.buckets.at(0).origin.order;
    for (const PermissionSpec& permission : lab.permissions) {
        CHECK((permission.function != "worker-move-lambda" || permission.origin.order < bucket));
    }
    CHECK(lab.roles.at(0).origin.order < lab.functions.at(0).origin.order);
    CHECK(holds(
        refusal("Resources:\n"
                "  A: {Type: AWS::S3::Bucket, DependsOn: B}\n"
                "  B: {Type: AWS::S3::Bucket, DependsOn: [C]}\n"
                "  C: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub 'x-${A}'}}\n"
                "  D: {Type: AWS::S3::Bucket}\n"),
        "Circular dependency between resources: [A, B, C]"
    ));
    CHECK(holds(
        refusal("Resources: {A: {Type: AWS::S3::Bucket, DependsOn: Nobody}}"),
        "DependsOn names Nobody"
    ));
}

TEST_CASE(
    "a SAM function becomes a function, its role, its route and its trigger", "[stack][template]"
) {
    const Stack stack = read(R"(
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.11
    Timeout: 10
    Environment: {Variables: {A: global, B: global}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: pictures}
  Move:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return event
      Environment: {Variables: {B: own}}
      Policies:
        - S3CrudPolicy: {BucketName: pictures}
        - AmazonS3FullAccess
        - Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]
      Events:
        Upload:
          Type: S3
          Properties:
            Bucket: !Ref Bucket
            Events: s3:ObjectCreated:*
            Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}, {Name: suffix, Value: .txt}]}}
        Call:
          Type: HttpApi
          Properties: {Path: '/files/{id}', Method: get}
)");
    const FunctionSpec& function = stack.functions.at(0);
    CHECK(function.runtime == "python3.11");
    CHECK(function.timeout_s == 10);
    CHECK(function.environment == NamedTexts{{"A", "global"}, {"B", "own"}});
    CHECK(function.name.starts_with("lab-Move-"));
    const auto code = archive::read_zip_entry(function.code.zip, "index.py", 1000);
    REQUIRE(code.has_value());
    CHECK(holds(*code, "return event"));
    const RoleSpec& role = stack.roles.at(0);
    CHECK(function.role_arn == "arn:aws:iam::111122223333:role/" + role.name);
    CHECK(role.name.starts_with("lab-MoveRole-"));
    CHECK(holds(role.trust_policy, "lambda.amazonaws.com"));
    CHECK(
        role.managed_policy_arns ==
        std::vector<std::string>{
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            "arn:aws:iam::aws:policy/AmazonS3FullAccess"}
    );
    REQUIRE(role.policies.size() == 2);
    CHECK(holds(role.policies[0].document, "arn:aws:s3:::pictures/*"));
    CHECK(holds(role.policies[0].document, "s3:DeleteObject"));
    REQUIRE(stack.buckets.at(0).triggers.size() == 1);
    const Trigger& trigger = stack.buckets[0].triggers[0];
    CHECK(trigger.prefix == "in/");
    CHECK(trigger.suffix == ".txt");
    CHECK(
        trigger.function_arn == "arn:aws:lambda:us-east-2:111122223333:function:" + function.name
    );
    REQUIRE(stack.permissions.size() == 2);
    const auto of_s3 =
        std::find_if(stack.permissions.begin(), stack.permissions.end(), [](const auto& one) {
            return one.principal == "s3.amazonaws.com";
        });
    REQUIRE(of_s3 != stack.permissions.end());
    CHECK(of_s3->source_account == "111122223333");
    CHECK(of_s3->origin.order < stack.buckets[0].origin.order);
    const std::string api = stack.first_api();
    CHECK(api.size() == 10);
    std::string route;
    std::string integration;
    bool staged = false;
    for (const ApiPartSpec& part : stack.api_parts) {
        CHECK(part.api_id == api);
        if (part.kind == ApiPartSpec::Kind::Route) {
            CHECK(part.settings.at("routeKey").as_string() == "GET /files/{id}");
            route = part.settings.at("target").as_string();
        } else if (part.kind == ApiPartSpec::Kind::Integration) {
            integration = "integrations/" + part.id;
        } else if (part.kind == ApiPartSpec::Kind::Stage) {
            staged = part.id == "$default" && part.settings.at("autoDeploy").as_bool();
        }
    }
    CHECK(route == integration);
    CHECK(staged);
    CHECK(std::any_of(stack.permissions.begin(), stack.permissions.end(), [&](const auto& one) {
        return one.source_arn ==
               "arn:aws:execute-api:us-east-2:111122223333:" + api + "/*/GET/files/*";
    }));
}

TEST_CASE("what of SAM is not built is refused", "[stack][template]") {
    const auto with = [](std::string_view properties) {
        return "Transform: AWS::Serverless-2016-10-31\n"
               "Resources:\n"
               "  F:\n"
               "    Type: AWS::Serverless::Function\n"
               "    Properties:\n"
               "      Runtime: nodejs20.x\n"
               "      Handler: index.handler\n" +
               std::string(properties);
    };
    const std::string code = "      InlineCode: x\n";
    CHECK(holds(refusal(with(code + "      Layers: [a]\n")), "line 9: resource F, property Layers")
    );
    CHECK(holds(
        refusal(with(code + "      Events: {A: {Type: Schedule}}\n")),
        "property Events.A: Benchtop builds the event types HttpApi and S3, not Schedule"
    ));
    CHECK(holds(
        refusal(with(code + "      Policies: [{SQSPollerPolicy: {QueueName: q}}]\n")),
        "property Policies"
    ));
    CHECK(holds(refusal(with("")), "property Code: this is missing"));
    CHECK(holds(refusal(with("      CodeUri: src\n")), "no directory to read code from"));
    CHECK(holds(
        refusal(
            "Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: AWS::Serverless::Api}}"
        ),
        "does not build the type AWS::Serverless::Api"
    ));
    CHECK(holds(refusal("Resources: {A: {Type: AWS::Serverless::HttpApi}}"), "needs Transform"));
    // On AWS the API holds the function's ARN, so that the function cannot hold the API's address.
    CHECK(holds(
        refusal(with(
            code + "      Environment: {Variables: {URL: !Ref ServerlessHttpApi}}\n"
                   "      Events: {A: {Type: HttpApi}}\n"
        )),
        "Circular dependency"
    ));
}

TEST_CASE("hostile templates end early", "[stack][template]") {
    CHECK(holds(refusal("Resources:\n  A: &a [x, x]\n  B: *a\n"), "line 3: CloudFormation does not")
    );
    CHECK(holds(refusal("A: &a {b: c}\nResources:\n  <<: *a\n"), "merge key"));
    CHECK(holds(refusal("Resources:\n  A: 1\n  A: 2\n"), "line 3: The key A stands here twice."));
    CHECK(holds(refusal("Resources:\n  A: !!binary aGk=\n"), "!!binary"));
    CHECK(holds(refusal("? [a]\n: b\n"), "A key must be a text"));
    CHECK(holds(refusal("Resources: {A: b}\n---\nResources: {}\n"), "more than one"));
    CHECK(holds(refusal("Resources: \"\xff\""), "no UTF-8"));
    CHECK(holds(refusal("Resources: [\n"), "This is not YAML"));
    CHECK(holds(refusal(std::string(2'000'000, 'a')), "larger than 1 MB"));
    for (const std::string_view open : {"[", "{a: ", "- ", "!Sub [", "? "}) {
        std::string deep = "Resources: ";
        for (int i = 0; i < 100'000; ++i) {
            deep += open;
        }
        refusal(deep);
    }
    std::string wide = "Resources:\n";
    for (int i = 0; i < 60'000; ++i) {
        wide += "  - a\n";
    }
    CHECK(holds(refusal(wide), "more than 50000 values"));
    std::string keys = "Resources:\n";
    for (int i = 0; i < 2'000; ++i) {
        keys += "  A" + std::to_string(i) + ": b\n";
    }
    CHECK(holds(refusal(keys), "more than 1000 keys"));
    std::string events = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n"
                         "    Type: AWS::Serverless::Function\n    Properties:\n"
                         "      Runtime: python3.11\n      Handler: a.b\n      InlineCode: x\n"
                         "      Events:\n";
    for (int i = 0; i < 900; ++i) {
        events += "        E" + std::to_string(i) + ": {Type: HttpApi}\n";
    }
    CHECK(holds(refusal(events), "at most 500 resources"));
    // Each name is twice the one before.
    std::string doubling =
        "Resources:\n  A0: {Type: AWS::S3::Bucket, Properties: {BucketName: aaaaaaaaaa}}\n";
    for (int i = 1; i < 45; ++i) {
        const std::string before = "${A" + std::to_string(i - 1) + "}";
        doubling += "  A" + std::to_string(i) +
                    ": {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '" + before + before +
                    "'}}\n";
    }
    CHECK(holds(refusal(doubling), "8 MB"));
}

TEST_CASE("an archive of ours is read by who unpacks functions", "[stack][zip]") {
    ZipWriter zip;
    zip.add(
        "bootstrap",
        std::string(
            "\x7f"
            "ELF\0",
            5
        ),
        true
    );
    zip.add("lib/a.py", "print(1)\n");
    const std::string bytes = zip.finish();
    const auto summary = archive::inspect_zip(bytes);
    CHECK(summary.fault == archive::ZipFault::None);
    REQUIRE(summary.entries.size() == 2);
    CHECK(summary.entries[0].name == "bootstrap");
    CHECK((summary.entries[0].mode & 0777) == 0755);
    CHECK((summary.entries[1].mode & 0777) == 0644);
    CHECK(archive::read_zip_entry(bytes, "lib/a.py", 100) == "print(1)\n");
    CHECK(archive::inspect_zip(ZipWriter().finish()).fault == archive::ZipFault::Empty);
}
