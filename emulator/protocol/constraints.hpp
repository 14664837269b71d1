// The model's constraints on a request's members, checked before anything else. All breaches are
// told in one sentence, as AWS tells them: "1 validation error detected: Value '...' at ...".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::protocol {

class Constraints {
public:
    // `text` is AWS's rest of the sentence: "Member must not be null".
    void broken(std::string_view member, std::string_view value, std::string_view text);
    void required(std::string_view member, bool present);
    void range(std::string_view member, std::int64_t value, std::int64_t least, std::int64_t most);
    void length(std::string_view member, std::string_view value, std::size_t most);
    // `set` as AWS lists it: "Terminate, Allow".
    void one_of(std::string_view member, std::string_view value, std::string_view set);
    // `matches`: whether the value is of `pattern`, which is only shown.
    void pattern(
        std::string_view member, std::string_view value, bool matches, std::string_view pattern
    );

    // "" when everything is kept.
    std::string message() const;

private:
    std::vector<std::string> breaches_;
};

} // namespace benchtop::protocol
