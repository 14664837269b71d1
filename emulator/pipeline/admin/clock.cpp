// The lab's clock.
#include "emulator/core/duration.hpp"
#include "emulator/delivery/dispatcher.hpp"
#include "emulator/pipeline/admin/advance.hpp"
#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/pipeline/controlled_clock.hpp"
#include "emulator/pipeline/controls.hpp"
#include "emulator/pipeline/lifecycle_clock.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

using Then = std::move_only_function<Action()>;

Action next_step(AdminCall& call, std::shared_ptr<ClockAdvance> advance, Then then) {
    auto more = std::make_shared<bool>(false);
    Commit commit;
    commit.job.run = [advance, more](store::WriteTx& tx) {
        *more = advance->step(tx);
        return true;
    };
    call.after_commit = [&call, advance, more, then = std::move(then)](store::CommitStatus status
                        ) mutable -> Action {
        if (status == store::CommitStatus::Failed) {
            return refuse(call, 500, "The store refused the change.");
        }
        if (*more) {
            return next_step(call, advance, std::move(then));
        }
        if (call.services.controls != nullptr) {
            call.services.controls->clock().leave_advance_behind();
        }
        if (call.services.dispatcher != nullptr) {
            call.services.dispatcher->run_due();
        }
        return then();
    };
    return commit;
}

} // namespace

Action get_clock(AdminCall& call) {
    Controls* const controls = call.services.controls;
    const UtcInstant now = call.services.clock.now();
    TimeAxis axis;
    call.services.store.read([&](const store::ReadTx& tx) { axis = tx.time_axis(); });
    json::array advances;
    for (const Advance& a : axis.advances()) {
        advances.push_back(
            {{"at", to_iso8601_ms(a.at)}, {"seconds", static_cast<double>(a.amount.count()) / 1e6}}
        );
    }
    return answer(
        call,
        200,
        {{"frozen", controls != nullptr && controls->clock().is_frozen()},
         {"now", to_iso8601_ms(now)},
         {"labTime", to_iso8601_ms(axis.to_virtual(now))},
         {"advancedSeconds", static_cast<double>(axis.total().count()) / 1e6},
         {"advances", std::move(advances)}}
    );
}

Action advance_clock(AdminCall& call) {
    const auto document = body_object(call);
    const auto by = document ? string_member(*document, "by") : std::nullopt;
    const auto amount = by ? parse_duration(*by) : std::nullopt;
    if (!amount || amount->count() <= 0) {
        return refuse(
            call,
            400,
            "Send {\"by\": \"301s\"}: a positive number with s, m, h or d, at most 3650d."
        );
    }
    return advance_by(call, *amount, [&call] { return get_clock(call); });
}

Action advance_by(AdminCall& call, microseconds amount, std::move_only_function<Action()> then) {
    Services& services = call.services;
    if (services.controls == nullptr || !services.controls->clock().is_frozen()) {
        return next_step(call, std::make_shared<ClockAdvance>(services, amount), std::move(then));
    }
    const microseconds last = std::min<microseconds>(amount, ControlledClock::kStep);
    auto finish = [&call, last, then = std::move(then)]() mutable -> Action {
        call.services.controls->clock().step(last);
        // What falls due in the last second.
        auto rest = std::make_shared<ClockAdvance>(call.services, microseconds::zero());
        return next_step(call, std::move(rest), std::move(then));
    };
    return next_step(
        call, std::make_shared<ClockAdvance>(services, amount - last), std::move(finish)
    );
}

Respond not_here(const AdminCall& call) {
    return refuse(call, 501, "Only a running emulator can do that.");
}

Action freeze_clock(AdminCall& call) {
    if (call.services.controls == nullptr) {
        return not_here(call);
    }
    call.services.controls->clock().freeze();
    return get_clock(call);
}

Action resume_clock(AdminCall& call) {
    if (call.services.controls == nullptr) {
        return not_here(call);
    }
    call.services.controls->clock().resume();
    if (call.services.dispatcher != nullptr) {
        call.services.dispatcher->run_due(); // what fell due meanwhile
    }
    return get_clock(call);
}

} // namespace benchtop::pipeline::admin
