#include "emulator/s3/events.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/protocol/json_writer.hpp"
#include "emulator/s3/notification_config.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/service/lineage.hpp"

#include <string_view>

namespace benchtop::s3 {
namespace {

// userIdentity of the record ("Event message structure", Amazon S3 User Guide).
std::string principal_id(const policy::Principal& caller) {
    switch (caller.kind) {
    case policy::Principal::Kind::Anonymous:
        return "Anonymous";
    case policy::Principal::Kind::Root:
        return "AWS:" + caller.account;
    case policy::Principal::Kind::User:
    case policy::Principal::Kind::AssumedRole:
        return "AWS:" + caller.user_id;
    case policy::Principal::Kind::Service:
        return caller.service;
    }
    return {};
}

// By the event's family ("Event message structure", Amazon S3 User Guide; 2.1 and 2.3 recorded).
std::string_view event_version(std::string_view event_name) {
    for (const std::string_view family :
         {"ObjectTagging:",
          "ObjectAcl:",
          "LifecycleExpiration:",
          "LifecycleTransition",
          "IntelligentTiering",
          "ObjectRestore:Delete"}) {
        if (event_name.starts_with(family)) {
            return "2.3";
        }
    }
    return event_name.starts_with("Replication:") ? "2.2" : "2.1";
}

// The event as every kind of destination receives it: one record, members in AWS's order, absent
// ones left out.
std::string event_record(
    const store::Account& owner,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const ObjectEvent& event,
    std::string_view configuration_id
) {
    protocol::JsonWriter json;
    json.begin_object();
    json.key("Records");
    json.begin_array();
    json.begin_object();
    json.member("eventVersion", event_version(event.event_name));
    json.member("eventSource", "aws:s3");
    json.member("awsRegion", bucket.region);
    json.member("eventTime", to_iso8601_ms(context.now));
    json.member("eventName", event.event_name);
    json.key("userIdentity");
    json.begin_object();
    json.member("principalId", principal_id(context.caller));
    json.end_object();
    json.key("requestParameters");
    json.begin_object();
    json.member("sourceIPAddress", context.source_ip);
    json.end_object();
    json.key("responseElements");
    json.begin_object();
    json.member("x-amz-request-id", context.ids.request_id);
    json.member("x-amz-id-2", context.ids.host_id);
    json.end_object();
    json.key("s3");
    json.begin_object();
    json.member("s3SchemaVersion", "1.0");
    json.member("configurationId", configuration_id);
    json.key("bucket");
    json.begin_object();
    json.member("name", bucket.name);
    json.key("ownerIdentity");
    json.begin_object();
    json.member("principalId", owner.owner_principal_id);
    json.end_object();
    json.member("arn", bucket_arn(bucket.name));
    json.end_object();
    json.key("object");
    json.begin_object();
    json.member("key", form_encode_key(event.key));
    if (event.size) {
        json.member("size", static_cast<std::int64_t>(*event.size));
    }
    if (!event.etag.empty()) {
        json.member("eTag", event.etag);
    }
    if (!event.version_id.empty()) {
        json.member("versionId", event.version_id);
    }
    if (!event.sequencer.empty()) {
        json.member("sequencer", event.sequencer);
    }
    json.end_object();
    json.end_object();
    if (!event.destination_storage_class.empty()) {
        json.key("lifecycleEventData");
        json.begin_object();
        json.key("transitionEventData");
        json.begin_object();
        json.member("destinationStorageClass", event.destination_storage_class);
        json.end_object();
        json.end_object();
    }
    json.end_object();
    json.end_array();
    json.end_object();
    return std::move(json).take();
}

std::string why_matched(const NotificationRule& rule, std::string_view event_name) {
    std::string text = "matched rule \"" + rule.id + "\":";
    const std::string full_name = "s3:" + std::string(event_name);
    for (const std::string& pattern : rule.events) {
        if (event_covers(pattern, full_name)) {
            text += " event " + pattern;
            break;
        }
    }
    if (!rule.prefix().empty()) {
        text += ", prefix \"" + std::string(rule.prefix()) + '"';
    }
    if (!rule.suffix().empty()) {
        text += ", suffix \"" + std::string(rule.suffix()) + '"';
    }
    return text;
}

constexpr std::string_view kNoEventBridge =
    "EventBridge is on for this bucket, but Benchtop has no EventBridge: nothing was sent to it";

void append_reason(std::string& reasons, std::string_view reason) {
    if (!reasons.empty()) {
        reasons += "; ";
    }
    reasons += reason;
}

// Queues and topics do not exist here (a rule names one only when its validation was skipped): the
// event is kept as undeliverable, so that it can be seen.
void make_undeliverable(store::Delivery& delivery, DestinationKind kind) {
    const std::string_view service = kind == DestinationKind::Queue ? "SQS" : "SNS";
    delivery.state = store::DeliveryState::Dead;
    delivery.last_result = "not delivered: Benchtop has no " + std::string(service);
}

} // namespace

void raise_event(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const ObjectEvent& event
) {
    const auto config = stored_notification_config(bucket.notification);
    if (config->rules.empty() && !config->event_bridge) {
        return;
    }
    store::Delivery delivery;
    delivery.bucket = bucket.name;
    delivery.key = event.key;
    delivery.event_name = event.event_name;
    delivery.source_account = bucket.account;
    delivery.created_at = context.now;
    delivery.last_attempt_at = context.now;
    delivery.details = service::bounded_trace_header(context.trace_header);

    const store::Account owner = tx.account(bucket.account);
    std::string reasons;
    bool matched = false;
    for (const NotificationRule& rule : config->rules) {
        if (const auto reason = why_not_matching(rule, event.event_name, event.key)) {
            append_reason(reasons, "rule \"" + rule.id + "\": " + *reason);
            continue;
        }
        matched = true;
        store::Delivery card = delivery;
        card.rule_id = rule.id;
        card.explanation = why_matched(rule, event.event_name);
        if (config->event_bridge) {
            append_reason(card.explanation, kNoEventBridge);
        }
        card.function_arn = rule.arn;
        card.payload = event_record(owner, context, bucket, event, rule.id);
        card.request_id = make_uuid(context.random);
        if (rule.kind != DestinationKind::Function) {
            make_undeliverable(card, rule.kind);
        }
        tx.add_delivery(card);
    }
    if (matched) {
        return;
    }
    if (config->event_bridge) {
        append_reason(reasons, kNoEventBridge);
    }
    delivery.state = store::DeliveryState::Unmatched;
    delivery.explanation = std::move(reasons);
    tx.add_delivery(delivery);
}

} // namespace benchtop::s3
