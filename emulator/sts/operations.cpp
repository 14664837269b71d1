#include "emulator/sts/operations.hpp"

#include "emulator/sts/get_caller_identity.hpp"

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
