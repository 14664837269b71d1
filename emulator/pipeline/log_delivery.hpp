// How a function's log lines reach CloudWatch Logs: as Lambda writes them there, in the name of the
// function's role. Without logs:CreateLogGroup, logs:CreateLogStream and logs:PutLogEvents (the
// first two only while group or stream are not there) nothing is stored and nothing fails. The
// role's policies are asked at each batch, so a policy attached now counts for the next line.
#pragma once

#include "emulator/functions/function_logs.hpp"
#include "emulator/ports/clock.hpp"
#include "emulator/ports/log.hpp"
#include "emulator/store/store.hpp"

#include <memory>
#include <optional>
#include <string>

namespace benchtop::pipeline {

// Thread-safe. Lines wait in a bounded queue for the store's writer, many in one transaction; those
// beyond it are dropped and counted. Everything referred to outlives the store's stop(), which
// writes what still waits.
class LogDelivery final : public functions::LogSink {
public:
    static constexpr std::size_t kQueuedBytesMax = 8 * 1024 * 1024;
    static constexpr std::size_t kEventBytesMax = 256 * 1024;

    LogDelivery(store::Store& store, Clock& clock, Log& log);
    ~LogDelivery() override;
    LogDelivery(const LogDelivery&) = delete;
    LogDelivery& operator=(const LogDelivery&) = delete;

    void lines(const functions::LogSource& source, UtcInstant at, std::string_view text) override;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

// What the role of `source` would need for a line written now to be stored, in a sentence for
// people; nullopt: it is stored.
std::optional<std::string>
why_not_in_cloudwatch(const store::ReadTx& tx, const functions::LogSource& source, UtcInstant now);

} // namespace benchtop::pipeline
