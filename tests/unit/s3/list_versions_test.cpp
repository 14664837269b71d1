// ListObjectVersions: pages, markers, groups, and its elements in AWS's order.
#include "emulator/s3/versions.hpp"
#include "tests/unit/s3/versioning_fixture.hpp"

#include <map>

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

// "k1:v2* k1:v1 ..." with "+" before a delete marker, "p/" for common prefixes, as a page shows
// them.
class ListBench : public VersionBench {
public:
    void named_put(const std::string& key, const std::string& name) { names_[put(key)] = name; }

    void named_remove(const std::string& key, const std::string& name) {
        names_[remove(key)] = name;
    }

    std::string id(const std::string& name) const {
        for (const auto& [id, given] : names_) {
            if (given == name) {
                return id;
            }
        }
        return "";
    }

    std::string list(const std::string& query = "") {
        last = send("GET", "/lab?versions" + query);
        REQUIRE(last.status == 200);
        std::string text;
        std::string_view rest = last.body;
        while (true) {
            const auto version = rest.find("<Version>");
            const auto marker = rest.find("<DeleteMarker>");
            const auto at = std::min(version, marker);
            if (at == std::string_view::npos) {
                break;
            }
            rest = rest.substr(at + 1);
            const std::string one(rest.substr(0, rest.find("</Owner>")));
            text += (text.empty() ? "" : " ") + std::string(at == marker ? "+" : "");
            text += first(one, "Key") + ":" + name(first(one, "VersionId"));
            text += first(one, "IsLatest") == "true" ? "*" : "";
        }
        const auto groups = last.body.find("<CommonPrefixes>");
        if (groups != std::string::npos) {
            text += (text.empty() ? "" : " ") + elements(last.body.substr(groups), "Prefix");
        }
        return text;
    }

    // "test_1 m1", "" when the page was the last.
    std::string next() const {
        if (first(last.body, "IsTruncated") == "false") {
            CHECK(last.body.find("<Next") == std::string::npos);
            return "";
        }
        return first(last.body, "NextKeyMarker") + " " +
               name(first(last.body, "NextVersionIdMarker"));
    }

    Answer last;

private:
    static std::string first(std::string_view xml, const std::string& element) {
        const std::string all = elements(xml, element);
        return all.substr(0, all.find(';'));
    }

    std::string name(const std::string& id) const {
        const auto known = names_.find(id);
        return known == names_.end() ? id : known->second;
    }

    std::map<std::string, std::string> names_;
};

} // namespace

TEST_CASE("Versions and markers come by key, newest first", "[s3][versions]") {
    ListBench bench; // the recorded sequence of writes
    bench.named_put("test_0", "1");
    bench.named_put("test_1", "2");
    bench.named_put("test_2", "3");
    bench.named_put("test_2", "4");
    bench.named_remove("test_0", "5");
    bench.named_remove("test_1", "6");
    bench.named_remove("test_2", "7");
    bench.named_put("test_0", "8");
    bench.named_put("test_1", "9");
    CHECK(
        bench.list() == "test_0:8* +test_0:5 test_0:1 test_1:9* +test_1:6 test_1:2 +test_2:7* "
                        "test_2:4 test_2:3"
    );
    CHECK(bench.next().empty());
    CHECK(bench.list("&max-keys=5") == "test_0:8* +test_0:5 test_0:1 test_1:9* +test_1:6");
    CHECK(bench.next() == "test_1 6");
    CHECK(bench.list("&max-keys=1&key-marker=test_1") == "+test_2:7*");
    CHECK(bench.next() == "test_2 7");
    CHECK(bench.list("&max-keys=1&key-marker=test_2").empty());
    CHECK(bench.next().empty());
    CHECK(
        bench.list("&max-keys=1&key-marker=test_1&version-id-marker=" + bench.id("6")) == "test_1:2"
    );
    CHECK(bench.next() == "test_1 2");
    CHECK(
        bench.list("&max-keys=1&key-marker=test_2&version-id-marker=" + bench.id("4")) == "test_2:3"
    );
    CHECK(bench.next().empty());
    CHECK(bench.list("&max-keys=1&key-marker=") == "test_0:8*");
    CHECK(bench.list("&max-keys=0").empty());
    CHECK(bench.next().empty());
    // An id of another key, older than all of this one: the key is passed over.
    CHECK(
        bench.list("&key-marker=test_1&version-id-marker=" + bench.id("1")) ==
        "+test_2:7* test_2:4 test_2:3"
    );
}

TEST_CASE("A page goes on although the version of its marker is gone", "[s3][versions]") {
    ListBench bench;
    for (const char* name : {"1", "2", "3", "4", "5"}) {
        bench.named_put("prefixed_key", name);
    }
    bench.named_put("other", "6");
    const std::string marker =
        "&prefix=prefix&key-marker=prefixed_key&version-id-marker=" + bench.id("3");
    CHECK(
        bench.list("&prefix=prefix&max-keys=3") == "prefixed_key:5* prefixed_key:4 prefixed_key:3"
    );
    CHECK(bench.next() == "prefixed_key 3");
    CHECK(bench.list(marker) == "prefixed_key:2 prefixed_key:1");
    for (const char* name : {"5", "4", "3"}) {
        bench.send("DELETE", "/lab/prefixed_key?versionId=" + bench.id(name));
    }
    CHECK(bench.list(marker) == "prefixed_key:2* prefixed_key:1");
    // The same with a delete marker left on top.
    bench.send("DELETE", "/lab/prefixed_key?versionId=" + bench.id("2"));
    bench.named_remove("prefixed_key", "7");
    const std::string before_marker =
        "&key-marker=prefixed_key&version-id-marker=" + bench.put("prefixed_key");
    CHECK(bench.list(before_marker) == "+prefixed_key:7 prefixed_key:1");
}

TEST_CASE("The null version is a marker too", "[s3][versions]") {
    ListBench bench;
    bench.named_put("k", "1");
    bench.versioning("Suspended");
    bench.put("k");
    bench.versioning("Enabled");
    bench.named_put("k", "2");
    CHECK(bench.list() == "k:2* k:null k:1");
    CHECK(bench.list("&key-marker=k&version-id-marker=null") == "k:1");
    bench.send("DELETE", "/lab/k?versionId=null");
    CHECK(bench.list("&key-marker=k&version-id-marker=null") == "k:2* k:1");
}

TEST_CASE("Groups stand for all their versions", "[s3][versions]") {
    ListBench bench;
    for (const char* key :
         {"folder/aSub/1", "folder/aSub/1", "folder/aSub/2", "folder/file1", "folder/file2"}) {
        bench.put(key);
    }
    const std::string query = "&prefix=folder/&delimiter=/&max-keys=1";
    CHECK(bench.list(query) == "folder/aSub/;");
    CHECK(bench.next() == "folder/aSub/ ");
    CHECK(bench.last.body.find("NextVersionIdMarker") == std::string::npos);
    CHECK(bench.list(query + "&key-marker=folder/aSub/").starts_with("folder/file1:"));
    CHECK(bench.list(query + "&key-marker=folder/aSub/1").starts_with("folder/file1:"));
    CHECK(bench.list(query + "&key-marker=folder/file1").starts_with("folder/file2:"));
    CHECK(bench.next().empty());
    CHECK(bench.list("&delimiter=/&prefix=folder/aS") == "folder/aSub/;");
    CHECK(bench.list("&delimiter=/") == "folder/;");
    CHECK(bench.list("&delimiter=/&prefix=x").empty());
}

TEST_CASE("Elements of a version listing", "[s3][versions]") {
    ListBench bench;
    const std::string id = bench.put("a b");
    const std::string marker = bench.remove("a b");
    std::string owner;
    bench.memory->read([&](const store::ReadTx& tx) {
        owner = tx.account("111122223333").canonical_id;
    });
    const auto answer =
        bench.send("GET", "/lab?versions&encoding-type=url&delimiter=+&prefix=a%20b");
    CHECK(
        answer.body ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>lab</Name>"
        "<Prefix>a+b</Prefix><KeyMarker></KeyMarker><VersionIdMarker></VersionIdMarker>"
        "<MaxKeys>1000</MaxKeys><Delimiter>+</Delimiter><EncodingType>url</EncodingType>"
        "<IsTruncated>false</IsTruncated>"
        "<DeleteMarker><Key>a+b</Key><VersionId>" +
            marker +
            "</VersionId>"
            "<IsLatest>true</IsLatest><LastModified>2026-02-21T00:07:57.000Z</LastModified>"
            "<Owner><ID>" +
            owner +
            "</ID></Owner></DeleteMarker>"
            "<Version><Key>a+b</Key><VersionId>" +
            id +
            "</VersionId><IsLatest>false</IsLatest>"
            "<LastModified>2026-02-21T00:07:57.000Z</LastModified>"
            "<ETag>&quot;e80b5017098950fc58aad83c8c14978e&quot;</ETag>"
            "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</"
            "ChecksumType>"
            "<Size>6</Size><Owner><ID>" +
            owner +
            "</ID></Owner><StorageClass>STANDARD</StorageClass>"
            "</Version></ListVersionsResult>"
    );
    const auto page = bench.send("GET", "/lab?versions&max-keys=1&key-marker=a");
    CHECK(
        page.body.find(
            "<KeyMarker>a</KeyMarker><VersionIdMarker></VersionIdMarker>"
            "<NextKeyMarker>a b</NextKeyMarker><NextVersionIdMarker>" +
            marker + "</NextVersionIdMarker><MaxKeys>1</MaxKeys><IsTruncated>true"
        ) != std::string::npos
    );
    // Without versioning every object is the null version.
    bench.add_bucket("plain");
    bench.send("PUT", "/plain/k", {}, "x");
    const auto plain = bench.send("GET", "/plain?versions");
    CHECK(elements(plain.body, "VersionId") == "null;");
    CHECK(elements(plain.body, "IsLatest") == "true;");
}

TEST_CASE("Markers are checked after max-keys and before encoding-type", "[s3][versions]") {
    ListBench bench;
    const auto refused = [&](const std::string& query) {
        const auto answer = bench.send("GET", "/lab?versions" + query);
        CHECK(answer.status == 400);
        CHECK(answer.code == "InvalidArgument");
        return answer.message + " " + answer.extra;
    };
    const std::string kNoKey = "A version-id marker cannot be specified without a key marker. "
                               "ArgumentName=version-id-marker;ArgumentValue=";
    CHECK(refused("&version-id-marker=null") == kNoKey + "null;");
    CHECK(refused("&version-id-marker=bad&encoding-type=x") == kNoKey + "bad;");
    CHECK(refused("&version-id-marker=") == kNoKey + ";");
    CHECK(refused("&key-marker=&version-id-marker=null") == kNoKey + "null;");
    CHECK(
        refused("&key-marker=k&version-id-marker=&encoding-type=x") ==
        "A version-id marker cannot be empty. ArgumentName=version-id-marker;ArgumentValue=;"
    );
    CHECK(
        refused("&key-marker=k&version-id-marker=bad&encoding-type=x") ==
        "Invalid version id specified ArgumentName=version-id-marker;ArgumentValue=bad;"
    );
    CHECK(
        refused("&version-id-marker=bad&max-keys=abc") ==
        "Provided max-keys not an integer or within integer range "
        "ArgumentName=max-keys;ArgumentValue=abc;"
    );
    CHECK(refused("&encoding-type=x").starts_with("Invalid Encoding Method specified in Request"));
    const auto on_key = bench.send("GET", "/lab/k?versions");
    CHECK(on_key.message == "There is no such thing as the ?versions sub-resource for a key");
}
