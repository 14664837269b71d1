// FunctionConfiguration, the document most operations answer with. Members are alphabetical, absent
// when unset; as recorded (localstack snapshot test_lambda_api, November 2025).
#pragma once

#include "emulator/lambda/details.hpp"
#include "emulator/service/operation.hpp"

#include <string>

namespace benchtop::protocol {
class JsonWriter;
}

namespace benchtop::lambda {

enum class ConfigurationView {
    Whole,
    Listed, // an item of a list: without state
};

void write_configuration(
    protocol::JsonWriter& json,
    const service::OpContext& context,
    const store::Function& function,
    std::string_view arn, // as the request named it
    ConfigurationView view
);

std::string configuration_json(
    const service::OpContext& context, const store::Function& function, std::string_view arn
);

// The function's ARN with its version, unless it is $LATEST.
std::string version_arn(const store::Function& function);

Response json_answer(int status, std::string body);
Response no_content();

} // namespace benchtop::lambda
