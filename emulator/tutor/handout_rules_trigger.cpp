// Part 5 of the handout: the trigger and the permission it needs.
#include "emulator/tutor/handout_rules.hpp"
#include "emulator/tutor/missing_permission.hpp"

#include <algorithm>

namespace benchtop::tutor {
namespace {

std::string put_trigger(const LabFacts& facts) {
    const std::string document =
        R"({"LambdaFunctionConfigurations":[{"LambdaFunctionArn":")" + facts.worker.arn +
        R"(","Events":["s3:ObjectCreated:*"],"Filter":{"Key":{"FilterRules":[)"
        R"({"Name":"prefix","Value":"uploads/"}]}}}]})";
    return "aws s3api put-bucket-notification-configuration --bucket " + facts.bucket.name +
           " --notification-configuration " + shell_quoted(document);
}

std::optional<Verdict> has_both(const LabFacts& facts) {
    if (!facts.bucket.exists) {
        return waits_for("the bucket");
    }
    return facts.worker.exists ? std::nullopt
                               : std::optional(waits_for("the function " + facts.worker.name));
}

std::optional<Verdict> s3_may_invoke(const LabFacts& facts) {
    if (facts.worker.permits) {
        return std::nullopt;
    }
    const auto wanted = missing_invoke_permission(
        facts.worker.arn, "s3.amazonaws.com", "arn:aws:s3:::" + facts.bucket.name, facts.account
    );
    if (facts.worker.permitted_sources.empty()) {
        return missing(
            "s3-permission",
            "The function " + facts.worker.name +
                " has no permission for this bucket: the trigger "
                "cannot be saved, and no event arrives.",
            wanted.command
        );
    }
    return wrong(
        "s3-permission-source",
        "The permission of " + facts.worker.name + " for S3 is for " +
            facts.worker.permitted_sources.front() + ", not for arn:aws:s3:::" + facts.bucket.name +
            ".",
        wanted.command
    );
}

const TriggerFacts* trigger_of_worker(const LabFacts& facts) {
    const auto& all = facts.bucket.triggers;
    const auto found = std::find_if(all.begin(), all.end(), [&](const TriggerFacts& trigger) {
        return trigger.function_arn == facts.worker.arn;
    });
    return found == all.end() ? nullptr : &*found;
}

std::optional<Verdict> trigger_there(const LabFacts& facts) {
    if (trigger_of_worker(facts) != nullptr) {
        return std::nullopt;
    }
    if (!facts.bucket.triggers.empty()) {
        const std::string& other = facts.bucket.triggers.front().function_arn;
        return wrong(
            "trigger-function",
            "The bucket's trigger calls " + (other.empty() ? std::string("no function") : other) +
                ", not " + facts.worker.name + ".",
            put_trigger(facts)
        );
    }
    if (!facts.bucket.trigger_elsewhere.empty()) {
        return wrong(
            "trigger-bucket",
            "The trigger of " + facts.worker.name + " is on the bucket " +
                facts.bucket.trigger_elsewhere + ", not on " + facts.bucket.name + ".",
            put_trigger(facts)
        );
    }
    return missing(
        "trigger-missing",
        "The bucket " + facts.bucket.name + " has no trigger: nobody hears of new files.",
        put_trigger(facts)
    );
}

std::optional<Verdict> event_types(const LabFacts& facts) {
    const auto& events = trigger_of_worker(facts)->events;
    const bool puts = std::any_of(events.begin(), events.end(), [](const std::string& event) {
        return event == "s3:ObjectCreated:*" || event == "s3:ObjectCreated:Put";
    });
    if (puts) {
        return std::nullopt;
    }
    return wrong(
        "trigger-events",
        "The trigger hears of " + (events.empty() ? std::string("nothing") : events.front()) +
            "; an upload raises s3:ObjectCreated:Put.",
        put_trigger(facts)
    );
}

std::optional<Verdict> trigger_prefix(const LabFacts& facts) {
    const std::string& prefix = trigger_of_worker(facts)->prefix;
    const std::string key = upload_prefix(facts) + "upload-0.txt";
    if (prefix.empty()) {
        return wrong(
            "trigger-no-prefix",
            "The trigger has no prefix: each copy the worker writes to processed/ calls it again.",
            put_trigger(facts)
        );
    }
    if (key.starts_with(prefix)) {
        return std::nullopt;
    }
    return wrong(
        "trigger-prefix",
        "The trigger's prefix is \"" + prefix + "\", but uploads get keys like " + key + ".",
        put_trigger(facts)
    );
}

std::optional<Verdict> trigger_suffix(const LabFacts& facts) {
    const std::string& suffix = trigger_of_worker(facts)->suffix;
    if (std::string_view("upload-0.txt").ends_with(suffix)) {
        return std::nullopt;
    }
    return wrong(
        "trigger-suffix",
        "The trigger's suffix is \"" + suffix + "\", but uploads end in .txt.",
        put_trigger(facts)
    );
}

constexpr Rule kPermission[] = {has_both, s3_may_invoke};
constexpr Rule kTrigger[] = {has_both, trigger_there, event_types, trigger_prefix, trigger_suffix};

} // namespace

std::span<const Rule> s3_permission_rules() {
    return kPermission;
}

std::span<const Rule> trigger_rules() {
    return kTrigger;
}

} // namespace benchtop::tutor
