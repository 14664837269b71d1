// Text that must be UTF-8 whatever bytes a client sent.
#pragma once

#include <string>
#include <string_view>

namespace benchtop {

// `text` with U+FFFD for each byte that belongs to no character.
std::string utf8_text(std::string_view text);

} // namespace benchtop
