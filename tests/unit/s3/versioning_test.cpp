// Versioning: what a write, a read and a delete mean once a bucket has versions. Expected answers
// are AWS's recorded ones (and the User Guide's where none is recorded).
#include "emulator/s3/versions.hpp"
#include "tests/unit/s3/versioning_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

const std::string kEmpty =
    "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>";

std::string configuration(const std::string& inside) {
    return "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + inside +
           "</VersioningConfiguration>";
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.ends_with(end);
}

// A well-formed id that no version has.
std::string absent_id() {
    FakeRandom random;
    return make_version_id(random, "000000000000000001");
}

} // namespace

TEST_CASE("Versioning is set, told and refused", "[s3][versioning]") {
    VersionBench bench;
    bench.add_bucket("new");
    CHECK(ends_with(bench.send("GET", "/new?versioning").body, kEmpty));
    const auto put = [&](const std::string& body) {
        return bench.send("PUT", "/new?versioning", {}, body);
    };
    // Suspended without having been enabled is accepted (recorded).
    CHECK(put(configuration("<Status>Suspended</Status>")).status == 200);
    CHECK(ends_with(
        bench.send("GET", "/new?versioning").body, configuration("<Status>Suspended</Status>")
    ));
    CHECK(
        put("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>").status ==
        200
    );
    CHECK(ends_with(
        bench.send("GET", "/new?versioning").body, configuration("<Status>Enabled</Status>")
    ));

    for (const char* bad :
         {"<Status>enabled</Status>",
          "<Status>Disabled</Status>",
          "<Status></Status>",
          "<Status>Enabled</Status><Status>Enabled</Status>",
          "<Status>Enabled</Status><MfaDelete>On</MfaDelete>",
          "<Other/>"}) {
        INFO(bad);
        const auto refused = put(configuration(bad));
        CHECK(refused.status == 400);
        CHECK(refused.code == "MalformedXML");
    }
    CHECK(put("<VersioningConfiguration>").code == "MalformedXML");
    CHECK(put("<Versioning/>").code == "MalformedXML");
    CHECK(put("").code == "MissingRequestBodyError");
    const auto empty = put(configuration(""));
    CHECK(empty.status == 400);
    CHECK(empty.code == "IllegalVersioningConfigurationException");
    CHECK(empty.message == "The Versioning element must be specified");
    CHECK(ends_with(
        bench.send("GET", "/new?versioning").body, configuration("<Status>Enabled</Status>")
    ));
    CHECK(bench.send("PUT", "/none?versioning", {}, configuration("")).code == "NoSuchBucket");
    CHECK(bench.send("GET", "/none?versioning").code == "NoSuchBucket");

    bench.authorizer.denied = {"s3:PutBucketVersioning", "s3:GetBucketVersioning"};
    CHECK(
        put(configuration("<Status>Suspended</Status>")).message == "denied s3:PutBucketVersioning"
    );
    CHECK(bench.send("GET", "/new?versioning").message == "denied s3:GetBucketVersioning");
}

TEST_CASE("MFA delete is refused: no code of any device is valid here", "[s3][versioning]") {
    VersionBench bench;
    const std::string on = configuration("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>");
    for (const HeaderList& headers :
         {HeaderList{}, HeaderList{{"x-amz-mfa", "arn:aws:iam::111122223333:mfa/device 123456"}}}) {
        const auto refused = bench.send("PUT", "/lab?versioning", headers, on);
        CHECK(refused.status == 403);
        CHECK(refused.code == "AccessDenied");
        CHECK(refused.message == "Mfa Authentication must be used for this request");
    }
    // What leaves it off needs no device, and is told afterwards.
    const std::string off =
        configuration("<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete>");
    CHECK(bench.send("PUT", "/lab?versioning", {}, off).status == 200);
    CHECK(ends_with(bench.send("GET", "/lab?versioning").body, off));
}

TEST_CASE("A version id is opaque, and known as one of this service", "[s3][versioning]") {
    FakeRandom random;
    const std::string id = make_version_id(random, "00683DDD3F0410D2E3");
    CHECK(id.size() == 32);
    CHECK(sequencer_of_version_id(id) == "00683DDD3F0410D2E3");
    CHECK(id != make_version_id(random, "00683DDD3F0410D2E4"));
    for (std::size_t i = 0; i < id.size(); ++i) {
        std::string changed = id;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        INFO(changed);
        CHECK_FALSE(sequencer_of_version_id(changed));
    }
    for (const char* other : {"", "null", "bogus", "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"}) {
        CHECK_FALSE(sequencer_of_version_id(other));
    }
    CHECK_FALSE(sequencer_of_version_id(id + "A"));
    CHECK_FALSE(sequencer_of_version_id(id.substr(0, 31) + "-"));
}

TEST_CASE("Each write makes a version that stays readable by its id", "[s3][versioning]") {
    VersionBench bench;
    const std::string first = bench.put("k", "one");
    const std::string second = bench.put("k", "second");
    CHECK(first != second);
    const auto current = bench.send("GET", "/lab/k");
    CHECK(current.body == "second");
    CHECK(current.header_map.get("x-amz-version-id") == second);
    for (const char* method : {"GET", "HEAD"}) {
        const auto old = bench.send(method, "/lab/k?versionId=" + first);
        CHECK(old.status == 200);
        CHECK(old.header_map.get("x-amz-version-id") == first);
        CHECK(old.header_map.get("etag") == "\"f97c5d29941bfb1b2fdab0874906ab82\"");
    }
    CHECK(bench.send("GET", "/lab/k?versionId=" + first, {{"Range", "bytes=0-1"}}).body == "on");
    const auto unchanged =
        bench.send("GET", "/lab/k", {{"If-None-Match", current.header_map.get("etag").data()}});
    CHECK(unchanged.header_map.get("x-amz-version-id") == second);
}

TEST_CASE(
    "A version id that is none is invalid, an absent one does not exist", "[s3][versioning]"
) {
    VersionBench bench;
    const std::string id = bench.put("k");
    const std::string changed = id.substr(0, 28) + "ABCD";
    for (const char* method : {"GET", "HEAD", "DELETE"}) {
        for (const std::string& bad : {changed, std::string("bogus")}) {
            const auto refused = bench.send(method, "/lab/k?versionId=" + bad);
            CHECK(refused.status == 400);
            CHECK(refused.code == "InvalidArgument");
            CHECK(refused.message == "Invalid version id specified");
            CHECK(refused.extra == "ArgumentName=versionId;ArgumentValue=" + bad + ";");
        }
        CHECK(
            bench.send(method, "/lab/k?versionId=").message ==
            "Version id cannot be the empty string"
        );
    }
    const std::string absent = absent_id();
    for (const char* method : {"GET", "HEAD"}) {
        const auto missing = bench.send(method, "/lab/k?versionId=" + absent);
        CHECK(missing.status == 404);
        CHECK(missing.code == "NoSuchVersion");
        CHECK(missing.message == "The specified version does not exist.");
        CHECK(missing.extra == "Key=k;VersionId=" + absent + ";");
        CHECK(bench.send(method, "/lab/k?versionId=null").extra == "Key=k;VersionId=null;");
    }
    bench.authorizer.denied = {"s3:ListBucket"};
    CHECK(bench.send("GET", "/lab/k?versionId=" + absent).status == 403);
    CHECK(bench.send("GET", "/lab/none").status == 403);

    // A bucket that never had versioning knows no id but null, and shows none.
    bench.authorizer.denied.clear();
    bench.add_bucket("plain");
    bench.send("PUT", "/plain/k", {}, "x");
    for (const char* method : {"GET", "HEAD", "DELETE"}) {
        CHECK(bench.send(method, "/plain/k?versionId=" + id).code == "InvalidArgument");
    }
    CHECK(bench.send("GET", "/plain/k").headers.find("version-id") == std::string::npos);
    const auto null = bench.send("GET", "/plain/k?versionId=null");
    CHECK(null.status == 200);
    CHECK(null.headers.find("version-id") == std::string::npos);
}

TEST_CASE("A delete marker hides a key and says so", "[s3][versioning]") {
    VersionBench bench;
    const std::string id = bench.put("k");
    const auto deleted = bench.send("DELETE", "/lab/k");
    CHECK(deleted.status == 204);
    CHECK(deleted.header_map.get("x-amz-delete-marker") == "true");
    const std::string marker(deleted.header_map.get("x-amz-version-id"));
    CHECK(sequencer_of_version_id(marker));
    CHECK(bench.versions({{id, "v1"}, {marker, "m1"}}) == "*m1 v1");
    for (const char* method : {"GET", "HEAD"}) {
        const auto hidden = bench.send(method, "/lab/k");
        CHECK(hidden.status == 404);
        CHECK(hidden.code == "NoSuchKey");
        CHECK(hidden.extra == "Key=k;");
        CHECK(hidden.headers == "x-amz-delete-marker: true\nx-amz-version-id: " + marker + "\n");
        const auto refused = bench.send(method, "/lab/k?versionId=" + marker);
        CHECK(refused.status == 405);
        CHECK(refused.code == "MethodNotAllowed");
        CHECK(refused.extra == "Method=" + std::string(method) + ";ResourceType=DeleteMarker;");
        CHECK(
            refused.headers == "Allow: DELETE\nx-amz-delete-marker: true\nx-amz-version-id: " +
                                   marker + "\nLast-Modified: Sat, 21 Feb 2026 00:07:57 GMT\n"
        );
        CHECK(bench.send(method, "/lab/k?versionId=" + id).status == 200);
    }
    CHECK(elements(bench.send("GET", "/lab?list-type=2").body, "Key").empty());
    // One more on top; a key that never existed gets one as well.
    const std::string second = bench.remove("k");
    CHECK(bench.versions({{id, "v1"}, {marker, "m1"}, {second, "m2"}}) == "*m2 m1 v1");
    CHECK_FALSE(bench.remove("never").empty());
}

TEST_CASE("Deleting by id is for good, and brings back what was below", "[s3][versioning]") {
    VersionBench bench;
    const std::string first = bench.put("k", "one");
    const std::string second = bench.put("k", "two");
    const std::string marker = bench.remove("k");

    const auto unmarked = bench.send("DELETE", "/lab/k?versionId=" + marker);
    CHECK(unmarked.status == 204);
    CHECK(unmarked.headers == "x-amz-delete-marker: true\nx-amz-version-id: " + marker + "\n");
    CHECK(bench.send("GET", "/lab/k").body == "two");

    const auto deleted = bench.send("DELETE", "/lab/k?versionId=" + second);
    CHECK(deleted.status == 204);
    CHECK(deleted.headers == "x-amz-version-id: " + second + "\n");
    CHECK(bench.send("GET", "/lab/k").body == "one");
    CHECK(bench.send("GET", "/lab/k?versionId=" + second).code == "NoSuchVersion");
    // Again: nothing to do, the same answer.
    CHECK(bench.send("DELETE", "/lab/k?versionId=" + second).headers == deleted.headers);

    bench.send("DELETE", "/lab/k?versionId=" + first);
    CHECK(bench.versions({}).empty());
    CHECK(bench.send("GET", "/lab/k").headers.empty());
}

TEST_CASE("What was there before is the null version; suspension writes it", "[s3][versioning]") {
    ObjectBench plain;
    plain.send("PUT", "/lab/k", {}, "before");
    plain.send(
        "PUT",
        "/lab?versioning",
        {},
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    );
    CHECK(plain.send("GET", "/lab/k").header_map.get("x-amz-version-id") == "null");
    plain.send("PUT", "/lab/k", {}, "after");
    CHECK(plain.send("GET", "/lab/k?versionId=null").body == "before");

    VersionBench bench;
    const std::string id = bench.put("k", "one");
    bench.versioning("Suspended");
    CHECK(bench.put("k", "two").empty()); // none is shown
    CHECK(bench.send("GET", "/lab/k").header_map.get("x-amz-version-id") == "null");
    bench.put("k", "three");
    CHECK(bench.versions({{id, "v1"}}) == "*null v1");
    CHECK(bench.send("GET", "/lab/k?versionId=null").body == "three");
    const auto deleted = bench.send("DELETE", "/lab/k");
    CHECK(deleted.headers == "x-amz-delete-marker: true\nx-amz-version-id: null\n");
    CHECK(bench.versions({{id, "v1"}}) == "*null v1");
    CHECK(bench.send("GET", "/lab/k").header_map.get("x-amz-version-id") == "null");
    CHECK(bench.send("GET", "/lab/k?versionId=null").status == 405);
    CHECK(
        bench.send("DELETE", "/lab/k?versionId=null").header_map.get("x-amz-delete-marker") ==
        "true"
    );
    CHECK(bench.send("GET", "/lab/k").body == "one");
}

TEST_CASE("A copy names both versions, and restores an old one", "[s3][versioning][copy]") {
    VersionBench bench;
    const std::string first = bench.put("k", "one");
    const std::string second = bench.put("k", "two");
    const auto copy = [&](const std::string& source, const std::string& key) {
        return bench.send("PUT", "/lab/" + key, {{"x-amz-copy-source", source}});
    };
    const auto latest = copy("lab/k", "copy");
    CHECK(latest.status == 200);
    CHECK(latest.header_map.get("x-amz-copy-source-version-id") == second);
    CHECK(
        latest.header_map.get("x-amz-version-id") ==
        bench.send("HEAD", "/lab/copy").header_map.get("x-amz-version-id")
    );
    CHECK(copy("lab/k", "k").code == "InvalidRequest"); // changes nothing
    const auto restored = copy("lab/k?versionId=" + first, "k");
    CHECK(restored.header_map.get("x-amz-copy-source-version-id") == first);
    CHECK(bench.send("GET", "/lab/k").body == "one");
    const std::string third(restored.header_map.get("x-amz-version-id"));
    CHECK(bench.versions({{first, "v1"}, {second, "v2"}, {third, "v3"}}).ends_with("*v3 v2 v1"));

    const std::string marker = bench.remove("k");
    const auto hidden = copy("lab/k", "x");
    CHECK(hidden.code == "NoSuchKey");
    CHECK(hidden.extra == "Key=k;");
    const auto named = copy("lab/k?versionId=" + marker, "x");
    CHECK(named.status == 400);
    CHECK(named.code == "InvalidRequest");
    CHECK(
        named.message ==
        "The source of a copy request may not specifically refer to a delete marker by version id."
    );
    CHECK(copy("lab/k?versionId=" + absent_id(), "x").code == "NoSuchVersion");
    CHECK(copy("lab/k?versionId=bogus", "x").code == "InvalidArgument");

    // Suspended: the copy is the null version, and a copy says so.
    bench.versioning("Suspended");
    CHECK(copy("lab/copy", "x").header_map.get("x-amz-version-id") == "null");
    // From and into buckets that never had versions: no header.
    bench.add_bucket("plain");
    bench.send("PUT", "/plain/k", {}, "x");
    CHECK(copy("plain/k", "y").headers.find("copy-source-version") == std::string::npos);
    CHECK(copy("plain/k?versionId=" + first, "y").code == "InvalidArgument");
}

TEST_CASE("DeleteObjects removes versions and makes markers", "[s3][versioning][delete]") {
    VersionBench bench;
    const std::string first = bench.put("a", "one");
    const std::string second = bench.put("a", "two");
    const auto send = [&](const std::string& objects) {
        const auto answer =
            bench.document("POST", "/lab?delete", "<Delete>" + objects + "</Delete>");
        REQUIRE(answer.status == 200);
        const auto begin = answer.body.find("03-01/\">") + 8;
        return answer.body.substr(begin, answer.body.find("</DeleteResult>") - begin);
    };
    const auto object = [](const std::string& key, const std::string& version) {
        return "<Object><Key>" + key + "</Key>" +
               (version.empty() ? "" : "<VersionId>" + version + "</VersionId>") + "</Object>";
    };
    const std::string marked = send(object("a", ""));
    const std::string marker = elements(marked, "DeleteMarkerVersionId").substr(0, 32);
    CHECK(
        marked == "<Deleted><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>" + marker +
                      "</DeleteMarkerVersionId><Key>a</Key></Deleted>"
    );
    CHECK(bench.versions({{first, "v1"}, {second, "v2"}, {marker, "m"}}) == "*m v2 v1");
    CHECK(
        send(object("a", marker)) ==
        "<Deleted><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>" + marker +
            "</DeleteMarkerVersionId><Key>a</Key><VersionId>" + marker + "</VersionId></Deleted>"
    );
    CHECK(
        send(object("a", second)) ==
        "<Deleted><Key>a</Key><VersionId>" + second + "</VersionId></Deleted>"
    );
    // Gone already: deleted all the same. No id at all: no such version.
    CHECK(send(object("a", second)).starts_with("<Deleted><Key>a</Key>"));
    CHECK(
        send(object("a", "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD")) ==
        "<Error><Key>a</Key><VersionId>HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD</VersionId>"
        "<Code>NoSuchVersion</Code><Message>The specified version does not exist.</Message></Error>"
    );
    CHECK(bench.versions({{first, "v1"}}) == "*v1");

    bench.authorizer.denied = {"s3:DeleteObjectVersion arn:aws:s3:::lab/a"};
    CHECK(elements(send(object("a", first)), "Code") == "AccessDenied;");
    CHECK(
        bench.authorizer.conditions.back() ==
        std::pair<std::string, std::string>("s3:VersionId", first)
    );
    CHECK(
        elements(send("<Object><Key>a</Key><ETag>\"no\"</ETag></Object>"), "Code") ==
        "PreconditionFailed;"
    );
    CHECK(elements(send("<Object><Key>none</Key><ETag>*</ETag></Object>"), "Code") == "NoSuchKey;");
    CHECK(
        elements(
            send("<Object><Key>a</Key><ETag>f97c5d29941bfb1b2fdab0874906ab82</ETag></Object>"),
            "DeleteMarker"
        ) == "true;"
    );
}

TEST_CASE("Events of versioned buckets carry the version", "[s3][versioning][events]") {
    VersionBench bench;
    const auto last = [] { return raised_events().back(); };
    const std::string id = bench.put("k");
    CHECK(last().event_name == "ObjectCreated:Put");
    CHECK(last().version_id == id);
    bench.send("PUT", "/lab/copy", {{"x-amz-copy-source", "lab/k"}});
    CHECK(last().event_name == "ObjectCreated:Copy");
    CHECK(sequencer_of_version_id(last().version_id));

    const std::string marker = bench.remove("k");
    CHECK(last().event_name == "ObjectRemoved:DeleteMarkerCreated");
    CHECK(last().version_id == marker);
    CHECK(last().etag == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK_FALSE(last().size);

    bench.send("DELETE", "/lab/k?versionId=" + marker);
    CHECK(last().event_name == "ObjectRemoved:Delete");
    CHECK(last().version_id == marker);
    CHECK(last().etag.empty());
    const auto count = raised_events().size();
    bench.send("DELETE", "/lab/k?versionId=" + marker); // is not there any more
    CHECK(raised_events().size() == count);

    bench.versioning("Suspended");
    bench.put("k");
    CHECK(last().version_id.empty());
    bench.remove("k");
    CHECK(last().event_name == "ObjectRemoved:DeleteMarkerCreated");
    CHECK(last().version_id.empty());
}

TEST_CASE("Versions have IAM actions of their own", "[s3][versioning][iam]") {
    VersionBench bench;
    const std::string id = bench.put("k");
    const auto asked =
        [&](const char* method, const std::string& target, const HeaderList& headers = {}) {
            bench.authorizer.asked.clear();
            bench.send(method, target, headers);
            return bench.authorizer.asked;
        };
    using List = std::vector<std::string>;
    const std::string arn = " arn:aws:s3:::lab/k";
    const std::pair<std::string, std::string> version("s3:VersionId", id);
    CHECK(asked("GET", "/lab/k") == List{"s3:GetObject" + arn});
    CHECK(asked("GET", "/lab/k?versionId=" + id) == List{"s3:GetObjectVersion" + arn});
    CHECK(bench.authorizer.conditions == std::vector{version});
    CHECK(
        asked("PUT", "/lab/x", {{"x-amz-copy-source", "lab/k?versionId=" + id}}).back() ==
        "s3:GetObjectVersion" + arn
    );
    CHECK(bench.authorizer.conditions == std::vector{version});
    bench.send("PUT", "/lab/tagged", {{"x-amz-tagging", "a=b"}}, "x");
    const std::string tagged(bench.send("HEAD", "/lab/tagged").header_map.get("x-amz-version-id"));
    const auto copy =
        asked("PUT", "/lab/x", {{"x-amz-copy-source", "lab/tagged?versionId=" + tagged}});
    CHECK(std::ranges::count(copy, "s3:GetObjectVersionTagging arn:aws:s3:::lab/tagged") == 1);
    CHECK(asked("GET", "/lab?versions&prefix=p") == List{"s3:ListBucketVersions arn:aws:s3:::lab"});
    CHECK(
        bench.authorizer.conditions ==
        std::vector<std::pair<std::string, std::string>>{{"s3:prefix", "p"}}
    );
    CHECK(asked("DELETE", "/lab/k?versionId=" + id) == List{"s3:DeleteObjectVersion" + arn});
    CHECK(bench.authorizer.conditions == std::vector{version});
    CHECK(asked("DELETE", "/lab/k", {{"If-Match", "*"}}) == List{"s3:DeleteObject" + arn});
    CHECK(
        asked("DELETE", "/lab/k", {{"If-Match", "e"}}) ==
        List{"s3:DeleteObject" + arn, "s3:GetObject" + arn}
    );
}

TEST_CASE("A conditional write that another one overtook is a conflict", "[s3][conditional]") {
    VersionBench bench;
    const UtcInstant started = bench.now;
    const auto conflict = [&](const HeaderList& headers, const std::string& condition) {
        const UtcInstant later = std::exchange(bench.now, started);
        const auto put = bench.send("PUT", "/lab/k", headers, "mine");
        HeaderList copy = headers;
        copy.emplace_back("x-amz-copy-source", "lab/source");
        const auto copied = bench.send("PUT", "/lab/k", copy);
        bench.now = later;
        for (const auto& answer : {put, copied}) {
            CHECK(answer.status == 409);
            CHECK(answer.code == "ConditionalRequestConflict");
            CHECK(answer.extra == "Condition=" + condition + ";Key=k;");
        }
    };
    bench.put("source");
    bench.now += seconds(1);
    bench.put("k", "abcdef");
    conflict({{"If-Match", "e80b5017098950fc58aad83c8c14978e"}}, "If-Match");
    bench.remove("k");
    conflict({{"If-None-Match", "*"}}, "If-None-Match");
    // Begun after the deletion, it is none.
    CHECK(bench.send("PUT", "/lab/k", {{"If-None-Match", "*"}}, "mine").status == 200);
    CHECK(bench.send("PUT", "/lab/k", {{"If-None-Match", "*"}}, "mine").status == 412);
}

TEST_CASE("A bucket with versions or markers left is not empty", "[s3][versioning][bucket]") {
    VersionBench bench;
    const std::string id = bench.put("k");
    CHECK(bench.send("DELETE", "/lab").code == "BucketNotEmpty");
    const std::string marker = bench.remove("k");
    const auto refused = bench.send("DELETE", "/lab");
    CHECK(refused.status == 409);
    CHECK(
        refused.message ==
        "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
    );
    bench.send("DELETE", "/lab/k?versionId=" + id);
    CHECK(bench.send("DELETE", "/lab").code == "BucketNotEmpty");
    bench.send("DELETE", "/lab/k?versionId=" + marker);
    CHECK(bench.send("DELETE", "/lab").status == 204);
}
