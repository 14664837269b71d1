#include "emulator/s3/listing.hpp"

#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kTokenCheckBytes = 6;

std::string token_check(std::string_view bucket, std::string_view last) {
    std::string text = "continuation-token\n";
    text += bucket;
    text += '\n';
    text += last;
    const Sha256Digest digest = sha256(text);
    return {reinterpret_cast<const char*>(digest.data()), kTokenCheckBytes};
}

} // namespace

std::optional<std::string_view> group_of(std::string_view key, const ListingQuery& query) {
    if (query.delimiter.empty() || !key.starts_with(query.prefix)) {
        return std::nullopt;
    }
    const auto at = key.find(query.delimiter, query.prefix.size());
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return key.substr(0, at + query.delimiter.size());
}

std::optional<std::string> first_key(const ListingQuery& query) {
    if (query.after.empty()) {
        return query.prefix;
    }
    std::string start;
    if (const auto group = group_of(query.after, query)) {
        auto next = after_all_with_prefix(*group);
        if (!next) {
            return std::nullopt;
        }
        start = std::move(*next);
    } else {
        start = query.after + '\0';
    }
    return std::max(start, query.prefix);
}

std::optional<std::string> after_all_with_prefix(std::string_view prefix) {
    std::string next(prefix);
    while (!next.empty()) {
        const auto byte = static_cast<unsigned char>(next.back());
        if (byte != 0xFF) {
            next.back() = static_cast<char>(byte + 1);
            return next;
        }
        next.pop_back();
    }
    return std::nullopt;
}

ListingPage list_page(const store::ReadTx& tx, store::BucketId bucket, const ListingQuery& query) {
    ListingPage page;
    const auto start = first_key(query);
    if (query.max_keys == 0 || !start) {
        return page;
    }
    tx.scan_objects(bucket, *start, [&](const store::Object& object) {
        if (!object.key.starts_with(query.prefix)) {
            return store::ScanStep::stop();
        }
        if (page.count() == query.max_keys) {
            page.truncated = true;
            return store::ScanStep::stop();
        }
        const auto group = group_of(object.key, query);
        if (!group) {
            page.contents.push_back(object);
            page.last = object.key;
            return store::ScanStep::next();
        }
        page.common_prefixes.emplace_back(*group);
        page.last = *group;
        auto next = after_all_with_prefix(*group);
        return next ? store::ScanStep::to(std::move(*next)) : store::ScanStep::stop();
    });
    return page;
}

std::string make_continuation_token(std::string_view bucket, std::string_view last) {
    std::string bytes = token_check(bucket, last);
    bytes += last;
    return to_base64(as_bytes(bytes));
}

std::optional<std::string>
read_continuation_token(std::string_view bucket, std::string_view token) {
    const auto bytes = from_base64(token);
    if (!bytes || bytes->size() <= kTokenCheckBytes) {
        return std::nullopt;
    }
    std::string last = bytes->substr(kTokenCheckBytes);
    if (!equal_constant_time(token_check(bucket, last), bytes->substr(0, kTokenCheckBytes))) {
        return std::nullopt;
    }
    return last;
}

} // namespace benchtop::s3
