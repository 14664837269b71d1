// What a role was assumed with beside a name: session policies, tags, a source identity. In the
// text a key keeps of them, and parsed.
#pragma once

#include "emulator/policy/evaluate.hpp"
#include "emulator/store/rows.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace benchtop::sts {

struct SessionPolicy {
    std::string name; // for reasons
    std::string arn;  // managed policies only
    std::string document;
};

struct SessionFacts {
    std::vector<std::pair<std::string, std::string>> tags;
    std::vector<std::string> transitive_tag_keys;
    std::string source_identity;

    bool empty() const { return tags.empty() && source_identity.empty(); }
};

// store::AccessKey::session_policy; "" for none.
std::string session_text(const std::vector<SessionPolicy>& policies, const SessionFacts& facts);
// nullopt: the session has no policy, so nothing limits it.
std::optional<std::vector<policy::NamedPolicy>> session_policies(const store::AccessKey& key);
SessionFacts session_facts(const store::AccessKey& key);

} // namespace benchtop::sts
