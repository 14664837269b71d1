#include "emulator/auth/keys.hpp"

#include <array>
#include <cstring>

namespace benchtop::auth {

SigningKey SigningKeyCache::get(
    const KeyRecord& key, std::string_view day, std::string_view region, std::string_view service
) {
    std::array<char, sizeof key.generation> generation{};
    std::memcpy(generation.data(), &key.generation, generation.size());
    name_.assign(generation.data(), generation.size());
    // '/' cannot occur in the scope's fields, and the key id comes last.
    name_.append(day).append(1, '/').append(region).append(1, '/').append(service).append(1, '/');
    name_.append(key.access_key_id);
    if (const auto found = keys_.find(name_); found != keys_.end()) {
        return found->second;
    }
    if (keys_.size() >= capacity_) {
        keys_.clear();
    }
    const SigningKey derived = derive_signing_key(key.secret, day, region, service);
    keys_.emplace(name_, derived);
    return derived;
}

} // namespace benchtop::auth
