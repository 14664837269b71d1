// The store in memory: one SQLite database that dies with it, one thread, no files.
#include "emulator/store/batch_writer.hpp"
#include "emulator/store/blob_directory.hpp"
#include "emulator/store/schema.hpp"

#include <deque>
#include <mutex>
#include <vector>

namespace benchtop::store {
namespace {

// A database in memory with its schema.
class MemoryDatabase {
public:
    MemoryDatabase()
        : commons_({}, false)
        , connection_(":memory:", Access::ReadWrite, commons_) {
        connection_.execute("PRAGMA journal_mode = MEMORY; PRAGMA temp_store = MEMORY;"
                            "PRAGMA secure_delete = OFF;");
        migrate(connection_.handle(), migrations());
    }

    Commons& commons() { return commons_; }

    Connection& connection() { return connection_; }

private:
    Commons commons_;
    Connection connection_;
};

// Databases to be used again: making the tables and preparing the statements costs ten times what
// emptying the tables does, and a test suite opens thousands of stores.
class DatabaseShelf {
public:
    static DatabaseShelf& instance() {
        static DatabaseShelf shelf;
        return shelf;
    }

    std::unique_ptr<MemoryDatabase> take() {
        {
            const std::lock_guard lock(mutex_);
            if (!databases_.empty()) {
                auto database = std::move(databases_.back());
                databases_.pop_back();
                return database;
            }
        }
        return std::make_unique<MemoryDatabase>();
    }

    // Drops what is too large to keep or cannot be emptied.
    void give(std::unique_ptr<MemoryDatabase> database) {
        constexpr std::size_t kKept = 4;
        constexpr std::int64_t kPagesMax = 512;
        try {
            if (database->connection().pages() > kPagesMax) {
                return;
            }
            database->connection().clear();
        } catch (const std::exception&) {
            return;
        }
        const std::lock_guard lock(mutex_);
        if (databases_.size() < kKept) {
            databases_.push_back(std::move(database));
        }
    }

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<MemoryDatabase>> databases_;
};

class MemoryStore final : public Store {
public:
    MemoryStore()
        : database_(DatabaseShelf::instance().take())
        , writer_(database_->connection(), database_->commons()) {}

    ~MemoryStore() override { DatabaseShelf::instance().give(std::move(database_)); }

    MemoryStore(const MemoryStore&) = delete;
    MemoryStore& operator=(const MemoryStore&) = delete;

    void read(const std::function<void(const ReadTx&)>& read) override {
        {
            const Busy busy(*this);
            read(ReadTx(database_->connection()));
        }
        if (busy_ == 0) {
            run_queue(); // submitted meanwhile
        }
    }

    void write(WriteJob job) override {
        queue_.push_back(std::move(job));
        if (busy_ == 0) {
            run_queue();
        }
    }

    std::unique_ptr<BodyStager> stage(std::optional<std::uint64_t> declared) override {
        return make_memory_stager(declared);
    }

    std::uint64_t identity_epoch() const override { return writer_.identity_epoch(); }

    std::uint64_t configuration_epoch() const override { return writer_.configuration_epoch(); }

    void on_deliveries(DeliveryListener listener) override {
        writer_.on_deliveries(std::move(listener));
    }

    void on_failure(FailureListener listener) override { writer_.on_failure(std::move(listener)); }

    void stop() override { stopped_ = true; }

private:
    // A transaction is open: what is submitted meanwhile waits for its end.
    class Busy {
    public:
        explicit Busy(MemoryStore& store)
            : store_(store) {
            ++store_.busy_;
        }

        ~Busy() { --store_.busy_; }

        Busy(const Busy&) = delete;
        Busy& operator=(const Busy&) = delete;

    private:
        MemoryStore& store_;
    };

    void run_queue() {
        while (!queue_.empty()) {
            WriteJob job = std::move(queue_.front());
            queue_.pop_front();
            if (stopped_) {
                job.done(CommitStatus::Failed);
                continue;
            }
            auto run = std::move(job.run);
            job.run = [this, &run](WriteTx& tx) {
                const Busy busy(*this);
                return run(tx);
            };
            writer_.commit({&job, 1});
        }
    }

    std::unique_ptr<MemoryDatabase> database_;
    BatchWriter writer_;
    std::deque<WriteJob> queue_;
    int busy_ = 0;
    bool stopped_ = false;
};

} // namespace

std::unique_ptr<Store> open_memory_store() {
    return std::make_unique<MemoryStore>();
}

} // namespace benchtop::store
