#include "emulator/apigateway/errors.hpp"

namespace benchtop::apigateway {
namespace {

std::string message_body(std::string_view message) {
    return "{\"message\":\"" + std::string(message) + "\"}";
}

} // namespace

void drop_body_for_head(Response& response) {
    response.is_head = true;
    if (response.framing == Framing::ContentLength) {
        response.head_length = response.body_size();
    }
    response.body = std::string();
}

Response error_response(int status, const AnswerContext& context) {
    Response response;
    response.status = status;
    response.headers.add("Date", to_http_date(context.now));
    response.headers.add("Content-Type", "application/json");
    response.headers.add("Apigw-Requestid", context.request_id);
    response.body = message_body(reason_phrase(status));
    if (context.is_head) {
        drop_body_for_head(response);
    }
    return response;
}

Response unknown_api_response(UtcInstant now, std::string_view request_id, bool is_head) {
    Response response;
    response.status = 403;
    response.headers.add("Date", to_http_date(now));
    response.headers.add("Content-Type", "application/json");
    response.headers.add("x-amzn-RequestId", request_id);
    response.headers.add("x-amzn-ErrorType", "ForbiddenException");
    response.body = message_body("Forbidden");
    if (is_head) {
        drop_body_for_head(response);
    }
    return response;
}

} // namespace benchtop::apigateway
