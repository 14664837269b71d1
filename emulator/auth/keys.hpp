// Where secrets come from (the caller's lookup) and the cache of what is derived from them.
#pragma once

#include "emulator/auth/signature.hpp"
#include "emulator/core/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace benchtop::auth {

// What is known of an access key. Immutable once published; shared, so that a warm verification
// copies no secret.
struct KeyRecord {
    std::string access_key_id;
    std::string secret;
    std::string session_token; // empty for a long-term key
    // Temporary credentials only: refused when axis.age(issued_at, now) >= lifetime.
    std::optional<UtcInstant> issued_at;
    std::optional<microseconds> lifetime;
    // Changes whenever the secret of this id changes.
    std::uint64_t generation = 0;
};

class KeyLookup {
public:
    KeyLookup() = default;
    KeyLookup(const KeyLookup&) = delete;
    KeyLookup& operator=(const KeyLookup&) = delete;
    virtual ~KeyLookup() = default;

    // nullptr: no such key, or it is inactive.
    virtual std::shared_ptr<const KeyRecord> find(std::string_view access_key_id) = 0;
};

// SigV4 signing keys by (key id, generation, day, region, service). Bounded: a full cache is
// emptied, which costs one derivation per live key. NOT thread-safe: one per thread.
class SigningKeyCache {
public:
    explicit SigningKeyCache(std::size_t capacity = 1024)
        : capacity_(capacity) {}

    SigningKey
    get(const KeyRecord& key,
        std::string_view day,
        std::string_view region,
        std::string_view service);

    std::size_t size() const { return keys_.size(); }

private:
    std::size_t capacity_;
    std::unordered_map<std::string, SigningKey> keys_;
    std::string name_; // scratch for lookups, kept for its allocation
};

} // namespace benchtop::auth
