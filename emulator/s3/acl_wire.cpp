#include "emulator/s3/acl_wire.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_access.hpp"
#include "emulator/s3/xml_answer.hpp"
#include "emulator/store/accounts.hpp"

#include <array>
#include <utility>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kAnonymousId = "65a011a29cdf8ec533ec3d1ccaae921c";

constexpr std::array<std::pair<Grantee::Kind, std::string_view>, 3> kGroupUris{{
    {Grantee::Kind::AllUsers, "http://acs.amazonaws.com/groups/global/AllUsers"},
    {Grantee::Kind::AuthenticatedUsers,
     "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"},
    {Grantee::Kind::LogDelivery, kLogDeliveryUri},
}};

constexpr std::array<std::pair<Permission, std::string_view>, 5> kGrantHeaders{{
    {Permission::Read, "x-amz-grant-read"},
    {Permission::Write, "x-amz-grant-write"},
    {Permission::ReadAcp, "x-amz-grant-read-acp"},
    {Permission::WriteAcp, "x-amz-grant-write-acp"},
    {Permission::FullControl, "x-amz-grant-full-control"},
}};

Result<Grantee> grantee_of_id(std::string_view id, std::string_view argument_name) {
    if (id == kAnonymousId) {
        return Grantee{Grantee::Kind::Account, std::string(kAnonymousAccount)};
    }
    auto account = store::account_of_canonical_id(id);
    if (!account) {
        return invalid_grantee_id(argument_name, id);
    }
    return Grantee{Grantee::Kind::Account, *std::move(account)};
}

Result<Grantee> grantee_of_uri(std::string_view uri, std::string_view argument_name) {
    for (const auto& [kind, known] : kGroupUris) {
        if (known == uri) {
            return Grantee{kind, {}};
        }
    }
    return invalid_group_uri(argument_name, uri);
}

std::string_view unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        return text.substr(1, text.size() - 2);
    }
    return text;
}

// id="...", uri="..." or emailAddress="...".
Result<Grantee>
parse_header_grantee(std::string_view item, std::string_view header, std::string_view whole) {
    const auto equals = item.find('=');
    const std::string_view type = trim(item.substr(0, equals));
    const std::string_view value = equals == std::string_view::npos
                                       ? std::string_view{}
                                       : unquoted(trim(item.substr(equals + 1)));
    if (iequals(type, "id")) {
        return grantee_of_id(value, "id");
    }
    if (iequals(type, "uri")) {
        return grantee_of_uri(value, "uri");
    }
    if (iequals(type, "emailAddress")) {
        return email_grantee_refused();
    }
    return argument_format_not_recognized(header, whole);
}

Result<void> parse_grant_header(
    std::string_view header, std::string_view value, Permission permission, AclHeaders& out
) {
    std::string_view rest = value;
    while (true) {
        const auto comma = rest.find(',');
        auto grantee = parse_header_grantee(trim(rest.substr(0, comma)), header, value);
        if (!grantee) {
            return grantee.error();
        }
        if (out.grants.size() == kGrantsMax) {
            return argument_format_not_recognized(header, value);
        }
        out.grants.push_back({*std::move(grantee), permission});
        if (comma == std::string_view::npos) {
            return {};
        }
        rest.remove_prefix(comma + 1);
    }
}

bool is_canned(std::string_view name, AclOf of) {
    return canned_acl(name, "", "").has_value() &&
           (of == AclOf::Bucket || name != "log-delivery-write");
}

std::string_view type_of(pugi::xml_node grantee) {
    for (const pugi::xml_attribute attribute : grantee.attributes()) {
        const std::string_view name = attribute.name();
        if (name == "xsi:type" || name == "type" || name.ends_with(":type")) {
            return attribute.value();
        }
    }
    return {};
}

Result<Grant> parse_grant(pugi::xml_node node) {
    const pugi::xml_node grantee_node = protocol::child(node, "Grantee");
    const auto permission = parse_permission(protocol::child_text(node, "Permission").value_or(""));
    if (!grantee_node || !permission) {
        return malformed_acl();
    }
    auto grantee = parse_grantee(grantee_node, malformed_acl());
    if (!grantee) {
        return grantee.error();
    }
    return Grant{*std::move(grantee), *permission};
}

} // namespace

Result<Grantee> parse_grantee(pugi::xml_node grantee, const AwsError& malformed) {
    const std::string_view type = type_of(grantee);
    if (type == "CanonicalUser") {
        const auto id = protocol::child_text(grantee, "ID");
        return id ? grantee_of_id(*id, "CanonicalUser/ID") : Result<Grantee>(malformed);
    }
    if (type == "Group") {
        const auto uri = protocol::child_text(grantee, "URI");
        return uri ? grantee_of_uri(*uri, "Group/URI") : Result<Grantee>(malformed);
    }
    if (type == "AmazonCustomerByEmail") {
        return email_grantee_refused();
    }
    return malformed;
}

Result<AclHeaders> decode_acl_headers(const S3Request& request, AclOf of) {
    AclHeaders headers;
    if (const auto canned = request.header("x-amz-acl")) {
        if (!is_canned(*canned, of)) {
            return invalid_argument("", "x-amz-acl", *canned); // AWS gives an empty message
        }
        headers.canned = *canned;
    }
    for (const auto& [permission, name] : kGrantHeaders) {
        const auto value = request.header(name);
        if (!value) {
            continue;
        }
        if (!headers.canned.empty()) {
            return canned_acl_and_grants();
        }
        if (auto ok = parse_grant_header(name, *value, permission, headers); !ok) {
            return ok.error();
        }
    }
    return headers;
}

Acl acl_of_headers(
    const AclHeaders& headers, std::string_view owner, std::string_view bucket_owner
) {
    if (headers.canned.empty()) {
        return {headers.grants};
    }
    return canned_acl(headers.canned, owner, bucket_owner).value_or(private_acl(owner));
}

Result<AclDocument> parse_acl_document(std::string_view xml) {
    const auto parsed = protocol::parse_xml(xml);
    if (!parsed || protocol::local_name(parsed->root()) != "AccessControlPolicy") {
        return malformed_acl();
    }
    const pugi::xml_node owner_node = protocol::child(parsed->root(), "Owner");
    const pugi::xml_node list = protocol::child(parsed->root(), "AccessControlList");
    const auto owner_id = protocol::child_text(owner_node, "ID");
    if (!owner_id || !list) {
        return malformed_acl();
    }
    AclDocument document;
    for (const pugi::xml_node node : protocol::children(list)) {
        if (protocol::local_name(node) != "Grant" || document.acl.grants.size() == kGrantsMax) {
            return malformed_acl();
        }
        auto grant = parse_grant(node);
        if (!grant) {
            return grant.error();
        }
        document.acl.grants.push_back(*std::move(grant));
    }
    auto owner = grantee_of_id(*owner_id, "CanonicalUser/ID");
    if (!owner) {
        return owner.error();
    }
    document.owner = std::move(owner->account);
    return document;
}

std::string canonical_id_of(const store::ReadTx& tx, std::string_view account) {
    return account == kAnonymousAccount ? std::string(kAnonymousId)
                                        : tx.account(account).canonical_id;
}

void write_grantee(protocol::XmlWriter& xml, const store::ReadTx& tx, const Grantee& grantee) {
    const bool is_account = grantee.kind == Grantee::Kind::Account;
    const std::string type = is_account ? "CanonicalUser" : "Group";
    xml.open_with(
        "Grantee",
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"" + type + "\""
    );
    if (is_account) {
        xml.element("ID", canonical_id_of(tx, grantee.account));
    } else {
        for (const auto& [kind, uri] : kGroupUris) {
            if (kind == grantee.kind) {
                xml.element("URI", uri);
            }
        }
    }
    xml.close();
}

std::string acl_document(const store::ReadTx& tx, std::string_view owner, const Acl& acl) {
    protocol::XmlWriter xml;
    xml.open("AccessControlPolicy", kXmlNamespace);
    xml.open("Owner");
    xml.element("ID", canonical_id_of(tx, owner));
    xml.close();
    xml.open("AccessControlList");
    for (const Grant& grant : acl.grants) {
        xml.open("Grant");
        write_grantee(xml, tx, grant.grantee);
        xml.element("Permission", permission_name(grant.permission));
        xml.close();
    }
    xml.close();
    xml.close();
    return std::move(xml).take();
}

} // namespace benchtop::s3
