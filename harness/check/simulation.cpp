#include "harness/check/simulation.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/faults/answers.hpp"
#include "emulator/s3/operation.hpp"
#include "emulator/s3/target.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace benchtop::harness::check {
namespace {

using faults::Fault;
using faults::FaultKind;

// One way to S3 and back inside a region; it also makes every loop of calls take time.
constexpr milliseconds kCallTime{1};
// botocore's read timeout.
constexpr seconds kClientPatience{60};
// Events of keys that nobody uploaded, after which a worker that sets itself off is left to it.
constexpr int kStrangersMax = 200;

faults::CallPoint call_point(const RequestHead& head, const functions::HandlerSource& source) {
    faults::CallPoint point;
    point.function = source.function_name;
    point.request_id = source.request_id;
    point.service = "s3";
    point.operation = head.method + ' ' + std::string(head.path());
    const auto target = s3::resolve_target(head);
    if (!target) {
        return point;
    }
    point.bucket = target->bucket;
    point.key = target->key;
    const Query query = Query::parse(head.query());
    if (const auto operation = s3::route(head, *target, query)) {
        point.operation = (*operation)->name;
    }
    return point;
}

std::string described(const Fault& fault) {
    switch (fault.kind) {
    case FaultKind::Delay:
        return fmt::format("comes {} ms later", fault.delay.count() / 1000);
    case FaultKind::Duplicate:
        return fmt::format("comes once more, {} ms later", fault.delay.count() / 1000);
    case FaultKind::Error:
        return fault.code.empty() ? "Lambda has an internal error" : "S3 answers " + fault.code;
    case FaultKind::Throttle:
        return "is throttled";
    case FaultKind::Timeout:
        return "is not done, and no answer comes";
    case FaultKind::LostAnswer:
        return "is done, but its answer is lost";
    case FaultKind::ExpiredCredentials:
        return "is refused: the credentials have expired";
    case FaultKind::Crash:
        return "is not done: Benchtop's process dies and starts again";
    case FaultKind::CrashAfter:
        return "is done, then Benchtop's process dies and starts again";
    }
    return {};
}

// Tells the story of what the decider does to events; calls are told when they have ended.
class Simulation final : public faults::FaultSource {
public:
    Simulation(const Scenario& scenario, Schedule schedule, Decider decider);

    Run run();

    std::vector<Fault> at_call(const faults::CallPoint& point) override {
        return decider_.at_call(point);
    }

    std::vector<Fault> at_event(const faults::EventPoint& point) override {
        strangers_ += outcome_.uploaded.contains(point.key) ? 0 : 1;
        auto decided = decider_.at_event(point);
        for (const Fault& fault : decided) {
            tell(fmt::format("{} {}", decider_.last_point(), described(fault)));
            if (fault.kind == FaultKind::Crash) {
                lab_.crash_soon();
            }
        }
        return decided;
    }

private:
    class Transport;

    LabOptions options(const Scenario& scenario);
    void upload(const Upload& step);
    void settle();
    Outcome look();
    ClientResponse ask(std::string method, const std::string& path);
    void tell(std::string line);
    void tell_failures(const Outcome& outcome);
    // Into the trace.
    void note(const RequestHead& head, std::string_view body);
    void note(const Response& response);
    std::string path_of(std::string_view key) const;

    const Scenario& scenario_;
    Schedule schedule_;
    Decider decider_;
    std::vector<std::string> story_;
    std::string trace_;
    std::string bucket_;
    Outcome outcome_;
    int strangers_ = 0;
    UtcInstant start_;
    Lab lab_;
};

// A handler's calls, each at its fault point.
class Simulation::Transport final : public functions::HandlerTransport {
public:
    Transport(functions::HandlerTransport& next, Simulation& simulation)
        : next_(next)
        , simulation_(simulation) {}

    Response
    send(RequestHead head, std::string body, const functions::HandlerSource& source) override {
        Lab& lab = simulation_.lab_;
        const faults::CallPoint point = call_point(head, source);
        const bool is_head = head.method == "HEAD";
        simulation_.note(head, body);
        lab.fibers().pause(kCallTime);
        if (is_gone()) {
            return none();
        }
        const std::vector<Fault> decided = simulation_.at_call(point);
        const std::string name =
            fmt::format("{} ({})", simulation_.decider_.last_point(), point.key);
        std::optional<Fault> fault;
        for (const Fault& one : decided) {
            if (one.kind == FaultKind::Delay) {
                simulation_.tell(fmt::format("{} {}", name, described(one)));
                lab.fibers().pause(one.delay);
            } else {
                fault = one;
            }
        }
        if (is_gone()) {
            return none();
        }
        if (fault) {
            return faulty(*fault, name, point, std::move(head), std::move(body), source, is_head);
        }
        Response response = next_.send(std::move(head), std::move(body), source);
        simulation_.note(response);
        simulation_.tell(fmt::format("{} -> {}", name, response.status));
        return is_gone() ? none() : std::move(response);
    }

private:
    bool is_gone() const {
        return simulation_.lab_.is_dying() || simulation_.lab_.fibers().abandoned();
    }

    static Response none() {
        Response response;
        response.status = 0;
        return response;
    }

    Response faulty(
        const Fault& fault,
        const std::string& name,
        const faults::CallPoint& point,
        RequestHead head,
        std::string body,
        const functions::HandlerSource& source,
        bool is_head
    ) {
        Lab& lab = simulation_.lab_;
        std::string line = fmt::format("{} {}", name, described(fault));
        if (fault.kind == FaultKind::LostAnswer || fault.kind == FaultKind::CrashAfter) {
            const Response lost = next_.send(std::move(head), std::move(body), source);
            line += fmt::format(" ({})", lost.status);
        }
        simulation_.tell(std::move(line));
        switch (fault.kind) {
        case FaultKind::Crash:
        case FaultKind::CrashAfter:
            lab.crash();
            return none();
        case FaultKind::Timeout:
        case FaultKind::LostAnswer:
            lab.fibers().pause(kClientPatience);
            return none();
        case FaultKind::Delay:
        case FaultKind::Duplicate:
            return next_.send(std::move(head), std::move(body), source);
        default:
            return faults::answer_of(
                fault, point.service, lab.services().random, lab.now(), is_head
            );
        }
    }

    functions::HandlerTransport& next_;
    Simulation& simulation_;
};

LabOptions Simulation::options(const Scenario& scenario) {
    LabOptions made;
    made.seed = schedule_.seed;
    made.stack = scenario.stack;
    for (auto& function : made.stack.functions) {
        if (function.name == stack::kWorkerFunction) {
            function.code.plugin = scenario.worker->name();
        }
    }
    made.plugins = {scenario.worker};
    made.wrap_transport = [this](functions::HandlerTransport& next) {
        return std::make_unique<Transport>(next, *this);
    };
    made.event_faults = this;
    made.keep_exchanges = false;
    return made;
}

Simulation::Simulation(const Scenario& scenario, Schedule schedule, Decider decider)
    : scenario_(scenario)
    , schedule_(std::move(schedule))
    , decider_(std::move(decider))
    , bucket_(scenario.stack.buckets.front().name)
    , lab_(options(scenario)) {
    start_ = lab_.now();
}

void Simulation::tell(std::string line) {
    const auto at = std::chrono::duration_cast<milliseconds>(lab_.now() - start_);
    story_.push_back(fmt::format("{:>8} ms  {}", at.count(), line));
    trace_ += story_.back();
    trace_ += '\n';
}

void Simulation::note(const RequestHead& head, std::string_view body) {
    trace_ += head.method + ' ' + head.target + '\n';
    for (const auto& [name, value] : head.headers.entries()) {
        trace_ += name + ": " + value + '\n';
    }
    trace_ += body;
}

void Simulation::note(const Response& response) {
    trace_ += std::to_string(response.status) + '\n';
    for (const auto& [name, value] : response.headers.entries()) {
        trace_ += name + ": " + value + '\n';
    }
    trace_ += whole_content(response.body).value_or("");
}

// What the handler said at the end of each event that did not succeed.
void Simulation::tell_failures(const Outcome& outcome) {
    for (const store::Delivery& delivery : outcome.deliveries) {
        if (delivery.state != store::DeliveryState::Done && delivery.attempts > 0) {
            tell(fmt::format(
                "the event of {} had {} attempts; the last ended with {}",
                delivery.key,
                delivery.attempts,
                delivery.last_result
            ));
        }
    }
}

std::string Simulation::path_of(std::string_view key) const {
    return '/' + bucket_ + '/' + percent_encode(key, SlashRule::Keep);
}

ClientResponse Simulation::ask(std::string method, const std::string& path) {
    ClientRequest request;
    request.method = std::move(method);
    request.url = std::string(kEndpoint) + path;
    ClientResponse answer = lab_.send_signed(std::move(request), Lab::administrator());
    trace_ += answer.request_text;
    trace_ += answer.response_text;
    return answer;
}

void Simulation::upload(const Upload& step) {
    ClientRequest request;
    request.method = "PUT";
    request.url = std::string(kEndpoint) + path_of(step.key);
    request.body = step.body;
    tell(fmt::format("a client puts {}", step.key));
    const ClientResponse answer = lab_.send_signed(std::move(request), Lab::administrator());
    trace_ += answer.request_text;
    trace_ += answer.response_text;
    if (answer.status == 200) {
        outcome_.uploaded[step.key] = step.body;
    } else {
        tell(fmt::format("-> {}", answer.status));
    }
}

// Event by event, until nothing is left to happen or patience ends.
void Simulation::settle() {
    const UtcInstant until = lab_.now() + scenario_.patience;
    while (!lab_.idle() && lab_.now() < until && strangers_ <= kStrangersMax) {
        const auto next = lab_.until_next();
        if (!next) {
            break;
        }
        lab_.pass(std::max(*next, microseconds{1}));
    }
    outcome_.settled = lab_.idle();
}

Outcome Simulation::look() {
    const ClientResponse listing = ask("GET", '/' + bucket_ + "?list-type=2&encoding-type=url");
    BT_ASSERT(listing.status == 200);
    std::string_view rest = listing.body;
    for (auto open = rest.find("<Key>"); open != std::string_view::npos;
         open = rest.find("<Key>")) {
        rest.remove_prefix(open + 5);
        const std::string key =
            percent_decode(rest.substr(0, rest.find('<')), PlusRule::Space).value_or("");
        if (!key.ends_with('/')) { // the lab's folders
            outcome_.objects[key] = ask("GET", path_of(key)).body;
        }
    }
    outcome_.deliveries = lab_.deliveries();
    std::erase_if(outcome_.deliveries, [](const store::Delivery& delivery) {
        return delivery.state == store::DeliveryState::Unmatched;
    });
    return outcome_;
}

Run Simulation::run() {
    for (const Upload& step : schedule_.uploads) {
        const auto passed = std::chrono::duration_cast<microseconds>(lab_.now() - start_);
        if (step.at > passed) {
            lab_.pass(step.at - passed);
        }
        upload(step);
    }
    settle();
    Run result;
    const Outcome outcome = look();
    for (const Invariant& invariant : scenario_.invariants) {
        if (auto what = invariant.check(outcome)) {
            if (invariant.name != "no-dead-event") { // which tells one itself
                tell_failures(outcome);
            }
            result.violation = {invariant.name, *std::move(what)};
            tell(fmt::format("{}: {}", invariant.name, result.violation->what));
            break;
        }
    }
    result.schedule = {schedule_.seed, schedule_.uploads, decider_.happened()};
    result.unmet = decider_.unmet();
    result.lab_time = std::chrono::duration_cast<microseconds>(lab_.now() - start_);
    for (const auto& [level, line] : lab_.log().lines()) {
        trace_ += line;
        trace_ += '\n';
    }
    result.trace_hash = sha256_hex(trace_);
    result.story = std::move(story_);
    return result;
}

} // namespace

const stack::Stack& Scenario::checked_stack() {
    static const stack::Stack stack = [] {
        stack::Stack made = lab_stack();
        const std::string bucket = "arn:aws:s3:::" + made.buckets.front().name;
        for (auto& role : made.roles) {
            if (role.name == stack::kWorkerRole) {
                role.policies.push_back(
                    {"everything-in-the-bucket",
                     fmt::format(
                         R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:*",)"
                         R"("Resource":["{0}","{0}/*"]}}]}})",
                         bucket
                     )}
                );
            }
        }
        return made;
    }();
    return stack;
}

Run run_seed(const Scenario& scenario, std::uint64_t seed) {
    Schedule schedule;
    schedule.seed = seed;
    schedule.uploads = draw_uploads(seed);
    return Simulation(scenario, std::move(schedule), Decider::drawing(seed, draw_mix(seed))).run();
}

Run replay(const Scenario& scenario, const Schedule& schedule) {
    return Simulation(scenario, schedule, Decider::playing(schedule.faults)).run();
}

} // namespace benchtop::harness::check
