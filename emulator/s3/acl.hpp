// Access control lists as values: who is granted what, and what that allows.
//
// Rules: "Access control list (ACL) overview", Amazon S3 User Guide. Grantees are accounts (by
// number; canonical user ids are an account's, store/accounts.hpp) and S3's predefined groups.
#pragma once

#include "emulator/policy/principal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

enum class Permission { Read, Write, ReadAcp, WriteAcp, FullControl };

std::string_view permission_name(Permission permission);
std::optional<Permission> parse_permission(std::string_view name);

// Who wrote an object without a signature; its canonical user id is AWS's own.
inline constexpr std::string_view kAnonymousAccount = "anonymous";

struct Grantee {
    enum class Kind { Account, AllUsers, AuthenticatedUsers, LogDelivery };
    Kind kind = Kind::Account;
    std::string account; // Kind::Account only

    bool operator==(const Grantee&) const = default;
};

struct Grant {
    Grantee grantee;
    Permission permission = Permission::FullControl;

    bool operator==(const Grant&) const = default;
};

struct Acl {
    std::vector<Grant> grants;

    bool operator==(const Acl&) const = default;
};

inline constexpr std::size_t kGrantsMax = 100; // "Using ACLs"

Acl private_acl(std::string_view owner);

// A canned ACL's grants; nullopt when there is none of that name. `bucket_owner` equals `owner` for
// buckets.
std::optional<Acl>
canned_acl(std::string_view name, std::string_view owner, std::string_view bucket_owner);

// The stored form (store::Object::acl, the bucket setting "acl"); "" for the private one.
std::string to_text(const Acl& acl, std::string_view owner);
Acl parse_acl_text(std::string_view text, std::string_view owner);

// Grants anything to everyone, or to everyone with an account ("The meaning of 'public'").
bool is_public(const Acl& acl);

enum class PublicGrants { Count, Ignored };

// How closely the list grants `permission` to the caller: No, Account, or Everyone for a group.
policy::PrincipalMatch granted(
    const Acl& acl, const policy::Principal& caller, Permission permission, PublicGrants groups
);

// The permission that covers an action, on the bucket's list or on the object's; nullopt when no
// ACL can grant it.
struct AclPermission {
    enum class On { Bucket, Object } on = On::Bucket;
    Permission permission = Permission::Read;
};

std::optional<AclPermission> acl_permission_of(std::string_view action);

} // namespace benchtop::s3
