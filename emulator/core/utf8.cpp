#include "emulator/core/utf8.hpp"

#include "emulator/core/encoding.hpp"

namespace benchtop {

std::string utf8_text(std::string_view text) {
    if (is_valid_utf8(text)) {
        return std::string(text);
    }
    std::string out;
    while (!text.empty()) {
        std::size_t length = 1;
        while (length <= 4 && length <= text.size() && !is_valid_utf8(text.substr(0, length))) {
            ++length;
        }
        if (length <= 4 && length <= text.size()) {
            out += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        }
    }
    return out;
}

} // namespace benchtop
