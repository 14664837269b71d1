// The event a function gets, payload format 2.0 (API Gateway Developer Guide, "Create AWS Lambda
// proxy integrations for HTTP APIs"): one line of JSON whose member order is that of recorded
// events.
#pragma once

#include "emulator/apigateway/routing.hpp"
#include "emulator/core/http.hpp"

#include <string>
#include <string_view>

namespace benchtop::apigateway {

// References outlive the call that takes this.
struct EventInput {
    const Api& api;
    const Match& match;
    const RequestHead& head;
    std::string_view path; // raw, as API Gateway sees it: "/prod/presign"
    std::string_view body;
    std::string_view request_id;   // equals the answer's Apigw-Requestid
    std::string_view trace_header; // value of x-amzn-trace-id
    UtcInstant now;
    std::string_view authorizer{}; // requestContext.authorizer, JSON; "" for none
};

std::string make_event_v2(const EventInput& input);

// --- what both formats share

// Request headers as the function sees them: hop-by-hop headers gone, x-forwarded-*, content-length
// and the trace added; names as received. `cookie` stays in.
Headers forwarded_headers(const EventInput& input);
// True when the body goes into the event as text; otherwise it is base64.
bool is_text_content(std::string_view content_type);
// Percent-decoded path, always valid UTF-8.
std::string decoded_path(std::string_view raw);

} // namespace benchtop::apigateway
