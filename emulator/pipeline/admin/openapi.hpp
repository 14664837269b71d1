// fixtures/openapi/benchtop.yaml, compiled in.
#pragma once

#include <string_view>

namespace benchtop::pipeline {

std::string_view openapi_text();

} // namespace benchtop::pipeline
