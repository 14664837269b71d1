#include "emulator/faults/faults.hpp"

#include <array>
#include <utility>

namespace benchtop::faults {
namespace {

constexpr std::array<std::pair<FaultKind, std::string_view>, 9> kNames{{
    {FaultKind::Delay, "delay"},
    {FaultKind::Error, "error"},
    {FaultKind::Throttle, "throttle"},
    {FaultKind::Timeout, "timeout"},
    {FaultKind::LostAnswer, "lost-answer"},
    {FaultKind::ExpiredCredentials, "expired-credentials"},
    {FaultKind::Duplicate, "duplicate"},
    {FaultKind::Crash, "crash"},
    {FaultKind::CrashAfter, "crash-after"},
}};

} // namespace

std::string_view name_of(FaultKind kind) {
    for (const auto& [candidate, name] : kNames) {
        if (candidate == kind) {
            return name;
        }
    }
    return {};
}

std::optional<FaultKind> kind_named(std::string_view wanted) {
    for (const auto& [kind, name] : kNames) {
        if (name == wanted) {
            return kind;
        }
    }
    return std::nullopt;
}

} // namespace benchtop::faults
