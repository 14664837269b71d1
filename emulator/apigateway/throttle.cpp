#include "emulator/apigateway/throttle.hpp"

#include <algorithm>

namespace benchtop::apigateway {
namespace {

// The account's limits, which hold where only the other one is set.
constexpr double kAccountRate = 10000;
constexpr int kAccountBurst = 5000;

} // namespace

bool Throttle::admit(const Api& api, const Stage& stage, const Route& route, UtcInstant now) {
    const RouteSettings settings = stage.settings_of(route.key);
    if (!settings.burst && !settings.rate) {
        return true;
    }
    const double burst = settings.burst.value_or(kAccountBurst);
    const double rate = settings.rate.value_or(kAccountRate);
    if (burst <= 0 || rate <= 0) {
        return false;
    }
    const std::string name = api.row.api_id + "/" + stage.name + "/" + route.key;
    const std::lock_guard lock(mutex_);
    if (buckets_.size() >= kBucketsMax && !buckets_.contains(name)) {
        buckets_.clear();
    }
    Bucket& bucket = buckets_[name];
    const bool changed =
        bucket.settings.burst != settings.burst || bucket.settings.rate != settings.rate;
    if (bucket.at == UtcInstant{} || changed) {
        bucket = {burst, now, settings};
    }
    const double passed = std::chrono::duration<double>(now - bucket.at).count();
    bucket.tokens = std::min(burst, bucket.tokens + std::max(0.0, passed) * rate);
    bucket.at = std::max(bucket.at, now);
    if (bucket.tokens < 1) {
        return false;
    }
    bucket.tokens -= 1;
    return true;
}

} // namespace benchtop::apigateway
