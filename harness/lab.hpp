// A whole Benchtop in memory: the same operations, signatures, policies, delivery and storage rules
// as the process, with virtual time, seeded randomness, no sockets and no threads.
//
//     Lab lab{seed};
//     lab.deploy(lab_stack());                        // the lab of the handout
//     auto url = lab.client("student").presign();
//     lab.clock().advance(301s);
//     CHECK(lab.put(url, "x") == refused("Request has expired")); // expect.hpp
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/faults/faults.hpp"
#include "emulator/functions/function_logs.hpp"
#include "emulator/functions/handler_transport.hpp"
#include "emulator/functions/plugin.hpp"
#include "emulator/pipeline/services.hpp"
#include "emulator/stack/stack.hpp"
#include "emulator/store/store.hpp"
#include "harness/client.hpp"
#include "harness/fibers.hpp"
#include "harness/messages.hpp"
#include "harness/virtual_ports.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::harness {

// stack::lab_stack(), read once.
const stack::Stack& lab_stack();

struct LabOptions {
    std::uint64_t seed = 1;
    UtcInstant start = from_epoch_seconds(1'790'000'000);
    bool deploy = true;
    stack::Stack stack = lab_stack();
    // Beside the lab's own two handlers.
    std::vector<std::shared_ptr<const functions::Plugin>> plugins;
    // Whether handler_exchanges() is filled.
    bool keep_exchanges = true;
    // Stand between the process and its ports when given: `next` outlives what they make.
    std::function<std::unique_ptr<functions::HandlerTransport>(functions::HandlerTransport& next)>
        wrap_transport;
    // Opens the store, at first and after each crash; in memory when not given. Events it finds
    // pending are delivered.
    std::function<std::unique_ptr<store::Store>(Random&)> open_store;
    // Asked about every event on its way to a function. Outlives the lab.
    faults::FaultSource* event_faults = nullptr;
};

// Where clients find the lab's API by its short port, and everything else.
inline constexpr std::string_view kApiEndpoint = "http://localhost:4567";
inline constexpr std::string_view kEndpoint = "http://127.0.0.1:4566";

// Time in a lab.
class LabClock {
public:
    explicit LabClock(Lab& lab)
        : lab_(lab) {}

    UtcInstant now() const;
    // Lets time pass: everything that falls due on the way runs at its moment.
    void pass(microseconds amount);
    // `benchtop clock advance`: ages what exists without moving the clients' clocks.
    void advance(microseconds amount);

private:
    Lab& lab_;
};

class Lab {
public:
    // The lab of the handout, or what the options say.
    explicit Lab(LabOptions options = {});
    // An account in which nothing is deployed yet but its administrator. The same seed gives the
    // same lab: ids, delays, every byte.
    explicit Lab(std::uint64_t seed);
    ~Lab();
    Lab(const Lab&) = delete;
    Lab& operator=(const Lab&) = delete;

    // Adds to what is there, as `benchtop up --stack` does. presign() calls the first API deployed.
    // Throws std::invalid_argument with AWS's words when the stack is refused; nothing of it is
    // there then.
    void deploy(const stack::Stack& stack);
    // A template of AWS SAM or CloudFormation; its functions name plugins (stack/template.hpp).
    void deploy(std::string_view template_text);

    // --- a client's view
    // The IAM user of that name, made when there is none, with an access key of its own. A new user
    // may do nothing (Client::may()).
    Client client(std::string_view user);
    ClientResponse send(const ClientRequest& request);
    // Signed with SigV4 in the Authorization header for S3, as the AWS CLI does.
    ClientResponse send_signed(
        ClientRequest request,
        const ClientCredentials& credentials,
        std::string_view region = stack::kLabRegion
    );
    // Likewise for another service: "lambda", "iam"... Its URL is `path` at kEndpoint; a body of
    // STS or IAM is a form, everything else JSON.
    ClientResponse call(
        std::string_view service,
        std::string_view method,
        std::string_view path,
        std::string body,
        const ClientCredentials& credentials = administrator(),
        std::vector<std::pair<std::string, std::string>> more_headers = {}
    );
    // An operation of CloudWatch Logs: "PutLogEvents".
    ClientResponse logs(
        std::string_view operation,
        std::string body,
        const ClientCredentials& credentials = administrator()
    );
    // Likewise for CloudWatch Logs: `target` is its X-Amz-Target.
    ClientResponse call_json(
        std::string_view service,
        std::string_view target,
        std::string body,
        const ClientCredentials& credentials = administrator()
    );
    // The administrator of the lab's account.
    static ClientCredentials administrator();
    // POST /prod/presign on the lab's API, parsed; "" members when it was refused.
    Presigned presign();
    // curl -X PUT URL --data-binary BODY: with the Content-Type curl adds, unless another one is
    // given.
    ClientResponse
    put(std::string url,
        std::string body,
        std::string_view content_type = "application/x-www-form-urlencoded");
    ClientResponse put(const Presigned& presigned, std::string body);

    // --- time
    LabClock clock() { return LabClock(*this); }

    // Lets time pass: everything that falls due on the way runs at its moment.
    void pass(microseconds amount);
    // `benchtop clock advance`: ages what exists without moving the clients' clocks.
    void advance(microseconds amount);
    // Runs until nothing is due now.
    void settle();

    UtcInstant now() const { return clock_.now(); }

    // --- what a test may look at or change
    store::Store& store() { return *store_; }

    // Runs `change` in one transaction.
    void write(const std::function<void(store::WriteTx&)>& change);
    bool has_object(std::string_view bucket, std::string_view key);
    std::vector<store::Delivery> deliveries();
    std::vector<functions::LogLine> log_of(std::string_view function);
    // Delivers the newest event of `key` that a rule matched once more, as S3 may; it runs at the
    // next settle().
    void deliver_again(std::string_view key);

    // What handlers sent, oldest first.
    const std::vector<HandlerExchange>& handler_exchanges() const;

    const RecordingLog& log() const { return log_; }

    functions::PluginRegistry& plugins() { return plugins_; }

    const stack::Stack& stack() const { return options_.stack; }

    pipeline::Services& services();

    Fibers& fibers() { return fibers_; }

    // The process dies as soon as whatever runs now waits: every handler ends without another word,
    // what was not committed is lost. Then it starts again on the same store, or on one opened
    // anew.
    void crash();

    // Likewise at the next turn, for who may not wait: inside the dispatcher.
    void crash_soon() { crash_asked_ = true; }

    // The same, said from within a call of the process to its ports, which may not wait.
    void doom() { crash_asked_ = true; }

    // The process is dying: nothing it does reaches anybody any more.
    bool is_dying() const { return crash_asked_; }

    std::size_t crashes() const { return crashes_; }

    // Nothing runs, and no event is pending.
    bool idle() const;

    // Time until something falls due; nullopt when nothing will.
    std::optional<microseconds> until_next() const { return deadlines_.next(); }

private:
    ClientResponse send_signed(
        ClientRequest request,
        const ClientCredentials& credentials,
        std::string_view region,
        std::string_view service
    );

    struct Process;

    // One turn of what is due now; false when nothing is.
    bool turn();
    void wait_until(const std::function<bool()>& ready);
    void silence();
    void end_process();
    void restart();

    LabOptions options_;
    VirtualClock clock_;
    SeededRandom random_;
    RecordingLog log_;
    VirtualDeadlines deadlines_{clock_};
    VirtualWakeUp wake_up_{deadlines_};
    Fibers fibers_{deadlines_};
    functions::PluginRegistry plugins_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Process> process_; // what a crash loses
    bool crash_asked_ = false;
    int waiting_ = 0; // clients inside wait_until()
    std::size_t crashes_ = 0;
};

} // namespace benchtop::harness
