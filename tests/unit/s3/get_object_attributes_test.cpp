// GetObjectAttributes, and what AWS refuses of an object's other sub-resources.
#include "tests/unit/s3/versioning_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

const std::string kOpen = "<GetObjectAttributesResponse "
                          "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";

// What stands between the root's tags.
std::string attributes(ObjectBench& bench, const std::string& target, const HeaderList& headers) {
    const auto answer = bench.send("GET", target, headers);
    if (answer.status != 200) {
        return answer.code + ": " + answer.message + " " + answer.extra;
    }
    const auto begin = answer.body.find(kOpen) + kOpen.size();
    return answer.body.substr(begin, answer.body.find("</GetObjectAttributesR") - begin);
}

// An object as a multipart upload of two parts leaves it.
void make_multipart(ObjectBench& bench, const std::string& checksum_type) {
    bench.send("PUT", "/lab/one", {}, "hello");
    bench.send("PUT", "/lab/two", {}, "abcdef");
    bench.write([&](store::WriteTx& tx) {
        const auto bucket = tx.find_bucket("lab")->id;
        store::Object object;
        object.key = "k";
        object.size = 11;
        object.etag = "0123-2";
        object.parts = 2;
        object.checksum_algorithm = ChecksumAlgorithm::Crc32;
        object.checksum_type = checksum_type;
        object.checksum = checksum_type == "COMPOSITE" ? "AAAAAA==-2" : "AAAAAA==";
        object.sequencer = tx.next_sequencer({});
        object.body = tx.compose_body(
            {{tx.find_object(bucket, "one")->body, 0, 5},
             {tx.find_object(bucket, "two")->body, 0, 6}},
            {{0, 5, "NhCmhg=="}, {5, 6, "S4457w=="}}
        );
        tx.put_object(bucket, object);
        return true;
    });
}

} // namespace

TEST_CASE("An object's attributes, as far as they are asked for", "[s3][attributes]") {
    VersionBench bench;
    const std::string id = bench.put("k", "hello");
    const auto ask = [&](const std::string& names) {
        return attributes(bench, "/lab/k?attributes", {{"x-amz-object-attributes", names}});
    };
    const std::string etag = "<ETag>5d41402abc4b2a76b9719d911017c592</ETag>";
    const std::string checksum = "<Checksum><ChecksumCRC64NVME>M3eFcAZSQlc=</ChecksumCRC64NVME>"
                                 "<ChecksumType>FULL_OBJECT</ChecksumType></Checksum>";
    CHECK(
        ask("ObjectSize,StorageClass,ObjectParts, Checksum ,ETag") ==
        etag + checksum + "<StorageClass>STANDARD</StorageClass><ObjectSize>5</ObjectSize>"
    );
    CHECK(ask("ETag") == etag);
    CHECK(
        attributes(
            bench,
            "/lab/k?attributes",
            {{"x-amz-object-attributes", "ETag"}, {"x-amz-object-attributes", "ObjectSize"}}
        ) == etag + "<ObjectSize>5</ObjectSize>"
    );
    const auto answer =
        bench.send("GET", "/lab/k?attributes", {{"x-amz-object-attributes", "ETag"}});
    CHECK(answer.header_map.get("x-amz-version-id") == id);
    CHECK(answer.header_map.get("last-modified") == "Sat, 21 Feb 2026 00:07:57 GMT");

    const std::string missing = "InvalidRequest: The x-amz-object-attributes header specifying the "
                                "attributes to be retrieved is either missing or empty ";
    CHECK(ask("") == missing);
    CHECK(attributes(bench, "/lab/k?attributes", {}) == missing);
    CHECK(
        ask("ETag,Colour") == "InvalidArgument: Invalid attribute name specified. "
                              "ArgumentName=x-amz-object-attributes;ArgumentValue=Colour;"
    );
}

TEST_CASE("Attributes of versions and delete markers", "[s3][attributes][versioning]") {
    VersionBench bench;
    const std::string first = bench.put("k", "hello");
    bench.put("k", "abcdef");
    const HeaderList size{{"x-amz-object-attributes", "ObjectSize"}};
    CHECK(attributes(bench, "/lab/k?attributes", size) == "<ObjectSize>6</ObjectSize>");
    bench.authorizer.asked.clear();
    CHECK(
        attributes(bench, "/lab/k?attributes&versionId=" + first, size) ==
        "<ObjectSize>5</ObjectSize>"
    );
    CHECK(
        bench.authorizer.asked ==
        std::vector<std::string>{
            "s3:GetObjectVersion arn:aws:s3:::lab/k",
            "s3:GetObjectVersionAttributes arn:aws:s3:::lab/k"}
    );
    const std::string marker = bench.remove("k");
    const auto hidden = bench.send("GET", "/lab/k?attributes", size);
    CHECK(hidden.code == "NoSuchKey");
    CHECK(hidden.header_map.get("x-amz-delete-marker") == "true");
    CHECK(bench.send("GET", "/lab/k?attributes&versionId=" + marker, size).status == 405);
}

TEST_CASE("Parts are counted, and listed when each has a checksum", "[s3][attributes]") {
    ObjectBench bench;
    const auto ask = [&](HeaderList headers) {
        headers.emplace_back("x-amz-object-attributes", "ObjectParts,Checksum");
        return attributes(bench, "/lab/k?attributes", headers);
    };
    const auto checksum = [](const std::string& type) {
        return "<Checksum><ChecksumCRC32>AAAAAA==</ChecksumCRC32><ChecksumType>" + type +
               "</ChecksumType></Checksum>";
    };
    const auto parts = [](const std::string& marker, const std::string& rest) {
        return "<ObjectParts><PartsCount>2</PartsCount><PartNumberMarker>" + marker +
               "</PartNumberMarker>" + rest + "</ObjectParts>";
    };
    const std::string one = "<Part><PartNumber>1</PartNumber><Size>5</Size>"
                            "<ChecksumCRC32>NhCmhg==</ChecksumCRC32></Part>";
    const std::string two = "<Part><PartNumber>2</PartNumber><Size>6</Size>"
                            "<ChecksumCRC32>S4457w==</ChecksumCRC32></Part>";
    make_multipart(bench, "FULL_OBJECT");
    CHECK(
        ask({}) == checksum("FULL_OBJECT") + "<ObjectParts><PartsCount>2</PartsCount></ObjectParts>"
    );
    make_multipart(bench, "COMPOSITE");
    CHECK(
        ask({}) ==
        checksum("COMPOSITE") + parts(
                                    "0",
                                    "<NextPartNumberMarker>2</NextPartNumberMarker>"
                                    "<MaxParts>1000</MaxParts><IsTruncated>false</IsTruncated>" +
                                        one + two
                                )
    );
    CHECK(
        ask({{"x-amz-max-parts", "1"}}) ==
        checksum("COMPOSITE") + parts(
                                    "0",
                                    "<NextPartNumberMarker>1</NextPartNumberMarker>"
                                    "<MaxParts>1</MaxParts><IsTruncated>true</IsTruncated>" +
                                        one
                                )
    );
    CHECK(
        ask({{"x-amz-part-number-marker", "1"}}) ==
        checksum("COMPOSITE") + parts(
                                    "1",
                                    "<NextPartNumberMarker>2</NextPartNumberMarker>"
                                    "<MaxParts>1000</MaxParts><IsTruncated>false</IsTruncated>" +
                                        two
                                )
    );
    CHECK(ask({{"x-amz-max-parts", "x"}}).starts_with("InvalidArgument: "));
    CHECK(ask({{"x-amz-part-number-marker", "-1"}}).starts_with("InvalidArgument: "));
}

TEST_CASE("Torrents and S3 Select are refused, restores of what is not archived", "[s3][refused]") {
    ObjectBench bench;
    bench.send("PUT", "/lab/k", {}, "hello");
    for (const auto& [method, target] : {
             std::pair("GET", "/lab/k?torrent"),
             std::pair("POST", "/lab/k?select&select-type=2"),
         }) {
        const auto refused = bench.send(method, target);
        CHECK(refused.status == 405);
        CHECK(refused.code == "MethodNotAllowed");
        CHECK(refused.extra == "Method=" + std::string(method) + ";ResourceType=OBJECT;");
    }
    CHECK(bench.send("GET", "/none/k?torrent").code == "NoSuchBucket");

    const std::string days = "<RestoreRequest><Days>1</Days></RestoreRequest>";
    const auto restored = bench.send("POST", "/lab/k?restore", {}, days);
    CHECK(restored.status == 403);
    CHECK(restored.code == "InvalidObjectState");
    CHECK(restored.message == "Restore is not allowed for the object's current storage class");
    CHECK(restored.extra.empty());
    CHECK(bench.send("POST", "/lab/none?restore", {}, days).code == "NoSuchKey");
    CHECK(bench.send("POST", "/lab/k?restore", {}, "<Restore/>").code == "MalformedXML");
    bench.send("PUT", "/lab/cold", {{"x-amz-storage-class", "GLACIER"}}, "x");
    CHECK(bench.send("POST", "/lab/cold?restore", {}, days).code == "NotImplemented");
    bench.authorizer.denied = {"s3:RestoreObject"};
    CHECK(bench.send("POST", "/lab/k?restore", {}, days).status == 403);
    CHECK(bench.send("POST", "/lab/k?restore", {}, days).message == "denied s3:RestoreObject");
}
