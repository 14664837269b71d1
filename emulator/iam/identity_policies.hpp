// The policies that decide what a user or role may do: inline and attached ones, its groups', and
// the permissions boundary.
#pragma once

#include "emulator/policy/evaluate.hpp"
#include "emulator/store/tx.hpp"

#include <string_view>
#include <vector>

namespace benchtop::iam {

// Without session and resource policies. `name` of a user or role.
policy::PolicySet policies_of(
    const store::ReadTx& tx,
    store::PrincipalKind kind,
    std::string_view account,
    std::string_view name
);

// One document as a NamedPolicy; nothing when it is damaged: then it grants nothing.
void add_policy(
    std::vector<policy::NamedPolicy>& set,
    std::string_view document,
    std::string name,
    std::string arn
);

} // namespace benchtop::iam
