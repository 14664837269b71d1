// User metadata as text: what RFC 2047 encoded words in a header mean, and how stored text goes
// back into a header (recorded: localstack snapshot test_s3, user_metadata_rfc2047).
#pragma once

#include <string>
#include <string_view>

namespace benchtop::s3 {

// A value made of encoded words ("=?UTF-8?B?..?=", "?Q?") is decoded; every other value is taken as
// it is. The result is valid UTF-8.
std::string decode_metadata_value(std::string_view header);

// Printable ASCII stays as it is; other text becomes one encoded word: Q, or B when it holds
// control characters.
std::string encode_metadata_value(std::string_view text);

} // namespace benchtop::s3
