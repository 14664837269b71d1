// Waiting until every event has been delivered.
#include "emulator/core/duration.hpp"
#include "emulator/delivery/dispatcher.hpp"
#include "emulator/pipeline/admin/advance.hpp"
#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/pipeline/controls.hpp"

#include <boost/json.hpp>

#include <atomic>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

using delivery::Dispatcher;

enum class Retries {
    Wait,    // until their moment
    Advance, // the lab's clock is advanced to each
    Ignore,  // they may be left
};

constexpr seconds kTimeoutDefault{30};
constexpr seconds kTimeoutMax{600};
constexpr milliseconds kLookAgain{10};
constexpr std::string_view kHowTo =
    "Send {\"timeout\": \"30s\", \"retries\": \"wait\"}: at most 600s; retries is wait, advance or "
    "ignore.";

struct Settling {
    Retries retries = Retries::Wait;
    MonotonicInstant deadline{};
    bool timed_out = false;
    int advances = 0;
};

using SettlingPtr = std::shared_ptr<Settling>;

std::optional<Retries> retries_named(std::string_view name) {
    if (name == "wait") {
        return Retries::Wait;
    }
    if (name == "advance") {
        return Retries::Advance;
    }
    return name == "ignore" ? std::optional(Retries::Ignore) : std::nullopt;
}

Action concluded(AdminCall& call, const SettlingPtr& settling, int status) {
    const Dispatcher::Backlog left = call.services.dispatcher->backlog();
    json::object document{
        {"settled", status == 200},
        {"underWay", left.due},
        {"waiting", left.waiting},
        {"advances", settling->advances}};
    if (left.next) {
        document["nextDueInMs"] = left.next->count() / 1000;
    }
    if (status != 200) {
        document["message"] = "Not within the time given: " + std::to_string(left.due) +
                              " deliveries are under way, " + std::to_string(left.waiting) +
                              " wait for their retry.";
    }
    return answer(call, status, std::move(document));
}

Action look(AdminCall& call, const SettlingPtr& settling);

// What a fault delivers late or twice tells nobody when it has: it is looked for again.
Action look_again(AdminCall& call, const SettlingPtr& settling) {
    Wait wait;
    wait.begin = [&deadlines =
                      call.services.controls->deadlines()](std::move_only_function<void()> over) {
        deadlines.after(kLookAgain, std::move(over));
    };
    call.after_wait = [&call, settling] {
        settling->timed_out = call.services.clock.monotonic() >= settling->deadline;
        return look(call, settling);
    };
    return wait;
}

// Quiet, or the time is over: whoever comes first ends the wait.
Action wait_for(AdminCall& call, const SettlingPtr& settling, Dispatcher::Quiet quiet) {
    Services& services = call.services;
    Wait wait;
    wait.begin = [&services, settling, quiet](std::move_only_function<void()> over) {
        struct Race {
            std::atomic<bool> decided = false;
            std::move_only_function<void()> over;
        };

        auto race = std::make_shared<Race>();
        race->over = std::move(over);
        const auto left =
            std::chrono::ceil<microseconds>(settling->deadline - services.clock.monotonic());
        auto& deadlines = services.controls->deadlines();
        auto& dispatcher = *services.dispatcher;
        const auto alarm = std::make_shared<std::atomic<Dispatcher::Ticket>>(0);
        const auto timer = deadlines.after(
            std::max(left, microseconds::zero()),
            [race, settling, alarm, &dispatcher] {
                dispatcher.forget(*alarm);
                if (!race->decided.exchange(true)) {
                    settling->timed_out = true;
                    race->over();
                }
            }
        );
        *alarm = dispatcher.when(quiet, [race, timer, &deadlines] {
            deadlines.cancel(timer);
            if (!race->decided.exchange(true)) {
                race->over();
            }
        });
    };
    call.after_wait = [&call, settling] { return look(call, settling); };
    return wait;
}

Action look(AdminCall& call, const SettlingPtr& settling) {
    if (settling->timed_out) {
        return concluded(call, settling, 408);
    }
    const Dispatcher::Backlog left = call.services.dispatcher->backlog();
    if (left.due == 0 && call.services.controls->faulty_events() > 0) {
        return look_again(call, settling);
    }
    if (settling->retries == Retries::Wait) {
        return left.due + left.waiting == 0
                   ? concluded(call, settling, 200)
                   : wait_for(call, settling, Dispatcher::Quiet::NothingPending);
    }
    const bool due_now = left.due > 0 || (left.next && *left.next <= microseconds::zero());
    if (due_now) {
        return wait_for(call, settling, Dispatcher::Quiet::NothingDue);
    }
    if (settling->retries == Retries::Ignore || !left.next) {
        return concluded(call, settling, 200);
    }
    if (call.services.clock.monotonic() >= settling->deadline) {
        settling->timed_out = true;
        return look(call, settling);
    }
    ++settling->advances;
    return advance_by(call, *left.next + microseconds{1}, [&call, settling] {
        return look(call, settling);
    });
}

} // namespace

// A change that was answered may not be known to the dispatcher yet: the writer tells it after the
// answer. Whatever is behind it in the queue comes later.
Action settle(AdminCall& call) {
    if (call.services.controls == nullptr || call.services.dispatcher == nullptr) {
        return not_here(call);
    }
    const auto document = body_object(call);
    if (!document) {
        return refuse(call, 400, kHowTo);
    }
    const auto timeout = document->contains("timeout")
                             ? parse_duration(string_member(*document, "timeout").value_or(""))
                             : std::optional<microseconds>(kTimeoutDefault);
    const auto retries = document->contains("retries")
                             ? retries_named(string_member(*document, "retries").value_or(""))
                             : std::optional(Retries::Wait);
    if (!timeout || !retries || timeout->count() < 0 || *timeout > kTimeoutMax) {
        return refuse(call, 400, kHowTo);
    }
    auto settling = std::make_shared<Settling>();
    settling->retries = *retries;
    settling->deadline = call.services.clock.monotonic() + *timeout;
    Commit behind;
    behind.job.run = [](store::WriteTx&) { return true; };
    call.after_commit = [&call, settling](store::CommitStatus) { return look(call, settling); };
    return behind;
}

} // namespace benchtop::pipeline::admin
