// Lifecycle configurations: what AWS accepts, refuses and gives back.
#include "emulator/core/encoding.hpp"
#include "emulator/s3/lifecycle.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/operation_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

constexpr std::string_view kMalformed =
    "400 MalformedXML: The XML you provided was not well-formed or did not validate against our "
    "published schema";
constexpr std::string_view kMissing =
    "404 NoSuchLifecycleConfiguration: The lifecycle configuration does not exist [BucketName=b]";
const std::string kDays = "<Expiration><Days>7</Days></Expiration>";

std::string document(const std::string& rules) {
    return "<LifecycleConfiguration" + std::string(kNamespace) + ">" + rules +
           "</LifecycleConfiguration>";
}

std::string rule(
    const std::string& actions, const std::string& filter = "<Filter/>", std::string_view id = "r"
) {
    return "<Rule><ID>" + std::string(id) + "</ID>" + filter + "<Status>Enabled</Status>" +
           actions + "</Rule>";
}

std::string prefix_filter(const std::string& prefix) {
    return "<Filter><Prefix>" + prefix + "</Prefix></Filter>";
}

std::string transition(const std::string& when, const std::string& storage_class) {
    return "<Transition>" + when + "<StorageClass>" + storage_class +
           "</StorageClass></Transition>";
}

std::string days(int number) {
    return "<Days>" + std::to_string(number) + "</Days>";
}

class Lab : public Bench {
public:
    Lab() { make_bucket("b"); }

    Result<Response> send(const std::string& body, Call call = {"PUT", "/b?lifecycle"}) {
        call.body = body;
        call.headers.emplace_back("Content-MD5", to_base64(md5(body)));
        return run(put_bucket_lifecycle_configuration_operation(), call);
    }

    std::string put(const std::string& rules) { return outcome(send(document(rules))); }

    Result<Response> get() {
        return run(get_bucket_lifecycle_configuration_operation(), {"GET", "/b?lifecycle"});
    }

    std::string remove() {
        return outcome(run(delete_bucket_lifecycle_operation(), {"DELETE", "/b?lifecycle"}));
    }
};

std::string refused(const std::string& rules) {
    Lab lab;
    const std::string answer = lab.put(rules);
    // What is refused leaves nothing behind.
    CHECK(outcome(lab.get()) == kMissing);
    return answer;
}

} // namespace

TEST_CASE("A lifecycle configuration comes and goes", "[s3][lifecycle]") {
    Lab lab;
    CHECK(outcome(lab.get()) == kMissing);
    CHECK(lab.remove() == "204");
    const auto put = lab.send(document(rule(kDays, prefix_filter(""))));
    REQUIRE(put.has_value());
    CHECK(
        put->headers.get("x-amz-transition-default-minimum-object-size") ==
        "all_storage_classes_128K"
    );
    const auto got = lab.get();
    REQUIRE(got.has_value());
    CHECK(body_of(*got) == std::string(kProlog) + document(rule(kDays, prefix_filter(""))));
    CHECK(
        got->headers.get("x-amz-transition-default-minimum-object-size") ==
        "all_storage_classes_128K"
    );
    CHECK(lab.remove() == "204");
    CHECK(outcome(lab.get()) == kMissing);
}

TEST_CASE("Lifecycle operations ask for their permissions", "[s3][lifecycle]") {
    Lab lab;
    REQUIRE(lab.put(rule(kDays)) == "200");
    lab.authorizer.asked.clear();
    REQUIRE(lab.get().has_value());
    REQUIRE(lab.put(rule(kDays)) == "200");
    REQUIRE(lab.remove() == "204");
    REQUIRE(lab.authorizer.asked.size() == 3);
    CHECK(lab.authorizer.asked[0].action == "s3:GetLifecycleConfiguration");
    CHECK(lab.authorizer.asked[1].action == "s3:PutLifecycleConfiguration");
    CHECK(lab.authorizer.asked[2].action == "s3:PutLifecycleConfiguration");
}

TEST_CASE("An upload that a rule will abort says when", "[s3][lifecycle]") {
    Lab lab;
    const std::string abort = "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1"
                              "</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
    REQUIRE(lab.put(rule(abort, prefix_filter("in/"))) == "200");
    const auto begin = [&](const std::string& key) {
        return *lab.run(create_multipart_upload_operation(), {"POST", "/b/" + key + "?uploads"});
    };
    const auto begun = begin("in/a");
    CHECK(begun.headers.get("x-amz-abort-rule-id") == "r");
    CHECK(begun.headers.get("x-amz-abort-date").ends_with(" 00:00:00 GMT"));
    const std::string body = body_of(begun);
    const auto id = body.find("<UploadId>") + std::string("<UploadId>").size();
    const std::string upload = body.substr(id, body.find('<', id) - id);
    const auto listed = *lab.run(list_parts_operation(), {"GET", "/b/in/a?uploadId=" + upload});
    CHECK(listed.headers.get("x-amz-abort-rule-id") == "r");
    CHECK(listed.headers.get("x-amz-abort-date") == begun.headers.get("x-amz-abort-date"));
    CHECK_FALSE(begin("out/a").headers.find("x-amz-abort-date"));
}

TEST_CASE("The smallest size that transitions is one of two names", "[s3][lifecycle]") {
    Lab lab;
    const std::string header = "x-amz-transition-default-minimum-object-size";
    const std::string body = document(rule(kDays));
    const auto varies =
        lab.send(body, {"PUT", "/b?lifecycle", {{header, "varies_by_storage_class"}}});
    REQUIRE(varies.has_value());
    CHECK(varies->headers.get(header) == "varies_by_storage_class");
    CHECK(lab.get()->headers.get(header) == "varies_by_storage_class");
    CHECK(
        outcome(lab.send(body, {"PUT", "/b?lifecycle", {{header, "value"}}})) ==
        "400 InvalidRequest: Invalid TransitionDefaultMinimumObjectSize found: value"
    );
}

TEST_CASE("A lifecycle document needs a digest", "[s3][lifecycle]") {
    Lab lab;
    const Call call{"PUT", "/b?lifecycle", {}, document(rule(kDays))};
    CHECK(
        outcome(lab.run(put_bucket_lifecycle_configuration_operation(), call)) ==
        "400 InvalidRequest: Missing required header for this request: Content-MD5 OR "
        "x-amz-checksum-*"
    );
}

TEST_CASE("Every part of a rule is given back, in AWS's order", "[s3][lifecycle]") {
    Lab lab;
    const std::string filter =
        "<Filter><And><Prefix>logs/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b"
        "</Key><Value></Value></Tag><ObjectSizeGreaterThan>10</ObjectSizeGreaterThan>"
        "<ObjectSizeLessThan>20</ObjectSizeLessThan></And></Filter>";
    const std::string actions =
        transition(days(30), "STANDARD_IA") + transition(days(60), "GLACIER") +
        "<Expiration><Days>365</Days></Expiration><NoncurrentVersionTransition><NoncurrentDays>30"
        "</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions><StorageClass>"
        "GLACIER</StorageClass></NoncurrentVersionTransition><NoncurrentVersionExpiration>"
        "<NoncurrentDays>90</NoncurrentDays><NewerNoncurrentVersions>3</NewerNoncurrentVersions>"
        "</NoncurrentVersionExpiration>";
    const std::string abort = "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7"
                              "</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
    const std::string dated =
        "<Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration>" + abort;
    const std::string marker = "<Expiration><ExpiredObjectDeleteMarker>true"
                               "</ExpiredObjectDeleteMarker></Expiration>";
    const std::string rules = rule(actions, filter, "all") +
                              rule(dated, prefix_filter("x"), "date") +
                              rule(marker, "<Filter/>", "m");
    REQUIRE(lab.put(rules) == "200");
    CHECK(body_of(*lab.get()) == std::string(kProlog) + document(rules));
}

TEST_CASE("Elements may come in any order, and the old form stays old", "[s3][lifecycle]") {
    Lab lab;
    REQUIRE(
        lab.put("<Rule><Expiration><Date>2030-01-01</Date></Expiration><Status>Disabled</Status>"
                "<Prefix>a</Prefix></Rule>") == "200"
    );
    const std::string text = body_of(*lab.get());
    const auto begin = text.find("<ID>") + 4;
    const auto id = from_base64(text.substr(begin, text.find("</ID>") - begin));
    REQUIRE(id);
    CHECK(id->size() == 36);
    CHECK(text.ends_with("</ID><Prefix>a</Prefix><Status>Disabled</Status><Expiration><Date>"
                         "2030-01-01T00:00:00.000Z</Date></Expiration></Rule>"
                         "</LifecycleConfiguration>"));
}

TEST_CASE("What does not follow the schema is malformed", "[s3][lifecycle]") {
    const std::string enabled = "<Status>Enabled</Status>";
    for (const std::string& rules : {
             std::string("<Other/>"),
             "<Rule>" + kDays + enabled + "</Rule>", // neither filter nor prefix
             "<Rule><Filter/>" + kDays + "</Rule>",
             "<Rule><Filter/>" + kDays + "<Status>enabled</Status></Rule>",
             "<Rule><Filter/>" + enabled + enabled + kDays + "</Rule>",
             rule("<Expiration/>"),
             rule("<Expiration><Days>x</Days></Expiration>"),
             rule("<Expiration><Days>99999999999</Days></Expiration>"),
             rule("<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true"
                  "</ExpiredObjectDeleteMarker></Expiration>"),
             rule("<Expiration><Date>20300101</Date></Expiration>"),
             rule(kDays + "<NoncurrentVersionExpiration/>"),
             rule("<NoncurrentVersionExpiration><NewerNoncurrentVersions>2"
                  "</NewerNoncurrentVersions></NoncurrentVersionExpiration>"),
             rule("<AbortIncompleteMultipartUpload/>"),
             rule(transition(days(30), "STANDARD")),
             rule(transition(days(30), "")),
             rule(transition("", "GLACIER")),
             rule(transition(days(30) + "<Date>2030-01-01T00:00:00Z</Date>", "GLACIER")),
             rule(kDays, "<Filter><And><Prefix>t</Prefix></And><Prefix></Prefix></Filter>"),
             rule(kDays, "<Filter><And/></Filter>"),
             rule(
                 kDays,
                 "<Filter><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan><Prefix/>"
                 "</Filter>"
             ),
             rule(kDays, "<Filter><Tag><Key>a</Key></Tag></Filter>"),
         }) {
        CHECK(refused(rules) == kMalformed);
    }
    Lab lab;
    CHECK(outcome(lab.send("<LifecycleConfiguration>")) == kMalformed);
    CHECK(outcome(lab.send("<Other/>")) == kMalformed);
}

TEST_CASE("A configuration has 1 to 1,000 rules with ids of their own", "[s3][lifecycle]") {
    CHECK(refused("") == "400 InvalidRequest: At least one lifecycle rule must be specified.");
    std::string rules;
    for (int i = 0; i < 1000; ++i) {
        rules += rule(kDays, prefix_filter(std::to_string(i)), std::to_string(i));
    }
    Lab lab;
    CHECK(lab.put(rules) == "200");
    CHECK(
        refused(rules + rule(kDays)) ==
        "400 InvalidRequest: The number of lifecycle rules must not exceed the allowed limit of "
        "1000 rules."
    );
    CHECK(lab.put(rule(kDays, "<Filter/>", std::string(255, 'x'))) == "200");
    CHECK(
        refused(rule(kDays, "<Filter/>", std::string(256, 'x'))) ==
        "400 InvalidArgument: ID length should not exceed allowed limit of 255 [ArgumentName=ID] "
        "[ArgumentValue=" +
            std::string(256, 'x') + "]"
    );
    CHECK(
        refused(rule(kDays) + rule(kDays)) ==
        "400 InvalidArgument: Rule ID must be unique. Found same ID for more than one rule "
        "[ArgumentName=ID] [ArgumentValue=r]"
    );
}

TEST_CASE("The old form and filters do not mix", "[s3][lifecycle]") {
    const std::string old_rule = rule(kDays, "<Prefix>a</Prefix>", "old");
    const std::string new_rule = rule(kDays, prefix_filter("b"), "new");
    CHECK(
        refused(old_rule + new_rule) ==
        "400 InvalidRequest: Filter element can only be used in Lifecycle V2."
    );
    const std::string no_base_prefix = "400 InvalidRequest: " + std::string(kNoBasePrefix);
    CHECK(refused(new_rule + old_rule) == no_base_prefix);
    CHECK(refused(rule(kDays, "<Filter/><Prefix>a</Prefix>")) == no_base_prefix);
    CHECK(
        refused(rule(kDays, "<Prefix>a</Prefix>", "1") + rule(kDays, "<Prefix></Prefix>", "2")) ==
        "400 InvalidRequest: Found overlapping prefixes '' and 'a' for same action type "
        "'Expiration'"
    );
    CHECK(
        refused(rule(
            "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
            "<NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
            "<Prefix>a</Prefix>"
        )) ==
        "400 InvalidRequest: NewerNoncurrentVersions element can only be used in Lifecycle V2."
    );
    Lab lab;
    CHECK(
        lab.put(rule(kDays, prefix_filter(""), "1") + rule(kDays, prefix_filter("a"), "2")) == "200"
    );
}

TEST_CASE("Numbers and dates of a rule have their ranges", "[s3][lifecycle]") {
    const auto positive = [](const std::string& field, const std::string& action) {
        return "400 InvalidArgument: '" + field + "' for " + action +
               " action must be a positive integer [ArgumentName=" + field + "] [ArgumentValue=0]";
    };
    CHECK(
        refused(rule("<Expiration><Days>0</Days></Expiration>")) == positive("Days", "Expiration")
    );
    CHECK(
        refused(rule("<NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays>"
                     "</NoncurrentVersionExpiration>")) ==
        positive("NoncurrentDays", "NoncurrentVersionExpiration")
    );
    CHECK(
        refused(rule("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
                     "<NewerNoncurrentVersions>0</NewerNoncurrentVersions>"
                     "</NoncurrentVersionExpiration>")) ==
        positive("NewerNoncurrentVersions", "NoncurrentVersionExpiration")
    );
    CHECK(
        refused(rule("<AbortIncompleteMultipartUpload><DaysAfterInitiation>0"
                     "</DaysAfterInitiation></AbortIncompleteMultipartUpload>")) ==
        positive("DaysAfterInitiation", "AbortIncompleteMultipartUpload")
    );
    CHECK(
        refused(rule("<Expiration><Date>2023-01-01T02:02:00Z</Date></Expiration>")) ==
        "400 InvalidArgument: 'Date' must be at midnight GMT [ArgumentName=Date] "
        "[ArgumentValue=Sat Dec 31 18:02:00 PST 2022]"
    );
    CHECK(refused(rule("<Expiration><Date>2023-07-01T02:02:00Z</Date></Expiration>"))
              .ends_with("[ArgumentValue=Fri Jun 30 19:02:00 PDT 2023]"));
    CHECK(
        refused(rule("")) ==
        "400 InvalidRequest: At least one action needs to be specified in a rule"
    );
}

TEST_CASE("Filters have their limits, and some actions take none", "[s3][lifecycle]") {
    const auto tag = [](const std::string& key, const std::string& value) {
        return "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
    };
    const auto sizes = [](const std::string& above, const std::string& below) {
        return "<Filter><And><ObjectSizeGreaterThan>" + above +
               "</ObjectSizeGreaterThan><ObjectSizeLessThan>" + below +
               "</ObjectSizeLessThan></And></Filter>";
    };
    const std::string marker = "<Expiration><ExpiredObjectDeleteMarker>true"
                               "</ExpiredObjectDeleteMarker></Expiration>";
    const std::string abort = "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1"
                              "</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
    const std::string tagged = "<Filter>" + tag("a", "b") + "</Filter>";
    const std::string sized = "<Filter><ObjectSizeLessThan>9</ObjectSizeLessThan></Filter>";
    const std::string request = "400 InvalidRequest: ";
    CHECK(
        refused(rule(kDays, "<Filter><And>" + tag("a", "1") + tag("a", "2") + "</And></Filter>")) ==
        request + "Duplicate Tag Keys are not allowed."
    );
    CHECK(
        refused(rule(kDays, "<Filter>" + tag("", "1") + "</Filter>")) ==
        request + "A Tag's Key must be a length between 1 and 128."
    );
    CHECK(
        refused(rule(kDays, "<Filter>" + tag("a", std::string(257, 'v')) + "</Filter>")) ==
        request + "A Tag's Value must be a length between 0 and 256."
    );
    CHECK(
        refused(rule(kDays, sizes("20", "20"))) ==
        request + "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'."
    );
    CHECK(
        refused(rule(kDays, sizes("-1", "20"))) ==
        request + "'ObjectSizeGreaterThan' should be between 0 and 1099511627776000."
    );
    CHECK(
        refused(rule(kDays, sizes("0", "1099511627776001"))) ==
        request + "'ObjectSizeLessThan' should be between 1 and 1099511627776000."
    );
    CHECK(
        refused(rule(marker, tagged)) ==
        request + "ExpiredObjectDeleteMarker cannot be specified with Tags."
    );
    CHECK(
        refused(rule(marker, sized)) ==
        request + "ExpiredObjectDeleteMarker cannot be specified with Object Size."
    );
    CHECK(
        refused(rule(abort, tagged)) ==
        request + "AbortIncompleteMultipartUpload cannot be specified with Tags."
    );
    CHECK(
        refused(rule(abort, sized)) ==
        request + "AbortIncompleteMultipartUpload cannot be specified with Object Size."
    );
}

TEST_CASE("Transitions go from warm to cold, long enough apart", "[s3][lifecycle]") {
    const std::string argument = "400 InvalidArgument: ";
    const std::string request = "400 InvalidRequest: ";
    const std::string logs = prefix_filter("logs/");
    const auto expire = [](int number) { return "<Expiration>" + days(number) + "</Expiration>"; };
    CHECK(
        refused(rule(transition(days(29), "STANDARD_IA"))) ==
        argument +
            "'Days' in Transition action must be greater than or equal to 30 for storageClass "
            "'STANDARD_IA' [ArgumentName=Days] [ArgumentValue=29]"
    );
    CHECK(
        refused(rule(transition(days(-1), "GLACIER"))) ==
        argument + "'Days' in Transition action must be nonnegative [ArgumentName=Days] "
                   "[ArgumentValue=-1]"
    );
    CHECK(
        refused(rule(transition(days(30), "GLACIER") + transition(days(60), "GLACIER"), logs)) ==
        request + "'StorageClass' must be different for 'Transition' actions in same 'Rule' with "
                  "filter '(prefix=logs/)'"
    );
    CHECK(
        refused(rule(
            transition(days(30), "STANDARD_IA") +
                transition("<Date>2030-01-01T00:00:00Z</Date>", "GLACIER"),
            logs
        )) == request +
                  "Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for "
                  "filter '(prefix=logs/)'"
    );
    CHECK(
        refused(rule(transition(days(60), "STANDARD_IA") + transition(days(30), "GLACIER"))) ==
        argument + "'Days' in the 'Transition' action for StorageClass 'GLACIER' for filter "
                   "'(prefix=)' must be greater than 'Days' in the 'Transition' action for "
                   "StorageClass 'STANDARD_IA' for filter '(prefix=)'"
    );
    CHECK(
        refused(rule(transition(days(0), "GLACIER") + transition(days(89), "DEEP_ARCHIVE"))) ==
        argument + "'Days' in the 'Transition' action for StorageClass 'DEEP_ARCHIVE' for filter "
                   "'(prefix=)' must be 90 days more than 'filter '(prefix=)'' in the 'Transition' "
                   "action for StorageClass 'GLACIER'"
    );
    CHECK(
        refused(rule(transition(days(30), "GLACIER") + expire(30))) ==
        argument + "'Days' in the Expiration action for filter '(prefix=)' must be greater than "
                   "'Days' in the Transition action"
    );
    CHECK(
        refused(rule(transition(days(30), "GLACIER") + expire(30), "<Prefix>p</Prefix>")) ==
        argument + "'Days' in the Expiration action for prefix 'p' must be greater than 'Days' in "
                   "the Transition action"
    );
    CHECK(
        refused(rule(transition("<Date>2030-01-01T00:00:00Z</Date>", "GLACIER") + expire(30))) ==
        request + "Found mixed 'Date' and 'Days' based Expiration and Transition actions in "
                  "lifecycle rule for filter '(prefix=)'"
    );
    const std::string noncurrent =
        "<NoncurrentVersionTransition><NoncurrentDays>30</NoncurrentDays><StorageClass>GLACIER"
        "</StorageClass></NoncurrentVersionTransition><NoncurrentVersionExpiration>"
        "<NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>";
    CHECK(
        refused(rule(noncurrent)) ==
        argument + "'NoncurrentDays' in the NoncurrentVersionExpiration action for filter "
                   "'(prefix=)' must be greater than 'NoncurrentDays' in the "
                   "NoncurrentVersionTransition action"
    );
    Lab lab;
    CHECK(
        lab.put(rule(
            transition(days(30), "STANDARD_IA") + transition(days(60), "GLACIER") +
            transition(days(150), "DEEP_ARCHIVE") + expire(151)
        )) == "200"
    );
}
