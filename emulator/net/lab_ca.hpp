// The lab's certificate authority: lets clients reach Benchtop under AWS's names with their checks
// on. Its key is made on first use, stays in its directory (mode 0600) and signs nothing that
// clients would believe outside AWS's domain and this machine (RFC 5280 name constraints).
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/ports/clock.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace benchtop::net {

using Certificate = std::shared_ptr<X509>;
using PrivateKey = std::shared_ptr<EVP_PKEY>;

// Within what picky clients accept of a server (397 days, CA/Browser Forum).
inline constexpr std::chrono::days kLeafLifetime{90};

class LabCa {
public:
    static constexpr const char* kFileName = "ca.pem";

    // Reads WHERE/ca.pem and ca-key.pem, or makes both: when there are none, when they do not
    // belong together, and when a leaf would outlive them. `clock` outlives the CA.
    static Result<std::unique_ptr<LabCa>>
    open(const std::filesystem::path& where, const Clock& clock);

    // What clients are told to trust; absolute, because they are somewhere else.
    const std::filesystem::path& file() const { return file_; }

    const Certificate& certificate() const { return certificate_; }

    // A server's certificate for these names (IP addresses become such), valid from a day ago so
    // that a client's clock may be behind. Thread-safe.
    Certificate issue(const std::vector<std::string>& names, EVP_PKEY* key) const;

private:
    LabCa(std::filesystem::path file, const Clock& clock)
        : file_(std::move(file))
        , clock_(clock) {}

    std::filesystem::path file_;
    const Clock& clock_;
    PrivateKey key_;
    Certificate certificate_;
};

// EC P-256.
PrivateKey make_private_key();

} // namespace benchtop::net
