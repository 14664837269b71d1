// Answers of the Query protocol (STS, IAM).
#pragma once

#include "emulator/core/http.hpp"

#include <string>
#include <string_view>

namespace benchtop::protocol {

// <ACTIONResponse xmlns><ACTIONResult>result</ACTIONResult><ResponseMetadata>..., 200 text/xml.
// `result` is XML made by an XmlWriter::fragment(); an operation without output gives "" and has no
// Result element.
Response query_answer(
    std::string_view xmlns,
    std::string_view action,
    std::string_view result,
    std::string_view request_id
);

} // namespace benchtop::protocol
