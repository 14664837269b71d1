// STS GetCallerIdentity: who signed. Needs no permission, and no policy can take it away
// (AWS STS API reference: GetCallerIdentity).
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/policy/principal.hpp"

#include <string_view>

namespace benchtop::sts {

// 200 text/xml; `caller` is not anonymous.
Response get_caller_identity(const policy::Principal& caller, std::string_view request_id);

} // namespace benchtop::sts
