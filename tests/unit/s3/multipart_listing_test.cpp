// Goal: ListParts and ListMultipartUploads page as AWS does, corner by corner. Recorded answers:
// localstack, test_s3_list_operations.snapshot.json.
#include "tests/unit/s3/multipart_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

std::vector<std::string> elements_of(std::string_view document, const std::string& name) {
    std::vector<std::string> found;
    const std::string open = "<" + name + ">";
    for (auto at = document.find(open); at != std::string_view::npos;
         at = document.find(open, at)) {
        at += open.size();
        found.emplace_back(document.substr(at, document.find('<', at) - at));
    }
    return found;
}

constexpr const char* kInitiator =
    "<Initiator><ID>arn:aws:iam::111122223333:user/student</ID><DisplayName>student</DisplayName>"
    "</Initiator>";

} // namespace

TEST_CASE("Parts are listed by number", "[s3][multipart][list]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    const std::string target = "/lab/k?uploadId=" + id;
    const Answer empty = bench.send("GET", target);
    std::string owner;
    bench.memory->read([&](const store::ReadTx& tx) {
        owner = tx.account("111122223333").canonical_id;
    });
    CHECK(
        empty.body ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListPartsResult "
        "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>lab</Bucket><Key>k</Key>"
        "<UploadId>" +
            id + "</UploadId>" + kInitiator + "<Owner><ID>" + owner +
            "</ID></Owner><StorageClass>STANDARD</StorageClass><PartNumberMarker>0</"
            "PartNumberMarker>"
            "<NextPartNumberMarker>0</NextPartNumberMarker><MaxParts>1000</MaxParts>"
            "<IsTruncated>false</IsTruncated></ListPartsResult>"
    );
    bench.put_part("k", id, 2, "test");
    bench.put_part("k", id, 1, "test");
    const Answer all = bench.send("GET", target);
    const std::string part =
        "<LastModified>2026-02-21T00:07:57.000Z</LastModified><ETag>"
        "&quot;098f6bcd4621d373cade4e832627b4f6&quot;</ETag><Size>4</Size></Part>";
    CHECK(
        all.body.find(
            "<NextPartNumberMarker>2</NextPartNumberMarker><MaxParts>1000</MaxParts>"
            "<IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber>" +
            part + "<Part><PartNumber>2</PartNumber>" + part
        ) != std::string::npos
    );
    const Answer first = bench.send("GET", target + "&max-parts=1");
    CHECK(elements_of(first.body, "PartNumber") == std::vector<std::string>{"1"});
    CHECK(element_of(first.body, "IsTruncated") == "true");
    CHECK(element_of(first.body, "NextPartNumberMarker") == "1");
    CHECK(element_of(first.body, "MaxParts") == "1");
    const Answer next = bench.send("GET", target + "&max-parts=1&part-number-marker=1");
    CHECK(elements_of(next.body, "PartNumber") == std::vector<std::string>{"2"});
    CHECK(element_of(next.body, "IsTruncated") == "false");
    CHECK(element_of(next.body, "PartNumberMarker") == "1");
    const Answer beyond = bench.send("GET", target + "&max-parts=1&part-number-marker=10");
    CHECK(elements_of(beyond.body, "PartNumber").empty());
    CHECK(element_of(beyond.body, "NextPartNumberMarker") == "0");
    CHECK(element_of(beyond.body, "PartNumberMarker") == "10");
    // Empty values are as if they were not there, large ones are cut.
    const Answer blank = bench.send("GET", target + "&max-parts=&part-number-marker=");
    CHECK(element_of(blank.body, "MaxParts") == "1000");
    CHECK(element_of(bench.send("GET", target + "&max-parts=2000").body, "MaxParts") == "1000");
    CHECK(bench.send("GET", "/lab/k?uploadId=fakeid").extra == "UploadId=fakeid;");
    CHECK(bench.send("GET", "/lab/other?uploadId=" + id).code == "NoSuchUpload");
}

TEST_CASE("Parts are listed with the upload's checksum", "[s3][multipart][list][checksum]") {
    MultipartBench bench;
    const std::string id = bench.begin("k", {{"x-amz-checksum-algorithm", "CRC32"}});
    bench.put_part("k", id, 1, "test");
    const Answer answer = bench.send("GET", "/lab/k?uploadId=" + id);
    CHECK(
        answer.body.find("<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>COMPOSITE"
                         "</ChecksumType><Part>") != std::string::npos
    );
    CHECK(
        answer.body.find("<Size>4</Size><ChecksumCRC32>2H9+DA==</ChecksumCRC32></Part>") !=
        std::string::npos
    );
}

TEST_CASE("Counts that are none", "[s3][multipart][list]") {
    MultipartBench bench;
    const std::string id = bench.begin("k");
    for (const auto& [target, name] :
         {std::pair<std::string, std::string>{"/lab/k?uploadId=" + id, "max-parts"},
          {"/lab/k?uploadId=" + id, "part-number-marker"},
          {"/lab?uploads", "max-uploads"}}) {
        const std::string query = target + "&" + name + "=";
        const Answer negative = bench.send("GET", query + "-1");
        CHECK(negative.code == "InvalidArgument");
        CHECK(
            negative.message == "Argument " + name + " must be an integer between 0 and 2147483647"
        );
        CHECK(negative.extra == "ArgumentName=" + name + ";ArgumentValue=-1;");
        for (const std::string value : {"x", "2147483648"}) {
            const Answer answer = bench.send("GET", query + value);
            CHECK(answer.message == "Provided " + name + " not an integer or within integer range");
            CHECK(answer.extra == "ArgumentName=" + name + ";ArgumentValue=" + value + ";");
        }
    }
}

TEST_CASE("Uploads are listed by key and age", "[s3][multipart][list]") {
    MultipartBench bench;
    const Answer empty = bench.send("GET", "/lab?uploads");
    CHECK(
        empty.body ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListMultipartUploadsResult "
        "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>lab</Bucket>"
        "<KeyMarker></KeyMarker><UploadIdMarker></UploadIdMarker><NextKeyMarker></NextKeyMarker>"
        "<NextUploadIdMarker></NextUploadIdMarker><MaxUploads>1000</MaxUploads>"
        "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"
    );
    const std::string c = bench.begin("test_c");
    const std::string b = bench.begin("test_b");
    const std::string a1 = bench.begin("test_a");
    const std::string a2 = bench.begin("test_a");
    const std::string a3 = bench.begin("test_a");
    const auto list = [&](const std::string& more) {
        return bench.send("GET", "/lab?uploads" + more).body;
    };
    using Ids = std::vector<std::string>;
    const std::string all = list("");
    CHECK(elements_of(all, "UploadId") == Ids{a1, a2, a3, b, c});
    CHECK(element_of(all, "NextKeyMarker") == "test_c");
    CHECK(element_of(all, "NextUploadIdMarker") == c);
    CHECK(
        all.find(
            "<Upload><Key>test_b</Key><UploadId>" + b + "</UploadId>" + kInitiator + "<Owner>"
        ) != std::string::npos
    );
    CHECK(
        all.find("</Owner><StorageClass>STANDARD</StorageClass><Initiated>2026-02-21T00:07:57.000Z"
                 "</Initiated></Upload>") != std::string::npos
    );

    const std::string first = list("&max-uploads=1");
    CHECK(elements_of(first, "UploadId") == Ids{a1});
    CHECK(element_of(first, "IsTruncated") == "true");
    CHECK(element_of(first, "NextKeyMarker") == "test_a");
    CHECK(element_of(first, "NextUploadIdMarker") == a1);
    CHECK(elements_of(list("&max-uploads=1&key-marker=test_a"), "UploadId") == Ids{b});
    const std::string last = list("&max-uploads=1&key-marker=test_c");
    CHECK(elements_of(last, "UploadId").empty());
    CHECK(element_of(last, "NextKeyMarker").empty());
    CHECK(element_of(last, "IsTruncated") == "false");
    // Without a key marker the other is ignored.
    const std::string alone = list("&max-uploads=1&upload-id-marker=" + a1);
    CHECK(elements_of(alone, "UploadId") == Ids{a1});
    CHECK(element_of(alone, "UploadIdMarker").empty());
    const std::string both = list("&max-uploads=1&key-marker=test_a&upload-id-marker=" + a1);
    CHECK(elements_of(both, "UploadId") == Ids{a2});
    CHECK(element_of(both, "UploadIdMarker") == a1);
    CHECK(
        elements_of(list("&max-uploads=1&key-marker=test_a&upload-id-marker=" + a3), "UploadId") ==
        Ids{b}
    );
    CHECK(
        element_of(list("&max-uploads=1&key-marker=test_b&upload-id-marker=" + b), "IsTruncated") ==
        "false"
    );
    const Answer wrong = bench.send("GET", "/lab?uploads&key-marker=test_c&upload-id-marker=" + b);
    CHECK(wrong.code == "InvalidArgument");
    CHECK(wrong.message == "Invalid uploadId marker");
    CHECK(wrong.extra == "ArgumentName=upload-id-marker;ArgumentValue=" + b + ";");
    // Who aborts page by page goes on from an upload that is gone.
    REQUIRE(bench.send("DELETE", "/lab/test_a?uploadId=" + a1).status == 204);
    CHECK(
        elements_of(list("&max-uploads=1&key-marker=test_a&upload-id-marker=" + a1), "UploadId") ==
        Ids{a2}
    );
    const std::string none = list("&max-uploads=0");
    CHECK(elements_of(none, "UploadId").empty());
    CHECK(element_of(none, "IsTruncated") == "false");
    CHECK(element_of(list("&max-uploads=2000"), "MaxUploads") == "1000");
}

TEST_CASE("Uploads are grouped by a delimiter", "[s3][multipart][list]") {
    MultipartBench bench;
    bench.begin("test/foo/bar/123");
    bench.begin("test/foo/bar/456");
    bench.begin("test/bar/foo/123");
    const auto list = [&](const std::string& more) {
        return bench.send("GET", "/lab?uploads" + more).body;
    };
    const std::string grouped = list("&prefix=test%2F&delimiter=%2F&encoding-type=url");
    CHECK(
        grouped.find("<Delimiter>/</Delimiter><Prefix>test/</Prefix><EncodingType>url"
                     "</EncodingType><MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated>"
                     "<CommonPrefixes><Prefix>test/bar/</Prefix></CommonPrefixes>"
                     "<CommonPrefixes><Prefix>test/foo/</Prefix></CommonPrefixes>"
                     "</ListMultipartUploadsResult>") != std::string::npos
    );
    CHECK(element_of(grouped, "NextKeyMarker").empty());
    CHECK(
        list("&prefix=test/foo/bar&delimiter=/")
            .find("<CommonPrefixes><Prefix>test/foo/bar/</Prefix></CommonPrefixes>") !=
        std::string::npos
    );
    const std::string plain = list("&prefix=test/foo");
    CHECK(
        elements_of(plain, "Key") ==
        std::vector<std::string>{"test/foo/bar/123", "test/foo/bar/456"}
    );
    CHECK(element_of(plain, "NextKeyMarker") == "test/foo/bar/456");

    MultipartBench other;
    other.begin("folder/aSubfolder/subFile1");
    other.begin("folder/aSubfolder/subFile2");
    const std::string file = other.begin("folder/file1");
    other.begin("folder/file2");
    const std::string query = "/lab?uploads&prefix=folder/&delimiter=/&max-uploads=1";
    const std::string start = other.send("GET", query).body;
    CHECK(elements_of(start, "Prefix").back() == "folder/aSubfolder/");
    CHECK(element_of(start, "IsTruncated") == "true");
    CHECK(element_of(start, "NextKeyMarker").empty());
    for (const std::string marker : {"folder/aSubfolder/", "folder/aSubfolder/subFile1"}) {
        const std::string next = other.send("GET", query + "&key-marker=" + marker).body;
        CHECK(elements_of(next, "UploadId") == std::vector<std::string>{file});
        CHECK(element_of(next, "NextKeyMarker") == "folder/file1");
        CHECK(element_of(next, "IsTruncated") == "true");
    }
    for (const std::string value : {"value", ""}) {
        const Answer answer = other.send("GET", "/lab?uploads&encoding-type=" + value);
        CHECK(answer.message == "Invalid Encoding Method specified in Request");
        CHECK(answer.extra == "ArgumentName=encoding-type;ArgumentValue=" + value + ";");
    }
    other.begin("a%20b%2Bc.bin");
    CHECK(
        elements_of(other.send("GET", "/lab?uploads&encoding-type=url").body, "Key").front() ==
        "a+b%2Bc.bin"
    );
}
