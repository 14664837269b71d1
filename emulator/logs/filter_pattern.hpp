// Filter patterns of FilterLogEvents (CloudWatch Logs User Guide, "Filter pattern syntax"): terms,
// ?optional terms, -excluded terms, "exact phrases", and { $.json = "conditions" }.
//
// Regular expressions (%...%) and patterns for space-delimited events ([a, b]) are refused.
#pragma once

#include "emulator/core/result.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::logs {

struct JsonCondition; // filter_pattern.cpp

// Immutable once parsed.
class FilterPattern {
public:
    static constexpr std::size_t kLengthMax = 1024;

    // InvalidParameterException for what is no pattern.
    static Result<FilterPattern> parse(std::string_view text);

    bool matches(std::string_view message) const;

private:
    bool terms_match(std::string_view message) const;

    std::vector<std::string> required_;
    std::vector<std::string> optional_;
    std::vector<std::string> excluded_;
    std::shared_ptr<const JsonCondition> json_; // null: terms
};

} // namespace benchtop::logs
