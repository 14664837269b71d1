// The store in memory: one SQLite database that dies with it, one thread, no files.
#include "emulator/store/batch_writer.hpp"
#include "emulator/store/blob_directory.hpp"
#include "emulator/store/schema.hpp"

#include <deque>

namespace benchtop::store {
namespace {

class MemoryStore final : public Store {
public:
    MemoryStore()
        : commons_({}, false)
        , connection_(":memory:", Access::ReadWrite, commons_)
        , writer_(prepared(connection_), commons_) {}

    void read(const std::function<void(const ReadTx&)>& read) override {
        {
            const Busy busy(*this);
            read(ReadTx(connection_));
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

    static Connection& prepared(Connection& connection) {
        connection.execute("PRAGMA journal_mode = MEMORY; PRAGMA temp_store = MEMORY;"
                           "PRAGMA secure_delete = OFF;");
        migrate(connection.handle(), migrations());
        return connection;
    }

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

    Commons commons_;
    Connection connection_;
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
