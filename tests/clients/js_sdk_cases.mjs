// Run by js_sdk_test.py: node js_sdk_cases.mjs PORT API_PORT
import assert from "node:assert/strict";
import dns from "node:dns";
import http from "node:http";
import { Readable } from "node:stream";
import {
  S3Client, CreateBucketCommand, PutObjectCommand, GetObjectCommand, HeadObjectCommand, CopyObjectCommand,
  ListObjectsV2Command, DeleteObjectsCommand, DeleteObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

// Younger tests than the rest: a machine that had the SDK already may lack these.
const { Upload } = await import("@aws-sdk/lib-storage").catch(() => ({}));
const { createPresignedPost } = await import("@aws-sdk/s3-presigned-post").catch(() => ({}));

const [port, apiPort] = process.argv.slice(2);
const region = "us-east-2";
const Bucket = "js-bucket";

// glibc does not resolve names below localhost: done here, for this process.
const lookup = dns.lookup;
dns.lookup = (host, options, done) =>
  host.endsWith(".localhost") ? lookup("127.0.0.1", options, done) : lookup(host, options, done);

const byAddress = new S3Client({ region, endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1 });
const byName = new S3Client({ region, endpoint: `http://localhost:${port}`, maxAttempts: 1 });

const cases = [];
const test = (name, run) => cases.push([name, run]);
const text = async (answer) => answer.Body.transformToString();
const refusal = async (promise) => {
  try { await promise; } catch (error) { return error; }
  throw new Error("the call succeeded");
};
const send = (method, url, body) => new Promise((resolve, reject) => {
  const request = http.request(url, { method, headers: body ? { "content-length": Buffer.byteLength(body) } : {} }, (answer) => {
    let all = "";
    answer.on("data", (part) => (all += part)).on("end", () => resolve({ status: answer.statusCode, body: all }));
  });
  request.on("error", reject).end(body);
});

const formTest = (name, run) =>
  createPresignedPost ? test(name, run) : console.log(`SKIPPED js-sdk ${name}: @aws-sdk/s3-presigned-post is not installed`);

test("a bucket is made", async () => {
  await byAddress.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }));
});
test("objects go and come by path and by virtual host", async () => {
  for (const client of [byAddress, byName]) {
    const put = await client.send(new PutObjectCommand({ Bucket, Key: "a b+c é.txt", Body: "hello", Metadata: { a: "b" } }));
    assert.equal(put.ETag, '"5d41402abc4b2a76b9719d911017c592"');
    assert.equal(put.ChecksumCRC32, "NhCmhg==");
    const got = await client.send(new GetObjectCommand({ Bucket, Key: "a b+c é.txt" }));
    assert.equal(await text(got), "hello");
    assert.deepEqual(got.Metadata, { a: "b" });
    assert.equal(got.ContentType, "application/octet-stream");
  }
});
test("a stream goes as aws-chunked", async () => {
  const bytes = Buffer.alloc(200000, "x");
  await byName.send(new PutObjectCommand({ Bucket, Key: "stream", Body: Readable.from([bytes]), ContentLength: bytes.length }));
  const head = await byName.send(new HeadObjectCommand({ Bucket, Key: "stream" }));
  assert.equal(head.ContentLength, bytes.length);
  assert.equal(head.ContentEncoding, undefined);
});
test("lib-storage uploads a stream of unknown length in parts", async () => {
  if (!Upload) {
    console.log("SKIPPED js-sdk-lib-storage: @aws-sdk/lib-storage is not installed (tests/clients/install)");
    return;
  }
  const piece = Buffer.alloc(1 << 20, "p");
  for (const client of [byAddress, byName]) {
    const upload = new Upload({
      client, queueSize: 3, partSize: 5 << 20,
      params: { Bucket, Key: "large", Body: Readable.from((function* () { for (let i = 0; i < 12; ++i) yield piece; })()) },
    });
    const done = await upload.done();
    assert.match(done.ETag, /-3"$/);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: "large", PartNumber: 1 }));
    assert.equal(head.PartsCount, 3);
    assert.equal(head.ContentLength, 5 << 20);
    const got = await client.send(new GetObjectCommand({ Bucket, Key: "large" }));
    assert.equal((await got.Body.transformToByteArray()).length, 12 << 20);
  }
});
test("presigned PUT and GET, with fetch", async () => {
  const put = await getSignedUrl(byAddress, new PutObjectCommand({ Bucket, Key: "signed.txt" }), { expiresIn: 300 });
  const stored = await fetch(put, { method: "PUT", body: "signed by js" });
  assert.equal(stored.status, 200, await stored.text());
  const get = await getSignedUrl(byAddress, new GetObjectCommand({ Bucket, Key: "signed.txt" }), { expiresIn: 300 });
  assert.equal(await (await fetch(get)).text(), "signed by js");
  assert.equal((await fetch(get.replace("signed.txt", "other.txt"))).status, 403);
});
test("presigned PUT to BUCKET.localhost", async () => {
  const put = await getSignedUrl(byName, new PutObjectCommand({ Bucket, Key: "virtual.txt", Metadata: { who: "js" } }));
  assert.match(put, new RegExp(`^http://${Bucket}\\.localhost:${port}/virtual\\.txt\\?`));
  assert.equal((await send("PUT", put, "x")).status, 200);
  const head = await byName.send(new HeadObjectCommand({ Bucket, Key: "virtual.txt" }));
  assert.deepEqual(head.Metadata, { who: "js" });
});
test("copies, lists and deletes", async () => {
  await byName.send(new CopyObjectCommand({ Bucket, Key: "copy.txt", CopySource: `${Bucket}/signed.txt` }));
  const listed = await byName.send(new ListObjectsV2Command({ Bucket, Prefix: "copy" }));
  assert.deepEqual(listed.Contents.map((object) => object.Key), ["copy.txt"]);
  const deleted = await byName.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "copy.txt" }, { Key: "stream" }] } }));
  assert.deepEqual(deleted.Deleted.map((object) => object.Key).sort(), ["copy.txt", "stream"]);
  await byName.send(new DeleteObjectCommand({ Bucket, Key: "virtual.txt" }));
});
test("errors carry AWS's names", async () => {
  assert.equal((await refusal(byName.send(new GetObjectCommand({ Bucket, Key: "none" })))).name, "NoSuchKey");
  assert.equal((await refusal(byName.send(new HeadObjectCommand({ Bucket, Key: "none" })))).name, "NotFound");
  const missing = await refusal(byAddress.send(new ListObjectsV2Command({ Bucket: "no-such-bucket-here" })));
  assert.equal(missing.name, "NoSuchBucket");
  const stranger = new S3Client({ region, endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1,
    credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" } });
  assert.equal((await refusal(stranger.send(new ListObjectsV2Command({ Bucket })))).name, "InvalidAccessKeyId");
});
formTest("a form made by createPresignedPost uploads with fetch and FormData", async () => {
  const { url, fields } = await createPresignedPost(byAddress, {
    Bucket, Key: "js/${filename}", Conditions: [["content-length-range", 1, 100]], Fields: { acl: "private" },
  });
  const upload = async (content) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", new Blob([content], { type: "text/plain" }), "é.txt");
    return fetch(url, { method: "POST", body: form });
  };
  const stored = await upload("from node");
  assert.equal(stored.status, 204);
  assert.equal(await text(await byAddress.send(new GetObjectCommand({ Bucket, Key: "js/é.txt" }))), "from node");
  const refused = await upload("x".repeat(101));
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /<Code>EntityTooLarge<\/Code>/);
});
test("the lab from a browser's point of view: fetch the URL, PUT the file", async () => {
  const answer = await fetch(`http://127.0.0.1:${apiPort}/prod/presign`, { method: "POST" });
  const { uploadUrl, s3Key } = await answer.json();
  assert.match(s3Key, /^uploads\/upload-[0-9a-f-]{36}\.txt$/);
  assert.equal((await fetch(uploadUrl, { method: "PUT", body: "from fetch" })).status, 200);
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
