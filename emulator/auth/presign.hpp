// A presigned URL's query as an AWS service makes it for a GET: what Lambda hands out for a
// function's code.
#pragma once

#include "emulator/auth/keys.hpp"
#include "emulator/core/time.hpp"

#include <string>
#include <string_view>

namespace benchtop::auth {

struct PresignInput {
    std::string_view host; // the Host header the URL will be asked with
    std::string_view path; // raw: nothing in it needs escaping
    std::string_view region;
    const KeyRecord& key;
    UtcInstant now; // real axis
    seconds expires{};
    std::string_view version_id{}; // of the object; "" for none
};

// "versionId=...&X-Amz-Security-Token=...&...&X-Amz-Signature=...", without the '?'.
std::string presigned_query(const PresignInput& input);

} // namespace benchtop::auth
