// Errors of access control lists, ownership and Block Public Access.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/service/context.hpp"
#include "emulator/store/rows.hpp"

#include <string_view>

namespace benchtop::s3 {

AwsError malformed_acl();
AwsError canned_acl_and_grants();
AwsError argument_format_not_recognized(std::string_view header, std::string_view value);
AwsError invalid_grantee_id(std::string_view argument_name, std::string_view id);
AwsError invalid_group_uri(std::string_view argument_name, std::string_view uri);
AwsError email_grantee_refused();
AwsError bucket_acl_with_enforced_ownership();
AwsError missing_acl_header();
AwsError unexpected_content();

// What Block Public Access refuses: `what` is "public ACLs" or "public policies", `setting` the
// flag. Other accounts' callers are not told why.
AwsError prevented_by_public_access_block(
    const service::OpContext& context,
    const store::Bucket& bucket,
    std::string_view action,
    std::string_view resource,
    std::string_view what,
    std::string_view setting
);

} // namespace benchtop::s3
