// The keys issuers of tokens publish, found by discovery and kept for a while. API Gateway may keep
// them for two hours (Developer Guide, "Control access to HTTP APIs with JWT authorizers") and
// looks again when a token is signed with a key it has not seen.
#pragma once

#include "emulator/core/time.hpp"
#include "emulator/pipeline/services.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::pipeline {

// What the issuer publishes at `url`, when that is an object of a bucket here that everybody may
// read: nothing else can be reached, above all no API, which could ask for the keys in turn.
// nullopt: it cannot be had, or is longer than 150 kB.
std::optional<std::string> fetch_published(Services& services, std::string_view url);

// Thread-safe. Nothing is kept of an issuer that could not be asked.
class IssuerKeys {
public:
    using KeySet = std::shared_ptr<const boost::json::object>;

    // The issuer's JWK set: a kept one that `suits`, or what the issuer publishes now. nullptr: it
    // publishes none that can be read.
    KeySet find(
        Services& services,
        const std::string& issuer,
        UtcInstant now,
        const std::function<bool(const boost::json::object&)>& suits
    );

private:
    struct Kept {
        KeySet keys;
        UtcInstant fetched_at{};
        std::uint64_t configuration_epoch = 0;
    };

    static constexpr std::size_t kIssuersMax = 32;

    std::mutex mutex_;
    std::map<std::string, Kept, std::less<>> kept_; // by issuer
};

} // namespace benchtop::pipeline
