// Answers API Gateway gives on its own: {"message": "..."}, and limits that lead to some of them
// (API Gateway Developer Guide, "Quotas for HTTP APIs").
#pragma once

#include "emulator/core/http.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace benchtop::apigateway {

inline constexpr std::uint64_t kBodyMax = 10ull * 1024 * 1024;
inline constexpr std::uint64_t kEventMax = 6ull * 1024 * 1024;
// What Lambda lets a function return, a little above 6 MiB.
inline constexpr std::uint64_t kAnswerMax = 6291556;
// Request line and header values together.
inline constexpr std::uint64_t kHeaderBytesMax = 10240;

// What every answer of one request needs.
struct AnswerContext {
    UtcInstant now;         // Date
    std::string request_id; // Apigw-Requestid
    bool is_head = false;
};

// 404 "Not Found", 500 "Internal Server Error", 503 "Service Unavailable"...; other statuses take
// the reason phrase.
Response error_response(int status, const AnswerContext& context);

// The front end's answer for an API id nobody has: 403 Forbidden, before any API is known.
Response unknown_api_response(UtcInstant now, std::string_view request_id, bool is_head);

// Gives a HEAD answer its length and takes its body away.
void drop_body_for_head(Response& response);

} // namespace benchtop::apigateway
