#include "emulator/pipeline/delivery_report.hpp"

#include "emulator/s3/notification_config.hpp"

#include <algorithm>
#include <string>

namespace benchtop::pipeline {
namespace {

// The record says who made the object: "AWS:AROA...:SESSION", and a function's session bears its
// name.
bool made_by_its_function(const store::Delivery& delivery) {
    const std::string_view arn = delivery.function_arn;
    const std::string end = ':' + std::string(arn.substr(arn.rfind(':') + 1)) + '"';
    constexpr std::string_view member = R"("principalId":")";
    const std::string_view payload = delivery.payload;
    const auto at = payload.find(member);
    if (at == std::string_view::npos) {
        return false;
    }
    const auto quote = payload.find('"', at + member.size());
    return quote != std::string_view::npos && payload.substr(0, quote + 1).ends_with(end);
}

} // namespace

void write_hint(Log& log, const tutor::Hint& hint) {
    log.write(LogLevel::Hint, tutor::to_line(hint) + " [" + hint.mistake + ']');
}

std::optional<tutor::Hint> hint_for_unmatched(
    std::string_view notification, std::string_view event_name, std::string_view key
) {
    const auto config = s3::stored_notification_config(notification);
    const std::string full_name = "s3:" + std::string(event_name);
    const s3::NotificationRule* only = nullptr;
    for (const auto& rule : config->rules) {
        if (!s3::why_not_matching(rule, event_name, key)) {
            return std::nullopt;
        }
        if (std::ranges::any_of(rule.events, [&](const std::string& pattern) {
                return s3::event_covers(pattern, full_name);
            })) {
            if (only != nullptr) {
                return std::nullopt; // which of them was meant, nobody knows
            }
            only = &rule;
        }
    }
    if (only == nullptr) {
        return std::nullopt;
    }
    tutor::EventObservation seen;
    seen.key = key;
    seen.event_name = event_name;
    seen.has_rule = true;
    seen.rule_prefix = only->prefix();
    seen.rule_suffix = only->suffix();
    return tutor::hint_for(seen);
}

void DeliveryReport::keep_refusal(const store::Delivery& delivery) {
    Refusal refusal;
    refusal.request_id = delivery.request_id;
    refusal.at = delivery.last_attempt_at;
    refusal.request = delivery.event_name + " " + delivery.bucket + "/" + delivery.key;
    refusal.message = delivery.last_result;
    explain_not_permitted(
        refusal,
        delivery.function_arn,
        "s3.amazonaws.com",
        "arn:aws:s3:::" + delivery.bucket,
        delivery.source_account
    );
    refusals_.add(std::move(refusal));
}

void DeliveryReport::attempt_ended(const store::Delivery& delivery, InvokeStatus status) {
    if (delivery.source != "s3") {
        return; // the mistakes known are those of object events
    }
    if (status == InvokeStatus::NotPermitted) {
        keep_refusal(delivery);
    }
    const bool failed = status == InvokeStatus::FunctionError;
    const bool odd =
        delivery.key.ends_with('/') || delivery.event_name.starts_with("ObjectCreated:Copy");
    if (delivery.attempts != 1 || !(failed || (status == InvokeStatus::Ok && odd)) ||
        !log_.enabled(LogLevel::Hint)) {
        return;
    }
    std::string notification;
    bool source_gone = false;
    const bool looked = store_.try_read([&](const store::ReadTx& tx) {
        if (const auto bucket = tx.find_bucket(delivery.bucket)) {
            notification = bucket->notification;
            source_gone = !tx.find_object(bucket->id, delivery.key);
        }
    });
    if (!looked) {
        return; // no hint, for want of facts
    }
    const auto config = s3::stored_notification_config(notification);
    tutor::EventObservation seen;
    seen.key = delivery.key;
    seen.event_name = delivery.event_name;
    seen.function_arn = delivery.function_arn;
    for (const auto& rule : config->rules) {
        if (rule.id == delivery.rule_id) {
            seen.has_rule = true;
            seen.rule_prefix = rule.prefix();
            seen.rule_suffix = rule.suffix();
        }
    }
    if (!failed && !seen.has_rule) {
        return; // the configuration was changed meanwhile
    }
    if (failed) {
        seen.error = delivery.last_result;
    }
    seen.source_gone = source_gone;
    seen.by_function = made_by_its_function(delivery);
    if (const auto hint = tutor::hint_for(seen)) {
        write_hint(log_, *hint);
    }
}

} // namespace benchtop::pipeline
