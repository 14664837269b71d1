// The lines Lambda itself writes into a function's log (LogFormat Text), and the names of log
// groups and streams. Every line ends with the newline Lambda ends it with.
//
// Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs"; START, END and REPORT
// as recorded (localstack snapshot test_lambda). Order of the Status suffixes: from memory.
#pragma once

#include "emulator/core/time.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/store/rows.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::functions {

// LoggingConfig.LogGroup, by default "/aws/lambda/NAME".
std::string log_group_name(const store::Function& function);
// "2026/02/21/[$LATEST]<32 lower-case hex>": one per execution environment.
std::string
make_log_stream_name(Random& random, UtcInstant now, std::string_view version = "$LATEST");

std::string start_line(std::string_view request_id, std::string_view version = "$LATEST");
std::string end_line(std::string_view request_id);
std::string timeout_line(UtcInstant at, std::string_view request_id, int timeout_s);
// The init phase overran its limit and will be run again.
std::string init_timeout_line(microseconds init_duration);
// `phase`: "init", or "invoke" when it was run once more for an event.
std::string
init_report_line(microseconds init_duration, std::string_view phase, std::string_view error_type);

struct Report {
    enum class Status { Success, Timeout, Error };

    std::string request_id;
    microseconds duration{};
    std::optional<microseconds> init_duration; // first invocation of an environment
    int memory_size_mb = 0;
    int memory_used_mb = 0;
    Status status = Status::Success;
    std::string error_type; // Status::Error, "" when the runtime named none
};

std::string report_line(const Report& report);

// "3.00": what the texts about a timeout print, always the configured seconds.
std::string timeout_text(int timeout_s);

} // namespace benchtop::functions
