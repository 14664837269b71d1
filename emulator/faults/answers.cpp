#include "emulator/faults/answers.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/protocol/error_render.hpp"

namespace benchtop::faults {
namespace {

AwsError s3_error(const Fault& fault) {
    if (fault.kind == FaultKind::Throttle || fault.code == "SlowDown") {
        return AwsError(503, "SlowDown", "Please reduce your request rate.");
    }
    if (fault.kind == FaultKind::ExpiredCredentials) {
        return AwsError(400, "ExpiredToken", "The provided token has expired.");
    }
    if (fault.code == "ServiceUnavailable") {
        return AwsError(503, "ServiceUnavailable", "Please reduce your request rate.");
    }
    return AwsError(500, "InternalError", "We encountered an internal error. Please try again.");
}

AwsError other_error(const Fault& fault) {
    if (fault.kind == FaultKind::Throttle) {
        return AwsError(429, "TooManyRequestsException", "Rate exceeded");
    }
    if (fault.kind == FaultKind::ExpiredCredentials) {
        return AwsError(
            403, "ExpiredTokenException", "The security token included in the request is expired"
        );
    }
    return AwsError(500, "ServiceException", "An internal error occurred.");
}

AwsError query_error(const Fault& fault) {
    if (fault.kind == FaultKind::Throttle) {
        return AwsError(400, "Throttling", "Rate exceeded");
    }
    if (fault.kind == FaultKind::ExpiredCredentials) {
        return AwsError(
            403, "ExpiredToken", "The security token included in the request is expired"
        );
    }
    return AwsError(
        500, "InternalFailure", "The request processing has failed because of an unknown error."
    );
}

} // namespace

Response answer_of(
    const Fault& fault, std::string_view service, Random& random, UtcInstant now, bool is_head
) {
    BT_ASSERT(
        fault.kind == FaultKind::Error || fault.kind == FaultKind::Throttle ||
        fault.kind == FaultKind::ExpiredCredentials
    );
    const protocol::ServerStamp stamp{now};
    if (service == "s3") {
        return protocol::render_s3_error(s3_error(fault), make_request_ids(random), stamp, is_head);
    }
    const std::string id = make_uuid(random);
    if (service == "iam" || service == "sts") {
        const std::string_view xmlns = service == "iam"
                                           ? "https://iam.amazonaws.com/doc/2010-05-08/"
                                           : "https://sts.amazonaws.com/doc/2011-06-15/";
        return protocol::render_query_error(query_error(fault), xmlns, id, stamp);
    }
    if (service == "logs") {
        return protocol::render_json11_error(other_error(fault), id, stamp);
    }
    return protocol::render_rest_json_error(other_error(fault), id, stamp);
}

} // namespace benchtop::faults
