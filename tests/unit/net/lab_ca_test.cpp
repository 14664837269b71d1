// The lab's certificate authority, seen by OpenSSL as a strict client.
#include "emulator/net/lab_ca.hpp"
#include "tests/unit/net/net_fixture.hpp"

#include <openssl/pem.h>

#include <fstream>
#include <iterator>
#include <sys/stat.h>

using namespace benchtop;
using namespace benchtop::net;
using namespace benchtop::net::test;

namespace fs = std::filesystem;
using std::chrono::days;

namespace {

std::string read_text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

unsigned mode_of(const fs::path& path) {
    struct stat status {};

    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777;
}

} // namespace

TEST_CASE("clients that trust the CA believe its leaves for the lab's names", "[net][ca]") {
    const TemporaryDirectory directory;
    const harness::VirtualClock clock(noon());
    const auto ca = open_ca(directory.path() / "ca", clock);
    const PrivateKey key = make_private_key();
    const std::string longest = std::string(63, 'b') + "." + std::string(63, 'c') + "." +
                                std::string(63, 'd') + ".s3.us-east-2.amazonaws.com";
    for (const std::string& name :
         {std::string("sts.us-east-2.amazonaws.com"),
          std::string("bucket.with.dots.s3.amazonaws.com"),
          longest,
          std::string("localhost"),
          std::string("bucket.s3.localhost"),
          std::string("127.0.0.1"),
          std::string("::1")}) {
        INFO(name);
        const Certificate leaf = ca->issue({name}, key.get());
        CHECK(verify(ca->certificate().get(), leaf.get(), name, clock.now()) == X509_V_OK);
        CHECK(
            verify(ca->certificate().get(), leaf.get(), "iam.amazonaws.com", clock.now()) !=
            X509_V_OK
        );
    }
}

TEST_CASE("the CA is believed for nobody else's names", "[net][ca]") {
    const TemporaryDirectory directory;
    const harness::VirtualClock clock(noon());
    const auto ca = open_ca(directory.path() / "ca", clock);
    const PrivateKey key = make_private_key();
    for (const std::string& name :
         {std::string("example.com"),
          std::string("amazonaws.com.example.com"),
          std::string("notamazonaws.com"),
          std::string("10.0.0.1"),
          std::string("2001:db8::1")}) {
        INFO(name);
        const Certificate leaf = ca->issue({name}, key.get());
        CHECK(
            verify(ca->certificate().get(), leaf.get(), name, clock.now()) ==
            X509_V_ERR_PERMITTED_VIOLATION
        );
        // Nor when a permitted name stands beside it.
        const Certificate both = ca->issue({"sts.amazonaws.com", name}, key.get());
        CHECK(
            verify(ca->certificate().get(), both.get(), "sts.amazonaws.com", clock.now()) ==
            X509_V_ERR_PERMITTED_VIOLATION
        );
    }
}

TEST_CASE(
    "a leaf is no CA, and lives from a day ago to less than picky clients bear", "[net][ca]"
) {
    const TemporaryDirectory directory;
    const harness::VirtualClock clock(noon());
    const auto ca = open_ca(directory.path() / "ca", clock);
    const PrivateKey key = make_private_key();
    const std::string name = "sts.amazonaws.com";
    const Certificate leaf = ca->issue({name}, key.get());
    X509* const root = ca->certificate().get();
    CHECK(X509_check_ca(leaf.get()) == 0);
    CHECK(verify(root, leaf.get(), name, noon() - days{1} + seconds{1}) == X509_V_OK);
    CHECK(verify(root, leaf.get(), name, noon() - days{2}) != X509_V_OK);
    CHECK(verify(root, leaf.get(), name, noon() + kLeafLifetime - seconds{1}) == X509_V_OK);
    CHECK(
        verify(root, leaf.get(), name, noon() + kLeafLifetime + seconds{1}) ==
        X509_V_ERR_CERT_HAS_EXPIRED
    );
    CHECK(kLeafLifetime + days{1} <= days{397});
}

TEST_CASE("the key is its owner's alone and never part of what clients get", "[net][ca]") {
    const TemporaryDirectory directory;
    const harness::VirtualClock clock(noon());
    const fs::path home = directory.path() / "ca";
    const auto ca = open_ca(home, clock);
    CHECK(mode_of(home / "ca-key.pem") == 0600);
    CHECK(mode_of(ca->file()) == 0644);
    CHECK(open_ca(fs::relative(home), clock)->file().is_absolute());
    CHECK(read_text(ca->file()).find("PRIVATE KEY") == std::string::npos);
    CHECK(read_text(ca->file()).starts_with("-----BEGIN CERTIFICATE-----"));
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(home)) {
        (void)entry;
        ++files;
    }
    CHECK(files == 2);
    // A copy of the directory may have lost the mode.
    fs::permissions(home / "ca-key.pem", fs::perms::all);
    (void)open_ca(home, clock);
    CHECK(mode_of(home / "ca-key.pem") == 0600);
}

TEST_CASE("the CA stays the same until it is of no use", "[net][ca]") {
    const TemporaryDirectory directory;
    harness::VirtualClock clock(noon());
    const fs::path home = directory.path() / "ca";
    const std::string first = read_text(open_ca(home, clock)->file());
    const std::string key = read_text(home / "ca-key.pem");
    clock.pass(days{365});
    CHECK(read_text(open_ca(home, clock)->file()) == first);

    SECTION("a leaf would outlive it") {
        clock.pass(days{3650 - 365 - 30});
    }
    SECTION("the file is cut off") {
        std::ofstream(home / "ca.pem", std::ios::trunc) << first.substr(0, 200);
    }
    SECTION("the key is gone") {
        fs::remove(home / "ca-key.pem");
    }
    SECTION("the key is another's") {
        const TemporaryDirectory other;
        (void)open_ca(other.path(), clock);
        fs::copy_file(
            other.path() / "ca-key.pem", home / "ca-key.pem", fs::copy_options::overwrite_existing
        );
    }
    SECTION("it is made of garbage") {
        std::ofstream(home / "ca.pem", std::ios::trunc) << std::string(1 << 20, '\x16');
    }
    const auto made = open_ca(home, clock);
    CHECK(read_text(made->file()) != first);
    CHECK(read_text(home / "ca-key.pem") != key);
    const PrivateKey leaf_key = make_private_key();
    const Certificate leaf = made->issue({"iam.amazonaws.com"}, leaf_key.get());
    CHECK(
        verify(made->certificate().get(), leaf.get(), "iam.amazonaws.com", clock.now()) == X509_V_OK
    );
}

TEST_CASE("a directory that cannot be written is said so", "[net][ca]") {
    const TemporaryDirectory directory;
    const harness::VirtualClock clock(noon());
    std::ofstream(directory.path() / "file") << "no directory";
    const auto refused = LabCa::open(directory.path() / "file" / "ca", clock);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message().find("Cannot write") == 0);
}
