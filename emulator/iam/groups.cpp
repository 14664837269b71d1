// Groups of users.
#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/iam/errors.hpp"
#include "emulator/iam/handlers.hpp"

namespace benchtop::iam {
namespace {

void write_group(protocol::XmlWriter& xml, const Group& group) {
    xml.element("Path", group.path)
        .element("GroupName", group.name)
        .element("GroupId", group.group_id)
        .element("Arn", group_arn(group))
        .element("CreateDate", date_text(group.created_at));
}

Result<Response>
write_groups(const service::Call& call, std::string_view action, const std::vector<Group>& groups) {
    auto xml = result_writer();
    auto written = write_page(call, xml, "Groups", groups.size(), [&](std::size_t i) {
        xml.open("member");
        write_group(xml, groups[i]);
        xml.close();
    });
    if (!written) {
        return written.error();
    }
    return answer(call, action, std::move(xml));
}

} // namespace

Result<Response> create_group(store::WriteTx& tx, service::Call& call) {
    const auto name = required_name(call, "GroupName", 128);
    if (!name) {
        return name.error();
    }
    const auto path = path_of(call);
    if (!path) {
        return path.error();
    }
    for (const Group& other : list_groups(tx, call.account())) {
        if (iequals(other.name, *name)) {
            return already_exists("Group with name " + *name + " already exists.");
        }
    }
    const Group group{
        call.account(),
        *name,
        *path,
        make_unique_id(call.context.random, "AGPA"),
        call.context.now};
    put_group(tx, group);
    auto xml = result_writer();
    xml.open("Group");
    write_group(xml, group);
    xml.close();
    return answer(call, "CreateGroup", std::move(xml));
}

Result<Response> get_group(const store::ReadTx& tx, service::Call& call) {
    const auto group = require_group(tx, call);
    if (!group) {
        return group.error();
    }
    const auto users = users_of_group(tx, group->account, group->name);
    auto xml = result_writer();
    xml.open("Group");
    write_group(xml, *group);
    xml.close();
    auto written = write_page(call, xml, "Users", users.size(), [&](std::size_t i) {
        if (const auto user = tx.find_user(group->account, users[i])) {
            xml.open("member")
                .element("Path", user->path)
                .element("UserName", user->name)
                .element("UserId", user->user_id)
                .element("Arn", user_arn(*user))
                .element("CreateDate", date_text(user->created_at))
                .close();
        }
    });
    if (!written) {
        return written.error();
    }
    return answer(call, "GetGroup", std::move(xml));
}

Result<Response> list_groups_operation(const store::ReadTx& tx, service::Call& call) {
    return write_groups(call, "ListGroups", list_groups(tx, call.account()));
}

Result<Response> delete_group_operation(store::WriteTx& tx, service::Call& call) {
    const auto group = require_group(tx, call);
    if (!group) {
        return group.error();
    }
    if (!users_of_group(tx, group->account, group->name).empty()) {
        return delete_conflict("Cannot delete entity, must remove users from group first.");
    }
    if (!attached_policies(tx, store::PrincipalKind::Group, group->account, group->name).empty()) {
        return delete_conflict("Cannot delete entity, must detach all policies first.");
    }
    if (!tx.inline_policies(store::PrincipalKind::Group, group->account, group->name).empty()) {
        return delete_conflict("Cannot delete entity, must delete policies first.");
    }
    delete_group(tx, *group);
    return answer(call, "DeleteGroup");
}

Result<Response> add_user_to_group(store::WriteTx& tx, service::Call& call) {
    const auto group = require_group(tx, call);
    if (!group) {
        return group.error();
    }
    const auto user = require_user(tx, call);
    if (!user) {
        return user.error();
    }
    put_member(tx, call.account(), group->name, user->name);
    return answer(call, "AddUserToGroup");
}

Result<Response> remove_user_from_group(store::WriteTx& tx, service::Call& call) {
    const auto group = require_group(tx, call);
    if (!group) {
        return group.error();
    }
    const auto user = require_user(tx, call);
    if (!user) {
        return user.error();
    }
    delete_member(tx, call.account(), group->name, user->name);
    return answer(call, "RemoveUserFromGroup");
}

Result<Response> list_groups_for_user(const store::ReadTx& tx, service::Call& call) {
    const auto user = require_user(tx, call);
    if (!user) {
        return user.error();
    }
    std::vector<Group> groups;
    for (const std::string& name : groups_of_user(tx, call.account(), user->name)) {
        if (auto group = find_group(tx, call.account(), name)) {
            groups.push_back(*std::move(group));
        }
    }
    return write_groups(call, "ListGroupsForUser", groups);
}

} // namespace benchtop::iam
