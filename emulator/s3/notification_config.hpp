// A bucket's notification configuration: parsing, the rules AWS holds it to, its canonical text and
// the matching of events ("Configuring event notifications", Amazon S3 User Guide; recorded
// errors).
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/store/tx.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::s3 {

enum class DestinationKind { Topic, Queue, Function };

struct FilterRule {
    std::string name; // "Prefix" or "Suffix" once validated, as sent before
    std::string value;
};

struct NotificationRule {
    DestinationKind kind = DestinationKind::Function;
    std::string id; // "" until assign_missing_ids()
    std::string arn;
    std::vector<std::string> events; // "s3:ObjectCreated:*"
    std::vector<FilterRule> filter;

    // The filter's value, "" when it has none. Only after validation.
    std::string_view prefix() const;
    std::string_view suffix() const;
};

struct NotificationConfig {
    std::vector<NotificationRule> rules; // in document order
    bool event_bridge = false;
};

// Structure only. MalformedXML.
Result<NotificationConfig> parse_notification_config(std::string_view document);

// What can be judged without looking at destinations, in AWS's order: ARNs, event names, filters
// (which get their capitals here), ids, overlaps, regions. InvalidArgument.
Result<void> validate_notification_config(NotificationConfig& config, std::string_view region);

// Every destination exists and lets S3 in. InvalidArgument naming each that does not.
Result<void> validate_destinations(
    const store::ReadTx& tx, const store::Bucket& bucket, const NotificationConfig& config
);

// Rules sent without an Id get one in AWS's form: base64 of a UUID.
void assign_missing_ids(NotificationConfig& config, Random& random);

// The document GetBucketNotificationConfiguration answers with; also what the store keeps.
std::string to_xml(const NotificationConfig& config);

// The stored form back again; parsed once per text and thread (a small cache).
std::shared_ptr<const NotificationConfig> stored_notification_config(std::string_view text);

// "s3:ObjectCreated:*" covers "s3:ObjectCreated:Put".
bool event_covers(std::string_view pattern, std::string_view event);

// Why the rule does not match ("key does not start with ..."), or nullopt: it matches. `event` is
// without "s3:", `key` raw: filters are compared with its URL-encoded form, as the guide says.
std::optional<std::string>
why_not_matching(const NotificationRule& rule, std::string_view event, std::string_view key);

} // namespace benchtop::s3
