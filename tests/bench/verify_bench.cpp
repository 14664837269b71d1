// What verifying a presigned URL costs with a warm key cache, beside the bare hashes it cannot do
// without (SHA-256 of the canonical request, HMAC of the string to sign).
//   bench_verify [ITERATIONS]
#include "emulator/auth/verify.hpp"
#include "emulator/core/digest.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <utility>

using namespace benchtop;
using namespace benchtop::auth;

namespace {

class OneKey final : public KeyLookup {
public:
    OneKey() {
        KeyRecord record;
        record.access_key_id = "AKIAIOSFODNN7EXAMPLE";
        record.secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        key_ = std::make_shared<const KeyRecord>(std::move(record));
    }

    std::shared_ptr<const KeyRecord> find(std::string_view id) override {
        return id == key_->access_key_id ? key_ : nullptr;
    }

private:
    std::shared_ptr<const KeyRecord> key_;
};

// Processor time, so that a busy machine does not count.
template <class Work>
double ns_each(long iterations, Work work) {
    const std::clock_t start = std::clock();
    for (long i = 0; i < iterations; ++i) {
        work();
    }
    const double spent = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    return spent * 1e9 / static_cast<double>(iterations);
}

} // namespace

int main(int argc, char** argv) {
    const long iterations = argc > 1 ? std::atol(argv[1]) : 300000;
    RequestHead head;
    head.method = "GET";
    head.target =
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
        "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
        "X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957"
        "d157751f604d404";
    head.headers.add("Host", "examplebucket.s3.amazonaws.com");
    head.headers.add("User-Agent", "curl/7.88.1");
    head.headers.add("Accept", "*/*");
    OneKey keys;
    SigningKeyCache cache;
    const TimeAxis axis;
    const VerifyContext context{.now = from_epoch_seconds(1369353600), .axis = axis};

    long accepted = 0;
    const double verification = ns_each(iterations, [&] {
        accepted += verify(head, context, keys, cache).has_value() ? 1 : 0;
    });
    const std::string canonical(360, 'c');
    const std::string to_sign(130, 's');
    const Sha256Digest key = sha256("key");
    unsigned sum = 0;
    const double hashes = ns_each(iterations, [&] {
        sum += sha256(canonical)[0];
        sum += hmac_sha256(key, to_sign)[0];
    });
    std::printf(
        "presigned verification %.0f ns, bare SHA-256 + HMAC %.0f ns (%ld of %ld accepted, %u)\n",
        verification,
        hashes,
        accepted,
        iterations,
        sum & 1U
    );
    return accepted == iterations ? 0 : 1;
}
