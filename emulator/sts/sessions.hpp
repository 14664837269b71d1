// AssumeRole and GetSessionToken: temporary credentials (AWS STS API reference).
#pragma once

#include "emulator/service/operation.hpp"

namespace benchtop::sts {

Result<std::vector<service::AccessRequest>>
access_assume_role(const store::ReadTx& tx, const service::Call& call);
Result<Response> assume_role(store::WriteTx& tx, service::Call& call);
Result<Response> get_session_token(store::WriteTx& tx, service::Call& call);

} // namespace benchtop::sts
