// How asynchronous invocations of a function are retried and where their records go: written by
// Lambda's control plane, obeyed by delivery. Kept as documents, one a qualifier.
#pragma once

#include "emulator/store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::service {

struct EventInvokeConfig {
    std::optional<int> maximum_retry_attempts;       // 0..2
    std::optional<int> maximum_event_age_in_seconds; // 60..21600
    std::string on_success;                          // destination ARN, "" for none
    std::string on_failure;
    UtcInstant last_modified{};
};

// The space of the documents; keys are qualifiers ("$LATEST", "1", "live").
std::string event_invoke_config_space(
    std::string_view account, std::string_view region, std::string_view function
);
std::string to_text(const EventInvokeConfig& config);
EventInvokeConfig parse_event_invoke_config(std::string_view text);

std::optional<EventInvokeConfig> find_event_invoke_config(
    const store::ReadTx& tx,
    std::string_view account,
    std::string_view region,
    std::string_view function,
    std::string_view qualifier // "" is $LATEST
);

} // namespace benchtop::service
