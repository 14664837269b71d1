// The Lambda Runtime API of one execution environment, as a machine without I/O: requests of the
// runtime process in, replies out. Lambda Developer Guide, "Using the Lambda runtime API for custom
// runtimes"; states and texts as in aws-lambda-runtime-interface-emulator.
//
// GET .../next is a long poll: the machine says Park, and whoever owns the connection keeps it
// until submit() gives the answer.
#pragma once

#include "emulator/core/http.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace benchtop::functions {

struct RuntimeEvent {
    std::string request_id;
    std::string payload; // the event, byte for byte
    std::string invoked_function_arn;
    std::string trace_id;
    std::string client_context;   // JSON, "" when none
    std::string cognito_identity; // JSON, "" when none
    UtcInstant deadline{};
};

// What the runtime made of an event, or of its initialisation.
struct RuntimeOutcome {
    enum class Kind { Response, Error, InitError, TooLarge };
    Kind kind = Kind::Response;
    std::string request_id; // "" for InitError
    std::string payload;    // verbatim, whatever its shape
    std::string error_type; // Error and InitError: in the form Lambda keeps
};

struct Park {};

struct RuntimeReply {
    std::variant<Response, Park> reply;
    std::optional<RuntimeOutcome> outcome; // to be handed on to who invoked
};

// Not thread-safe.
class RuntimeApiSession {
public:
    // `body` is whole. A server may cut it off after kPayloadBytesMax + 1 bytes.
    RuntimeReply handle(const RequestHead& head, std::string_view body);
    // Queues an event. The answer to the parked /next, when one is parked and takes it.
    std::optional<Response> submit(RuntimeEvent event);

    // The connection that was parked is gone; its event, if any, is delivered to the next /next.
    void connection_lost() { parked_ = false; }

    // /next was asked for at least once.
    bool is_initialized() const { return state_ != State::Started && state_ != State::InitError; }

    // Neither an open event nor a queued one.
    bool is_free() const { return queue_.empty() && state_ != State::Running; }

private:
    enum class State { Started, InitError, Ready, Running, ResponseSent };

    RuntimeReply next();
    RuntimeReply result(
        std::string_view request_id,
        std::string_view verb,
        const RequestHead& head,
        std::string_view body
    );
    RuntimeReply init_error(const RequestHead& head, std::string_view body);
    Response deliver();
    Response forbidden(std::string_view to) const;

    State state_ = State::Started;
    bool parked_ = false;
    std::deque<RuntimeEvent> queue_; // the front one is open while Running
    std::string last_request_id_;    // of the event answered last
};

// Lambda keeps "Runtime.Xyz" and "Function.Xyz" only.
std::string kept_error_type(std::string_view sent);

} // namespace benchtop::functions
