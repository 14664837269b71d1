// The model's constraints on a request's members, checked before anything else. All breaches are
// told in one ValidationException, as AWS tells them.
#pragma once

#include "emulator/core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::lambda {

class Constraints {
public:
    // `text` is AWS's rest of the sentence: "Member must not be null".
    void broken(std::string_view member, std::string_view value, std::string_view text);
    void required(std::string_view member, bool present);
    void range(std::string_view member, std::int64_t value, std::int64_t least, std::int64_t most);
    void length(std::string_view member, std::string_view value, std::size_t most);
    // `matches`: whether the value is of `pattern`, which is only shown.
    void pattern(
        std::string_view member, std::string_view value, bool matches, std::string_view pattern
    );

    // The ValidationException when anything is broken.
    Result<void> check() const;

private:
    std::vector<std::string> breaches_;
};

// [a-zA-Z0-9-_]+
bool is_identifier(std::string_view text);
// arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+
bool is_role_arn(std::string_view text);

inline constexpr std::string_view kRolePattern =
    R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)";

} // namespace benchtop::lambda
