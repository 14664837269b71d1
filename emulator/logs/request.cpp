#include "emulator/logs/request.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/logs/checks.hpp"
#include "emulator/logs/errors.hpp"
#include "emulator/protocol/json_input.hpp"

#include <algorithm>

namespace benchtop::logs {
namespace {

constexpr std::size_t kIdentifierMax = 2048;

// "" when the identifier is an ARN of another place.
std::string name_of_identifier(const service::Call& call, const std::string& identifier) {
    if (!identifier.starts_with("arn:")) {
        return identifier;
    }
    const std::string begin = group_id(call, "").arn();
    return identifier.starts_with(begin) ? identifier.substr(begin.size()) : std::string();
}

Result<std::vector<service::AccessRequest>> access_to(
    const store::ReadTx& tx,
    const service::Call& call,
    std::string_view action,
    std::string_view stream
) {
    const protocol::JsonInput json(call.json);
    auto name = json.string("logGroupName");
    auto identifier = json.string("logGroupIdentifier");
    if (!name) {
        return name.error();
    }
    if (!identifier) {
        return identifier.error();
    }
    GroupId id = group_id(
        call,
        *name         ? **name
        : *identifier ? name_of_identifier(call, **identifier)
                      : std::string()
    );
    service::AccessRequest request;
    request.action = "logs:" + std::string(action);
    request.resource = id.arn() + ":log-stream:" + std::string(stream);
    request.resource_account = id.account;
    if (const auto group = find_group(tx, id)) {
        add_resource_tags(request, *group);
    }
    return std::vector{std::move(request)};
}

} // namespace

GroupId group_id(const service::Call& call, std::string_view name) {
    return {call.account(), std::string(call.context.region), std::string(name)};
}

Result<GroupId> named_group(const service::Call& call) {
    const protocol::JsonInput json(call.json);
    auto name = json.string("logGroupName");
    auto identifier = json.string("logGroupIdentifier");
    if (!name) {
        return name.error();
    }
    if (!identifier) {
        return identifier.error();
    }
    if (*name && *identifier) {
        return name_and_identifier();
    }
    Checks checks;
    checks.group_name("logGroupName", *name);
    checks.length("logGroupIdentifier", *identifier, 1, kIdentifierMax);
    if (*identifier && std::any_of((*identifier)->begin(), (*identifier)->end(), [](char c) {
            constexpr std::string_view others = "_#+=/:,.@-";
            return !(
                (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                others.find(c) != std::string_view::npos
            );
        })) {
        checks.fail(
            "logGroupIdentifier",
            *identifier,
            R"(satisfy regular expression pattern: [\w#+=/:,.@-]*)"
        );
    }
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    if (*name) {
        return group_id(call, **name);
    }
    if (!*identifier) {
        return name_or_identifier_missing();
    }
    return group_id(call, name_of_identifier(call, **identifier));
}

Result<Group> require_group(const store::ReadTx& tx, const service::Call& call) {
    auto id = named_group(call);
    if (!id) {
        return id.error();
    }
    auto group = find_group(tx, *id);
    if (!group) {
        return no_such_group();
    }
    return *std::move(group);
}

Result<std::vector<service::AccessRequest>>
access_to_group(const store::ReadTx& tx, const service::Call& call, std::string_view action) {
    return access_to(tx, call, action, "");
}

Result<std::vector<service::AccessRequest>>
access_to_stream(const store::ReadTx& tx, const service::Call& call, std::string_view action) {
    auto stream = protocol::JsonInput(call.json).string("logStreamName");
    if (!stream) {
        return stream.error();
    }
    return access_to(tx, call, action, stream->value_or(""));
}

void add_resource_tags(service::AccessRequest& request, const Group& group) {
    for (const auto& [key, value] : group.tags) {
        request.conditions.emplace_back("aws:ResourceTag/" + key, value);
    }
}

Response json_answer(std::string text) {
    Response response;
    response.body = std::move(text);
    return response;
}

Response empty_answer() {
    return {};
}

std::string page_token(std::string_view text) {
    return to_base64(as_bytes(text));
}

std::optional<std::string> page_of(std::string_view token) {
    return from_base64(token);
}

} // namespace benchtop::logs
