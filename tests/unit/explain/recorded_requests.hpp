// Requests recorded from real clients (fixtures/explain/), and what these tests do to them.
#pragma once

#include "emulator/explain/explain.hpp"
#include "emulator/explain/message.hpp"

#include <functional>
#include <string>
#include <vector>

namespace recorded {

using namespace benchtop;

struct Request {
    std::string client;
    std::string version;
    RequestHead head; // received_at: the moment it was recorded
    std::string region;
    std::string body_sha256;
    std::string key_id;
    std::string secret;
    std::string token;

    bool is_presigned() const { return token.size() > 0; }
};

// Of all five clients.
const std::vector<Request>& requests();

// What a test changes before the request is explained.
struct Case {
    Request request;
    UtcInstant now{};
    std::string body_sha256; // of the body that arrived
    TimeAxis axis;
};

Case good(const Request& request);
explain::Known known(const Case& one);
explain::SignatureExplanation explained(const Case& one);
bool verifies(const Case& one);

// The request as it stands, signed anew over a message that `slip` changed: the signature of a
// client that signs something else than it sends.
void sign_with_slip(Case& one, const std::function<void(explain::Message&)>& slip);

void replace_in_target(Case& one, std::string_view from, std::string_view to);
void replace_in_header(
    Case& one, std::string_view name, std::string_view from, std::string_view to
);

// A second user's pair, which the server knows too.
inline constexpr std::string_view kOtherKeyId = "AKIAI44QH8DHBEXAMPLE";
inline constexpr std::string_view kOtherSecret = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

} // namespace recorded
