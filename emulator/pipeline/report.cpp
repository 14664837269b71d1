#include "emulator/pipeline/report.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/pipeline/delivery_report.hpp"
#include "emulator/tutor/hints.hpp"

#include <algorithm>

namespace benchtop::pipeline {
namespace {

// "PUT /bucket/key -> 403 AccessDenied: Request has expired (request 7KWQ...)". Queries are left
// out: they hold signatures.
std::string request_line(const RequestHead& head, int status) {
    return head.method + " " + std::string(head.host()) + std::string(head.path()) + " -> " +
           std::to_string(status);
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
    services.store.read([&](const store::ReadTx& tx) {
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

} // namespace

void report_s3(Services& services, const S3Report& report) {
    report_unmatched(services, report);
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
    std::string found_at;
    if (may_be_a_missing_key(*report.error)) {
        found_at = find_elsewhere(services, report);
    }
    const tutor::S3Observation seen{
        report.head,
        report.status,
        report.error,
        report.target.bucket,
        report.target.key,
        found_at};
    if (const auto hint = tutor::hint_for(seen)) {
        write_hint(services.log, *hint);
    }
}

void report_api(Services& services, const ApiReport& report) {
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
    const tutor::ApiObservation seen{
        report.head,
        report.status,
        report.miss,
        report.suggestion,
        report.fault,
        report.function_arn,
        report.source_arn};
    if (const auto hint = tutor::hint_for(seen)) {
        write_hint(services.log, *hint);
    }
}

} // namespace benchtop::pipeline
