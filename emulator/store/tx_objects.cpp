// Objects and their versions. `object` holds the live current version of a key, `version` all
// others (schema.cpp).
#include "emulator/core/assert.hpp"
#include "emulator/store/connection.hpp"
#include "emulator/store/record.hpp"

#include <algorithm>
#include <cstdio>

namespace benchtop::store {
namespace {

void read_object(const Statement& row, Object& object) {
    object.key.assign(row.view_at(0));
    object.size = static_cast<std::uint64_t>(row.integer_at(1));
    object.etag.assign(row.view_at(2));
    object.last_modified = row.time_at(3);
    object.body = row.integer_at(4);
    object.sequencer.assign(row.view_at(5));
    object.version_id.assign(row.view_at(6));
    unpack_details(row.view_at(7), object);
}

Object read_version(const Statement& row) {
    Object object;
    read_object(row, object);
    object.delete_marker = row.integer_at(8) != 0;
    return object;
}

// The first key from `from` on that has an object or a version.
std::optional<std::string>
first_key(Connection& connection, BucketId bucket, std::string_view from) {
    std::optional<std::string> first;
    for (const Sql sql : {Sql::FirstKey, Sql::FirstVersionKey}) {
        Statement row = connection.query(sql);
        if (row.integer(bucket).blob(from).step() && (!first || row.view_at(0) < *first)) {
            first = row.text_at(0);
        }
    }
    return first;
}

} // namespace

std::optional<Object> ReadTx::find_object(BucketId bucket, std::string_view key) const {
    Statement row = connection_.query(Sql::FindObject);
    if (!row.integer(bucket).blob(key).step()) {
        return std::nullopt;
    }
    std::optional<Object> object(std::in_place);
    read_object(row, *object);
    return object;
}

void ReadTx::scan_objects(
    BucketId bucket, std::string_view from, const std::function<ScanStep(const Object&)>& visit
) const {
    Statement rows = connection_.query(Sql::ScanObjects);
    rows.integer(bucket).blob(from);
    Object object;
    std::string seek;
    while (rows.step()) {
        read_object(rows, object);
        ScanStep step = visit(object);
        if (step.kind == ScanStep::Kind::Stop) {
            return;
        }
        if (step.kind == ScanStep::Kind::SkipTo && step.skip_to > object.key) {
            seek = std::move(step.skip_to);
            rows.rewind();
            rows.integer(bucket).blob(seek);
        }
    }
}

std::optional<Object>
ReadTx::find_version(BucketId bucket, std::string_view key, std::string_view version_id) const {
    if (auto live = find_object(bucket, key); live && live->version_id == version_id) {
        return live;
    }
    Statement row = connection_.query(Sql::FindVersion);
    if (!row.integer(bucket).blob(key).text(version_id).step()) {
        return std::nullopt;
    }
    return read_version(row);
}

std::optional<Object> ReadTx::current_version(BucketId bucket, std::string_view key) const {
    if (auto live = find_object(bucket, key)) {
        return live;
    }
    Statement row = connection_.query(Sql::NewestVersion);
    if (!row.integer(bucket).blob(key).step()) {
        return std::nullopt;
    }
    return read_version(row);
}

void ReadTx::scan_versions(
    BucketId bucket,
    std::string_view from,
    std::string_view before,
    const std::function<ScanStep(const Object&, bool current)>& visit
) const {
    // Above every sequencer, which are upper-case hex digits.
    constexpr std::string_view kAll = "~";
    std::string key(from);
    std::string older(before.empty() ? kAll : before);
    while (const auto found = first_key(connection_, bucket, key)) {
        if (*found != key) {
            key = *found;
            older = kAll;
        }
        const auto newest = current_version(bucket, key);
        BT_ASSERT(newest.has_value());
        ScanStep step = ScanStep::next();
        // What `before` named may be gone: the newest version can be older than it.
        if (!newest->delete_marker && newest->sequencer < older) {
            step = visit(*newest, true);
        }
        Statement rows = connection_.query(Sql::ScanVersionsOfKey);
        rows.integer(bucket).blob(key).text(older);
        while (step.kind == ScanStep::Kind::Next && rows.step()) {
            const Object version = read_version(rows);
            step = visit(version, version.sequencer == newest->sequencer);
        }
        if (step.kind == ScanStep::Kind::Stop) {
            return;
        }
        if (step.kind == ScanStep::Kind::SkipTo && step.skip_to > key) {
            key = std::move(step.skip_to);
        } else {
            key.push_back('\0'); // the least key above
        }
        older = kAll;
    }
}

void WriteTx::add_version(BucketId bucket, const Object& object) {
    const std::string details = pack_details(object);
    connection_.modify(Sql::AddVersion)
        .integer(bucket)
        .blob(object.key)
        .text(object.sequencer)
        .text(object.version_id)
        .integer(object.delete_marker ? 1 : 0)
        .integer(object.body)
        .integer(static_cast<std::int64_t>(object.size))
        .text(object.etag)
        .time(object.last_modified)
        .blob(details)
        .run();
}

// A version that moves takes its reference to the body along.
void WriteTx::displace(BucketId bucket, const Object& by, Displaced displaced) {
    if (displaced == Displaced::Released) {
        remove_live(bucket, by.key);
        return;
    }
    const auto live = find_object(bucket, by.key);
    if (live && live->version_id == by.version_id) {
        remove_live(bucket, by.key);
        return;
    }
    if (live) {
        connection_.modify(Sql::DeleteObject).integer(bucket).blob(by.key).run();
        add_version(bucket, *live);
    }
    std::string sequencer;
    BodyId body = 0;
    {
        Statement row = connection_.query(Sql::FindVersion);
        if (!row.integer(bucket).blob(by.key).text(by.version_id).step()) {
            return;
        }
        body = row.integer_at(4);
        sequencer = row.text_at(5);
    }
    connection_.modify(Sql::DeleteVersion).integer(bucket).blob(by.key).text(sequencer).run();
    release_body(body);
}

void WriteTx::put_object(BucketId bucket, const Object& object, Displaced displaced) {
    BT_ASSERT(!object.delete_marker);
    retain_body(object.body); // first: the old and the new one may be one
    displace(bucket, object, displaced);
    const std::string details = pack_details(object);
    connection_.modify(Sql::PutObject)
        .integer(bucket)
        .blob(object.key)
        .integer(object.body)
        .integer(static_cast<std::int64_t>(object.size))
        .text(object.etag)
        .time(object.last_modified)
        .text(object.sequencer)
        .text(object.version_id)
        .blob(details)
        .run();
}

void WriteTx::put_delete_marker(BucketId bucket, const Object& marker, Displaced displaced) {
    BT_ASSERT(marker.delete_marker && marker.body == 0);
    displace(bucket, marker, displaced);
    add_version(bucket, marker);
    note_deletion(bucket, marker.key);
}

void WriteTx::put_noncurrent_version(BucketId bucket, const Object& object) {
    BT_ASSERT(!object.delete_marker);
    retain_body(object.body);
    add_version(bucket, object);
}

// Uploads under way learn that their key was deleted, be there an object or not.
void WriteTx::note_deletion(BucketId bucket, std::string_view key) {
    connection_.modify(Sql::MarkUploadsOfKey).integer(bucket).blob(key).run();
}

bool WriteTx::delete_object(BucketId bucket, std::string_view key) {
    note_deletion(bucket, key);
    return remove_live(bucket, key);
}

bool WriteTx::remove_live(BucketId bucket, std::string_view key) {
    BodyId body = 0;
    {
        Statement row = connection_.query(Sql::FindObjectBody);
        if (!row.integer(bucket).blob(key).step()) {
            return false;
        }
        body = row.integer_at(0);
    }
    connection_.modify(Sql::DeleteObject).integer(bucket).blob(key).run();
    release_body(body);
    return true;
}

std::optional<Object>
WriteTx::delete_version(BucketId bucket, std::string_view key, std::string_view version_id) {
    auto deleted = find_version(bucket, key, version_id);
    if (!deleted) {
        return std::nullopt;
    }
    const auto live = find_object(bucket, key);
    if (live && live->version_id == version_id) {
        connection_.modify(Sql::DeleteObject).integer(bucket).blob(key).run();
    } else {
        connection_.modify(Sql::DeleteVersion)
            .integer(bucket)
            .blob(key)
            .text(deleted->sequencer)
            .run();
    }
    release_body(deleted->body);
    if (live && live->version_id != version_id) {
        return deleted;
    }
    // The newest of what is left is current now; a live one moves, with its reference.
    const auto next = current_version(bucket, key);
    if (next && !next->delete_marker) {
        connection_.modify(Sql::DeleteVersion)
            .integer(bucket)
            .blob(key)
            .text(next->sequencer)
            .run();
        put_object(bucket, *next);
        connection_.modify(Sql::ReleaseBody).integer(next->body).run();
    }
    return deleted;
}

void WriteTx::update_version(BucketId bucket, const Object& object) {
    const std::string details = pack_details(object);
    const auto live = find_object(bucket, object.key);
    if (live && live->version_id == object.version_id) {
        connection_.modify(Sql::UpdateObject).integer(bucket).blob(object.key).blob(details).run();
        return;
    }
    connection_.modify(Sql::UpdateVersion)
        .integer(bucket)
        .blob(object.key)
        .text(object.version_id)
        .blob(details)
        .run();
}

std::string WriteTx::next_sequencer(UtcInstant now) {
    // Seconds in the upper half, a counter in the lower one that starts at the second's fraction;
    // the last value wins over a clock that stands still or steps back.
    constexpr std::uint64_t kReserve = std::uint64_t{10} << 32; // ten seconds at a time
    const auto micros =
        static_cast<std::uint64_t>(std::max<std::int64_t>(now.time_since_epoch().count(), 0));
    const std::uint64_t by_clock = (micros / 1'000'000) << 32 | (micros % 1'000'000) * 4294;
    WriterState& state = connection_.writer();
    const std::uint64_t value = std::max(by_clock, state.last_sequencer + 1);
    state.last_sequencer = value;
    if (value > state.reserved_sequencer) {
        const std::uint64_t reserved = value + kReserve;
        const std::string text = std::to_string(reserved);
        connection_.modify(Sql::PutSetting).text(kSequencerSetting).text(text).run();
        state.reserved_sequencer = reserved;
    }
    char text[20];
    std::snprintf(text, sizeof text, "00%016llX", static_cast<unsigned long long>(value));
    return text;
}

} // namespace benchtop::store
