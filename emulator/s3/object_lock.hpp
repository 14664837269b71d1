// S3 Object Lock: what a bucket's configuration and a version's lock forbid ("Locking objects with
// Object Lock", Amazon S3 User Guide). Retention is counted on the lab's clock: what lies between
// the moment it was set and its date has to pass there.
#pragma once

#include "emulator/service/context.hpp"
#include "emulator/store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::s3 {

inline constexpr std::string_view kObjectLockSetting = "object-lock";

// A bucket's default retention; one of days and years is not 0.
struct DefaultRetention {
    std::string mode; // GOVERNANCE or COMPLIANCE
    int days = 0;
    int years = 0;
};

struct LockConfiguration {
    std::optional<DefaultRetention> rule;
};

// nullopt: the bucket has no object lock.
std::optional<LockConfiguration> lock_configuration_of(const store::Bucket& bucket);
// The setting's text.
std::string to_setting(const LockConfiguration& configuration);

bool is_retention_mode(std::string_view mode);

// The retention's date has not come yet on the lab's clock.
bool is_retained(const store::ObjectLock& lock, const TimeAxis& axis, UtcInstant now);
// Neither a person nor a lifecycle rule may delete the version (a bypass aside).
bool is_locked(const store::ObjectLock& lock, const TimeAxis& axis, UtcInstant now);

// May the version be deleted for good? `bypass`: x-amz-bypass-governance-retention is set, which
// needs s3:BypassGovernanceRetention. Errors: AccessDenied.
Result<void> check_removable(
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Object& version,
    bool bypass
);

// May the version's retention become `wanted` (mode "" for none)? Longer always; shorter, less
// strict or of the other mode only with a bypass of GOVERNANCE. Errors: AccessDenied.
Result<void> check_new_retention(
    const service::OpContext& context,
    const store::Bucket& bucket,
    const store::Object& version,
    const store::ObjectLock& wanted,
    bool bypass
);

// Gives a new version without a retention of its own the bucket's default one.
void apply_default_retention(const store::Bucket& bucket, UtcInstant now, store::ObjectLock& lock);

} // namespace benchtop::s3
