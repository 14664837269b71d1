// The rules a lifecycle configuration is held to when it is put. Sources of the texts: recordings
// of AWS (midnight, duplicate tags, minimum size), answers of AWS quoted in public issue threads
// (Terraform, CDK and NooBaa issues), and the API reference's list of error codes (InvalidRequest).
#include "emulator/s3/errors.hpp"
#include "emulator/s3/lifecycle.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ranges>
#include <set>

namespace benchtop::s3 {
namespace {

namespace chr = std::chrono;

constexpr std::size_t kRulesMax = 1000;
constexpr std::size_t kIdMax = 255;
constexpr std::size_t kPrefixMax = 1024;
constexpr std::size_t kTagKeyMax = 128;
constexpr std::size_t kTagValueMax = 256;
constexpr std::int64_t kSizeMax = 1'099'511'627'776'000;
constexpr std::int64_t kInfrequentAccessDays = 30;

std::string quoted_word(std::string_view word) {
    return "'" + std::string(word) + "'";
}

// How error texts name a rule: by its filter, or its prefix in configurations of the old form.
std::string described(const LifecycleFilter& filter) {
    if (filter.form == LifecycleFilter::Form::BasePrefix) {
        return "prefix " + quoted_word(*filter.prefix);
    }
    std::string text;
    const auto append = [&](const std::string& predicate) {
        text += text.empty() ? predicate : " and " + predicate;
    };
    if (filter.prefix) {
        append("prefix=" + *filter.prefix);
    }
    for (const auto& [key, value] : filter.tags) {
        append("tag={key=" + key + ", value=" + value + "}");
    }
    if (filter.larger_than) {
        append("objectsizegreaterthan=" + std::to_string(*filter.larger_than));
    }
    if (filter.less_than) {
        append("objectsizelessthan=" + std::to_string(*filter.less_than));
    }
    return "filter '(" + (text.empty() ? "prefix=" : text) + ")'";
}

// The moment as Java prints it in Seattle, which is what AWS puts into ArgumentValue: "Sun Dec 31
// 18:02:00 PST 2022".
std::string pacific_text(UtcInstant instant) {
    using namespace std::chrono_literals;
    const chr::year_month_day utc{chr::floor<chr::days>(instant)};
    const UtcInstant summer_begins = chr::sys_days{utc.year() / chr::March / chr::Sunday[2]} + 10h;
    const UtcInstant summer_ends = chr::sys_days{utc.year() / chr::November / chr::Sunday[1]} + 9h;
    const bool summer = instant >= summer_begins && instant < summer_ends;
    const UtcInstant local = instant - (summer ? 7h : 8h);
    // "Sat, 31 Dec 2022 18:02:00 GMT"
    const std::string http = to_http_date(local);
    return http.substr(0, 3) + ' ' + http.substr(8, 3) + ' ' + http.substr(5, 2) + ' ' +
           http.substr(17, 8) + (summer ? " PDT " : " PST ") + http.substr(12, 4);
}

Result<void> check_midnight(const std::optional<UtcInstant>& date) {
    if (date && chr::floor<chr::days>(*date) != *date) {
        return invalid_argument("'Date' must be at midnight GMT", "Date", pacific_text(*date));
    }
    return {};
}

AwsError must_be_positive(std::string_view field, std::string_view action, std::int64_t value) {
    return invalid_argument(
        quoted_word(field) + " for " + std::string(action) + " action must be a positive integer",
        field,
        std::to_string(value)
    );
}

Result<void> check_ids(const std::vector<LifecycleRule>& rules) {
    std::set<std::string_view> seen;
    for (const LifecycleRule& rule : rules) {
        if (rule.id.size() > kIdMax) {
            return invalid_argument(
                "ID length should not exceed allowed limit of 255", "ID", rule.id
            );
        }
        if (!rule.id.empty() && !seen.insert(rule.id).second) {
            return invalid_argument(
                "Rule ID must be unique. Found same ID for more than one rule", "ID", rule.id
            );
        }
    }
    return {};
}

Result<void> check_tags(const LifecycleFilter& filter) {
    std::set<std::string_view> keys;
    for (const auto& [key, value] : filter.tags) {
        if (key.empty() || key.size() > kTagKeyMax) {
            return invalid_request("A Tag's Key must be a length between 1 and 128.");
        }
        if (value.size() > kTagValueMax) {
            return invalid_request("A Tag's Value must be a length between 0 and 256.");
        }
        if (!keys.insert(key).second) {
            return invalid_request("Duplicate Tag Keys are not allowed.");
        }
    }
    return {};
}

Result<void> check_sizes(const LifecycleFilter& filter) {
    if (filter.larger_than && (*filter.larger_than < 0 || *filter.larger_than > kSizeMax)) {
        return invalid_request("'ObjectSizeGreaterThan' should be between 0 and 1099511627776000.");
    }
    if (filter.less_than && (*filter.less_than < 1 || *filter.less_than > kSizeMax)) {
        return invalid_request("'ObjectSizeLessThan' should be between 1 and 1099511627776000.");
    }
    if (filter.larger_than && filter.less_than && *filter.less_than <= *filter.larger_than) {
        return invalid_request(
            "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'."
        );
    }
    return {};
}

Result<void> check_filter(const LifecycleFilter& filter) {
    if (filter.prefix && filter.prefix->size() > kPrefixMax) {
        return invalid_request("The maximum size of a prefix is 1024.");
    }
    if (auto tags = check_tags(filter); !tags) {
        return tags.error();
    }
    return check_sizes(filter);
}

// What can only be decided by key does not go with other predicates.
Result<void> check_unfiltered(const LifecycleFilter& filter, std::string_view action) {
    if (!filter.tags.empty()) {
        return invalid_request(std::string(action) + " cannot be specified with Tags.");
    }
    if (filter.has_sizes()) {
        return invalid_request(std::string(action) + " cannot be specified with Object Size.");
    }
    return {};
}

Result<void> check_expiration(const LifecycleRule& rule) {
    const LifecycleExpiration& expiration = *rule.expiration;
    if (expiration.days && *expiration.days <= 0) {
        return must_be_positive("Days", "Expiration", *expiration.days);
    }
    if (expiration.expired_object_delete_marker) {
        return check_unfiltered(rule.filter, "ExpiredObjectDeleteMarker");
    }
    return check_midnight(expiration.date);
}

Result<void> check_newer_versions(
    const std::optional<std::int64_t>& newer, const LifecycleRule& rule, std::string_view action
) {
    if (!newer) {
        return {};
    }
    if (rule.filter.form == LifecycleFilter::Form::BasePrefix) {
        return invalid_request("NewerNoncurrentVersions element can only be used in Lifecycle V2.");
    }
    if (*newer <= 0) {
        return must_be_positive("NewerNoncurrentVersions", action, *newer);
    }
    return {};
}

// The transitions of one kind, by how cold they are.
struct TransitionKind {
    std::string_view action;    // "Transition"
    std::string_view days_name; // "Days"
};

constexpr TransitionKind kCurrent{"Transition", "Days"};
constexpr TransitionKind kNoncurrent{"NoncurrentVersionTransition", "NoncurrentDays"};

int coldness(std::string_view storage_class) {
    constexpr std::array<std::string_view, 6> kOrder = {
        "STANDARD_IA",
        "INTELLIGENT_TIERING",
        "ONEZONE_IA",
        "GLACIER_IR",
        "GLACIER",
        "DEEP_ARCHIVE"};
    return static_cast<int>(std::ranges::find(kOrder, storage_class) - kOrder.begin());
}

// Days an object has to stay in a class before it may go on.
std::int64_t minimum_stay(std::string_view storage_class) {
    if (storage_class == "STANDARD_IA" || storage_class == "ONEZONE_IA") {
        return 30;
    }
    return storage_class == "GLACIER" || storage_class == "GLACIER_IR" ? 90 : 0;
}

std::int64_t day_of(const LifecycleTransition& transition) {
    return transition.days ? *transition.days
                           : chr::floor<chr::days>(*transition.date).time_since_epoch().count();
}

Result<void> check_transition(const LifecycleTransition& transition, const TransitionKind& kind) {
    if (auto date = check_midnight(transition.date); !date) {
        return date.error();
    }
    if (!transition.days) {
        return {};
    }
    const std::string value = std::to_string(*transition.days);
    const std::string field = quoted_word(kind.days_name) + " in " + std::string(kind.action);
    if (*transition.days < 0) {
        return invalid_argument(field + " action must be nonnegative", kind.days_name, value);
    }
    const bool infrequent =
        transition.storage_class == "STANDARD_IA" || transition.storage_class == "ONEZONE_IA";
    if (infrequent && *transition.days < kInfrequentAccessDays) {
        return invalid_argument(
            field + " action must be greater than or equal to 30 for storageClass " +
                quoted_word(transition.storage_class),
            kind.days_name,
            value
        );
    }
    return {};
}

// Each class once, the warmer one earlier, and long enough before the next.
Result<void> check_pair(
    const LifecycleTransition& warm,
    const LifecycleTransition& cold,
    const TransitionKind& kind,
    const std::string& rule
) {
    const std::string action = quoted_word(kind.action);
    const std::string_view field = warm.date ? "Date" : kind.days_name;
    const auto named = [&](const LifecycleTransition& transition) {
        return " in the " + action + " action for StorageClass " +
               quoted_word(transition.storage_class);
    };
    const std::int64_t gap = day_of(cold) - day_of(warm);
    const std::int64_t stay = minimum_stay(warm.storage_class);
    const std::string begin = quoted_word(field) + named(cold) + " for " + rule + " must be ";
    if (gap <= 0) {
        return invalid_argument(
            begin + "greater than " + quoted_word(field) + named(warm) + " for " + rule
        );
    }
    if (gap < stay) {
        // The quotes within quotes are AWS's.
        return invalid_argument(
            begin + std::to_string(stay) + " days more than " + quoted_word(rule) + named(warm)
        );
    }
    return {};
}

Result<void> check_order(
    std::vector<LifecycleTransition> transitions,
    const TransitionKind& kind,
    const LifecycleFilter& filter
) {
    const std::string rule = described(filter);
    std::ranges::stable_sort(transitions, {}, [](const LifecycleTransition& transition) {
        return coldness(transition.storage_class);
    });
    for (std::size_t i = 1; i < transitions.size(); ++i) {
        const LifecycleTransition& warm = transitions[i - 1];
        const LifecycleTransition& cold = transitions[i];
        if (warm.storage_class == cold.storage_class) {
            return invalid_request(
                "'StorageClass' must be different for " + quoted_word(kind.action) +
                " actions in same 'Rule' with " + rule
            );
        }
        if (warm.days.has_value() != cold.days.has_value()) {
            return invalid_request(
                "Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for " +
                rule
            );
        }
        if (auto pair = check_pair(warm, cold, kind, rule); !pair) {
            return pair.error();
        }
    }
    return {};
}

Result<void> check_expires_last(const LifecycleRule& rule) {
    const auto& expiration = *rule.expiration;
    if (expiration.expired_object_delete_marker) {
        return {};
    }
    const std::string name = described(rule.filter);
    for (const LifecycleTransition& transition : rule.transitions) {
        if (transition.days.has_value() != expiration.days.has_value()) {
            return invalid_request(
                "Found mixed 'Date' and 'Days' based Expiration and Transition "
                "actions in lifecycle rule for " +
                name
            );
        }
        if (expiration.days && *expiration.days <= *transition.days) {
            return invalid_argument(
                "'Days' in the Expiration action for " + name +
                " must be greater than 'Days' in the Transition action"
            );
        }
        if (expiration.date && *expiration.date <= *transition.date) {
            return invalid_argument(
                "'Date' in the Expiration action for " + name +
                " must be later than 'Date' in the Transition action"
            );
        }
    }
    return {};
}

Result<void> check_transitions(const LifecycleRule& rule) {
    for (const LifecycleTransition& transition : rule.transitions) {
        if (auto valid = check_transition(transition, kCurrent); !valid) {
            return valid.error();
        }
    }
    if (auto order = check_order(rule.transitions, kCurrent, rule.filter); !order) {
        return order.error();
    }
    return rule.expiration ? check_expires_last(rule) : Result<void>{};
}

Result<void> check_noncurrent(const LifecycleRule& rule) {
    for (const LifecycleTransition& transition : rule.noncurrent_transitions) {
        if (auto valid = check_transition(transition, kNoncurrent); !valid) {
            return valid.error();
        }
        if (auto newer = check_newer_versions(transition.newer_versions, rule, kNoncurrent.action);
            !newer) {
            return newer.error();
        }
    }
    if (auto order = check_order(rule.noncurrent_transitions, kNoncurrent, rule.filter); !order) {
        return order.error();
    }
    if (!rule.noncurrent_expiration) {
        return {};
    }
    constexpr std::string_view kAction = "NoncurrentVersionExpiration";
    const NoncurrentExpiration& expiration = *rule.noncurrent_expiration;
    if (expiration.days <= 0) {
        return must_be_positive("NoncurrentDays", kAction, expiration.days);
    }
    for (const LifecycleTransition& transition : rule.noncurrent_transitions) {
        if (expiration.days <= *transition.days) {
            return invalid_argument(
                "'NoncurrentDays' in the NoncurrentVersionExpiration action for " +
                described(rule.filter) +
                " must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action"
            );
        }
    }
    return check_newer_versions(expiration.newer_versions, rule, kAction);
}

Result<void> check_abort(const LifecycleRule& rule) {
    constexpr std::string_view kAction = "AbortIncompleteMultipartUpload";
    if (*rule.abort_uploads_after <= 0) {
        return must_be_positive("DaysAfterInitiation", kAction, *rule.abort_uploads_after);
    }
    return check_unfiltered(rule.filter, kAction);
}

Result<void> check_rule(const LifecycleRule& rule) {
    if (auto filter = check_filter(rule.filter); !filter) {
        return filter.error();
    }
    if (!rule.expiration && rule.transitions.empty() && rule.noncurrent_transitions.empty() &&
        !rule.noncurrent_expiration && !rule.abort_uploads_after) {
        return invalid_request("At least one action needs to be specified in a rule");
    }
    if (rule.expiration) {
        if (auto expiration = check_expiration(rule); !expiration) {
            return expiration.error();
        }
    }
    if (auto transitions = check_transitions(rule); !transitions) {
        return transitions.error();
    }
    if (auto noncurrent = check_noncurrent(rule); !noncurrent) {
        return noncurrent.error();
    }
    return rule.abort_uploads_after ? check_abort(rule) : Result<void>{};
}

// The first rule decides whether the configuration is of the old form, with prefixes ("V1"), or of
// the one with filters ("V2").
Result<void> check_forms(const std::vector<LifecycleRule>& rules) {
    const auto is_old = [](const LifecycleRule& rule) {
        return rule.filter.form == LifecycleFilter::Form::BasePrefix;
    };
    const bool old = is_old(rules.front());
    for (const LifecycleRule& rule : rules) {
        if (is_old(rule) == old) {
            continue;
        }
        return invalid_request(
            old ? "Filter element can only be used in Lifecycle V2." : kNoBasePrefix
        );
    }
    return {};
}

struct ActionType {
    std::string_view name;
    bool (*of)(const LifecycleRule&);
};

constexpr ActionType kActionTypes[] = {
    {"Expiration", [](const LifecycleRule& rule) { return rule.expiration.has_value(); }},
    {"Transition", [](const LifecycleRule& rule) { return !rule.transitions.empty(); }},
    {"NoncurrentVersionTransition",
     [](const LifecycleRule& rule) { return !rule.noncurrent_transitions.empty(); }},
    {"NoncurrentVersionExpiration",
     [](const LifecycleRule& rule) { return rule.noncurrent_expiration.has_value(); }},
    {"AbortIncompleteMultipartUpload",
     [](const LifecycleRule& rule) { return rule.abort_uploads_after.has_value(); }},
};

// Only in the old form: no two rules may do the same to one key. In byte order a prefix that begins
// others begins the one after it, so neighbours are all there is to compare.
Result<void> check_overlaps(const std::vector<LifecycleRule>& rules) {
    if (rules.front().filter.form != LifecycleFilter::Form::BasePrefix) {
        return {};
    }
    for (const ActionType& type : kActionTypes) {
        std::vector<std::string_view> prefixes;
        for (const LifecycleRule& rule : rules) {
            if (type.of(rule)) {
                prefixes.push_back(*rule.filter.prefix);
            }
        }
        std::ranges::sort(prefixes);
        for (std::size_t i = 1; i < prefixes.size(); ++i) {
            if (prefixes[i].starts_with(prefixes[i - 1])) {
                return invalid_request(
                    "Found overlapping prefixes " + quoted_word(prefixes[i - 1]) + " and " +
                    quoted_word(prefixes[i]) + " for same action type " + quoted_word(type.name)
                );
            }
        }
    }
    return {};
}

} // namespace

Result<void> validate_lifecycle_rules(const std::vector<LifecycleRule>& rules) {
    if (rules.empty()) {
        return invalid_request("At least one lifecycle rule must be specified.");
    }
    if (rules.size() > kRulesMax) {
        return invalid_request(
            "The number of lifecycle rules must not exceed the allowed limit of 1000 rules."
        );
    }
    if (auto ids = check_ids(rules); !ids) {
        return ids.error();
    }
    if (auto forms = check_forms(rules); !forms) {
        return forms.error();
    }
    for (const LifecycleRule& rule : rules) {
        if (auto valid = check_rule(rule); !valid) {
            return valid.error();
        }
    }
    return check_overlaps(rules);
}

} // namespace benchtop::s3
