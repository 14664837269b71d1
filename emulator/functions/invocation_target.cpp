#include "emulator/functions/invocation_target.hpp"

#include "emulator/policy/evaluate.hpp"
#include "emulator/policy/trust.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>

namespace benchtop::functions {

namespace {

// The first N fields of "a:b:c..."; the last one takes the rest. nullopt: fewer.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> split_arn(std::string_view arn) {
    std::array<std::string_view, N> fields;
    for (std::size_t i = 0; i + 1 < N; ++i) {
        const std::size_t colon = arn.find(':');
        if (colon == std::string_view::npos) {
            return std::nullopt;
        }
        fields[i] = arn.substr(0, colon);
        arn.remove_prefix(colon + 1);
    }
    fields[N - 1] = arn;
    return fields;
}

policy::Principal service_principal(std::string_view service) {
    policy::Principal principal;
    principal.kind = policy::Principal::Kind::Service;
    principal.service = service;
    return principal;
}

} // namespace

std::optional<FunctionArn> parse_function_arn(std::string_view arn) {
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME
    const auto fields = split_arn<7>(arn);
    if (!fields || (*fields)[0] != "arn" || (*fields)[2] != "lambda" ||
        (*fields)[5] != "function") {
        return std::nullopt;
    }
    const std::string_view name = (*fields)[6];
    const std::size_t colon = std::min(name.find(':'), name.size());
    return FunctionArn{
        std::string((*fields)[4]),
        std::string((*fields)[3]),
        std::string(name.substr(0, colon)),
        std::string(name.substr(std::min(colon + 1, name.size())))};
}

std::optional<RoleName> parse_role_arn(std::string_view arn) {
    // arn:aws:iam::ACCOUNT:role/PATH/NAME
    const auto fields = split_arn<6>(arn);
    if (!fields || (*fields)[0] != "arn" || (*fields)[2] != "iam" ||
        !(*fields)[5].starts_with("role/")) {
        return std::nullopt;
    }
    const std::string_view resource = (*fields)[5];
    return RoleName{
        std::string((*fields)[4]), std::string(resource.substr(resource.rfind('/') + 1))};
}

bool service_may_invoke(
    std::string_view document,
    std::string_view function_arn,
    std::string_view function_account,
    const InvokeCaller& caller
) {
    if (document.empty()) {
        return false;
    }
    auto parsed = policy::parse_policy(document, policy::PolicyKind::Resource);
    if (!parsed) {
        return false;
    }
    policy::PolicySet policies;
    policies.resource = policy::NamedPolicy{
        std::make_shared<const policy::Policy>(*std::move(parsed)), "function policy", ""};
    policy::ConditionContext context;
    if (!caller.source_arn.empty()) {
        context.add("aws:SourceArn", caller.source_arn);
    }
    if (!caller.source_account.empty()) {
        context.add("aws:SourceAccount", caller.source_account);
    }
    const policy::Principal service = service_principal(caller.service);
    const policy::Request request{
        "lambda:InvokeFunction", function_arn, function_account, service, context};
    return policy::evaluate(request, policies).allowed();
}

namespace {

// What a qualifier names, with the resource policy that guards it: each version and alias has one
// of its own.
std::optional<store::Function>
find_qualified(const store::ReadTx& tx, const FunctionArn& arn, std::string_view qualifier) {
    if (qualifier.empty()) {
        return tx.find_function(arn.account, arn.region, arn.name);
    }
    const auto alias = tx.find_function_alias(arn.account, arn.region, arn.name, qualifier);
    auto function = tx.find_function(
        arn.account, arn.region, arn.name, alias ? std::string_view(alias->version) : qualifier
    );
    if (function && alias) {
        function->policy = alias->policy;
    }
    return function;
}

} // namespace

std::variant<InvocationTarget, Refusal> find_target(
    const store::ReadTx& tx,
    std::string_view function_arn,
    std::string_view given_qualifier,
    const InvokeCaller& caller
) {
    const auto arn = parse_function_arn(function_arn);
    const std::string qualifier =
        arn && given_qualifier.empty() ? arn->qualifier : std::string(given_qualifier);
    auto function = arn ? find_qualified(tx, *arn, qualifier) : std::nullopt;
    if (!function) {
        return Refusal{InvokeStatus::NotFound, fmt::format("Function not found: {}", function_arn)};
    }
    const std::string qualified =
        qualifier.empty() ? function->arn() : function->arn() + ":" + qualifier;
    // $LATEST has no policy of its own.
    const std::string guarded = qualifier == store::kLatestVersion ? function->arn() : qualified;
    if (!caller.service.empty() &&
        !service_may_invoke(function->policy, guarded, function->account, caller)) {
        return Refusal{
            InvokeStatus::NotPermitted,
            fmt::format(
                "The resource policy of {} does not let {} invoke it for {}.",
                function->name,
                caller.service,
                caller.source_arn
            )};
    }
    auto role_name = parse_role_arn(function->role_arn);
    const auto role = role_name ? tx.find_role(role_name->account, role_name->name) : std::nullopt;
    if (!role || !policy::service_may_assume(
                     role->trust_policy, function->role_arn, role->account, "lambda.amazonaws.com"
                 )) {
        return Refusal{
            InvokeStatus::ServiceError,
            "The role defined for the function cannot be assumed by Lambda."};
    }
    return InvocationTarget{*std::move(function), qualified, *std::move(role_name), tx.time_axis()};
}

} // namespace benchtop::functions
