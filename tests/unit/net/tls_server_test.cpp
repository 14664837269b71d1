#include "emulator/net/tls_server.hpp"
#include "tests/unit/net/net_fixture.hpp"

#include <boost/asio/ssl/context.hpp>

using namespace benchtop;
using namespace benchtop::net;
using namespace benchtop::net::test;

TEST_CASE("a leaf is made once per name and again before it expires", "[net][tls]") {
    const TemporaryDirectory directory;
    harness::VirtualClock clock(noon());
    TlsServer server(open_ca(directory.path(), clock), clock);
    (void)server.context();
    const Certificate first = server.leaf("sts.amazonaws.com");
    CHECK(server.leaf("sts.amazonaws.com") == first);
    CHECK(server.leaf("iam.amazonaws.com") != first);
    clock.pass(kLeafLifetime - std::chrono::days{1});
    const Certificate renewed = server.leaf("sts.amazonaws.com");
    CHECK(renewed != first);
    CHECK(
        verify(
            server.ca().certificate().get(),
            renewed.get(),
            "sts.amazonaws.com",
            clock.now() + std::chrono::days{30}
        ) == X509_V_OK
    );
}

TEST_CASE("the leaf of this machine is for all its names", "[net][tls]") {
    const TemporaryDirectory directory;
    const harness::VirtualClock clock(noon());
    TlsServer server(open_ca(directory.path(), clock), clock);
    (void)server.context();
    for (const char* const name : {"localhost", "127.0.0.1", "::1"}) {
        CHECK(
            verify(
                server.ca().certificate().get(), server.leaf("localhost").get(), name, clock.now()
            ) == X509_V_OK
        );
    }
    CHECK(
        verify(
            server.ca().certificate().get(),
            server.leaf("bucket.s3.localhost").get(),
            "bucket.s3.localhost",
            clock.now()
        ) == X509_V_OK
    );
}

TEST_CASE("names without end do not fill the memory", "[net][tls]") {
    const TemporaryDirectory directory;
    const harness::VirtualClock clock(noon());
    TlsServer server(open_ca(directory.path(), clock), clock);
    (void)server.context();
    const Certificate first = server.leaf("0.s3.amazonaws.com");
    for (int i = 1; i <= 600; ++i) {
        (void)server.leaf(std::to_string(i) + ".s3.amazonaws.com");
    }
    CHECK(server.leaf("0.s3.amazonaws.com") != first); // given up, made again
}
