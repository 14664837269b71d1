// The small values an exported template is made of.
#pragma once

#include "emulator/stack/node.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace benchtop::stack {

Node ref_to(std::string_view name);
Node arn_of(const std::string& logical_id);
Node sub(std::string_view text);
Node number(std::int64_t value);
// As short as it can be: readers of YAML 1.1 take 2.5E0 for a text.
Node real(double value);
Node boolean(bool value);

void replace_all(std::string& text, std::string_view what, std::string_view with);
// "lambda-web-presign-role" -> "LambdaWebPresignRole"
std::string pascal(std::string_view name);
// "" when it is absent or no text.
std::string text_at(const boost::json::object& object, std::string_view name);
// The text of {"ArnLike": {"AWS:SourceArn": X}}, whatever the capitals; "" when there is none.
std::string condition_at(const boost::json::object& conditions, std::string_view key);

} // namespace benchtop::stack
