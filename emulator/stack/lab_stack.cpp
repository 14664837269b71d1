#include "emulator/stack/stack.hpp"

#include <boost/json.hpp>

namespace benchtop::stack {
namespace {

namespace json = boost::json;

constexpr std::string_view kLambdaTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";

constexpr std::string_view kAdministratorPolicy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

// The lab's part 2.1.
constexpr std::string_view kWebPolicy = R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "AllowPutToUploadsPrefix",
      "Effect": "Allow",
      "Action": ["s3:PutObject"],
      "Resource": "arn:aws:s3:::BUCKET/uploads/*"
    }
  ]
})";

// The lab's part 4.1.
constexpr std::string_view kWorkerPolicy = R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ReadUploads",
      "Effect": "Allow",
      "Action": ["s3:GetObject"],
      "Resource": "arn:aws:s3:::BUCKET/uploads/*"
    },
    {
      "Sid": "WriteProcessed",
      "Effect": "Allow",
      "Action": ["s3:PutObject"],
      "Resource": "arn:aws:s3:::BUCKET/processed/*"
    },
    {
      "Sid": "DeleteUploads",
      "Effect": "Allow",
      "Action": ["s3:DeleteObject"],
      "Resource": "arn:aws:s3:::BUCKET/uploads/*"
    }
  ]
})";

std::string for_bucket(std::string_view policy, std::string_view bucket) {
    constexpr std::string_view placeholder = "BUCKET";
    std::string out(policy);
    for (auto at = out.find(placeholder); at != std::string::npos;
         at = out.find(placeholder, at + bucket.size())) {
        out.replace(at, placeholder.size(), bucket);
    }
    return out;
}

std::string function_arn(const LabNames& names, std::string_view function) {
    return "arn:aws:lambda:" + names.region + ":" + names.account +
           ":function:" + std::string(function);
}

FunctionSpec web_function(const LabNames& names) {
    FunctionSpec web;
    web.name = kWebFunction;
    web.role = kWebRole;
    web.runtime = "provided.al2023";
    web.handler = "bootstrap";
    web.plugin = "web_presign";
    web.environment = {
        {"BUCKET_NAME", names.bucket},
        {"UPLOAD_PREFIX", std::string(kUploadPrefix)},
        {"EXPIRES_IN", "300"}};
    // As the console writes it when the integration is attached: any stage, any method.
    web.permissions = {
        {"presign-upload-api",
         "apigateway.amazonaws.com",
         "arn:aws:execute-api:" + names.region + ":" + names.account + ":" + names.api_id +
             "/*/*/presign",
         ""}};
    return web;
}

FunctionSpec worker_function(const LabNames& names) {
    FunctionSpec worker;
    worker.name = kWorkerFunction;
    worker.role = kWorkerRole;
    worker.runtime = "provided.al2023";
    worker.handler = "bootstrap";
    worker.plugin = "worker_move";
    worker.environment = {{"PROCESSED_PREFIX", std::string(kProcessedPrefix)}};
    worker.permissions = {
        {"s3", "s3.amazonaws.com", "arn:aws:s3:::" + names.bucket, names.account}};
    return worker;
}

ApiSpec presign_api(const LabNames& names) {
    ApiSpec api;
    api.id = names.api_id;
    api.name = kLabApiName;
    apigateway::Integration integration;
    integration.id = "webfn01";
    integration.type = "AWS_PROXY";
    integration.uri = function_arn(names, kWebFunction);
    integration.payload_format_version = "2.0";
    api.model.current.integrations.push_back(integration);
    api.model.current.routes.push_back({"presign", "POST /presign", "integrations/webfn01"});
    apigateway::Stage prod;
    prod.name = kLabStage;
    prod.auto_deploy = true;
    api.model.stages.push_back(prod);
    apigateway::auto_deploy(api.model);
    return api;
}

} // namespace

Stack lab_stack(const LabNames& names) {
    Stack stack;
    stack.account = names.account;
    stack.region = names.region;
    stack.bucket = names.bucket;
    stack.folders = {std::string(kUploadPrefix), std::string(kProcessedPrefix)};
    stack.roles = {
        {std::string(kWebRole),
         std::string(kLambdaTrust),
         {{"lambda-web-presign-policy", for_bucket(kWebPolicy, names.bucket)}}},
        {std::string(kWorkerRole),
         std::string(kLambdaTrust),
         {{"lambda-worker-policy", for_bucket(kWorkerPolicy, names.bucket)}}}};
    stack.functions = {web_function(names), worker_function(names)};
    stack.api = presign_api(names);
    stack.trigger = {
        "uploads-to-worker",
        function_arn(names, kWorkerFunction),
        "s3:ObjectCreated:*",
        std::string(kUploadPrefix),
        ""};
    stack.administrator = {
        std::string(kAdministratorName),
        {{"administrator", std::string(kAdministratorPolicy)}},
        std::string(kAdministratorAccessKeyId),
        std::string(kAdministratorSecretKey)};
    return stack;
}

std::string resource_policy(std::string_view function_arn, const std::vector<Permission>& granted) {
    if (granted.empty()) {
        return {};
    }
    json::array statements;
    for (const auto& permission : granted) {
        json::object statement;
        statement["Sid"] = permission.statement_id;
        statement["Effect"] = "Allow";
        statement["Principal"] = json::object{{"Service", permission.service}};
        statement["Action"] = "lambda:InvokeFunction";
        statement["Resource"] = function_arn;
        json::object condition;
        if (!permission.source_account.empty()) {
            condition["StringEquals"] =
                json::object{{"AWS:SourceAccount", permission.source_account}};
        }
        if (!permission.source_arn.empty()) {
            condition["ArnLike"] = json::object{{"AWS:SourceArn", permission.source_arn}};
        }
        if (!condition.empty()) {
            statement["Condition"] = std::move(condition);
        }
        statements.push_back(std::move(statement));
    }
    return json::serialize(json::object{
        {"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", std::move(statements)}});
}

} // namespace benchtop::stack
