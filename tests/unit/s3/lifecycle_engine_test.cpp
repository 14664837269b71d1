// The rule engine: which action falls due at which midnight.
#include "emulator/s3/lifecycle.hpp"
#include "tests/catch.hpp"

#include <chrono>

using namespace benchtop;
using namespace benchtop::s3;
using namespace std::chrono_literals;

namespace {

using Kind = LifecycleAction::Kind;

const UtcInstant kMade = *parse_iso8601("2026-03-01T10:30:00Z");
const UtcInstant kLater = *parse_iso8601("2027-03-01T00:00:00Z");

UtcInstant midnight(std::string_view date) {
    return *parse_iso8601(std::string(date) + "T00:00:00Z");
}

// A configuration put long ago.
LifecycleConfig config_of(std::string_view rules) {
    auto parsed = parse_lifecycle_rules(
        "<LifecycleConfiguration>" + std::string(rules) + "</LifecycleConfiguration>"
    );
    REQUIRE(parsed.has_value());
    REQUIRE(validate_lifecycle_rules(*parsed).has_value());
    return {*std::move(parsed), MinimumTransitionSize::All128K, midnight("2020-01-01")};
}

LifecycleConfig one_rule(
    std::string_view actions, std::string_view filter = "<Filter/>", std::string_view id = "r"
) {
    return config_of(
        "<Rule><ID>" + std::string(id) + "</ID>" + std::string(filter) +
        "<Status>Enabled</Status>" + std::string(actions) + "</Rule>"
    );
}

store::Object object_of(std::uint64_t size = 1 << 20) {
    store::Object object;
    object.key = "logs/a";
    object.size = size;
    object.last_modified = kMade;
    return object;
}

// What happens to the current version at `now`, as text.
std::string
at(const LifecycleConfig& config,
   const store::Object& object,
   UtcInstant now,
   const TimeAxis& axis = {}) {
    const auto verdict = judge_version(config, {.object = object}, axis, now);
    std::string text;
    if (verdict.action) {
        text = verdict.action->kind == Kind::Expire ? "expire"
               : verdict.action->kind == Kind::DeleteVersion
                   ? "delete"
                   : "to " + verdict.action->storage_class;
    }
    if (verdict.next) {
        text += (text.empty() ? "" : ", ") + std::string("next ") +
                to_iso8601_s(*verdict.next).substr(0, 10);
    }
    return text;
}

std::string at(const LifecycleConfig& config, UtcInstant now) {
    return at(config, object_of(), now);
}

constexpr std::string_view kTransitions =
    "<Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition>"
    "<Transition><Days>60</Days><StorageClass>GLACIER</StorageClass></Transition>";

} // namespace

TEST_CASE("Days are rounded up to the next midnight", "[s3][lifecycle]") {
    CHECK(lifecycle_midnight(kMade, 3) == midnight("2026-03-05"));
    CHECK(lifecycle_midnight(midnight("2026-03-01"), 3) == midnight("2026-03-04"));
    const auto config = one_rule("<Expiration><Days>3</Days></Expiration>");
    CHECK(at(config, midnight("2026-03-05") - 1s) == "next 2026-03-05");
    CHECK(at(config, midnight("2026-03-05")) == "expire");
}

TEST_CASE("An advance of the clock ages what was there before it", "[s3][lifecycle]") {
    const auto config = one_rule("<Expiration><Days>30</Days></Expiration>");
    TimeAxis axis;
    axis.advance(kMade + 1h, std::chrono::days(30));
    CHECK(at(config, object_of(), kMade + 2h, axis) == "next 2026-04-01");
    CHECK(at(config, object_of(), kMade + 14h, axis) == "expire");
    auto younger = object_of();
    younger.last_modified = kMade + 2h;
    CHECK(at(config, younger, kMade + 14h, axis) == "next 2026-05-01");
}

TEST_CASE("A rule acts from the midnight after it was put", "[s3][lifecycle]") {
    auto config = one_rule("<Expiration><Date>2025-01-01T00:00:00Z</Date></Expiration>");
    config.put_at = kMade + 24h;
    CHECK(at(config, kMade + 25h) == "next 2026-03-03");
    CHECK(at(config, midnight("2026-03-03")) == "expire");
}

TEST_CASE("A date stays in force for what is made later", "[s3][lifecycle]") {
    const auto config = one_rule("<Expiration><Date>2025-01-01T00:00:00Z</Date></Expiration>");
    CHECK(at(config, kMade + 1h) == "next 2026-03-02");
    CHECK(at(config, midnight("2026-03-02")) == "expire");
}

TEST_CASE("Filters decide by prefix, tags and size", "[s3][lifecycle]") {
    const std::string days = "<Expiration><Days>1</Days></Expiration>";
    const auto matches = [&](std::string_view filter, const store::Object& object) {
        return at(one_rule(days, filter), object, kLater) == "expire";
    };
    auto object = object_of(15);
    object.attributes.tags = {{"a", "1"}, {"b", "2"}};
    CHECK(matches("<Filter/>", object));
    CHECK(matches("<Filter><Prefix>logs/</Prefix></Filter>", object));
    CHECK(matches("<Prefix>logs/</Prefix>", object));
    CHECK_FALSE(matches("<Filter><Prefix>Logs/</Prefix></Filter>", object));
    CHECK(matches("<Filter><Tag><Key>b</Key><Value>2</Value></Tag></Filter>", object));
    CHECK_FALSE(matches("<Filter><Tag><Key>b</Key><Value>1</Value></Tag></Filter>", object));
    const std::string both = "<Tag><Key>a</Key><Value>1</Value></Tag>";
    CHECK(matches(
        "<Filter><And><Prefix>l</Prefix>" + both +
            "<Tag><Key>b</Key><Value>2</Value></Tag></And></Filter>",
        object
    ));
    CHECK_FALSE(matches("<Filter><And><Prefix>x</Prefix>" + both + "</And></Filter>", object));
    CHECK_FALSE(
        matches("<Filter><ObjectSizeGreaterThan>15</ObjectSizeGreaterThan></Filter>", object)
    );
    CHECK(matches("<Filter><ObjectSizeGreaterThan>14</ObjectSizeGreaterThan></Filter>", object));
    CHECK_FALSE(matches("<Filter><ObjectSizeLessThan>15</ObjectSizeLessThan></Filter>", object));
    CHECK(matches("<Filter><ObjectSizeLessThan>16</ObjectSizeLessThan></Filter>", object));
}

TEST_CASE("A disabled rule does nothing", "[s3][lifecycle]") {
    const auto config =
        config_of("<Rule><Filter/><Status>Disabled</Status><Expiration><Days>1</Days>"
                  "</Expiration></Rule>");
    CHECK(at(config, kLater).empty());
}

TEST_CASE("Transitions follow one another, and expiration comes last", "[s3][lifecycle]") {
    const auto config =
        one_rule(std::string(kTransitions) + "<Expiration><Days>90</Days></Expiration>");
    auto object = object_of();
    CHECK(at(config, object, kMade + 1h) == "next 2026-04-01");
    CHECK(at(config, object, midnight("2026-04-01")) == "to STANDARD_IA, next 2026-05-01");
    object.attributes.storage_class = "STANDARD_IA";
    CHECK(at(config, object, midnight("2026-04-01")) == "next 2026-05-01");
    CHECK(at(config, object, midnight("2026-05-01")) == "to GLACIER, next 2026-05-31");
    object.attributes.storage_class = "GLACIER";
    CHECK(at(config, object, midnight("2026-05-31")) == "expire");
    object.attributes.storage_class = "";
    // Of several that are due: the coldest, and a transition before a delete marker.
    CHECK(at(config, object, kLater) == "to GLACIER");
}

TEST_CASE("Objects only become colder", "[s3][lifecycle]") {
    const auto to = [](std::string_view storage_class) {
        return one_rule(
            "<Transition><Days>30</Days><StorageClass>" + std::string(storage_class) +
            "</StorageClass></Transition>"
        );
    };
    const auto from = [](std::string_view storage_class) {
        auto object = object_of();
        object.attributes.storage_class = storage_class;
        return object;
    };
    CHECK(at(to("STANDARD_IA"), from("GLACIER"), kLater).empty());
    CHECK(at(to("GLACIER"), from("GLACIER"), kLater).empty());
    CHECK(at(to("GLACIER_IR"), from("ONEZONE_IA"), kLater).empty());
    CHECK(at(to("GLACIER"), from("ONEZONE_IA"), kLater) == "to GLACIER");
    CHECK(at(to("DEEP_ARCHIVE"), from("GLACIER"), kLater) == "to DEEP_ARCHIVE");
    CHECK(at(to("STANDARD_IA"), from("REDUCED_REDUNDANCY"), kLater) == "to STANDARD_IA");
}

TEST_CASE("Small objects stay, unless the header or the filter says otherwise", "[s3][lifecycle]") {
    const std::string glacier =
        "<Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>";
    const std::string infrequent =
        "<Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition>";
    const auto small = object_of(128 * 1024 - 1);
    CHECK(at(one_rule(glacier), object_of(128 * 1024), kLater) == "to GLACIER");
    CHECK(at(one_rule(glacier), small, kLater).empty());
    auto varies = one_rule(glacier);
    varies.minimum_size = MinimumTransitionSize::VariesByStorageClass;
    CHECK(at(varies, small, kLater) == "to GLACIER");
    varies = one_rule(infrequent);
    varies.minimum_size = MinimumTransitionSize::VariesByStorageClass;
    CHECK(at(varies, small, kLater).empty());
    CHECK(
        at(one_rule(
               infrequent, "<Filter><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></Filter>"
           ),
           small,
           kLater) == "to STANDARD_IA"
    );
}

TEST_CASE("Noncurrent versions count from when they were replaced", "[s3][lifecycle]") {
    const auto config = one_rule("<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>"
                                 "<NewerNoncurrentVersions>1</NewerNoncurrentVersions>"
                                 "</NoncurrentVersionExpiration>");
    const auto object = object_of();
    const auto deleted = [&](std::size_t newer, UtcInstant now) {
        const auto verdict = judge_version(
            config,
            {.object = object,
             .current = false,
             .noncurrent_since = kMade + 24h,
             .newer_noncurrent = newer},
            {},
            now
        );
        return verdict.action && verdict.action->kind == Kind::DeleteVersion;
    };
    CHECK_FALSE(deleted(1, midnight("2026-03-05") - 1s));
    CHECK(deleted(1, midnight("2026-03-05")));
    CHECK_FALSE(deleted(0, kLater)); // the newest one is kept
    CHECK(at(config, kLater).empty());
}

TEST_CASE("A delete marker that stands alone goes", "[s3][lifecycle]") {
    auto marker = object_of(0);
    marker.delete_marker = true;
    const auto deleted = [&](const LifecycleConfig& config, bool alone, UtcInstant now) {
        return judge_version(config, {.object = marker, .current = true, .alone = alone}, {}, now)
            .action.has_value();
    };
    const auto at_once = one_rule("<Expiration><ExpiredObjectDeleteMarker>true"
                                  "</ExpiredObjectDeleteMarker></Expiration>");
    CHECK(deleted(at_once, true, midnight("2026-03-02")));
    CHECK_FALSE(deleted(at_once, true, kMade + 1h));
    CHECK_FALSE(deleted(at_once, false, kLater));
    const auto by_age = one_rule("<Expiration><Days>5</Days></Expiration>");
    CHECK_FALSE(deleted(by_age, true, midnight("2026-03-06")));
    CHECK(deleted(by_age, true, midnight("2026-03-07")));
    CHECK_FALSE(deleted(by_age, false, kLater));
}

TEST_CASE("x-amz-expiration tells of the earliest rule", "[s3][lifecycle]") {
    const auto config = config_of(
        "<Rule><ID>late</ID><Filter/><Status>Enabled</Status><Expiration><Days>9</Days></"
        "Expiration>"
        "</Rule><Rule><ID>first one</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled"
        "</Status><Expiration><Days>7</Days></Expiration></Rule><Rule><ID>same</ID><Filter/>"
        "<Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule>"
    );
    CHECK(
        expiration_header(config, object_of(), {}) ==
        "expiry-date=\"Mon, 09 Mar 2026 00:00:00 GMT\", rule-id=\"first one\""
    );
    // Three of the days have passed on the lab's clock.
    TimeAxis axis;
    axis.advance(kMade + 1h, std::chrono::days(3));
    CHECK(expiration_header(config, object_of(), axis)
              .starts_with("expiry-date=\"Fri, 06 Mar 2026 00:00:00 GMT\""));
    const auto marker = one_rule("<Expiration><ExpiredObjectDeleteMarker>true"
                                 "</ExpiredObjectDeleteMarker></Expiration>");
    CHECK(expiration_header(marker, object_of(), {}).empty());
    CHECK(expiration_header(
              one_rule("<Expiration><Days>1</Days></Expiration>", "<Filter/>", "a&quot;\xC3\xA9"),
              object_of(),
              {}
    )
              .ends_with("rule-id=\"a%22%C3%A9\""));
}

TEST_CASE("Uploads that were never completed are aborted", "[s3][lifecycle]") {
    const auto config = one_rule(
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>"
        "</AbortIncompleteMultipartUpload>",
        "<Filter><Prefix>logs/</Prefix></Filter>"
    );
    const auto abort = upload_abort(config, "logs/a", kMade, {});
    REQUIRE(abort);
    CHECK(abort->due == midnight("2026-03-09"));
    CHECK_FALSE(upload_abort(config, "other", kMade, {}));
    const auto headers = abort_headers(config, "logs/a", kMade, {});
    REQUIRE(headers);
    CHECK(headers->first == "Mon, 09 Mar 2026 00:00:00 GMT");
    CHECK(headers->second == "r");
}

TEST_CASE("A configuration survives the store", "[s3][lifecycle]") {
    auto config = one_rule(kTransitions);
    config.minimum_size = MinimumTransitionSize::VariesByStorageClass;
    config.put_at = kMade + 7us;
    store::Bucket bucket;
    CHECK_FALSE(lifecycle_of(bucket));
    bucket.settings.emplace_back(kLifecycleSetting, to_setting(config));
    const auto stored = lifecycle_of(bucket);
    REQUIRE(stored);
    CHECK(to_setting(*stored) == to_setting(config));
    CHECK(stored->put_at == config.put_at);
}
