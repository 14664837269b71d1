#include "emulator/functions/role_sessions.hpp"

#include "emulator/core/ids.hpp"

namespace benchtop::functions {

namespace {

RoleCredentials credentials_of(const store::AccessKey& key) {
    return {key.access_key_id, key.secret, key.session_token};
}

} // namespace

void RoleSessions::get(const InvocationTarget& target, Completion done) {
    const std::string id = target.function.arn() + " " + target.function.role_arn;
    std::optional<RoleCredentials> ready;
    std::uint64_t era = 0;
    {
        const std::lock_guard lock(mutex_);
        era = era_;
        Session& session = sessions_[id];
        if (session.key && target.axis.age(session.key->issued_at, clock_.now()) <= kLifetime / 2) {
            ready = credentials_of(*session.key);
        } else {
            session.waiting.push_back(std::move(done));
            if (session.waiting.size() > 1) {
                return; // whoever came first has asked the store
            }
        }
    }
    if (ready) {
        done(std::move(ready));
        return;
    }
    auto key = std::make_shared<const store::AccessKey>(make_key(target));
    store_.write(
        {[self = shared_from_this(), era, key](store::WriteTx& tx) {
             if (!self->is_of(era)) {
                 return false;
             }
             tx.put_access_key(*key);
             return true;
         },
         [self = shared_from_this(), id, era, key](store::CommitStatus status) {
             if (const auto pass = self->gate_->enter()) {
                 self->minted(id, *key, era, status);
             }
         }}
    );
}

store::AccessKey RoleSessions::make_key(const InvocationTarget& target) {
    store::AccessKey key;
    key.access_key_id = make_access_key_id(random_, "ASIA", target.role.account);
    key.secret = make_secret_key(random_);
    key.session_token = make_session_token(random_);
    key.account = target.role.account;
    key.kind = store::PrincipalKind::Role;
    key.principal_name = target.role.name;
    key.session_name = role_session_name(target.function.name);
    key.issued_at = clock_.now();
    key.lifetime = kLifetime;
    return key;
}

void RoleSessions::forget() {
    const std::lock_guard lock(mutex_);
    ++era_;
    for (auto& [id, session] : sessions_) {
        session.key.reset();
    }
}

bool RoleSessions::is_of(std::uint64_t era) {
    const std::lock_guard lock(mutex_);
    return era == era_;
}

void RoleSessions::minted(
    const std::string& id,
    const store::AccessKey& key,
    std::uint64_t era,
    store::CommitStatus status
) {
    std::vector<Completion> waiting;
    std::optional<RoleCredentials> credentials;
    if (status == store::CommitStatus::Committed && is_of(era)) {
        credentials = credentials_of(key);
    }
    {
        const std::lock_guard lock(mutex_);
        Session& session = sessions_[id];
        waiting.swap(session.waiting);
        if (credentials) {
            session.key = key;
        }
    }
    for (Completion& done : waiting) {
        done(credentials);
    }
}

} // namespace benchtop::functions
