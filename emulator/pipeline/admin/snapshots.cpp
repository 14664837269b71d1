// The lab's state by name: kept, brought back.
#include "emulator/store/snapshots.hpp"

#include "emulator/delivery/dispatcher.hpp"
#include "emulator/pipeline/admin/advance.hpp"
#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/pipeline/controls.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

using store::Snapshots;

Respond unknown(const AdminCall& call) {
    return refuse(call, 404, "There is no snapshot of that name.");
}

} // namespace

Action list_snapshots(AdminCall& call) {
    if (call.services.controls == nullptr) {
        return not_here(call);
    }
    json::array cards;
    for (const Snapshots::Entry& entry : call.services.controls->snapshots().list()) {
        cards.push_back({{"name", entry.name}, {"bytes", entry.bytes}});
    }
    return answer(call, 200, {{"snapshots", std::move(cards)}});
}

Action save_snapshot(AdminCall& call) {
    if (call.services.controls == nullptr) {
        return not_here(call);
    }
    const std::string& name = call.parameters.front();
    if (!Snapshots::is_name(name)) {
        return refuse(call, 400, "A name has letters, digits, - and _, at most 64.");
    }
    auto full = std::make_shared<bool>(false);
    Commit commit;
    commit.job.run = [&call, &name, full](store::WriteTx& tx) {
        Snapshots& snapshots = call.services.controls->snapshots();
        *full = !snapshots.exists(name) && snapshots.list().size() >= Snapshots::kKept;
        if (!*full) {
            snapshots.save(tx, name);
        }
        return true;
    };
    call.after_commit = [&call, full](store::CommitStatus status) -> Action {
        if (status == store::CommitStatus::Failed) {
            return refuse(call, 500, "The snapshot could not be written; the log says why.");
        }
        if (*full) {
            return refuse(call, 400, "There are 32 snapshots already; remove one.");
        }
        return list_snapshots(call);
    };
    return commit;
}

// As a reset, but the store's contents come from the snapshot.
Action restore_snapshot(AdminCall& call) {
    Services& services = call.services;
    if (services.controls == nullptr || services.dispatcher == nullptr) {
        return not_here(call);
    }
    const std::string& name = call.parameters.front();
    if (!services.controls->snapshots().exists(name)) {
        return unknown(call);
    }
    Commit commit;
    commit.job.run = [&services, &name](store::WriteTx& tx) {
        services.controls->snapshots().restore(tx, name);
        ++services.era;
        services.dispatcher->forget_all();
        services.controls->forget_contents();
        return true;
    };
    call.after_commit = [&call, &name](store::CommitStatus status) -> Action {
        call.services.dispatcher->recover();
        if (status == store::CommitStatus::Failed) {
            return refuse(call, 500, "The snapshot could not be read; the log says why.");
        }
        return answer(call, 200, {{"status", "restored"}, {"name", name}});
    };
    return commit;
}

Action remove_snapshot(AdminCall& call) {
    if (call.services.controls == nullptr) {
        return not_here(call);
    }
    const std::string& name = call.parameters.front();
    if (!call.services.controls->snapshots().exists(name)) {
        return unknown(call);
    }
    Commit commit; // behind whatever uses it
    commit.job.run = [&call, &name](store::WriteTx&) {
        call.services.controls->snapshots().remove(name);
        return true;
    };
    call.after_commit = [&call](store::CommitStatus) -> Action { return list_snapshots(call); };
    return commit;
}

} // namespace benchtop::pipeline::admin
