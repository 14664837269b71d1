// The text a bucket keeps for one trigger to a function: what stack::deploy needs of S3 without
// including it.
#pragma once

#include <string>
#include <string_view>

namespace benchtop::pipeline {

// `prefix` and `suffix` "" for none.
std::string render_lambda_trigger(
    std::string_view id,
    std::string_view function_arn,
    std::string_view event,
    std::string_view prefix,
    std::string_view suffix
);

} // namespace benchtop::pipeline
