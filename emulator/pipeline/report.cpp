#include "emulator/pipeline/report.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/pipeline/delivery_report.hpp"
#include "emulator/pipeline/refusals.hpp"
#include "emulator/tutor/hints.hpp"

#include <algorithm>

namespace benchtop::pipeline {
namespace {

// "PUT /bucket/key -> 403 AccessDenied: Request has expired (request 7KWQ...)". Queries are left
// out: they hold signatures.
std::string request_of(const RequestHead& head) {
    return head.method + " " + std::string(head.host()) + std::string(head.path());
}

std::string request_line(const RequestHead& head, int status) {
    return request_of(head) + " -> " + std::to_string(status);
}

// For an object that is gone: its file name under another prefix of the bucket, as the worker
// leaves it.
std::string find_elsewhere(Services& services, const S3Report& report) {
    std::string_view key = report.target.key;
    std::string from_source;
    if (const auto source = report.head.headers.find("x-amz-copy-source")) {
        from_source = percent_decode(*source, PlusRule::Literal).value_or("");
        key = from_source;
        key.remove_prefix(std::min(key.size(), key.starts_with('/') ? std::size_t{1} : 0));
        key.remove_prefix(std::min(key.size(), key.find('/') + 1));
    }
    const auto slash = key.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? key : key.substr(slash + 1);
    if (report.bucket == nullptr || name.empty()) {
        return {};
    }
    std::string found;
    services.store.try_read([&](const store::ReadTx& tx) {
        if (tx.find_object(report.bucket->id, key)) {
            return;
        }
        const std::string moved = "processed/" + std::string(name);
        if (tx.find_object(report.bucket->id, moved)) {
            found = moved;
        }
    });
    return found;
}

bool may_be_a_missing_key(const AwsError& error) {
    return error.code() == "NoSuchKey" || error.code() == "AccessDenied";
}

// The event of a new object; "" for operations that make none.
std::string_view raised_by(std::string_view operation) {
    if (operation == "PutObject") {
        return "ObjectCreated:Put";
    }
    if (operation == "CopyObject") {
        return "ObjectCreated:Copy";
    }
    return operation == "PostObject" ? "ObjectCreated:Post" : "";
}

// A new object no trigger hears of: silence is what students report most.
void report_unmatched(Services& services, const S3Report& report) {
    const std::string_view raised = raised_by(report.operation);
    if (report.status >= 300 || report.bucket == nullptr || report.bucket->notification.empty() ||
        raised.empty() || !services.log.enabled(LogLevel::Hint)) {
        return;
    }
    const auto hint = hint_for_unmatched(report.bucket->notification, raised, report.target.key);
    if (hint) {
        write_hint(services.log, *hint);
    }
}

std::optional<tutor::Hint> hint_of(Services& services, const S3Report& report) {
    std::string found_at;
    if (may_be_a_missing_key(*report.error)) {
        found_at = find_elsewhere(services, report);
    }
    return tutor::hint_for(tutor::S3Observation{
        report.head, report.status, report.error, report.target.bucket, report.target.key, found_at}
    );
}

std::optional<tutor::Hint> hint_of(const ApiReport& report) {
    return tutor::hint_for(tutor::ApiObservation{
        report.head,
        report.status,
        report.miss,
        report.suggestion,
        report.fault,
        report.function_arn,
        report.source_arn});
}

// The search for what the client signed waits until somebody asks.
tutor::Hint signature_hint(std::string_view request_id) {
    return {
        "signature",
        "The client signed something else than it sent.",
        "benchtop explain " + std::string(request_id) + " shows both and names the slip."};
}

void add_hint(Refusal& refusal, const std::optional<tutor::Hint>& hint) {
    if (hint) {
        refusal.mistake = hint->mistake;
        refusal.cause = hint->cause;
        refusal.fix = hint->fix;
    }
}

// The function that PutBucketNotificationConfiguration found closed to S3; "" in other refusals.
std::string_view function_closed_to_s3(const AwsError& error) {
    const std::string_view value = error.extra_value("ArgumentValue1");
    constexpr std::string_view sentence = "Not authorized to invoke function [";
    return value.starts_with(sentence)
               ? value.substr(sentence.size(), value.find(']') - sentence.size())
               : std::string_view{};
}

// A check that fails does not always refuse: some only leave a header out.
std::optional<DeniedCheck> denied_by(const S3Report& report) {
    const bool refused = report.error != nullptr ? report.error->code() == "AccessDenied"
                                                 : report.operation == "DeleteObjects";
    return refused && report.authorizer != nullptr ? report.authorizer->denied() : std::nullopt;
}

bool is_form(const RequestHead& head) {
    return head.method == "POST" &&
           head.headers.get("content-type").starts_with("multipart/form-data");
}

std::shared_ptr<const SignedRequest> signed_request_of(const S3Report& report) {
    if (is_form(report.head)) {
        return nullptr;
    }
    SignedRequest request;
    request.head = report.head;
    if (report.expected_region != nullptr) {
        request.region = *report.expected_region;
    }
    if (report.target.style == s3::AddressStyle::VirtualHost) {
        request.bucket = "/" + report.target.bucket;
    }
    request.accepts_body = report.accepts_body;
    if (report.error != nullptr) {
        if (const auto hash = report.error->extra_value("S3ComputedContentSHA256"); !hash.empty()) {
            request.body_sha256 = hash;
        }
    }
    return keep_request(std::move(request));
}

void keep_refusal(
    Services& services, const S3Report& report, const std::optional<tutor::Hint>& hint
) {
    const auto denied = denied_by(report);
    const std::string_view closed =
        report.error != nullptr ? function_closed_to_s3(*report.error) : std::string_view{};
    if (!denied && report.status < 400 && closed.empty()) {
        return;
    }
    Refusal refusal;
    refusal.of_access = denied || report.status == 403 || !closed.empty();
    refusal.signed_request = signed_request_of(report);
    refusal.request_id = report.ids.request_id;
    refusal.at = report.head.received_at;
    refusal.request = request_of(report.head);
    refusal.status = report.status;
    if (report.error != nullptr) {
        refusal.code = report.error->code();
        refusal.message = report.error->message();
        add_hint(refusal, hint);
    }
    if (denied) {
        explain(refusal, *denied);
    } else if (!closed.empty() && report.bucket != nullptr) {
        explain_not_permitted(
            refusal,
            closed,
            "s3.amazonaws.com",
            "arn:aws:s3:::" + report.bucket->name,
            report.bucket->account
        );
    }
    services.refusals->add(std::move(refusal));
}

void keep_refusal(Services& services, const ApiReport& report) {
    if (report.status < 400) {
        return;
    }
    const auto hint = hint_of(report);
    Refusal refusal;
    refusal.of_access = hint || report.status == 403;
    refusal.request_id = report.request_id;
    refusal.at = report.head.received_at;
    refusal.request = request_of(report.head);
    refusal.status = report.status;
    refusal.message = report.cause;
    add_hint(refusal, hint);
    if (report.signed_body != nullptr && *report.signed_body && report.status == 403) {
        SignedRequest request;
        request.head = report.head;
        request.family = auth::ErrorFamily::RestJson;
        request.service = "execute-api";
        request.body_sha256 = *report.signed_body;
        refusal.signed_request = keep_request(std::move(request));
    }
    if (report.fault == apigateway::Fault::NotPermitted) {
        explain_not_permitted(
            refusal,
            report.function_arn,
            "apigateway.amazonaws.com",
            tutor::permission_pattern(report.source_arn),
            ""
        );
    }
    services.refusals->add(std::move(refusal));
}

} // namespace

void report_s3(Services& services, const S3Report& report) {
    report_unmatched(services, report);
    const auto hint =
        report.error != nullptr ? hint_of(services, report) : std::optional<tutor::Hint>{};
    keep_refusal(services, report, hint);
    const LogLevel level = report.status >= 400 ? LogLevel::Info : LogLevel::Debug;
    if (!services.log.enabled(level)) {
        return;
    }
    std::string line = request_line(report.head, report.status);
    if (report.error != nullptr) {
        line += " " + report.error->code() + ": " + report.error->message();
        if (!report.error->internal_cause().empty()) {
            line += " [" + report.error->internal_cause() + "]";
        }
    }
    line += " (request " + report.ids.request_id + ")";
    services.log.write(report.status >= 500 ? LogLevel::Warning : level, line);
    if (report.error == nullptr || !services.log.enabled(LogLevel::Hint)) {
        return;
    }
    if (hint) {
        write_hint(services.log, *hint);
    } else if (report.error->code() == "SignatureDoesNotMatch") {
        write_hint(services.log, signature_hint(report.ids.request_id));
    }
}

void report_api(Services& services, const ApiReport& report) {
    keep_refusal(services, report);
    const LogLevel level = report.status >= 400 ? LogLevel::Info : LogLevel::Debug;
    if (!services.log.enabled(level)) {
        return;
    }
    std::string line = request_line(report.head, report.status);
    if (!report.cause.empty()) {
        line += " [" + std::string(report.cause) + "]";
    }
    services.log.write(level, line);
    if (!services.log.enabled(LogLevel::Hint)) {
        return;
    }
    if (const auto hint = hint_of(report)) {
        write_hint(services.log, *hint);
    }
}

} // namespace benchtop::pipeline
