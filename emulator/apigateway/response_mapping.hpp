// What a function returned, as an HTTP answer (API Gateway Developer Guide, "Lambda function
// response for format 2.0").
#pragma once

#include "emulator/apigateway/errors.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::apigateway {

enum class PayloadFormat {
    V1, // no inference: an answer without statusCode is malformed; multiValueHeaders count
    V2, // without statusCode the whole payload is the body of a 200
};

struct MappedAnswer {
    Response response;
    // Why the answer became a 500, for the log; "" when it did not.
    std::string malformed;
};

// `payload` is the function's return value, JSON text or not.
MappedAnswer
map_answer(std::string_view payload, PayloadFormat format, const AnswerContext& context);

} // namespace benchtop::apigateway
