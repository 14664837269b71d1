// A bucket's lifecycle configuration: its document, the rules AWS holds it to, and what a rule does
// to a version at which midnight ("Managing the lifecycle of objects", Amazon S3 User Guide).
// Pure: nothing here reads a store or a clock.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/core/time_axis.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/store/rows.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::s3 {

// The predicates of a rule; all of those given must hold.
struct LifecycleFilter {
    // How it was written, to be given back so.
    enum class Form { BasePrefix /* the rule's own, "V1" */, Empty, Single, And };
    Form form = Form::Empty;
    std::optional<std::string> prefix;
    std::vector<std::pair<std::string, std::string>> tags;
    std::optional<std::int64_t> larger_than; // bytes, exclusive
    std::optional<std::int64_t> less_than;   // bytes, exclusive

    bool has_sizes() const { return larger_than || less_than; }
};

struct LifecycleExpiration {
    std::optional<std::int64_t> days;
    std::optional<UtcInstant> date; // on the lab's clock
    std::optional<bool> expired_object_delete_marker;
};

// A Transition, or a NoncurrentVersionTransition (whose `days` are NoncurrentDays).
struct LifecycleTransition {
    std::optional<std::int64_t> days;
    std::optional<UtcInstant> date;
    std::optional<std::int64_t> newer_versions;
    std::string storage_class;
};

struct NoncurrentExpiration {
    std::int64_t days = 0;
    std::optional<std::int64_t> newer_versions;
};

struct LifecycleRule {
    std::string id; // "" until assign_missing_ids()
    bool enabled = false;
    LifecycleFilter filter;
    std::optional<LifecycleExpiration> expiration;
    std::vector<LifecycleTransition> transitions;
    std::vector<LifecycleTransition> noncurrent_transitions;
    std::optional<NoncurrentExpiration> noncurrent_expiration;
    std::optional<std::int64_t> abort_uploads_after; // days
};

// x-amz-transition-default-minimum-object-size
enum class MinimumTransitionSize { All128K, VariesByStorageClass };

struct LifecycleConfig {
    std::vector<LifecycleRule> rules;
    MinimumTransitionSize minimum_size = MinimumTransitionSize::All128K;
    UtcInstant put_at{}; // real axis: the rules act from the first midnight after it
};

// --- the document
inline constexpr std::string_view kNoBasePrefix =
    "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.";
// Structure only. MalformedXML, and InvalidRequest for a rule with a filter and a prefix.
Result<std::vector<LifecycleRule>> parse_lifecycle_rules(std::string_view document);
// InvalidArgument, InvalidRequest, MalformedXML.
Result<void> validate_lifecycle_rules(const std::vector<LifecycleRule>& rules);
void assign_missing_ids(std::vector<LifecycleRule>& rules, Random& random);
// What GetBucketLifecycleConfiguration answers with.
std::string to_xml(const std::vector<LifecycleRule>& rules);

std::optional<MinimumTransitionSize> parse_minimum_size(std::string_view text);
std::string_view to_text(MinimumTransitionSize size);

// The bucket's setting of that name, and back again; parsed once per text and thread.
inline constexpr std::string_view kLifecycleSetting = "lifecycle";
std::string to_setting(const LifecycleConfig& config);
// Null when the bucket has none.
std::shared_ptr<const LifecycleConfig> lifecycle_of(const store::Bucket& bucket);

// --- what the rules do. Due times are midnights UTC of the lab's clock.

// Days after `since`, rounded up to the next midnight.
UtcInstant lifecycle_midnight(UtcInstant since, std::int64_t days);

struct VersionAge {
    const store::Object& object;
    bool current = true;
    // A delete marker with nothing beneath it.
    bool alone = false;
    // Real axis: when the version above it was made. Noncurrent versions only.
    UtcInstant noncurrent_since{};
    std::size_t newer_noncurrent = 0; // noncurrent versions above it
};

struct LifecycleAction {
    enum class Kind {
        Expire,        // the current version: deleted, or hidden by a marker
        DeleteVersion, // a noncurrent version, or a marker that stands alone, for good
        Transition,
    };
    Kind kind = Kind::Expire;
    std::string storage_class; // of a Transition
};

struct LifecycleVerdict {
    std::optional<LifecycleAction> action; // due by now
    std::optional<UtcInstant> next;        // lab time of the earliest that is not yet due
};

// Precedence among what is due: deletion, transition, delete marker; of transitions the coldest.
LifecycleVerdict judge_version(
    const LifecycleConfig& config, const VersionAge& age, const TimeAxis& axis, UtcInstant now
);

// When an upload initiated at `initiated` (real axis) is aborted, and by which rule.
struct UploadAbort {
    UtcInstant due; // lab time
    const LifecycleRule* rule;
};

std::optional<UploadAbort> upload_abort(
    const LifecycleConfig& config, std::string_view key, UtcInstant initiated, const TimeAxis& axis
);

// The first midnight the rules act at: the one after they were put.
UtcInstant first_run(const LifecycleConfig& config, const TimeAxis& axis);

// Value of x-amz-expiration for the current version; "" when nothing expires it. Dates are shown on
// the axis clients live on: when it happens if the clock is not advanced any more.
std::string
expiration_header(const LifecycleConfig& config, const store::Object& object, const TimeAxis& axis);

// Values of x-amz-abort-date and x-amz-abort-rule-id, likewise.
std::optional<std::pair<std::string, std::string>> abort_headers(
    const LifecycleConfig& config, std::string_view key, UtcInstant initiated, const TimeAxis& axis
);

} // namespace benchtop::s3
