// PutLogEvents and GetLogEvents.
#include "emulator/logs/checks.hpp"
#include "emulator/logs/errors.hpp"
#include "emulator/logs/event_pages.hpp"
#include "emulator/logs/members.hpp"
#include "emulator/logs/operation_list.hpp"
#include "emulator/logs/request.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <deque>

namespace benchtop::logs {
namespace {

using protocol::JsonWriter;
using service::Call;
using AccessRequests = Result<std::vector<service::AccessRequest>>;

// A batch of a megabyte, every character escaped, with the members around it.
constexpr std::size_t kPutBodyMax = 10 * 1024 * 1024;
constexpr std::size_t kBatchEventsMax = 10'000;
constexpr std::size_t kBatchBytesMax = 1'048'576;
constexpr std::chrono::hours kTooNew{2};
constexpr std::chrono::days kTooOld{14};
constexpr std::chrono::hours kSpanMax{24};

// --- PutLogEvents

AccessRequests put_access(const store::ReadTx& tx, const Call& call) {
    return access_to_stream(tx, call, "PutLogEvents");
}

struct Batch {
    std::string group;
    std::string stream;
    std::vector<NewEvent> events;
};

Result<void>
read_event(const boost::json::value& item, std::size_t number, Batch& batch, Checks& checks) {
    const auto* object = item.if_object();
    if (object == nullptr) {
        return AwsError(
            400, "SerializationException", "Start of structure or map found where not expected."
        );
    }
    Members members(*object);
    auto at = members.integer("timestamp");
    auto message = members.string("message");
    if (auto typed = members.take(); !typed) {
        return typed.error();
    }
    const std::string member = "logEvents." + std::to_string(number) + ".member.";
    checks.required(member + "timestamp", at.has_value());
    checks.required(member + "message", message.has_value());
    checks.range(member + "timestamp", at, 0, std::nullopt);
    checks.length(member + "message", message, 1, SIZE_MAX);
    batch.events.push_back({instant_of_ms(at.value_or(0)), message.value_or("")});
    return {};
}

Result<Batch> read_batch(const Call& call) {
    Members members(call.json);
    auto group = members.string("logGroupName");
    auto stream = members.string("logStreamName");
    auto events = members.array("logEvents");
    if (auto typed = members.take(); !typed) {
        return typed.error();
    }
    Checks checks;
    Batch batch;
    checks.required("logGroupName", group.has_value());
    checks.required("logStreamName", stream.has_value());
    checks.required("logEvents", events != nullptr);
    checks.group_name("logGroupName", group);
    checks.stream_name("logStreamName", stream);
    if (events != nullptr && events->empty()) {
        checks.fail("logEvents", "[]", "have length greater than or equal to 1");
    } else if (events != nullptr && events->size() > kBatchEventsMax) {
        checks.fail("logEvents", "[...]", "have length less than or equal to 10000");
    } else if (events != nullptr) {
        std::size_t number = 0;
        for (const auto& item : *events) {
            if (auto read = read_event(item, ++number, batch, checks); !read) {
                return read.error();
            }
        }
    }
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    batch.group = *std::move(group);
    batch.stream = *std::move(stream);
    return batch;
}

// What makes AWS refuse the whole batch; sentences as users have quoted them, order as documented.
Result<void> check_batch(const std::vector<NewEvent>& events) {
    std::size_t bytes = 0;
    for (const NewEvent& event : events) {
        bytes += event.message.size() + kEventOverhead;
    }
    if (bytes > kBatchBytesMax) {
        return invalid_parameter(
            "Upload too large: " + std::to_string(bytes) + " bytes exceeds limit of " +
            std::to_string(kBatchBytesMax)
        );
    }
    if (!std::is_sorted(events.begin(), events.end(), [](const NewEvent& a, const NewEvent& b) {
            return a.at < b.at;
        })) {
        return invalid_parameter(
            "Log events in a single PutLogEvents request must be in chronological order."
        );
    }
    return {};
}

Result<Response> put_events(store::WriteTx& tx, Call& call) {
    auto batch = read_batch(call);
    if (!batch) {
        return batch.error();
    }
    if (auto fine = check_batch(batch->events); !fine) {
        return fine.error();
    }
    const auto group = find_group(tx, group_id(call, batch->group));
    if (!group) {
        return no_such_group();
    }
    auto stream = find_stream(tx, group->id, batch->stream);
    if (!stream) {
        return no_such_stream();
    }
    const UtcInstant now = call.context.now;
    const TimeAxis& axis = call.context.axis;
    auto& events = batch->events;
    const auto first_from = [&](UtcInstant at) {
        return std::lower_bound(
            events.begin(),
            events.end(),
            at,
            [](const NewEvent& event, UtcInstant limit) { return event.at < limit; }
        );
    };
    const auto old_end = first_from(not_older_than(kTooOld, axis, now));
    const auto expired_end = first_from(expiry(*group, axis, now).value_or(UtcInstant::min()));
    const auto new_begin = first_from(now + kTooNew + microseconds{1});
    const auto valid_begin = std::max(old_end, expired_end);
    const std::vector<NewEvent> valid(valid_begin, std::max(valid_begin, new_begin));
    if (!valid.empty() && valid.back().at - valid.front().at > kSpanMax) {
        return invalid_parameter("The batch of log events in a single PutLogEvents request cannot "
                                 "span more than 24 hours.");
    }
    append_events(tx, *group, *std::move(stream), valid, axis, now);

    JsonWriter out;
    out.begin_object().member("nextSequenceToken", sequence_token(now));
    if (valid.size() < events.size()) {
        out.key("rejectedLogEventsInfo").begin_object();
        if (new_begin != events.end()) {
            out.member("tooNewLogEventStartIndex", new_begin - events.begin());
        }
        if (old_end != events.begin()) {
            out.member("tooOldLogEventEndIndex", old_end - events.begin());
        }
        if (expired_end != events.begin()) {
            out.member("expiredLogEventEndIndex", expired_end - events.begin());
        }
        out.end_object();
    }
    out.end_object();
    return json_answer(std::move(out).take());
}

// --- GetLogEvents

AccessRequests get_access(const store::ReadTx& tx, const Call& call) {
    return access_to_stream(tx, call, "GetLogEvents");
}

struct GetInput {
    std::string stream;
    UtcInstant from{};
    UtcInstant to = UtcInstant::max(); // exclusive
    std::size_t limit = kPageEventsMax;
    bool forward = false;
    std::optional<Position> token; // exclusive bound in its direction
};

// "f/DIGITS/s": what comes after the position; "b/DIGITS/s": what comes before.
std::string token_text(char direction, const Position& position) {
    return std::string(1, direction) + '/' + digits_of(position) + "/s";
}

Result<GetInput> read_get_input(const Call& call) {
    Members members(call.json);
    auto stream = members.string("logStreamName");
    auto from = members.integer("startTime");
    auto to = members.integer("endTime");
    auto limit = members.integer("limit");
    auto head = members.boolean("startFromHead");
    auto token = members.string("nextToken");
    if (auto typed = members.take(); !typed) {
        return typed.error();
    }
    Checks checks;
    checks.required("logStreamName", stream.has_value());
    checks.stream_name("logStreamName", stream);
    checks.range("startTime", from, 0, std::nullopt);
    checks.range("endTime", to, 0, std::nullopt);
    checks.range("limit", limit, 1, kPageEventsMax);
    checks.length("nextToken", token, 1, SIZE_MAX);
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    GetInput input;
    input.stream = *std::move(stream);
    input.from = instant_of_ms(from.value_or(0));
    if (to) {
        input.to = instant_of_ms(*to);
    }
    input.limit = static_cast<std::size_t>(limit.value_or(kPageEventsMax));
    input.forward = head;
    if (token) {
        const std::string_view text = *token;
        const bool shaped = text.size() > 4 && text.ends_with("/s") &&
                            (text.starts_with("f/") || text.starts_with("b/"));
        input.token = shaped ? position_of_digits(text.substr(2, text.size() - 4)) : std::nullopt;
        if (!input.token) {
            return invalid_token();
        }
        input.forward = text.front() == 'f';
    }
    return input;
}

// The events of a page in the order of time.
std::deque<store::LogEvent>
page_events(const store::ReadTx& tx, const GroupId& group, const GetInput& input, UtcInstant from) {
    std::deque<store::LogEvent> page;
    std::size_t bytes = 0;
    UtcInstant to = input.to;
    if (input.token && input.forward) {
        from = std::max(from, instant_of_ms(input.token->ms));
    } else if (input.token) {
        to = std::min(to, instant_of_ms(input.token->ms) + milliseconds{1});
    }
    tx.scan_log_events(
        group.store_name(),
        input.stream,
        from,
        to,
        !input.forward,
        [&](const store::LogEvent& event) {
            const Position at = position_of(event);
            if (input.token && (input.forward ? at <= *input.token : at >= *input.token)) {
                return true;
            }
            bytes += event.message.size() + kEventOverhead;
            if (page.size() == input.limit || (!page.empty() && bytes > kPageBytesMax)) {
                return false;
            }
            input.forward ? page.push_back(event) : page.push_front(event);
            return true;
        }
    );
    return page;
}

Result<Response> get_events(const store::ReadTx& tx, Call& call) {
    auto group = require_group(tx, call);
    if (!group) {
        return group.error();
    }
    auto input = read_get_input(call);
    if (!input) {
        return input.error();
    }
    if (!find_stream(tx, group->id, input->stream)) {
        return no_such_stream();
    }
    const UtcInstant from = std::max(
        input->from, expiry(*group, call.context.axis, call.context.now).value_or(UtcInstant::min())
    );
    const auto page = page_events(tx, group->id, *input, from);

    // The token that brought nothing comes back as it was sent: that is how a client sees the end.
    // The other direction then turns around on the spot.
    Position after{to_epoch_ms(input->from), 0};
    Position before = after;
    if (!page.empty()) {
        after = position_of(page.back());
        before = position_of(page.front());
    } else if (input->token) {
        after = before = *input->token;
        (input->forward ? before.id : after.id) += input->forward ? 1 : -1;
    }
    JsonWriter out;
    out.begin_object().key("events").begin_array();
    for (const store::LogEvent& event : page) {
        out.begin_object();
        write_event(out, event);
        out.end_object();
    }
    out.end_array()
        .member("nextForwardToken", token_text('f', after))
        .member("nextBackwardToken", token_text('b', before))
        .end_object();
    return json_answer(std::move(out).take());
}

} // namespace

void add_event_operations(std::vector<service::Operation>& rows) {
    rows.push_back({
        .name = "PutLogEvents",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:PutLogEvents",
        .access = service::Access::Write,
        .access_requests = put_access,
        .write = put_events,
        .body_max = kPutBodyMax,
    });
    rows.push_back({
        .name = "GetLogEvents",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:GetLogEvents",
        .access_requests = get_access,
        .read = get_events,
    });
}

} // namespace benchtop::logs
