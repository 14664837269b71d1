// Run by js_sdk_test.py: node js_control_cases.mjs PORT. The lab made by the SDK for JavaScript, with a Node.js function.
import assert from "node:assert/strict";
import zlib from "node:zlib";
import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { IAMClient, CreateRoleCommand, PutRolePolicyCommand, AttachRolePolicyCommand, GetRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  LambdaClient, CreateFunctionCommand, InvokeCommand, AddPermissionCommand, GetFunctionCommand, waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import {
  ApiGatewayV2Client, CreateApiCommand, CreateIntegrationCommand, CreateRouteCommand, CreateStageCommand, GetApisCommand,
} from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";

const [port] = process.argv.slice(2);
const options = { region: "us-east-2", endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1 };
const [sts, iam, lambda, apis, logs] =
  [STSClient, IAMClient, LambdaClient, ApiGatewayV2Client, CloudWatchLogsClient].map((Client) => new Client(options));

// An archive of one stored file.
function zipOf(name, text) {
  const data = Buffer.from(text), file = Buffer.from(name), crc = crc32(data);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0); local.writeUInt16LE(20, 4); local.writeUInt32LE(crc, 14);
  local.writeUInt32LE(data.length, 18); local.writeUInt32LE(data.length, 22); local.writeUInt16LE(file.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0); central.writeUInt16LE(0x0314, 4); central.writeUInt16LE(20, 6); central.writeUInt32LE(crc, 16);
  central.writeUInt32LE(data.length, 20); central.writeUInt32LE(data.length, 24); central.writeUInt16LE(file.length, 28);
  central.writeUInt32LE((0o100644 << 16) >>> 0, 38);
  const start = local.length + file.length + data.length;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0); end.writeUInt16LE(1, 8); end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + file.length, 12); end.writeUInt32LE(start, 16);
  return Buffer.concat([local, file, data, central, file, end]);
}
function crc32(data) {
  if (zlib.crc32) return zlib.crc32(data);
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let i = 0; i < 8; ++i) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (crc ^ 0xffffffff) >>> 0;
}
const refusal = async (promise) => {
  try { await promise; } catch (error) { return error; }
  throw new Error("the call succeeded");
};

const cases = [];
const test = (name, run) => cases.push([name, run]);
let Account;

test("who calls", async () => {
  ({ Account } = await sts.send(new GetCallerIdentityCommand({})));
  assert.equal(Account, "111122223333");
});
test("a role with an inline and a managed policy", async () => {
  const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }] };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "js-role", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  assert.deepEqual(JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument)), trust);
  const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] };
  await iam.send(new PutRolePolicyCommand({ RoleName: "js-role", PolicyName: "p", PolicyDocument: JSON.stringify(document) }));
  const read = await iam.send(new GetRolePolicyCommand({ RoleName: "js-role", PolicyName: "p" }));
  assert.deepEqual(JSON.parse(decodeURIComponent(read.PolicyDocument)), document);
  await iam.send(new AttachRolePolicyCommand({
    RoleName: "js-role", PolicyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" }));
});
test("a function in Node.js, invoked and logged", async () => {
  await lambda.send(new CreateFunctionCommand({
    FunctionName: "js", Runtime: "nodejs20.x", Handler: "index.handler", Role: `arn:aws:iam::${Account}:role/js-role`, Timeout: 10,
    Code: { ZipFile: zipOf("index.js", "exports.handler = async (e) => { console.log('seen'); return { statusCode: 200, body: e.requestContext ? 'by the API' : 'by hand' }; };") },
  }));
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 20, minDelay: 1 }, { FunctionName: "js" });
  const answer = await lambda.send(new InvokeCommand({ FunctionName: "js", Payload: "{}" }));
  assert.equal(JSON.parse(Buffer.from(answer.Payload).toString()).body, "by hand");
  for (let tries = 0; ; ++tries) {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/js", filterPattern: "seen" }))
      .catch(() => ({}));
    if (events.length) break;
    assert.ok(tries < 200, "the role may write logs: the line is there");
  }
});
test("an API in front of it", async () => {
  const { ApiId } = await apis.send(new CreateApiCommand({ Name: "js", ProtocolType: "HTTP" }));
  const { IntegrationId } = await apis.send(new CreateIntegrationCommand({
    ApiId, IntegrationType: "AWS_PROXY", IntegrationUri: `arn:aws:lambda:us-east-2:${Account}:function:js`, PayloadFormatVersion: "2.0" }));
  await apis.send(new CreateRouteCommand({ ApiId, RouteKey: "POST /presign", Target: `integrations/${IntegrationId}` }));
  await apis.send(new CreateStageCommand({ ApiId, StageName: "prod", AutoDeploy: true }));
  const url = `http://127.0.0.1:${port}/_aws/execute-api/${ApiId}/prod/presign`;
  assert.deepEqual([(await fetch(url, { method: "POST" })).status], [500]);
  await lambda.send(new AddPermissionCommand({
    FunctionName: "js", StatementId: "api", Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com",
    SourceArn: `arn:aws:execute-api:us-east-2:${Account}:${ApiId}/*/*/presign` }));
  const answer = await fetch(url, { method: "POST" });
  assert.deepEqual([answer.status, await answer.text()], [200, "by the API"]);
  assert.ok((await apis.send(new GetApisCommand({}))).Items.some((item) => item.ApiId === ApiId));
});
test("refusals come as the SDK's own exceptions", async () => {
  const missing = await refusal(lambda.send(new GetFunctionCommand({ FunctionName: "none" })));
  assert.equal(missing.name, "ResourceNotFoundException");
  assert.equal(missing.message, `Function not found: arn:aws:lambda:us-east-2:${Account}:function:none`);
  const exists = await refusal(iam.send(new CreateRoleCommand({ RoleName: "js-role", AssumeRolePolicyDocument: "{}" })));
  assert.ok(["MalformedPolicyDocumentException", "EntityAlreadyExistsException"].includes(exists.name), exists.name);
});

let failed = 0;
for (const [name, run] of cases) {
  try {
    await run();
  } catch (error) {
    ++failed;
    console.log(`FAILED ${name}: ${error.stack}`);
  }
}
console.log(`CASES ${cases.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
