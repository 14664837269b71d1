// Object lock: configuration, retention on the lab's clock, legal hold, and what they forbid.
// Expected answers are AWS's recorded ones.
#include "emulator/s3/errors_lock.hpp"
#include "emulator/s3/object_lock.hpp"
#include "tests/unit/s3/versioning_fixture.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

const std::string kXmlns = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
const std::string kLocked = "Access Denied because object protected by object lock.";
const HeaderList kBypass{{"x-amz-bypass-governance-retention", "true"}};

std::string configuration(const std::string& inside) {
    return "<ObjectLockConfiguration" + kXmlns + ">" + inside + "</ObjectLockConfiguration>";
}

std::string rule(const std::string& inside) {
    return configuration(
        "<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>" + inside +
        "</DefaultRetention></Rule>"
    );
}

std::string retention(const std::string& mode, const std::string& until) {
    return "<Retention" + kXmlns + "><Mode>" + mode + "</Mode><RetainUntilDate>" + until +
           "</RetainUntilDate></Retention>";
}

std::string hold(const std::string& status) {
    return "<LegalHold" + kXmlns + "><Status>" + status + "</Status></LegalHold>";
}

// "lab" has object lock; it is 2026-02-21T00:07:57.250Z.
class LockBench : public VersionBench {
public:
    LockBench() { CHECK(configure(configuration(kOn)).status == 200); }

    Answer configure(const std::string& body) { return document("PUT", "/lab?object-lock", body); }

    Answer retain(
        const std::string& target,
        const std::string& mode,
        const std::string& until,
        const HeaderList& headers = {}
    ) {
        return document("PUT", target, retention(mode, until), headers);
    }

    Answer locked_put(HeaderList headers, std::string_view body = "abcdef") {
        headers.emplace_back("Content-MD5", to_base64(md5(body)));
        return send("PUT", "/lab/k", headers, body);
    }

    // An advance ages what was stamped before it.
    void advance(seconds amount) {
        now += milliseconds(1);
        axis.advance(now, amount);
        now += milliseconds(1);
    }

    static constexpr const char* kOn = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>";
};

constexpr seconds kDay{86'400};

} // namespace

TEST_CASE("A bucket is made with object lock, which brings versioning", "[s3][lock]") {
    ObjectBench bench;
    REQUIRE(
        bench
            .send(
                "PUT",
                "/locked",
                {{"x-amz-bucket-object-lock-enabled", "true"}},
                "<CreateBucketConfiguration><LocationConstraint>us-east-2</LocationConstraint>"
                "</CreateBucketConfiguration>"
            )
            .status == 200
    );
    CHECK(
        bench.authorizer.asked ==
        std::vector<std::string>{
            "s3:CreateBucket arn:aws:s3:::locked",
            "s3:PutBucketObjectLockConfiguration arn:aws:s3:::locked",
            "s3:PutBucketVersioning arn:aws:s3:::locked"}
    );
    CHECK(elements(bench.send("GET", "/locked?versioning").body, "Status") == "Enabled;");
    CHECK(bench.send("GET", "/locked?object-lock").body.ends_with(configuration(LockBench::kOn)));
    const auto refused = bench.send(
        "PUT",
        "/locked?versioning",
        {},
        "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
    );
    CHECK(refused.status == 409);
    CHECK(refused.code == "InvalidBucketState");
    CHECK(
        refused.message == "An Object Lock configuration is present on this bucket, so the "
                           "versioning state cannot be changed."
    );
}

TEST_CASE("A bucket's lock configuration is set, shown and refused", "[s3][lock]") {
    LockBench bench;
    const std::string days = rule("<Mode>GOVERNANCE</Mode><Days>1</Days>");
    const std::string years = rule("<Mode>COMPLIANCE</Mode><Years>2</Years>");
    for (const std::string& body : {days, years, configuration(LockBench::kOn)}) {
        CHECK(bench.configure(body).status == 200);
        CHECK(bench.send("GET", "/lab?object-lock").body.ends_with(body));
    }
    for (const std::string& bad :
         {std::string(),
          configuration(""),
          configuration("<ObjectLockEnabled>Yes</ObjectLockEnabled>"),
          configuration("<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days>"
                        "</DefaultRetention></Rule>"),
          configuration(std::string(LockBench::kOn) + "<Rule></Rule>"),
          rule(""),
          rule("<Mode>GOVERNANCE</Mode>"),
          rule("<Mode>BAD-VALUE</Mode><Days>1</Days>"),
          rule("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>"),
          rule("<Mode>GOVERNANCE</Mode><Days>x</Days>"),
          rule("<Days>1</Days>")}) {
        INFO(bad);
        CHECK(bench.configure(bad).code == "MalformedXML");
    }
    const auto zero = bench.configure(rule("<Mode>GOVERNANCE</Mode><Days>0</Days>"));
    CHECK(zero.code == "InvalidArgument");
    CHECK(zero.message == "Default retention period must be a positive integer value.");
    CHECK(zero.extra == "ArgumentName=Days;ArgumentValue=0;");
    CHECK(
        bench.configure(rule("<Mode>GOVERNANCE</Mode><Years>101</Years>")).message ==
        "Default retention period too large."
    );
    CHECK(
        bench.send("PUT", "/lab?object-lock", {}, days).message ==
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
    );
    bench.add_bucket("plain");
    const auto unversioned = bench.document("PUT", "/plain?object-lock", days);
    CHECK(unversioned.status == 409);
    CHECK(unversioned.code == "InvalidBucketState");
    CHECK(
        unversioned.message ==
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
    );
    const auto none = bench.send("GET", "/plain?object-lock");
    CHECK(none.status == 404);
    CHECK(none.code == "ObjectLockConfigurationNotFoundError");
    CHECK(none.message == "Object Lock configuration does not exist for this bucket");
    CHECK(none.extra == "BucketName=plain;");
}

TEST_CASE("Governance keeps a version until its date, on the lab's clock", "[s3][lock]") {
    LockBench bench;
    const std::string id = bench.put("k");
    const std::string version = "/lab/k?versionId=" + id;
    const auto unset = bench.send("GET", "/lab/k?retention");
    CHECK(unset.status == 404);
    CHECK(unset.code == "NoSuchObjectLockConfiguration");
    CHECK(unset.message == "The specified object does not have a ObjectLock configuration");

    REQUIRE(
        bench.retain("/lab/k?retention", "GOVERNANCE", "2026-02-23T00:07:57.25Z").status == 200
    );
    CHECK(bench.send("GET", "/lab/k?retention")
              .body.ends_with(retention("GOVERNANCE", "2026-02-23T00:07:57.250Z")));
    for (const char* method : {"GET", "HEAD"}) {
        const auto shown = bench.send(method, "/lab/k").header_map;
        CHECK(shown.get("x-amz-object-lock-mode") == "GOVERNANCE");
        CHECK(shown.get("x-amz-object-lock-retain-until-date") == "2026-02-23T00:07:57.250Z");
        CHECK_FALSE(shown.has("x-amz-object-lock-legal-hold"));
    }
    bench.authorizer.denied = {"s3:GetObjectRetention"};
    CHECK_FALSE(bench.send("HEAD", "/lab/k").header_map.has("x-amz-object-lock-mode"));
    CHECK(bench.send("GET", "/lab/k?retention").status == 403);
    bench.authorizer.denied.clear();

    const auto refused = bench.send("DELETE", version);
    CHECK(refused.status == 403);
    CHECK(refused.code == "AccessDenied");
    CHECK(refused.message == kLocked);
    const std::string objects =
        "<Delete><Object><Key>k</Key><VersionId>" + id + "</VersionId></Object></Delete>";
    const auto several = bench.document("POST", "/lab?delete", objects);
    CHECK(elements(several.body, "Message") == kLocked + ";");
    CHECK(bench.object("k"));

    // A marker hides it; the version stays. Two days later, on the lab's clock, it may go.
    const std::string marker = bench.remove("k");
    CHECK(bench.send("DELETE", "/lab/k?versionId=" + marker).status == 204);
    bench.advance(kDay);
    CHECK(bench.send("DELETE", version).status == 403);
    bench.now += kDay - seconds(1);
    CHECK(bench.send("DELETE", version).status == 403);
    bench.now += seconds(1);
    CHECK(bench.send("DELETE", version).status == 204);
}

TEST_CASE("Governance may be bypassed by who has the right, compliance by none", "[s3][lock]") {
    LockBench bench;
    const std::string first = bench.put("k");
    bench.retain("/lab/k?retention", "GOVERNANCE", "2030-01-01T00:00:00Z");
    bench.authorizer.denied = {"s3:BypassGovernanceRetention"};
    CHECK(
        bench.send("DELETE", "/lab/k?versionId=" + first, kBypass).message ==
        "denied s3:BypassGovernanceRetention"
    );
    bench.authorizer.denied.clear();
    CHECK(
        bench
            .send(
                "DELETE",
                "/lab/k?versionId=" + first,
                {{"x-amz-bypass-governance-retention", "false"}}
            )
            .message == kLocked
    );
    CHECK(bench.send("DELETE", "/lab/k?versionId=" + first, kBypass).status == 204);

    const std::string second = bench.put("k");
    bench.retain("/lab/k?retention", "GOVERNANCE", "2030-01-01T00:00:00Z");
    const std::string objects =
        "<Delete><Object><Key>k</Key><VersionId>" + second + "</VersionId></Object></Delete>";
    CHECK(
        bench.document("POST", "/lab?delete", objects, kBypass).body.find("<Deleted>") !=
        std::string::npos
    );

    const std::string third = bench.put("k");
    bench.retain("/lab/k?retention", "COMPLIANCE", "2026-02-22T00:07:57Z");
    CHECK(bench.send("DELETE", "/lab/k?versionId=" + third, kBypass).message == kLocked);
    bench.advance(kDay);
    CHECK(bench.send("DELETE", "/lab/k?versionId=" + third).status == 204);

    // The header belongs to buckets with object lock, whatever it says.
    bench.add_bucket("plain");
    for (const char* value : {"true", "false"}) {
        const HeaderList header{{"x-amz-bypass-governance-retention", value}};
        const auto single = bench.send("DELETE", "/plain/k", header);
        CHECK(single.status == 400);
        CHECK(
            single.message == "x-amz-bypass-governance-retention is only applicable to Object Lock "
                              "enabled buckets."
        );
        CHECK(single.extra == "ArgumentName=x-amz-bypass-governance-retention;");
        CHECK(bench.document("POST", "/plain?delete", objects, header).message == single.message);
    }
}

TEST_CASE("Retention grows freely and shrinks with a bypass of governance only", "[s3][lock]") {
    LockBench bench;
    bench.put("k");
    const auto retain = [&](const char* mode, const char* until, const HeaderList& headers = {}) {
        const auto answer = bench.retain("/lab/k?retention", mode, until, headers);
        return answer.status == 200 ? std::string("200") : answer.message;
    };
    const auto clear = [&](const HeaderList& headers) {
        return bench.document("PUT", "/lab/k?retention", "<Retention" + kXmlns + "/>", headers);
    };
    CHECK(retain("GOVERNANCE", "2028-01-01T00:00:00Z") == "200");
    CHECK(retain("GOVERNANCE", "2028-01-01T00:00:00Z") == "200");
    CHECK(retain("GOVERNANCE", "2029-01-01T00:00:00Z") == "200");
    CHECK(retain("GOVERNANCE", "2028-01-01T00:00:00Z") == kLocked);
    CHECK(retain("COMPLIANCE", "2029-01-01T00:00:00Z") == kLocked);
    CHECK(clear({}).message == kLocked);
    CHECK(retain("GOVERNANCE", "2027-01-01T00:00:00Z", kBypass) == "200");
    CHECK(clear(kBypass).status == 200);
    CHECK(bench.send("GET", "/lab/k?retention").status == 404);
    CHECK(retain("COMPLIANCE", "2028-01-01T00:00:00Z") == "200");
    CHECK(retain("COMPLIANCE", "2029-01-01T00:00:00Z") == "200");
    for (const HeaderList& headers : {HeaderList{}, kBypass}) {
        CHECK(retain("COMPLIANCE", "2028-01-01T00:00:00Z", headers) == kLocked);
        CHECK(retain("GOVERNANCE", "2030-01-01T00:00:00Z", headers) == kLocked);
        CHECK(clear(headers).message == kLocked);
    }
    // Time has passed in the lab: a shorter real distance can be the longer retention.
    bench.advance(kDay * 1000);
    CHECK(retain("COMPLIANCE", "2026-03-01T00:00:00Z") == kLocked);
    CHECK(retain("COMPLIANCE", "2028-01-01T00:00:00Z") == "200");
}

TEST_CASE("Refusals of retention", "[s3][lock]") {
    LockBench bench;
    const std::string id = bench.put("k");
    for (const std::string& bad :
         {std::string(),
          std::string("<Retention><Mode>GOVERNANCE</Mode></Retention>"),
          std::string(
              "<Retention><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>"
          ),
          std::string("<Other/>"),
          retention("BAD-VALUE", "2030-01-01T00:00:00Z"),
          retention("GOVERNANCE", "soon")}) {
        INFO(bad);
        CHECK(bench.document("PUT", "/lab/k?retention", bad).code == "MalformedXML");
    }
    const auto past = bench.retain("/lab/k?retention", "GOVERNANCE", "2020-01-01T00:00:00Z");
    CHECK(past.status == 400);
    CHECK(past.code == "InvalidArgument");
    CHECK(past.message == "The retain until date must be in the future!");
    CHECK(past.extra == "ArgumentName=RetainUntilDate;ArgumentValue=Tue Dec 31 16:00:00 PST 2019;");
    const std::string body = retention("GOVERNANCE", "2030-01-01T00:00:00Z");
    CHECK(bench.document("PUT", "/lab/none?retention", body).extra == "Key=none;");
    CHECK(bench.send("PUT", "/lab/k?retention", {}, body).code == "InvalidRequest");
    CHECK(bench.document("PUT", "/none/k?retention", body).code == "NoSuchBucket");
    const std::string marker = bench.remove("k");
    const std::string on_marker = "/lab/k?retention&versionId=" + marker;
    CHECK(bench.document("PUT", on_marker, body).extra == "Method=PUT;ResourceType=DeleteMarker;");
    CHECK(bench.send("GET", on_marker).extra == "Method=GET;ResourceType=DeleteMarker;");
    CHECK(bench.document("PUT", "/lab/k?retention&versionId=" + id, body).status == 200);

    bench.add_bucket("plain");
    bench.send("PUT", "/plain/k", {}, "x");
    for (const auto& answer :
         {bench.document("PUT", "/plain/k?retention", body),
          bench.send("GET", "/plain/k?retention"),
          bench.document("PUT", "/plain/k?legal-hold", hold("ON")),
          bench.send("GET", "/plain/k?legal-hold")}) {
        CHECK(answer.status == 400);
        CHECK(answer.code == "InvalidRequest");
        CHECK(answer.message == "Bucket is missing Object Lock Configuration");
    }
    bench.authorizer.denied = {"s3:PutObjectRetention"};
    CHECK(bench.document("PUT", "/lab/k?retention&versionId=" + id, body).status == 403);
    CHECK(
        bench.authorizer.conditions ==
        std::vector<std::pair<std::string, std::string>>{
            {"s3:VersionId", id},
            {"s3:object-lock-mode", "GOVERNANCE"},
            {"s3:object-lock-retain-until-date", "2030-01-01T00:00:00Z"},
            {"s3:object-lock-remaining-retention-days", "1409"}}
    );
}

TEST_CASE("Dates in refusals are in Pacific time", "[s3][lock]") {
    const auto pacific = [](const char* text) { return to_pacific_time(*parse_iso8601(text)); };
    CHECK(pacific("2026-07-04T12:00:05Z") == "Sat Jul 04 05:00:05 PDT 2026");
    CHECK(pacific("2026-03-08T09:59:59Z") == "Sun Mar 08 01:59:59 PST 2026");
    CHECK(pacific("2026-03-08T10:00:00Z") == "Sun Mar 08 03:00:00 PDT 2026");
    CHECK(pacific("2026-11-01T08:59:59Z") == "Sun Nov 01 01:59:59 PDT 2026");
    CHECK(pacific("2026-11-01T09:00:00Z") == "Sun Nov 01 01:00:00 PST 2026");
}

TEST_CASE("A legal hold keeps a version until it is taken off", "[s3][lock]") {
    LockBench bench;
    const std::string id = bench.put("k");
    CHECK(bench.send("GET", "/lab/k?legal-hold").code == "NoSuchObjectLockConfiguration");
    REQUIRE(bench.document("PUT", "/lab/k?legal-hold&versionId=" + id, hold("ON")).status == 200);
    CHECK(bench.send("GET", "/lab/k?legal-hold").body.ends_with(hold("ON")));
    CHECK(bench.send("HEAD", "/lab/k").header_map.get("x-amz-object-lock-legal-hold") == "ON");
    bench.authorizer.denied = {"s3:GetObjectLegalHold"};
    CHECK_FALSE(bench.send("HEAD", "/lab/k").header_map.has("x-amz-object-lock-legal-hold"));
    bench.authorizer.denied.clear();
    bench.advance(kDay * 10'000);
    CHECK(bench.send("DELETE", "/lab/k?versionId=" + id, kBypass).message == kLocked);
    REQUIRE(bench.document("PUT", "/lab/k?legal-hold", hold("OFF")).status == 200);
    CHECK(bench.send("GET", "/lab/k?legal-hold").body.ends_with(hold("OFF")));
    CHECK(bench.send("HEAD", "/lab/k").header_map.get("x-amz-object-lock-legal-hold") == "OFF");
    CHECK(bench.send("DELETE", "/lab/k?versionId=" + id).status == 204);

    bench.put("k");
    for (const std::string& bad :
         {std::string(),
          hold("on"),
          std::string("<LegalHold/>"),
          std::string("<Status>ON</Status>")}) {
        CHECK(bench.document("PUT", "/lab/k?legal-hold", bad).code == "MalformedXML");
    }
    CHECK(bench.document("PUT", "/lab/none?legal-hold", hold("ON")).code == "NoSuchKey");
    CHECK(bench.send("PUT", "/lab/k?legal-hold", {}, hold("ON")).code == "InvalidRequest");
}

TEST_CASE("New objects are locked by headers and by the bucket's default", "[s3][lock]") {
    LockBench bench;
    const HeaderList governance{
        {"x-amz-object-lock-mode", "GOVERNANCE"},
        {"x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00Z"}};
    bench.authorizer.asked.clear();
    REQUIRE(bench.locked_put(governance).status == 200);
    CHECK(
        bench.authorizer.asked ==
        std::vector<std::string>{
            "s3:PutObject arn:aws:s3:::lab/k", "s3:PutObjectRetention arn:aws:s3:::lab/k"}
    );
    CHECK(bench.object("k")->lock.mode == "GOVERNANCE");
    REQUIRE(bench.locked_put({{"x-amz-object-lock-legal-hold", "ON"}}).status == 200);
    CHECK(bench.authorizer.asked.back() == "s3:PutObjectLegalHold arn:aws:s3:::lab/k");
    CHECK(bench.object("k")->lock.legal_hold);

    // A copy takes nothing from its source.
    bench.send("PUT", "/lab/copy", {{"x-amz-copy-source", "lab/k"}});
    CHECK(bench.object("copy")->lock == store::ObjectLock{});
    HeaderList copy = governance;
    copy.emplace_back("x-amz-copy-source", "lab/k");
    bench.send("PUT", "/lab/copy", copy);
    CHECK(bench.object("copy")->lock.mode == "GOVERNANCE");

    REQUIRE(bench.configure(rule("<Mode>COMPLIANCE</Mode><Days>2</Days>")).status == 200);
    REQUIRE(bench.locked_put({}).status == 200);
    CHECK(bench.object("k")->lock.mode == "COMPLIANCE");
    CHECK(bench.object("k")->lock.retain_until == bench.now + kDay * 2);
    REQUIRE(bench.locked_put(governance).status == 200);
    CHECK(bench.object("k")->lock.mode == "GOVERNANCE");
    bench.send("PUT", "/lab/copy", {{"x-amz-copy-source", "lab/k"}});
    CHECK(bench.object("copy")->lock.mode == "COMPLIANCE");
    REQUIRE(bench.configure(rule("<Mode>GOVERNANCE</Mode><Years>1</Years>")).status == 200);
    REQUIRE(bench.locked_put({}).status == 200);
    CHECK(bench.object("k")->lock.retain_until == bench.now + kDay * 365);

    const auto undigested = bench.send("PUT", "/lab/k", {}, "x");
    CHECK(undigested.status == 400);
    CHECK(undigested.code == "InvalidRequest");
    CHECK(
        undigested.message == "Content-MD5 OR x-amz-checksum- HTTP header is required for Put "
                              "Object requests with Object Lock parameters"
    );
    CHECK(bench.send("PUT", "/lab/k", {{"x-amz-checksum-crc32", "AAAAAA=="}}, "").status == 200);
}

TEST_CASE("A multipart upload locks what it makes", "[s3][lock]") {
    LockBench bench;
    REQUIRE(bench.configure(rule("<Mode>GOVERNANCE</Mode><Days>1</Days>")).status == 200);
    const auto upload = [&](const HeaderList& headers) {
        const auto created = bench.send("POST", "/lab/k?uploads", headers);
        REQUIRE(created.status == 200);
        const std::string id = elements(created.body, "UploadId");
        const std::string query = "uploadId=" + id.substr(0, id.find(';'));
        const std::string part = "/lab/k?partNumber=1&" + query;
        CHECK(
            bench.send("PUT", part, {}, "abcdef").message ==
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Part requests with "
            "Object Lock parameters"
        );
        CHECK(bench.document("PUT", part, "abcdef").status == 200);
        const auto completed = bench.document(
            "POST",
            "/lab/k?" + query,
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
            "<ETag>e80b5017098950fc58aad83c8c14978e</ETag></Part></CompleteMultipartUpload>"
        );
        REQUIRE(completed.status == 200);
        return bench.object("k")->lock;
    };
    CHECK(upload({}).retain_until == bench.now + kDay);
    const auto asked = upload(
        {{"x-amz-object-lock-mode", "COMPLIANCE"},
         {"x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00Z"},
         {"x-amz-object-lock-legal-hold", "ON"}}
    );
    CHECK(asked.mode == "COMPLIANCE");
    CHECK(asked.legal_hold);
}

TEST_CASE("Refusals of the object lock headers", "[s3][lock]") {
    LockBench bench;
    const auto refused = [&](const HeaderList& headers) {
        const auto answer = bench.locked_put(headers);
        CHECK(answer.status == 400);
        return answer.code + ": " + answer.message + " " + answer.extra;
    };
    const std::string both = "InvalidArgument: x-amz-object-lock-retain-until-date and "
                             "x-amz-object-lock-mode must both be supplied ArgumentName=";
    CHECK(
        refused({{"x-amz-object-lock-mode", "GOVERNANCE"}}) ==
        both + "x-amz-object-lock-retain-until-date;"
    );
    CHECK(
        refused({{"x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00Z"}}) ==
        both + "x-amz-object-lock-mode;"
    );
    CHECK(
        refused(
            {{"x-amz-object-lock-mode", "BAD-VALUE"},
             {"x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00Z"}}
        ) == "InvalidArgument: Unknown wormMode directive. "
             "ArgumentName=x-amz-object-lock-mode;ArgumentValue=BAD-VALUE;"
    );
    const auto with_date = [&](const char* date) {
        return refused(
            {{"x-amz-object-lock-mode", "GOVERNANCE"},
             {"x-amz-object-lock-retain-until-date", date}}
        );
    };
    CHECK(
        with_date("soon") ==
        "InvalidArgument: The retain until date must be provided in ISO 8601 format "
        "ArgumentName=x-amz-object-lock-retain-until-date;ArgumentValue=soon;"
    );
    CHECK(
        with_date("2020-01-01T00:00:00Z") ==
        "InvalidArgument: The retain until date must be in the future! "
        "ArgumentName=x-amz-object-lock-retain-until-date;ArgumentValue=2020-01-01T00:00:00Z;"
    );
    CHECK(
        refused({{"x-amz-object-lock-legal-hold", "on"}}) ==
        "InvalidArgument: Legal Hold must be either of 'ON' or 'OFF' "
        "ArgumentName=x-amz-object-lock-legal-hold;ArgumentValue=on;"
    );
    bench.add_bucket("plain");
    const auto plain = bench.send("PUT", "/plain/k", {{"x-amz-object-lock-legal-hold", "ON"}}, "x");
    CHECK(plain.status == 400);
    CHECK(plain.message == "Bucket is missing ObjectLockConfiguration");
    CHECK_FALSE(bench.object("k", "plain"));
}
