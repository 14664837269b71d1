#include "emulator/store/record.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/store/tx.hpp"

#include <array>

namespace benchtop::store {
namespace {

constexpr char kVersion = 1;
// Details written since an object can have more than its first attributes end in a list of them.
constexpr char kVersionWithExtras = 2;

// The texts of an object's details, in stored order.
template <class AnyObject>
auto texts_of(AnyObject& object) {
    auto& a = object.attributes;
    return std::array{
        &object.checksum,
        &object.checksum_type,
        &a.content_type,
        &a.cache_control,
        &a.content_disposition,
        &a.content_encoding,
        &a.content_language,
        &a.expires,
        &a.website_redirect_location,
        &a.storage_class,
    };
}

void put_number(std::string& out, std::size_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>((value & 0x7f) | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size());
    out.append(text);
}

void put_pairs(std::string& out, const TextPairs& pairs) {
    put_number(out, pairs.size());
    for (const auto& [name, value] : pairs) {
        put_text(out, name);
        put_text(out, value);
    }
}

class Reader {
public:
    explicit Reader(std::string_view bytes)
        : rest_(bytes) {
        version_ = byte();
        if (version_ != kVersion && version_ != kVersionWithExtras) {
            fail();
        }
    }

    bool has_extras() const { return version_ == kVersionWithExtras; }

    char byte() {
        if (rest_.empty()) {
            fail();
        }
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    std::size_t number() {
        std::size_t value = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            const auto c = static_cast<unsigned char>(byte());
            value |= static_cast<std::size_t>(c & 0x7f) << shift;
            if (c < 0x80) {
                return value;
            }
        }
        fail();
    }

    std::string_view text() {
        const std::size_t length = number();
        if (length > rest_.size()) {
            fail();
        }
        const std::string_view value = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return value;
    }

    void pairs(TextPairs& out) {
        const std::size_t count = number();
        if (count > rest_.size()) { // a pair takes two bytes at least
            fail();
        }
        out.clear();
        out.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::string_view name = text();
            out.emplace_back(name, text());
        }
    }

private:
    [[noreturn]] static void fail() { throw StoreFailure("a packed column is damaged"); }

    std::string_view rest_;
    char version_ = 0;
};

// What few objects have, by name: an ordinary object pays one byte for it.
TextPairs extras_of(const Object& object) {
    TextPairs extras;
    const auto add = [&](std::string_view name, std::string text) {
        if (!text.empty()) {
            extras.emplace_back(name, std::move(text));
        }
    };
    const auto stamp = [](UtcInstant instant) {
        const auto count = instant.time_since_epoch().count();
        return count == 0 ? std::string() : std::to_string(count);
    };
    add("parts", object.parts == 0 ? "" : std::to_string(object.parts));
    add("owner", object.owner);
    add("acl", object.acl);
    add("encryption", object.encryption);
    add("lock", object.lock.mode);
    add("until", stamp(object.lock.retain_until));
    add("set", stamp(object.lock.set_at));
    add("hold", object.lock.legal_hold ? "ON" : "");
    return extras;
}

void take_extras(TextPairs extras, Object& object) {
    object.parts = 0;
    object.owner.clear();
    object.acl.clear();
    object.encryption.clear();
    object.lock = {};
    const auto number = [](const std::string& text) {
        const auto value = parse_u64(text);
        if (!value) {
            throw StoreFailure("a packed column is damaged");
        }
        return static_cast<std::int64_t>(*value);
    };
    const auto stamp = [&](const std::string& text) {
        return UtcInstant{microseconds{number(text)}};
    };
    for (auto& [name, text] : extras) {
        if (name == "parts") {
            object.parts = static_cast<int>(number(text));
        } else if (name == "owner") {
            object.owner = std::move(text);
        } else if (name == "acl") {
            object.acl = std::move(text);
        } else if (name == "encryption") {
            object.encryption = std::move(text);
        } else if (name == "lock") {
            object.lock.mode = std::move(text);
        } else if (name == "until") {
            object.lock.retain_until = stamp(text);
        } else if (name == "set") {
            object.lock.set_at = stamp(text);
        } else if (name == "hold") {
            object.lock.legal_hold = true;
        }
    }
}

} // namespace

std::string pack_details(const Object& object) {
    std::string out;
    out.reserve(128);
    out.push_back(kVersionWithExtras);
    const auto& algorithm = object.checksum_algorithm;
    out.push_back(algorithm ? static_cast<char>(static_cast<int>(*algorithm) + 1) : '\0');
    for (const std::string* text : texts_of(object)) {
        put_text(out, *text);
    }
    put_pairs(out, object.attributes.metadata);
    put_pairs(out, object.attributes.tags);
    put_pairs(out, extras_of(object));
    return out;
}

void unpack_details(std::string_view bytes, Object& object) {
    Reader reader(bytes);
    const int algorithm = reader.byte();
    if (algorithm < 0 || algorithm > static_cast<int>(ChecksumAlgorithm::Sha256) + 1) {
        throw StoreFailure("an object has an unknown checksum algorithm");
    }
    object.checksum_algorithm.reset();
    if (algorithm != 0) {
        object.checksum_algorithm = static_cast<ChecksumAlgorithm>(algorithm - 1);
    }
    for (std::string* text : texts_of(object)) {
        text->assign(reader.text());
    }
    reader.pairs(object.attributes.metadata);
    reader.pairs(object.attributes.tags);
    TextPairs extras;
    if (reader.has_extras()) {
        reader.pairs(extras);
    }
    take_extras(std::move(extras), object);
}

std::string pack_pairs(const TextPairs& pairs) {
    std::string out(1, kVersion);
    put_pairs(out, pairs);
    return out;
}

TextPairs unpack_pairs(std::string_view bytes) {
    Reader reader(bytes);
    TextPairs pairs;
    reader.pairs(pairs);
    return pairs;
}

} // namespace benchtop::store
