#include "emulator/s3/object_lock.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors_lock.hpp"
#include "emulator/s3/ops/common.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::string_view kEnabled = "Enabled";
constexpr std::string_view kGovernance = "GOVERNANCE";
constexpr std::string_view kCompliance = "COMPLIANCE";

microseconds remaining(const store::ObjectLock& lock, const TimeAxis& axis, UtcInstant now) {
    return lock.retain_until - lock.set_at - axis.age(lock.set_at, now);
}

Result<void> check_bypass(
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Object& version,
    bool bypass
) {
    if (version.lock.mode != kGovernance || !bypass) {
        return object_is_locked();
    }
    return context.authorizer.check(
        object_access("s3:BypassGovernanceRetention", bucket, version.key)
    );
}

UtcInstant end_of(const DefaultRetention& rule, UtcInstant now) {
    using namespace std::chrono;
    if (rule.days > 0) {
        return now + days(rule.days);
    }
    const auto today = floor<days>(now);
    year_month_day date = year_month_day(today) + years(rule.years);
    if (!date.ok()) { // February 29th
        date = date.year() / February / 28;
    }
    return sys_days(date) + (now - today);
}

} // namespace

std::optional<LockConfiguration> lock_configuration_of(const store::Bucket& bucket) {
    const auto text = bucket.setting(kObjectLockSetting);
    if (!text) {
        return std::nullopt;
    }
    if (*text == kEnabled) {
        return LockConfiguration{};
    }
    // "GOVERNANCE Days 1"
    const auto first = text->find(' ');
    const auto second = text->rfind(' ');
    BT_ASSERT(first != std::string_view::npos && first < second);
    const auto number = parse_u64(text->substr(second + 1));
    BT_ASSERT(number.has_value());
    DefaultRetention rule;
    rule.mode = text->substr(0, first);
    (text->substr(first + 1, second - first - 1) == "Days" ? rule.days : rule.years) =
        static_cast<int>(*number);
    return LockConfiguration{std::move(rule)};
}

std::string to_setting(const LockConfiguration& configuration) {
    if (!configuration.rule) {
        return std::string(kEnabled);
    }
    const DefaultRetention& rule = *configuration.rule;
    return rule.mode + (rule.days > 0 ? " Days " + std::to_string(rule.days)
                                      : " Years " + std::to_string(rule.years));
}

bool is_retention_mode(std::string_view mode) {
    return mode == kGovernance || mode == kCompliance;
}

bool is_retained(const store::ObjectLock& lock, const TimeAxis& axis, UtcInstant now) {
    return !lock.mode.empty() && remaining(lock, axis, now) > microseconds{0};
}

bool is_locked(const store::ObjectLock& lock, const TimeAxis& axis, UtcInstant now) {
    return lock.legal_hold || is_retained(lock, axis, now);
}

Result<void> check_removable(
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Object& version,
    bool bypass
) {
    if (version.lock.legal_hold) {
        return object_is_locked();
    }
    if (!is_retained(version.lock, context.axis, context.now)) {
        return {};
    }
    return check_bypass(context, bucket, version, bypass);
}

Result<void> check_new_retention(
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Object& version,
    const store::ObjectLock& wanted,
    bool bypass
) {
    const store::ObjectLock& lock = version.lock;
    if (!is_retained(lock, context.axis, context.now)) {
        return {};
    }
    const bool longer = wanted.mode == lock.mode && remaining(wanted, context.axis, context.now) >=
                                                        remaining(lock, context.axis, context.now);
    return longer ? Result<void>() : check_bypass(context, bucket, version, bypass);
}

void apply_default_retention(const store::Bucket& bucket, UtcInstant now, store::ObjectLock& lock) {
    const auto configuration = lock_configuration_of(bucket);
    if (!lock.mode.empty() || !configuration || !configuration->rule) {
        return;
    }
    lock.mode = configuration->rule->mode;
    lock.retain_until = end_of(*configuration->rule, now);
    lock.set_at = now;
}

} // namespace benchtop::s3
