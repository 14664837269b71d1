#include "emulator/delivery/machine.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace benchtop::delivery {

namespace {

// `base` give or take a twelfth of it: 55 to 65 s, 110 to 130 s.
microseconds jittered(microseconds base, Random& random) {
    std::array<char, 8> bytes{};
    random.fill(RandomStream::Jitter, bytes);
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    const auto spread = base.count() / 12;
    const auto offset =
        static_cast<std::int64_t>(number % static_cast<std::uint64_t>(2 * spread + 1)) - spread;
    return base + microseconds(offset);
}

std::string reason_or(const InvokeOutcome& outcome, std::string_view fallback) {
    return outcome.payload.empty() ? std::string(fallback) : outcome.payload;
}

} // namespace

microseconds until_due(const store::Delivery& delivery, const TimeAxis& axis, UtcInstant now) {
    if (delivery.delay <= microseconds::zero()) {
        return microseconds::zero();
    }
    return axis.until_age(delivery.last_attempt_at, delivery.delay, now);
}

std::string_view to_text(Condition condition) {
    switch (condition) {
    case Condition::Success:
        return "Success";
    case Condition::RetriesExhausted:
        return "RetriesExhausted";
    case Condition::EventAgeExceeded:
        return "EventAgeExceeded";
    case Condition::ZeroReservedConcurrency:
        return "ZeroReservedConcurrency";
    }
    return {};
}

bool is_expired(
    const store::Delivery& delivery, const Limits& limits, const TimeAxis& axis, UtcInstant now
) {
    // Only a retry has a delay.
    return delivery.delay > microseconds::zero() &&
           axis.age(delivery.created_at, now) > limits.age_max;
}

Verdict after_attempt(
    store::Delivery delivery,
    int back_offs,
    const InvokeOutcome& outcome,
    const Limits& limits,
    const TimeAxis& axis,
    UtcInstant now,
    Random& random
) {
    using store::DeliveryState;
    std::optional<Condition> condition;
    delivery.last_attempt_at = now;
    delivery.delay = microseconds::zero();
    switch (outcome.status) {
    case InvokeStatus::Ok:
        ++delivery.attempts;
        delivery.state = DeliveryState::Done;
        delivery.last_result = "ok";
        return {std::move(delivery), 0, Condition::Success};
    case InvokeStatus::FunctionError:
        ++delivery.attempts;
        delivery.last_result = outcome.payload;
        if (delivery.attempts >= limits.attempts_max) {
            delivery.state = DeliveryState::Dead;
            condition = Condition::RetriesExhausted;
        } else {
            delivery.delay = jittered(delivery.attempts == 1 ? kFirstRetry : kSecondRetry, random);
        }
        back_offs = 0;
        break;
    case InvokeStatus::NotFound:
        ++delivery.attempts;
        delivery.state = DeliveryState::Dead;
        delivery.last_result = reason_or(outcome, "The function does not exist.");
        return {std::move(delivery), 0};
    case InvokeStatus::NotPermitted:
        ++delivery.attempts;
        delivery.state = DeliveryState::Dead;
        delivery.last_result = reason_or(outcome, "The function's policy does not let S3 in.");
        return {std::move(delivery), 0};
    case InvokeStatus::Throttled:
    case InvokeStatus::ServiceError:
        delivery.last_result = reason_or(outcome, "Rate Exceeded.");
        delivery.delay = back_off_delay(++back_offs);
        break;
    }
    if (delivery.state == DeliveryState::Pending && is_expired(delivery, limits, axis, now)) {
        delivery.state = DeliveryState::Dead;
        delivery.delay = microseconds::zero();
        condition = Condition::EventAgeExceeded;
    }
    return {std::move(delivery), back_offs, condition};
}

microseconds back_off_delay(int n) {
    const int doublings = std::clamp(n - 1, 0, 9);
    return std::min(kBackOffMin * (1 << doublings), kBackOffMax);
}

} // namespace benchtop::delivery
