// AWS's own names: the forward proxy, and TLS on the emulator's port, as bytes.
#include "emulator/stack/constants.hpp"
#include "tests/catch.hpp"
#include "tests/wire/wire.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace benchtop;
using namespace benchtop::wire;

namespace {

constexpr const char* kSts = "sts.us-east-2.amazonaws.com";

std::string health(const std::string& at) {
    return "GET /_benchtop/health HTTP/1.1\r\nHost: " + at + "\r\n\r\n";
}

std::string connect_to(const std::string& authority) {
    return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n";
}

bool healthy(std::uint16_t port = emulator().port()) {
    Wire wire(port);
    wire.send(health("localhost"));
    return wire.receive().status() == 200;
}

// A TLS client whose records the test carries, so that it decides how they are cut.
class TlsClient {
public:
    explicit TlsClient(std::uint16_t port = emulator().port(), SSL_SESSION* session = nullptr)
        : fd_(::socket(AF_INET, SOCK_STREAM, 0))
        , context_(SSL_CTX_new(TLS_client_method())) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{20, 0}; // a safety net
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0);
        const std::string ca = emulator().ca_file().string();
        REQUIRE(SSL_CTX_load_verify_file(context_, ca.c_str()) == 1);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        ssl_ = SSL_new(context_);
        SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl_);
        if (session != nullptr) {
            SSL_set_session(ssl_, session);
        }
    }

    ~TlsClient() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
        ::close(fd_);
    }

    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    SSL* ssl() { return ssl_; }

    // Asks for the host by SNI and checks the certificate for it.
    void wants(const char* host) {
        SSL_set_tlsext_host_name(ssl_, host);
        SSL_set1_host(ssl_, host);
    }

    void send_plain(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
    }

    std::string receive_plain() {
        char piece[16384];
        const ssize_t n = ::recv(fd_, piece, sizeof(piece), 0);
        return {piece, static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
    }

    // The records that wait to be sent.
    std::string outgoing() {
        std::string out(static_cast<std::size_t>(BIO_ctrl_pending(SSL_get_wbio(ssl_))), '\0');
        BIO_read(SSL_get_wbio(ssl_), out.data(), static_cast<int>(out.size()));
        return out;
    }

    void incoming(std::string_view records) {
        BIO_write(SSL_get_rbio(ssl_), records.data(), static_cast<int>(records.size()));
    }

    // Until done or refused.
    bool handshake() {
        return drive([this] { return SSL_do_handshake(ssl_); }) == 1;
    }

    void send(std::string_view text) {
        REQUIRE(SSL_write(ssl_, text.data(), static_cast<int>(text.size())) > 0);
        send_plain(outgoing());
    }

    // Everything up to the end; `clean`: the end was said (close_notify), not only seen.
    std::string receive_all(bool& clean) {
        std::string all;
        char piece[16384];
        int n = 0;
        while ((n = drive([&] { return SSL_read(ssl_, piece, sizeof(piece)); })) > 0) {
            all.append(piece, static_cast<std::size_t>(n));
        }
        clean = SSL_get_error(ssl_, n) == SSL_ERROR_ZERO_RETURN;
        return all;
    }

    // Until `end` was received.
    std::string receive_until(std::string_view end) {
        std::string all;
        char piece[16384];
        while (all.find(end) == std::string::npos) {
            const int n = drive([&] { return SSL_read(ssl_, piece, sizeof(piece)); });
            if (n <= 0) {
                return all;
            }
            all.append(piece, static_cast<std::size_t>(n));
        }
        return all;
    }

private:
    template <class Step>
    int drive(Step step) {
        for (;;) {
            ERR_clear_error();
            const int done = step();
            send_plain(outgoing());
            if (done > 0 || SSL_get_error(ssl_, done) != SSL_ERROR_WANT_READ) {
                return done;
            }
            const std::string records = receive_plain();
            if (records.empty()) {
                return done;
            }
            incoming(records);
        }
    }

    int fd_;
    SSL_CTX* context_;
    SSL* ssl_;
};

// Through the proxy to `host`, with the certificate checked.
void tunnel(TlsClient& client, const std::string& host) {
    client.send_plain(connect_to(host + ":443"));
    REQUIRE(client.receive_plain() == "HTTP/1.1 200 Connection established\r\n\r\n");
    client.wants(host.c_str());
    REQUIRE(client.handshake());
}

std::string closing_get(const std::string& host, const std::string& path = "/") {
    return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
}

} // namespace

TEST_CASE("a tunnel ends here, with a certificate for the name", "[wire][tls]") {
    for (const char* const host :
         {kSts,
          "iam.amazonaws.com",
          "student-upload-bucket-aj.s3.us-east-2.amazonaws.com",
          "labpresign.execute-api.us-east-2.amazonaws.com"}) {
        INFO(host);
        TlsClient client;
        tunnel(client, host);
        client.send(closing_get(host));
        bool clean = false;
        const std::string answer = client.receive_all(clean);
        CHECK(answer.substr(0, 9) == "HTTP/1.1 ");
        CHECK(clean);
    }
}

TEST_CASE("requests in a tunnel are served one after the other", "[wire][tls]") {
    TlsClient client;
    tunnel(client, kSts);
    client.send(
        std::string("GET /?Action=X HTTP/1.1\r\nHost: ") + kSts + "\r\n\r\n" + health("localhost")
    );
    const std::string answers = client.receive_until("\"ok\"}");
    CHECK(answers.find("MissingAuthenticationToken") != std::string::npos);
    CHECK(answers.find("{\"status\":\"ok\"}") != std::string::npos);
    // No tunnel inside a tunnel: to S3 "example.com:443" is no path.
    client.send("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
    CHECK(client.receive_until("</Error>").find("InvalidURI") != std::string::npos);
}

TEST_CASE("the greeting may come with the CONNECT, or byte by byte", "[wire][tls]") {
    for (const bool together : {true, false}) {
        TlsClient client;
        client.wants(kSts);
        SSL_do_handshake(client.ssl());
        const std::string hello = client.outgoing();
        REQUIRE(!hello.empty());
        const std::string connect = connect_to(std::string(kSts) + ":443");
        if (together) {
            client.send_plain(connect + hello);
        } else {
            client.send_plain(connect);
        }
        const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";
        std::string received;
        while (received.size() < established.size()) {
            received += client.receive_plain();
        }
        CHECK(received.substr(0, established.size()) == established);
        client.incoming(std::string_view(received).substr(established.size()));
        if (!together) {
            for (const char c : hello) {
                client.send_plain({&c, 1});
            }
        }
        REQUIRE(client.handshake());
        client.send(closing_get(kSts));
        bool clean = false;
        CHECK(client.receive_all(clean).find("403 Forbidden") != std::string::npos);
    }
}

TEST_CASE("TLS without a proxy: by SNI, and by address", "[wire][tls]") {
    TlsClient named;
    named.wants(kSts);
    REQUIRE(named.handshake());
    named.send(closing_get(kSts));
    bool clean = false;
    CHECK(named.receive_all(clean).find("MissingAuthenticationToken") != std::string::npos);

    TlsClient addressed;
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(addressed.ssl()), "127.0.0.1");
    REQUIRE(addressed.handshake());
    addressed.send(health("localhost"));
    CHECK(addressed.receive_until("\"ok\"}").find(" 200 ") != std::string::npos);

    TlsClient api(emulator().api_port());
    api.wants("localhost");
    REQUIRE(api.handshake());
    api.send("POST /prod/presign HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    CHECK(api.receive_until("\r\n\r\n").find(" 200 ") != std::string::npos);
}

TEST_CASE("there is no certificate for the outside world", "[wire][tls]") {
    TlsClient client;
    client.wants("example.com");
    REQUIRE_FALSE(client.handshake());
    CHECK(ERR_GET_REASON(ERR_peek_error()) == SSL_R_TLSV1_UNRECOGNIZED_NAME);
    // Nor by asking the proxy for another name than the greeting does.
    TlsClient through;
    through.send_plain(connect_to(std::string(kSts) + ":443"));
    through.receive_plain();
    through.wants("example.com");
    REQUIRE_FALSE(through.handshake());
    CHECK(healthy());
}

TEST_CASE("TLS 1.2 and 1.3 are spoken, older versions are not", "[wire][tls]") {
    const std::vector<std::pair<int, bool>> versions{
        {TLS1_1_VERSION, false}, {TLS1_2_VERSION, true}, {TLS1_3_VERSION, true}};
    for (const auto& [version, spoken] : versions) {
        INFO(version);
        TlsClient client;
        SSL_set_security_level(client.ssl(), 0);
        SSL_set_min_proto_version(client.ssl(), version);
        SSL_set_max_proto_version(client.ssl(), version);
        client.wants(kSts);
        CHECK(client.handshake() == spoken);
        CHECK((!spoken || SSL_version(client.ssl()) == version));
    }
}

TEST_CASE("http/1.1 is agreed on, HTTP/2 is not", "[wire][tls]") {
    const auto agreed = [](std::string_view offered) {
        TlsClient client;
        client.wants(kSts);
        SSL_set_alpn_protos(
            client.ssl(),
            reinterpret_cast<const unsigned char*>(offered.data()),
            static_cast<unsigned>(offered.size())
        );
        REQUIRE(client.handshake());
        const unsigned char* name = nullptr;
        unsigned length = 0;
        SSL_get0_alpn_selected(client.ssl(), &name, &length);
        return std::string(reinterpret_cast<const char*>(name), length);
    };
    CHECK(agreed(std::string_view("\x02h2\x08http/1.1", 12)) == "http/1.1");
    CHECK(agreed(std::string_view("\x02h2", 3)).empty());
}

TEST_CASE("who comes back resumes its session", "[wire][tls]") {
    SSL_SESSION* session = nullptr;
    {
        TlsClient first;
        tunnel(first, kSts);
        first.send(closing_get(kSts));
        bool clean = false;
        first.receive_all(clean);  // the ticket comes before the answer
        SSL_shutdown(first.ssl()); // else the session counts as broken off
        session = SSL_get1_session(first.ssl());
    }
    REQUIRE(SSL_SESSION_is_resumable(session) == 1);
    TlsClient again(emulator().port(), session);
    tunnel(again, kSts);
    CHECK(SSL_session_reused(again.ssl()) == 1);
    SSL_SESSION_free(session);
}

TEST_CASE("a stored file passes through TLS whole", "[wire][tls]") {
    std::string body(3'000'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) {
        body[i] = static_cast<char>('a' + i * 7919 % 26);
    }
    Wire plain;
    plain.send(put("wire/tls-large", body));
    REQUIRE(plain.receive().status() == 200);
    TlsClient client;
    REQUIRE(client.handshake());
    client.send(signed_head("GET", kBucketPath + "/wire/tls-large", "Connection: close\r\n"));
    bool clean = false;
    const std::string answer = client.receive_all(clean);
    const auto end = answer.find("\r\n\r\n");
    REQUIRE(end != std::string::npos);
    CHECK(answer.substr(0, end).find("200 OK") != std::string::npos);
    CHECK(answer.substr(end + 4) == body);
    CHECK(clean);

    TlsClient sender;
    REQUIRE(sender.handshake());
    const std::string head = signed_head(
        "PUT",
        kBucketPath + "/wire/tls-put",
        "Content-Length: " + std::to_string(body.size()) +
            "\r\nExpect: 100-continue\r\nConnection: close\r\n"
    );
    sender.send(head);
    CHECK(sender.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    sender.send(body);
    CHECK(sender.receive_all(clean).find("200 OK") != std::string::npos);
    CHECK(stored("wire/tls-put"));
}

TEST_CASE("a tunnel to port 80 carries plain HTTP", "[wire][proxy]") {
    Wire wire;
    wire.send(connect_to("s3.us-east-2.amazonaws.com:80"));
    CHECK(wire.receive(true).head == "HTTP/1.1 200 Connection established");
    wire.send("GET /no-such-bucket-of-the-lab HTTP/1.1\r\nHost: s3.us-east-2.amazonaws.com\r\n\r\n"
    );
    CHECK(wire.receive().code() == "NoSuchBucket");
}

TEST_CASE("CONNECT needs no Host, and no HTTP/1.1", "[wire][proxy]") {
    for (const char* const rest : {" HTTP/1.0\r\n\r\n", " HTTP/1.1\r\n\r\n"}) {
        Wire wire;
        wire.send(std::string("CONNECT s3.us-east-2.amazonaws.com:80") + rest);
        CHECK(wire.receive(true).status() == 200);
        wire.send(
            "GET /no-such-bucket-of-the-lab HTTP/1.1\r\nHost: s3.us-east-2.amazonaws.com\r\n\r\n"
        );
        CHECK(wire.receive().code() == "NoSuchBucket");
    }
}

TEST_CASE("whoever asks for elsewhere is refused in a sentence", "[wire][proxy]") {
    for (const char* const elsewhere :
         {"example.com:443",
          "aws.amazon.com:443",
          "169.254.169.254:80",
          "s3.us-east-2.amazonaws.com:22",
          "s3.us-east-2.amazonaws.com"}) {
        INFO(elsewhere);
        Wire wire;
        wire.send(connect_to(elsewhere));
        const Answer answer = wire.receive();
        CHECK(answer.status() == 502);
        CHECK(answer.header("Content-Type") == "text/plain; charset=utf-8");
        CHECK(answer.header("Connection") == "close");
        CHECK(
            answer.body == "Benchtop does not answer for " + std::string(elsewhere) +
                               ", and it opens no outgoing connection to anywhere else.\n"
        );
        CHECK(wire.closed());
    }
    Wire absolute;
    absolute.send("GET http://example.com/x HTTP/1.1\r\nHost: example.com\r\n\r\n");
    CHECK(absolute.receive().status() == 502);
    absolute.send("GET http://user@s3.amazonaws.com/ HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n");
    CHECK(absolute.receive().status() == 502);
    // The connection goes on: a proxy's client asks for many hosts.
    absolute.send("GET http://s3.us-east-2.amazonaws.com/no-such-bucket-of-the-lab HTTP/1.1\r\n"
                  "Host: example.com\r\nProxy-Connection: keep-alive\r\n\r\n");
    CHECK(absolute.receive().code() == "NoSuchBucket");
}

TEST_CASE("nonsense at the proxy ends with its connection", "[wire][proxy]") {
    Wire with_body;
    with_body.send("CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nHost: sts.amazonaws.com:443\r\n"
                   "Content-Length: 5\r\n\r\nhello");
    CHECK(with_body.receive().status() == 400);
    CHECK(with_body.closed());

    for (const std::string& garbage :
         {std::string("GET / HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n"),
          std::string(64 * 1024, '\0'),
          std::string("\x16\x03\x01\xff\xff") + std::string(70'000, 'x'),
          std::string("\x16\x03\x01\x00\x05hello", 10)}) {
        Wire wire;
        wire.send(connect_to("sts.amazonaws.com:443"));
        REQUIRE(wire.receive(true).status() == 200);
        wire.send(garbage);
        CHECK_FALSE(wire.receive().complete); // an alert at most
    }
    Wire long_name;
    long_name.send(connect_to(std::string(5000, 'a') + ":443"));
    CHECK(long_name.receive().status() == 502);
    for (int i = 0; i < 100; ++i) {
        TlsClient leaves;
        leaves.wants(kSts);
        SSL_do_handshake(leaves.ssl());
        const std::string hello = leaves.outgoing();
        leaves.send_plain(hello.substr(0, hello.size() * static_cast<std::size_t>(i) / 99));
    }
    CHECK(healthy());
}

TEST_CASE("a greeting that never ends is given up", "[wire][tls]") {
    net::Deadlines short_ones;
    short_ones.head = short_ones.idle = seconds{1};
    const auto application = open_emulator(short_ones);
    application->start();
    Wire silent(application->port());
    silent.send(connect_to("sts.amazonaws.com:443"));
    CHECK(silent.receive(true).status() == 200);
    Wire slow(application->port());
    slow.send(std::string("\x16\x03\x01\x02", 4));
    CHECK(silent.closed());
    CHECK(slow.closed());
    CHECK(healthy(application->port()));
    application->stop();
}
