// What the rules do to a version, and when. Sources: Amazon S3 User Guide, "Lifecycle configuration
// elements" (days are rounded up to the next midnight UTC), "Examples of S3 Lifecycle
// configurations, conflicting rules" (precedence), "Constraints and considerations for transitions"
// (waterfall, minimum sizes).
#include "emulator/core/encoding.hpp"
#include "emulator/s3/lifecycle.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace benchtop::s3 {
namespace {

namespace chr = std::chrono;

constexpr std::uint64_t kSmallObject = 128 * 1024;

bool matches(const LifecycleFilter& filter, const store::Object& object) {
    if (filter.prefix && !object.key.starts_with(*filter.prefix)) {
        return false;
    }
    const auto size = static_cast<std::int64_t>(object.size);
    if ((filter.larger_than && size <= *filter.larger_than) ||
        (filter.less_than && size >= *filter.less_than)) {
        return false;
    }
    return std::ranges::all_of(filter.tags, [&](const auto& tag) {
        const auto& tags = object.attributes.tags;
        return std::ranges::find(tags, tag) != tags.end();
    });
}

// From warm to cold.
constexpr std::array<std::string_view, 7> kClasses = {
    "STANDARD",
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE"};

int coldness(std::string_view storage_class) {
    const auto found = std::ranges::find(kClasses, storage_class);
    // REDUCED_REDUNDANCY goes where STANDARD goes.
    return found == kClasses.end() ? 0 : static_cast<int>(found - kClasses.begin());
}

bool is_archive(std::string_view storage_class) {
    return storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE";
}

// Objects only ever become colder.
bool leads_to(std::string_view from, std::string_view to) {
    if (from == "ONEZONE_IA" && to == "GLACIER_IR") {
        return false;
    }
    return coldness(from) < coldness(to);
}

bool large_enough(
    const LifecycleConfig& config,
    const LifecycleRule& rule,
    const store::Object& object,
    std::string_view storage_class
) {
    if (object.size >= kSmallObject || rule.filter.has_sizes()) {
        return true; // a size in the filter takes the place of the default
    }
    return config.minimum_size == MinimumTransitionSize::VariesByStorageClass &&
           is_archive(storage_class);
}

// Collects what the rules would do, each at its midnight, and decides among what is due.
class Judge {
public:
    Judge(const TimeAxis& axis, UtcInstant now, UtcInstant earliest)
        : now_(axis.to_virtual(now))
        , earliest_(earliest) {}

    void offer(UtcInstant due, LifecycleAction action) {
        due = std::max(due, earliest_);
        if (due > now_) {
            verdict_.next = std::min(verdict_.next.value_or(due), due);
        } else if (!verdict_.action || beats(action, *verdict_.action)) {
            verdict_.action = std::move(action);
        }
    }

    LifecycleVerdict take() && { return std::move(verdict_); }

private:
    static bool beats(const LifecycleAction& one, const LifecycleAction& other) {
        if (one.kind != other.kind) {
            return rank(one.kind) > rank(other.kind);
        }
        return coldness(one.storage_class) > coldness(other.storage_class);
    }

    static int rank(LifecycleAction::Kind kind) {
        switch (kind) {
        case LifecycleAction::Kind::DeleteVersion:
            return 2;
        case LifecycleAction::Kind::Transition:
            return 1;
        case LifecycleAction::Kind::Expire:
            return 0;
        }
        return 0;
    }

    UtcInstant now_; // lab time
    UtcInstant earliest_;
    LifecycleVerdict verdict_;
};

UtcInstant expiry(const LifecycleExpiration& expiration, UtcInstant made) {
    // A date stays in force: what is made later goes at the next midnight.
    return expiration.days ? lifecycle_midnight(made, *expiration.days)
                           : std::max(*expiration.date, lifecycle_midnight(made, 0));
}

void judge_current(
    Judge& judge,
    const LifecycleConfig& config,
    const LifecycleRule& rule,
    const VersionAge& age,
    UtcInstant made
) {
    const store::Object& object = age.object;
    if (rule.expiration && !rule.expiration->expired_object_delete_marker) {
        judge.offer(expiry(*rule.expiration, made), {LifecycleAction::Kind::Expire, ""});
    }
    for (const LifecycleTransition& transition : rule.transitions) {
        if (!leads_to(object.attributes.storage_class, transition.storage_class) ||
            !large_enough(config, rule, object, transition.storage_class)) {
            continue;
        }
        const UtcInstant due = transition.days
                                   ? lifecycle_midnight(made, *transition.days)
                                   : std::max(*transition.date, lifecycle_midnight(made, 0));
        judge.offer(due, {LifecycleAction::Kind::Transition, transition.storage_class});
    }
}

// A marker that stands alone goes at once when the rule says so, and with Days when it is that old.
void judge_marker(Judge& judge, const LifecycleRule& rule, UtcInstant made) {
    if (!rule.expiration || !rule.filter.tags.empty()) {
        return;
    }
    const LifecycleExpiration& expiration = *rule.expiration;
    if (expiration.days) {
        judge.offer(
            lifecycle_midnight(made, *expiration.days), {LifecycleAction::Kind::DeleteVersion, ""}
        );
    } else if (expiration.expired_object_delete_marker.value_or(false)) {
        judge.offer(lifecycle_midnight(made, 0), {LifecycleAction::Kind::DeleteVersion, ""});
    }
}

bool old_enough_in_line(const std::optional<std::int64_t>& newer, const VersionAge& age) {
    return !newer || age.newer_noncurrent >= static_cast<std::size_t>(*newer);
}

void judge_noncurrent(
    Judge& judge,
    const LifecycleConfig& config,
    const LifecycleRule& rule,
    const VersionAge& age,
    UtcInstant since
) {
    if (rule.noncurrent_expiration &&
        old_enough_in_line(rule.noncurrent_expiration->newer_versions, age)) {
        judge.offer(
            lifecycle_midnight(since, rule.noncurrent_expiration->days),
            {LifecycleAction::Kind::DeleteVersion, ""}
        );
    }
    for (const LifecycleTransition& transition : rule.noncurrent_transitions) {
        if (!age.object.delete_marker && old_enough_in_line(transition.newer_versions, age) &&
            leads_to(age.object.attributes.storage_class, transition.storage_class) &&
            large_enough(config, rule, age.object, transition.storage_class)) {
            judge.offer(
                lifecycle_midnight(since, *transition.days),
                {LifecycleAction::Kind::Transition, transition.storage_class}
            );
        }
    }
}

// A lab midnight on the axis clients live on, a midnight too: advances seldom are whole days.
UtcInstant shown(UtcInstant due, const TimeAxis& axis) {
    return chr::ceil<chr::days>(due - axis.total());
}

// Documented as URL-encoded, recorded as it is, spaces and all: only what a header cannot carry
// between quotes is encoded.
std::string rule_id_text(std::string_view id) {
    std::string text;
    for (const char c : id) {
        const bool plain = c >= ' ' && c <= '~' && c != '"';
        text += plain ? std::string(1, c) : percent_encode({&c, 1}, SlashRule::Encode);
    }
    return text;
}

} // namespace

UtcInstant lifecycle_midnight(UtcInstant since, std::int64_t days) {
    return chr::ceil<chr::days>(since + chr::days(days));
}

UtcInstant first_run(const LifecycleConfig& config, const TimeAxis& axis) {
    return lifecycle_midnight(axis.to_virtual(config.put_at), 0);
}

LifecycleVerdict judge_version(
    const LifecycleConfig& config, const VersionAge& age, const TimeAxis& axis, UtcInstant now
) {
    Judge judge(axis, now, first_run(config, axis));
    const UtcInstant made = axis.to_virtual(age.object.last_modified);
    for (const LifecycleRule& rule : config.rules) {
        if (!rule.enabled || !matches(rule.filter, age.object)) {
            continue;
        }
        if (!age.current) {
            judge_noncurrent(judge, config, rule, age, axis.to_virtual(age.noncurrent_since));
        } else if (!age.object.delete_marker) {
            judge_current(judge, config, rule, age, made);
        } else if (age.alone) {
            judge_marker(judge, rule, made);
        }
    }
    return std::move(judge).take();
}

std::optional<UploadAbort> upload_abort(
    const LifecycleConfig& config, std::string_view key, UtcInstant initiated, const TimeAxis& axis
) {
    std::optional<UploadAbort> first;
    for (const LifecycleRule& rule : config.rules) {
        if (!rule.enabled || !rule.abort_uploads_after ||
            !key.starts_with(rule.filter.prefix.value_or(""))) {
            continue;
        }
        const UtcInstant due =
            lifecycle_midnight(axis.to_virtual(initiated), *rule.abort_uploads_after);
        if (!first || due < first->due) {
            first = UploadAbort{due, &rule};
        }
    }
    return first;
}

std::string expiration_header(
    const LifecycleConfig& config, const store::Object& object, const TimeAxis& axis
) {
    const LifecycleRule* chosen = nullptr;
    UtcInstant earliest{};
    const UtcInstant made = axis.to_virtual(object.last_modified);
    for (const LifecycleRule& rule : config.rules) {
        if (!rule.enabled || !rule.expiration || rule.expiration->expired_object_delete_marker ||
            !matches(rule.filter, object)) {
            continue;
        }
        const UtcInstant due = expiry(*rule.expiration, made);
        if (chosen == nullptr || due < earliest) {
            chosen = &rule;
            earliest = due;
        }
    }
    if (chosen == nullptr) {
        return {};
    }
    return "expiry-date=\"" + to_http_date(shown(earliest, axis)) + "\", rule-id=\"" +
           rule_id_text(chosen->id) + '"';
}

std::optional<std::pair<std::string, std::string>> abort_headers(
    const LifecycleConfig& config, std::string_view key, UtcInstant initiated, const TimeAxis& axis
) {
    const auto abort = upload_abort(config, key, initiated, axis);
    if (!abort) {
        return std::nullopt;
    }
    return std::pair{to_http_date(shown(abort->due, axis)), rule_id_text(abort->rule->id)};
}

} // namespace benchtop::s3
