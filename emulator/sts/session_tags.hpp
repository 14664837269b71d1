// Session tags of AssumeRole: what the request gives, what the calling session passes on, and what
// must be allowed (IAM User Guide, "Pass session tags in AWS STS").
#pragma once

#include "emulator/service/operation.hpp"
#include "emulator/sts/session_policies.hpp"

namespace benchtop::sts {

// The characters of RoleSessionName and SourceIdentity: [\w+=,.@-]*.
bool is_session_name(std::string_view text);

// Tags, TransitiveTagKeys and SourceIdentity as given; refused in AWS's words.
Result<SessionFacts> given_facts(const service::Call& call);

// With what the caller's own session hands on: its transitive tags, its source identity. Errors: a
// tag or identity that would take the place of one that is handed on.
Result<SessionFacts> new_session_facts(const service::Call& call);

// The condition keys of the request: aws:RequestTag, aws:TagKeys, sts:TransitiveTagKeys,
// sts:SourceIdentity.
void add_conditions(service::AccessRequest& request, const SessionFacts& given);

} // namespace benchtop::sts
