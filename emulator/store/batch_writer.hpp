// Runs jobs in transactions: many at once, each by itself undoable.
#pragma once

#include "emulator/store/connection.hpp"
#include "emulator/store/store.hpp"

#include <atomic>
#include <mutex>
#include <span>
#include <string>

namespace benchtop::store {

// Used by one thread at a time, but for the counters and the listeners.
class BatchWriter {
public:
    // Reads ids and the time axis from the migrated database.
    BatchWriter(Connection& connection, Commons& commons);

    // Runs `jobs` in order in one transaction, then their done(), then the listeners. Jobs must not
    // come here again before that transaction has ended.
    void commit(std::span<WriteJob> jobs);
    // Writes down what a clean end knows better than a crash.
    void close();

    std::uint64_t identity_epoch() const { return identity_epoch_.load(); }

    std::uint64_t configuration_epoch() const { return configuration_epoch_.load(); }

    void on_deliveries(Store::DeliveryListener listener);
    void on_failure(Store::FailureListener listener);

private:
    // Runs jobs until one takes the whole transaction down with it. Gives the number of jobs run;
    // false in `whole` when the transaction is gone.
    std::size_t run(std::span<WriteJob> jobs, bool& whole);
    bool run_job(WriteJob& job);
    void undo_batch();
    void publish(Effects& effects);
    void tell_failure();

    Connection& connection_;
    Commons& commons_;
    std::atomic<std::uint64_t> identity_epoch_{0};
    std::atomic<std::uint64_t> configuration_epoch_{0};
    std::mutex listeners_mutex_;
    Store::DeliveryListener delivery_listener_;
    Store::FailureListener failure_listener_;
    std::string failure_;                // of the batch, "" when none
    std::vector<CommitStatus> statuses_; // of the jobs run
};

} // namespace benchtop::store
