// Events: which rule hears of what, and the record byte for byte.
#include "emulator/s3/notification_config.hpp"
#include "emulator/s3/object_events.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/operation_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

const std::string kWorker = "arn:aws:lambda:us-east-2:111122223333:function:worker-move-lambda";

NotificationRule upload_rule() {
    NotificationRule rule;
    rule.id = "t1";
    rule.arn = kWorker;
    rule.events = {"s3:ObjectCreated:*"};
    rule.filter = {{"Prefix", "uploads/"}, {"Suffix", ".txt"}};
    return rule;
}

class EventBench : public Bench {
public:
    explicit EventBench(const NotificationConfig& config) {
        make_bucket("student-upload-bucket-aj");
        edit([&](store::WriteTx& tx) {
            tx.set_bucket_notification(bucket_in(tx).id, to_xml(config));
        });
    }

    void raise(const ObjectEvent& event) {
        edit([&](store::WriteTx& tx) {
            const service::OpContext context{
                now, axis, ids, caller, source_ip, region, authorizer, random};
            raise_event(tx, context, bucket_in(tx), event);
        });
    }

    void created(const std::string& key, const std::string& event_name = "ObjectCreated:Put") {
        raise({event_name, key, 16, "2763451ef0cc199d676acdd8cda23435", "00683DDD3F0410D2E3"});
    }

private:
    static store::Bucket bucket_in(const store::ReadTx& tx) {
        return *tx.find_bucket("student-upload-bucket-aj");
    }

    TimeAxis axis;
};

NotificationConfig one_rule(const NotificationRule& rule) {
    NotificationConfig config;
    config.rules.push_back(rule);
    return config;
}

// The key as the record carries it, "" when no rule matched.
std::string recorded_key(const std::string& key) {
    EventBench bench(one_rule(upload_rule()));
    bench.created(key);
    const auto deliveries = bench.deliveries();
    if (deliveries.size() != 1 || deliveries[0].state != store::DeliveryState::Pending) {
        return "";
    }
    const std::string& payload = deliveries[0].payload;
    const auto begin = payload.find("\"object\":{\"key\":\"") + 17;
    return payload.substr(begin, payload.find('"', begin) - begin);
}

} // namespace

TEST_CASE("An event record is AWS's, byte for byte", "[s3][events]") {
    EventBench bench(one_rule(upload_rule()));
    std::string owner;
    bench.look([&](const store::ReadTx& tx) {
        owner = tx.account("111122223333").owner_principal_id;
    });
    bench.created("uploads/upload-5f0c.txt");
    const auto deliveries = bench.deliveries();
    REQUIRE(deliveries.size() == 1);
    const store::Delivery& delivery = deliveries[0];
    CHECK(
        delivery.payload ==
        R"({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-2",)"
        R"("eventTime":"2025-06-02T17:19:59.110Z","eventName":"ObjectCreated:Put",)"
        R"("userIdentity":{"principalId":"AWS:AROAEXAMPLEEXAMPLE234:web-presign-lambda"},)"
        R"("requestParameters":{"sourceIPAddress":"203.0.113.9"},)"
        R"("responseElements":{"x-amz-request-id":"EXAMPLEREQID2345","x-amz-id-2":"host/id+="},)"
        R"("s3":{"s3SchemaVersion":"1.0","configurationId":"t1",)"
        R"("bucket":{"name":"student-upload-bucket-aj","ownerIdentity":{"principalId":")" +
            owner +
            R"("},"arn":"arn:aws:s3:::student-upload-bucket-aj"},)"
            R"("object":{"key":"uploads/upload-5f0c.txt","size":16,)"
            R"("eTag":"2763451ef0cc199d676acdd8cda23435","sequencer":"00683DDD3F0410D2E3"}}}]})"
    );
    CHECK(delivery.state == store::DeliveryState::Pending);
    CHECK(delivery.function_arn == kWorker);
    CHECK(delivery.rule_id == "t1");
    CHECK(delivery.event_name == "ObjectCreated:Put");
    CHECK(delivery.key == "uploads/upload-5f0c.txt");
    CHECK(delivery.source_account == "111122223333");
    CHECK(delivery.request_id.size() == 36);
    CHECK(delivery.delay == microseconds{0});
    CHECK(
        delivery.explanation ==
        "matched rule \"t1\": event s3:ObjectCreated:*, prefix \"uploads/\", suffix \".txt\""
    );
}

TEST_CASE("Removed objects have neither size nor eTag", "[s3][events]") {
    NotificationRule rule = upload_rule();
    rule.events = {"s3:ObjectRemoved:*"};
    EventBench bench(one_rule(rule));
    bench.raise({"ObjectRemoved:Delete", "uploads/a.txt", std::nullopt, "", "0068"});
    const auto deliveries = bench.deliveries();
    REQUIRE(deliveries.size() == 1);
    CHECK(deliveries[0].payload.ends_with(
        R"("object":{"key":"uploads/a.txt","sequencer":"0068"}}}]})"
    ));
    bench.raise(
        {"ObjectRemoved:DeleteMarkerCreated", "uploads/a.txt", std::nullopt, "d4", "0069", "v1"}
    );
    CHECK(bench.deliveries().back().payload.ends_with(
        R"("object":{"key":"uploads/a.txt","eTag":"d4","versionId":"v1","sequencer":"0069"}}}]})"
    ));
}

TEST_CASE("Each kind of event carries its own members and version", "[s3][events]") {
    NotificationRule rule = upload_rule();
    rule.events = {
        "s3:ObjectCreated:*",
        "s3:ObjectRemoved:*",
        "s3:ObjectTagging:*",
        "s3:ObjectAcl:Put",
        "s3:LifecycleExpiration:*",
        "s3:LifecycleTransition"};
    store::Object object;
    object.key = "uploads/a.txt";
    object.version_id = "v1";
    object.size = 4;
    object.etag = "098f6bcd4621d373cade4e832627b4f6";
    object.sequencer = "0068";
    store::Object marker;
    marker.key = "uploads/a.txt";
    marker.version_id = "v2";
    marker.delete_marker = true;
    marker.sequencer = "0069";
    const std::string key = R"("object":{"key":"uploads/a.txt",)";
    const std::string marked = key + R"("eTag":"d41d8cd98f00b204e9800998ecf8427e",)"
                                     R"("versionId":"v2","sequencer":"0069"}})";
    const std::string changed =
        key + R"("eTag":"098f6bcd4621d373cade4e832627b4f6","versionId":"v1"}})";

    struct Row {
        ObjectEvent event;
        std::string version;
        std::string object;
    };

    const std::vector<Row> rows{
        {created_event("ObjectCreated:Copy", object),
         "2.1",
         key + R"("size":4,"eTag":"098f6bcd4621d373cade4e832627b4f6","versionId":"v1",)"
               R"("sequencer":"0068"}})"},
        {deleted_event("ObjectRemoved:Delete", object.key, "v1", "0070"),
         "2.1",
         key + R"("versionId":"v1","sequencer":"0070"}})"},
        {deleted_event("ObjectRemoved:Delete", object.key, "", "0070"),
         "2.1",
         key + R"("sequencer":"0070"}})"},
        {delete_marker_event("ObjectRemoved:DeleteMarkerCreated", marker), "2.1", marked},
        {delete_marker_event("LifecycleExpiration:DeleteMarkerCreated", marker), "2.3", marked},
        {deleted_event("LifecycleExpiration:Delete", object.key, "", "0070"),
         "2.3",
         key + R"("sequencer":"0070"}})"},
        {attributes_event("ObjectTagging:Put", object), "2.3", changed},
        {attributes_event("ObjectTagging:Delete", object), "2.3", changed},
        {attributes_event("ObjectAcl:Put", object), "2.3", changed},
    };
    for (const Row& row : rows) {
        EventBench bench(one_rule(rule));
        bench.raise(row.event);
        const auto deliveries = bench.deliveries();
        REQUIRE(deliveries.size() == 1);
        CHECK(deliveries[0].payload.starts_with(
            R"({"Records":[{"eventVersion":")" + row.version + '"'
        ));
        CHECK(deliveries[0].payload.find(row.object) != std::string::npos);
    }
}

TEST_CASE("Filters and key encoding follow the test vectors", "[s3][events]") {
    CHECK(recorded_key("uploads/a.txt") == "uploads/a.txt");
    CHECK(recorded_key("uploads/a.TXT") == "");
    CHECK(recorded_key("uploads/sub/dir/a.txt") == "uploads/sub/dir/a.txt");
    CHECK(recorded_key("Uploads/a.txt") == "");
    CHECK(recorded_key("/uploads/a.txt") == "");
    CHECK(recorded_key("uploads/my file (1).txt") == "uploads/my+file+%281%29.txt");
    CHECK(recorded_key("uploads/50%+.txt") == "uploads/50%25%2B.txt");
    CHECK(recorded_key("uploads/na\xC3\xAFve.txt") == "uploads/na%C3%AFve.txt");
    CHECK(recorded_key("uploads/\xE6\x97\xA5.txt") == "uploads/%E6%97%A5.txt");
    CHECK(recorded_key("uploads/test@key.txt") == "uploads/test%40key.txt");
}

TEST_CASE("Copies and uploads in parts are creations too", "[s3][events]") {
    EventBench bench(one_rule(upload_rule()));
    bench.created("uploads/b.txt", "ObjectCreated:Copy");
    bench.created("uploads/m.txt", "ObjectCreated:CompleteMultipartUpload");
    const auto deliveries = bench.deliveries();
    REQUIRE(deliveries.size() == 2);
    CHECK(deliveries[0].payload.find("\"eventName\":\"ObjectCreated:Copy\"") != std::string::npos);
    CHECK(deliveries[1].state == store::DeliveryState::Pending);
}

TEST_CASE("An event no rule wants says of each rule why", "[s3][events]") {
    NotificationConfig config = one_rule(upload_rule());
    NotificationRule removed = upload_rule();
    removed.id = "t2";
    removed.events = {"s3:ObjectRemoved:Delete", "s3:ObjectTagging:*"};
    config.rules.push_back(removed);
    EventBench bench(config);
    bench.created("processed/a.txt");
    bench.created("uploads/a.png");
    const auto deliveries = bench.deliveries();
    REQUIRE(deliveries.size() == 2);
    CHECK(deliveries[0].state == store::DeliveryState::Unmatched);
    CHECK(deliveries[0].function_arn.empty());
    CHECK(deliveries[0].payload.empty());
    CHECK(
        deliveries[0].explanation ==
        "rule \"t1\": key does not start with \"uploads/\"; rule \"t2\": event "
        "s3:ObjectCreated:Put is not among s3:ObjectRemoved:Delete, s3:ObjectTagging:*"
    );
    CHECK(deliveries[1].explanation.starts_with("rule \"t1\": key does not end with \".txt\"; rule "
    ));
}

TEST_CASE("Filters are compared with the encoded key, and the card says so", "[s3][events]") {
    NotificationRule rule = upload_rule();
    rule.filter = {{"Prefix", "my files/"}};
    EventBench raw(one_rule(rule));
    raw.created("my files/a.txt");
    REQUIRE(raw.deliveries().size() == 1);
    CHECK(
        raw.deliveries()[0].explanation ==
        "rule \"t1\": key does not start with \"my files/\" (filters are compared with the "
        "URL-encoded key \"my+files/a.txt\")"
    );
    rule.filter = {{"Prefix", "my+files/"}};
    EventBench encoded(one_rule(rule));
    encoded.created("my files/a.txt");
    REQUIRE(encoded.deliveries().size() == 1);
    CHECK(encoded.deliveries()[0].state == store::DeliveryState::Pending);
}

TEST_CASE("Without a rule nothing is kept", "[s3][events]") {
    EventBench bench(NotificationConfig{});
    bench.created("uploads/a.txt");
    CHECK(bench.deliveries().empty());
}

TEST_CASE("Queues and EventBridge are remembered as not delivered", "[s3][events]") {
    NotificationConfig config;
    config.event_bridge = true;
    EventBench bridge(config);
    bridge.created("uploads/a.txt");
    REQUIRE(bridge.deliveries().size() == 1);
    CHECK(bridge.deliveries()[0].state == store::DeliveryState::Unmatched);
    CHECK(
        bridge.deliveries()[0].explanation ==
        "EventBridge is on for this bucket, but Benchtop has no EventBridge: nothing was sent to it"
    );

    NotificationRule rule = upload_rule();
    rule.kind = DestinationKind::Queue;
    rule.arn = "arn:aws:sqs:us-east-2:111122223333:jobs";
    EventBench queue(one_rule(rule));
    queue.created("uploads/a.txt");
    REQUIRE(queue.deliveries().size() == 1);
    CHECK(queue.deliveries()[0].state == store::DeliveryState::Dead);
    CHECK(queue.deliveries()[0].last_result == "not delivered: Benchtop has no SQS");
}

TEST_CASE("The record names its causer as AWS does", "[s3][events]") {
    const auto principal_of = [](const policy::Principal& caller) {
        EventBench bench(one_rule(upload_rule()));
        bench.caller = caller;
        bench.caller.account = "111122223333";
        bench.created("uploads/a.txt");
        const std::string payload = bench.deliveries().at(0).payload;
        const std::string before = "\"userIdentity\":{\"principalId\":\"";
        const auto begin = payload.find(before) + before.size();
        return payload.substr(begin, payload.find('"', begin) - begin);
    };
    policy::Principal user;
    user.kind = policy::Principal::Kind::User;
    user.user_id = "AIDAEXAMPLEEXAMPLE123";
    CHECK(principal_of(user) == "AWS:AIDAEXAMPLEEXAMPLE123");
    policy::Principal root;
    root.kind = policy::Principal::Kind::Root;
    CHECK(principal_of(root) == "AWS:111122223333");
    CHECK(principal_of(policy::Principal{}) == "Anonymous");
}

TEST_CASE("A stored configuration is read back whole", "[s3][events]") {
    NotificationConfig config = one_rule(upload_rule());
    config.rules[0].id = "a \"b\" <c> & \xC3\xA9";
    config.event_bridge = true;
    const auto again = stored_notification_config(to_xml(config));
    REQUIRE(again->rules.size() == 1);
    CHECK(again->rules[0].id == config.rules[0].id);
    CHECK(again->rules[0].prefix() == "uploads/");
    CHECK(again->rules[0].suffix() == ".txt");
    CHECK(again->event_bridge);
    CHECK(stored_notification_config(to_xml(config)) == again);
    // More configurations than the cache holds do not push each other's contents about.
    for (int i = 0; i < 200; ++i) {
        config.rules[0].id = std::to_string(i);
        CHECK(stored_notification_config(to_xml(config))->rules[0].id == std::to_string(i));
    }
}
