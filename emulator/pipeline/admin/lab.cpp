// The lab as a whole: begun anew, made repeatable.
#include "emulator/delivery/dispatcher.hpp"
#include "emulator/faults/rules.hpp"
#include "emulator/pipeline/admin/advance.hpp"
#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/pipeline/controlled_clock.hpp"
#include "emulator/pipeline/controls.hpp"
#include "emulator/pipeline/recorder.hpp"
#include "emulator/pipeline/refusals.hpp"
#include "emulator/pipeline/switchable_random.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

// What is remembered beside the store.
void begin_anew(Services& services) {
    services.controls->clock().resume();
    if (services.recorder == nullptr || services.recorder->mode() == RecorderMode::Off) {
        services.controls->random().seed(std::nullopt); // a recorded session keeps its own
    }
    if (services.faults != nullptr) {
        services.faults->set({}, 0);
    }
    services.refusals->clear();
    services.requests.clear();
    if (services.invocations != nullptr) {
        services.invocations->clear();
    }
}

} // namespace

// One transaction empties the store and deploys again: no request sees a half of it. Handlers that
// are running are not waited for. Their role's session is gone, so what they ask of AWS from here
// on is refused; what they asked before and was not committed is not done (Services::era); what
// becomes of their events is dropped.
Action reset_lab(AdminCall& call) {
    return reset_with(call, {}, [&call]() -> Action {
        return answer(call, 200, {{"status", "reset"}});
    });
}

Action
reset_with(AdminCall& call, std::function<void()> prepare, std::move_only_function<Action()> then) {
    Services& services = call.services;
    if (services.controls == nullptr || services.dispatcher == nullptr) {
        return not_here(call);
    }
    auto why_not = std::make_shared<std::string>();
    Commit commit;
    commit.job.run = [&services, why_not, prepare = std::move(prepare)](store::WriteTx& tx) {
        if (prepare) {
            prepare();
        }
        tx.remove_everything();
        if (auto deployed = services.controls->deploy(tx); !deployed) {
            *why_not = deployed.error().message();
            return false;
        }
        ++services.era;
        services.dispatcher->forget_all();
        services.controls->forget_contents();
        return true;
    };
    call.after_commit = [&call, why_not, then = std::move(then)](store::CommitStatus status
                        ) mutable -> Action {
        Services& lab = call.services;
        if (status == store::CommitStatus::Failed || !why_not->empty()) {
            lab.dispatcher->recover();
            return refuse(call, 500, why_not->empty() ? "The store refused it." : *why_not);
        }
        begin_anew(lab);
        lab.dispatcher->recover();
        return then();
    };
    return commit;
}

// {"seed": 7}; null is the machine's randomness again.
Action seed_random(AdminCall& call) {
    if (call.services.controls == nullptr) {
        return not_here(call);
    }
    const auto document = body_object(call);
    const json::value* const seed = document ? document->if_contains("seed") : nullptr;
    boost::system::error_code ec;
    const auto number =
        seed != nullptr && seed->is_number() ? seed->to_number<std::uint64_t>(ec) : 0;
    if (seed == nullptr || ec || !(seed->is_null() || seed->is_int64() || seed->is_uint64())) {
        return refuse(call, 400, "Send {\"seed\": 7}: a number from 0 to 2^64-1, or null.");
    }
    call.services.controls->random().seed(
        seed->is_null() ? std::nullopt : std::optional<std::uint64_t>(number)
    );
    return answer(call, 200, {{"seed", *seed}});
}

} // namespace benchtop::pipeline::admin
