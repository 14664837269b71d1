// Inside the policy room: does one statement apply to one request, and if not, what kept it.
#pragma once

#include "emulator/policy/evaluate.hpp"

namespace benchtop::policy {

// One request as the statements see it.
class Frame final : public KeySource {
public:
    explicit Frame(const Request& request);
    std::optional<std::string_view> value(std::string_view key, std::size_t n) const override;

    const Request& request() const { return request_; }

    const std::optional<ArnParts>& resource_parts() const { return resource_parts_; }

private:
    std::optional<std::string_view> derived_value(std::string_view key) const;

    const Request& request_;
    std::optional<ArnParts> resource_parts_;
};

enum class Obstacle { None, Principal, Action, Resource, Condition };

struct Verdict {
    Obstacle obstacle = Obstacle::None;
    PrincipalMatch principal = PrincipalMatch::No;
    const Condition* condition = nullptr; // Obstacle::Condition: the first that does not hold
};

Verdict check(const Statement& statement, const Frame& frame);

std::string describe_decider(const NamedPolicy& policy, const Statement& statement);
// Why no Allow statement of these policies applied.
std::string describe_near_misses(
    const std::vector<const NamedPolicy*>& policies, const Frame& frame, std::string_view what
);

} // namespace benchtop::policy
