#include "emulator/explain/texts.hpp"

#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <numeric>

namespace benchtop::explain {
namespace {

constexpr std::size_t kQuotedMax = 96;

} // namespace

std::string text(std::initializer_list<std::string_view> pieces) {
    std::string out;
    for (const std::string_view piece : pieces) {
        out += piece;
    }
    return out;
}

std::string quoted(std::string_view value) {
    std::string shown;
    if (value.size() > kQuotedMax) {
        shown = text({value.substr(0, kQuotedMax / 2), "...", value.substr(value.size() - 16)});
    } else {
        shown = value;
    }
    const bool plain = is_valid_utf8(shown) && std::none_of(shown.begin(), shown.end(), [](char c) {
                           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
                       });
    return text({"\"", plain ? shown : percent_encode(shown, SlashRule::Keep), "\""});
}

bool contains(std::string_view whole, std::string_view part) {
    return whole.find(part) != std::string_view::npos;
}

std::string replaced(std::string whole, std::string_view from, std::string_view to) {
    std::size_t at = 0;
    while ((at = whole.find(from, at)) != std::string::npos) {
        whole.replace(at, from.size(), to);
        at += to.size();
    }
    return whole;
}

std::vector<std::string> split(std::string_view whole, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = whole.find(separator);
        parts.emplace_back(whole.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        whole.remove_prefix(end + 1);
    }
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const std::string& part : parts) {
        out += &part == &parts.front() ? std::string_view{} : separator;
        out += part;
    }
    return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t at_most) {
    const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
    constexpr std::size_t kLengthMax = 128;
    if (difference > at_most || a.size() > kLengthMax || b.size() > kLengthMax) {
        return at_most + 1;
    }
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replace = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replace, row[j] + 1, row[j + 1] + 1});
        }
    }
    return std::min(row[b.size()], at_most + 1);
}

} // namespace benchtop::explain
