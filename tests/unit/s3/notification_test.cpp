// Notification configurations: what AWS accepts, refuses and gives back.
#include "emulator/core/encoding.hpp"
#include "emulator/s3/notification_config.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/operation_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

const std::string kWorker = "arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda";
const std::string kQueue = "arn:aws:sqs:us-east-2:111122223333:jobs";

std::string permission(std::string_view source_arn, std::string_view account = "111122223333") {
    return R"({"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s3","Effect":"Allow",)"
           R"("Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",)"
           R"("Resource":")" +
           kWorker + R"(","Condition":{"StringEquals":{"AWS:SourceAccount":")" +
           std::string(account) + R"("},"ArnLike":{"AWS:SourceArn":")" + std::string(source_arn) +
           R"("}}}]})";
}

std::string filter_rule(std::string_view name, std::string_view value) {
    return "<FilterRule><Name>" + std::string(name) + "</Name><Value>" + std::string(value) +
           "</Value></FilterRule>";
}

struct RuleText {
    std::string events = "s3:ObjectCreated:*";
    std::string filter = {}; // FilterRule elements
    std::string id = {};
    std::string arn = kWorker;
    std::string list = "CloudFunctionConfiguration";
    std::string arn_name = "CloudFunction";
};

std::string text_of_rule(const RuleText& rule) {
    std::string text = "<" + rule.list + ">";
    if (!rule.id.empty()) {
        text += "<Id>" + rule.id + "</Id>";
    }
    text += "<" + rule.arn_name + ">" + rule.arn + "</" + rule.arn_name + ">";
    text += "<Event>" + rule.events + "</Event>";
    if (!rule.filter.empty()) {
        text += "<Filter><S3Key>" + rule.filter + "</S3Key></Filter>";
    }
    return text + "</" + rule.list + ">";
}

RuleText queue(const std::string& arn = kQueue) {
    RuleText rule;
    rule.arn = arn;
    rule.list = "QueueConfiguration";
    rule.arn_name = "Queue";
    return rule;
}

std::string configuration(std::string_view rules) {
    return "<NotificationConfiguration" + std::string(kNamespace) + ">" + std::string(rules) +
           "</NotificationConfiguration>";
}

std::string configuration(const std::vector<RuleText>& rules) {
    std::string text;
    for (const RuleText& rule : rules) {
        text += text_of_rule(rule);
    }
    return configuration(text);
}

class Lab : public Bench {
public:
    Lab() {
        make_bucket("b");
        make_function("worker-move-lambda", permission("arn:aws:s3:::b"));
    }

    std::string put(const std::string& body, bool skip_validation = false) {
        Call call{"PUT", "/b?notification", {}, body};
        if (skip_validation) {
            call.headers.emplace_back("x-amz-skip-destination-validation", "true");
        }
        return outcome(run(put_bucket_notification_configuration_operation(), call));
    }

    std::string put(const std::vector<RuleText>& rules, bool skip_validation = false) {
        return put(configuration(rules), skip_validation);
    }

    std::string get() {
        return body_of(
            *run(get_bucket_notification_configuration_operation(), {"GET", "/b?notification"})
        );
    }
};

constexpr std::string_view kMalformed =
    "400 MalformedXML: The XML you provided was not well-formed or did not validate against our "
    "published schema";
constexpr std::string_view kOverlap =
    "400 InvalidArgument: Configurations overlap. Configurations on the same bucket cannot share a "
    "common event type.";
constexpr std::string_view kAmbiguous =
    "400 InvalidArgument: Configuration is ambiguously defined. Cannot have overlapping suffixes "
    "in "
    "two rules if the prefixes are overlapping for the same event type.";
constexpr std::string_view kUnable =
    "400 InvalidArgument: Unable to validate the following destination configurations";

std::string not_authorized(const std::string& arn, int number = 1) {
    const std::string n = std::to_string(number);
    return " [ArgumentName" + n + "=" + arn + ", null] [ArgumentValue" + n +
           "=Not authorized to invoke function [" + arn + "]]";
}

} // namespace

TEST_CASE("A bucket without configuration answers an empty document", "[s3][notification]") {
    Lab lab;
    const std::string empty =
        std::string(kProlog) + "<NotificationConfiguration" + std::string(kNamespace) + "/>";
    CHECK(lab.get() == empty);
    REQUIRE(lab.put({RuleText{}}) == "200");
    REQUIRE(lab.put(configuration("")) == "200");
    CHECK(lab.get() == empty);
    CHECK(lab.bucket("b").notification.empty());
}

TEST_CASE("What the command line puts comes back with capital filter names", "[s3][notification]") {
    Lab lab;
    const std::string head = "<CloudFunctionConfiguration><Id>t1</Id><CloudFunction>" + kWorker +
                             "</CloudFunction><Event>s3:ObjectCreated:*</Event><Filter><S3Key>";
    const std::string tail = "</S3Key></Filter></CloudFunctionConfiguration>";
    REQUIRE(
        lab.put(configuration(
            head + filter_rule("prefix", "uploads/") + filter_rule("SUFFIX", ".txt") + tail
        )) == "200"
    );
    CHECK(
        lab.get() == std::string(kProlog) + configuration(
                                                head + filter_rule("Prefix", "uploads/") +
                                                filter_rule("Suffix", ".txt") + tail
                                            )
    );
}

TEST_CASE("The order of a rule's elements does not matter", "[s3][notification]") {
    Lab lab;
    REQUIRE(
        lab.put(configuration(
            "<CloudFunctionConfiguration><Event>s3:ObjectCreated:Put</Event><Filter><S3Key>" +
            filter_rule("Prefix", "") + "</S3Key></Filter><CloudFunction>" + kWorker +
            "</CloudFunction><Event>s3:ObjectRemoved:*</Event><Id>x</Id>"
            "</CloudFunctionConfiguration>"
        )) == "200"
    );
    // An empty value is kept.
    CHECK(
        lab.get() ==
        std::string(kProlog) +
            configuration(
                "<CloudFunctionConfiguration><Id>x</Id><CloudFunction>" + kWorker +
                "</CloudFunction><Event>s3:ObjectCreated:Put</Event><Event>s3:ObjectRemoved:*"
                "</Event><Filter><S3Key>" +
                filter_rule("Prefix", "") + "</S3Key></Filter></CloudFunctionConfiguration>"
            )
    );
}

TEST_CASE("A rule without Id gets one: base64 of a UUID", "[s3][notification]") {
    Lab lab;
    REQUIRE(lab.put({RuleText{}}) == "200");
    const std::string text = lab.get();
    const auto begin = text.find("<Id>") + 4;
    const std::string id = text.substr(begin, text.find("</Id>") - begin);
    CHECK(id.size() == 48);
    const auto uuid = from_base64(id);
    REQUIRE(uuid);
    CHECK(uuid->size() == 36);
    CHECK((*uuid)[14] == '4');
    CHECK(lab.get() == text);
}

TEST_CASE("Documents that are no configuration are malformed", "[s3][notification]") {
    Lab lab;
    for (const std::string& body : {
             std::string("nonsense"),
             std::string("<Other/>"),
             configuration("<Unknown/>"),
             configuration("<CloudFunctionConfiguration/>"),
             configuration(
                 "<CloudFunctionConfiguration><CloudFunction>" + kWorker +
                 "</CloudFunction></CloudFunctionConfiguration>"
             ),
             configuration("<CloudFunctionConfiguration><Event>s3:ObjectCreated:*</Event>"
                           "</CloudFunctionConfiguration>"),
             configuration({RuleText{.filter = "<FilterRule><Name>prefix</Name></FilterRule>"}}),
             configuration({RuleText{.filter = "<FilterRule><Value>x</Value></FilterRule>"}}),
             configuration("<EventBridgeConfiguration/><EventBridgeConfiguration/>"),
         }) {
        INFO(body);
        CHECK(lab.put(body) == kMalformed);
    }
    CHECK(lab.put(std::vector<RuleText>(101, RuleText{})) == kMalformed);
}

TEST_CASE("Filters have at most one prefix and one suffix of 1024 bytes", "[s3][notification]") {
    Lab lab;
    const auto put = [&](const std::string& filter) {
        return lab.put({RuleText{.filter = filter}});
    };
    CHECK(
        put(filter_rule("infix", "x")) ==
        "400 InvalidArgument: filter rule name must be either prefix or suffix "
        "[ArgumentName=FilterRule.Name] [ArgumentValue=infix]"
    );
    CHECK(
        put(filter_rule("prefix", "a") + filter_rule("Prefix", "b")) ==
        "400 InvalidArgument: Cannot specify more than one prefix rule in a filter."
    );
    CHECK(
        put(filter_rule("suffix", "a") + filter_rule("Suffix", "b")) ==
        "400 InvalidArgument: Cannot specify more than one suffix rule in a filter."
    );
    CHECK(put(filter_rule("prefix", std::string(1024, 'x'))) == "200");
    CHECK(
        put(filter_rule("prefix", std::string(1025, 'x'))) ==
        "400 InvalidArgument: Size of filter rule value cannot exceed 1024 bytes in UTF-8 "
        "representation"
    );
}

TEST_CASE("Event names are AWS's or nothing", "[s3][notification]") {
    Lab lab;
    for (const std::string event :
         {"s3:*",
          "*",
          "ObjectCreated:Put",
          "s3:ObjectCreated",
          "s3:ObjectCreated:put",
          "s3:TestEvent"}) {
        CHECK(
            lab.put({RuleText{.events = event}}) ==
            "400 InvalidArgument: A specified event is not supported for notifications. "
            "[ArgumentName=Event] [ArgumentValue=" +
                event + "]"
        );
    }
    CHECK(lab.put({RuleText{.events = "s3:LifecycleExpiration:DeleteMarkerCreated"}}) == "200");
}

TEST_CASE("An ARN that cannot be parsed comes before every other fault", "[s3][notification]") {
    Lab lab;
    const auto unparsable = [](const std::string& name, const std::string& value) {
        return "400 InvalidArgument: The ARN could not be parsed [ArgumentName=" + name +
               "] [ArgumentValue=" + value + "]";
    };
    for (const std::string arn :
         {"invalid-arn",
          "arn:aws:lambda:us-east-2:111122223333:function:",
          "arn:aws:lambda:us-east-2:1111:function:f",
          "arn:aws:lambda::111122223333:function:f"}) {
        CHECK(lab.put({RuleText{.arn = arn}}) == unparsable("CloudFunction", arn));
        // Skipping the validation of destinations does not skip this.
        CHECK(lab.put({RuleText{.arn = arn}}, true) == unparsable("CloudFunction", arn));
    }
    CHECK(lab.put({RuleText{.arn = kQueue}}) == unparsable("CloudFunction", kQueue));
    CHECK(lab.put({queue("no-queue")}) == unparsable("Queue", "no-queue"));
    // A missing destination and a bad event come later; of two bad ARNs the first is named.
    CHECK(lab.put({queue(), queue("bad-1"), queue("bad-2")}) == unparsable("Queue", "bad-1"));
    CHECK(
        lab.put({RuleText{.events = "s3:*"}, RuleText{.arn = "bad"}}) ==
        unparsable("CloudFunction", "bad")
    );
}

TEST_CASE("Configurations that share events and keys are refused", "[s3][notification]") {
    Lab lab;
    const auto rule =
        [](const std::string& events, const std::string& prefix, const std::string& suffix) {
            std::string filter;
            if (!prefix.empty()) {
                filter += filter_rule("prefix", prefix);
            }
            if (!suffix.empty()) {
                filter += filter_rule("suffix", suffix);
            }
            return RuleText{.events = events, .filter = filter};
        };
    const std::string created = "s3:ObjectCreated:*";
    const std::string put = "s3:ObjectCreated:Put";
    const std::string removed = "s3:ObjectRemoved:*";

    CHECK(lab.put({rule(created, "", ""), rule(created, "", "")}) == kOverlap);
    CHECK(lab.put({rule(created, "", ""), rule(put, "", "")}) == kOverlap);
    CHECK(lab.put({rule(put, "", ""), rule(created, "", "")}) == kOverlap);
    CHECK(lab.put({rule(created, "uploads/", ""), rule(put, "uploads/", "")}) == kAmbiguous);
    CHECK(lab.put({rule(created, "", ""), rule(created, "images", "")}) == kAmbiguous);
    CHECK(lab.put({rule(created, "", "jpg"), rule(created, "", "pg")}) == kAmbiguous);
    CHECK(lab.put({rule(created, "uploads", ".txt"), rule(put, "uploads/a", "txt")}) == kAmbiguous);

    CHECK(lab.put({rule(created, "uploads/", ""), rule(removed, "uploads/", "")}) == "200");
    CHECK(lab.put({rule(created, "", ".png"), rule(created, "", ".jpg")}) == "200");
    CHECK(lab.put({rule(created, "images/", ".jpg"), rule(created, "images/", ".png")}) == "200");
    CHECK(lab.put({rule(created, "a/", ""), rule(created, "b/", "")}) == "200");
    CHECK(lab.put({rule(put, "", ""), rule("s3:ObjectCreated:Copy", "", "")}) == "200");
    // The kind of destination is irrelevant, EventBridge conflicts with nothing.
    CHECK(lab.put({RuleText{}, queue()}, true) == kOverlap);
    CHECK(
        lab.put(configuration(text_of_rule(RuleText{}) + "<EventBridgeConfiguration />")) == "200"
    );
    CHECK(lab.get().ends_with("<EventBridgeConfiguration/></NotificationConfiguration>"));
}

TEST_CASE("Ids are unique and destinations live in the bucket's region", "[s3][notification]") {
    Lab lab;
    RuleText first{.id = "x"};
    RuleText second{.events = "s3:ObjectRemoved:*", .id = "x"};
    CHECK(
        lab.put({first, second}) ==
        "400 InvalidArgument: Same ID used for multiple configurations. IDs must be unique"
    );
    CHECK(
        lab.put({RuleText{.arn = "arn:aws:lambda:eu-west-1:111122223333:function:f"}}, true) ==
        "400 InvalidArgument: The notification destination service region is not valid for the "
        "bucket location constraint"
    );
}

TEST_CASE("A function must exist and let S3 in from this bucket", "[s3][notification]") {
    Lab lab;
    REQUIRE(lab.put({RuleText{.id = "before"}}) == "200");
    const std::string before = lab.get();

    SECTION("no such function") {
        const std::string missing = "arn:aws:lambda:us-east-2:111122223333:function:missing";
        CHECK(
            lab.put({RuleText{.arn = missing}}) == std::string(kUnable) + not_authorized(missing)
        );
    }
    SECTION("no permission at all") {
        lab.make_function("worker-move-lambda", "");
        CHECK(lab.put({RuleText{}}) == std::string(kUnable) + not_authorized(kWorker));
    }
    SECTION("the source ARN names the objects instead of the bucket") {
        lab.make_function("worker-move-lambda", permission("arn:aws:s3:::b/*"));
        CHECK(lab.put({RuleText{}}) == std::string(kUnable) + not_authorized(kWorker));
    }
    SECTION("the permission is for another bucket") {
        lab.make_function("worker-move-lambda", permission("arn:aws:s3:::other"));
        CHECK(lab.put({RuleText{}}) == std::string(kUnable) + not_authorized(kWorker));
    }
    SECTION("the permission is for another account") {
        lab.make_function("worker-move-lambda", permission("arn:aws:s3:::b", "444455556666"));
        CHECK(lab.put({RuleText{}}) == std::string(kUnable) + not_authorized(kWorker));
    }
    SECTION("an alias has a permission of its own") {
        CHECK(
            lab.put({RuleText{.arn = kWorker + ":live"}}) ==
            std::string(kUnable) + not_authorized(kWorker + ":live")
        );
    }
    CHECK(lab.get() == before);
}

TEST_CASE("Every refused destination is named, in order", "[s3][notification]") {
    Lab lab;
    RuleText topic;
    topic.arn = "arn:aws:sns:us-east-2:111122223333:news";
    topic.list = "TopicConfiguration";
    topic.arn_name = "Topic";
    topic.events = "s3:ObjectRemoved:*";
    CHECK(
        lab.put({queue(), topic}) ==
        std::string(kUnable) + " [ArgumentName1=" + kQueue +
            "] [ArgumentValue1=The destination queue does not exist] [ArgumentName2=" + topic.arn +
            "] [ArgumentValue2=The destination topic does not exist]"
    );
}

TEST_CASE("Skipping validation stores what is not there", "[s3][notification]") {
    Lab lab;
    const std::string missing = "arn:aws:lambda:us-east-2:111122223333:function:missing";
    REQUIRE(lab.put({RuleText{.arn = missing}}, true) == "200");
    CHECK(lab.get().find(missing) != std::string::npos);
}

TEST_CASE("Only the bucket's owner named by the client may be meant", "[s3][notification]") {
    Lab lab;
    Call call{
        "PUT",
        "/b?notification",
        {{"x-amz-expected-bucket-owner", "444455556666"}},
        configuration("")};
    CHECK(
        outcome(lab.run(put_bucket_notification_configuration_operation(), call)) ==
        "403 AccessDenied: Access Denied"
    );
    CHECK(lab.authorizer.asked.at(0).action == "s3:PutBucketNotification");
}
