// A directory of its own and a client's eye on certificates.
#pragma once

#include "emulator/net/lab_ca.hpp"
#include "harness/virtual_ports.hpp"
#include "tests/catch.hpp"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <string>
#include <unistd.h>

namespace benchtop::net::test {

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "benchtop-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }

    ~TemporaryDirectory() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }

    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline UtcInstant noon() {
    return parse_iso8601("2026-02-21T12:00:00Z").value();
}

inline std::unique_ptr<LabCa> open_ca(const std::filesystem::path& directory, const Clock& clock) {
    auto ca = LabCa::open(directory, clock);
    REQUIRE(ca.has_value());
    return *std::move(ca);
}

// What a strict client says of `leaf` for `name` (an IP address or a host) at `now`, trusting `ca`
// alone: X509_V_OK or why not.
inline int
verify(X509* ca, X509* leaf, const std::string& name, UtcInstant now, X509* between = nullptr) {
    X509_STORE* const store = X509_STORE_new();
    X509_STORE_add_cert(store, ca);
    X509_STORE_CTX* const context = X509_STORE_CTX_new();
    STACK_OF(X509)* const chain = sk_X509_new_null();
    if (between != nullptr) {
        sk_X509_push(chain, between);
    }
    X509_STORE_CTX_init(context, store, leaf, chain);
    X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(to_epoch_seconds(now)));
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) != 1) {
        X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size());
    }
    X509_verify_cert(context);
    const int result = X509_STORE_CTX_get_error(context);
    sk_X509_free(chain);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return result;
}

} // namespace benchtop::net::test
