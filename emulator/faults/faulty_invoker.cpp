#include "emulator/faults/faulty_invoker.hpp"

#include "emulator/core/encoding.hpp"

#include <boost/json.hpp>

#include <atomic>
#include <deque>

namespace benchtop::faults {
namespace {

namespace json = boost::json;

// Attempts are counted for the newest events; an older one starts again at 1.
constexpr std::size_t kEventsKept = 10'000;

const json::object* member(const json::object* object, std::string_view name) {
    const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

std::string text(const json::object* object, std::string_view name) {
    const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
    const json::string* string = value == nullptr ? nullptr : value->if_string();
    return string == nullptr ? std::string() : std::string(string->data(), string->size());
}

// The first record's bucket and key.
void read_event(std::string_view payload, EventPoint& point) {
    boost::system::error_code ec;
    const json::value document = json::parse(payload, ec);
    const json::object* object = ec ? nullptr : document.if_object();
    const json::value* records = object == nullptr ? nullptr : object->if_contains("Records");
    const json::array* array = records == nullptr ? nullptr : records->if_array();
    if (array == nullptr || array->empty()) {
        return;
    }
    const json::object* s3 = member(array->front().if_object(), "s3");
    point.bucket = text(member(s3, "bucket"), "name");
    point.key = percent_decode(text(member(s3, "object"), "key"), PlusRule::Space).value_or("");
}

InvokeOutcome not_run(InvokeStatus status, std::string_view why, const InvokeRequest& request) {
    InvokeOutcome outcome;
    outcome.status = status;
    outcome.payload = why;
    outcome.request_id = request.request_id;
    return outcome;
}

} // namespace

struct FaultyInvoker::Impl : std::enable_shared_from_this<Impl> {
    Impl(Invoker& next_in, FaultSource& source_in, functions::Deadlines& deadlines_in)
        : next(next_in)
        , source(source_in)
        , deadlines(deadlines_in) {}

    int count_attempt(const std::string& request_id) {
        const std::lock_guard lock(mutex);
        const auto [entry, added] = attempts.emplace(request_id, 0);
        if (added) {
            order.push_back(request_id);
            if (order.size() > kEventsKept) {
                attempts.erase(order.front());
                order.pop_front();
            }
        }
        return ++entry->second;
    }

    // `then` after `delay`, unless the process dies before.
    void later(microseconds delay, std::move_only_function<void(Impl&)> then) {
        ++waiting;
        deadlines.after(delay, [weak = weak_from_this(), then = std::move(then)]() mutable {
            if (const auto self = weak.lock(); self && !self->stopped) {
                --self->waiting;
                then(*self);
            }
        });
    }

    void deliver(InvokeRequest request, const std::optional<Fault>& fault, Completion done);

    Invoker& next;
    FaultSource& source;
    functions::Deadlines& deadlines;
    std::mutex mutex;
    std::map<std::string, int> attempts;
    std::deque<std::string> order;
    std::atomic<bool> stopped = false;
    std::atomic<std::size_t> waiting = 0;
};

void FaultyInvoker::Impl::deliver(
    InvokeRequest request, const std::optional<Fault>& fault, Completion done
) {
    if (!fault) {
        next.invoke(std::move(request), std::move(done));
        return;
    }
    switch (fault->kind) {
    case FaultKind::Throttle:
        done(not_run(InvokeStatus::Throttled, "Rate Exceeded.", request));
        return;
    case FaultKind::LostAnswer:
        next.invoke(std::move(request), [done = std::move(done)](InvokeOutcome outcome) mutable {
            outcome.status = InvokeStatus::ServiceError;
            outcome.payload = "The function's answer was lost.";
            done(std::move(outcome));
        });
        return;
    case FaultKind::Crash:
        return; // whoever waits dies with the process
    default:
        done(not_run(InvokeStatus::ServiceError, "Lambda had an internal error.", request));
        return;
    }
}

FaultyInvoker::FaultyInvoker(Invoker& next, FaultSource& source, functions::Deadlines& deadlines)
    : impl_(std::make_shared<Impl>(next, source, deadlines)) {}

FaultyInvoker::~FaultyInvoker() {
    stop();
}

std::size_t FaultyInvoker::waiting() const {
    return impl_->waiting;
}

void FaultyInvoker::stop() {
    impl_->stopped = true;
}

void FaultyInvoker::invoke(InvokeRequest request, Completion done) {
    if (impl_->source.is_quiet()) {
        impl_->next.invoke(std::move(request), std::move(done));
        return;
    }
    EventPoint point;
    point.function_arn = request.function_arn;
    point.request_id = request.request_id;
    point.attempt = impl_->count_attempt(request.request_id);
    read_event(request.payload, point);
    microseconds delay{};
    std::optional<Fault> other;
    for (const Fault& fault : impl_->source.at_event(point)) {
        if (fault.kind == FaultKind::Delay) {
            delay += fault.delay;
        } else if (fault.kind == FaultKind::Duplicate) {
            impl_->later(fault.delay, [request](Impl& self) mutable {
                ++self.waiting;
                self.next.invoke(std::move(request), [weak = self.weak_from_this()](InvokeOutcome) {
                    if (const auto still = weak.lock()) {
                        --still->waiting;
                    }
                });
            });
        } else {
            other = fault;
        }
    }
    if (delay.count() == 0) {
        impl_->deliver(std::move(request), other, std::move(done));
        return;
    }
    impl_->later(
        delay,
        [request = std::move(request), other, done = std::move(done)](Impl& self) mutable {
            self.deliver(std::move(request), other, std::move(done));
        }
    );
}

} // namespace benchtop::faults
