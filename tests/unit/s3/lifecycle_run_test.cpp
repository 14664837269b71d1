// Runs over whole buckets: what they delete, mark, move and abort, and the events they raise.
#include "emulator/s3/lifecycle_run.hpp"
#include "emulator/s3/notification_config.hpp"
#include "emulator/s3/versions.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/operation_bench.hpp"

#include <chrono>

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

std::string expire_after(int number, std::string_view more = "") {
    return "<Rule><ID>r</ID><Filter/><Status>Enabled</Status><Expiration><Days>" +
           std::to_string(number) + "</Days></Expiration>" + std::string(more) + "</Rule>";
}

constexpr std::string_view kNoncurrent =
    "<NoncurrentVersionExpiration><NoncurrentDays>5</NoncurrentDays>"
    "</NoncurrentVersionExpiration>";

class Lab : public Bench {
public:
    explicit Lab(const std::string& rules, std::string_view versioning = "") {
        make_bucket("b");
        edit([&](store::WriteTx& tx) {
            LifecycleConfig config;
            config.rules = *parse_lifecycle_rules(
                "<LifecycleConfiguration>" + rules + "</LifecycleConfiguration>"
            );
            const auto id = bucket_in(tx).id;
            tx.set_bucket_setting(id, kLifecycleSetting, to_setting(config));
            if (!versioning.empty()) {
                tx.set_bucket_setting(id, "versioning", versioning);
            }
            NotificationConfig notification;
            NotificationRule all;
            all.id = "all";
            all.arn = "arn:aws:lambda:us-east-2:111122223333:function:worker";
            all.events = {"s3:LifecycleExpiration:*", "s3:LifecycleTransition"};
            notification.rules.push_back(all);
            tx.set_bucket_notification(id, to_xml(notification));
        });
    }

    // Makes the current version of `key`; its id.
    std::string put(const std::string& key, UtcInstant made, std::uint64_t size = 1 << 20) {
        std::string id;
        edit([&](store::WriteTx& tx) {
            const TimeAxis axis;
            const service::OpContext context{
                made, axis, ids, caller, source_ip, region, authorizer, random};
            store::Object object;
            object.key = key;
            object.size = size;
            object.etag = "e";
            object.last_modified = made;
            object.sequencer = tx.next_sequencer(made);
            store_version(tx, context, bucket_in(tx), object);
            id = object.version_id;
        });
        return id;
    }

    void lock(const std::string& key, const std::string& version, const store::ObjectLock& lock) {
        edit([&](store::WriteTx& tx) {
            auto object = *tx.find_version(bucket_in(tx).id, key, version);
            object.lock = lock;
            tx.update_version(bucket_in(tx).id, object);
        });
    }

    // A whole run at `at`; the steps it took.
    int pass(UtcInstant at) {
        LifecycleRun run(random, at);
        int steps = 0;
        for (bool more = true; more; ++steps) {
            edit([&](store::WriteTx& tx) { more = run.step(tx); });
        }
        next_due = run.next_due();
        return steps;
    }

    // "a", "a(marker)", "a(noncurrent)"... in listing order.
    std::string versions() {
        std::string text;
        look([&](const store::ReadTx& tx) {
            tx.scan_versions(bucket_in(tx).id, "", "", [&](const store::Object& o, bool current) {
                text += (text.empty() ? "" : " ") + o.key;
                text += o.delete_marker ? "(marker)" : "";
                text += current ? "" : "(noncurrent)";
                return store::ScanStep::next();
            });
        });
        return text;
    }

    std::string events() {
        std::string text;
        for (const auto& delivery : deliveries()) {
            text += (text.empty() ? "" : " ") + delivery.event_name + "=" + delivery.key;
        }
        return text;
    }

    std::optional<UtcInstant> next_due;

    static store::Bucket bucket_in(const store::ReadTx& tx) { return *tx.find_bucket("b"); }
};

UtcInstant day(int number) {
    return *parse_iso8601("2026-03-01T00:00:00Z") + days(number);
}

} // namespace

TEST_CASE("Expired objects are deleted, and AWS itself says so", "[s3][lifecycle]") {
    Lab lab(expire_after(10));
    lab.put("old", day(0) + 1h);
    lab.put("young", day(5) + 1h);
    lab.pass(day(10));
    CHECK(lab.versions() == "old young");
    CHECK(lab.next_due == day(11));
    lab.pass(day(11) + 1s);
    CHECK(lab.versions() == "young");
    CHECK(lab.next_due == day(16));
    REQUIRE(lab.events() == "LifecycleExpiration:Delete=old");
    const std::string payload = lab.deliveries()[0].payload;
    CHECK(payload.starts_with(R"({"Records":[{"eventVersion":"2.3","eventSource":"aws:s3",)"));
    CHECK(
        payload.find(R"("userIdentity":{"principalId":"s3.amazonaws.com"},"requestParameters":)"
                     R"({"sourceIPAddress":"s3.amazonaws.com"})") != std::string::npos
    );
    CHECK(payload.find(R"("object":{"key":"old","sequencer":"00)") != std::string::npos);
    CHECK(payload.find("size") == std::string::npos);
}

TEST_CASE("In a versioned bucket the object gets a marker, and later goes", "[s3][lifecycle]") {
    Lab lab(expire_after(10, kNoncurrent), "Enabled");
    lab.put("a", day(0) + 1h);
    lab.pass(day(11));
    CHECK(lab.versions() == "a(marker) a(noncurrent)");
    CHECK(lab.events() == "LifecycleExpiration:DeleteMarkerCreated=a");
    CHECK(
        lab.deliveries()[0].payload.find(R"("eTag":"d41d8cd98f00b204e9800998ecf8427e",)"
                                         R"("versionId":")") != std::string::npos
    );
    CHECK(lab.next_due == day(16));
    lab.pass(day(16));
    CHECK(lab.versions() == "a(marker)");
    // The marker, alone now, goes when it is as old as the rule says.
    CHECK(lab.next_due == day(21));
    lab.pass(day(21));
    CHECK(lab.versions().empty());
    CHECK(
        lab.events() == "LifecycleExpiration:DeleteMarkerCreated=a LifecycleExpiration:Delete=a "
                        "LifecycleExpiration:Delete=a"
    );
}

TEST_CASE("In a suspended bucket the marker takes the null version's place", "[s3][lifecycle]") {
    Lab lab(expire_after(10), "Suspended");
    lab.put("a", day(0));
    lab.pass(day(10));
    CHECK(lab.versions() == "a(marker)");
    CHECK(lab.deliveries()[0].payload.find("versionId") == std::string::npos);
}

TEST_CASE("The newest noncurrent versions may be kept", "[s3][lifecycle]") {
    Lab lab(
        "<Rule><Filter/><Status>Enabled</Status><NoncurrentVersionExpiration><NoncurrentDays>1"
        "</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions>"
        "</NoncurrentVersionExpiration></Rule>",
        "Enabled"
    );
    for (int i = 0; i < 5; ++i) {
        lab.put("a", day(i));
    }
    lab.pass(day(30));
    CHECK(lab.versions() == "a a(noncurrent) a(noncurrent)");
    CHECK_FALSE(lab.next_due);
}

TEST_CASE("A marker that the run leaves alone goes in the same run", "[s3][lifecycle]") {
    Lab lab(
        "<Rule><Filter/><Status>Enabled</Status><Expiration><ExpiredObjectDeleteMarker>true"
        "</ExpiredObjectDeleteMarker></Expiration>" +
            std::string(kNoncurrent) + "</Rule>",
        "Enabled"
    );
    lab.put("a", day(0));
    lab.edit([&](store::WriteTx& tx) {
        store::Object marker;
        marker.key = "a";
        marker.version_id = "m";
        marker.delete_marker = true;
        marker.last_modified = day(1);
        marker.sequencer = tx.next_sequencer(day(1));
        tx.put_delete_marker(Lab::bucket_in(tx).id, marker, store::Displaced::Kept);
    });
    lab.put("b", day(0));
    lab.pass(day(5));
    CHECK(lab.versions() == "a(marker) a(noncurrent) b");
    lab.pass(day(6));
    CHECK(lab.versions() == "b");
}

TEST_CASE("Locked versions are kept until they are free", "[s3][lifecycle]") {
    Lab lab(
        "<Rule><Filter/><Status>Enabled</Status>" + std::string(kNoncurrent) + "</Rule>", "Enabled"
    );
    const auto retained = lab.put("a", day(0));
    const auto held = lab.put("a", day(0) + 1h);
    lab.put("a", day(0) + 2h);
    lab.lock("a", retained, {"COMPLIANCE", day(20) + 1h, day(0), false});
    lab.lock("a", held, {"", {}, {}, true});
    lab.pass(day(10));
    CHECK(lab.versions() == "a a(noncurrent) a(noncurrent)");
    CHECK(lab.next_due == day(21));
    lab.pass(day(21));
    CHECK(lab.versions() == "a a(noncurrent)");
    lab.lock("a", held, {});
    lab.pass(day(22));
    CHECK(lab.versions() == "a");
}

TEST_CASE("A transition changes the storage class in place", "[s3][lifecycle]") {
    Lab lab(
        "<Rule><Filter/><Status>Enabled</Status><Transition><Days>30</Days><StorageClass>GLACIER"
        "</StorageClass></Transition></Rule>"
    );
    lab.put("a", day(0));
    lab.put("small", day(0), 100);
    lab.pass(day(30));
    lab.look([](const store::ReadTx& tx) {
        const auto id = Lab::bucket_in(tx).id;
        CHECK(tx.find_object(id, "a")->attributes.storage_class == "GLACIER");
        CHECK(tx.find_object(id, "a")->last_modified == day(0));
        CHECK(tx.find_object(id, "small")->attributes.storage_class.empty());
    });
    REQUIRE(lab.events() == "LifecycleTransition=a");
    CHECK(
        lab.deliveries()[0].payload.find(
            R"("lifecycleEventData":{"transitionEventData":{"destinationStorageClass":"GLACIER"}})"
        ) != std::string::npos
    );
    lab.pass(day(60));
    CHECK(lab.deliveries().size() == 1);
}

TEST_CASE("Old uploads are aborted without an event", "[s3][lifecycle]") {
    Lab lab("<Rule><Filter><Prefix>in/</Prefix></Filter><Status>Enabled</Status>"
            "<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation>"
            "</AbortIncompleteMultipartUpload></Rule>");
    lab.edit([](store::WriteTx& tx) {
        for (int i = 0; i < 250; ++i) {
            store::Upload upload;
            upload.id = "u" + std::to_string(i);
            upload.bucket = Lab::bucket_in(tx).id;
            upload.object.key = (i < 240 ? "in/" : "out/") + std::to_string(i / 2);
            upload.object.sequencer = tx.next_sequencer(day(0));
            upload.initiated_at = i == 7 ? day(2) : day(0);
            tx.put_upload(upload);
        }
    });
    lab.pass(day(3));
    CHECK(lab.next_due == day(5));
    std::string left;
    lab.look([&](const store::ReadTx& tx) {
        tx.scan_uploads(Lab::bucket_in(tx).id, "", [&](const store::Upload& upload) {
            left += upload.id + " ";
            return store::ScanStep::next();
        });
    });
    CHECK(left == "u7 u240 u241 u242 u243 u244 u245 u246 u247 u248 u249 ");
    CHECK(lab.events().empty());
}

TEST_CASE("A run goes in steps, whatever a key or a bucket holds", "[s3][lifecycle]") {
    constexpr int kMany = 1203; // more than two steps, and not a multiple
    SECTION("many keys") {
        Lab lab(expire_after(1));
        for (int i = 0; i < kMany; ++i) {
            lab.put("k" + std::to_string(i), day(0));
        }
        lab.put("young", day(9));
        CHECK(lab.pass(day(9)) >= 4);
        CHECK(lab.versions() == "young");
    }
    SECTION("many versions of one key") {
        Lab lab(expire_after(30, kNoncurrent), "Enabled");
        for (int i = 0; i < kMany; ++i) {
            lab.put("a", day(0));
        }
        lab.put("z", day(0));
        CHECK(lab.pass(day(9)) >= 4);
        CHECK(lab.versions() == "a z");
    }
    SECTION("a bucket deleted meanwhile") {
        Lab lab(expire_after(1));
        lab.make_bucket("other");
        LifecycleRun run(lab.random, day(9));
        bool more = false;
        lab.edit([&](store::WriteTx& tx) { more = run.step(tx); });
        REQUIRE(more);
        lab.edit([](store::WriteTx& tx) { tx.delete_bucket(Lab::bucket_in(tx).id); });
        for (int i = 0; more && i < 10; ++i) {
            lab.edit([&](store::WriteTx& tx) { more = run.step(tx); });
        }
        CHECK_FALSE(more);
    }
}
