// The paging logic of ListObjects and ListObjectsV2, without XML: which keys and common prefixes
// one page holds ("Organizing objects using prefixes", Amazon S3 User Guide; recorded corners).
#pragma once

#include "emulator/store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

inline constexpr std::size_t kMaxKeysLimit = 1000;

struct ListingQuery {
    std::string prefix;
    std::string delimiter; // "": no grouping
    // Only keys after this one; a whole group is passed over when `after` is the group or lies
    // inside it. Marker, StartAfter and continuation tokens all mean this.
    std::string after;
    std::size_t max_keys = kMaxKeysLimit;
};

struct ListingPage {
    std::vector<store::Object> contents;
    std::vector<std::string> common_prefixes;
    bool truncated = false;
    std::string last; // key or common prefix that ended the page; "" when it is empty

    std::size_t count() const { return contents.size() + common_prefixes.size(); }
};

// The common prefix `key` collapses into; nullopt when it is listed by itself.
std::optional<std::string_view> group_of(std::string_view key, const ListingQuery& query);
// First key the page may hold; nullopt when nothing can follow.
std::optional<std::string> first_key(const ListingQuery& query);

ListingPage list_page(const store::ReadTx& tx, store::BucketId bucket, const ListingQuery& query);

// The least string greater than every string that begins with `prefix`; nullopt when there is none.
std::optional<std::string> after_all_with_prefix(std::string_view prefix);

// An opaque continuation token for "after `last`". It carries a short checksum over the bucket's
// name, so that a forged one, or one of another bucket, is refused.
std::string make_continuation_token(std::string_view bucket, std::string_view last);
std::optional<std::string> read_continuation_token(std::string_view bucket, std::string_view token);

} // namespace benchtop::s3
