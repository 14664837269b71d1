#include "emulator/iam/request.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/iam/errors.hpp"
#include "emulator/protocol/query_answer.hpp"

#include <algorithm>
#include <charconv>

namespace benchtop::iam {
namespace {

constexpr std::string_view kXmlns = "https://iam.amazonaws.com/doc/2010-05-08/";
constexpr std::size_t kItemsMax = 1000;
constexpr std::size_t kItemsDefault = 100;
constexpr std::size_t kTagsMax = 50;

bool is_name_character(char c) {
    constexpr std::string_view others = "_+=,.@-";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
}

// "RoleName" is 'roleName' in AWS's sentences.
std::string member_name(std::string_view parameter) {
    std::string name(parameter);
    name[0] = static_cast<char>(name[0] - 'A' + 'a');
    return name;
}

Result<void> check(const protocol::Constraints& constraints) {
    if (const std::string text = constraints.message(); !text.empty()) {
        return validation_error(text);
    }
    return {};
}

} // namespace

Response answer(const service::Call& call, std::string_view action, protocol::XmlWriter result) {
    return protocol::query_answer(kXmlns, action, std::move(result).take(), call.request_id);
}

Response answer(const service::Call& call, std::string_view action) {
    return protocol::query_answer(kXmlns, action, "", call.request_id);
}

protocol::XmlWriter result_writer() {
    return protocol::XmlWriter::fragment(protocol::Quotes::Keep);
}

std::string date_text(UtcInstant at) {
    return to_iso8601_s(at);
}

std::string encoded_document(std::string_view document) {
    return percent_encode(document, SlashRule::Encode);
}

void write_tags(protocol::XmlWriter& xml, const Tags& tags) {
    xml.open("Tags");
    for (const auto& [key, value] : tags) {
        xml.open("member").element("Key", key).element("Value", value).close();
    }
    xml.close();
}

Result<std::string> required(const service::Call& call, std::string_view parameter) {
    const auto given = call.parameters.find(parameter);
    if (!given || given->empty()) {
        protocol::Constraints constraints;
        if (!given) {
            constraints.required(member_name(parameter), false);
        } else {
            constraints.broken(
                member_name(parameter), "''", "Member must have length greater than or equal to 1"
            );
        }
        return check(constraints).error();
    }
    return std::string(*given);
}

Result<std::string>
required_name(const service::Call& call, std::string_view parameter, std::size_t most) {
    auto given = required(call, parameter);
    if (!given) {
        return given.error();
    }
    protocol::Constraints constraints;
    constraints.length(member_name(parameter), *given, most);
    constraints.pattern(
        member_name(parameter),
        *given,
        std::all_of(given->begin(), given->end(), is_name_character),
        R"([\w+=,.@-]+)"
    );
    if (auto kept = check(constraints); !kept) {
        return kept.error();
    }
    return given;
}

Result<std::string> path_of(const service::Call& call) {
    const auto given = call.parameters.find("Path");
    if (!given) {
        return std::string("/");
    }
    const bool shaped =
        given->starts_with('/') && given->ends_with('/') && given->size() <= 512 &&
        std::all_of(given->begin(), given->end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!shaped) {
        return validation_error("The specified value for path is invalid. It must begin and end "
                                "with / and contain only alphanumeric characters and/or / "
                                "characters.");
    }
    return std::string(*given);
}

std::vector<std::string> members_of(const service::Call& call, std::string_view name) {
    std::vector<std::string> values;
    for (std::size_t n = 1; n <= 1000; ++n) {
        const auto value = call.parameters.find(std::string(name) + ".member." + std::to_string(n));
        if (!value) {
            break;
        }
        values.emplace_back(*value);
    }
    return values;
}

Result<Tags> tags_of(const service::Call& call) {
    Tags tags;
    for (std::size_t n = 1;; ++n) {
        const std::string prefix = "Tags.member." + std::to_string(n) + ".";
        const auto key = call.parameters.find(prefix + "Key");
        if (!key) {
            break;
        }
        const auto value = call.parameters.find(prefix + "Value");
        if (key->empty() || key->size() > 128 || (value && value->size() > 256)) {
            return validation_error("The tag key or value is not of a valid length.");
        }
        if (key->starts_with("aws:")) {
            return invalid_input("Tag keys that begin with aws: are reserved for AWS.");
        }
        const bool twice = std::any_of(tags.begin(), tags.end(), [&](const auto& tag) {
            return iequals(tag.first, *key);
        });
        if (twice) {
            return invalid_input(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive."
            );
        }
        tags.emplace_back(*key, value.value_or(""));
        if (tags.size() > kTagsMax) {
            return limit_exceeded(
                "The number of tags has reached the maximum limit for this resource."
            );
        }
    }
    return tags;
}

std::size_t counted_characters(std::string_view document) {
    return static_cast<std::size_t>(std::count_if(document.begin(), document.end(), [](char c) {
        return c != ' ' && c != '\t' && c != '\n' && c != '\r';
    }));
}

Result<std::string> document_of(
    const service::Call& call,
    std::string_view parameter,
    policy::PolicyKind kind,
    std::size_t most,
    std::string_view quota
) {
    auto document = required(call, parameter);
    if (!document) {
        return document.error();
    }
    if (auto parsed = policy::parse_policy(*document, kind); !parsed) {
        return parsed.error();
    }
    if (counted_characters(*document) > most) {
        return limit_exceeded(
            "Cannot exceed quota for " + std::string(quota) + ": " + std::to_string(most)
        );
    }
    return document;
}

Result<void> write_page(
    const service::Call& call,
    protocol::XmlWriter& xml,
    std::string_view list,
    std::size_t size,
    const std::function<void(std::size_t)>& write_item
) {
    std::size_t count = kItemsDefault;
    if (const auto given = call.parameters.find("MaxItems")) {
        std::size_t number = 0;
        const auto [end, ec] =
            std::from_chars(given->data(), given->data() + given->size(), number);
        if (ec != std::errc{} || end != given->data() + given->size()) {
            return AwsError(400, "MalformedInput", "MaxItems is not a number.");
        }
        protocol::Constraints constraints;
        constraints.range(
            "maxItems",
            static_cast<std::int64_t>(std::min<std::size_t>(number, INT32_MAX)),
            1,
            kItemsMax
        );
        if (auto kept = check(constraints); !kept) {
            return kept.error();
        }
        count = number;
    }
    std::size_t first = 0;
    if (const auto marker = call.parameters.find("Marker")) {
        const auto text = from_base64(*marker);
        if (!text ||
            std::from_chars(text->data(), text->data() + text->size(), first).ec != std::errc{}) {
            return validation_error("Invalid Marker.");
        }
    }
    const std::size_t end = std::min(size, first + count);
    if (first >= end) {
        xml.empty(list);
    } else {
        xml.open(list);
        for (std::size_t i = first; i < end; ++i) {
            write_item(i);
        }
        xml.close();
    }
    xml.element("IsTruncated", end < size);
    if (end < size) {
        xml.element("Marker", to_base64(as_bytes(std::to_string(end))));
    }
    return {};
}

AwsError no_role(std::string_view name) {
    return no_such_entity("The role with name " + std::string(name) + " cannot be found.");
}

AwsError no_user(std::string_view name) {
    return no_such_entity("The user with name " + std::string(name) + " cannot be found.");
}

AwsError no_group(std::string_view name) {
    return no_such_entity("The group with name " + std::string(name) + " cannot be found.");
}

AwsError no_policy(std::string_view arn) {
    return no_such_entity("Policy " + std::string(arn) + " was not found.");
}

Result<store::Role> require_role(const store::ReadTx& tx, const service::Call& call) {
    const auto name = required_name(call, "RoleName");
    if (!name) {
        return name.error();
    }
    auto role = tx.find_role(call.account(), *name);
    if (!role) {
        return no_role(*name);
    }
    return *std::move(role);
}

Result<store::User> require_user(const store::ReadTx& tx, const service::Call& call) {
    const auto name = required_name(call, "UserName");
    if (!name) {
        return name.error();
    }
    auto user = tx.find_user(call.account(), *name);
    if (!user) {
        return no_user(*name);
    }
    return *std::move(user);
}

Result<store::User> user_or_caller(const store::ReadTx& tx, const service::Call& call) {
    if (call.parameters.has("UserName")) {
        return require_user(tx, call);
    }
    auto user = tx.find_user(call.account(), call.context.caller.username);
    if (!user) {
        return validation_error("Must specify userName when calling with non-User credentials");
    }
    return *std::move(user);
}

Result<Group> require_group(const store::ReadTx& tx, const service::Call& call) {
    const auto name = required_name(call, "GroupName", 128);
    if (!name) {
        return name.error();
    }
    auto group = find_group(tx, call.account(), *name);
    if (!group) {
        return no_group(*name);
    }
    return *std::move(group);
}

Result<ManagedPolicy> require_policy(const store::ReadTx& tx, const service::Call& call) {
    const auto arn = required(call, "PolicyArn");
    if (!arn) {
        return arn.error();
    }
    if (!arn->starts_with("arn:")) {
        return validation_error("Invalid ARN:  Could not be parsed!");
    }
    auto policy = find_policy(tx, call.account(), *arn);
    if (!policy) {
        return no_policy(*arn);
    }
    return *std::move(policy);
}

Result<std::string>
require_entity(const store::ReadTx& tx, const service::Call& call, const Entity& entity) {
    switch (entity.kind) {
    case store::PrincipalKind::Role: {
        auto role = require_role(tx, call);
        if (!role) {
            return role.error();
        }
        return std::move(role->name);
    }
    case store::PrincipalKind::Group: {
        auto group = require_group(tx, call);
        if (!group) {
            return group.error();
        }
        return std::move(group->name);
    }
    default: {
        auto user = require_user(tx, call);
        if (!user) {
            return user.error();
        }
        return std::move(user->name);
    }
    }
}

std::string entity_arn(
    const store::ReadTx& tx, std::string_view account, const Entity& entity, std::string_view name
) {
    std::string path = "/";
    if (entity.kind == store::PrincipalKind::Role) {
        if (const auto role = tx.find_role(account, name)) {
            path = role->path;
        }
    } else if (entity.kind == store::PrincipalKind::User) {
        if (const auto user = tx.find_user(account, name)) {
            path = user->path;
        }
    } else if (const auto group = find_group(tx, account, name)) {
        path = group->path;
    }
    return "arn:aws:iam::" + std::string(account) + ":" + std::string(entity.label) + path +
           std::string(name);
}

std::vector<service::AccessRequest>
on(const service::Call& call, std::string_view action, std::string resource) {
    service::AccessRequest request{
        std::string(action), std::move(resource), call.account(), "", {}};
    for (std::size_t n = 1; n <= kTagsMax; ++n) {
        const std::string prefix = "Tags.member." + std::to_string(n) + ".";
        const auto key = call.parameters.find(prefix + "Key");
        if (!key) {
            break;
        }
        request.conditions.emplace_back(
            "aws:RequestTag/" + std::string(*key), call.parameter(prefix + "Value")
        );
        request.conditions.emplace_back("aws:TagKeys", *key);
    }
    for (const std::string& key : members_of(call, "TagKeys")) {
        request.conditions.emplace_back("aws:TagKeys", key);
    }
    return {std::move(request)};
}

void add_resource_tags(
    const store::ReadTx& tx,
    const Entity& entity,
    std::string_view name,
    std::vector<service::AccessRequest>& requests
) {
    const std::string& account = requests.front().resource_account;
    Tags tags;
    if (entity.kind == store::PrincipalKind::Role) {
        if (const auto role = tx.find_role(account, name)) {
            tags = parse_details(role->details).tags;
        }
    } else if (const auto user = tx.find_user(account, name)) {
        tags = parse_details(user->details).tags;
    }
    for (const auto& [key, value] : tags) {
        requests.front().conditions.emplace_back("aws:ResourceTag/" + key, value);
        requests.front().conditions.emplace_back("iam:ResourceTag/" + key, value);
    }
}

} // namespace benchtop::iam
