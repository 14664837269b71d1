// What IAM's operations have in common: parameters, names, pages, answers.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/iam/model.hpp"
#include "emulator/protocol/constraints.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/service/operation.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::iam {

using Access = Result<std::vector<service::AccessRequest>>;

Response answer(const service::Call& call, std::string_view action, protocol::XmlWriter result);
Response answer(const service::Call& call, std::string_view action); // without output

protocol::XmlWriter result_writer();
std::string date_text(UtcInstant at);
// RFC 3986 percent-encoding: how documents are answered.
std::string encoded_document(std::string_view document);
void write_tags(protocol::XmlWriter& xml, const Tags& tags);

// A required name of at most `most` characters [\w+=,.@-]; `member` as AWS names it ("roleName").
Result<std::string>
required_name(const service::Call& call, std::string_view parameter, std::size_t most = 64);
Result<std::string> required(const service::Call& call, std::string_view parameter);
// Path: begins and ends with '/', at most 512 characters; "/" when not given.
Result<std::string> path_of(const service::Call& call);
// Tags.member.N.Key and .Value; 50 at most.
Result<Tags> tags_of(const service::Call& call);
// NAME.member.N
std::vector<std::string> members_of(const service::Call& call, std::string_view name);
// A policy document: parsed, and no longer than `most` characters that are not white space.
Result<std::string> document_of(
    const service::Call& call,
    std::string_view parameter,
    policy::PolicyKind kind,
    std::size_t most,
    std::string_view quota
);
std::size_t counted_characters(std::string_view document);

// MaxItems and Marker over a list of `size`; writes IsTruncated and Marker after the items.
Result<void> write_page(
    const service::Call& call,
    protocol::XmlWriter& xml,
    std::string_view list,
    std::size_t size,
    const std::function<void(std::size_t)>& write_item
);

AwsError no_role(std::string_view name);
AwsError no_user(std::string_view name);
AwsError no_group(std::string_view name);
AwsError no_policy(std::string_view arn);

Result<store::Role> require_role(const store::ReadTx& tx, const service::Call& call);
Result<store::User> require_user(const store::ReadTx& tx, const service::Call& call);
// The user of UserName, or the caller when it is not given.
Result<store::User> user_or_caller(const store::ReadTx& tx, const service::Call& call);
Result<Group> require_group(const store::ReadTx& tx, const service::Call& call);
Result<ManagedPolicy> require_policy(const store::ReadTx& tx, const service::Call& call);

// The kinds of what has policies, with the names that differ.
struct Entity {
    store::PrincipalKind kind;
    std::string_view parameter; // "RoleName"
    std::string_view label;     // "role"
    std::size_t inline_max;     // characters of all inline policies
};

inline constexpr Entity kRole{store::PrincipalKind::Role, "RoleName", "role", 10240};
inline constexpr Entity kUser{store::PrincipalKind::User, "UserName", "user", 2048};
inline constexpr Entity kGroup{store::PrincipalKind::Group, "GroupName", "group", 5120};

// The name, when there is such an entity.
Result<std::string>
require_entity(const store::ReadTx& tx, const service::Call& call, const Entity& entity);
// Its ARN, also when it is not there (with the path "/").
std::string entity_arn(
    const store::ReadTx& tx, std::string_view account, const Entity& entity, std::string_view name
);

// One permission on what the named parameter means.
std::vector<service::AccessRequest>
on(const service::Call& call, std::string_view action, std::string resource);
// What a user or role is tagged with, as condition keys of the first request.
void add_resource_tags(
    const store::ReadTx& tx,
    const Entity& entity,
    std::string_view name,
    std::vector<service::AccessRequest>& requests
);

} // namespace benchtop::iam
