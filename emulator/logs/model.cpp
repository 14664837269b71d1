#include "emulator/logs/model.hpp"

#include "emulator/protocol/json_writer.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::logs {
namespace {

namespace json = boost::json;

constexpr std::string_view kGroups = "logs/group";
constexpr std::string_view kStreams = "logs/stream";

// A name has no ':', so that one group's streams never begin with another's prefix.
std::string streams_of(const GroupId& group) {
    return group.store_name() + ':';
}

std::string place_of(const GroupId& id) {
    return id.account + '/' + id.region + '/';
}

json::object parse(std::string_view text) {
    boost::system::error_code ec;
    json::value value = json::parse(json::string_view(text.data(), text.size()), ec);
    return ec || !value.is_object() ? json::object{} : std::move(value.get_object());
}

std::optional<std::int64_t> integer(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(json::string_view(name.data(), name.size()));
    return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

std::optional<UtcInstant> instant(const json::object& object, std::string_view name) {
    const auto ms = integer(object, name);
    return ms ? std::optional(from_epoch_ms(*ms)) : std::nullopt;
}

Group read_group(GroupId id, std::string_view text) {
    const json::object object = parse(text);
    Group group;
    group.id = std::move(id);
    group.created_at = instant(object, "created").value_or(UtcInstant{});
    group.retention_days = static_cast<int>(integer(object, "retention").value_or(0));
    if (const auto* tags = object.if_contains("tags"); tags != nullptr && tags->is_object()) {
        for (const auto& [key, value] : tags->get_object()) {
            if (value.is_string()) {
                group.tags.emplace_back(std::string(key), std::string(value.get_string()));
            }
        }
    }
    return group;
}

Stream read_stream(std::string_view name, std::string_view text) {
    const json::object object = parse(text);
    Stream stream;
    stream.name = name;
    stream.created_at = instant(object, "created").value_or(UtcInstant{});
    stream.first_event_at = instant(object, "first");
    stream.last_event_at = instant(object, "last");
    stream.last_ingestion_at = instant(object, "ingested");
    return stream;
}

void add_instant(
    protocol::JsonWriter& out, std::string_view name, const std::optional<UtcInstant>& at
) {
    if (at) {
        out.member(name, to_epoch_ms(*at));
    }
}

void remove_expired(store::WriteTx& tx, const Group& group, const TimeAxis& axis, UtcInstant now) {
    if (const auto before = expiry(group, axis, now)) {
        tx.delete_log_events(group.id.store_name(), "", *before);
    }
}

} // namespace

std::string GroupId::arn() const {
    return "arn:aws:logs:" + region + ':' + account + ":log-group:" + name;
}

std::string GroupId::store_name() const {
    return account + '/' + region + '/' + name;
}

std::string Stream::arn(const GroupId& group) const {
    return group.arn() + ":log-stream:" + name;
}

std::optional<Group> find_group(const store::ReadTx& tx, const GroupId& id) {
    const auto text = tx.find_document(kGroups, id.store_name());
    return text ? std::optional(read_group(id, *text)) : std::nullopt;
}

void put_group(store::WriteTx& tx, const Group& group) {
    protocol::JsonWriter out;
    out.begin_object().member("created", to_epoch_ms(group.created_at));
    if (group.retention_days > 0) {
        out.member("retention", group.retention_days);
    }
    out.key("tags").begin_object();
    for (const auto& [key, value] : group.tags) {
        out.member(key, value);
    }
    out.end_object().end_object();
    tx.put_document(kGroups, group.id.store_name(), std::move(out).take());
}

void delete_group(store::WriteTx& tx, const GroupId& id) {
    const std::string prefix = streams_of(id);
    std::vector<std::string> keys;
    tx.scan_documents(kStreams, prefix, [&](std::string_view key, std::string_view) {
        if (!key.starts_with(prefix)) {
            return false;
        }
        keys.emplace_back(key);
        return true;
    });
    for (const std::string& key : keys) {
        tx.delete_document(kStreams, key);
    }
    tx.delete_log_events(id.store_name(), "", UtcInstant::max());
    tx.delete_document(kGroups, id.store_name());
}

void scan_groups(
    const store::ReadTx& tx,
    const GroupId& place,
    std::string_view prefix,
    std::string_view from,
    const std::function<bool(const Group&)>& visit
) {
    const std::string begin = place_of(place);
    tx.scan_documents(
        kGroups,
        begin + std::string(std::max(prefix, from)),
        [&](std::string_view key, std::string_view text) {
            if (!key.starts_with(begin)) {
                return false;
            }
            const std::string_view name = key.substr(begin.size());
            return name.starts_with(prefix) &&
                   visit(read_group({place.account, place.region, std::string(name)}, text));
        }
    );
}

std::optional<Stream>
find_stream(const store::ReadTx& tx, const GroupId& group, std::string_view name) {
    const auto text = tx.find_document(kStreams, streams_of(group) + std::string(name));
    return text ? std::optional(read_stream(name, *text)) : std::nullopt;
}

void put_stream(store::WriteTx& tx, const GroupId& group, const Stream& stream) {
    protocol::JsonWriter out;
    out.begin_object().member("created", to_epoch_ms(stream.created_at));
    add_instant(out, "first", stream.first_event_at);
    add_instant(out, "last", stream.last_event_at);
    add_instant(out, "ingested", stream.last_ingestion_at);
    out.end_object();
    tx.put_document(kStreams, streams_of(group) + stream.name, std::move(out).take());
}

void delete_stream(store::WriteTx& tx, const GroupId& group, std::string_view name) {
    tx.delete_log_events(group.store_name(), name, UtcInstant::max());
    tx.delete_document(kStreams, streams_of(group) + std::string(name));
}

void scan_streams(
    const store::ReadTx& tx,
    const GroupId& group,
    std::string_view prefix,
    std::string_view from,
    const std::function<bool(const Stream&)>& visit
) {
    const std::string begin = streams_of(group);
    tx.scan_documents(
        kStreams,
        begin + std::string(std::max(prefix, from)),
        [&](std::string_view key, std::string_view text) {
            if (!key.starts_with(begin)) {
                return false;
            }
            const std::string_view name = key.substr(begin.size());
            return name.starts_with(prefix) && visit(read_stream(name, text));
        }
    );
}

// Ages grow as stamps go back, so the stamp is found by halving. One of now - age is at least `age`
// old: the lab's clock never runs slower than the real one.
UtcInstant not_older_than(microseconds age, const TimeAxis& axis, UtcInstant now) {
    UtcInstant low = now - age;
    UtcInstant high = now;
    if (axis.age(low, now) <= age) {
        return low;
    }
    while (high - low > microseconds{1}) {
        const UtcInstant middle = low + (high - low) / 2;
        (axis.age(middle, now) > age ? low : high) = middle;
    }
    return high;
}

std::optional<UtcInstant> expiry(const Group& group, const TimeAxis& axis, UtcInstant now) {
    if (group.retention_days == 0) {
        return std::nullopt;
    }
    return not_older_than(std::chrono::days(group.retention_days), axis, now);
}

void append_events(
    store::WriteTx& tx,
    const Group& group,
    Stream stream,
    const std::vector<NewEvent>& events,
    const TimeAxis& axis,
    UtcInstant now
) {
    if (events.empty()) {
        return;
    }
    const std::string name = group.id.store_name();
    store::LogEvent row;
    row.stream = stream.name;
    row.ingested_at = now;
    for (const NewEvent& event : events) {
        row.at = event.at;
        row.message = event.message;
        tx.add_log_event(name, row);
    }
    stream.first_event_at =
        std::min(stream.first_event_at.value_or(events.front().at), events.front().at);
    stream.last_event_at =
        std::max(stream.last_event_at.value_or(events.back().at), events.back().at);
    stream.last_ingestion_at = now;
    put_stream(tx, group.id, stream);
    remove_expired(tx, group, axis, now);
}

void remove_expired(store::WriteTx& tx, UtcInstant now) {
    const TimeAxis axis = tx.time_axis();
    std::vector<Group> groups;
    tx.scan_documents(kGroups, "", [&](std::string_view key, std::string_view text) {
        const std::size_t region = key.find('/');
        const std::size_t name = key.find('/', region + 1);
        Group group = read_group(
            {std::string(key.substr(0, region)),
             std::string(key.substr(region + 1, name - region - 1)),
             std::string(key.substr(name + 1))},
            text
        );
        if (group.retention_days > 0) {
            groups.push_back(std::move(group));
        }
        return true;
    });
    for (const Group& group : groups) {
        remove_expired(tx, group, axis, now);
    }
}

} // namespace benchtop::logs
