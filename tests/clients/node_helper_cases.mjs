// What harness/node/benchtop.mjs promises beyond its example. node --test FILE, with BENCHTOP_BIN set.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

const helper = process.env.BENCHTOP_HELPER;
const { startBenchtop, findBinary } = await import(helper);

async function refusesConnections(endpoint) {
  for (const end = Date.now() + 20_000; Date.now() < end; await pause(20)) {
    if (await fetch(endpoint + "/_benchtop/health").then(() => false, () => true)) {
      return true;
    }
  }
  return false;
}

test("instances share nothing, and stop", async () => {
  const [one, other] = await Promise.all([startBenchtop(), startBenchtop()]);
  assert.notEqual(one.port, other.port);
  await one.clock.advance(60);
  assert.equal((await one.clock.show()).advancedSeconds, 60);
  assert.equal((await other.clock.show()).advancedSeconds, 0);
  await Promise.all([one.stop(), other.stop()]);
  assert.ok(await refusesConnections(one.endpoint));
});

test("controls", async () => {
  const benchtop = await startBenchtop();
  try {
    const { uploadUrl, s3Key } = await benchtop.presign();
    assert.equal((await benchtop.put(uploadUrl, "hello")).status, 200);
    assert.equal((await benchtop.settle({ retries: "advance" })).settled, true);
    const events = await benchtop.deliveries({ bucket: "student-upload-bucket-aj", key: s3Key });
    assert.deepEqual(events.filter(({ attempts }) => attempts > 0).map(({ lastResult }) => lastResult), ["ok"]);
    assert.equal((await benchtop.invocations({ function: "worker-move-lambda" })).length, 1);
    assert.ok((await benchtop.logs("worker-move-lambda")).length > 0);
    assert.equal((await benchtop.requests({ operation: "PutObject" }))[0].status, 200);
    assert.equal((await benchtop.clock.freeze()).frozen, true);
    await benchtop.clock.advance("301s");
    assert.equal((await benchtop.put(uploadUrl, "late")).status, 403);
    assert.equal((await benchtop.refusals()).length, 1);
    assert.equal((await benchtop.clock.resume()).frozen, false);
    await benchtop.snapshot("kept");
    await benchtop.reset();
    assert.equal((await benchtop.deliveries()).length, 0);
    await benchtop.restore("kept");
    assert.notEqual((await benchtop.deliveries()).length, 0);
    await benchtop.seed(7);
    await benchtop.fault({ kind: "throttle", operation: "GetObject" });
    assert.deepEqual((await benchtop.faults()).map(({ kind }) => kind), ["throttle"]);
    await benchtop.clearFaults();
    assert.deepEqual(await benchtop.faults(), []);
    await benchtop.reset();
    assert.deepEqual(await benchtop.deliveries(), []);
    await assert.rejects(benchtop.clock.advance("soon"), /\/_benchtop\/clock\/advance: ./);
  } finally {
    await benchtop.stop();
  }
});

test("a stack of one's own", async () => {
  const directory = await mkdtemp(join(tmpdir(), "benchtop-node."));
  const stack = join(directory, "template.yaml");
  await writeFile(stack, "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: mine-alone\n");
  const benchtop = await startBenchtop({ stack });
  try {
    assert.equal((await fetch(`${benchtop.endpoint}/mine-alone`)).status, 403);
    assert.equal((await fetch(`${benchtop.endpoint}/student-upload-bucket-aj`)).status, 404);
  } finally {
    await benchtop.stop();
    await rm(directory, { recursive: true });
  }
});

test("what is missing is said", async () => {
  await assert.rejects(startBenchtop({ binary: "/no/such/benchtop" }), /does not start: .*ENOENT/);
  await assert.rejects(startBenchtop({ stack: "/no/such/template.yaml" }), /does not start: it ended with 125\n.*template/);
  assert.equal(findBinary(), process.env.BENCHTOP_BIN);
});

test("nothing outlives the process that started it, and nothing keeps it alive", async () => {
  const start = `const benchtop = await (await import(${JSON.stringify(helper)})).startBenchtop();
console.log(benchtop.endpoint);`;
  for (const ending of ["", "process.kill(process.pid, 'SIGKILL');"]) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", start + ending], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.on("data", (bytes) => (printed += bytes));
    await once(child, "close");
    assert.equal(child.signalCode, ending ? "SIGKILL" : null);
    assert.match(printed, /^http:/);
    assert.ok(await refusesConnections(printed.trim()));
  }
});
