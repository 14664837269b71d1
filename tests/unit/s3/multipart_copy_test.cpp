// Goal: parts made of other objects, and copies of multipart objects: the right digests, no byte
// copied, and none read that need not be.
#include "tests/unit/s3/multipart_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

HeaderList copying(std::string source, std::string range = "") {
    HeaderList headers{{"x-amz-copy-source", std::move(source)}};
    if (!range.empty()) {
        headers.emplace_back("x-amz-copy-source-range", std::move(range));
    }
    return headers;
}

} // namespace

TEST_CASE("A part of another object", "[s3][multipart][copy]") {
    MultipartBench bench;
    REQUIRE(bench.send("PUT", "/lab/src", {}, "0123456789").status == 200);
    const std::string id = bench.begin("k");
    const std::string target = MultipartBench::part_target("k", id, "1");

    const Answer whole = bench.send("PUT", target, copying("/lab/src"));
    REQUIRE(whole.status == 200);
    CHECK(
        whole.body == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CopyPartResult "
                      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LastModified>"
                      "2026-02-21T00:07:57.000Z</LastModified><ETag>&quot;"
                      "781e5e245d69b566979b86e28d23f2c7&quot;</ETag></CopyPartResult>"
    );
    CHECK(whole.headers == "x-amz-server-side-encryption: AES256\nContent-Type: application/xml\n");
    CHECK(bench.works == 0); // the source's digests are the part's

    const Answer range = bench.send("PUT", target, copying("lab/src", "bytes=0-8"));
    REQUIRE(range.status == 200);
    CHECK(element_of(range.body, "ETag") == "&quot;22975d8a5ed1b91445f6c55ac121505b&quot;");
    CHECK(bench.works == 1);

    REQUIRE(bench.complete("k", id, {{1, "22975d8a5ed1b91445f6c55ac121505b"}}).status == 200);
    REQUIRE(bench.send("DELETE", "/lab/src").status == 204);
    CHECK(bench.send("GET", "/lab/k").body == "012345678");
    Checksum expected(ChecksumAlgorithm::Crc64Nvme);
    expected.update(as_bytes("012345678"));
    CHECK(bench.object("k")->checksum == to_base64(as_bytes(expected.finish())));
}

TEST_CASE("A copied part has the upload's checksum", "[s3][multipart][copy][checksum]") {
    MultipartBench bench;
    REQUIRE(bench.send("PUT", "/lab/src", {}, "this is a part").status == 200);
    const std::string id = bench.begin("k", {{"x-amz-checksum-algorithm", "CRC32C"}});
    const Answer part =
        bench.send("PUT", MultipartBench::part_target("k", id, "1"), copying("lab/src"));
    CHECK(element_of(part.body, "ChecksumCRC32C") == "iqJrOQ==");
    CHECK(element_of(part.body, "ETag") == "&quot;11df95d595559285eb2b042124e74f09&quot;");
    CHECK(bench.works == 1);
    const Answer complete = bench.complete(
        "k",
        id,
        {{1, "11df95d595559285eb2b042124e74f09", "<ChecksumCRC32C>iqJrOQ==</ChecksumCRC32C>"}}
    );
    CHECK(element_of(complete.body, "ChecksumCRC32C") == "F9bAnw==-1");
    CHECK(element_of(complete.body, "ETag") == "&quot;395d97c07920de036bfa21e7568a2e9f-1&quot;");
}

TEST_CASE("Parts of a multipart object", "[s3][multipart][copy]") {
    MultipartBench bench;
    REQUIRE(bench.upload("src", {five_mib(), "0123456789"}).status == 200);
    const std::string id = bench.begin("k");
    const std::string all = five_mib() + "0123456789";
    // Across the border of the source's parts, and all of it.
    const Answer part = bench.send(
        "PUT", MultipartBench::part_target("k", id, "1"), copying("lab/src", "bytes=5-5242884")
    );
    REQUIRE(part.status == 200);
    const std::string expected = all.substr(5, five_mib().size());
    CHECK(element_of(part.body, "ETag") == "&quot;" + to_hex(md5(expected)) + "&quot;");
    const Answer whole =
        bench.send("PUT", MultipartBench::part_target("k", id, "2"), copying("lab/src"));
    CHECK(element_of(whole.body, "ETag") == "&quot;" + to_hex(md5(all)) + "&quot;");
    REQUIRE(
        bench.complete("k", id, {{1, to_hex(md5(expected))}, {2, to_hex(md5(all))}}).status == 200
    );
    CHECK(bench.send("GET", "/lab/k").body == expected + all);
    CHECK(bench.send("GET", "/lab/k?partNumber=2").body == all);
}

TEST_CASE("What a copied range may be", "[s3][multipart][copy]") {
    MultipartBench bench;
    REQUIRE(bench.send("PUT", "/lab/src", {}, "0123456789").status == 200);
    const std::string id = bench.begin("k");
    const std::string target = MultipartBench::part_target("k", id, "1");
    for (const std::string range :
         {"0-8",
          "bytes=1-0",
          "bytes=-1-",
          "bytes=0--1",
          "bytes=0-1,3-4,7-9",
          "bytes=-",
          "bytes=-0",
          "bytes=-2",
          "bytes=1-",
          "bytes=a-b"}) {
        const Answer answer = bench.send("PUT", target, copying("lab/src", range));
        CHECK(answer.status == 400);
        CHECK(answer.code == "InvalidArgument");
        CHECK(
            answer.message ==
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy"
        );
        CHECK(answer.extra == "ArgumentName=x-amz-copy-source-range;ArgumentValue=" + range + ";");
    }
    const Answer beyond = bench.send("PUT", target, copying("lab/src", "bytes=0-100"));
    CHECK(beyond.code == "InvalidArgument");
    CHECK(beyond.message == "Range specified is not valid for source object of size: 10");
    CHECK(beyond.extra == "ArgumentName=x-amz-copy-source-range;ArgumentValue=bytes=0-100;");
    for (const std::string range :
         {"bytes=100-200", "bytes=10-10", "bytes=99999999999999999999-99999999999999999999"}) {
        const Answer answer = bench.send("PUT", target, copying("lab/src", range));
        CHECK(answer.code == "InvalidRequest");
        CHECK(answer.message == "The specified copy range is invalid for the source object size");
    }
    CHECK(bench.works == 0);
}

TEST_CASE("What a part may not be copied from", "[s3][multipart][copy]") {
    MultipartBench bench;
    REQUIRE(bench.send("PUT", "/lab/src", {}, "0123456789").status == 200);
    const std::string id = bench.begin("k");
    const std::string target = MultipartBench::part_target("k", id, "1");
    CHECK(bench.send("PUT", target, copying("none/src")).code == "NoSuchBucket");
    CHECK(bench.send("PUT", target, copying("lab/none")).extra == "Key=none;");
    CHECK(bench.send("PUT", target, copying("lab")).code == "InvalidArgument");
    CHECK(
        bench.send("PUT", "/lab/k?partNumber=1&uploadId=x", copying("lab/src")).code ==
        "NoSuchUpload"
    );
    CHECK(
        bench.send("PUT", "/lab/k?partNumber=0&uploadId=" + id, copying("lab/src")).code ==
        "InvalidArgument"
    );
    CHECK(bench.send("PUT", "/lab/k?uploadId=" + id, copying("lab/src")).status == 405);
    auto conditional = copying("lab/src");
    conditional.emplace_back("x-amz-copy-source-if-match", "\"other\"");
    const Answer failed = bench.send("PUT", target, conditional);
    CHECK(failed.status == 412);
    CHECK(failed.extra == "Condition=x-amz-copy-source-If-Match;");
    bench.authorizer.denied = {"s3:GetObject arn:aws:s3:::lab/src"};
    CHECK(bench.send("PUT", target, copying("lab/src")).code == "AccessDenied");
}

TEST_CASE("The copy of a multipart object is a plain one", "[s3][multipart][copy]") {
    MultipartBench bench;
    REQUIRE(bench.upload("src", {five_mib(), "abc"}).status == 200);
    const std::string etag = to_hex(md5(five_mib() + "abc"));
    const Answer copy = bench.send("PUT", "/lab/copy", copying("lab/src"));
    REQUIRE(copy.status == 200);
    CHECK(element_of(copy.body, "ETag") == "&quot;" + etag + "&quot;");
    CHECK(element_of(copy.body, "ChecksumCRC64NVME") == bench.object("src")->checksum);
    CHECK(bench.works == 1);
    CHECK(bench.object("copy")->parts == 0);
    CHECK(bench.object("copy")->body == bench.object("src")->body);
    CHECK(
        bench.send("GET", "/lab/copy?partNumber=2").extra ==
        "ActualPartCount=1;PartNumberRequested=2;"
    );
    REQUIRE(bench.send("DELETE", "/lab/src").status == 204);
    CHECK(bench.send("GET", "/lab/copy").body == five_mib() + "abc");

    // Its MD5 is known now.
    REQUIRE(bench.send("PUT", "/lab/again", copying("lab/copy")).status == 200);
    CHECK(bench.works == 1);
}

TEST_CASE("Work about a source that changed meanwhile is not used", "[s3][multipart][copy]") {
    MultipartBench bench;
    REQUIRE(bench.upload("src", {"abc"}).status == 200);
    const std::string id = bench.begin("k");
    bench.after_work = [&] {
        bench.after_work = nullptr;
        REQUIRE(bench.upload("src", {"another"}).status == 200);
    };
    SECTION("CopyObject") {
        CHECK(bench.send("PUT", "/lab/copy", copying("lab/src")).code == "WorkOutdated");
        CHECK(bench.send("PUT", "/lab/copy", copying("lab/src")).status == 200);
    }
    SECTION("UploadPartCopy") {
        const std::string target = MultipartBench::part_target("k", id, "1");
        CHECK(bench.send("PUT", target, copying("lab/src")).code == "WorkOutdated");
        CHECK(bench.send("PUT", target, copying("lab/src")).status == 200);
    }
}
