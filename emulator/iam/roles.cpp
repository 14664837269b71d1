// Roles. Which members an answer has differs by operation, as recorded (localstack snapshot
// test_iam, 2024 to 2026).
#include "emulator/core/encoding.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/iam/errors.hpp"
#include "emulator/iam/handlers.hpp"

#include <algorithm>
#include <charconv>

namespace benchtop::iam {
namespace {

constexpr std::size_t kTrustMax = 2048;

enum class View { Created, Whole, Listed };

void write_role(protocol::XmlWriter& xml, const store::Role& role, View view) {
    const Details details = parse_details(role.details);
    xml.element("Path", role.path)
        .element("AssumeRolePolicyDocument", encoded_document(role.trust_policy))
        .element("RoleId", role.role_id)
        .element("RoleName", role.name)
        .element("Arn", role_arn(role))
        .element("CreateDate", date_text(role.created_at));
    if (!details.description.empty()) {
        xml.element("Description", details.description);
    }
    if (view != View::Created) {
        xml.element("MaxSessionDuration", static_cast<std::uint64_t>(details.max_session_s));
    }
    if (view != View::Listed) {
        if (!details.boundary.empty()) {
            xml.open("PermissionsBoundary")
                .element("PermissionsBoundaryType", "Policy")
                .element("PermissionsBoundaryArn", details.boundary)
                .close();
        }
        if (!details.tags.empty()) {
            write_tags(xml, details.tags);
        }
    }
    if (view == View::Whole) {
        xml.empty("RoleLastUsed");
    }
}

Result<int> session_duration(const service::Call& call, int otherwise) {
    const auto given = call.parameters.find("MaxSessionDuration");
    if (!given) {
        return otherwise;
    }
    int seconds = 0;
    const auto [end, ec] = std::from_chars(given->data(), given->data() + given->size(), seconds);
    if (ec != std::errc{} || end != given->data() + given->size()) {
        return AwsError(400, "MalformedInput", "MaxSessionDuration is not a number.");
    }
    protocol::Constraints constraints;
    constraints.range("maxSessionDuration", seconds, 3600, 43200);
    if (const std::string text = constraints.message(); !text.empty()) {
        return validation_error(text);
    }
    return seconds;
}

Result<void>
check_boundary(const store::ReadTx& tx, const service::Call& call, std::string_view arn) {
    if (!arn.empty() && !find_policy(tx, call.account(), arn)) {
        return no_such_entity(
            "Policy " + std::string(arn) + " does not exist or is not attachable."
        );
    }
    return {};
}

} // namespace

Result<Response> create_role(store::WriteTx& tx, service::Call& call) {
    const auto name = required_name(call, "RoleName");
    if (!name) {
        return name.error();
    }
    const auto path = path_of(call);
    if (!path) {
        return path.error();
    }
    const auto trust = document_of(
        call, "AssumeRolePolicyDocument", policy::PolicyKind::Trust, kTrustMax, "ACLSizePerRole"
    );
    if (!trust) {
        return trust.error();
    }
    const auto duration = session_duration(call, 3600);
    if (!duration) {
        return duration.error();
    }
    auto tags = tags_of(call);
    if (!tags) {
        return tags.error();
    }
    Details details;
    details.description = call.parameter("Description");
    details.max_session_s = *duration;
    details.boundary = call.parameter("PermissionsBoundary");
    details.tags = *std::move(tags);
    if (auto known = check_boundary(tx, call, details.boundary); !known) {
        return known.error();
    }
    for (const auto& other : tx.list_roles(call.account())) {
        if (iequals(other.name, *name)) {
            return already_exists("Role with name " + *name + " already exists.");
        }
    }
    store::Role role;
    role.account = call.account();
    role.name = *name;
    role.path = *path;
    role.role_id = make_unique_id(call.context.random, "AROA");
    role.trust_policy = *trust;
    role.created_at = call.context.now;
    role.details = to_text(details);
    tx.put_role(role);
    auto xml = result_writer();
    xml.open("Role");
    write_role(xml, role, View::Created);
    xml.close();
    return answer(call, "CreateRole", std::move(xml));
}

Result<Response> get_role(const store::ReadTx& tx, service::Call& call) {
    const auto role = require_role(tx, call);
    if (!role) {
        return role.error();
    }
    auto xml = result_writer();
    xml.open("Role");
    write_role(xml, *role, View::Whole);
    xml.close();
    return answer(call, "GetRole", std::move(xml));
}

Result<Response> list_roles(const store::ReadTx& tx, service::Call& call) {
    auto roles = tx.list_roles(call.account());
    if (const std::string_view prefix = call.parameter("PathPrefix"); !prefix.empty()) {
        std::erase_if(roles, [&](const auto& role) { return !role.path.starts_with(prefix); });
    }
    auto xml = result_writer();
    auto written = write_page(call, xml, "Roles", roles.size(), [&](std::size_t i) {
        xml.open("member");
        write_role(xml, roles[i], View::Listed);
        xml.close();
    });
    if (!written) {
        return written.error();
    }
    return answer(call, "ListRoles", std::move(xml));
}

Result<Response> update_role(store::WriteTx& tx, service::Call& call) {
    auto role = require_role(tx, call);
    if (!role) {
        return role.error();
    }
    Details details = parse_details(role->details);
    const auto duration = session_duration(call, details.max_session_s);
    if (!duration) {
        return duration.error();
    }
    details.max_session_s = *duration;
    if (call.parameters.has("Description")) {
        details.description = call.parameter("Description");
    }
    role->details = to_text(details);
    tx.put_role(*role);
    auto xml = result_writer();
    xml.text(""); // an empty UpdateRoleResult
    return answer(call, "UpdateRole", std::move(xml));
}

Result<Response> update_role_description(store::WriteTx& tx, service::Call& call) {
    auto role = require_role(tx, call);
    if (!role) {
        return role.error();
    }
    Details details = parse_details(role->details);
    details.description = call.parameter("Description");
    role->details = to_text(details);
    tx.put_role(*role);
    auto xml = result_writer();
    xml.open("Role");
    write_role(xml, *role, View::Whole);
    xml.close();
    return answer(call, "UpdateRoleDescription", std::move(xml));
}

Result<Response> update_assume_role_policy(store::WriteTx& tx, service::Call& call) {
    auto role = require_role(tx, call);
    if (!role) {
        return role.error();
    }
    const auto trust =
        document_of(call, "PolicyDocument", policy::PolicyKind::Trust, kTrustMax, "ACLSizePerRole");
    if (!trust) {
        return trust.error();
    }
    role->trust_policy = *trust;
    tx.put_role(*role);
    return answer(call, "UpdateAssumeRolePolicy");
}

Result<Response> delete_role(store::WriteTx& tx, service::Call& call) {
    const auto role = require_role(tx, call);
    if (!role) {
        return role.error();
    }
    if (!attached_policies(tx, store::PrincipalKind::Role, role->account, role->name).empty()) {
        return delete_conflict("Cannot delete entity, must detach all policies first.");
    }
    if (!tx.inline_policies(store::PrincipalKind::Role, role->account, role->name).empty()) {
        return delete_conflict("Cannot delete entity, must delete policies first.");
    }
    tx.delete_role(role->account, role->name);
    return answer(call, "DeleteRole");
}

Result<Response> list_instance_profiles_for_role(const store::ReadTx& tx, service::Call& call) {
    if (const auto role = require_role(tx, call); !role) {
        return role.error();
    }
    auto xml = result_writer();
    xml.empty("InstanceProfiles").element("IsTruncated", false);
    return answer(call, "ListInstanceProfilesForRole", std::move(xml));
}

} // namespace benchtop::iam
