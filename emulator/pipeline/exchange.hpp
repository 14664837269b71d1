// One request's way through the house, as a machine without I/O. The edge (a socket, the in-memory
// transport, a fuzzer) obeys the actions it returns:
//
//     Action a = exchange.begin(head);
//     Respond      write the response; the exchange is over
//     ReadBody     send "100 Continue" if the client waits for it, then body()/body_end()
//     Commit       give `job` to the store's writer; when its done() comes, call committed(status)
//     Compute      run `work` where it blocks nobody, then call computed()
//     Wait         call `begin` with what is to be called once, on any thread; then call waited()
//     Drop         close the connection without an answer; the exchange is over
//     Invoke       call the Invoker; when it completes (or `deadline` passes), call
//     invoked(outcome)
//
// begin, body, body_end, committed, computed, waited and invoked are called one at a time, from any
// thread; none of them blocks on anything but a read of committed state. The exchange must outlive
// the job it gave out; work owns what it touches.
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/ports/invoker.hpp"
#include "emulator/store/store.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <variant>

namespace benchtop::pipeline {

class Services; // everything an exchange reaches (services.hpp)

struct Respond {
    Response response;
};

struct ReadBody {
    std::uint64_t limit; // more body bytes than this (after HTTP framing) end in too_large()
};

struct Commit {
    // `done` is unset: the edge sets it, so that it can come back on its own executor.
    store::WriteJob job;
};

struct Compute {
    // May read gigabytes; ends early when asked to stop, and then the exchange is given up.
    std::move_only_function<void(std::stop_token)> work;
};

struct Invoke {
    InvokeRequest request;
    milliseconds deadline; // answer nullopt to invoked() when it takes longer
};

struct Wait {
    // Calls its argument exactly once, on any thread, possibly before it returns.
    std::move_only_function<void(std::move_only_function<void()>)> begin;
};

// A fault's: no answer comes (in-process handlers get a response whose status is 0).
struct Drop {};

using Action = std::variant<Respond, ReadBody, Commit, Compute, Wait, Invoke, Drop>;

class Exchange {
public:
    // `services` outlives the exchange.
    explicit Exchange(Services& services);
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    Action begin(RequestHead head);
    // Body bytes after HTTP framing. A Respond means: stop reading, answer, drain or close.
    std::optional<Respond> body(ByteView bytes);
    Action body_end();
    // The client sent more than ReadBody::limit.
    Respond too_large();
    // The client went quiet in the middle of its body: S3's RequestTimeout and siblings.
    Respond body_timed_out();
    Action committed(store::CommitStatus status);
    Action computed();
    Action waited();
    Action invoked(std::optional<InvokeOutcome> outcome);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// On the HTTP API's own port API Gateway answers, elsewhere S3. The answer to bytes that are not
// HTTP (S3: BadRequest "An error occurred when parsing the HTTP request."), and to a header section
// over the limit (RequestHeaderSectionTooLarge, MaxSizeAllowed 8192).
Response bad_request_response(Services& services, Listener listener);
Response header_too_large_response(Services& services, Listener listener);

} // namespace benchtop::pipeline
