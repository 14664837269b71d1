// Goal: checksums of uploads, their parts and their objects are AWS's, error by error. Recorded
// answers and values: localstack, test_s3.snapshot.json, TestS3MultipartUploadChecksum.
#include "tests/unit/s3/multipart_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

std::string checksum_of(ChecksumAlgorithm algorithm, std::string_view bytes) {
    Checksum checksum(algorithm);
    checksum.update(as_bytes(bytes));
    return to_base64(as_bytes(checksum.finish()));
}

std::string element(const std::string& name, std::string_view text) {
    return "<" + name + ">" + std::string(text) + "</" + name + ">";
}

HeaderList asking_for(std::string algorithm, std::string type = "") {
    HeaderList headers{{"x-amz-checksum-algorithm", std::move(algorithm)}};
    if (!type.empty()) {
        headers.emplace_back("x-amz-checksum-type", std::move(type));
    }
    return headers;
}

// Two parts of 5 MiB + 1 "a" and one of ten, as recorded.
struct RecordedUpload {
    explicit RecordedUpload(const HeaderList& headers)
        : id(bench.begin("k", headers)) {
        const std::string big = five_mib() + "a";
        for (const std::string& bytes : {big, big, std::string(10, 'a')}) {
            const int number = static_cast<int>(etags.size()) + 1;
            etags.push_back(bench.put_part("k", id, number, bytes));
        }
    }

    std::vector<Listed>
    listed(const std::string& name, const std::vector<std::string>& values) const {
        std::vector<Listed> parts;
        for (std::size_t i = 0; i < etags.size(); ++i) {
            const std::string more = i < values.size() ? element(name, values[i]) : std::string();
            parts.push_back({static_cast<int>(i) + 1, etags[i], more});
        }
        return parts;
    }

    MultipartBench bench;
    std::string id;
    std::vector<std::string> etags;
};

const HeaderList kWithChecksum{{"x-amz-checksum-mode", "ENABLED"}};

} // namespace

TEST_CASE("The kind of checksum is settled when the upload begins", "[s3][multipart][checksum]") {
    struct Case {
        std::string algorithm;
        std::string type;
        std::string becomes; // a checksum type, or an error's message
    };

    const auto refused = [](const std::string& type, const std::string& algorithm) {
        return "The " + type + " checksum type cannot be used with the " + algorithm +
               " checksum algorithm.";
    };
    for (const auto& [algorithm, type, becomes] : std::vector<Case>{
             {"CRC32", "", "COMPOSITE"},
             {"CRC32C", "", "COMPOSITE"},
             {"SHA1", "", "COMPOSITE"},
             {"SHA256", "", "COMPOSITE"},
             {"CRC64NVME", "", "FULL_OBJECT"},
             {"CRC32", "FULL_OBJECT", "FULL_OBJECT"},
             {"CRC32C", "FULL_OBJECT", "FULL_OBJECT"},
             {"SHA256", "COMPOSITE", "COMPOSITE"},
             {"SHA1", "FULL_OBJECT", refused("FULL_OBJECT", "sha1")},
             {"SHA256", "FULL_OBJECT", refused("FULL_OBJECT", "sha256")},
             {"CRC64NVME", "COMPOSITE", refused("COMPOSITE", "crc64nvme")}}) {
        MultipartBench bench;
        const Answer answer = bench.send("POST", "/lab/k?uploads", asking_for(algorithm, type));
        if (answer.status == 200) {
            CHECK(answer.header_map.get("x-amz-checksum-algorithm") == algorithm);
            CHECK(answer.header_map.get("x-amz-checksum-type") == becomes);
        } else {
            CHECK(answer.code == "InvalidRequest");
            CHECK(answer.message == becomes);
        }
    }
    MultipartBench bench;
    CHECK(
        bench.send("POST", "/lab/k?uploads", {{"x-amz-checksum-type", "COMPOSITE"}}).message ==
        "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
    );
    CHECK(
        bench.send("POST", "/lab/k?uploads", asking_for("TEST")).message ==
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
        "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
    );
    CHECK(bench.send("POST", "/lab/k?uploads", asking_for("XXHASH3")).status == 501);
}

TEST_CASE("A part has the upload's checksum", "[s3][multipart][checksum]") {
    MultipartBench bench;
    const std::string id = bench.begin("k", asking_for("SHA256"));
    const Answer own = bench.part("k", id, 1, "abc");
    CHECK(
        own.header_map.get("x-amz-checksum-sha256") == checksum_of(ChecksumAlgorithm::Sha256, "abc")
    );
    CHECK_FALSE(own.header_map.has("x-amz-checksum-type"));
    const Answer other = bench.part("k", id, 1, "abc", {{"x-amz-checksum-crc32", "NSRBwg=="}});
    CHECK(other.code == "InvalidRequest");
    CHECK(
        other.message == "Checksum Type mismatch occurred, expected checksum Type: sha256, actual "
                         "checksum Type: crc32"
    );
    const Answer wrong = bench.part(
        "k",
        id,
        1,
        "abc",
        {{"x-amz-checksum-sha256", checksum_of(ChecksumAlgorithm::Sha256, "abd")}}
    );
    CHECK(wrong.code == "BadDigest");
    CHECK(wrong.message == "The SHA256 you specified did not match the calculated checksum.");
    CHECK(
        bench.part("k", id, 1, "abc", {{"x-amz-checksum-sha256", "x"}}).message ==
        "Value for x-amz-checksum-sha256 header is invalid."
    );
}

TEST_CASE("A composite checksum is one of checksums", "[s3][multipart][checksum]") {
    RecordedUpload upload(asking_for("SHA1"));
    MultipartBench& bench = upload.bench;
    const std::vector<std::string> values{
        "bH71WIZUKQtUwR2wKSSkFjCRBPM=",
        "bH71WIZUKQtUwR2wKSSkFjCRBPM=",
        "NJX/adNGcdHhWzOmPBN5/e3Toyo="};

    CHECK(
        bench.complete("k", upload.id, upload.listed("", {})).message ==
        "The upload was created using a sha1 checksum. The complete request must include the "
        "checksum for each part. It was missing for part 1 in the request."
    );
    auto wrong = values;
    wrong[2] = values[0];
    const Answer invalid = bench.complete("k", upload.id, upload.listed("ChecksumSHA1", wrong));
    CHECK(invalid.code == "InvalidPart");
    CHECK(invalid.extra == "UploadId=" + upload.id + ";PartNumber=3;ETag=" + upload.etags[2] + ";");
    const Answer other = bench.complete("k", upload.id, upload.listed("ChecksumSHA256", values));
    CHECK(other.code == "BadDigest");
    CHECK(other.message == "The sha256 you specified for part 1 did not match what we received.");
    CHECK(
        bench
            .complete(
                "k",
                upload.id,
                upload.listed("ChecksumSHA1", values),
                {{"x-amz-checksum-type", "FULL_OBJECT"}}
            )
            .message == "The upload was created using the COMPOSITE checksum mode. The complete "
                        "request must use the same checksum mode."
    );
    CHECK(
        bench
            .complete(
                "k",
                upload.id,
                upload.listed("ChecksumSHA1", values),
                {{"x-amz-checksum-sha1", "AyE60nyQoBgJcwsyPHWu7aJuxBs=-2"}}
            )
            .code == "BadDigest"
    );
    const Answer answer = bench.complete(
        "k",
        upload.id,
        upload.listed("ChecksumSHA1", values),
        {{"x-amz-checksum-sha1", "AyE60nyQoBgJcwsyPHWu7aJuxBs=-3"}}
    );
    REQUIRE(answer.status == 200);
    CHECK(element_of(answer.body, "ChecksumSHA1") == "AyE60nyQoBgJcwsyPHWu7aJuxBs=-3");
    CHECK(element_of(answer.body, "ChecksumType") == "COMPOSITE");
    CHECK(element_of(answer.body, "ETag") == "&quot;4d45984fc3feb2ac9b22683c49674b56-3&quot;");

    const Answer whole = bench.send("HEAD", "/lab/k", kWithChecksum);
    CHECK(whole.header_map.get("x-amz-checksum-sha1") == "AyE60nyQoBgJcwsyPHWu7aJuxBs=-3");
    const Answer third = bench.send("GET", "/lab/k?partNumber=3", kWithChecksum);
    CHECK(third.header_map.get("x-amz-checksum-sha1") == values[2]);
    CHECK(third.header_map.get("x-amz-checksum-type") == "COMPOSITE");
    CHECK(third.header_map.get("content-range") == "bytes 10485762-10485771/10485772");
    CHECK_FALSE(bench.send("GET", "/lab/k?partNumber=3").header_map.has("x-amz-checksum-sha1"));

    // The copy is a plain object: recorded.
    const Answer copy = bench.send("PUT", "/lab/copy", {{"x-amz-copy-source", "lab/k"}});
    CHECK(element_of(copy.body, "ETag") == "&quot;a0397ee2df08832642af5d7e57c5760c&quot;");
    CHECK(element_of(copy.body, "ChecksumSHA1") == "eIC+AqBqApUmeqCBQ+9n8OVTP+8=");
    CHECK(element_of(copy.body, "ChecksumType") == "FULL_OBJECT");
}

TEST_CASE("A full-object checksum follows from the parts'", "[s3][multipart][checksum]") {
    RecordedUpload upload(asking_for("CRC32", "FULL_OBJECT"));
    MultipartBench& bench = upload.bench;
    const std::string mode = "x-amz-checksum-type";
    CHECK(
        bench.complete("k", upload.id, upload.listed("", {}), {{mode, "COMPOSITE"}}).message ==
        "The upload was created using the FULL_OBJECT checksum mode. The complete request must use "
        "the same checksum mode."
    );
    const std::vector<std::string> wrong(3, checksum_of(ChecksumAlgorithm::Crc32, "bbb"));
    CHECK(
        bench.complete("k", upload.id, upload.listed("ChecksumCRC32", wrong)).code == "InvalidPart"
    );
    // Without the type even the right one is none, and so is another algorithm's.
    for (const HeaderList& headers :
         {HeaderList{{"x-amz-checksum-crc32", "qSEQSA=="}},
          HeaderList{{"x-amz-checksum-crc64nvme", "AAAAAAAAAAA="}},
          HeaderList{{"x-amz-checksum-crc32", "AAAAAA=="}, {mode, "FULL_OBJECT"}},
          HeaderList{{"x-amz-checksum-crc32c", "qSEQSA=="}, {mode, "FULL_OBJECT"}}}) {
        const Answer answer = bench.complete("k", upload.id, upload.listed("", {}), headers);
        CHECK(answer.code == "BadDigest");
        CHECK(answer.message == "The crc32 you specified did not match the calculated checksum.");
    }
    const Answer answer = bench.complete(
        "k",
        upload.id,
        upload.listed("", {}),
        {{"x-amz-checksum-crc32", "qSEQSA=="}, {mode, "FULL_OBJECT"}}
    );
    REQUIRE(answer.status == 200);
    CHECK(element_of(answer.body, "ChecksumCRC32") == "qSEQSA==");
    CHECK(element_of(answer.body, "ChecksumType") == "FULL_OBJECT");
    const Answer third = bench.send("GET", "/lab/k?partNumber=3", kWithChecksum);
    CHECK_FALSE(third.header_map.has("x-amz-checksum-crc32"));

    const Answer copy = bench.send("PUT", "/lab/copy", {{"x-amz-copy-source", "lab/k"}});
    CHECK(element_of(copy.body, "ChecksumCRC32") == "qSEQSA==");
    CHECK(element_of(copy.body, "ETag") == "&quot;a0397ee2df08832642af5d7e57c5760c&quot;");
}

TEST_CASE("Without an algorithm the whole gets CRC64NVME", "[s3][multipart][checksum]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    // A part may come with any checksum; it is compared, answered and forgotten.
    const Answer part = bench.part("k", id, 1, "aaa", {{"x-amz-checksum-crc32c", "45fn2Q=="}});
    CHECK(part.status == 200);
    CHECK(part.header_map.get("x-amz-checksum-crc32c") == "45fn2Q==");
    CHECK_FALSE(part.header_map.has("x-amz-checksum-crc64nvme"));
    const std::string etag = "47bce5c74f589f4867dbd57e9ca9f808";
    CHECK(bench.send("GET", "/lab/k?uploadId=" + id).body.find("Checksum") == std::string::npos);

    for (const std::string& more :
         {element("ChecksumCRC32C", "45fn2Q=="),
          element("ChecksumSHA256", checksum_of(ChecksumAlgorithm::Sha256, "aaa"))}) {
        const Answer answer = bench.complete("k", id, {{1, etag, more}});
        CHECK(answer.code == "InvalidPart");
        CHECK(answer.extra == "UploadId=" + id + ";PartNumber=1;ETag=" + etag + ";");
    }
    for (const std::string type : {"FULL_OBJECT", "COMPOSITE"}) {
        CHECK(
            bench.complete("k", id, {{1, etag}}, {{"x-amz-checksum-type", type}}).message ==
            "The upload was created using the null checksum mode. The complete request must use "
            "the same checksum mode."
        );
    }
    const Answer answer =
        bench.complete("k", id, {{1, etag}}, {{"x-amz-checksum-crc32c", "nonsense-2"}});
    REQUIRE(answer.status == 200);
    CHECK(element_of(answer.body, "ChecksumCRC64NVME") == "Rnr2/5P7Gsk=");
    CHECK(element_of(answer.body, "ChecksumType") == "FULL_OBJECT");
    CHECK(
        bench.send("GET", "/lab/k", kWithChecksum).header_map.get("x-amz-checksum-crc64nvme") ==
        "Rnr2/5P7Gsk="
    );
}

TEST_CASE(
    "The digest of the list itself is checked, not the object's", "[s3][multipart][checksum]"
) {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    const std::string etag = bench.put_part("k", id, 1, "abc");
    const std::string document = complete_document({{1, etag}});
    const std::string right = to_base64(md5(document));
    CHECK(
        bench.complete("k", id, {{1, etag}}, {{"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}).code ==
        "BadDigest"
    );
    CHECK(bench.complete("k", id, {{1, etag}}, {{"Content-MD5", right}}).status == 200);
}
