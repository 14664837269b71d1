#include "emulator/protocol/constraints.hpp"

#include <algorithm>

namespace benchtop::protocol {

void Constraints::broken(std::string_view member, std::string_view value, std::string_view text) {
    breaches_.push_back(
        "Value " + std::string(value) + " at '" + std::string(member) +
        "' failed to satisfy constraint: " + std::string(text)
    );
}

void Constraints::required(std::string_view member, bool present) {
    if (!present) {
        broken(member, "null", "Member must not be null");
    }
}

void Constraints::range(
    std::string_view member, std::int64_t value, std::int64_t least, std::int64_t most
) {
    const std::string shown = "'" + std::to_string(value) + "'";
    if (value < least) {
        broken(
            member,
            shown,
            "Member must have value greater than or equal to " + std::to_string(least)
        );
    } else if (value > most) {
        broken(
            member, shown, "Member must have value less than or equal to " + std::to_string(most)
        );
    }
}

void Constraints::length(std::string_view member, std::string_view value, std::size_t most) {
    if (value.size() > most) {
        broken(
            member,
            "'" + std::string(value) + "'",
            "Member must have length less than or equal to " + std::to_string(most)
        );
    }
}

void Constraints::one_of(std::string_view member, std::string_view value, std::string_view set) {
    for (std::string_view rest = set; !rest.empty();) {
        const std::size_t end = std::min(rest.find(", "), rest.size());
        if (rest.substr(0, end) == value) {
            return;
        }
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    broken(
        member,
        "'" + std::string(value) + "'",
        "Member must satisfy enum value set: [" + std::string(set) + "]"
    );
}

void Constraints::pattern(
    std::string_view member, std::string_view value, bool matches, std::string_view pattern
) {
    if (!matches) {
        broken(
            member,
            "'" + std::string(value) + "'",
            "Member must satisfy regular expression pattern: " + std::string(pattern)
        );
    }
}

std::string Constraints::message() const {
    if (breaches_.empty()) {
        return {};
    }
    std::string text = std::to_string(breaches_.size()) + " validation error" +
                       (breaches_.size() == 1 ? "" : "s") + " detected: ";
    for (std::size_t i = 0; i < breaches_.size(); ++i) {
        text += (i == 0 ? "" : "; ") + breaches_[i];
    }
    return text;
}

} // namespace benchtop::protocol
