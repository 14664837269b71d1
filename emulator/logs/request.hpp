// What the operations have in common: which group a request names, what it asks permission for,
// and the tokens of its pages.
#pragma once

#include "emulator/logs/model.hpp"
#include "emulator/service/operation.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::logs {

// A group of the caller's account in the region the request was sent to.
GroupId group_id(const service::Call& call, std::string_view name);

// logGroupName, or the name in logGroupIdentifier (a name or an ARN). An ARN of another account or
// region names no group here.
Result<GroupId> named_group(const service::Call& call);

// As named_group, and the group is there.
Result<Group> require_group(const store::ReadTx& tx, const service::Call& call);

// One permission on what the request names. AWS puts "log-group:NAME:log-stream:STREAM" into its
// denials, STREAM empty for what concerns the whole group (seen in users' reports of 2024), and so
// must match a policy's "log-group:NAME:*".
Result<std::vector<service::AccessRequest>>
access_to_group(const store::ReadTx& tx, const service::Call& call, std::string_view action);
// Likewise for the stream `logStreamName`.
Result<std::vector<service::AccessRequest>>
access_to_stream(const store::ReadTx& tx, const service::Call& call, std::string_view action);
// The conditions aws:ResourceTag/... of a group.
void add_resource_tags(service::AccessRequest& request, const Group& group);

Response json_answer(std::string text);
Response empty_answer();

// A page token holds a text, opaque to clients; nullopt: we never gave it.
std::string page_token(std::string_view text);
std::optional<std::string> page_of(std::string_view token);

} // namespace benchtop::logs
