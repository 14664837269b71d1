#include "emulator/tutor/hint_texts.hpp"
#include "emulator/tutor/hints.hpp"

namespace benchtop::tutor {
namespace {

std::optional<Hint> hint_for_unmatched(const EventObservation& seen) {
    if (!seen.has_rule) {
        return std::nullopt;
    }
    const std::string key(seen.key);
    const std::string prefix(seen.rule_prefix);
    const std::string suffix(seen.rule_suffix);
    if (starts_with(seen.key, prefix) && !suffix.empty() && !ends_with(seen.key, suffix)) {
        return Hint{
            "suffix-filter",
            "No event was sent for " + key + ": the trigger wants keys that end with " + suffix +
                ".",
            "name the file so, or remove the trigger's suffix."};
    }
    const std::string bare = ends_with(prefix, "/") ? prefix.substr(0, prefix.size() - 1) : "";
    if (!bare.empty() && starts_with(seen.key, bare) && !starts_with(seen.key, prefix)) {
        return Hint{
            "prefix-without-slash",
            "No event was sent for " + key + ": it begins with " + bare + " but not with " +
                prefix + ".",
            "end the prefix with a slash where the key is made (UPLOAD_PREFIX=" + prefix + ")."};
    }
    return std::nullopt;
}

} // namespace

std::optional<Hint> hint_for(const EventObservation& seen) {
    if (!starts_with(seen.event_name, "ObjectCreated:")) {
        return std::nullopt;
    }
    if (seen.function_arn.empty()) {
        return hint_for_unmatched(seen);
    }
    const std::string key(seen.key);
    if (ends_with(seen.key, "/")) {
        return Hint{
            "folder-event",
            "The event is for the \"folder\" " + key +
                ", an empty object that was created after the trigger.",
            "create folders before the trigger, or let the worker skip keys that end with /."};
    }
    if (seen.rule_prefix.empty() && starts_with(seen.event_name, "ObjectCreated:Copy")) {
        return Hint{
            "trigger-without-prefix",
            "The trigger has no prefix, so the worker's own copy " + key + " invoked it again.",
            "set the trigger's prefix to uploads/."};
    }
    if (seen.by_function && starts_with(seen.event_name, "ObjectCreated:Copy")) {
        return Hint{
            "worker-feeds-itself",
            "The worker's own copy " + key + " lies under the trigger's prefix " +
                std::string(seen.rule_prefix) + ", so every copy invokes it once more.",
            "let PROCESSED_PREFIX lead out of it (processed/)."};
    }
    const auto denial = parse_denial(seen.error);
    if (!denial) {
        return std::nullopt;
    }
    if (denial->action == "s3:ListBucket" && seen.source_gone) {
        return Hint{
            "duplicate-event",
            "An event for " + key +
                " was delivered again after the object had been moved; without s3:ListBucket S3 "
                "says 403 instead of 404.",
            "nothing is lost: let the worker take a missing source as \"already done\"."};
    }
    if (denial->explicit_deny) {
        return std::nullopt;
    }
    const std::string name = principal_name(denial->caller);
    return Hint{
        "permission-missing",
        (name.empty() ? denial->caller : name) + " lacks " + denial->action + " on " +
            denial->resource + ".",
        "add to its policy: " + missing_statement(*denial)};
}

} // namespace benchtop::tutor
