// Route throttling: a token bucket for each route of a stage that has a limit (API Gateway
// Developer Guide, "Throttling your HTTP APIs"). The account's own limit is not modelled.
#pragma once

#include "emulator/apigateway/model.hpp"

#include <map>
#include <mutex>
#include <string>

namespace benchtop::apigateway {

// Thread-safe. In memory: a restart fills every bucket.
class Throttle {
public:
    // One request at `now`; false: over the limit.
    bool admit(const Api& api, const Stage& stage, const Route& route, UtcInstant now);

private:
    static constexpr std::size_t kBucketsMax = 4096;

    struct Bucket {
        double tokens = 0;
        UtcInstant at{};
        RouteSettings settings{};
    };

    std::mutex mutex_;
    std::map<std::string, Bucket, std::less<>> buckets_; // by API, stage and route
};

} // namespace benchtop::apigateway
