#include "emulator/s3/version_listing.hpp"

#include "emulator/s3/versions.hpp"

namespace benchtop::s3 {
namespace {

struct Start {
    std::string key;
    std::string before; // sequencer; "" for all versions of the key
};

// nullopt when nothing can follow.
std::optional<Start>
start_of(const store::ReadTx& tx, store::BucketId bucket, const VersionsQuery& query) {
    const ListingQuery& keys = query.keys;
    const bool inside_key = !query.version_marker.empty() && keys.after.starts_with(keys.prefix) &&
                            !group_of(keys.after, keys);
    if (!inside_key) {
        auto key = first_key(keys);
        return key ? std::optional(Start{*std::move(key), ""}) : std::nullopt;
    }
    if (query.version_marker != "null") {
        return Start{keys.after, sequencer_of_version_id(query.version_marker).value_or("")};
    }
    // A null version's place is known only as long as it is there; then the key is listed anew.
    const auto marker = tx.find_version(bucket, keys.after, "");
    return Start{keys.after, marker ? marker->sequencer : ""};
}

} // namespace

VersionsPage
list_versions(const store::ReadTx& tx, store::BucketId bucket, const VersionsQuery& query) {
    const ListingQuery& keys = query.keys;
    VersionsPage page;
    const auto start = start_of(tx, bucket, query);
    if (keys.max_keys == 0 || !start) {
        return page;
    }
    const auto visit = [&](const store::Object& object, bool current) {
        if (!object.key.starts_with(keys.prefix)) {
            return store::ScanStep::stop();
        }
        if (page.count() == keys.max_keys) {
            page.truncated = true;
            return store::ScanStep::stop();
        }
        const auto group = group_of(object.key, keys);
        if (!group) {
            page.versions.push_back({object, current});
            page.next_key = object.key;
            page.next_version = shown_version_id(object);
            return store::ScanStep::next();
        }
        page.common_prefixes.emplace_back(*group);
        page.next_key = *group;
        page.next_version.clear();
        auto next = after_all_with_prefix(*group);
        return next ? store::ScanStep::to(std::move(*next)) : store::ScanStep::stop();
    };
    tx.scan_versions(bucket, start->key, start->before, visit);
    return page;
}

} // namespace benchtop::s3
