// Goal: a multipart upload becomes one object exactly as AWS makes it, and every error is AWS's.
// Recorded answers: localstack, test_s3.snapshot.json.
#include "tests/unit/s3/multipart_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

constexpr const char* kAbc = "900150983cd24fb0d6963f7d28e17f72"; // MD5 of "abc"

} // namespace

TEST_CASE("An upload is begun with the recorded document", "[s3][multipart]") {
    MultipartBench bench;
    const Answer answer = bench.send("POST", "/lab/uploads/big.bin?uploads");
    CHECK(answer.status == 200);
    const std::string id = element_of(answer.body, "UploadId");
    CHECK(id.size() == 128);
    CHECK(
        answer.body == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<InitiateMultipartUploadResult "
                       "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>lab</Bucket>"
                       "<Key>uploads/big.bin</Key><UploadId>" +
                           id + "</UploadId></InitiateMultipartUploadResult>"
    );
    CHECK(
        answer.headers == "x-amz-server-side-encryption: AES256\nContent-Type: application/xml\n"
    );
    CHECK(bench.begin("uploads/big.bin") != id);

    bench.authenticated.type = auth::AuthType::Anonymous;
    const Answer anonymous = bench.send("POST", "/lab/k?uploads");
    CHECK(anonymous.status == 403);
    CHECK(
        anonymous.message == "Anonymous users cannot initiate multipart uploads. Please "
                             "authenticate."
    );
}

TEST_CASE("Parts become one object, and nothing of the upload stays", "[s3][multipart]") {
    MultipartBench bench;
    const std::string key = "dir/a.bin";
    const std::string upload = bench.begin(key);
    const std::string one = bench.put_part(key, upload, 1, five_mib());
    const Answer answer = bench.part(key, upload, 2, "abc");
    CHECK(answer.status == 200);
    CHECK(
        answer.headers == "x-amz-server-side-encryption: AES256\nETag: \"" + std::string(kAbc) +
                              "\"\nx-amz-checksum-crc64nvme: BeXKuz/B+us=\n"
    );
    CHECK_FALSE(bench.object(key));

    const Answer complete = bench.complete(key, upload, {{1, '"' + one + '"'}, {2, kAbc}});
    REQUIRE(complete.status == 200);
    const auto object = bench.object(key);
    REQUIRE(object);
    const std::string digests = *from_hex(one) + *from_hex(kAbc);
    CHECK(object->etag == to_hex(md5(digests)) + "-2");
    CHECK(object->size == five_mib().size() + 3);
    CHECK(
        complete.body ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<CompleteMultipartUploadResult "
        "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Location>"
        "https://lab.s3.us-east-2.amazonaws.com/dir%2Fa.bin</Location><Bucket>lab</Bucket>"
        "<Key>dir/a.bin</Key><ETag>&quot;" +
            object->etag + "&quot;</ETag><ChecksumCRC64NVME>" + object->checksum +
            "</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>"
            "</CompleteMultipartUploadResult>"
    );
    CHECK(
        complete.headers == "x-amz-server-side-encryption: AES256\nContent-Type: application/xml\n"
    );
    CHECK(bench.send("GET", "/lab/" + key).body == five_mib() + "abc");
    CHECK(bench.send("GET", "/lab/" + key + "?uploadId=" + upload).code == "NoSuchUpload");

    REQUIRE(raised_events().size() == 1);
    const ObjectEvent& event = raised_events().front();
    CHECK(event.event_name == "ObjectCreated:CompleteMultipartUpload");
    CHECK(event.key == key);
    CHECK(event.size == object->size);
    CHECK(event.etag == object->etag);
}

TEST_CASE("What the object is, the initiate call said", "[s3][multipart]") {
    MultipartBench bench;
    const UtcInstant began = bench.now;
    const std::string id = bench.begin(
        "k",
        {{"Content-Type", "image/png"},
         {"Cache-Control", "no-cache"},
         {"x-amz-meta-course", "clouds"},
         {"x-amz-storage-class", "STANDARD_IA"},
         {"x-amz-tagging", "a=1&b=2"}}
    );
    const std::string etag = bench.put_part("k", id, 1, "abc");
    bench.now += seconds{100};
    REQUIRE(bench.complete("k", id, {{1, etag}}, {{"Content-Type", "text/xml"}}).status == 200);
    const auto object = bench.object("k");
    REQUIRE(object);
    CHECK(object->attributes.content_type == "image/png");
    CHECK(object->attributes.cache_control == "no-cache");
    CHECK(object->attributes.storage_class == "STANDARD_IA");
    CHECK(object->attributes.metadata.size() == 1);
    CHECK(object->attributes.tags.size() == 2);
    CHECK(object->last_modified == began);
    CHECK(
        bench.send("POST", "/lab/k?uploads", {{"x-amz-storage-class", "FAST"}}).code ==
        "InvalidStorageClass"
    );
}

TEST_CASE("A part uploaded again takes the place of the first", "[s3][multipart]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    const std::string wrong = bench.put_part("k", id, 1, "abd");
    const std::string right = bench.put_part("k", id, 1, "abc");
    CHECK(bench.complete("k", id, {{1, wrong}}).code == "InvalidPart");
    CHECK(bench.complete("k", id, {{1, right}}).status == 200);
    CHECK(bench.send("GET", "/lab/k").body == "abc");
}

TEST_CASE("Part numbers may have gaps, and unlisted parts are dropped", "[s3][multipart]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    const std::string a = bench.put_part("k", id, 3, five_mib());
    bench.put_part("k", id, 5, "dropped");
    const std::string b = bench.put_part("k", id, 10'000, "abc");
    REQUIRE(bench.complete("k", id, {{3, a}, {10'000, b}}).status == 200);
    CHECK(bench.send("GET", "/lab/k").body == five_mib() + "abc");
    const Answer second = bench.send("GET", "/lab/k?partNumber=2");
    CHECK(second.status == 206);
    CHECK(second.body == "abc");
}

TEST_CASE("What a part may not be", "[s3][multipart]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    for (const std::string number : {"0", "-1", "10001", "x", ""}) {
        const Answer answer =
            bench.send("PUT", MultipartBench::part_target("k", id, number), {}, "abc");
        CHECK(answer.status == 400);
        CHECK(answer.code == "InvalidArgument");
        CHECK(answer.message == "Part number must be an integer between 1 and 10000, inclusive");
        CHECK(answer.extra == "ArgumentName=partNumber;ArgumentValue=" + number + ";");
    }
    const Answer unknown = bench.part("k", "fakeid", 1, "abc");
    CHECK(unknown.status == 404);
    CHECK(unknown.code == "NoSuchUpload");
    CHECK(
        unknown.message == "The specified upload does not exist. The upload ID may be invalid, or "
                           "the upload may have been aborted or completed."
    );
    CHECK(unknown.extra == "UploadId=fakeid;");
    CHECK(bench.part("other", id, 1, "abc").code == "NoSuchUpload");
    bench.add_bucket("elsewhere");
    CHECK(
        bench.send("PUT", "/elsewhere/k?partNumber=1&uploadId=" + id, {}, "abc").code ==
        "NoSuchUpload"
    );

    const Answer digest =
        bench.part("k", id, 1, "abc", {{"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}});
    CHECK(digest.code == "BadDigest");
    CHECK(
        digest.extra ==
        "CalculatedDigest=kAFQmDzST7DWlj99KOF/cg==;ExpectedDigest=1B2M2Y8AsgTpgAmY7PhCfg==;"
    );
    for (const std::string header :
         {"x-amz-server-side-encryption", "x-amz-server-side-encryption-customer-algorithm"}) {
        CHECK(bench.part("k", id, 1, "abc", {{header, "AES256"}}).status == 400);
    }
    CHECK(bench.send("GET", "/lab/k?uploadId=" + id).body.find("<Part>") == std::string::npos);
}

TEST_CASE("What cannot be completed", "[s3][multipart]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    const std::string small = bench.put_part("k", id, 1, "test");
    const std::string last = bench.put_part("k", id, 2, "test");
    const std::string target = "/lab/k?uploadId=" + id;

    SECTION("no such upload") {
        CHECK(bench.complete("k", "fakeid", {{1, small}}).code == "NoSuchUpload");
        CHECK(bench.complete("other", id, {{1, small}}).code == "NoSuchUpload");
        CHECK(bench.send("POST", "/lab/k?uploadId=fakeid").code == "NoSuchUpload");
    }
    SECTION("no part") {
        const Answer answer = bench.send("POST", target);
        CHECK(answer.code == "InvalidRequest");
        CHECK(answer.message == "You must specify at least one part");
    }
    SECTION("not of the schema") {
        for (const std::string_view body :
             {"<CompleteMultipartUpload></CompleteMultipartUpload>",
              "<CompleteMultipartUpload>",
              "nonsense",
              "<Complete><Part><ETag>e</ETag><PartNumber>1</PartNumber></Part></Complete>",
              "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part>"
              "</CompleteMultipartUpload>",
              "<CompleteMultipartUpload><Part><ETag>e</ETag></Part></CompleteMultipartUpload>",
              "<CompleteMultipartUpload><Part><ETag>e</ETag><PartNumber>x</PartNumber></Part>"
              "</CompleteMultipartUpload>",
              "<CompleteMultipartUpload><Part><ETag>e</ETag><PartNumber>1</PartNumber><Size>1"
              "</Size></Part></CompleteMultipartUpload>"}) {
            CHECK(bench.send("POST", target, {}, body).code == "MalformedXML");
        }
        std::vector<Listed> many;
        for (int number = 1; number <= 10'001; ++number) {
            many.push_back({number, "e"});
        }
        CHECK(bench.complete("k", id, many).code == "MalformedXML");
        CHECK(bench.complete("k", id, {{0, "e"}}).code == "InvalidArgument");
    }
    SECTION("parts that are not there") {
        const Answer answer = bench.complete("k", id, {{1, small}, {7, small}});
        CHECK(answer.status == 400);
        CHECK(answer.code == "InvalidPart");
        CHECK(
            answer.message == "One or more of the specified parts could not be found.  The part "
                              "may not have been uploaded, or the specified entity tag may not "
                              "match the part's entity tag."
        );
        CHECK(answer.extra == "UploadId=" + id + ";PartNumber=7;ETag=" + small + ";");
        const Answer etag = bench.complete("k", id, {{1, "\"d41d8cd98f00b204e9800998ecf8427e\""}});
        CHECK(
            etag.extra == "UploadId=" + id + ";PartNumber=1;ETag=d41d8cd98f00b204e9800998ecf8427e;"
        );
        CHECK(
            bench.complete("k", id, {{1, ""}}).extra == "UploadId=" + id + ";PartNumber=1;ETag=;"
        );
    }
    SECTION("order") {
        for (const auto& parts :
             {std::vector<Listed>{{2, last}, {1, small}},
              std::vector<Listed>{{1, small}, {1, small}}}) {
            const Answer answer = bench.complete("k", id, parts);
            CHECK(answer.status == 400);
            CHECK(answer.code == "InvalidPartOrder");
            CHECK(
                answer.message == "The list of parts was not in ascending order. Parts must be "
                                  "ordered by part number."
            );
            CHECK(answer.extra == "UploadId=" + id + ";");
        }
    }
    SECTION("a part but the last below 5 MiB") {
        const Answer answer = bench.complete("k", id, {{1, small}, {2, last}});
        CHECK(answer.status == 400);
        CHECK(answer.code == "EntityTooSmall");
        CHECK(answer.message == "Your proposed upload is smaller than the minimum allowed size");
        CHECK(
            answer.extra == "ProposedSize=4;MinSizeAllowed=5242880;PartNumber=1;ETag=" + small + ";"
        );
    }
    SECTION("another size than announced") {
        const Answer answer =
            bench.complete("k", id, {{1, small}}, {{"x-amz-mp-object-size", "5"}});
        CHECK(answer.code == "InvalidRequest");
        CHECK(
            answer.message == "The provided 'x-amz-mp-object-size' header value 5 does not match "
                              "what was computed: 4"
        );
        CHECK(bench.complete("k", id, {{1, small}}, {{"x-amz-mp-object-size", "4"}}).status == 200);
        return;
    }
    // None of it has ended the upload.
    CHECK(raised_events().empty());
    CHECK(bench.complete("k", id, {{1, small}}).status == 200);
}

TEST_CASE("A completion may be repeated", "[s3][multipart]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    const std::string a = bench.put_part("k", id, 1, "abc");
    const std::string b = bench.put_part("k", id, 2, "abd");
    const Answer first = bench.complete("k", id, {{1, a}});
    REQUIRE(first.status == 200);
    const Answer again = bench.complete("k", id, {{1, '"' + a + '"'}});
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    CHECK(raised_events().size() == 1);
    CHECK(bench.complete("k", id, {{2, b}}).code == "NoSuchUpload");
    CHECK(bench.part("k", id, 3, "abc").code == "NoSuchUpload");
    CHECK(bench.send("DELETE", "/lab/k?uploadId=" + id).code == "NoSuchUpload");
    CHECK(bench.object("k"));
    // Its object is gone.
    CHECK(bench.send("DELETE", "/lab/k").status == 204);
    CHECK(bench.complete("k", id, {{1, a}}).code == "NoSuchUpload");
}

TEST_CASE("Ended uploads are not remembered for ever", "[s3][multipart]") {
    MultipartBench bench;
    const std::string first = bench.begin("k");
    CHECK(bench.send("DELETE", "/lab/k?uploadId=" + first).status == 204);
    for (std::size_t i = 1; i < store::kEndedUploadsMax; ++i) {
        const std::string id = bench.begin("k");
        REQUIRE(bench.send("DELETE", "/lab/k?uploadId=" + id).status == 204);
    }
    CHECK(bench.send("DELETE", "/lab/k?uploadId=" + first).status == 204);
    const std::string last = bench.begin("k");
    CHECK(bench.send("DELETE", "/lab/k?uploadId=" + last).status == 204);
    CHECK(bench.send("DELETE", "/lab/k?uploadId=" + first).status == 404);
    CHECK(bench.send("DELETE", "/lab/k?uploadId=" + last).status == 204);
}

TEST_CASE("An aborted upload is gone with its parts", "[s3][multipart]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    const std::string etag = bench.put_part("k", id, 1, "abc");
    const Answer answer = bench.send("DELETE", "/lab/k?uploadId=" + id);
    CHECK(answer.status == 204);
    CHECK(answer.body.empty());
    CHECK(bench.complete("k", id, {{1, etag}}).code == "NoSuchUpload");
    CHECK(bench.part("k", id, 1, "abc").code == "NoSuchUpload");
    CHECK(bench.send("GET", "/lab/k?uploadId=" + id).code == "NoSuchUpload");
    CHECK(bench.send("DELETE", "/lab/k?uploadId=" + id).status == 204);
    CHECK(bench.send("DELETE", "/lab/other?uploadId=" + id).code == "NoSuchUpload");
    CHECK(bench.send("DELETE", "/lab/k?uploadId=fakeid").extra == "UploadId=fakeid;");
    CHECK(raised_events().empty());
}

TEST_CASE("Uploads of one key are apart, and the one that began last wins", "[s3][multipart]") {
    MultipartBench bench;
    const std::string older = bench.begin("k");
    const std::string newer = bench.begin("k");
    const std::string a = bench.put_part("k", older, 1, "older");
    const std::string b = bench.put_part("k", newer, 1, "newer");
    CHECK(bench.complete("k", older, {{1, b}}).code == "InvalidPart");
    SECTION("in the order they began") {
        CHECK(bench.complete("k", older, {{1, a}}).status == 200);
        CHECK(bench.send("GET", "/lab/k").body == "older");
        CHECK(bench.complete("k", newer, {{1, b}}).status == 200);
    }
    SECTION("in the other order") {
        CHECK(bench.complete("k", newer, {{1, b}}).status == 200);
        CHECK(bench.complete("k", older, {{1, a}}).status == 200);
    }
    CHECK(bench.send("GET", "/lab/k").body == "newer");
}

TEST_CASE("What came after an upload began wins over it", "[s3][multipart]") {
    MultipartBench bench;
    SECTION("a newer object") {
        const std::string id = bench.begin("k");
        const std::string etag = bench.put_part("k", id, 1, "upload");
        REQUIRE(bench.send("PUT", "/lab/k", {}, "put").status == 200);
        CHECK(bench.complete("k", id, {{1, etag}}).status == 200);
        CHECK(bench.send("GET", "/lab/k").body == "put");
    }
    SECTION("an older object does not") {
        REQUIRE(bench.send("PUT", "/lab/k", {}, "put").status == 200);
        const std::string id = bench.begin("k");
        const std::string etag = bench.put_part("k", id, 1, "upload");
        CHECK(bench.complete("k", id, {{1, etag}}).status == 200);
        CHECK(bench.send("GET", "/lab/k").body == "upload");
    }
    SECTION("a deletion, be there an object or not") {
        const std::string id = bench.begin("k");
        REQUIRE(bench.send("DELETE", "/lab/k").status == 204);
        const std::string etag = bench.put_part("k", id, 1, "upload");
        CHECK(bench.complete("k", id, {{1, etag}}).status == 200);
        CHECK_FALSE(bench.object("k"));
    }
}

TEST_CASE("Versions of uploads", "[s3][multipart][versioning]") {
    MultipartBench bench;
    bench.set_versioning("Enabled");
    const std::string id = bench.begin("k");
    const std::string etag = bench.put_part("k", id, 1, "upload");
    const auto version_ids = [&] {
        std::vector<std::string> ids;
        bench.memory->read([&](const store::ReadTx& tx) {
            tx.scan_versions(tx.find_bucket("lab")->id, "k", "", [&](const auto& version, bool) {
                ids.push_back(version.version_id);
                return store::ScanStep::next();
            });
        });
        return ids;
    };
    SECTION("a new version each, said by the answer") {
        REQUIRE(bench.send("PUT", "/lab/other", {}, "put").status == 200);
        const Answer answer = bench.complete("k", id, {{1, etag}});
        REQUIRE(answer.status == 200);
        CHECK(answer.header_map.get("x-amz-version-id") == bench.object("k")->version_id);
        CHECK(bench.object("k")->version_id.size() == 32);
        const Answer again = bench.complete("k", id, {{1, etag}});
        CHECK(again.header_map.get("x-amz-version-id") == bench.object("k")->version_id);
    }
    SECTION("one that was overtaken is noncurrent from the start") {
        REQUIRE(bench.send("PUT", "/lab/k", {}, "put").status == 200);
        const std::string put = bench.object("k")->version_id;
        const Answer answer = bench.complete("k", id, {{1, etag}});
        REQUIRE(answer.status == 200);
        const std::string made(answer.header_map.get("x-amz-version-id"));
        CHECK(bench.send("GET", "/lab/k").body == "put");
        CHECK(version_ids() == std::vector<std::string>{put, made});
    }
    SECTION("suspended: the null version, without a header") {
        bench.set_versioning("Suspended");
        const Answer answer = bench.complete("k", id, {{1, etag}});
        CHECK(answer.status == 200);
        CHECK_FALSE(answer.header_map.has("x-amz-version-id"));
        CHECK(bench.object("k")->version_id.empty());
    }
}

TEST_CASE("Conditions on a completion", "[s3][multipart][conditions]") {
    MultipartBench bench;
    SECTION("If-None-Match") {
        REQUIRE(bench.send("PUT", "/lab/k", {}, "test").status == 200);
        const std::string id = bench.begin("k");
        const std::string etag = bench.put_part("k", id, 1, "test");
        const HeaderList absent{{"If-None-Match", "*"}};
        const Answer present = bench.complete("k", id, {{1, etag}}, absent);
        CHECK(present.status == 412);
        CHECK(present.extra == "Condition=If-None-Match;");
        REQUIRE(bench.send("DELETE", "/lab/k").status == 204);
        const Answer deleted = bench.complete("k", id, {{1, etag}}, absent);
        CHECK(deleted.status == 409);
        CHECK(deleted.code == "ConditionalRequestConflict");
        CHECK(
            deleted.message == "The conditional request cannot succeed due to a conflicting "
                               "operation against this resource."
        );
        CHECK(deleted.extra == "Condition=If-None-Match;Key=k;");
        const std::string anew = bench.begin("k");
        bench.put_part("k", anew, 1, "test");
        CHECK(bench.complete("k", anew, {{1, etag}}, absent).status == 200);
    }
    SECTION("If-None-Match, and a PUT meanwhile") {
        const std::string id = bench.begin("k");
        const std::string etag = bench.put_part("k", id, 1, "test");
        REQUIRE(bench.send("PUT", "/lab/k", {}, "").status == 200);
        CHECK(bench.complete("k", id, {{1, etag}}, {{"If-None-Match", "*"}}).status == 412);
    }
    SECTION("If-Match") {
        REQUIRE(bench.send("PUT", "/lab/k", {}, "test").status == 200);
        const std::string before = bench.object("k")->etag;
        const std::string id = bench.begin("k");
        const std::string etag = bench.put_part("k", id, 1, "test");
        CHECK(bench.complete("k", id, {{1, etag}}, {{"If-Match", "other"}}).status == 412);
        REQUIRE(bench.send("PUT", "/lab/k", {}, "test").status == 200); // identical
        const Answer changed = bench.complete("k", id, {{1, etag}}, {{"If-Match", before}});
        CHECK(changed.status == 409);
        CHECK(changed.extra == "Condition=If-Match;Key=k;");
        REQUIRE(bench.send("DELETE", "/lab/k").status == 204);
        const Answer deleted = bench.complete("k", id, {{1, etag}}, {{"If-Match", before}});
        CHECK(deleted.status == 404);
        CHECK(deleted.code == "NoSuchKey");
        REQUIRE(bench.send("PUT", "/lab/k", {}, "test").status == 200);
        const std::string anew = bench.begin("k");
        bench.put_part("k", anew, 1, "test");
        CHECK(bench.complete("k", anew, {{1, etag}}, {{"If-Match", before}}).status == 200);
    }
    SECTION("what AWS has not") {
        const std::string id = bench.begin("k");
        const std::string etag = bench.put_part("k", id, 1, "test");
        CHECK(bench.complete("k", id, {{1, etag}}, {{"If-Match", "*"}}).status == 501);
        CHECK(bench.complete("k", id, {{1, etag}}, {{"If-None-Match", "\"e\""}}).status == 501);
    }
}

TEST_CASE("Each step needs its own action", "[s3][multipart][iam]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    const std::string etag = bench.put_part("k", id, 1, "abc");
    bench.authorizer.asked.clear();
    bench.part("k", id, 1, "abc");
    bench.send("GET", "/lab/k?uploadId=" + id);
    bench.send("GET", "/lab?uploads");
    bench.complete("k", id, {{1, etag}});
    bench.send("DELETE", "/lab/k?uploadId=" + id);
    CHECK(
        bench.authorizer.asked ==
        std::vector<std::string>{
            "s3:PutObject arn:aws:s3:::lab/k",
            "s3:ListMultipartUploadParts arn:aws:s3:::lab/k",
            "s3:ListBucketMultipartUploads arn:aws:s3:::lab",
            "s3:PutObject arn:aws:s3:::lab/k",
            "s3:AbortMultipartUpload arn:aws:s3:::lab/k"}
    );
    bench.authorizer.asked.clear();
    bench.begin("k", {{"x-amz-tagging", "a=1"}});
    CHECK(
        bench.authorizer.asked ==
        std::vector<std::string>{
            "s3:PutObject arn:aws:s3:::lab/k", "s3:PutObjectTagging arn:aws:s3:::lab/k"}
    );
    for (const auto& [method, target] :
         {std::pair<std::string, std::string>{"POST", "/lab/k?uploads"},
          {"PUT", MultipartBench::part_target("k", id, "1")},
          {"GET", "/lab/k?uploadId=" + id},
          {"POST", "/lab/k?uploadId=" + id},
          {"DELETE", "/lab/k?uploadId=" + id},
          {"GET", "/lab?uploads"}}) {
        const HeaderList other{{"x-amz-expected-bucket-owner", "999999999999"}};
        const std::string body = method == "POST" ? complete_document({{1, etag}}) : "";
        CHECK(bench.send(method, target, other, body).code == "AccessDenied");
        const HeaderList nonsense{{"x-amz-expected-bucket-owner", "me"}};
        CHECK(bench.send(method, target, nonsense, body).code == "InvalidBucketOwnerAWSAccountID");
    }
}

TEST_CASE("One part of an object is read by its number", "[s3][multipart][read]") {
    MultipartBench bench;
    REQUIRE(bench.upload("k", {five_mib(), "abc"}).status == 200);
    const std::string size = std::to_string(five_mib().size() + 3);
    for (const std::string method : {"GET", "HEAD"}) {
        const Answer second = bench.send(method, "/lab/k?partNumber=2");
        CHECK(second.status == 206);
        CHECK(second.header_map.get("content-range") == "bytes 5242880-5242882/" + size);
        CHECK(second.header_map.get("x-amz-mp-parts-count") == "2");
        CHECK(second.header_map.get("etag") == '"' + bench.object("k")->etag + '"');
        CHECK(second.body == (method == "GET" ? "abc" : ""));
        const Answer beyond = bench.send(method, "/lab/k?partNumber=3");
        CHECK(beyond.status == 416);
        CHECK(beyond.code == "InvalidPartNumber");
        CHECK(beyond.extra == "ActualPartCount=2;PartNumberRequested=3;");
        CHECK(bench.send(method, "/lab/k?partNumber=0").code == "InvalidArgument");
    }
    CHECK(bench.send("GET", "/lab/k?partNumber=1").body == five_mib());
    CHECK_FALSE(bench.send("GET", "/lab/k").header_map.has("x-amz-mp-parts-count"));
    CHECK(bench.send("GET", "/lab/k", {{"Range", "bytes=5242879-5242880"}}).body == "aa");

    REQUIRE(bench.upload("empty", {""}).status == 200);
    const Answer empty = bench.send("GET", "/lab/empty?partNumber=1");
    CHECK(empty.header_map.get("x-amz-mp-parts-count") == "1");
    CHECK(empty.body.empty());
    REQUIRE(bench.send("PUT", "/lab/plain", {}, "abc").status == 200);
    CHECK_FALSE(bench.send("GET", "/lab/plain?partNumber=1").header_map.has("x-amz-mp-parts-count")
    );
}

TEST_CASE("Ten thousand parts", "[s3][multipart]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    std::vector<Listed> listed;
    bench.write([&](store::WriteTx& tx) {
        store::StagedBody staged;
        staged.size = five_mib().size();
        staged.small = five_mib();
        const store::BodyId body = tx.add_body(staged);
        for (int number = 1; number <= 10'000; ++number) {
            store::UploadPart part;
            part.number = number;
            part.body = body;
            part.size = five_mib().size();
            part.etag = kAbc;
            part.checksum = "BeXKuz/B+us=";
            tx.put_upload_part(id, part);
            listed.push_back({number, kAbc});
        }
        return true;
    });
    REQUIRE(bench.complete("k", id, listed).status == 200);
    const auto object = bench.object("k");
    CHECK(object->parts == 10'000);
    CHECK(object->size == five_mib().size() * 10'000);
    CHECK(object->etag.ends_with("-10000"));
    const Answer last = bench.send("HEAD", "/lab/k?partNumber=10000");
    CHECK(last.header_map.get("content-range") == "bytes 52423557120-52428799999/52428800000");
}
