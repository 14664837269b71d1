#include "emulator/s3/acl.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace benchtop::s3 {
namespace {

constexpr std::array<std::pair<Permission, std::string_view>, 5> kPermissions{{
    {Permission::Read, "READ"},
    {Permission::Write, "WRITE"},
    {Permission::ReadAcp, "READ_ACP"},
    {Permission::WriteAcp, "WRITE_ACP"},
    {Permission::FullControl, "FULL_CONTROL"},
}};

constexpr std::array<std::pair<Grantee::Kind, std::string_view>, 3> kGroups{{
    {Grantee::Kind::AllUsers, "AllUsers"},
    {Grantee::Kind::AuthenticatedUsers, "AuthenticatedUsers"},
    {Grantee::Kind::LogDelivery, "LogDelivery"},
}};

// Every stored list begins with this line, so that one without grants is not "".
constexpr std::string_view kHeader = "acl\n";

Grant to_account(std::string_view account, Permission permission) {
    return {{Grantee::Kind::Account, std::string(account)}, permission};
}

Grant to_group(Grantee::Kind group, Permission permission) {
    return {{group, {}}, permission};
}

std::string grantee_text(const Grantee& grantee) {
    for (const auto& [kind, name] : kGroups) {
        if (kind == grantee.kind) {
            return std::string(name);
        }
    }
    return grantee.account;
}

Grantee parse_grantee(std::string_view text) {
    for (const auto& [kind, name] : kGroups) {
        if (name == text) {
            return {kind, {}};
        }
    }
    return {Grantee::Kind::Account, std::string(text)};
}

bool is_public_group(const Grantee& grantee) {
    return grantee.kind == Grantee::Kind::AllUsers ||
           grantee.kind == Grantee::Kind::AuthenticatedUsers;
}

policy::PrincipalMatch match(const Grantee& grantee, const policy::Principal& caller) {
    const bool anonymous = caller.kind == policy::Principal::Kind::Anonymous;
    switch (grantee.kind) {
    case Grantee::Kind::Account:
        return !anonymous && grantee.account == caller.account ? policy::PrincipalMatch::Account
                                                               : policy::PrincipalMatch::No;
    case Grantee::Kind::AllUsers:
        return policy::PrincipalMatch::Everyone;
    case Grantee::Kind::AuthenticatedUsers:
        return anonymous ? policy::PrincipalMatch::No : policy::PrincipalMatch::Everyone;
    case Grantee::Kind::LogDelivery:
        break;
    }
    return policy::PrincipalMatch::No;
}

} // namespace

std::string_view permission_name(Permission permission) {
    for (const auto& [value, name] : kPermissions) {
        if (value == permission) {
            return name;
        }
    }
    return {};
}

std::optional<Permission> parse_permission(std::string_view name) {
    for (const auto& [value, known] : kPermissions) {
        if (known == name) {
            return value;
        }
    }
    return std::nullopt;
}

Acl private_acl(std::string_view owner) {
    return {{to_account(owner, Permission::FullControl)}};
}

std::optional<Acl>
canned_acl(std::string_view name, std::string_view owner, std::string_view bucket_owner) {
    using Kind = Grantee::Kind;
    Acl acl = private_acl(owner);
    if (name == "private") {
        return acl;
    }
    if (name == "public-read" || name == "public-read-write") {
        acl.grants.push_back(to_group(Kind::AllUsers, Permission::Read));
        if (name == "public-read-write") {
            acl.grants.push_back(to_group(Kind::AllUsers, Permission::Write));
        }
        return acl;
    }
    if (name == "authenticated-read") {
        acl.grants.push_back(to_group(Kind::AuthenticatedUsers, Permission::Read));
        return acl;
    }
    if (name == "log-delivery-write") {
        acl.grants.push_back(to_group(Kind::LogDelivery, Permission::Write));
        acl.grants.push_back(to_group(Kind::LogDelivery, Permission::ReadAcp));
        return acl;
    }
    // EC2's own account reads AMI bundles; there is no EC2 here, so nobody is added.
    if (name == "aws-exec-read") {
        return acl;
    }
    if (name == "bucket-owner-read" || name == "bucket-owner-full-control") {
        if (bucket_owner != owner) {
            acl.grants.push_back(to_account(
                bucket_owner,
                name == "bucket-owner-read" ? Permission::Read : Permission::FullControl
            ));
        }
        return acl;
    }
    return std::nullopt;
}

std::string to_text(const Acl& acl, std::string_view owner) {
    if (acl == private_acl(owner)) {
        return {};
    }
    std::string text(kHeader);
    for (const Grant& grant : acl.grants) {
        text.append(permission_name(grant.permission)).append(" ");
        text.append(grantee_text(grant.grantee)).append("\n");
    }
    return text;
}

Acl parse_acl_text(std::string_view text, std::string_view owner) {
    if (!text.starts_with(kHeader)) {
        return private_acl(owner);
    }
    text.remove_prefix(kHeader.size());
    Acl acl;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        const auto space = line.find(' ');
        const auto permission = parse_permission(line.substr(0, space));
        if (permission && space != std::string_view::npos) {
            acl.grants.push_back({parse_grantee(line.substr(space + 1)), *permission});
        }
    }
    return acl;
}

bool is_public(const Acl& acl) {
    return std::ranges::any_of(acl.grants, [](const Grant& grant) {
        return is_public_group(grant.grantee);
    });
}

policy::PrincipalMatch granted(
    const Acl& acl, const policy::Principal& caller, Permission permission, PublicGrants groups
) {
    policy::PrincipalMatch best = policy::PrincipalMatch::No;
    for (const Grant& grant : acl.grants) {
        const bool covers =
            grant.permission == permission || grant.permission == Permission::FullControl;
        const bool counts = groups == PublicGrants::Count || !is_public_group(grant.grantee);
        if (covers && counts) {
            best = std::max(best, match(grant.grantee, caller));
        }
    }
    return best;
}

std::optional<AclPermission> acl_permission_of(std::string_view action) {
    using On = AclPermission::On;
    // "Mapping of ACL permissions and access policy permissions". Others' objects are not deleted
    // by a grant of WRITE: that is left to the owners of bucket and object.
    static constexpr std::array<std::pair<std::string_view, AclPermission>, 12> kActions{{
        {"s3:ListBucket", {On::Bucket, Permission::Read}},
        {"s3:ListBucketVersions", {On::Bucket, Permission::Read}},
        {"s3:ListBucketMultipartUploads", {On::Bucket, Permission::Read}},
        {"s3:PutObject", {On::Bucket, Permission::Write}},
        {"s3:GetBucketAcl", {On::Bucket, Permission::ReadAcp}},
        {"s3:PutBucketAcl", {On::Bucket, Permission::WriteAcp}},
        {"s3:GetObject", {On::Object, Permission::Read}},
        {"s3:GetObjectVersion", {On::Object, Permission::Read}},
        {"s3:GetObjectAcl", {On::Object, Permission::ReadAcp}},
        {"s3:GetObjectVersionAcl", {On::Object, Permission::ReadAcp}},
        {"s3:PutObjectAcl", {On::Object, Permission::WriteAcp}},
        {"s3:PutObjectVersionAcl", {On::Object, Permission::WriteAcp}},
    }};
    for (const auto& [name, permission] : kActions) {
        if (name == action) {
            return permission;
        }
    }
    return std::nullopt;
}

} // namespace benchtop::s3
