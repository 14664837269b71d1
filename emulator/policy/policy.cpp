#include "emulator/policy/policy.hpp"

#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <array>

namespace benchtop::policy {
namespace {

// Keys whose fixed values make an Allow for "*" non-public.
constexpr std::array<std::string_view, 13> narrowing_keys = {
    "aws:SourceIp",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceOwner",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:userid",
    "s3:DataAccessPointArn",
    "s3:DataAccessPointAccount",
};

// Ranges wider than /8 (IPv4) and /32 (IPv6) keep nobody out.
bool is_broad_range(std::string_view value) {
    const auto range = parse_ip_range(value);
    return range && range->prefix_bits < (range->base.v6 ? 32U : 8U);
}

bool narrows(const Condition& condition) {
    const bool known_key =
        std::any_of(narrowing_keys.begin(), narrowing_keys.end(), [&](std::string_view key) {
            return iequals(key, condition.key());
        });
    if (!known_key || condition.is_negated() || condition.is_if_exists()) {
        return false;
    }
    return std::none_of(
        condition.values().begin(),
        condition.values().end(),
        [](const std::string& value) {
            return value == "*" || value.find("${") != std::string::npos || is_broad_range(value);
        }
    );
}

} // namespace

std::vector<std::string_view> Policy::principal_names() const {
    std::vector<std::string_view> names;
    for (const Statement& statement : statements_) {
        for (const PrincipalPattern& principal : statement.principals) {
            if (principal.kind == PrincipalPattern::Kind::Arn ||
                principal.kind == PrincipalPattern::Kind::UniqueId) {
                names.push_back(principal.value);
            }
        }
    }
    return names;
}

bool Policy::is_public() const {
    return std::any_of(statements_.begin(), statements_.end(), [](const Statement& statement) {
        const bool everyone =
            statement.not_principal ||
            std::any_of(
                statement.principals.begin(),
                statement.principals.end(),
                [](const PrincipalPattern& p) { return p.kind == PrincipalPattern::Kind::Everyone; }
            );
        return !statement.denies && everyone &&
               std::none_of(statement.conditions.begin(), statement.conditions.end(), narrows);
    });
}

Result<void> Policy::check_bucket(std::string_view bucket) const {
    const std::string arn = "arn:aws:s3:::" + std::string(bucket);
    for (const Statement& statement : statements_) {
        for (const ArnPattern& resource : statement.resources) {
            std::string_view text = resource.text();
            // The bucket itself, or a pattern that begins inside it.
            const bool inside =
                text.starts_with(arn) &&
                (text.size() == arn.size() || text[arn.size()] == '/' || text[arn.size()] == '*');
            if (!inside) {
                return AwsError(400, "MalformedPolicy", "Policy has invalid resource");
            }
        }
    }
    return {};
}

} // namespace benchtop::policy
