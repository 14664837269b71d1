// What a request would otherwise look up or derive again: callers with their parsed policies,
// signing keys, parsed APIs. Everything is checked against the store's epochs, so a change is seen
// by the next request.
#pragma once

#include "emulator/apigateway/model.hpp"
#include "emulator/auth/verify.hpp"
#include "emulator/pipeline/issuer_keys.hpp"
#include "emulator/pipeline/services.hpp"
#include "emulator/policy/evaluate.hpp"
#include "emulator/store/tx.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace benchtop::pipeline {

// A caller as of one epoch; immutable, shared by the requests that use it.
struct Identity {
    std::shared_ptr<const auth::KeyRecord> key;
    policy::Principal principal;
    policy::PolicySet policies; // without a resource policy
};

// Who holds these credentials, with the policies in force; nullptr when the principal is gone.
std::shared_ptr<const Identity> identity_of(const store::ReadTx& tx, const store::AccessKey& key);

// One thread's worth of caches; leased for a request, not thread-safe.
class CacheSlot {
public:
    // Forgets what belongs to older epochs.
    void refresh(std::uint64_t identity_epoch, std::uint64_t configuration_epoch);
    // nullptr: no such key.
    std::shared_ptr<const Identity>
    identity(const store::ReadTx& tx, std::string_view access_key_id);
    // nullptr: not cached.
    std::shared_ptr<const apigateway::Api> cached_api(std::string_view api_id) const;
    std::shared_ptr<const apigateway::Api> api(const store::ReadTx& tx, std::string_view api_id);
    auth::SigningKeyCache signing_keys;

private:
    static constexpr std::size_t kIdentitiesMax = 1024;
    std::uint64_t identity_epoch_ = 0;
    std::uint64_t configuration_epoch_ = 0;
    std::unordered_map<std::string, std::shared_ptr<const Identity>> identities_;
    std::unordered_map<std::string, std::shared_ptr<const apigateway::Api>> apis_;
};

// Hands out slots; as many exist as requests ran at the same time.
struct Services::Caches {
    class Lease {
    public:
        explicit Lease(Caches& caches);
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

        CacheSlot* operator->() { return slot_.get(); }

        CacheSlot& operator*() { return *slot_; }

    private:
        Caches& caches_;
        std::unique_ptr<CacheSlot> slot_;
    };

    std::mutex mutex;
    std::vector<std::unique_ptr<CacheSlot>> free;
    IssuerKeys issuer_keys; // shared by all
};

// How a verification finds a key: through the cache, remembering whose it was.
class IdentityLookup final : public auth::KeyLookup {
public:
    IdentityLookup(CacheSlot& slot, const store::ReadTx& tx)
        : slot_(slot)
        , tx_(tx) {}

    std::shared_ptr<const auth::KeyRecord> find(std::string_view access_key_id) override;

    // Of the key found last; null when none was.
    const std::shared_ptr<const Identity>& found() const { return found_; }

private:
    CacheSlot& slot_;
    const store::ReadTx& tx_;
    std::shared_ptr<const Identity> found_;
};

// Known secrets: "test"/"test" is the root of account 000000000000, and a 12-digit key id with the
// secret "test" the root of that account. Verified like any other key.
std::optional<store::AccessKey> well_known_key(std::string_view access_key_id);

} // namespace benchtop::pipeline
