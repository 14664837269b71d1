#include "emulator/net/lab_ca.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace benchtop::net {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

constexpr days kCaLifetime{3650};
constexpr days kClockSlack{1}; // a client's clock may be behind
constexpr std::size_t kFileBytesMax = 64 * 1024;

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using AltNames = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

// What of OpenSSL fails only when memory does.
void must(bool done) {
    BT_ASSERT(done);
}

std::time_t to_time_t(UtcInstant t) {
    return static_cast<std::time_t>(to_epoch_seconds(t));
}

std::string serial_hex() {
    std::array<unsigned char, 16> bytes{};
    must(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
    bytes[0] &= 0x7f; // positive, at most 20 octets (RFC 5280 4.1.2.2)
    bytes[0] |= 0x40;
    return to_hex(bytes);
}

// Version, serial number, validity, key: what every certificate here has.
Certificate blank_certificate(EVP_PKEY* key, UtcInstant from, UtcInstant until) {
    Certificate certificate(X509_new(), X509_free);
    must(certificate != nullptr);
    BIGNUM* read = nullptr;
    must(BN_hex2bn(&read, serial_hex().c_str()) != 0);
    const Number serial(read);
    must(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    must(BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get())) != nullptr);
    must(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), to_time_t(from)) != nullptr);
    must(ASN1_TIME_set(X509_getm_notAfter(certificate.get()), to_time_t(until)) != nullptr);
    must(X509_set_pubkey(certificate.get(), key) == 1);
    return certificate;
}

void add_name(X509_NAME* name, const char* field, const std::string& text) {
    must(
        X509_NAME_add_entry_by_txt(
            name,
            field,
            MBSTRING_UTF8,
            reinterpret_cast<const unsigned char*>(text.data()),
            static_cast<int>(text.size()),
            -1,
            0
        ) == 1
    );
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    must(extension != nullptr);
    must(X509_add_ext(certificate, extension.get(), -1) == 1);
}

void sign(X509* certificate, EVP_PKEY* key) {
    must(X509_sign(certificate, key, EVP_sha256()) > 0);
}

// Names are a client's words: they never pass through OpenSSL's little configuration language.
void add_alternative_names(X509* certificate, const std::vector<std::string>& names) {
    const AltNames all(sk_GENERAL_NAME_new_null());
    for (const std::string& name : names) {
        GENERAL_NAME* const entry = GENERAL_NAME_new();
        must(entry != nullptr);
        if (ASN1_OCTET_STRING* const address = a2i_IPADDRESS(name.c_str())) {
            GENERAL_NAME_set0_value(entry, GEN_IPADD, address);
        } else {
            ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
            must(ASN1_STRING_set(text, name.data(), static_cast<int>(name.size())) == 1);
            GENERAL_NAME_set0_value(entry, GEN_DNS, text);
        }
        must(sk_GENERAL_NAME_push(all.get(), entry) > 0);
    }
    must(
        X509_add1_ext_i2d(certificate, NID_subject_alt_name, all.get(), 0, X509V3_ADD_DEFAULT) == 1
    );
}

Certificate make_ca_certificate(EVP_PKEY* key, UtcInstant now) {
    const Certificate ca = blank_certificate(key, now - kClockSlack, now + kCaLifetime);
    X509_NAME* const name = X509_get_subject_name(ca.get());
    add_name(name, "O", "Benchtop");
    // Two data directories have two CAs: a client that trusts both must tell them apart.
    add_name(name, "CN", "Benchtop lab CA " + serial_hex().substr(0, 8));
    must(X509_set_issuer_name(ca.get(), name) == 1);
    add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(ca.get(), ca.get(), NID_ext_key_usage, "serverAuth");
    add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
    add_extension(
        ca.get(),
        ca.get(),
        NID_name_constraints,
        "critical,permitted;DNS:amazonaws.com,permitted;DNS:localhost,"
        "permitted;IP:127.0.0.0/255.0.0.0,"
        "permitted;IP:0:0:0:0:0:0:0:1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    );
    sign(ca.get(), key);
    return ca;
}

template <class Write>
std::string pem_text(Write write) {
    const Bio memory(BIO_new(BIO_s_mem()));
    must(memory != nullptr && write(memory.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    std::string text(data, static_cast<std::size_t>(size));
    OPENSSL_cleanse(data, static_cast<std::size_t>(size));
    return text;
}

Bio pem_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kFileBytesMax, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    const auto size = static_cast<int>(file.gcount());
    Bio memory(BIO_new(BIO_s_mem()));
    must(memory != nullptr);
    BIO_write(memory.get(), text.data(), size);
    OPENSSL_cleanse(text.data(), text.size());
    return memory;
}

// Whole or not at all, and never readable by others for a moment.
bool write_file(const fs::path& path, std::string_view text, mode_t mode) {
    const std::string part = path.string() + ".part";
    ::unlink(part.c_str());
    const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        return false;
    }
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool closed = ::close(fd) == 0;
    return written && closed && ::rename(part.c_str(), path.c_str()) == 0;
}

bool is_usable(X509* certificate, EVP_PKEY* key, UtcInstant now) {
    std::time_t begin = to_time_t(now);
    std::time_t end = to_time_t(now + kLeafLifetime);
    return certificate != nullptr && key != nullptr &&
           X509_check_private_key(certificate, key) == 1 &&
           X509_cmp_time(X509_get0_notBefore(certificate), &begin) < 0 &&
           X509_cmp_time(X509_get0_notAfter(certificate), &end) > 0;
}

} // namespace

PrivateKey make_private_key() {
    PrivateKey key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    must(key != nullptr);
    return key;
}

Result<std::unique_ptr<LabCa>> LabCa::open(const fs::path& where, const Clock& clock) {
    std::error_code ec;
    const fs::path directory = fs::absolute(where, ec);
    fs::create_directories(directory, ec);
    const fs::path key_file = directory / "ca-key.pem";
    std::unique_ptr<LabCa> ca(new LabCa(directory / kFileName, clock));
    const UtcInstant now = clock.now();

    // Whoever copied the directory may have lost the mode.
    ::chmod(key_file.c_str(), S_IRUSR | S_IWUSR);
    ca->key_.reset(
        PEM_read_bio_PrivateKey(pem_of(key_file).get(), nullptr, nullptr, nullptr), EVP_PKEY_free
    );
    ca->certificate_.reset(
        PEM_read_bio_X509(pem_of(ca->file_).get(), nullptr, nullptr, nullptr), X509_free
    );
    ERR_clear_error(); // a file that is missing or no PEM
    if (is_usable(ca->certificate_.get(), ca->key_.get(), now)) {
        return ca;
    }
    ca->key_ = make_private_key();
    ca->certificate_ = make_ca_certificate(ca->key_.get(), now);
    std::string key_pem = pem_text([&](BIO* out) {
        return PEM_write_bio_PrivateKey(out, ca->key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    const std::string certificate_pem =
        pem_text([&](BIO* out) { return PEM_write_bio_X509(out, ca->certificate_.get()); });
    const bool written =
        write_file(key_file, key_pem, S_IRUSR | S_IWUSR) &&
        write_file(ca->file_, certificate_pem, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
    const int why = errno;
    OPENSSL_cleanse(key_pem.data(), key_pem.size());
    if (!written) {
        return AwsError(
            500,
            "CannotCreate",
            "Cannot write the lab's certificate authority into " + directory.string() + ": " +
                std::strerror(why) + "."
        );
    }
    return ca;
}

Certificate LabCa::issue(const std::vector<std::string>& names, EVP_PKEY* key) const {
    const UtcInstant now = clock_.now();
    Certificate leaf = blank_certificate(key, now - kClockSlack, now + kLeafLifetime);
    // The names stand in the alternative names alone: a common name has 64 characters at most.
    add_name(X509_get_subject_name(leaf.get()), "O", "Benchtop");
    must(X509_set_issuer_name(leaf.get(), X509_get_subject_name(certificate_.get())) == 1);
    add_extension(leaf.get(), certificate_.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(leaf.get(), certificate_.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(leaf.get(), certificate_.get(), NID_ext_key_usage, "serverAuth");
    add_extension(leaf.get(), certificate_.get(), NID_subject_key_identifier, "hash");
    add_extension(leaf.get(), certificate_.get(), NID_authority_key_identifier, "keyid:always");
    add_alternative_names(leaf.get(), names);
    sign(leaf.get(), key_.get());
    return leaf;
}

} // namespace benchtop::net
