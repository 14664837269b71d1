#include "emulator/cli/handout_text.hpp"

#include "emulator/cli/handlers_text.hpp"
#include "emulator/stack/constants.hpp"

#include <fmt/format.h>

namespace benchtop::cli {
namespace {

constexpr std::string_view kText =
    R"text(# The lab on this machine, part by part. `benchtop up --empty` runs in another terminal.
# `benchtop handout check` says how far you are.

# Part 0: who am I? From here on this shell takes Benchtop for AWS.
{environment}
aws sts get-caller-identity

# Part 1: a bucket with two folders.
BUCKET={bucket}
REGION={region}
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
aws s3api create-bucket --bucket $BUCKET --region $REGION --create-bucket-configuration LocationConstraint=$REGION
aws s3api put-object --bucket $BUCKET --key uploads/
aws s3api put-object --bucket $BUCKET --key processed/

# Part 2: the web function. Its role may put objects below uploads/, and nothing else.
cat > trust.json <<'EOF'
{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"Service": "lambda.amazonaws.com"}}, "Action": "sts:AssumeRole"}}]}}
EOF
aws iam create-role --role-name {web_role} --assume-role-policy-document file://trust.json
cat > web-policy.json <<EOF
{{"Version": "2012-10-17", "Statement": [
  {{"Sid": "PutUploads", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::$BUCKET/uploads/*"}}]}}
EOF
aws iam put-role-policy --role-name {web_role} --policy-name put-uploads --policy-document file://web-policy.json
mkdir -p web
cat > web/lambda_function.py <<'EOF'
{web_code}EOF
(cd web && python3 -m zipfile -c ../web.zip lambda_function.py)
aws lambda create-function --function-name {web_function} --runtime python3.11 --handler lambda_function.lambda_handler \
    --role arn:aws:iam::$ACCOUNT:role/{web_role} --zip-file fileb://web.zip \
    --environment "Variables={{BUCKET_NAME=$BUCKET,UPLOAD_PREFIX=uploads/,EXPIRES_IN=300}}"

# Part 3: an HTTP API in front of it, and its permission to invoke.
API=$(aws apigatewayv2 create-api --name {api} --protocol-type HTTP --query ApiId --output text)
INTEGRATION=$(aws apigatewayv2 create-integration --api-id $API --integration-type AWS_PROXY \
    --integration-uri arn:aws:lambda:$REGION:$ACCOUNT:function:{web_function} --payload-format-version 2.0 \
    --query IntegrationId --output text)
aws apigatewayv2 create-route --api-id $API --route-key "POST /presign" --target integrations/$INTEGRATION
aws apigatewayv2 create-stage --api-id $API --stage-name {stage} --auto-deploy
aws lambda add-permission --function-name {web_function} --statement-id {api} --action lambda:InvokeFunction \
    --principal apigateway.amazonaws.com --source-arn "arn:aws:execute-api:$REGION:$ACCOUNT:$API/*/*/presign"

# Part 4: the worker. Its role may read and delete below uploads/ and write below processed/.
aws iam create-role --role-name {worker_role} --assume-role-policy-document file://trust.json
cat > worker-policy.json <<EOF
{{"Version": "2012-10-17", "Statement": [
  {{"Sid": "ReadUploads", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::$BUCKET/uploads/*"}},
  {{"Sid": "WriteProcessed", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::$BUCKET/processed/*"}},
  {{"Sid": "DeleteUploads", "Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::$BUCKET/uploads/*"}}]}}
EOF
aws iam put-role-policy --role-name {worker_role} --policy-name move-uploads --policy-document file://worker-policy.json
mkdir -p worker
cat > worker/lambda_function.py <<'EOF'
{worker_code}EOF
(cd worker && python3 -m zipfile -c ../worker.zip lambda_function.py)
aws lambda create-function --function-name {worker_function} --runtime python3.11 --handler lambda_function.lambda_handler \
    --role arn:aws:iam::$ACCOUNT:role/{worker_role} --zip-file fileb://worker.zip \
    --environment "Variables={{PROCESSED_PREFIX=processed/}}"

# Part 5: the trigger.
aws lambda add-permission --function-name {worker_function} --statement-id s3 --action lambda:InvokeFunction \
    --principal s3.amazonaws.com --source-arn arn:aws:s3:::$BUCKET --source-account $ACCOUNT
cat > trigger.json <<EOF
{{"LambdaFunctionConfigurations": [{{"Id": "uploads-to-worker", "Events": ["s3:ObjectCreated:*"],
  "LambdaFunctionArn": "arn:aws:lambda:$REGION:$ACCOUNT:function:{worker_function}",
  "Filter": {{"Key": {{"FilterRules": [{{"Name": "prefix", "Value": "uploads/"}}]}}}}}}]}}
EOF
aws s3api put-bucket-notification-configuration --bucket $BUCKET --notification-configuration file://trigger.json

# Part 6: use it. The URL is good for five minutes; the whole of it, with everything behind the question mark.
curl -s -X POST {invoke}/{stage}/presign > presign.json
UPLOAD_URL=$(python3 -c 'import json; print(json.load(open("presign.json"))["uploadUrl"])')
curl -i -X PUT "$UPLOAD_URL" --data-binary "hello-$(date +%s)"
aws s3 ls s3://$BUCKET/processed/ --region $REGION | tail
)text";

} // namespace

std::string handout_text(const HandoutOptions& options) {
    const std::string port = options.port == 4566 ? "" : fmt::format(" --port {}", options.port);
    return fmt::format(
        kText,
        fmt::arg(
            "environment",
            fmt::format(
                "eval \"$({} env{}{})\"",
                options.program,
                options.endpoint ? " --endpoint" : "",
                port
            )
        ),
        fmt::arg(
            "bucket", options.bucket.empty() ? stack::kLabBucket : std::string_view(options.bucket)
        ),
        fmt::arg("region", stack::kLabRegion),
        fmt::arg("web_role", stack::kWebRole),
        fmt::arg("worker_role", stack::kWorkerRole),
        fmt::arg("web_function", stack::kWebFunction),
        fmt::arg("worker_function", stack::kWorkerFunction),
        fmt::arg("web_code", web_presign_python()),
        fmt::arg("worker_code", worker_move_python()),
        fmt::arg("api", stack::kLabApiName),
        fmt::arg("stage", stack::kLabStage),
        fmt::arg(
            "invoke",
            options.endpoint
                ? fmt::format("http://$API.execute-api.$REGION.localhost:{}", options.port)
                : std::string("https://$API.execute-api.$REGION.amazonaws.com")
        )
    );
}

} // namespace benchtop::cli
