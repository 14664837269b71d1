// Faults of the running emulator as rules: where, which, how often. What a rule decides depends on
// the rules, their seed and the order of what matches, on nothing else.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/faults/faults.hpp"

#include <boost/json/object.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>

namespace benchtop::faults {

enum class FaultPlace { Call, Event };

// Whether such a fault has a meaning there. (The process of a running emulator does not die on
// demand: rule_of() refuses crashes all the same.)
bool can_happen(FaultKind kind, FaultPlace place);
// Of FaultKind::Error: "" is the service's InternalError.
bool is_fault_code(std::string_view code);

struct FaultRule {
    FaultPlace place = FaultPlace::Call;
    // Patterns with * and ?; "" fits everything. An event has no service and no operation.
    std::string function; // who calls, or who hears of the event
    std::string service;
    std::string operation;
    std::string bucket;
    std::string key;

    Fault fault;

    std::uint64_t nth = 0;   // only the n-th that matches; 0: any
    std::uint64_t every = 0; // only each n-th that matches; 0: any
    std::uint64_t times = 0; // at most so often; 0: no limit
    double probability = 1;

    std::uint64_t seen = 0; // how many matched
    std::uint64_t fired = 0;
};

// {"on": "call", "operation": "CopyObject", "kind": "throttle", "nth": 1}: all members are those of
// the description (fixtures/openapi/benchtop.yaml). An error's message says what is wrong.
Result<FaultRule> rule_of(const boost::json::object& document);
// The same, and "seen" and "fired".
boost::json::object document_of(const FaultRule& rule);

// Thread-safe.
class FaultRules final : public FaultSource {
public:
    static constexpr std::size_t kRulesMax = 100;

    // Instead of all there were; counts begin at 0.
    void set(std::vector<FaultRule> rules, std::uint64_t seed);
    // false: there are kRulesMax already.
    bool add(FaultRule rule);
    std::vector<FaultRule> rules() const;
    std::uint64_t seed() const;

    std::vector<Fault> at_call(const CallPoint& point) override;
    std::vector<Fault> at_event(const EventPoint& point) override;

    bool is_quiet() const override { return quiet_; }

private:
    template <class Matches>
    std::vector<Fault> decide(const Matches& matches);
    bool fires(FaultRule& rule, std::size_t index) const;

    mutable std::mutex mutex_;
    std::vector<FaultRule> rules_;
    std::uint64_t seed_ = 0;
    std::atomic<bool> quiet_ = true;
};

} // namespace benchtop::faults
