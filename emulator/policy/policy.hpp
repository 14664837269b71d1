// Policy documents, parsed once into what evaluation needs.
//
// Rules: IAM User Guide, "IAM JSON policy elements reference". Texts of refused documents are
// IAM's (code MalformedPolicyDocument) or S3's (code MalformedPolicy).
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/policy/condition.hpp"
#include "emulator/policy/pattern.hpp"
#include "emulator/policy/principal.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace benchtop::policy {

enum class PolicyKind {
    Identity, // attached to a user or role; also boundaries and session policies
    Resource, // bucket policy, function policy
    Trust,    // AssumeRolePolicyDocument: a resource policy without Resource
};

// Whose error code and texts a refused document gets.
enum class PolicyFlavour { Iam, S3 };

constexpr std::size_t policy_bytes_max = 64 * 1024;

struct Statement {
    std::string sid;
    std::size_t index = 0; // from 1, as people count
    bool denies = false;
    bool not_action = false;
    bool not_resource = false;
    bool not_principal = false;
    std::vector<Pattern> actions;
    std::vector<std::string> action_texts;    // as written, for reasons
    std::vector<ArnPattern> resources;        // empty in trust policies: matches every resource
    std::vector<PrincipalPattern> principals; // empty in identity policies: matches every caller
    std::vector<Condition> conditions;
};

class Policy {
public:
    Policy(PolicyKind kind, std::vector<Statement> statements)
        : kind_(kind)
        , statements_(std::move(statements)) {}

    PolicyKind kind() const { return kind_; }

    const std::vector<Statement>& statements() const { return statements_; }

    // User, role and session ARNs and unique ids the policy names: the caller checks they exist.
    std::vector<std::string_view> principal_names() const;
    // An Allow for everyone that no condition narrows: what BlockPublicPolicy refuses (S3 User
    // Guide, "Blocking public access to your Amazon S3 storage").
    bool is_public() const;
    // Every Resource lies in `bucket`; else S3's 400 MalformedPolicy "Policy has invalid resource".
    Result<void> check_bucket(std::string_view bucket) const;

private:
    PolicyKind kind_;
    std::vector<Statement> statements_;
};

// Refuses documents over policy_bytes_max, deeper than 32 levels, or not of the policy language.
Result<Policy>
parse_policy(std::string_view json, PolicyKind kind, PolicyFlavour flavour = PolicyFlavour::Iam);

} // namespace benchtop::policy
