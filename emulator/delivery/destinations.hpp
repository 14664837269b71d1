// What becomes of an asynchronous invocation's result: Lambda's event-invoke-config, as delivery
// reads it, and the record that goes to a destination. Only another function can be one here.
//
// Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations"; the record as
// recorded (localstack snapshot test_lambda_destinations).
#pragma once

#include "emulator/delivery/machine.hpp"
#include "emulator/service/function_settings.hpp"
#include "emulator/store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::delivery {

// What a function's owner has set for its asynchronous invocations.
struct Settings {
    Limits limits;
    std::string on_success; // ARN; "" for none
    std::string on_failure;
    std::optional<int> reserved_concurrency;

    const std::string& destination(Condition condition) const {
        return condition == Condition::Success ? on_success : on_failure;
    }
};

// The defaults when nothing is set, or what is set cannot be read.
Settings settings_of(const store::ReadTx& tx, std::string_view function_arn);

// The last answer of the function; nullptr when it gave none.
struct FunctionAnswer {
    bool is_error = false;
    std::string payload;
    std::string executed_version;
};

std::string destination_record(
    const store::Delivery& delivery,
    Condition condition,
    const FunctionAnswer* answer,
    UtcInstant now
);

// The row that delivers `record` to the function `destination`.
store::Delivery destination_delivery(
    const store::Delivery& from,
    Condition condition,
    std::string_view destination,
    std::string record,
    std::string request_id,
    UtcInstant now
);

} // namespace benchtop::delivery
