// The event in payload format 1.0: the form REST APIs use, with nulls where there is nothing to say
// and Title-Case header names.
#pragma once

#include "emulator/apigateway/payload_v2.hpp"

namespace benchtop::apigateway {

std::string make_event_v1(const EventInput& input);

// "content-type" -> "Content-Type": how HTTP/1.1 answers and 1.0 events show names.
std::string title_case(std::string_view header_name);

} // namespace benchtop::apigateway
