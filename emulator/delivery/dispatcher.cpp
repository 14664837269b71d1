#include "emulator/delivery/dispatcher.hpp"

#include "emulator/core/gate.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/delivery/destinations.hpp"
#include "emulator/delivery/machine.hpp"
#include "emulator/service/lineage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace benchtop::delivery {

namespace {

// Payloads kept in memory for events that wait for a free slot; the others are read again.
constexpr std::size_t kRowsInMemoryMax = 1024;
constexpr std::size_t kLoggedResultMax = 300;
// When the store could not be read.
constexpr seconds kReadAgain{1};

std::string function_name(std::string_view arn) {
    const auto function = service::parse_function_ref(arn);
    if (!function) {
        return std::string(arn);
    }
    return function->qualifier.empty() ? function->name
                                       : function->name + ':' + function->qualifier;
}

bool is_object_event(const store::Delivery& delivery) {
    return delivery.source == "s3";
}

std::string headline(const store::Delivery& delivery) {
    if (!is_object_event(delivery)) {
        return fmt::format(
            "Event {} {} {} for {}",
            delivery.id,
            delivery.event_name,
            delivery.request_id,
            function_name(delivery.function_arn)
        );
    }
    return fmt::format(
        "Event {} {} of s3://{}/{} for {}",
        delivery.id,
        delivery.event_name,
        delivery.bucket,
        delivery.key,
        function_name(delivery.function_arn)
    );
}

// nullopt: the function invokes itself without an end.
std::optional<std::string> lineage_of(const store::Delivery& delivery) {
    const auto function = service::parse_function_ref(delivery.function_arn);
    return service::lineage_of_invocation(
        delivery.details, function ? function->arn() : delivery.function_arn
    );
}

InvokeRequest request_of(const store::Delivery& delivery, std::string_view lineage) {
    InvokeRequest request;
    const auto function = service::parse_function_ref(delivery.function_arn);
    request.function_arn = function ? function->arn() : delivery.function_arn;
    request.qualifier = function ? function->qualifier : std::string();
    request.payload = delivery.payload;
    request.request_id = delivery.request_id;
    request.trace_root = service::trace_root_of(delivery.details, lineage);
    // Whoever asked for an Invoke was allowed to when it was accepted.
    if (is_object_event(delivery)) {
        request.caller.service = "s3.amazonaws.com";
        request.caller.source_arn = "arn:aws:s3:::" + delivery.bucket;
        request.caller.source_account = delivery.source_account;
    }
    return request;
}

} // namespace

struct Dispatcher::Impl : std::enable_shared_from_this<Impl> {
    Impl(
        store::Store& store_in,
        Invoker& invoker_in,
        Clock& clock_in,
        Random& random_in,
        Log& log_in,
        WakeUp& wake_up_in,
        Start start_in
    )
        : store(store_in)
        , invoker(invoker_in)
        , clock(clock_in)
        , random(random_in)
        , log(log_in)
        , wake_up(wake_up_in)
        , start(start_in) {}

    void subscribe();
    void arrived(const std::vector<store::Delivery>& rows);
    void recover();
    void run_due();
    bool idle() const;
    Backlog backlog() const;
    Ticket when(Quiet quiet, std::move_only_function<void()> reached);
    void forget_watcher(Ticket ticket);
    void forget_all();

    void stop() { gate.close(); }

    Observer observer;
    MaySend may_send;

private:
    // A result on its way to a destination.
    struct Handover {
        std::string destination;
        store::Delivery delivery;
    };

    struct Entry {
        std::optional<store::Delivery> row; // not kept for all that wait
        int back_offs = 0;
        // Of a delayed one: due when `stamp` is `delay` old.
        UtcInstant stamp{};
        microseconds delay{};
    };

    // Who waits for quiet.
    struct Watcher {
        Ticket ticket = 0;
        Quiet quiet = Quiet::NothingPending;
        std::move_only_function<void()> reached;
    };

    // One attempt's slot. It belongs to the deliveries of one time between two forget_all().
    struct Slot {
        std::int64_t id = 0;
        std::uint64_t era = 0;
    };

    bool is_quiet(Quiet quiet) const;
    void tell_watchers();
    void wait(std::int64_t id, Entry& entry, UtcInstant stamp, microseconds delay);
    void enqueue(const store::Delivery& row);
    void read_pending();
    void refresh_axis();
    void read_failed();
    void pump();
    std::optional<Slot> next_ready(UtcInstant now);
    std::optional<store::Delivery> row_of(std::int64_t id);
    void attempt(Slot slot);
    void postpone(Slot slot);
    void
    give_up(store::Delivery row, std::uint64_t era, const Settings& settings, Condition condition);
    void ended(
        store::Delivery row,
        std::uint64_t era,
        int back_offs,
        const Settings& settings,
        const InvokeOutcome& outcome
    );
    std::optional<Handover> handover_of(
        const store::Delivery& row,
        const Settings& settings,
        std::optional<Condition> condition,
        const FunctionAnswer* answer
    );
    void hand_over(store::WriteTx& tx, const store::Delivery& row, const Handover& handover);
    void
    record(store::Delivery row, std::uint64_t era, int back_offs, std::optional<Handover> handover);
    void recorded(
        const store::Delivery& row, std::uint64_t era, int back_offs, store::CommitStatus status
    );
    void tell(const store::Delivery& row, InvokeStatus status);
    void forget(Slot slot);
    bool is_of(std::uint64_t era) const;

    store::Store& store;
    Invoker& invoker;
    Clock& clock;
    Random& random;
    Log& log;
    WakeUp& wake_up;
    const Start start;
    Gate gate;

    mutable std::mutex mutex;
    std::map<std::int64_t, Entry> entries; // every pending delivery, in flight or not
    std::set<std::int64_t> ready;          // due, oldest first
    std::set<std::pair<UtcInstant, std::int64_t>> delayed; // by real time
    std::size_t rows_in_memory = 0;                        // of the ready ones
    std::size_t in_flight = 0;
    TimeAxis axis;
    std::uint64_t era = 0;
    std::vector<Watcher> watchers;
    Ticket last_ticket = 0;
    bool pumping = false;
    bool pump_again = false;
    bool unread = false;                 // the pending ones of before are still to be read
    std::optional<UtcInstant> read_at{}; // the store is to be read again
    std::optional<UtcInstant> asked_for; // the wake-up that is on its way
};

void Dispatcher::Impl::subscribe() {
    store.on_deliveries([weak = weak_from_this()](const std::vector<store::Delivery>& rows) {
        if (const auto self = weak.lock()) {
            self->arrived(rows);
        }
    });
}

// Under the lock.
void Dispatcher::Impl::wait(std::int64_t id, Entry& entry, UtcInstant stamp, microseconds delay) {
    entry.stamp = stamp;
    entry.delay = delay;
    const UtcInstant now = clock.now();
    delayed.emplace(now + axis.until_age(stamp, delay, now), id);
}

// Under the lock.
void Dispatcher::Impl::enqueue(const store::Delivery& row) {
    if (row.state != store::DeliveryState::Pending || entries.contains(row.id)) {
        return;
    }
    Entry& entry = entries[row.id];
    if (until_due(row, axis, clock.now()) > microseconds::zero()) {
        wait(row.id, entry, row.last_attempt_at, row.delay);
        return;
    }
    ready.insert(row.id);
    if (rows_in_memory < kRowsInMemoryMax) {
        entry.row = row;
        ++rows_in_memory;
    }
}

void Dispatcher::Impl::arrived(const std::vector<store::Delivery>& rows) {
    const auto pass = gate.enter();
    if (!pass) {
        return;
    }
    {
        const std::lock_guard lock(mutex);
        for (const store::Delivery& row : rows) {
            enqueue(row);
        }
    }
    if (start == Start::AtOnce) {
        pump();
    } else {
        wake_up.after(microseconds::zero());
    }
}

void Dispatcher::Impl::recover() {
    const auto pass = gate.enter();
    if (!pass) {
        return;
    }
    refresh_axis();
    read_pending();
    if (start == Start::AtOnce) {
        pump();
    } else {
        wake_up.after(microseconds::zero());
    }
}

void Dispatcher::Impl::read_pending() {
    std::vector<store::Delivery> rows;
    const bool looked =
        store.try_read([&](const store::ReadTx& tx) { rows = tx.pending_deliveries(); });
    const std::lock_guard lock(mutex);
    unread = !looked;
    if (!looked) {
        read_failed();
        return;
    }
    for (const store::Delivery& row : rows) {
        enqueue(row);
    }
}

// Under the lock.
void Dispatcher::Impl::read_failed() {
    read_at = clock.now() + kReadAgain;
    log.write(LogLevel::Warning, "Events: the store could not be read; tried again in 1 s.");
}

// The axis changed: what waits is due earlier than it was thought.
void Dispatcher::Impl::refresh_axis() {
    TimeAxis fresh;
    const bool looked = store.try_read([&](const store::ReadTx& tx) { fresh = tx.time_axis(); });
    const std::lock_guard lock(mutex);
    asked_for.reset(); // it has come, or is asked for anew
    read_at.reset();
    if (!looked) {
        read_failed();
        return;
    }
    const UtcInstant now = clock.now();
    if (fresh.total() != axis.total()) {
        std::set<std::pair<UtcInstant, std::int64_t>> moved;
        for (const auto& [due, id] : delayed) {
            const Entry& entry = entries.at(id);
            moved.emplace(now + fresh.until_age(entry.stamp, entry.delay, now), id);
        }
        delayed.swap(moved);
    }
    axis = std::move(fresh);
}

void Dispatcher::Impl::run_due() {
    const auto pass = gate.enter();
    if (!pass) {
        return;
    }
    refresh_axis();
    bool missed = false;
    {
        const std::lock_guard lock(mutex);
        missed = unread;
    }
    if (missed) {
        read_pending();
    }
    pump();
}

bool Dispatcher::Impl::idle() const {
    const std::lock_guard lock(mutex);
    return entries.empty() && !unread;
}

// Under the lock.
bool Dispatcher::Impl::is_quiet(Quiet quiet) const {
    if (quiet == Quiet::NothingPending) {
        return entries.empty() && !unread;
    }
    return !unread && ready.empty() && in_flight == 0 &&
           (delayed.empty() || delayed.begin()->first > clock.now());
}

Dispatcher::Backlog Dispatcher::Impl::backlog() const {
    const std::lock_guard lock(mutex);
    Backlog backlog;
    backlog.waiting = delayed.size();
    backlog.due = entries.size() - delayed.size();
    if (!delayed.empty()) {
        backlog.next = std::max(microseconds::zero(), delayed.begin()->first - clock.now());
    }
    return backlog;
}

Dispatcher::Ticket Dispatcher::Impl::when(Quiet quiet, std::move_only_function<void()> reached) {
    Ticket ticket = 0;
    {
        const std::lock_guard lock(mutex);
        ticket = ++last_ticket;
        if (!is_quiet(quiet)) {
            watchers.push_back({ticket, quiet, std::move(reached)});
            return ticket;
        }
    }
    reached();
    return ticket;
}

void Dispatcher::Impl::forget_watcher(Ticket ticket) {
    const std::lock_guard lock(mutex);
    std::erase_if(watchers, [&](const Watcher& watcher) { return watcher.ticket == ticket; });
}

void Dispatcher::Impl::tell_watchers() {
    std::vector<Watcher> told;
    {
        const std::lock_guard lock(mutex);
        const auto first_told =
            std::stable_partition(watchers.begin(), watchers.end(), [&](const Watcher& watcher) {
                return !is_quiet(watcher.quiet);
            });
        told.assign(std::make_move_iterator(first_told), std::make_move_iterator(watchers.end()));
        watchers.erase(first_told, watchers.end());
    }
    for (Watcher& watcher : told) {
        watcher.reached();
    }
}

void Dispatcher::Impl::forget_all() {
    const std::lock_guard lock(mutex);
    ++era;
    entries.clear();
    ready.clear();
    delayed.clear();
    rows_in_memory = 0;
    in_flight = 0;
}

bool Dispatcher::Impl::is_of(std::uint64_t asked) const {
    const std::lock_guard lock(mutex);
    return era == asked;
}

// Under the lock.
std::optional<Dispatcher::Impl::Slot> Dispatcher::Impl::next_ready(UtcInstant now) {
    while (!delayed.empty() && delayed.begin()->first <= now) {
        ready.insert(delayed.begin()->second);
        delayed.erase(delayed.begin());
    }
    if (ready.empty() || in_flight >= kInFlightMax) {
        return std::nullopt;
    }
    const std::int64_t id = *ready.begin();
    ready.erase(ready.begin());
    ++in_flight;
    return Slot{id, era};
}

// Starts what is due and asks for the next wake-up. An invocation may end before invoke() returns
// and come back here: it then only leaves a note, so that the depth of calls stays bounded.
void Dispatcher::Impl::pump() {
    {
        const std::lock_guard lock(mutex);
        if (std::exchange(pumping, true)) {
            pump_again = true;
            return;
        }
    }
    while (true) {
        std::optional<Slot> slot;
        std::optional<microseconds> wait;
        {
            const std::lock_guard lock(mutex);
            const UtcInstant now = clock.now();
            slot = next_ready(now);
            if (!slot) {
                if (std::exchange(pump_again, false)) {
                    continue;
                }
                pumping = false;
                std::optional<UtcInstant> next = read_at;
                if (!delayed.empty() && (!next || delayed.begin()->first < *next)) {
                    next = delayed.begin()->first;
                }
                if (next && (!asked_for || *next < *asked_for)) {
                    asked_for = next;
                    wait = *next - now;
                }
            }
        }
        if (!slot) {
            if (wait) {
                wake_up.after(*wait);
            }
            tell_watchers();
            return;
        }
        attempt(*slot);
    }
}

std::optional<store::Delivery> Dispatcher::Impl::row_of(std::int64_t id) {
    {
        const std::lock_guard lock(mutex);
        const auto entry = entries.find(id);
        if (entry == entries.end()) {
            return std::nullopt; // forgotten meanwhile
        }
        if (entry->second.row) {
            --rows_in_memory;
            return std::exchange(entry->second.row, std::nullopt);
        }
    }
    std::optional<store::Delivery> row;
    store.read([&](const store::ReadTx& tx) { row = tx.find_delivery(id); });
    return row;
}

void Dispatcher::Impl::forget(Slot slot) {
    const std::lock_guard lock(mutex);
    if (slot.era == era) {
        entries.erase(slot.id);
        --in_flight;
    }
}

// The store could not be read.
void Dispatcher::Impl::postpone(Slot slot) {
    const std::lock_guard lock(mutex);
    if (slot.era != era) {
        return;
    }
    --in_flight;
    Entry& entry = entries.at(slot.id);
    wait(slot.id, entry, clock.now(), back_off_delay(++entry.back_offs));
    log.write(
        LogLevel::Warning, fmt::format("Event {}: the store could not be read; later.", slot.id)
    );
}

void Dispatcher::Impl::attempt(Slot slot) {
    std::optional<store::Delivery> row;
    Settings settings;
    try {
        row = row_of(slot.id);
        if (row && row->state == store::DeliveryState::Pending) {
            store.read([&](const store::ReadTx& tx) {
                settings = settings_of(tx, row->function_arn);
            });
        }
    } catch (const store::StoreFailure&) {
        postpone(slot);
        return;
    }
    if (!row || row->state != store::DeliveryState::Pending) {
        forget(slot); // deleted meanwhile
        return;
    }
    int back_offs = 0;
    bool expired = false;
    {
        const std::lock_guard lock(mutex);
        if (slot.era != era) {
            return;
        }
        back_offs = entries.at(slot.id).back_offs;
        expired = is_expired(*row, settings.limits, axis, clock.now());
    }
    if (expired) {
        log.write(
            LogLevel::Warning,
            fmt::format(
                "{}: given up, the event is older than {} s.",
                headline(*row),
                std::chrono::duration_cast<seconds>(settings.limits.age_max).count()
            )
        );
        give_up(*std::move(row), slot.era, settings, Condition::EventAgeExceeded);
        return;
    }
    if (settings.reserved_concurrency == 0) {
        log.write(
            LogLevel::Warning,
            fmt::format("{}: not run, the reserved concurrency is 0.", headline(*row))
        );
        row->last_result = "The function's reserved concurrency is 0.";
        give_up(*std::move(row), slot.era, settings, Condition::ZeroReservedConcurrency);
        return;
    }
    const auto lineage = lineage_of(*row);
    if (!lineage) {
        log.write(
            LogLevel::Warning,
            fmt::format(
                "{}: stopped, the function was invoked {} times in one chain of requests.",
                headline(*row),
                service::kLoopsMax
            )
        );
        row->last_result = "RecursiveInvocationException: Lambda has detected a recursive loop.";
        give_up(*std::move(row), slot.era, settings, Condition::RetriesExhausted);
        return;
    }
    InvokeRequest request = request_of(*row, *lineage);
    invoker.invoke(
        std::move(request),
        [weak = weak_from_this(), row = *std::move(row), era = slot.era, back_offs, settings](
            InvokeOutcome outcome
        ) mutable {
            const auto self = weak.lock();
            if (!self) {
                return;
            }
            if (const auto pass = self->gate.enter()) {
                self->ended(std::move(row), era, back_offs, settings, outcome);
            }
        }
    );
}

// Without another attempt.
void Dispatcher::Impl::give_up(
    store::Delivery row, std::uint64_t of, const Settings& settings, Condition condition
) {
    row.state = store::DeliveryState::Dead;
    row.delay = microseconds::zero();
    // Of attempts that reached the function the last answer is known.
    const FunctionAnswer answer{true, row.last_result, std::string(store::kLatestVersion)};
    auto handover = handover_of(row, settings, condition, row.attempts > 0 ? &answer : nullptr);
    record(std::move(row), of, 0, std::move(handover));
}

void Dispatcher::Impl::ended(
    store::Delivery row,
    std::uint64_t of,
    int back_offs,
    const Settings& settings,
    const InvokeOutcome& outcome
) {
    TimeAxis current;
    {
        const std::lock_guard lock(mutex);
        if (of != era) {
            return; // of a time before a reset
        }
        current = axis;
    }
    Verdict verdict = after_attempt(
        std::move(row), back_offs, outcome, settings.limits, current, clock.now(), random
    );
    if (outcome.status != InvokeStatus::Ok) {
        tell(verdict.delivery, outcome.status);
    }
    if (observer) {
        observer(verdict.delivery, outcome.status);
    }
    const bool answered =
        outcome.status == InvokeStatus::Ok || outcome.status == InvokeStatus::FunctionError;
    const FunctionAnswer answer{
        outcome.status == InvokeStatus::FunctionError, outcome.payload, outcome.executed_version};
    auto handover =
        handover_of(verdict.delivery, settings, verdict.condition, answered ? &answer : nullptr);
    record(std::move(verdict.delivery), of, verdict.back_offs, std::move(handover));
}

// nullopt: nobody wants to hear of it.
std::optional<Dispatcher::Impl::Handover> Dispatcher::Impl::handover_of(
    const store::Delivery& row,
    const Settings& settings,
    std::optional<Condition> condition,
    const FunctionAnswer* answer
) {
    if (!condition || settings.destination(*condition).empty()) {
        return std::nullopt;
    }
    const std::string& destination = settings.destination(*condition);
    const UtcInstant now = clock.now();
    return Handover{
        destination,
        destination_delivery(
            row,
            *condition,
            destination,
            destination_record(row, *condition, answer, now),
            make_uuid(random),
            now
        )};
}

// Lambda drops a record its function's role may not deliver, and counts it in a metric.
void Dispatcher::Impl::hand_over(
    store::WriteTx& tx, const store::Delivery& row, const Handover& handover
) {
    const auto refusal = may_send ? may_send(tx, row.function_arn, handover.destination)
                                  : std::optional<std::string>("Nobody said that it may.");
    if (!refusal) {
        tx.add_delivery(handover.delivery);
        return;
    }
    log.write(
        LogLevel::Hint,
        fmt::format(
            "{}: its result is not sent to {}. {}",
            headline(row),
            function_name(handover.destination),
            *refusal
        )
    );
}

void Dispatcher::Impl::tell(const store::Delivery& row, InvokeStatus status) {
    const std::string result = row.last_result.substr(0, kLoggedResultMax);
    if (status == InvokeStatus::NotPermitted) {
        log.write(
            LogLevel::Hint,
            fmt::format(
                "{}: dropped. {} (aws lambda add-permission --principal s3.amazonaws.com "
                "--source-arn arn:aws:s3:::{})",
                headline(row),
                result,
                row.bucket
            )
        );
    } else if (row.state == store::DeliveryState::Dead) {
        log.write(
            LogLevel::Warning,
            fmt::format("{}: given up after attempt {}: {}", headline(row), row.attempts, result)
        );
    } else {
        const auto wait = std::chrono::round<seconds>(row.delay).count();
        log.write(
            LogLevel::Warning,
            status == InvokeStatus::FunctionError
                ? fmt::format(
                      "{}: attempt {} failed, next in about {} s: {}",
                      headline(row),
                      row.attempts,
                      wait,
                      result
                  )
                : fmt::format("{}: not run, next try in {} s: {}", headline(row), wait, result)
        );
    }
}

void Dispatcher::Impl::record(
    store::Delivery row, std::uint64_t of, int back_offs, std::optional<Handover> handover
) {
    auto shared = std::make_shared<const store::Delivery>(std::move(row));
    store.write(
        {[self = shared_from_this(), shared, of, handover = std::move(handover)](store::WriteTx& tx
         ) {
             if (!self->is_of(of)) {
                 return false;
             }
             tx.update_delivery(*shared);
             if (handover) {
                 self->hand_over(tx, *shared, *handover);
             }
             return true;
         },
         [weak = weak_from_this(), shared, of, back_offs](store::CommitStatus status) {
             const auto self = weak.lock();
             if (!self) {
                 return;
             }
             if (const auto pass = self->gate.enter()) {
                 self->recorded(*shared, of, back_offs, status);
             }
         }}
    );
}

// On the store's writer.
void Dispatcher::Impl::recorded(
    const store::Delivery& row, std::uint64_t of, int back_offs, store::CommitStatus status
) {
    {
        const std::lock_guard lock(mutex);
        if (of != era) {
            return;
        }
        --in_flight;
        const auto entry = entries.find(row.id);
        if (status == store::CommitStatus::Failed) {
            // The store still says Pending: deliver again, for at least once is the promise.
            const int back_off = ++entry->second.back_offs;
            wait(row.id, entry->second, clock.now(), back_off_delay(back_off));
        } else if (row.state == store::DeliveryState::Pending) {
            entry->second.back_offs = back_offs;
            wait(row.id, entry->second, row.last_attempt_at, row.delay);
        } else {
            entries.erase(entry);
        }
    }
    if (status == store::CommitStatus::Failed) {
        log.write(
            LogLevel::Warning,
            fmt::format("{}: the result could not be stored; it runs again.", headline(row))
        );
    }
    pump();
}

Dispatcher::Dispatcher(
    store::Store& store,
    Invoker& invoker,
    Clock& clock,
    Random& random,
    Log& log,
    WakeUp& wake_up,
    Start start
)
    : impl_(std::make_shared<Impl>(store, invoker, clock, random, log, wake_up, start)) {
    impl_->subscribe();
}

Dispatcher::~Dispatcher() {
    stop();
}

void Dispatcher::observe(Observer observer) {
    impl_->observer = std::move(observer);
}

void Dispatcher::permit_destinations(MaySend may_send) {
    impl_->may_send = std::move(may_send);
}

void Dispatcher::recover() {
    impl_->recover();
}

void Dispatcher::run_due() {
    impl_->run_due();
}

bool Dispatcher::idle() const {
    return impl_->idle();
}

Dispatcher::Backlog Dispatcher::backlog() const {
    return impl_->backlog();
}

Dispatcher::Ticket Dispatcher::when(Quiet quiet, std::move_only_function<void()> reached) {
    return impl_->when(quiet, std::move(reached));
}

void Dispatcher::forget(Ticket ticket) {
    impl_->forget_watcher(ticket);
}

void Dispatcher::forget_all() {
    impl_->forget_all();
}

void Dispatcher::stop() {
    impl_->stop();
}

} // namespace benchtop::delivery
