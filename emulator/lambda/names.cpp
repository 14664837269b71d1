#include "emulator/lambda/names.hpp"

#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/details.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/lambda/tags.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace benchtop::lambda {
namespace {

constexpr std::size_t kNameBytesMax = 64;
// The models of FunctionName (CreateFunction) and NamespacedFunctionName.
constexpr std::size_t kGivenBytesMax = 140;
constexpr std::size_t kNamespacedBytesMax = 256;
constexpr std::size_t kQualifierBytesMax = 128;

constexpr std::string_view kCreatePattern =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?)";
constexpr std::string_view kOtherPattern =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?)";
constexpr std::string_view kQualifierPattern = R"(\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+)";

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

bool are_lower(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool are_of(std::string_view text, bool capitals) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               (capitals && c >= 'A' && c <= 'Z');
    });
}

// aws[a-zA-Z-]*, or nothing.
bool is_partition(std::string_view text) {
    return text.empty() ||
           (text.starts_with("aws") && std::all_of(text.begin() + 3, text.end(), [](char c) {
                return c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            }));
}

// A qualifier inside the name.
bool is_suffix(std::string_view text, NameUse use) {
    return text == store::kLatestVersion || is_identifier(text) ||
           (use == NameUse::Other && text == "$LATEST.PUBLISHED");
}

// The Qualifier parameter: a $ is allowed anywhere.
bool is_qualifier(std::string_view text) {
    std::string rest(text);
    std::erase(rest, '$');
    return text == "$LATEST.PUBLISHED" || (!text.empty() && (rest.empty() || is_identifier(rest)));
}

bool is_plain_name(std::string_view text, NameUse use) {
    std::string name(text);
    if (use == NameUse::Other) {
        std::erase(name, '.');
    }
    return is_identifier(name);
}

// Matches the pattern: each part before the name may be missing, and takes its place only when
// something is left to be the name ("arn:aws:lambda:R:A:function" names a function "function").
bool take_name(std::string_view given, NameUse use, FunctionName& out) {
    const std::vector<std::string_view> parts = split(given);
    std::size_t at = 0;
    const auto more = [&] { return at + 1 < parts.size(); };
    if (parts[0] == "arn") {
        if (parts.size() < 4 || !is_partition(parts[1]) || parts[2] != "lambda") {
            return false;
        }
        at = 3;
    }
    if (more() && is_region(parts[at])) {
        out.region = parts[at++];
    }
    if (more() && is_account(parts[at])) {
        out.account = parts[at++];
    }
    if (more() && parts[at] == "function") {
        ++at;
    }
    if (!is_plain_name(parts[at], use)) {
        return false;
    }
    out.name = parts[at++];
    if (at < parts.size()) {
        out.qualifier = parts[at++];
        return at == parts.size() && is_suffix(out.qualifier, use);
    }
    return true;
}

} // namespace

bool is_region(std::string_view text) {
    if (text.starts_with("eusc-")) {
        text.remove_prefix(5);
    }
    if (text.size() < 6 || !are_lower(text.substr(0, 2)) || text[2] != '-') {
        return false;
    }
    text.remove_prefix(3);
    const std::size_t last = text.rfind('-');
    if (last == std::string_view::npos || text.size() != last + 2 || text.back() < '0' ||
        text.back() > '9') {
        return false;
    }
    std::string_view place = text.substr(0, last);
    const std::size_t dash = place.find('-');
    if (dash != std::string_view::npos) {
        const std::string_view kind = place.substr(0, dash);
        const bool known = kind == "gov" || (kind.starts_with("iso") && kind.size() <= 4 &&
                                             are_lower(kind.substr(3)));
        if (!known) {
            return false;
        }
        place.remove_prefix(dash + 1);
    }
    return !place.empty() && are_lower(place);
}

bool is_arn(std::string_view arn) {
    std::array<std::string_view, 5> parts;
    for (std::string_view& part : parts) {
        const std::size_t colon = arn.find(':');
        if (colon == std::string_view::npos) {
            return false;
        }
        part = arn.substr(0, colon);
        arn.remove_prefix(colon + 1);
    }
    return parts[0] == "arn" && parts[1].starts_with("aws") && are_of(parts[1], true) &&
           !parts[2].empty() && are_of(parts[2], true) &&
           (parts[3].empty() || is_region(parts[3])) &&
           (parts[4].empty() || (parts[4].size() == 12 && is_version(parts[4])));
}

Result<FunctionName> parse_function_name(
    const service::Call& call, std::string_view given, std::string_view qualifier, NameUse use
) {
    FunctionName name;
    name.account = call.account();
    name.region = call.context.region;
    const bool creates = use == NameUse::Create;
    Constraints constraints;
    if (!qualifier.empty()) {
        constraints.length("qualifier", qualifier, kQualifierBytesMax);
        constraints.pattern("qualifier", qualifier, is_qualifier(qualifier), kQualifierPattern);
    }
    constraints.length("functionName", given, creates ? kGivenBytesMax : kNamespacedBytesMax);
    constraints.pattern(
        "functionName", given, take_name(given, use, name), creates ? kCreatePattern : kOtherPattern
    );
    if (auto kept = constraints.check(); !kept) {
        return kept.error();
    }
    if (creates && name.name.size() > kNameBytesMax) {
        return invalid_parameter(
            "1 validation error detected: Value '" + std::string(given) +
            "' at 'functionName' failed to satisfy constraint: Member must have length less than "
            "or equal to 64"
        );
    }
    if (!qualifier.empty()) {
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
        return other_account();
    }
    service::AccessRequest request;
    request.action = action;
    request.resource = name->qualified_arn();
    request.resource_account = name->account;
    if (found) {
        request.resource_policy = found->alias ? found->alias->policy : found->function.policy;
        if (const auto latest = tx.find_function(name->account, name->region, name->name)) {
            add_resource_tags(request, details_of(*latest).tags);
        }
    }
    return std::vector{std::move(request)};
}

bool is_version(std::string_view qualifier) {
    return !qualifier.empty() && std::all_of(qualifier.begin(), qualifier.end(), [](char c) {
        return c >= '0' && c <= '9';
    });
}

std::vector<service::AccessRequest>
access_to_all(const service::Call& call, std::string_view action) {
    return {{std::string(action), "*", call.account(), "", {}}};
}

} // namespace benchtop::lambda
