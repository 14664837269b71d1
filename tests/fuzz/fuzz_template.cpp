// Templates come from anywhere: whatever they hold, reading them answers, and a tree written as
// YAML is read as the same tree.
#include "emulator/core/assert.hpp"
#include "emulator/stack/node.hpp"
#include "emulator/stack/template.hpp"
#include "emulator/stack/yaml_writer.hpp"

#include <boost/json/serialize.hpp>

#include <cstdint>

using namespace benchtop;
using namespace benchtop::stack;

extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        R"(Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.11, Environment: {Variables: {A: b}}}}
Parameters: {N: {Type: Number, Default: 3, MaxValue: 5}}
Resources:
  B:
    Type: AWS::S3::Bucket
    Metadata: {Benchtop: {Folders: [a/], NotificationIds: [x]}}
    Properties: {BucketName: !Sub 'b-${N}-${AWS::Region}', CorsConfiguration: {CorsRules: [{AllowedMethods: [GET], AllowedOrigins: ['*']}]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      InlineCode: |
        def handler(e, c):
          return 1
      Policies: [{S3ReadPolicy: {BucketName: !Ref B}}]
      Events:
        E: {Type: S3, Properties: {Bucket: !Ref B, Events: ['s3:ObjectCreated:*'], Filter: {S3Key: {Rules: [{Name: prefix, Value: a/}]}}}}
        H: {Type: HttpApi, Properties: {Path: '/a/{b+}', Method: post}}
)",
        R"({"Resources":{"A":{"Type":"AWS::ApiGatewayV2::Api","Properties":{"Name":"n","ProtocolType":"HTTP"}},)"
        R"("S":{"Type":"AWS::ApiGatewayV2::Stage","Properties":{"ApiId":{"Ref":"A"},"StageName":"p","AutoDeploy":true,)"
        R"("RouteSettings":{"GET /":{"ThrottlingRateLimit":1.5}}}}},)"
        R"("Outputs":{"O":{"Value":{"Fn::Join":["-",["a",{"Fn::GetAtt":["A","ApiEndpoint"]}]]}}}})",
        R"(Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 'sts:AssumeRole'}]}
      Policies: [{PolicyName: p, PolicyDocument: {Statement: []}}]
  P: {Type: AWS::Lambda::Permission, DependsOn: [R], Properties: {FunctionName: !GetAtt R.Arn, Action: a, Principal: "\x41\u00e4"}}
)",
        nullptr};
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    TemplateInput input;
    input.read_code = [](std::string_view) -> Result<std::string> { return std::string("PK"); };
    (void)read_template(text, input);
    if (const auto tree = parse_template_text(text)) {
        const auto again = parse_template_text(to_yaml(*tree));
        BT_ASSERT(again.has_value());
        BT_ASSERT(
            boost::json::serialize(to_json(*again)) == boost::json::serialize(to_json(*tree))
        );
    }
    return 0;
}
