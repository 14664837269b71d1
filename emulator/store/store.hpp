// The store as a whole: where reads and writes happen. Two implementations of one interface:
// SqliteStore (files, a writer thread that commits many requests at once, a read connection per
// thread) and the same in memory for one thread (harness, tests, `benchtop lab`).
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/store/tx.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>

namespace benchtop::store {

enum class CommitStatus { Committed, Failed /* nothing of the batch is visible; answer 500 */ };

struct WriteJob {
    // Runs inside the transaction, on the writer. Returning false rolls this job (only) back: the
    // operation answered an error. Must not throw anything but StoreFailure or a bug.
    std::move_only_function<bool(WriteTx&)> run;
    // Called after the commit is durable (or the failure certain), on the writer's thread; must be
    // quick and hand over to its own executor.
    std::move_only_function<void(CommitStatus)> done;
};

// What start-up found to repair.
struct RecoveryReport {
    bool unclean = false;           // the last process did not stop in good order
    std::size_t staged_removed = 0; // uploads that were under way
    std::size_t files_removed = 0;  // large bodies no row knows
    std::size_t bodies_removed = 0; // bodies no object references
    std::size_t files_missing = 0;  // rows whose file is gone: not by our doing, cannot be repaired
};

class Files; // store/files.hpp

class Store {
public:
    virtual ~Store() = default;

    // Runs `read` in a snapshot of committed state on the calling thread.
    virtual void read(const std::function<void(const ReadTx&)>& read) = 0;

    // The same for who can go on without: false when the disk failed on the way.
    bool try_read(const std::function<void(const ReadTx&)>& reader) {
        try {
            read(reader);
            return true;
        } catch (const StoreFailure&) {
            return false;
        }
    }

    // Queues a job; jobs run in the order of submission. Thread-safe.
    virtual void write(WriteJob job) = 0;
    // Starts a body. `declared` is its announced size when known.
    virtual std::unique_ptr<BodyStager> stage(std::optional<std::uint64_t> declared) = 0;

    // Counts commits that changed users, roles, policies, keys or functions: caches compare it.
    // Thread-safe.
    virtual std::uint64_t identity_epoch() const = 0;
    // Likewise for buckets' configuration and APIs.
    virtual std::uint64_t configuration_epoch() const = 0;

    // `listener` is called after each commit that added pending deliveries, on the writer's thread.
    using DeliveryListener = std::function<void(const std::vector<Delivery>&)>;
    virtual void on_deliveries(DeliveryListener listener) = 0;
    // `listener` gets the reason whenever jobs complete as Failed, for the log; on the writer's
    // thread.
    using FailureListener = std::function<void(std::string_view)>;

    virtual void on_failure(FailureListener) {}

    virtual RecoveryReport recovery_report() const { return {}; }

    // Stops after the queued jobs are done; a job submitted later fails. Idempotent.
    virtual void stop() = 0;
};

enum class Durability {
    KillSafe, // survives the death of the process (default)
    Fsync,    // survives the loss of power: every commit and every body is synced
};

enum class Writer {
    Thread,  // one of the store's own: many requests share a commit
    OnCaller // runs jobs at once on the calling thread, for stores that one thread uses (simulator)
};

struct FileStoreOptions {
    std::filesystem::path directory; // created when missing; one process at a time (locked)
    Durability durability = Durability::KillSafe;
    Writer writer = Writer::Thread;
    Files* files = nullptr; // the system's when not given; outlives the store
    // Pages in the write-ahead log: from the first figure on it is copied into the database beside
    // the writer; at the second the writer itself catches up, so that the log starts anew and stays
    // small.
    int log_tidy = 1'000;
    int log_max = 4'000;
};

// Opens (migrating old schemas forward, removing orphans) or creates. An error says in one sentence
// what is wrong: directory not writable, locked by another process, schema from a newer version.
Result<std::unique_ptr<Store>> open_file_store(const FileStoreOptions& options, Random& random);

// Everything in memory, one thread, write() runs at once and calls done() before it returns.
std::unique_ptr<Store> open_memory_store();

} // namespace benchtop::store
