// The constraints of the service's model (botocore logs/2014-03-28), checked all at once: "2
// validation errors detected: Value ..." in the words of AWS's validator.
#pragma once

#include "emulator/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::logs {

// Longest name of a group or stream.
inline constexpr std::size_t kNameMax = 512;

bool is_group_name(std::string_view name);  // the characters, not the length
bool is_stream_name(std::string_view name); // likewise

class Checks {
public:
    // `constraint` is what the member must do: "have length less than or equal to 512".
    void
    fail(std::string_view member, std::optional<std::string> value, std::string_view constraint);

    void required(std::string_view member, bool given);
    void length(
        std::string_view member,
        const std::optional<std::string>& value,
        std::size_t min,
        std::size_t max
    );
    void range(
        std::string_view member,
        std::optional<std::int64_t> value,
        std::int64_t min,
        std::optional<std::int64_t> max
    );
    // Presence is not asked for; a name over kNameMax has a sentence of its own (take()).
    void group_name(std::string_view member, const std::optional<std::string>& value);
    void stream_name(std::string_view member, const std::optional<std::string>& value);

    Result<void> take() const;

private:
    void name(
        std::string_view member,
        const std::optional<std::string>& value,
        bool well_formed,
        std::string_view pattern
    );

    int failures_ = 0;
    std::string text_;
    bool name_too_long_ = false;
};

} // namespace benchtop::logs
