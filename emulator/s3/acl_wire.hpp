// Access control lists as clients send and see them: x-amz-acl, x-amz-grant-* and the
// AccessControlPolicy document.
#pragma once

#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/acl.hpp"
#include "emulator/s3/operation.hpp"

#include <pugixml.hpp>

#include <string>
#include <string_view>

namespace benchtop::s3 {

inline constexpr std::string_view kLogDeliveryUri =
    "http://acs.amazonaws.com/groups/s3/LogDelivery";

// The ACL a request's headers ask for.
struct AclHeaders {
    std::string canned;        // "" for none
    std::vector<Grant> grants; // of x-amz-grant-*

    bool given() const { return !canned.empty() || !grants.empty(); }
};

enum class AclOf { Bucket, Object };

// Errors: InvalidArgument (unknown canned ACL, group or id; a form that is no grant),
// InvalidRequest (canned ACL and grants), MethodNotAllowed (grantee by e-mail).
Result<AclHeaders> decode_acl_headers(const S3Request& request, AclOf of);

// The grants the headers mean for something `owner` owns. given() must hold.
Acl acl_of_headers(
    const AclHeaders& headers, std::string_view owner, std::string_view bucket_owner
);

struct AclDocument {
    std::string owner; // account
    Acl acl;
};

// Errors: MalformedACLError, InvalidArgument, MethodNotAllowed.
Result<AclDocument> parse_acl_document(std::string_view xml);

// One Grantee element, also part of a logging configuration. Errors as above, with `malformed` for
// what is not of the schema.
Result<Grantee> parse_grantee(pugi::xml_node grantee, const AwsError& malformed);

// <Grantee xmlns:xsi="..." xsi:type="...">...</Grantee>
void write_grantee(protocol::XmlWriter& xml, const store::ReadTx& tx, const Grantee& grantee);

// The AccessControlPolicy document.
std::string acl_document(const store::ReadTx& tx, std::string_view owner, const Acl& acl);

// The canonical user id shown for an account (Owner/ID), AWS's own id for anonymous writers.
std::string canonical_id_of(const store::ReadTx& tx, std::string_view account);

} // namespace benchtop::s3
