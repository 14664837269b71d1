#include "emulator/functions/log_format.hpp"

#include "emulator/core/ids.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace benchtop::functions {

namespace {

// Hundredths of a millisecond, rounded half up; integers, so that every machine prints the same.
std::string milliseconds_text(microseconds duration) {
    const auto hundredths = (std::max<std::int64_t>(duration.count(), 0) + 5) / 10;
    return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

} // namespace

std::string log_group_name(const store::Function& function) {
    // The document is Lambda's (lambda/details.hpp); most functions name no group.
    if (function.details.find(R"("logGroup":")") != std::string::npos &&
        function.details.find(R"("logGroup":"")") == std::string::npos) {
        const boost::json::value details = boost::json::parse(function.details);
        return std::string(details.at("logGroup").as_string());
    }
    return fmt::format("/aws/lambda/{}", function.name);
}

std::string make_log_stream_name(Random& random, UtcInstant now, std::string_view version) {
    const std::string date = to_scope_date(now);
    return fmt::format(
        "{}/{}/{}/[{}]{}",
        date.substr(0, 4),
        date.substr(4, 2),
        date.substr(6, 2),
        version,
        make_hex(random, 16)
    );
}

std::string start_line(std::string_view request_id, std::string_view version) {
    return fmt::format("START RequestId: {} Version: {}\n", request_id, version);
}

std::string end_line(std::string_view request_id) {
    return fmt::format("END RequestId: {}\n", request_id);
}

std::string timeout_line(UtcInstant at, std::string_view request_id, int timeout_s) {
    return fmt::format(
        "{} {} Task timed out after {} seconds\n\n",
        to_iso8601_ms(at),
        request_id,
        timeout_text(timeout_s)
    );
}

std::string init_timeout_line(microseconds init_duration) {
    return fmt::format(
        "INIT_REPORT Init Duration: {} ms\tPhase: init\tStatus: timeout\n",
        milliseconds_text(init_duration)
    );
}

std::string
init_report_line(microseconds init_duration, std::string_view phase, std::string_view error_type) {
    return fmt::format(
        "INIT_REPORT Init Duration: {} ms\tPhase: {}\tStatus: error\tError Type: {}\n",
        milliseconds_text(init_duration),
        phase,
        error_type
    );
}

std::string report_line(const Report& report) {
    // A cold start's initialisation is billed too (AWS Compute Blog, August 2025).
    const auto billed = report.duration + report.init_duration.value_or(microseconds{0});
    std::string line = fmt::format(
        "REPORT RequestId: {}\tDuration: {} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t"
        "Max Memory Used: {} MB\t",
        report.request_id,
        milliseconds_text(report.duration),
        std::max<std::int64_t>(1, (billed.count() + 999) / 1000),
        report.memory_size_mb,
        report.memory_used_mb
    );
    if (report.init_duration) {
        line += fmt::format("Init Duration: {} ms\t", milliseconds_text(*report.init_duration));
    }
    if (report.status == Report::Status::Timeout) {
        line += "Status: timeout";
    } else if (report.status == Report::Status::Error) {
        line += "Status: error";
        if (!report.error_type.empty()) {
            line += "\tError Type: " + report.error_type;
        }
    }
    return line + "\n";
}

std::string timeout_text(int timeout_s) {
    return fmt::format("{}.00", timeout_s);
}

} // namespace benchtop::functions
