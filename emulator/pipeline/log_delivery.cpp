#include "emulator/pipeline/log_delivery.hpp"

#include "emulator/core/utf8.hpp"
#include "emulator/functions/log_format.hpp"
#include "emulator/logs/model.hpp"
#include "emulator/pipeline/role_access.hpp"
#include "emulator/service/function_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace benchtop::pipeline {

namespace {

using functions::LogSource;

constexpr std::size_t kLineOverhead = 200; // of a queued line beside its text
constexpr std::size_t kRefusedMax = 1024;

// One environment's part of a batch.
struct Lines {
    LogSource source;
    std::vector<logs::NewEvent> events;
};

std::string key_of(const LogSource& source) {
    return source.function_arn + ' ' + source.role_arn + ' ' + source.stream;
}

struct Refusal {
    std::string action;
    std::string resource;
    bool final = false; // only another policy helps: logs:PutLogEvents is missing
};

struct Target {
    logs::GroupId group;
    std::string role; // name, for people
    std::optional<logs::Group> found_group;
    std::optional<logs::Stream> found_stream;
    std::optional<Refusal> refusal;
};

// nullopt: the function is not Lambda's any more, or never was.
std::optional<Target> look_up(const store::ReadTx& tx, const LogSource& source, UtcInstant now) {
    const auto function = service::parse_function_ref(source.function_arn);
    if (!function) {
        return std::nullopt;
    }
    Target target;
    store::Function session;
    if (auto known = tx.find_function(function->account, function->region, function->name)) {
        session = *std::move(known);
    }
    session.account = function->account;
    session.region = function->region;
    session.name = function->name;
    session.role_arn = source.role_arn;
    target.group = {function->account, function->region, functions::log_group_name(session)};
    target.role = source.role_arn.substr(source.role_arn.rfind('/') + 1);
    target.found_group = logs::find_group(tx, target.group);
    if (target.found_group) {
        target.found_stream = logs::find_stream(tx, target.group, source.stream);
    }
    const auto identity = function_identity(tx, session);
    const std::string of_group = target.group.arn() + ":log-stream:";
    const std::string of_stream = of_group + source.stream;
    const auto allowed = [&](std::string_view action, const std::string& resource) {
        return identity && !why_not_allowed(*identity, action, resource, "", now);
    };
    const bool may_put = allowed("logs:PutLogEvents", of_stream);
    if (!target.found_group && !allowed("logs:CreateLogGroup", of_group)) {
        target.refusal = Refusal{"logs:CreateLogGroup", of_group, !may_put};
    } else if (!target.found_stream && !allowed("logs:CreateLogStream", of_stream)) {
        target.refusal = Refusal{"logs:CreateLogStream", of_stream, !may_put};
    } else if (!may_put) {
        target.refusal = Refusal{"logs:PutLogEvents", of_stream, true};
    }
    return target;
}

} // namespace

struct LogDelivery::Impl : std::enable_shared_from_this<Impl> {
    Impl(store::Store& store_in, Clock& clock_in, Log& log_in)
        : store(store_in)
        , clock(clock_in)
        , log(log_in) {}

    void add(const LogSource& source, UtcInstant at, std::string_view text);

private:
    bool enqueue(const LogSource& source, UtcInstant at, std::string_view text);
    void start_writing();
    bool write(store::WriteTx& tx);
    bool write_lines(store::WriteTx& tx, const Lines& lines, UtcInstant now);
    void written(store::CommitStatus status);

    store::Store& store;
    Clock& clock;
    Log& log;

    std::mutex mutex;
    std::map<std::string, Lines> queue; // by key_of(source)
    std::size_t queued_bytes = 0;
    std::size_t dropped = 0;
    bool writing = false;
    // Sources that no line of will be stored before some policy changes.
    std::set<std::string> refused;
    std::uint64_t refused_epoch = 0;
};

// Under the lock. true: somebody has to write.
bool LogDelivery::Impl::enqueue(const LogSource& source, UtcInstant at, std::string_view text) {
    const std::string key = key_of(source);
    if (const std::uint64_t epoch = store.identity_epoch(); epoch != refused_epoch) {
        refused.clear();
        refused_epoch = epoch;
    } else if (refused.contains(key)) {
        return false;
    }
    Lines& lines = queue[key];
    if (lines.events.empty()) {
        lines.source = source;
    }
    const UtcInstant whole = from_epoch_ms(to_epoch_ms(at));
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::size_t size = std::min(end, kEventBytesMax);
        if (queued_bytes + size + kLineOverhead > kQueuedBytesMax) {
            ++dropped;
        } else {
            queued_bytes += size + kLineOverhead;
            std::string event = utf8_text(text.substr(0, size));
            std::replace(event.begin(), event.end(), '\r', '\n'); // a record of several lines
            lines.events.push_back({whole, std::move(event)});
        }
        text.remove_prefix(end);
    }
    return !std::exchange(writing, true);
}

void LogDelivery::Impl::add(const LogSource& source, UtcInstant at, std::string_view text) {
    bool start = false;
    {
        const std::lock_guard lock(mutex);
        start = enqueue(source, at, text);
    }
    if (start) {
        start_writing();
    }
}

void LogDelivery::Impl::start_writing() {
    store.write(
        {[self = shared_from_this()](store::WriteTx& tx) { return self->write(tx); },
         [self = shared_from_this()](store::CommitStatus status) { self->written(status); }}
    );
}

// On the store's writer.
bool LogDelivery::Impl::write(store::WriteTx& tx) {
    std::map<std::string, Lines> batch;
    {
        const std::lock_guard lock(mutex);
        batch.swap(queue);
        queued_bytes = 0;
    }
    const UtcInstant now = clock.now();
    bool any = false;
    for (const auto& [key, lines] : batch) {
        any |= write_lines(tx, lines, now);
    }
    return any;
}

// false: nothing was written.
bool LogDelivery::Impl::write_lines(store::WriteTx& tx, const Lines& lines, UtcInstant now) {
    auto target = look_up(tx, lines.source, now);
    if (!target || target->refusal) {
        if (target && target->refusal->final) {
            const std::lock_guard lock(mutex);
            if (refused.size() >= kRefusedMax) {
                refused.clear();
            }
            refused.insert(key_of(lines.source));
        }
        return false;
    }
    if (!target->found_group) {
        target->found_group = logs::Group{target->group, now, 0, {}};
        logs::put_group(tx, *target->found_group);
    }
    if (!target->found_stream) {
        target->found_stream.emplace();
        target->found_stream->name = lines.source.stream;
        target->found_stream->created_at = now;
    }
    logs::append_events(
        tx, *target->found_group, *target->found_stream, lines.events, tx.time_axis(), now
    );
    return true;
}

void LogDelivery::Impl::written(store::CommitStatus status) {
    std::size_t lost = 0;
    bool again = false;
    {
        const std::lock_guard lock(mutex);
        lost = std::exchange(dropped, 0);
        // After a failure the next line tries again.
        again = status == store::CommitStatus::Committed && !queue.empty();
        writing = again;
    }
    if (lost > 0) {
        log.write(
            LogLevel::Warning,
            fmt::format("CloudWatch Logs lost {} lines: functions write faster than it.", lost)
        );
    }
    if (again) {
        start_writing();
    }
}

LogDelivery::LogDelivery(store::Store& store, Clock& clock, Log& log)
    : impl_(std::make_shared<Impl>(store, clock, log)) {}

LogDelivery::~LogDelivery() = default;

void LogDelivery::lines(const functions::LogSource& source, UtcInstant at, std::string_view text) {
    impl_->add(source, at, text);
}

std::optional<std::string>
why_not_in_cloudwatch(const store::ReadTx& tx, const LogSource& source, UtcInstant now) {
    const auto target = look_up(tx, source, now);
    if (!target || !target->refusal) {
        return std::nullopt;
    }
    return fmt::format(
        "CloudWatch Logs gets none of these lines: role {} lacks {} on {} "
        "(the managed policy AWSLambdaBasicExecutionRole has it).",
        target->role,
        target->refusal->action,
        target->refusal->resource
    );
}

} // namespace benchtop::pipeline
