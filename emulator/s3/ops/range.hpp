// The Range header as S3 takes it (recorded: localstack snapshot test_s3, get_object_range).
#pragma once

#include "emulator/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace benchtop::s3 {

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0; // inclusive
    bool operator==(const ByteRange&) const = default;
};

// nullopt: not one well-formed "bytes=" range, so the header is ignored. Errors: InvalidRange.
Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t size);

} // namespace benchtop::s3
