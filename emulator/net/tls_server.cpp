#include "emulator/net/tls_server.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/pipeline/aws_hosts.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace benchtop::net {
namespace {

namespace ssl = boost::asio::ssl;

// A class has some buckets and APIs; names without end come only from an attacker.
constexpr std::size_t kLeavesMax = 512;
constexpr std::chrono::days kRenewBefore{7};
constexpr std::string_view kHttp11("\x08http/1.1", 9);

int default_name_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

std::string wanted_name(const SSL* connection) {
    const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) {
        const auto* given =
            static_cast<const std::string*>(SSL_get_ex_data(connection, default_name_index()));
        name = given != nullptr && !given->empty() ? given->c_str() : "localhost";
    }
    return to_lower(name);
}

// For a name that is not answered here there is no certificate; the alert says so.
int check_name(SSL* connection, int* alert, void*) {
    if (SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name) != nullptr &&
        !pipeline::has_tls(pipeline::host_kind(wanted_name(connection)))) {
        *alert = SSL_AD_UNRECOGNIZED_NAME;
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    return SSL_TLSEXT_ERR_OK;
}

// HTTP/1.1 or no agreement, which means the same.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered, unsigned offered_length, void*) {
    unsigned char* found = nullptr;
    const int result = SSL_select_next_proto(
        &found,
        length,
        reinterpret_cast<const unsigned char*>(kHttp11.data()),
        static_cast<unsigned>(kHttp11.size()),
        offered,
        offered_length
    );
    *chosen = found;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

} // namespace

TlsServer::TlsServer(std::unique_ptr<LabCa> ca, const Clock& clock)
    : ca_(std::move(ca))
    , clock_(clock) {}

TlsServer::~TlsServer() = default;

ssl::context& TlsServer::context() {
    std::call_once(prepared_, [this] { prepare(); });
    return *context_;
}

void TlsServer::prepare() {
    leaf_key_ = make_private_key();
    context_ = std::make_unique<ssl::context>(ssl::context::tls_server);
    SSL_CTX* const native = context_->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(
        native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
    );
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    // Sessions are resumed by tickets; nothing is kept here for clients that never return.
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(native, 1);
    SSL_CTX_set_tlsext_servername_callback(native, check_name);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    SSL_CTX_set_cert_cb(native, choose_certificate, this);
}

void TlsServer::set_default_name(SSL* ssl, const std::string& name) {
    SSL_set_ex_data(ssl, default_name_index(), const_cast<std::string*>(&name));
}

int TlsServer::choose_certificate(SSL* connection, void* self) {
    auto& server = *static_cast<TlsServer*>(self);
    const Certificate leaf = server.leaf(wanted_name(connection));
    return SSL_use_certificate(connection, leaf.get()) == 1 &&
                   SSL_use_PrivateKey(connection, server.leaf_key_.get()) == 1
               ? 1
               : 0;
}

Certificate TlsServer::leaf(const std::string& name) {
    const UtcInstant now = clock_.now();
    {
        const std::lock_guard lock(mutex_);
        const auto found = leaves_.find(name);
        if (found != leaves_.end() && now < found->second.renew_at) {
            return found->second.certificate;
        }
    }
    std::vector<std::string> names{name};
    if (pipeline::host_kind(name) == pipeline::HostKind::Local) {
        names = {"localhost", "127.0.0.1", "::1"};
        if (name.ends_with(".localhost")) {
            names.push_back(name);
        }
    }
    Certificate made = ca_->issue(names, leaf_key_.get());
    const std::lock_guard lock(mutex_);
    if (leaves_.size() >= kLeavesMax) {
        leaves_.erase(leaves_.begin());
    }
    leaves_[name] = {made, now + kLeafLifetime - kRenewBefore};
    return made;
}

} // namespace benchtop::net
