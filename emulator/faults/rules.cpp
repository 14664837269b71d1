#include "emulator/faults/rules.hpp"

#include <algorithm>

namespace benchtop::faults {
namespace {

// * and ?; linear in the text for each *.
bool fits(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) {
        return true;
    }
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// SplitMix64's step: the seed and the number of the match give the draw, so that it does not depend
// on what else is drawn.
double draw(std::uint64_t seed, std::uint64_t rule, std::uint64_t match) {
    std::uint64_t z = seed + (rule + 1) * 0xD1B54A32D192ED03U + match * 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    z ^= z >> 31U;
    return static_cast<double>(z >> 11U) * 0x1.0p-53;
}

// NAME of "arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER".
std::string_view name_in(std::string_view arn) {
    constexpr std::string_view mark = ":function:";
    const auto at = arn.find(mark);
    if (at == std::string_view::npos) {
        return arn;
    }
    arn.remove_prefix(at + mark.size());
    return arn.substr(0, arn.find(':'));
}

} // namespace

void FaultRules::set(std::vector<FaultRule> rules, std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    rules_ = std::move(rules);
    seed_ = seed;
    quiet_ = rules_.empty();
}

bool FaultRules::add(FaultRule rule) {
    const std::lock_guard lock(mutex_);
    if (rules_.size() >= kRulesMax) {
        return false;
    }
    rules_.push_back(std::move(rule));
    quiet_ = false;
    return true;
}

std::vector<FaultRule> FaultRules::rules() const {
    const std::lock_guard lock(mutex_);
    return rules_;
}

std::uint64_t FaultRules::seed() const {
    const std::lock_guard lock(mutex_);
    return seed_;
}

bool FaultRules::fires(FaultRule& rule, std::size_t index) const {
    ++rule.seen;
    const bool turn = (rule.nth == 0 || rule.seen == rule.nth) &&
                      (rule.every == 0 || rule.seen % rule.every == 0) &&
                      (rule.times == 0 || rule.fired < rule.times);
    return turn && draw(seed_, index, rule.seen) < rule.probability;
}

template <class Matches>
std::vector<Fault> FaultRules::decide(const Matches& matches) {
    std::vector<Fault> before;
    std::vector<Fault> then;
    bool decided = false;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        FaultRule& rule = rules_[i];
        if (!matches(rule) || !fires(rule, i)) {
            continue;
        }
        const FaultKind kind = rule.fault.kind;
        const bool one_only = kind != FaultKind::Delay && kind != FaultKind::Duplicate;
        if (one_only && decided) {
            continue; // an earlier rule's comes first
        }
        decided = decided || one_only;
        ++rule.fired;
        (kind == FaultKind::Delay ? before : then).push_back(rule.fault);
    }
    before.insert(before.end(), then.begin(), then.end());
    return before;
}

std::vector<Fault> FaultRules::at_call(const CallPoint& point) {
    return decide([&](const FaultRule& rule) {
        return rule.place == FaultPlace::Call && fits(rule.function, point.function) &&
               fits(rule.service, point.service) && fits(rule.operation, point.operation) &&
               fits(rule.bucket, point.bucket) && fits(rule.key, point.key);
    });
}

std::vector<Fault> FaultRules::at_event(const EventPoint& point) {
    return decide([&](const FaultRule& rule) {
        return rule.place == FaultPlace::Event &&
               fits(rule.function, name_in(point.function_arn)) &&
               fits(rule.bucket, point.bucket) && fits(rule.key, point.key);
    });
}

} // namespace benchtop::faults
