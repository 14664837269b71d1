// What IAM keeps beside the store's own columns, as values: the details of users and roles, groups,
// managed policies and who has them.
#pragma once

#include "emulator/store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::iam {

using Tags = std::vector<std::pair<std::string, std::string>>;

// store::User::details and store::Role::details.
struct Details {
    std::string description;
    int max_session_s = 3600; // roles
    std::string boundary;     // ARN of a managed policy, "" for none
    Tags tags;
};

Details parse_details(std::string_view text);
std::string to_text(const Details& details);

struct Group {
    std::string account;
    std::string name;
    std::string path = "/";
    std::string group_id; // AGPA...
    UtcInstant created_at{};
};

struct PolicyVersion {
    std::string id; // "v1"
    std::string document;
    UtcInstant created_at{};
};

struct ManagedPolicy {
    std::string account; // "aws" for AWS's own
    std::string name;
    std::string path = "/";
    std::string policy_id; // ANPA...
    std::string description;
    std::string default_version = "v1";
    int last_version = 1;
    std::vector<PolicyVersion> versions; // oldest first
    UtcInstant created_at{};
    UtcInstant updated_at{};
    Tags tags;

    std::string arn() const { return "arn:aws:iam::" + account + ":policy" + path + name; }

    const PolicyVersion* version(std::string_view id) const;

    const PolicyVersion& current() const { return *version(default_version); }
};

// Names of IAM are unique without regard to case, and found only as they are written.
std::string user_arn(const store::User& user);
std::string role_arn(const store::Role& role);
std::string group_arn(const Group& group);

std::optional<Group>
find_group(const store::ReadTx& tx, std::string_view account, std::string_view name);
std::vector<Group> list_groups(const store::ReadTx& tx, std::string_view account);
void put_group(store::WriteTx& tx, const Group& group);
void delete_group(store::WriteTx& tx, const Group& group);

std::vector<std::string>
users_of_group(const store::ReadTx& tx, std::string_view account, std::string_view group);
std::vector<std::string>
groups_of_user(const store::ReadTx& tx, std::string_view account, std::string_view user);
void put_member(
    store::WriteTx& tx, std::string_view account, std::string_view group, std::string_view user
);
void delete_member(
    store::WriteTx& tx, std::string_view account, std::string_view group, std::string_view user
);

// Of the account, or one of AWS's own.
std::optional<ManagedPolicy>
find_policy(const store::ReadTx& tx, std::string_view account, std::string_view arn);
std::vector<ManagedPolicy> list_policies(const store::ReadTx& tx, std::string_view account);
void put_policy(store::WriteTx& tx, const ManagedPolicy& policy);
void delete_policy(store::WriteTx& tx, const ManagedPolicy& policy);

// Who a managed policy is attached to.
struct Attachment {
    store::PrincipalKind kind = store::PrincipalKind::Role;
    std::string entity; // name
    std::string policy_arn;
};

std::vector<Attachment> list_attachments(const store::ReadTx& tx, std::string_view account);
// Of one user, role or group, in the order of their ARNs.
std::vector<std::string> attached_policies(
    const store::ReadTx& tx,
    store::PrincipalKind kind,
    std::string_view account,
    std::string_view entity
);
void put_attachment(store::WriteTx& tx, std::string_view account, const Attachment& attachment);
void delete_attachment(store::WriteTx& tx, std::string_view account, const Attachment& attachment);

// Access keys that were made inactive.
bool is_active(const store::ReadTx& tx, const store::AccessKey& key);
void set_active(store::WriteTx& tx, const store::AccessKey& key, bool active);

} // namespace benchtop::iam
