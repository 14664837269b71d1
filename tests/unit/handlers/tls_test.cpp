// TLS of the bootstraps' transport: a trusted certificate with the right name is the only thing it
// talks to. The certificates are made here, so that none in the repository can expire.
#include "handlers/hosts/http_client.hpp"
#include "tests/catch.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace handlers;

namespace {

struct Identity {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};

    explicit Identity(const char* names) {
        X509* const x = certificate.get();
        X509_set_version(x, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
        X509_gmtime_adj(X509_getm_notBefore(x), -3600);
        X509_gmtime_adj(X509_getm_notAfter(x), 3600);
        X509_set_pubkey(x, key.get());
        X509_NAME_add_entry_by_txt(
            X509_get_subject_name(x),
            "O",
            MBSTRING_ASC,
            reinterpret_cast<const unsigned char*>("benchtop test"),
            -1,
            -1,
            0
        );
        X509_set_issuer_name(x, X509_get_subject_name(x));
        X509_EXTENSION* const extension =
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
        X509_add_ext(x, extension, -1);
        X509_EXTENSION_free(extension);
        X509_sign(x, key.get(), EVP_sha256());
    }
};

// Answers one connection with "hello", if the client accepts the identity.
class TlsServer {
public:
    explicit TlsServer(const Identity& identity)
        : context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_use_certificate(context_, identity.certificate.get());
        SSL_CTX_use_PrivateKey(context_, identity.key.get());
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(listen(listener_, 4) == 0);
        socklen_t size = sizeof address;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port = std::to_string(ntohs(address.sin_port));
        thread_ = std::thread([this] { serve(); });
    }

    ~TlsServer() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
        SSL_CTX_free(context_);
    }

    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    std::string port;

private:
    void serve() {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        SSL* const ssl = SSL_new(context_);
        SSL_set_fd(ssl, fd);
        std::array<char, 4096> request{};
        if (SSL_accept(ssl) == 1 && SSL_read(ssl, request.data(), 4096) > 0) {
            constexpr std::string_view reply =
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
            SSL_write(ssl, reply.data(), static_cast<int>(reply.size()));
            SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        close(fd);
    }

    SSL_CTX* context_;
    int listener_ = -1;
    std::thread thread_;
};

aws::HttpResponse get(const std::string& host, const TlsServer& server) {
    hosts::HttpClient client;
    return client.send({"GET", "https://" + host + ':' + server.port + "/", {}, "", 5000});
}

} // namespace

TEST_CASE("only a trusted certificate of the right name is talked to", "[handlers][tls]") {
    std::signal(SIGPIPE, SIG_IGN); // as run_bootstrap does
    // The bundle is read once per process, at its first TLS connection, which is here.
    const Identity trusted("DNS:localhost,IP:127.0.0.1");
    const Identity stranger("DNS:localhost,IP:127.0.0.1");
    std::array<char, 32> path{"/tmp/benchtop-ca-XXXXXX"};
    FILE* const file = fdopen(mkstemp(path.data()), "w");
    REQUIRE(file != nullptr);
    PEM_write_X509(file, trusted.certificate.get());
    fclose(file);
    setenv("SSL_CERT_FILE", path.data(), 1);

    {
        const TlsServer server(trusted);
        const auto response = get("localhost", server);
        CHECK(response.reason.empty());
        CHECK(response.body == "hello");
    }
    {
        const TlsServer server(trusted);
        CHECK(get("127.0.0.1", server).body == "hello");
    }
    {
        const TlsServer server(trusted);
        const auto response = get("other.localhost", server);
        CHECK(response.error == aws::TransportError::Unreachable);
        CHECK(response.body.empty());
    }
    {
        const TlsServer server(stranger);
        CHECK(get("localhost", server).error == aws::TransportError::Unreachable);
    }
    unlink(path.data());
}
