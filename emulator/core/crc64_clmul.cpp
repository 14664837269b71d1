#include "emulator/core/crc64_clmul.hpp"

#include "emulator/core/assert.hpp"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>

namespace benchtop {
namespace {

constexpr std::uint64_t kPolynomial = 0x9A6C9329AC4BC9B5u; // reflected

// x^n mod P, reflected: x^0 is the top bit.
constexpr std::uint64_t power_of_x(unsigned n) {
    std::uint64_t value = std::uint64_t{1} << 63;
    for (unsigned i = 0; i < n; ++i) {
        value = (value & 1) != 0 ? (value >> 1) ^ kPolynomial : value >> 1;
    }
    return value;
}

// To move a 128-bit block `bits` further up: its first eight bytes weigh x^64 more than its last. A
// reflected product stands one bit too low, hence the -1.
constexpr std::uint64_t kFold512Low = power_of_x(512 + 64 - 1);
constexpr std::uint64_t kFold512High = power_of_x(512 - 1);
constexpr std::uint64_t kFold128Low = power_of_x(128 + 64 - 1);
constexpr std::uint64_t kFold128High = power_of_x(128 - 1);

__attribute__((target("pclmul,sse4.1"))) inline __m128i fold(__m128i block, __m128i keys) {
    return _mm_xor_si128(
        _mm_clmulepi64_si128(block, keys, 0x00), _mm_clmulepi64_si128(block, keys, 0x11)
    );
}

__attribute__((target("pclmul,sse4.1"))) inline __m128i load(const std::uint8_t* bytes) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

} // namespace

bool crc64_clmul_available() {
    static const bool available =
        __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("sse4.1") != 0;
    return available;
}

__attribute__((target("pclmul,sse4.1"))) void
crc64_fold(std::uint64_t state, ByteView bytes, std::uint8_t (&folded)[16]) {
    BT_ASSERT(bytes.size() >= 128 && bytes.size() % 64 == 0);
    const auto keys = [](std::uint64_t low, std::uint64_t high) {
        return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
    };
    const __m128i by512 = keys(kFold512Low, kFold512High);
    const __m128i by128 = keys(kFold128Low, kFold128High);
    const std::uint8_t* p = bytes.data();
    const std::uint8_t* const end = p + bytes.size();
    __m128i a = _mm_xor_si128(load(p), _mm_cvtsi64_si128(static_cast<long long>(state)));
    __m128i b = load(p + 16);
    __m128i c = load(p + 32);
    __m128i d = load(p + 48);
    for (p += 64; p != end; p += 64) {
        a = _mm_xor_si128(fold(a, by512), load(p));
        b = _mm_xor_si128(fold(b, by512), load(p + 16));
        c = _mm_xor_si128(fold(c, by512), load(p + 32));
        d = _mm_xor_si128(fold(d, by512), load(p + 48));
    }
    b = _mm_xor_si128(fold(a, by128), b);
    c = _mm_xor_si128(fold(b, by128), c);
    d = _mm_xor_si128(fold(c, by128), d);
    std::memcpy(folded, &d, sizeof(folded));
}

} // namespace benchtop

#else

namespace benchtop {

bool crc64_clmul_available() {
    return false;
}

void crc64_fold(std::uint64_t, ByteView, std::uint8_t (&)[16]) {
    BT_ASSERT(false);
}

} // namespace benchtop

#endif
