// A Benchtop for tests in Node.js 18 or newer; works with node:test and needs nothing else.
//
//     const benchtop = await startBenchtop();
//     const { uploadUrl } = await benchtop.presign();
//     await benchtop.clock.advance("301s");
//     const late = await benchtop.put(uploadUrl, "late"); // 403 Request has expired
//     await benchtop.stop();
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const START_MS = 20_000;
const STOP_MS = 20_000;
const TOLD = ["BENCHTOP_PORT", "BENCHTOP_API_PORT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"];
// Ends with its standard input: no instance outlives this process, however it ends.
const COMMAND = ["sh", "-c", `printf "%s\\n" ${TOLD.map((name) => `"$${name}"`).join(" ")}; exec cat >/dev/null`];

/** The program of BENCHTOP_BIN, the one on PATH, or the one built in the tree around this file. */
export function findBinary() {
  if (process.env.BENCHTOP_BIN) {
    return process.env.BENCHTOP_BIN;
  }
  const built = fileURLToPath(new URL("../../build/release/emulator/benchtop", import.meta.url));
  const onPath = (process.env.PATH ?? "").split(delimiter).map((directory) => join(directory, "benchtop"));
  return [...onPath, built].find((path) => existsSync(path)) ?? "benchtop";
}

/**
 * Starts an instance on free ports.
 * options.binary   the program (default: findBinary())
 * options.stack    a SAM or CloudFormation file to deploy instead of the lab
 * options.options  more options of `benchtop exec`
 */
export async function startBenchtop({ binary = findBinary(), stack = null, options = [] } = {}) {
  const given = [...options, ...(stack ? ["--stack", stack] : [])];
  const child = spawn(binary, ["exec", "--endpoint", ...given, "--", ...COMMAND], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true, // ^C is for the tests, which then end it
  });
  const process = { child, log: "", ended: null };
  process.ended = new Promise((resolve) => {
    child.once("error", (why) => resolve(why.message));
    child.once("close", (status, signal) => resolve(`it ended with ${signal ?? status}`));
  });
  child.stdin.on("error", () => {}); // it has ended
  child.stderr.on("data", (bytes) => (process.log = (process.log + bytes).slice(-64 * 1024)));
  const lines = await firstLines(child, process.ended, TOLD.length);
  if (lines.length !== TOLD.length) {
    child.kill("SIGKILL");
    throw new Error(`${binary} does not start: ${await process.ended}\n${process.log}`);
  }
  // A test that forgets stop() ends all the same.
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) {
    handle.unref?.();
  }
  return new Benchtop(process, Object.fromEntries(TOLD.map((name, index) => [name, lines[index]])));
}

/** That many lines of its output, or fewer when it ends or takes too long. */
async function firstLines(child, ended, count) {
  let text = "";
  let timer;
  const complete = new Promise((resolve) => {
    child.stdout.on("data", (bytes) => {
      text += bytes;
      if (text.split("\n").length > count) {
        resolve();
      }
    });
    timer = setTimeout(resolve, START_MS);
  });
  await Promise.race([complete, ended]);
  clearTimeout(timer);
  return text.split("\n").slice(0, -1);
}

export class Benchtop {
  #process;

  constructor(process, told) {
    this.#process = process;
    this.port = Number(told.BENCHTOP_PORT);
    this.apiPort = Number(told.BENCHTOP_API_PORT);
    this.endpoint = `http://127.0.0.1:${this.port}`;
    /** The lab's HTTP API, without stage. */
    this.apiEndpoint = `http://127.0.0.1:${this.apiPort}`;
    this.region = told.AWS_REGION;
    const credentials = { accessKeyId: told.AWS_ACCESS_KEY_ID, secretAccessKey: told.AWS_SECRET_ACCESS_KEY };
    /** Configuration of the SDK's clients: new S3Client(benchtop.configuration). */
    this.configuration = { endpoint: this.endpoint, region: this.region, credentials };
    /** For process.env, or a child process's environment: code that makes its own clients finds this instance. */
    this.environment = {
      AWS_ACCESS_KEY_ID: told.AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY: told.AWS_SECRET_ACCESS_KEY,
      AWS_REGION: this.region,
      AWS_DEFAULT_REGION: this.region,
      AWS_ENDPOINT_URL: this.endpoint,
      BENCHTOP_ENDPOINT: this.endpoint,
      BENCHTOP_PORT: told.BENCHTOP_PORT,
      BENCHTOP_API_PORT: told.BENCHTOP_API_PORT,
    };
    this.clock = {
      /** { now, labTime, frozen, advancedSeconds, advances } */
      show: () => this.ask("GET", "/_benchtop/clock"),
      /** Ages everything made so far: "301s", "30d", or whole seconds. */
      advance: (by) => this.ask("POST", "/_benchtop/clock/advance", { by: typeof by === "number" ? `${by}s` : by }),
      /** Holds the clock until resume() or reset(). */
      freeze: () => this.ask("POST", "/_benchtop/clock/freeze"),
      resume: () => this.ask("POST", "/_benchtop/clock/resume"),
    };
  }

  async stop() {
    const { child, ended } = this.#process;
    child.ref();
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  /** What the process itself printed. */
  ownLog() {
    return this.#process.log;
  }

  /** A page of /_benchtop/: JSON in and out. */
  async ask(method, path, document) {
    const answer = await fetch(this.endpoint + path, {
      method,
      ...(method === "GET" ? {} : { body: JSON.stringify(document ?? {}), headers: { "Content-Type": "application/json" } }),
    });
    const text = await answer.text();
    if (!answer.ok) {
      let said = text;
      try {
        said = JSON.parse(text).message ?? text;
      } catch {
        // not JSON: the text is what there is
      }
      throw new Error(`${method} ${path}: ${said}`);
    }
    return JSON.parse(text);
  }

  /** What the lab's POST /presign gives: { uploadUrl, s3Key }. */
  async presign(path = "/prod/presign") {
    const answer = await fetch(this.apiEndpoint + path, { method: "POST" });
    if (answer.status !== 200) {
      throw new Error(`POST ${path} is answered ${answer.status}: ${await answer.text()}`);
    }
    return answer.json();
  }

  /** PUT to a presigned URL: { status, headers, text }. */
  async put(url, body, headers = {}) {
    const answer = await fetch(url, { method: "PUT", body, headers });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  /** As after startBenchtop(): an empty store, the stack deployed, the clock let go. */
  reset() {
    return this.ask("POST", "/_benchtop/reset");
  }

  /** Resolves when no delivery is due or under way. retries: "wait" for those due later, "ignore" them, or "advance"
   *  the clock to each. */
  settle({ timeout = "30s", retries = "wait" } = {}) {
    return this.ask("POST", "/_benchtop/settle", { timeout, retries });
  }

  /** Ids, keys and the jitter of retries come from this seed from now on; null: from the machine again. */
  seed(seed) {
    return this.ask("POST", "/_benchtop/seed", { seed });
  }

  /** Lets something go wrong from now on, as `benchtop faults add`: fault({ kind: "lost-answer", operation: "CopyObject", nth: 1 }). */
  fault(rule) {
    return this.ask("POST", "/_benchtop/faults", rule);
  }

  /** The rules, with how many requests or events each has `seen` and how often it `fired`. */
  async faults() {
    return (await this.ask("GET", "/_benchtop/faults")).rules;
  }

  clearFaults() {
    return this.ask("DELETE", "/_benchtop/faults");
  }

  /** Keeps all the store has now under this name; it outlives reset(): set up once, restore() often. */
  snapshot(name) {
    return this.ask("PUT", `/_benchtop/snapshots/${encodeURIComponent(name)}`);
  }

  /** Instead of all the store has, what it had at that snapshot(). */
  restore(name) {
    return this.ask("POST", `/_benchtop/snapshots/${encodeURIComponent(name)}/restore`);
  }

  /** Object events and what became of them, newest first; filters are bucket, key and limit. */
  deliveries(filters) {
    return this.#list("deliveries", filters);
  }

  /** Completed invocations, newest first; filters are function, status, requestId and limit. */
  invocations(filters) {
    return this.#list("invocations", filters);
  }

  /** Requests lately, newest first; filters are method, service, operation, status, code, requestId and limit. */
  requests(filters) {
    return this.#list("requests", filters);
  }

  /** Requests that were refused, with cause and fix where they are known, newest first. */
  refusals(filters) {
    return this.#list("refusals", filters);
  }

  async #list(name, filters = {}) {
    return (await this.ask("GET", `/_benchtop/${name}?${new URLSearchParams({ limit: 1000, ...filters })}`))[name];
  }

  /** The function's log lines, oldest first. */
  async logs(name) {
    const lines = [];
    for (let after = 0; ; ) {
      const page = await this.ask("GET", `/_benchtop/logs/${encodeURIComponent(name)}?after=${after}`);
      if (page.lines.length === 0) {
        return lines;
      }
      lines.push(...page.lines.map((line) => line.text));
      after = page.last;
    }
  }
}
