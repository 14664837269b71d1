// Log groups and streams as the store keeps them: documents, found by account, region and name.
// Events lie in a table of their own under GroupId::store_name().
//
// Stamps are on the real axis. Whether an event has expired depends on the lab's clock: what has is
// not shown from then on, and removed when somebody writes to the group or at the lab's midnight.
#pragma once

#include "emulator/core/time_axis.hpp"
#include "emulator/store/tx.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::logs {

struct GroupId {
    std::string account;
    std::string region;
    std::string name;

    std::string arn() const; // without ":*"
    std::string store_name() const;
};

struct Group {
    GroupId id;
    UtcInstant created_at{};
    int retention_days = 0;                                // 0: for ever
    std::vector<std::pair<std::string, std::string>> tags; // by key
};

struct Stream {
    std::string name;
    UtcInstant created_at{};
    // Of the events it has ever been given; absent while there are none.
    std::optional<UtcInstant> first_event_at;
    std::optional<UtcInstant> last_event_at;
    std::optional<UtcInstant> last_ingestion_at;

    std::string arn(const GroupId& group) const;
};

std::optional<Group> find_group(const store::ReadTx& tx, const GroupId& id);
void put_group(store::WriteTx& tx, const Group& group);
// With its streams and events.
void delete_group(store::WriteTx& tx, const GroupId& id);
// Groups of an account and region whose name begins with `prefix`, by name, from `from` (inclusive)
// on, until the visitor returns false.
void scan_groups(
    const store::ReadTx& tx,
    const GroupId& place, // its name does not matter
    std::string_view prefix,
    std::string_view from,
    const std::function<bool(const Group&)>& visit
);

std::optional<Stream>
find_stream(const store::ReadTx& tx, const GroupId& group, std::string_view name);
void put_stream(store::WriteTx& tx, const GroupId& group, const Stream& stream);
// With its events.
void delete_stream(store::WriteTx& tx, const GroupId& group, std::string_view name);
// As scan_groups.
void scan_streams(
    const store::ReadTx& tx,
    const GroupId& group,
    std::string_view prefix,
    std::string_view from,
    const std::function<bool(const Stream&)>& visit
);

// The earliest stamp that is not older than `age` at `now`.
UtcInstant not_older_than(microseconds age, const TimeAxis& axis, UtcInstant now);
// Events before it are expired; nullopt: the group keeps everything.
std::optional<UtcInstant> expiry(const Group& group, const TimeAxis& axis, UtcInstant now);

struct NewEvent {
    UtcInstant at{}; // whole milliseconds
    std::string message;
};

// Appends, brings the stream's stamps up to date and removes what has expired in the group. The
// stream exists; `events` are by time.
void append_events(
    store::WriteTx& tx,
    const Group& group,
    Stream stream,
    const std::vector<NewEvent>& events,
    const TimeAxis& axis,
    UtcInstant now
);

// Removes what has expired, in every group of the store.
void remove_expired(store::WriteTx& tx, UtcInstant now);

} // namespace benchtop::logs
