#include "emulator/s3/versions.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
static_assert(kAlphabet.size() == 64);

// An id's bytes: a random mask, the masked sequencer, a check of both.
constexpr std::size_t kMaskBytes = 12;
constexpr std::size_t kSequencerBytes = 8;
constexpr std::size_t kCheckBytes = 4;
constexpr std::size_t kIdBytes = kMaskBytes + kSequencerBytes + kCheckBytes;
constexpr std::size_t kIdCharacters = kIdBytes / 3 * 4;
static_assert(kIdCharacters == 32);

using IdBytes = std::array<std::uint8_t, kIdBytes>;

// Applied twice, it gives the sequencer back.
void mask_sequencer(IdBytes& bytes) {
    const Sha256Digest digest = sha256(as_text({bytes.data(), kMaskBytes}));
    for (std::size_t i = 0; i < kSequencerBytes; ++i) {
        bytes[kMaskBytes + i] ^= digest[i];
    }
}

void write_check(const IdBytes& bytes, std::uint8_t* check) {
    const std::string text =
        "version-id\n" + std::string(as_text({bytes.data(), kMaskBytes + kSequencerBytes}));
    std::ranges::copy_n(sha256(text).begin(), kCheckBytes, check);
}

} // namespace

Versioning versioning_of(const store::Bucket& bucket) {
    const auto state = bucket.setting("versioning");
    if (!state) {
        return Versioning::Off;
    }
    return *state == "Enabled" ? Versioning::Enabled : Versioning::Suspended;
}

std::string make_version_id(Random& random, std::string_view sequencer) {
    IdBytes bytes{};
    std::array<char, kMaskBytes> drawn{};
    random.fill(RandomStream::Ids, drawn);
    std::ranges::copy(drawn, bytes.begin());
    std::uint64_t number = 0;
    const auto parsed =
        std::from_chars(sequencer.data(), sequencer.data() + sequencer.size(), number, 16);
    BT_ASSERT(parsed.ec == std::errc() && parsed.ptr == sequencer.data() + sequencer.size());
    for (std::size_t i = 0; i < kSequencerBytes; ++i) {
        bytes[kMaskBytes + i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    }
    mask_sequencer(bytes);
    write_check(bytes, bytes.data() + kMaskBytes + kSequencerBytes);

    std::string id;
    for (std::size_t i = 0; i < kIdBytes; i += 3) {
        const std::uint32_t three = static_cast<std::uint32_t>(bytes[i]) << 16U |
                                    static_cast<std::uint32_t>(bytes[i + 1]) << 8U | bytes[i + 2];
        for (const unsigned shift : {18U, 12U, 6U, 0U}) {
            id += kAlphabet[three >> shift & 0x3FU];
        }
    }
    return id;
}

std::optional<std::string> sequencer_of_version_id(std::string_view version_id) {
    if (version_id.size() != kIdCharacters) {
        return std::nullopt;
    }
    IdBytes bytes{};
    for (std::size_t i = 0; i < kIdCharacters; i += 4) {
        std::uint32_t three = 0;
        for (const char c : version_id.substr(i, 4)) {
            const auto value = kAlphabet.find(c);
            if (value == std::string_view::npos) {
                return std::nullopt;
            }
            three = three << 6U | static_cast<std::uint32_t>(value);
        }
        std::uint8_t* const out = bytes.data() + i / 4 * 3;
        out[0] = static_cast<std::uint8_t>(three >> 16U);
        out[1] = static_cast<std::uint8_t>(three >> 8U);
        out[2] = static_cast<std::uint8_t>(three);
    }
    std::array<std::uint8_t, kCheckBytes> check{};
    write_check(bytes, check.data());
    if (!std::ranges::equal(check, std::span(bytes).last<kCheckBytes>())) {
        return std::nullopt;
    }
    mask_sequencer(bytes);
    std::string sequencer = "00" + to_hex({bytes.data() + kMaskBytes, kSequencerBytes});
    std::ranges::transform(sequencer, sequencer.begin(), [](char c) {
        return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return sequencer;
}

void store_version(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    store::Object& object
) {
    const Versioning versioning = versioning_of(bucket);
    object.version_id = versioning == Versioning::Enabled
                            ? make_version_id(context.random, object.sequencer)
                            : std::string();
    tx.put_object(
        bucket.id,
        object,
        versioning == Versioning::Off ? store::Displaced::Released : store::Displaced::Kept
    );
}

store::Object store_delete_marker(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    std::string_view key
) {
    const Versioning versioning = versioning_of(bucket);
    BT_ASSERT(versioning != Versioning::Off);
    store::Object marker;
    marker.key = key;
    marker.delete_marker = true;
    marker.last_modified = context.now;
    marker.sequencer = tx.next_sequencer(context.now);
    if (versioning == Versioning::Enabled) {
        marker.version_id = make_version_id(context.random, marker.sequencer);
    }
    tx.put_delete_marker(bucket.id, marker, store::Displaced::Kept);
    return marker;
}

void store_older_version(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    store::Object& object
) {
    switch (versioning_of(bucket)) {
    case Versioning::Off:
        return;
    case Versioning::Enabled:
        object.version_id = make_version_id(context.random, object.sequencer);
        break;
    case Versioning::Suspended:
        object.version_id.clear();
        if (const auto null_version = tx.find_version(bucket.id, object.key, "")) {
            if (null_version->sequencer > object.sequencer) {
                return;
            }
            tx.delete_version(bucket.id, object.key, "");
        }
        break;
    }
    tx.put_noncurrent_version(bucket.id, object);
}

std::string_view shown_version_id(const store::Object& object) {
    return object.version_id.empty() ? std::string_view("null") : object.version_id;
}

} // namespace benchtop::s3
