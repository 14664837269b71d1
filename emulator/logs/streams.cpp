// CreateLogStream, DeleteLogStream, DescribeLogStreams.
#include "emulator/core/encoding.hpp"
#include "emulator/logs/checks.hpp"
#include "emulator/logs/errors.hpp"
#include "emulator/logs/event_pages.hpp"
#include "emulator/logs/members.hpp"
#include "emulator/logs/operation_list.hpp"
#include "emulator/logs/request.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::logs {
namespace {

using protocol::JsonWriter;
using service::Call;
using AccessRequests = Result<std::vector<service::AccessRequest>>;

constexpr std::int64_t kPageMax = 50;

// The group a request names, and its logStreamName, both checked; the stream need not exist.
struct NamedStream {
    Group group;
    std::string stream;
};

Result<NamedStream> named_stream(const store::ReadTx& tx, const Call& call) {
    Members members(call.json);
    auto group_name = members.string("logGroupName");
    auto stream = members.string("logStreamName");
    if (auto typed = members.take(); !typed) {
        return typed.error();
    }
    Checks checks;
    checks.required("logGroupName", group_name.has_value());
    checks.required("logStreamName", stream.has_value());
    checks.group_name("logGroupName", group_name);
    checks.stream_name("logStreamName", stream);
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    auto group = find_group(tx, group_id(call, *group_name));
    if (!group) {
        return no_such_group();
    }
    return NamedStream{*std::move(group), *std::move(stream)};
}

AccessRequests create_access(const store::ReadTx& tx, const Call& call) {
    return access_to_stream(tx, call, "CreateLogStream");
}

Result<Response> create_stream(store::WriteTx& tx, Call& call) {
    auto named = named_stream(tx, call);
    if (!named) {
        return named.error();
    }
    if (find_stream(tx, named->group.id, named->stream)) {
        return stream_exists();
    }
    Stream stream;
    stream.name = std::move(named->stream);
    stream.created_at = call.context.now;
    put_stream(tx, named->group.id, stream);
    return empty_answer();
}

AccessRequests delete_access(const store::ReadTx& tx, const Call& call) {
    return access_to_stream(tx, call, "DeleteLogStream");
}

Result<Response> delete_stream_operation(store::WriteTx& tx, Call& call) {
    auto named = named_stream(tx, call);
    if (!named) {
        return named.error();
    }
    if (!find_stream(tx, named->group.id, named->stream)) {
        return no_such_stream();
    }
    delete_stream(tx, named->group.id, named->stream);
    return empty_answer();
}

AccessRequests describe_access(const store::ReadTx& tx, const Call& call) {
    return access_to_group(tx, call, "DescribeLogStreams");
}

struct DescribeInput {
    std::string prefix;
    bool by_event_time = false;
    bool descending = false;
    std::size_t limit = kPageMax;
    std::optional<std::string> after; // order key of the last one shown
};

Result<DescribeInput> read_describe_input(const Call& call) {
    Members members(call.json);
    auto prefix = members.string("logStreamNamePrefix");
    auto order = members.string("orderBy");
    auto descending = members.boolean("descending");
    auto limit = members.integer("limit");
    auto token = members.string("nextToken");
    if (auto typed = members.take(); !typed) {
        return typed.error();
    }
    Checks checks;
    checks.stream_name("logStreamNamePrefix", prefix);
    if (order && *order != "LogStreamName" && *order != "LastEventTime") {
        checks.fail("orderBy", order, "satisfy enum value set: [LogStreamName, LastEventTime]");
    }
    checks.range("limit", limit, 1, kPageMax);
    checks.length("nextToken", token, 1, SIZE_MAX);
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    DescribeInput input;
    input.by_event_time = order.value_or("") == "LastEventTime";
    if (input.by_event_time && prefix) {
        // As getmoto/moto has it from AWS.
        return invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    if (token) {
        input.after = page_of(*token);
        if (!input.after) {
            return invalid_token();
        }
    }
    input.prefix = prefix.value_or("");
    input.descending = descending;
    input.limit = static_cast<std::size_t>(limit.value_or(kPageMax));
    return input;
}

void write_stream(JsonWriter& out, const GroupId& group, const Stream& stream) {
    out.begin_object()
        .member("logStreamName", stream.name)
        .member("creationTime", to_epoch_ms(stream.created_at));
    if (stream.last_ingestion_at) {
        out.member("firstEventTimestamp", to_epoch_ms(*stream.first_event_at))
            .member("lastEventTimestamp", to_epoch_ms(*stream.last_event_at))
            .member("lastIngestionTime", to_epoch_ms(*stream.last_ingestion_at))
            .member("uploadSequenceToken", sequence_token(*stream.last_ingestion_at));
    }
    out.member("arn", stream.arn(group)).member("storedBytes", 0).end_object();
}

// Orders the streams of a listing; also what a token remembers.
std::string order_key(const Stream& stream, bool by_event_time) {
    if (!by_event_time) {
        return stream.name;
    }
    const std::string ms = std::to_string(to_epoch_ms(stream.last_event_at.value_or(UtcInstant{})));
    return std::string(20 - std::min<std::size_t>(ms.size(), 20), '0') + ms + ' ' + stream.name;
}

Result<Response> describe_streams(const store::ReadTx& tx, Call& call) {
    auto group = require_group(tx, call);
    if (!group) {
        return group.error();
    }
    auto input = read_describe_input(call);
    if (!input) {
        return input.error();
    }
    std::vector<std::pair<std::string, Stream>> streams;
    const bool in_store_order = !input->by_event_time && !input->descending;
    scan_streams(
        tx,
        group->id,
        input->prefix,
        in_store_order ? input->after.value_or("") : "",
        [&](const Stream& stream) {
            std::string key = order_key(stream, input->by_event_time);
            if (!input->after || (input->descending ? key < *input->after : key > *input->after)) {
                streams.emplace_back(std::move(key), stream);
            }
            return !in_store_order || streams.size() <= input->limit;
        }
    );
    if (!in_store_order) {
        std::sort(streams.begin(), streams.end(), [&](const auto& a, const auto& b) {
            return input->descending ? b.first < a.first : a.first < b.first;
        });
    }
    JsonWriter out;
    out.begin_object().key("logStreams").begin_array();
    const std::size_t shown = std::min(streams.size(), input->limit);
    for (std::size_t i = 0; i < shown; ++i) {
        write_stream(out, group->id, streams[i].second);
    }
    out.end_array();
    if (shown < streams.size()) {
        out.member("nextToken", page_token(streams[shown - 1].first));
    }
    out.end_object();
    return json_answer(std::move(out).take());
}

} // namespace

void add_stream_operations(std::vector<service::Operation>& rows) {
    rows.push_back({
        .name = "CreateLogStream",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:CreateLogStream",
        .access = service::Access::Write,
        .access_requests = create_access,
        .write = create_stream,
    });
    rows.push_back({
        .name = "DeleteLogStream",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:DeleteLogStream",
        .access = service::Access::Write,
        .access_requests = delete_access,
        .write = delete_stream_operation,
    });
    rows.push_back({
        .name = "DescribeLogStreams",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:DescribeLogStreams",
        .access_requests = describe_access,
        .read = describe_streams,
    });
}

} // namespace benchtop::logs
