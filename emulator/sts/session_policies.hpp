// The session policies a role was assumed with: in the text a key keeps of them, and parsed.
#pragma once

#include "emulator/policy/evaluate.hpp"
#include "emulator/store/rows.hpp"

#include <string>
#include <vector>

namespace benchtop::sts {

struct SessionPolicy {
    std::string name; // for reasons
    std::string arn;  // managed policies only
    std::string document;
};

// store::AccessKey::session_policy; "" for none.
std::string session_policy_text(const std::vector<SessionPolicy>& policies);
std::vector<policy::NamedPolicy> session_policies(const store::AccessKey& key);

} // namespace benchtop::sts
