#include "emulator/pipeline/lab_trigger.hpp"

#include "emulator/s3/notification_config.hpp"

namespace benchtop::pipeline {

std::string render_lambda_trigger(
    std::string_view id,
    std::string_view function_arn,
    std::string_view event,
    std::string_view prefix,
    std::string_view suffix
) {
    s3::NotificationRule rule;
    rule.kind = s3::DestinationKind::Function;
    rule.id = id;
    rule.arn = function_arn;
    rule.events.emplace_back(event);
    if (!prefix.empty()) {
        rule.filter.push_back({"Prefix", std::string(prefix)});
    }
    if (!suffix.empty()) {
        rule.filter.push_back({"Suffix", std::string(suffix)});
    }
    s3::NotificationConfig config;
    config.rules.push_back(std::move(rule));
    return s3::to_xml(config);
}

} // namespace benchtop::pipeline
