// FilterLogEvents.
#include "emulator/core/encoding.hpp"
#include "emulator/logs/checks.hpp"
#include "emulator/logs/errors.hpp"
#include "emulator/logs/event_pages.hpp"
#include "emulator/logs/filter_pattern.hpp"
#include "emulator/logs/members.hpp"
#include "emulator/logs/operation_list.hpp"
#include "emulator/logs/request.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace benchtop::logs {
namespace {

using protocol::JsonWriter;
using service::Call;

// What one request looks at before it answers with what it has, be it nothing, and a token: AWS
// does not search for ever either.
constexpr std::size_t kSearchedEventsMax = 50'000;
constexpr std::size_t kSearchedBytesMax = 32 * 1024 * 1024;
constexpr std::size_t kStreamsMax = 100;

Result<std::vector<service::AccessRequest>>
filter_access(const store::ReadTx& tx, const Call& call) {
    return access_to_group(tx, call, "FilterLogEvents");
}

struct FilterInput {
    std::optional<std::set<std::string>> streams;
    std::optional<std::string> stream_prefix;
    UtcInstant from{};
    UtcInstant to = UtcInstant::max(); // exclusive
    FilterPattern pattern;
    std::size_t limit = kPageEventsMax;
    std::optional<Position> after; // of an earlier page

    bool covers(const std::string& stream) const {
        return (!streams || streams->contains(stream)) &&
               (!stream_prefix || stream.starts_with(*stream_prefix));
    }
};

void check_streams(const std::optional<std::vector<std::string>>& names, Checks& checks) {
    if (!names) {
        return;
    }
    if (names->empty()) {
        checks.fail("logStreamNames", "[]", "have length greater than or equal to 1");
    } else if (names->size() > kStreamsMax) {
        checks.fail("logStreamNames", "[...]", "have length less than or equal to 100");
    }
    for (const std::string& name : *names) {
        checks.stream_name("logStreamNames", name);
    }
}

Result<FilterInput> read_filter_input(const Call& call) {
    Members members(call.json);
    auto streams = members.strings("logStreamNames");
    auto prefix = members.string("logStreamNamePrefix");
    auto from = members.integer("startTime");
    auto to = members.integer("endTime");
    auto pattern = members.string("filterPattern");
    auto limit = members.integer("limit");
    auto token = members.string("nextToken");
    static_cast<void>(members.boolean("interleaved")); // AWS ignores it: always true
    if (auto typed = members.take(); !typed) {
        return typed.error();
    }
    Checks checks;
    check_streams(streams, checks);
    checks.stream_name("logStreamNamePrefix", prefix);
    checks.range("startTime", from, 0, std::nullopt);
    checks.range("endTime", to, 0, std::nullopt);
    checks.length("filterPattern", pattern, 0, FilterPattern::kLengthMax);
    checks.range("limit", limit, 1, kPageEventsMax);
    checks.length("nextToken", token, 1, SIZE_MAX);
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    if (streams && prefix) {
        // Both together are refused (API reference); wording inferred from those of the groups.
        return invalid_parameter(
            "LogStream names and LogStream name prefix are mutually exclusive parameters."
        );
    }
    FilterInput input;
    auto parsed = FilterPattern::parse(pattern.value_or(""));
    if (!parsed) {
        return parsed.error();
    }
    input.pattern = *std::move(parsed);
    if (token) {
        const auto page = page_of(*token);
        input.after = page ? position_of_digits(*page) : std::nullopt;
        if (!input.after) {
            return invalid_token();
        }
    }
    if (streams) {
        input.streams.emplace(streams->begin(), streams->end());
    }
    input.stream_prefix = std::move(prefix);
    input.from = instant_of_ms(from.value_or(0));
    if (to) {
        input.to = instant_of_ms(*to) + milliseconds{1}; // an event of that millisecond counts
    }
    input.limit = static_cast<std::size_t>(limit.value_or(kPageEventsMax));
    return input;
}

// One page; gives what an event would have to come after to be on the next one, if there is one.
std::optional<Position> write_page(
    const store::ReadTx& tx,
    const Group& group,
    const FilterInput& input,
    UtcInstant from,
    JsonWriter& out
) {
    std::size_t found = 0;
    std::size_t found_bytes = 0;
    std::size_t searched = 0;
    std::size_t searched_bytes = 0;
    std::optional<Position> last; // looked at
    std::optional<Position> next;
    const bool one_stream = input.streams && input.streams->size() == 1;
    tx.scan_log_events(
        group.id.store_name(),
        one_stream ? std::string_view(*input.streams->begin()) : std::string_view(),
        input.after ? std::max(from, instant_of_ms(input.after->ms)) : from,
        input.to,
        false,
        [&](const store::LogEvent& event) {
            const Position at = position_of(event);
            if (input.after && at <= *input.after) {
                return true;
            }
            const std::size_t bytes = event.message.size() + kEventOverhead;
            const bool enough = searched == kSearchedEventsMax ||
                                searched_bytes >= kSearchedBytesMax || found == input.limit ||
                                (found > 0 && found_bytes + bytes > kPageBytesMax);
            if (enough) {
                next = last;
                return false;
            }
            ++searched;
            searched_bytes += bytes;
            last = at;
            if (!input.covers(event.stream) || !input.pattern.matches(event.message)) {
                return true;
            }
            ++found;
            found_bytes += bytes;
            out.begin_object().member("logStreamName", event.stream);
            write_event(out, event);
            out.member("eventId", digits_of(at)).end_object();
            return true;
        }
    );
    return next;
}

Result<Response> filter_events(const store::ReadTx& tx, Call& call) {
    auto group = require_group(tx, call);
    if (!group) {
        return group.error();
    }
    auto input = read_filter_input(call);
    if (!input) {
        return input.error();
    }
    if (input->streams &&
        std::any_of(input->streams->begin(), input->streams->end(), [&](const std::string& name) {
            return !find_stream(tx, group->id, name);
        })) {
        return no_such_stream();
    }
    const UtcInstant from = std::max(
        input->from, expiry(*group, call.context.axis, call.context.now).value_or(UtcInstant::min())
    );
    JsonWriter out;
    out.begin_object().key("events").begin_array();
    const auto next = write_page(tx, *group, *input, from, out);
    out.end_array().key("searchedLogStreams").begin_array().end_array();
    if (next) {
        out.member("nextToken", page_token(digits_of(*next)));
    }
    out.end_object();
    return json_answer(std::move(out).take());
}

} // namespace

void add_filter_operations(std::vector<service::Operation>& rows) {
    rows.push_back({
        .name = "FilterLogEvents",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:FilterLogEvents",
        .access_requests = filter_access,
        .read = filter_events,
    });
}

} // namespace benchtop::logs
