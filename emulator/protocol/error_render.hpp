// AwsError -> the answer a client of each protocol is given, headers in the recorded order.
//
// The caller gives the date; Content-Length, Transfer-Encoding and Connection are the edge's.
#pragma once

#include "emulator/core/error.hpp"
#include "emulator/core/http.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/core/time.hpp"

#include <string_view>

namespace benchtop::protocol {

// What the serving machine adds to an answer: the Date header, on the real axis.
struct ServerStamp {
    UtcInstant date;
};

// <Error><Code/><Message/>extras<RequestId/><HostId/></Error>, chunked. HEAD, 304: headers only.
// An error without a code is an answer of the front end: an empty body.
Response render_s3_error(
    const AwsError& error, const RequestIds& ids, const ServerStamp& stamp, bool is_head
);

// The XML body alone: DeleteObjects and CompleteMultipartUpload put errors into other answers.
std::string s3_error_document(const AwsError& error, const RequestIds& ids);

// IAM, STS: <ErrorResponse xmlns=...><Error><Type/><Code/><Message/></Error><RequestId/>.
Response render_query_error(
    const AwsError& error,
    std::string_view xmlns,
    std::string_view request_id,
    const ServerStamp& stamp
);

// Lambda, API Gateway control plane: x-amzn-ErrorType, {extras..., "message": ...}. An extra named
// "Message" takes the place of "message", as in Lambda's ResourceNotFoundException.
Response render_rest_json_error(
    const AwsError& error, std::string_view request_id, const ServerStamp& stamp
);

// Logs: {"__type": ..., extras..., "message": ...}.
Response
render_json11_error(const AwsError& error, std::string_view request_id, const ServerStamp& stamp);

// What an HTTP API says by itself: {"message":"Not Found"}.
Response render_api_gateway_error(
    int status, std::string_view message, std::string_view apigw_request_id, UtcInstant now
);

} // namespace benchtop::protocol
