// Who calls, and the Principal element of resource and trust policies.
//
// Rules: IAM User Guide, "AWS JSON policy elements: Principal".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::policy {

struct Principal {
    enum class Kind { Anonymous, Root, User, AssumedRole, Service };
    Kind kind = Kind::Anonymous;
    std::string account;  // 12 digits; "" for Anonymous and Service
    std::string arn;      // user ARN, session ARN, root ARN
    std::string role_arn; // AssumedRole: the role behind the session
    std::string user_id;  // aws:userid
    std::string username; // User only
    std::string service;  // Service only, "s3.amazonaws.com"
    // aws:PrincipalTag: of the user or role, and over them those the session was given.
    std::vector<std::pair<std::string, std::string>> tags{};
    std::vector<std::string> transitive_tag_keys{}; // AssumedRole: go into sessions it makes
    std::string source_identity{};                  // aws:SourceIdentity
    std::string token_issued_at{};                  // temporary credentials: aws:TokenIssueTime
};

// How closely a Principal element names the caller; later ones are closer.
enum class PrincipalMatch {
    No,
    Account,  // names the whole account: delegates to its identity policies
    Everyone, // "*"
    Role,     // names the role behind the session
    Direct,   // names the user, the session, the root user or the service itself
};

struct PrincipalPattern {
    enum class Kind { Everyone, Account, Arn, UniqueId, Service, Other };
    Kind kind = Kind::Other; // Other: CanonicalUser and Federated name nobody who calls here
    std::string value;       // account number, ARN, unique id or service name

    // One value of {"AWS": ...}; nullopt when it is nothing a principal can look like.
    static std::optional<PrincipalPattern> parse_aws(std::string_view text);

    PrincipalMatch matches(const Principal& principal) const;
};

// True for the name of a service that can be trusted, such as "lambda.amazonaws.com".
bool is_known_service(std::string_view name);

} // namespace benchtop::policy
