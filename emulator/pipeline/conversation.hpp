// What Exchange delegates to once it knows which service is meant: one class per kind of service,
// each the same machine without I/O (exchange.hpp). The head outlives the conversation.
#pragma once

#include "emulator/core/assert.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/pipeline/caches.hpp"
#include "emulator/pipeline/exchange.hpp"
#include "emulator/pipeline/services.hpp"

#include <memory>

namespace benchtop::pipeline {

class Conversation {
public:
    Conversation() = default;
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;
    virtual ~Conversation() = default;

    virtual Action begin() = 0;
    virtual std::optional<Respond> body(ByteView bytes) = 0;
    virtual Action body_end() = 0;
    virtual Respond too_large() = 0;
    virtual Respond body_timed_out() = 0;
    virtual Action committed(store::CommitStatus status) = 0;

    // For who gives out a Compute.
    virtual Action computed() {
        assertion_failed("nothing was to be computed", BOOST_CURRENT_LOCATION);
    }

    // For who gives out a Wait.
    virtual Action waited() { assertion_failed("nothing was waited for", BOOST_CURRENT_LOCATION); }

    // For the record of requests; what is not known (yet) is "".
    struct Facts {
        std::string_view service = {};
        std::string_view operation = {};
        std::string caller = {}; // ARN
        std::string fault = {};  // what a rule let happen: "throttle"
    };

    virtual Facts facts() const { return {}; }

    virtual Action invoked(std::optional<InvokeOutcome> outcome) = 0;

    // One of the above met a store that cannot be read: the service's internal error, made without
    // it. Ends the conversation.
    virtual Respond store_failed() = 0;
};

std::unique_ptr<Conversation> make_s3_conversation(Services& services, const RequestHead& head);
// null: the host is no website endpoint.
std::unique_ptr<Conversation>
make_website_conversation(Services& services, const RequestHead& head);
// null: the URL is none of GetFunction's Code.Location.
std::unique_ptr<Conversation>
make_function_code_conversation(Services& services, const RequestHead& head);
// `path` is what the API sees ("/prod/presign"): a part of the head's target.
std::unique_ptr<Conversation> make_api_conversation(
    Services& services, const RequestHead& head, std::string api_id, std::string_view path
);
std::unique_ptr<Conversation> make_admin_conversation(Services& services, const RequestHead& head);
// STS, IAM, Lambda, API Gateway's control plane, Logs: known by the credential scope or the host.
std::unique_ptr<Conversation> make_control_plane_conversation(
    Services& services, const RequestHead& head, std::string_view service
);

// A body collected in memory up to a limit.
class CollectedBody {
public:
    void append(ByteView bytes) { text_.append(as_text(bytes)); }

    std::string& text() { return text_; }

private:
    std::string text_;
};

} // namespace benchtop::pipeline
