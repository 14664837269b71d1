#include "emulator/lambda/names.hpp"

#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/errors.hpp"

#include <algorithm>
#include <vector>

namespace benchtop::lambda {
namespace {

constexpr std::size_t kNameBytesMax = 64;

constexpr std::string_view kCreatePattern =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?)";
constexpr std::string_view kOtherPattern =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?)";

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t colon = std::min(text.find(':'), text.size());
        parts.push_back(text.substr(0, colon));
        if (colon == text.size()) {
            return parts;
        }
        text.remove_prefix(colon + 1);
    }
}

bool is_account(std::string_view text) {
    return text.size() == 12 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_qualifier(std::string_view text) {
    return text == store::kLatestVersion || is_identifier(text);
}

bool is_plain_name(std::string_view text, NameUse use) {
    std::string name(text);
    if (use == NameUse::Other) {
        std::erase(name, '.');
    }
    return is_identifier(name);
}

// Takes the parts of an ARN off the front; the rest is NAME or NAME:QUALIFIER.
bool take_parts(std::vector<std::string_view>& parts, FunctionName& out) {
    if (parts.front() == "arn") {
        if (parts.size() < 7 || !parts[1].starts_with("aws") || parts[2] != "lambda" ||
            !is_account(parts[4]) || parts[5] != "function") {
            return false;
        }
        out.region = parts[3];
        out.account = parts[4];
        parts.erase(parts.begin(), parts.begin() + 6);
        return true;
    }
    if (parts.size() >= 3 && is_account(parts[0]) && parts[1] == "function") {
        out.account = parts[0];
        parts.erase(parts.begin(), parts.begin() + 2);
    } else if (parts.size() >= 2 && parts[0] == "function") {
        parts.erase(parts.begin());
    }
    return true;
}

} // namespace

Result<FunctionName> parse_function_name(
    const service::Call& call, std::string_view given, std::string_view qualifier, NameUse use
) {
    FunctionName name;
    name.account = call.account();
    name.region = call.context.region;
    auto parts = split(given);
    const bool shaped = take_parts(parts, name) && parts.size() <= 2 &&
                        is_plain_name(parts[0], use) &&
                        (parts.size() == 1 || is_qualifier(parts[1]));
    if (!shaped) {
        Constraints constraints;
        constraints.pattern(
            "functionName", given, false, use == NameUse::Create ? kCreatePattern : kOtherPattern
        );
        return constraints.check().error();
    }
    if (parts[0].size() > kNameBytesMax) {
        return invalid_parameter(
            "1 validation error detected: Value '" + std::string(given) +
            "' at 'functionName' failed to satisfy constraint: Member must have length less than "
            "or equal to 64"
        );
    }
    name.name = parts[0];
    if (parts.size() == 2) {
        name.qualifier = parts[1];
    }
    if (!qualifier.empty()) {
        if (!is_qualifier(qualifier)) {
            Constraints constraints;
            constraints.pattern("qualifier", qualifier, false, R"((|[a-zA-Z0-9$_-]+))");
            return constraints.check().error();
        }
        if (!name.qualifier.empty() && name.qualifier != qualifier) {
            return invalid_parameter("The derived qualifier from the function name does not match "
                                     "the specified qualifier.");
        }
        name.qualifier = qualifier;
    }
    if (name.region != call.context.region) {
        return not_found(
            "Functions from '" + name.region + "' are not reachable in this region ('" +
            std::string(call.context.region) + "')"
        );
    }
    return name;
}

Result<FunctionName> named_function(const service::Call& call) {
    const Query query = Query::parse(call.head.query());
    return parse_function_name(call, call.labels.at(0), query.get("Qualifier"), NameUse::Other);
}

std::optional<Found> find(const store::ReadTx& tx, const FunctionName& name) {
    if (name.qualifier.empty()) {
        auto function = tx.find_function(name.account, name.region, name.name);
        return function ? std::optional(Found{*std::move(function), std::nullopt}) : std::nullopt;
    }
    auto alias = tx.find_function_alias(name.account, name.region, name.name, name.qualifier);
    auto function = tx.find_function(
        name.account,
        name.region,
        name.name,
        alias ? std::string_view(alias->version) : std::string_view(name.qualifier)
    );
    if (!function) {
        return std::nullopt;
    }
    return Found{*std::move(function), std::move(alias)};
}

Result<Found> require(const store::ReadTx& tx, const FunctionName& name) {
    auto found = find(tx, name);
    if (!found) {
        return function_not_found(name.qualified_arn());
    }
    return *std::move(found);
}

Result<std::vector<service::AccessRequest>>
access_to_function(const store::ReadTx& tx, const service::Call& call, std::string_view action) {
    auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto found = find(tx, *name);
    if (!found && name->account != call.account()) {
        // Nobody learns what another account has (recorded: Message is null).
        return AwsError(403, "AccessDeniedException", "").with("Message", "");
    }
    service::AccessRequest request;
    request.action = action;
    request.resource = name->qualified_arn();
    request.resource_account = name->account;
    if (found) {
        request.resource_policy = found->alias ? found->alias->policy : found->function.policy;
    }
    return std::vector{std::move(request)};
}

std::vector<service::AccessRequest>
access_to_all(const service::Call& call, std::string_view action) {
    return {{std::string(action), "*", call.account(), "", {}}};
}

} // namespace benchtop::lambda
