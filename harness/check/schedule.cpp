#include "harness/check/schedule.hpp"

#include "emulator/core/digest.hpp"
#include "harness/virtual_ports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace benchtop::harness::check {
namespace {

using faults::Fault;
using faults::FaultKind;

// Numbers from a seed and a name; the same everywhere.
class Draw {
public:
    Draw(std::uint64_t seed, std::string_view name)
        : random_(seed ^ hash(name)) {}

    // In [0, below).
    std::uint64_t number(std::uint64_t below) {
        std::array<char, 8> bytes{};
        random_.fill(RandomStream::Ids, bytes);
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.data(), sizeof value);
        return value % below;
    }

    bool per_mille(int chance) { return number(1000) < static_cast<std::uint64_t>(chance); }

private:
    // FNV-1a.
    static std::uint64_t hash(std::string_view text) {
        std::uint64_t value = 0xCBF29CE484222325u;
        for (const char c : text) {
            value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
        }
        return value;
    }

    SeededRandom random_;
};

bool is_failure(FaultKind kind) {
    switch (kind) {
    case FaultKind::Error:
    case FaultKind::Throttle:
    case FaultKind::Timeout:
    case FaultKind::LostAnswer:
    case FaultKind::ExpiredCredentials:
        return true;
    default:
        return false;
    }
}

bool is_crash(FaultKind kind) {
    return kind == FaultKind::Crash || kind == FaultKind::CrashAfter;
}

// From "at the same moment" to "long after": each order of magnitude as likely as the others.
microseconds draw_delay(Draw& draw, bool of_event) {
    constexpr std::array<std::int64_t, 5> scales_ms{1, 10, 100, 5'000, 60'000};
    const auto scale = scales_ms[draw.number(of_event ? scales_ms.size() : 3)];
    return milliseconds(
        scale + static_cast<std::int64_t>(draw.number(static_cast<std::uint64_t>(scale) * 8))
    );
}

Fault make_fault(FaultKind kind, Draw& draw, bool of_event) {
    Fault fault{kind, {}, ""};
    if (kind == FaultKind::Delay || kind == FaultKind::Duplicate) {
        fault.delay = draw_delay(draw, of_event);
    }
    if (kind == FaultKind::Error && !of_event) {
        fault.code = draw.number(2) == 0 ? "InternalError" : "ServiceUnavailable";
    }
    return fault;
}

} // namespace

Mix draw_mix(std::uint64_t seed) {
    Draw draw(seed, "mix");
    Mix mix;
    const auto chance = [&draw](std::map<FaultKind, int>& chances, FaultKind kind, int permille) {
        if (draw.number(3) == 0) {
            chances[kind] =
                permille + static_cast<int>(draw.number(static_cast<std::uint64_t>(permille) * 2));
        }
    };
    chance(mix.at_call, FaultKind::Delay, 200);
    for (const auto kind :
         {FaultKind::Error,
          FaultKind::Throttle,
          FaultKind::Timeout,
          FaultKind::LostAnswer,
          FaultKind::ExpiredCredentials}) {
        chance(mix.at_call, kind, 80);
    }
    chance(mix.at_call, FaultKind::Crash, 50);
    chance(mix.at_call, FaultKind::CrashAfter, 50);
    chance(mix.at_event, FaultKind::Delay, 300);
    chance(mix.at_event, FaultKind::Duplicate, 250);
    for (const auto kind : {FaultKind::Error, FaultKind::Throttle, FaultKind::LostAnswer}) {
        chance(mix.at_event, kind, 80);
    }
    chance(mix.at_event, FaultKind::Crash, 50);
    return mix;
}

std::vector<Upload> draw_uploads(std::uint64_t seed) {
    constexpr std::array<std::string_view, 8> names{
        "a.txt",
        "b.txt",
        "two words.txt",
        "plus+sign.txt",
        "100%.txt",
        "folder/c.txt",
        "\xC3\xA4.txt",
        "q?&=#.txt"};
    Draw draw(seed, "uploads");
    std::vector<Upload> uploads(1 + draw.number(3));
    microseconds at{};
    for (Upload& upload : uploads) {
        upload.at = at;
        // Half of them a plain name, so that one key is put twice now and then.
        upload.key =
            "uploads/" + std::string(names[draw.number(draw.number(2) == 0 ? 2 : names.size())]);
        upload.body = fmt::format("{}", &upload - uploads.data() + 1);
        at += draw_delay(draw, false);
    }
    return uploads;
}

Decider Decider::drawing(std::uint64_t seed, Mix mix) {
    Decider decider;
    decider.seed_ = seed;
    decider.mix_ = std::move(mix);
    return decider;
}

Decider Decider::playing(const std::vector<PlannedFault>& faults) {
    Decider decider;
    decider.playing_ = true;
    for (const PlannedFault& planned : faults) {
        decider.planned_.emplace(planned.point, planned.fault);
    }
    return decider;
}

Decider::Event& Decider::event_of(const std::string& request_id, std::string_view key) {
    const auto [entry, added] = events_.try_emplace(request_id);
    if (added) {
        entry->second.name = fmt::format("{} #{}", key, ++seen_keys_[std::string(key)]);
    }
    return entry->second;
}

bool Decider::may(const Event& event, const Fault& fault, bool of_event) const {
    const FaultKind kind = fault.kind;
    return (kind != FaultKind::Delay || of_event || event.delays + fault.delay <= mix_.delays_max
           ) &&
           (!is_failure(kind) || event.failures < mix_.failures_max) &&
           (!is_crash(kind) || crashes_ < mix_.crashes_max) &&
           (kind != FaultKind::Duplicate || duplicates_ < mix_.duplicates_max);
}

std::vector<Fault>
Decider::decide(Event& event, std::string point, const std::map<FaultKind, int>& chances) {
    const bool of_event = &chances == &mix_.at_event;
    std::vector<Fault> decided;
    if (playing_) {
        const auto [first, last] = planned_.equal_range(point);
        for (auto it = first; it != last; ++it) {
            decided.push_back(it->second);
        }
    } else {
        Draw draw(seed_, point);
        bool exclusive = false;
        for (const auto& [kind, permille] : chances) {
            const bool joins = kind == FaultKind::Delay || kind == FaultKind::Duplicate;
            // Drawn in any case: what one kind gets does not depend on the bounds of another.
            const bool wanted = draw.per_mille(permille);
            Fault fault = make_fault(kind, draw, of_event);
            if (wanted && may(event, fault, of_event) && (joins || !exclusive)) {
                exclusive = exclusive || !joins;
                decided.push_back(std::move(fault));
            }
        }
    }
    for (const Fault& fault : decided) {
        event.failures += is_failure(fault.kind) ? 1 : 0;
        event.delays += fault.kind == FaultKind::Delay && !of_event ? fault.delay : microseconds{};
        duplicates_ += fault.kind == FaultKind::Duplicate ? 1 : 0;
        crashes_ += is_crash(fault.kind) ? 1 : 0;
        happened_.push_back({point, fault});
    }
    last_point_ = std::move(point);
    return decided;
}

std::vector<PlannedFault> Decider::unmet() const {
    std::vector<PlannedFault> left;
    for (const auto& [point, fault] : planned_) {
        const PlannedFault planned{point, fault};
        if (std::find(happened_.begin(), happened_.end(), planned) == happened_.end()) {
            left.push_back(planned);
        }
    }
    return left;
}

std::vector<Fault> Decider::at_call(const faults::CallPoint& point) {
    // A synchronous invocation has no event; its function's name stands for it.
    Event& event = event_of(point.request_id, point.function);
    const int ordinal = ++event.calls[point.operation];
    return decide(
        event, fmt::format("{}: {} {}", event.name, point.operation, ordinal), mix_.at_call
    );
}

std::vector<Fault> Decider::at_event(const faults::EventPoint& point) {
    const std::string_view subject =
        point.key.empty() ? std::string_view(point.function_arn) : point.key;
    Event& event = event_of(point.request_id, subject);
    // Counted here: a process that died has forgotten how often it tried.
    const int ordinal = ++event.deliveries;
    return decide(event, fmt::format("{}: delivery {}", event.name, ordinal), mix_.at_event);
}

} // namespace benchtop::harness::check
