#include "emulator/iam/model.hpp"

#include "emulator/iam/aws_managed.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::iam {
namespace {

namespace json = boost::json;

// Parts of a document's key; no name has this character.
constexpr char kSeparator = '\n';

std::string space(std::string_view kind, std::string_view account) {
    return "iam/" + std::string(kind) + "/" + std::string(account);
}

std::string key_of(std::initializer_list<std::string_view> parts) {
    std::string key;
    for (const std::string_view part : parts) {
        key.append(key.empty() ? "" : "\n").append(part);
    }
    return key;
}

std::vector<std::string_view> parts_of(std::string_view key) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = std::min(key.find(kSeparator), key.size());
        parts.push_back(key.substr(0, end));
        if (end == key.size()) {
            return parts;
        }
        key.remove_prefix(end + 1);
    }
}

std::string text(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr ? std::string(value->get_string()) : std::string();
}

UtcInstant time(const json::object& object, std::string_view name) {
    return UtcInstant{microseconds{object.at(name).to_number<std::int64_t>()}};
}

Tags tags_in(const json::object& object) {
    Tags tags;
    if (const json::value* given = object.if_contains("tags")) {
        for (const auto& [key, value] : given->get_object()) {
            tags.emplace_back(key, value.get_string());
        }
    }
    return tags;
}

void write_tags(protocol::JsonWriter& out, const Tags& tags) {
    if (tags.empty()) {
        return;
    }
    out.key("tags").begin_object();
    for (const auto& [key, value] : tags) {
        out.member(key, value);
    }
    out.end_object();
}

ManagedPolicy
parse_policy(std::string_view account, std::string_view name, std::string_view given) {
    const json::value parsed = json::parse(given);
    const json::object& object = parsed.get_object();
    ManagedPolicy policy;
    policy.account = account;
    policy.name = name;
    policy.path = text(object, "path");
    policy.policy_id = text(object, "id");
    policy.description = text(object, "description");
    policy.default_version = text(object, "default");
    policy.last_version = object.at("last").to_number<int>();
    policy.created_at = time(object, "created");
    policy.updated_at = time(object, "updated");
    policy.tags = tags_in(object);
    for (const json::value& item : object.at("versions").get_array()) {
        const json::object& version = item.get_object();
        policy.versions.push_back(
            {text(version, "id"), text(version, "document"), time(version, "created")}
        );
    }
    return policy;
}

std::string kind_text(store::PrincipalKind kind) {
    return std::to_string(static_cast<int>(kind));
}

} // namespace

Details parse_details(std::string_view given) {
    Details details;
    if (given.empty()) {
        return details;
    }
    const json::value parsed = json::parse(given);
    const json::object& object = parsed.get_object();
    details.description = text(object, "description");
    details.max_session_s = object.at("maxSession").to_number<int>();
    details.boundary = text(object, "boundary");
    details.tags = tags_in(object);
    return details;
}

std::string to_text(const Details& details) {
    protocol::JsonWriter out;
    out.begin_object()
        .member("description", details.description)
        .member("maxSession", std::int64_t{details.max_session_s})
        .member("boundary", details.boundary);
    write_tags(out, details.tags);
    out.end_object();
    return std::move(out).take();
}

const PolicyVersion* ManagedPolicy::version(std::string_view id) const {
    const auto found = std::find_if(versions.begin(), versions.end(), [&](const auto& version) {
        return version.id == id;
    });
    return found == versions.end() ? nullptr : &*found;
}

std::string user_arn(const store::User& user) {
    return "arn:aws:iam::" + user.account + ":user" + user.path + user.name;
}

std::string role_arn(const store::Role& role) {
    return "arn:aws:iam::" + role.account + ":role" + role.path + role.name;
}

std::string group_arn(const Group& group) {
    return "arn:aws:iam::" + group.account + ":group" + group.path + group.name;
}

namespace {

Group parse_group(std::string_view account, std::string_view name, std::string_view given) {
    const json::value parsed = json::parse(given);
    const json::object& object = parsed.get_object();
    return {
        std::string(account),
        std::string(name),
        text(object, "path"),
        text(object, "id"),
        time(object, "created")};
}

} // namespace

std::optional<Group>
find_group(const store::ReadTx& tx, std::string_view account, std::string_view name) {
    const auto found = tx.find_document(space("group", account), name);
    return found ? std::optional(parse_group(account, name, *found)) : std::nullopt;
}

std::vector<Group> list_groups(const store::ReadTx& tx, std::string_view account) {
    std::vector<Group> groups;
    tx.scan_documents(
        space("group", account),
        "",
        [&](std::string_view name, std::string_view given) {
            groups.push_back(parse_group(account, name, given));
            return true;
        }
    );
    return groups;
}

void put_group(store::WriteTx& tx, const Group& group) {
    protocol::JsonWriter out;
    out.begin_object()
        .member("path", group.path)
        .member("id", group.group_id)
        .member("created", std::int64_t{group.created_at.time_since_epoch().count()})
        .end_object();
    tx.put_document(space("group", group.account), group.name, std::move(out).take());
}

void delete_group(store::WriteTx& tx, const Group& group) {
    tx.delete_document(space("group", group.account), group.name);
}

std::vector<std::string>
users_of_group(const store::ReadTx& tx, std::string_view account, std::string_view group) {
    std::vector<std::string> users;
    tx.scan_documents(
        space("member", account),
        key_of({group, ""}),
        [&](std::string_view key, std::string_view) {
            const auto parts = parts_of(key);
            if (parts[0] != group) {
                return false;
            }
            users.emplace_back(parts[1]);
            return true;
        }
    );
    return users;
}

std::vector<std::string>
groups_of_user(const store::ReadTx& tx, std::string_view account, std::string_view user) {
    std::vector<std::string> groups;
    tx.scan_documents(space("member", account), "", [&](std::string_view key, std::string_view) {
        const auto parts = parts_of(key);
        if (parts[1] == user) {
            groups.emplace_back(parts[0]);
        }
        return true;
    });
    return groups;
}

void put_member(
    store::WriteTx& tx, std::string_view account, std::string_view group, std::string_view user
) {
    tx.put_document(space("member", account), key_of({group, user}), "");
}

void delete_member(
    store::WriteTx& tx, std::string_view account, std::string_view group, std::string_view user
) {
    tx.delete_document(space("member", account), key_of({group, user}));
}

std::optional<ManagedPolicy>
find_policy(const store::ReadTx& tx, std::string_view account, std::string_view arn) {
    if (auto known = find_aws_managed(arn)) {
        return known;
    }
    const std::string name(arn.substr(arn.rfind('/') + 1));
    const auto found = tx.find_document(space("policy", account), name);
    if (!found) {
        return std::nullopt;
    }
    auto policy = parse_policy(account, name, *found);
    return policy.arn() == arn ? std::optional(std::move(policy)) : std::nullopt;
}

std::vector<ManagedPolicy> list_policies(const store::ReadTx& tx, std::string_view account) {
    std::vector<ManagedPolicy> policies;
    tx.scan_documents(
        space("policy", account),
        "",
        [&](std::string_view name, std::string_view given) {
            policies.push_back(parse_policy(account, name, given));
            return true;
        }
    );
    return policies;
}

void put_policy(store::WriteTx& tx, const ManagedPolicy& policy) {
    protocol::JsonWriter out;
    out.begin_object()
        .member("path", policy.path)
        .member("id", policy.policy_id)
        .member("description", policy.description)
        .member("default", policy.default_version)
        .member("last", std::int64_t{policy.last_version})
        .member("created", std::int64_t{policy.created_at.time_since_epoch().count()})
        .member("updated", std::int64_t{policy.updated_at.time_since_epoch().count()});
    write_tags(out, policy.tags);
    out.key("versions").begin_array();
    for (const PolicyVersion& version : policy.versions) {
        out.begin_object()
            .member("id", version.id)
            .member("document", version.document)
            .member("created", std::int64_t{version.created_at.time_since_epoch().count()})
            .end_object();
    }
    out.end_array().end_object();
    tx.put_document(space("policy", policy.account), policy.name, std::move(out).take());
}

void delete_policy(store::WriteTx& tx, const ManagedPolicy& policy) {
    tx.delete_document(space("policy", policy.account), policy.name);
}

std::vector<Attachment> list_attachments(const store::ReadTx& tx, std::string_view account) {
    std::vector<Attachment> attachments;
    tx.scan_documents(
        space("attachment", account),
        "",
        [&](std::string_view key, std::string_view) {
            const auto parts = parts_of(key);
            attachments.push_back(
                {static_cast<store::PrincipalKind>(parts[0][0] - '0'),
                 std::string(parts[1]),
                 std::string(parts[2])}
            );
            return true;
        }
    );
    return attachments;
}

std::vector<std::string> attached_policies(
    const store::ReadTx& tx,
    store::PrincipalKind kind,
    std::string_view account,
    std::string_view entity
) {
    std::vector<std::string> arns;
    const std::string from = key_of({kind_text(kind), entity, ""});
    tx.scan_documents(
        space("attachment", account),
        from,
        [&](std::string_view key, std::string_view) {
            if (!key.starts_with(from)) {
                return false;
            }
            arns.emplace_back(key.substr(from.size()));
            return true;
        }
    );
    return arns;
}

void put_attachment(store::WriteTx& tx, std::string_view account, const Attachment& attachment) {
    tx.put_document(
        space("attachment", account),
        key_of({kind_text(attachment.kind), attachment.entity, attachment.policy_arn}),
        ""
    );
}

void delete_attachment(store::WriteTx& tx, std::string_view account, const Attachment& attachment) {
    tx.delete_document(
        space("attachment", account),
        key_of({kind_text(attachment.kind), attachment.entity, attachment.policy_arn})
    );
}

bool is_active(const store::ReadTx& tx, const store::AccessKey& key) {
    return !tx.find_document(space("inactive-key", key.account), key.access_key_id);
}

void set_active(store::WriteTx& tx, const store::AccessKey& key, bool active) {
    if (active) {
        tx.delete_document(space("inactive-key", key.account), key.access_key_id);
    } else {
        tx.put_document(space("inactive-key", key.account), key.access_key_id, "");
    }
}

} // namespace benchtop::iam
