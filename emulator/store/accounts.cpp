#include "emulator/store/accounts.hpp"

#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>

namespace benchtop::store {
namespace {

constexpr std::size_t kHalf = 16;
constexpr std::size_t kNumberSize = 12;

// The number beside its own digest, under a mask drawn from that digest: 32 bytes that look like
// any other and can be read back.
std::string masked(std::string_view number, std::string_view tag) {
    const Sha256Digest mask = sha256("benchtop canonical mask " + std::string(tag));
    std::string out(number);
    out.resize(kHalf, '\0');
    for (std::size_t i = 0; i < kHalf; ++i) {
        out[i] = static_cast<char>(static_cast<unsigned char>(out[i]) ^ mask[i]);
    }
    return out;
}

std::string tag_of(std::string_view number) {
    const Sha256Digest digest = sha256("benchtop canonical user " + std::string(number));
    return std::string(as_text(digest)).substr(0, kHalf);
}

} // namespace

Account derive_account(std::string_view id) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    Account account;
    account.id = id;
    const std::string tag = tag_of(id);
    account.canonical_id = to_hex(as_bytes(tag + masked(id, tag)));
    const Sha256Digest digest = sha256("benchtop owner principal " + account.id);
    account.owner_principal_id = "A";
    for (std::size_t i = 0; i < 13; ++i) {
        account.owner_principal_id += kAlphabet[digest[i] % kAlphabet.size()];
    }
    return account;
}

std::optional<std::string> account_of_canonical_id(std::string_view canonical_id) {
    const auto bytes = from_hex(canonical_id);
    if (!bytes || bytes->size() != 2 * kHalf || to_hex(as_bytes(*bytes)) != canonical_id) {
        return std::nullopt;
    }
    const std::string_view tag = std::string_view(*bytes).substr(0, kHalf);
    const std::string number = masked(std::string_view(*bytes).substr(kHalf), tag);
    const bool is_number = std::all_of(number.begin(), number.begin() + kNumberSize, [](char c) {
        return c >= '0' && c <= '9';
    });
    std::string account = number.substr(0, kNumberSize);
    if (!is_number || tag_of(account) != tag) {
        return std::nullopt;
    }
    return account;
}

} // namespace benchtop::store
