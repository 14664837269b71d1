#include "emulator/core/ids.hpp"

#include "emulator/core/encoding.hpp"

#include <array>
#include <cstdio>

namespace benchtop {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// `alphabet` of at most 256 characters; the small bias of a modulus does not matter for names.
std::string pick(Random& random, std::string_view alphabet, std::size_t length) {
    std::string bytes(length, '\0');
    random.fill(RandomStream::Ids, bytes);
    for (char& c : bytes) {
        c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    }
    return bytes;
}

std::string draw(Random& random, std::size_t length) {
    std::string bytes(length, '\0');
    random.fill(RandomStream::Ids, bytes);
    return bytes;
}

} // namespace

RequestIds make_request_ids(Random& random) {
    // One draw for both: a request id costs a system call otherwise.
    const std::string bytes = draw(random, 16 + 56);
    RequestIds ids;
    ids.request_id.resize(16);
    constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for (std::size_t i = 0; i < 16; ++i) {
        ids.request_id[i] = alphabet[static_cast<unsigned char>(bytes[i]) % alphabet.size()];
    }
    ids.host_id = to_base64(as_bytes(std::string_view(bytes).substr(16)));
    return ids;
}

std::string make_uuid(Random& random) {
    std::string bytes = draw(random, 16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
    const std::string hex = to_hex(as_bytes(bytes));
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' +
           hex.substr(16, 4) + '-' + hex.substr(20);
}

std::string make_api_id(Random& random, std::size_t length) {
    return pick(random, "abcdefghijklmnopqrstuvwxyz0123456789", length);
}

std::string make_apigw_request_id(Random& random) {
    std::string id =
        pick(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 15);
    id[11] = 'E';
    return id + '=';
}

std::string make_unique_id(Random& random, std::string_view prefix) {
    return std::string(prefix) + pick(random, kBase32, 17);
}

std::string make_access_key_id(Random& random, std::string_view prefix, std::string_view account) {
    // The 80 bits after the prefix: the account number sits in bits 7..46 of the first six bytes,
    // whose top bit is set (facts: iam-sts-logs, identifiers).
    std::uint64_t head = (parse_u64(account).value_or(0) << 7) | (std::uint64_t{1} << 47);
    std::string bytes = draw(random, 10);
    head |= static_cast<unsigned char>(bytes[5]) & 0x7F;
    for (int i = 5; i >= 0; --i) {
        bytes[static_cast<std::size_t>(i)] = static_cast<char>(head & 255);
        head >>= 8;
    }
    std::string out(prefix);
    unsigned bits = 0;
    int bit_count = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        bit_count += 8;
        while (bit_count >= 5) {
            bit_count -= 5;
            out += kBase32[bits >> bit_count & 31];
        }
    }
    return out;
}

std::string make_secret_key(Random& random) {
    std::string bytes(30, '\0');
    random.fill(RandomStream::Secrets, bytes);
    return to_base64(as_bytes(bytes));
}

std::string make_session_token(Random& random) {
    std::string bytes(300, '\0');
    random.fill(RandomStream::Secrets, bytes);
    return "IQoJb3JpZ2lu" + to_base64(as_bytes(bytes));
}

std::string make_trace_root(Random& random, std::int64_t epoch_seconds) {
    std::array<char, 16> time{};
    std::snprintf(time.data(), time.size(), "%08x", static_cast<unsigned>(epoch_seconds));
    return std::string("Root=1-") + time.data() + '-' + make_hex(random, 12);
}

std::string make_hex(Random& random, std::size_t bytes) {
    return to_hex(as_bytes(draw(random, bytes)));
}

} // namespace benchtop
