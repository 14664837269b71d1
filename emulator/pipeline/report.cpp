#include "emulator/pipeline/report.hpp"

namespace benchtop::pipeline {
namespace {

// "PUT /bucket/key -> 403 AccessDenied: Request has expired (request 7KWQ...)". Queries are left
// out: they hold signatures.
std::string request_line(const RequestHead& head, int status) {
    return head.method + " " + std::string(head.host()) + std::string(head.path()) + " -> " +
           std::to_string(status);
}

} // namespace

void report_s3(Services& services, const S3Report& report) {
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
}

} // namespace benchtop::pipeline
