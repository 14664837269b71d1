// Runs a Node.js handler on the Lambda Runtime API (Lambda Developer Guide, "Lambda runtime API",
// "Node.js handler", "Node.js context object", "Node.js logging"). Error documents and log lines have
// the form that Lambda's own Node runtime gives them.
import http from "node:http";
import fs from "node:fs";
import path from "node:path";
import util from "node:util";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const root = process.env.LAMBDA_TASK_ROOT;
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const shown = (text) =>
  String(text).replaceAll(root, "/var/task").replaceAll(process.env.LAMBDA_RUNTIME_DIR, "/var/runtime");

function request(method, where, body = "", headers = {}) {
  return new Promise((resolve, reject) => {
    const sent = http.request(
      {
        agent, host, port, method,
        path: `/2018-06-01/runtime/${where}`,
        headers: { ...headers, "Content-Length": Buffer.byteLength(body) },
      },
      (answer) => {
        const pieces = [];
        answer.on("data", (piece) => pieces.push(piece));
        answer.on("end", () => resolve({ headers: answer.headers, body: Buffer.concat(pieces).toString("utf8") }));
        answer.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

// --- output: the lines of one record are joined by \r until the log has them
let currentId;
const write = (text) => fs.writeSync(1, text.replace(/\n/g, "\r") + "\n");
for (const [name, level] of Object.entries({
  log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", debug: "DEBUG", trace: "TRACE",
})) {
  console[name] = (...args) => write(`${new Date().toISOString()}\t${currentId}\t${level}\t${util.format(...args)}`);
}

// --- errors
class RuntimeFault extends Error {
  constructor(name, message, stack) {
    super(message);
    this.name = name;
    this.stack = stack ?? `${name}: ${message}`;
  }
}

function documentOf(error) {
  if (error instanceof Error) {
    return {
      errorType: error.name,
      errorMessage: shown(error.message),
      trace: shown(error.stack ?? "").split("\n"),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function logError(what, error) {
  const { errorType, errorMessage, trace } = documentOf(error);
  const shownError = { errorType, errorMessage, ...(error instanceof Error ? copyOwn(error) : {}), stack: trace };
  write(`${new Date().toISOString()}\t${currentId}\tERROR\t${what} \t${JSON.stringify(shownError)}`);
}

function copyOwn(error) {
  const out = {};
  for (const [key, value] of Object.entries(error)) {
    if (!["name", "message", "stack"].includes(key)) out[key] = value;
  }
  return out;
}

// --- the handler
async function load(name) {
  const match = /^([^.]*)\.(.*)$/.exec(path.basename(name));
  if (!match || name.includes("..")) throw new RuntimeFault("Runtime.MalformedHandlerName", "Bad handler");
  const [, file, member] = match;
  const base = path.resolve(root, path.dirname(name), file);
  const require = createRequire(path.join(root, "index.js"));
  let module;
  try {
    const packaged = nearestType(path.dirname(base));
    if (fs.existsSync(base + ".mjs")) module = await import(pathToFileURL(base + ".mjs"));
    else if (fs.existsSync(base + ".js") && packaged === "module") module = await import(pathToFileURL(base + ".js"));
    else if (fs.existsSync(base + ".cjs")) module = require(base + ".cjs");
    else module = require(base);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new RuntimeFault("Runtime.UserCodeSyntaxError", `${error.name}: ${error.message}`, error.stack);
    }
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") {
      const text = error.message.replaceAll(base, file).replace(/Require stack:[^]*/, "Require stack:\n- /var/runtime/index.mjs");
      throw new RuntimeFault("Runtime.ImportModuleError", `Error: ${text}`);
    }
    throw error;
  }
  let handler = module;
  for (const part of member.split(".")) handler = handler?.[part] ?? handler?.default?.[part];
  if (!handler) throw new RuntimeFault("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof handler !== "function") throw new RuntimeFault("Runtime.HandlerNotFound", `${name} is not a function`);
  return handler;
}

function nearestType(directory) {
  for (let at = directory; at.startsWith(root); at = path.dirname(at)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(at, "package.json"), "utf8")).type;
    } catch {
      // none here, or not one
    }
  }
  return undefined;
}

function contextOf(headers, finish) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const json = (name) => (headers[name] ? JSON.parse(Buffer.from(headers[name], "latin1").toString("utf8")) : undefined);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: json("lambda-runtime-client-context"),
    identity: json("lambda-runtime-cognito-identity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId: headers["lambda-runtime-aws-tenant-id"],
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    done: (error, result) => finish(error, result),
    succeed: (result) => finish(null, result),
    fail: (error) => finish(error ?? "handled"),
  };
}

// What a handler returns counts when it is a promise; otherwise the event is over when it calls back
// or when nothing is left to wait for.
let nothingLeft = () => {};
process.on("beforeExit", () => nothingLeft());

function run(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const finish = (error, result) => (error === undefined || error === null ? resolve(result) : reject(error));
    nothingLeft = () => resolve(null);
    const given = handler(event, contextOf(headers, finish), finish);
    if (given && typeof given.then === "function") given.then(resolve, reject);
  });
}

async function post(where, error) {
  const body = JSON.stringify(documentOf(error));
  await request("POST", where, body, {
    "Content-Type": "application/json",
    "Lambda-Runtime-Function-Error-Type": documentOf(error).errorType,
  });
}

let handler;
try {
  handler = await load(process.env._HANDLER ?? "");
} catch (error) {
  logError("Uncaught Exception", error);
  await post("init/error", error);
  process.exit(1);
}

process.on("uncaughtException", async (error) => {
  logError("Uncaught Exception", error);
  if (currentId) await post(`invocation/${currentId}/error`, error).catch(() => {});
  process.exit(129);
});
process.on("unhandledRejection", async (reason) => {
  const error = new RuntimeFault("Runtime.UnhandledPromiseRejection", String(reason));
  logError("Unhandled Promise Rejection", error);
  if (currentId) await post(`invocation/${currentId}/error`, error).catch(() => {});
  process.exit(128);
});

for (;;) {
  let next;
  try {
    next = await request("GET", "invocation/next");
  } catch {
    process.exit(0); // the environment is gone, and we with it
  }
  currentId = next.headers["lambda-runtime-aws-request-id"];
  if (next.headers["lambda-runtime-trace-id"]) process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"];
  else delete process.env._X_AMZN_TRACE_ID;
  try {
    const result = await run(handler, JSON.parse(next.body), next.headers);
    await request("POST", `invocation/${currentId}/response`, JSON.stringify(result === undefined ? null : result), {
      "Content-Type": "application/json",
    });
  } catch (error) {
    logError("Invoke Error", error);
    await post(`invocation/${currentId}/error`, error);
  }
}
