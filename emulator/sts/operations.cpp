#include "emulator/sts/operations.hpp"

#include "emulator/sts/get_caller_identity.hpp"
#include "emulator/sts/sessions.hpp"

#include <array>

namespace benchtop::sts {
namespace {

Result<Response> answer_caller_identity(const store::ReadTx&, service::Call& call) {
    return get_caller_identity(call.context.caller, call.request_id);
}

constexpr std::array kOperations{
    service::Operation{
        .name = "GetCallerIdentity",
        .protocol = service::Protocol::Query,
        .access = service::Access::Read,
        .access_requests = nullptr, // needs no permission
        .read = answer_caller_identity,
    },
    service::Operation{
        .name = "AssumeRole",
        .protocol = service::Protocol::Query,
        .iam_action = "sts:AssumeRole",
        .access = service::Access::Write,
        .access_requests = access_assume_role,
        .write = assume_role,
    },
    service::Operation{
        .name = "GetSessionToken",
        .protocol = service::Protocol::Query,
        .access = service::Access::Write,
        .access_requests = nullptr, // needs no permission
        .write = get_session_token,
    },
};

} // namespace

service::ServiceTable service_table() {
    return {
        .name = "sts",
        .protocol = service::Protocol::Query,
        .version = "2011-06-15",
        .xmlns = "https://sts.amazonaws.com/doc/2011-06-15/",
        .target = "",
        .operations = kOperations,
    };
}

} // namespace benchtop::sts
