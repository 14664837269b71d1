// node --test harness/examples/node/ (the AWS SDK: npm install @aws-sdk/client-s3)
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";

import { startBenchtop } from "../../node/benchtop.mjs"; // "benchtop-test" when it is installed

const Bucket = "student-upload-bucket-aj";

let benchtop;
let s3;
before(async () => {
  benchtop = await startBenchtop();
  Object.assign(process.env, benchtop.environment);
  s3 = new S3Client(); // as the code under test makes it: the environment leads it to Benchtop
});
beforeEach(() => benchtop.reset());
after(() => benchtop.stop());

test("an upload is moved to processed/", async () => {
  const { uploadUrl, s3Key } = await benchtop.presign();
  assert.equal((await benchtop.put(uploadUrl, "hello")).status, 200);
  await benchtop.settle();
  const moved = await s3.send(new GetObjectCommand({ Bucket, Key: s3Key.replace("uploads/", "processed/") }));
  assert.equal(await moved.Body.transformToString(), "hello");
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: s3Key })), { name: "NotFound" });
});

test("a presigned URL expires after five minutes", async () => {
  const { uploadUrl } = await benchtop.presign();
  await benchtop.clock.advance("301s");
  const late = await benchtop.put(uploadUrl, "late");
  assert.equal(late.status, 403);
  assert.match(late.text, /Request has expired/);
});

test("a test sees nothing of another", async () => {
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
  assert.ok(Contents.every(({ Key }) => Key.endsWith("/")), "only the lab's folders");
  assert.deepEqual(await benchtop.deliveries(), []);
});
