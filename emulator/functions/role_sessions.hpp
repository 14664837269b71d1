// The temporary credentials functions run with: one session of the role per function, shared by its
// environments, kept in the store (so that a URL signed with it survives a restart) and renewed
// when half of its life is over.
#pragma once

#include "emulator/core/gate.hpp"
#include "emulator/functions/environment.hpp"
#include "emulator/functions/invocation_target.hpp"
#include "emulator/ports/clock.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/store/store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace benchtop::functions {

// Thread-safe. Owned by a shared_ptr, because the store calls back.
class RoleSessions : public std::enable_shared_from_this<RoleSessions> {
public:
    static constexpr std::chrono::hours kLifetime{6};

    RoleSessions(std::shared_ptr<Gate> gate, store::Store& store, Clock& clock, Random& random)
        : gate_(std::move(gate))
        , store_(store)
        , clock_(clock)
        , random_(random) {}

    // nullopt: the store could not keep new credentials.
    using Completion = std::move_only_function<void(std::optional<RoleCredentials>)>;
    // Completes at once when a session is fresh, otherwise on the store's writer; must be quick.
    void get(const InvocationTarget& target, Completion done);
    // The store's contents are exchanged, inside that transaction: sessions begin anew, and those
    // that are on their way to the store are not kept.
    void forget();

private:
    struct Session {
        std::optional<store::AccessKey> key;
        std::vector<Completion> waiting; // while new credentials are on their way to the store
    };

    store::AccessKey make_key(const InvocationTarget& target);
    void minted(
        const std::string& id,
        const store::AccessKey& key,
        std::uint64_t era,
        store::CommitStatus status
    );
    bool is_of(std::uint64_t era);

    std::shared_ptr<Gate> gate_;
    store::Store& store_;
    Clock& clock_;
    Random& random_;
    std::mutex mutex_;
    std::uint64_t era_ = 0;                   // counts forget()
    std::map<std::string, Session> sessions_; // by function ARN and role ARN
};

} // namespace benchtop::functions
