// What a handler knows of its invocation and may ask of the world. A handler never reads a clock,
// randomness or the process environment itself: the host hands all of it in, so a run can be
// repeated byte for byte.
#pragma once

#include "handlers/aws/transport.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace handlers::aws {

class Clock {
public:
    virtual ~Clock() = default;
    // Wall clock, milliseconds since 1970-01-01T00:00:00Z.
    virtual std::int64_t now_ms() = 0;

    // Time left before a deadline on that clock; hosts whose clock can be moved answer on the
    // unmoved axis.
    virtual std::int64_t remaining_ms(std::int64_t deadline_ms) {
        return std::max<std::int64_t>(0, deadline_ms - now_ms());
    }
};

class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<unsigned char> buffer) = 0;
};

class Environment {
public:
    virtual ~Environment() = default;
    virtual std::optional<std::string> get(const char* name) const = 0;
};

class Log {
public:
    virtual ~Log() = default;
    // As Python's print(): the text includes its newline.
    virtual void write(std::string_view text) = 0;
};

// The host's side, borrowed for the length of one invocation.
struct Services {
    Clock& clock;
    Random& random;
    const Environment& environment;
    Log& log;
    Transport& transport;
};

// The members of Lambda's context object (AWS Lambda Developer Guide, "Using the Lambda context
// object").
struct InvocationInfo {
    std::string request_id;
    std::string function_name;
    std::string function_version;
    std::string invoked_function_arn;
    std::string log_group_name;
    std::string log_stream_name;
    std::string trace_id;
    std::int64_t memory_limit_mb = 0;
    std::int64_t deadline_ms = 0;
};

class Context {
public:
    Context(InvocationInfo info, Services services)
        : info_(std::move(info))
        , services_(services) {}

    const InvocationInfo& info() const { return info_; }

    std::int64_t now_ms() { return services_.clock.now_ms(); }

    std::int64_t remaining_ms() { return services_.clock.remaining_ms(info_.deadline_ms); }

    void random(std::span<unsigned char> buffer) { services_.random.fill(buffer); }

    std::optional<std::string> env(const char* name) const {
        return services_.environment.get(name);
    }

    // A variable set to the empty text counts as set, as with os.environ.get.
    std::string env_or(const char* name, std::string_view fallback) const {
        auto value = env(name);
        return value ? *std::move(value) : std::string(fallback);
    }

    // One line; the newline is added.
    void print(std::string_view line) { services_.log.write(std::string(line) + '\n'); }

    Transport& transport() { return services_.transport; }

private:
    InvocationInfo info_;
    Services services_;
};

} // namespace handlers::aws
