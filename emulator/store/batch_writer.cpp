#include "emulator/store/batch_writer.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/store/blob_directory.hpp"

namespace benchtop::store {

BatchWriter::BatchWriter(Connection& connection, Commons& commons)
    : connection_(connection)
    , commons_(commons) {
    WriterState& state = connection_.writer();
    {
        Statement last = connection_.query(Sql::LastBody);
        last.step();
        state.last_body = last.integer_at(0);
    }
    {
        Statement last = connection_.query(Sql::LastDelivery);
        last.step();
        state.last_delivery = last.integer_at(0);
    }
    const ReadTx tx(connection_);
    state.last_sequencer = parse_u64(tx.setting(kSequencerSetting).value_or("")).value_or(0);
    TimeAxis axis;
    Statement rows = connection_.query(Sql::ListAdvances);
    while (rows.step()) {
        axis.advance(rows.time_at(0), microseconds{rows.integer_at(1)});
    }
    commons_.set_axis(std::move(axis));
}

void BatchWriter::commit(std::span<WriteJob> jobs) {
    while (!jobs.empty()) {
        bool whole = true;
        const std::size_t count = run(jobs, whole);
        Effects effects;
        if (whole) {
            effects = std::move(connection_.writer().batch);
            connection_.writer().batch = {};
        } else {
            undo_batch();
            statuses_.assign(count, CommitStatus::Failed);
        }
        publish(effects);
        // A callback may submit the next job, which in memory runs at once: nothing of this batch
        // may still be needed.
        const std::vector<CommitStatus> statuses = std::move(statuses_);
        statuses_.clear();
        tell_failure();
        for (std::size_t i = 0; i < count; ++i) {
            jobs[i].done(statuses[i]);
        }
        if (!effects.pending.empty()) {
            Store::DeliveryListener listener;
            {
                const std::lock_guard lock(listeners_mutex_);
                listener = delivery_listener_;
            }
            if (listener) {
                listener(effects.pending);
            }
        }
        for (const std::string& file : effects.released_files) {
            remove_blob(commons_, file);
        }
        jobs = jobs.subspan(count);
    }
}

std::size_t BatchWriter::run(std::span<WriteJob> jobs, bool& whole) {
    statuses_.clear();
    try {
        connection_.query(Sql::BeginImmediate).run();
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            connection_.begin_job(jobs.size() == 1);
            const bool good = run_job(jobs[i]);
            statuses_.push_back(good ? CommitStatus::Committed : CommitStatus::Failed);
            if (!connection_.in_transaction() && jobs.size() > 1) {
                whole = false;
                return i + 1;
            }
        }
        if (connection_.in_transaction()) {
            connection_.query(Sql::Commit).run();
        }
    } catch (const std::exception& failure) {
        failure_ = failure.what();
        whole = false;
    }
    return jobs.size();
}

bool BatchWriter::run_job(WriteJob& job) {
    bool good = true;
    try {
        WriteTx tx(connection_);
        if (job.run(tx)) {
            connection_.keep_job();
            return true;
        }
    } catch (const std::exception& failure) {
        failure_ = failure.what();
        good = false;
    } catch (...) {
        failure_ = "unknown exception";
        good = false;
    }
    connection_.undo_job();
    return good;
}

void BatchWriter::undo_batch() {
    WriterState& state = connection_.writer();
    connection_.begin_job(false);
    if (connection_.in_transaction()) {
        sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    state.reserved_sequencer = 0;
    for (const std::string& file : state.batch.adopted_files) {
        remove_blob(commons_, file);
    }
    state.batch = {};
}

void BatchWriter::publish(Effects& effects) {
    if (effects.axis) {
        commons_.set_axis(std::move(*effects.axis));
    }
    identity_epoch_ += effects.identities ? 1 : 0;
    configuration_epoch_ += effects.configuration ? 1 : 0;
}

void BatchWriter::tell_failure() {
    if (failure_.empty()) {
        return;
    }
    const std::string failure = std::exchange(failure_, {});
    Store::FailureListener listener;
    {
        const std::lock_guard lock(listeners_mutex_);
        listener = failure_listener_;
    }
    if (listener) {
        listener(failure);
    }
}

void BatchWriter::close() {
    const WriterState& state = connection_.writer();
    if (state.reserved_sequencer <= state.last_sequencer) {
        return;
    }
    try {
        const std::string text = std::to_string(state.last_sequencer);
        connection_.query(Sql::PutSetting).text(kSequencerSetting).text(text).run();
    } catch (const StoreFailure&) {
        // The reservation stays: the next process continues above it.
    }
}

void BatchWriter::on_deliveries(Store::DeliveryListener listener) {
    const std::lock_guard lock(listeners_mutex_);
    delivery_listener_ = std::move(listener);
}

void BatchWriter::on_failure(Store::FailureListener listener) {
    const std::lock_guard lock(listeners_mutex_);
    failure_listener_ = std::move(listener);
}

} // namespace benchtop::store
