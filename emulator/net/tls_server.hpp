// TLS 1.2 and 1.3 for every name Benchtop answers under: which certificate a client is shown. One
// OpenSSL context for all connections and threads, made when the first client greets.
#pragma once

#include "emulator/net/lab_ca.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

struct ssl_st; // OpenSSL's SSL

namespace boost::asio::ssl {
class context;
}

namespace benchtop::net {

class TlsServer {
public:
    TlsServer(std::unique_ptr<LabCa> ca, const Clock& clock);
    ~TlsServer();
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    boost::asio::ssl::context& context();

    // The name a connection is for when the client names none (SNI); lives as long as `ssl` and is
    // this machine's when empty.
    static void set_default_name(ssl_st* ssl, const std::string& name);

    // The leaf for `name`, made when there is none yet or when it is about to expire. Thread-safe.
    Certificate leaf(const std::string& name);

    const LabCa& ca() const { return *ca_; }

private:
    struct Leaf {
        Certificate certificate;
        UtcInstant renew_at;
    };

    static int choose_certificate(ssl_st* ssl, void* self);
    void prepare();

    std::unique_ptr<LabCa> ca_;
    const Clock& clock_;
    PrivateKey leaf_key_;
    std::once_flag prepared_;
    std::unique_ptr<boost::asio::ssl::context> context_;
    std::mutex mutex_;
    std::map<std::string, Leaf> leaves_;
};

} // namespace benchtop::net
