// The rules a notification configuration is held to when it is put.
#include "emulator/core/encoding.hpp"
#include "emulator/policy/evaluate.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/notification_config.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/service/function_settings.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kFilterValueMax = 1024;
constexpr std::size_t kIdMax = 255;

constexpr std::array kEventNames = std::to_array<std::string_view>({
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
});

std::string_view arn_element(DestinationKind kind) {
    switch (kind) {
    case DestinationKind::Topic:
        return "Topic";
    case DestinationKind::Queue:
        return "Queue";
    case DestinationKind::Function:
        return "CloudFunction";
    }
    return "";
}

std::string_view arn_service(DestinationKind kind) {
    switch (kind) {
    case DestinationKind::Topic:
        return "sns";
    case DestinationKind::Queue:
        return "sqs";
    case DestinationKind::Function:
        return "lambda";
    }
    return "";
}

bool is_account_number(std::string_view text) {
    return text.size() == 12 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The ARN's six parts when it is one of the kind's service.
std::optional<policy::ArnParts> parse_destination(const NotificationRule& rule) {
    const auto parts = policy::split_arn(rule.arn);
    if (!parts) {
        return std::nullopt;
    }
    const auto& [arn, partition, service, region, account, resource] = *parts;
    if (arn != "arn" || !partition.starts_with("aws") || service != arn_service(rule.kind) ||
        region.empty() || !is_account_number(account) || resource.empty()) {
        return std::nullopt;
    }
    if (rule.kind == DestinationKind::Function) {
        constexpr std::string_view prefix = "function:";
        if (!resource.starts_with(prefix) || resource.size() == prefix.size()) {
            return std::nullopt;
        }
    } else if (resource.find(':') != std::string_view::npos) {
        return std::nullopt;
    }
    return parts;
}

Result<void> check_arns(const NotificationConfig& config) {
    for (const NotificationRule& rule : config.rules) {
        if (!parse_destination(rule)) {
            return invalid_argument(
                "The ARN could not be parsed", arn_element(rule.kind), rule.arn
            );
        }
    }
    return {};
}

// AWS's text for an unknown name is not recorded; this one is the API reference's.
Result<void> check_events(const NotificationConfig& config) {
    for (const NotificationRule& rule : config.rules) {
        for (const std::string& event : rule.events) {
            if (std::ranges::find(kEventNames, event) == kEventNames.end()) {
                return invalid_argument(
                    "A specified event is not supported for notifications.", "Event", event
                );
            }
        }
    }
    return {};
}

Result<void> check_filter(NotificationRule& rule) {
    std::size_t prefixes = 0;
    std::size_t suffixes = 0;
    for (FilterRule& filter : rule.filter) {
        if (iequals(filter.name, "prefix")) {
            filter.name = "Prefix";
            ++prefixes;
        } else if (iequals(filter.name, "suffix")) {
            filter.name = "Suffix";
            ++suffixes;
        } else {
            return invalid_argument(
                "filter rule name must be either prefix or suffix", "FilterRule.Name", filter.name
            );
        }
        if (filter.value.size() > kFilterValueMax) {
            return invalid_argument(
                "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation"
            );
        }
    }
    if (prefixes > 1) {
        return invalid_argument("Cannot specify more than one prefix rule in a filter.");
    }
    if (suffixes > 1) {
        return invalid_argument("Cannot specify more than one suffix rule in a filter.");
    }
    return {};
}

Result<void> check_ids(const NotificationConfig& config) {
    std::set<std::string_view> seen;
    for (const NotificationRule& rule : config.rules) {
        if (rule.id.size() > kIdMax) {
            return malformed_xml();
        }
        if (!rule.id.empty() && !seen.insert(rule.id).second) {
            return invalid_argument("Same ID used for multiple configurations. IDs must be unique");
        }
    }
    return {};
}

bool share_an_event(const NotificationRule& a, const NotificationRule& b) {
    return std::ranges::any_of(a.events, [&](const std::string& ours) {
        return std::ranges::any_of(b.events, [&](const std::string& theirs) {
            return event_covers(ours, theirs) || event_covers(theirs, ours);
        });
    });
}

bool overlap(const NotificationRule& a, const NotificationRule& b) {
    const bool prefixes = a.prefix().starts_with(b.prefix()) || b.prefix().starts_with(a.prefix());
    const bool suffixes = a.suffix().ends_with(b.suffix()) || b.suffix().ends_with(a.suffix());
    return prefixes && suffixes && share_an_event(a, b);
}

// The kind of destination does not matter.
Result<void> check_overlaps(const NotificationConfig& config) {
    for (std::size_t i = 0; i < config.rules.size(); ++i) {
        for (std::size_t j = i + 1; j < config.rules.size(); ++j) {
            const NotificationRule& a = config.rules[i];
            const NotificationRule& b = config.rules[j];
            if (!overlap(a, b)) {
                continue;
            }
            if (a.filter.empty() && b.filter.empty()) {
                return invalid_argument("Configurations overlap. Configurations on the same bucket "
                                        "cannot share a common event type.");
            }
            return invalid_argument("Configuration is ambiguously defined. Cannot have overlapping "
                                    "suffixes in two rules if the prefixes are overlapping for the "
                                    "same event type.");
        }
    }
    return {};
}

Result<void> check_regions(const NotificationConfig& config, std::string_view region) {
    for (const NotificationRule& rule : config.rules) {
        if ((*parse_destination(rule))[3] != region) {
            return invalid_argument("The notification destination service region is not valid for "
                                    "the bucket location constraint");
        }
    }
    return {};
}

// What the ARN names, with the policy that guards it: versions and aliases have their own.
std::optional<store::Function> find_destination(const store::ReadTx& tx, std::string_view arn) {
    const auto named = service::parse_function_ref(arn);
    if (!named) {
        return std::nullopt;
    }
    if (named->qualifier.empty()) {
        return tx.find_function(named->account, named->region, named->name);
    }
    const auto alias =
        tx.find_function_alias(named->account, named->region, named->name, named->qualifier);
    auto function = tx.find_function(
        named->account, named->region, named->name, alias ? alias->version : named->qualifier
    );
    if (function && alias) {
        function->policy = alias->policy;
    }
    return function;
}

bool may_invoke(
    const store::ReadTx& tx, const store::Bucket& bucket, const NotificationRule& rule
) {
    const auto function = find_destination(tx, rule.arn);
    if (!function || function->policy.empty()) {
        return false;
    }
    auto document = policy::parse_policy(function->policy, policy::PolicyKind::Resource);
    if (!document) {
        return false;
    }
    policy::Principal s3;
    s3.kind = policy::Principal::Kind::Service;
    s3.service = "s3.amazonaws.com";
    policy::ConditionContext conditions;
    conditions.add("AWS:SourceArn", bucket_arn(bucket.name));
    conditions.add("AWS:SourceAccount", bucket.account);
    policy::PolicySet policies;
    policies.resource = policy::NamedPolicy{
        std::make_shared<const policy::Policy>(std::move(*document)), "function policy", ""};
    const policy::Request request{
        "lambda:InvokeFunction", rule.arn, function->account, s3, conditions};
    return policy::evaluate(request, policies).allowed();
}

// ArgumentName and ArgumentValue of a destination that is refused; nullopt when it is fine. There
// are no queues and topics here, so none exists.
std::optional<std::pair<std::string, std::string>> destination_fault(
    const store::ReadTx& tx, const store::Bucket& bucket, const NotificationRule& rule
) {
    switch (rule.kind) {
    case DestinationKind::Queue:
        return std::pair{rule.arn, std::string("The destination queue does not exist")};
    case DestinationKind::Topic:
        return std::pair{rule.arn, std::string("The destination topic does not exist")};
    case DestinationKind::Function:
        if (may_invoke(tx, bucket, rule)) {
            return std::nullopt;
        }
        return std::pair{
            rule.arn + ", null", "Not authorized to invoke function [" + rule.arn + "]"};
    }
    return std::nullopt;
}

} // namespace

Result<void> validate_notification_config(NotificationConfig& config, std::string_view region) {
    if (auto arns = check_arns(config); !arns) {
        return arns.error();
    }
    if (auto events = check_events(config); !events) {
        return events.error();
    }
    for (NotificationRule& rule : config.rules) {
        if (auto filter = check_filter(rule); !filter) {
            return filter.error();
        }
    }
    if (auto ids = check_ids(config); !ids) {
        return ids.error();
    }
    if (auto overlaps = check_overlaps(config); !overlaps) {
        return overlaps.error();
    }
    return check_regions(config, region);
}

Result<void> validate_destinations(
    const store::ReadTx& tx, const store::Bucket& bucket, const NotificationConfig& config
) {
    AwsError refusal =
        invalid_argument("Unable to validate the following destination configurations");
    int faults = 0;
    for (const NotificationRule& rule : config.rules) {
        if (const auto fault = destination_fault(tx, bucket, rule)) {
            const std::string number = std::to_string(++faults);
            refusal.with("ArgumentName" + number, fault->first)
                .with("ArgumentValue" + number, fault->second);
        }
    }
    if (faults > 0) {
        return refusal;
    }
    return {};
}

} // namespace benchtop::s3
