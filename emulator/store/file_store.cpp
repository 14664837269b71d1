// The store in a directory: a writer thread that commits many jobs at once, a pool of read
// connections, a thread that moves the write-ahead log into the database.
#include "emulator/store/batch_writer.hpp"
#include "emulator/store/blob_directory.hpp"
#include "emulator/store/schema.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <thread>

namespace benchtop::store {
namespace {

constexpr std::size_t kBatchMax = 128;

// Page caches are small (figures in KiB): the operating system's serves all connections.
constexpr const char* kWriterSettings = "PRAGMA cache_size = -4096;";
constexpr const char* kReaderSettings = "PRAGMA cache_size = -1024;";
constexpr const char* kSettings = "PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY;"
                                  "PRAGMA secure_delete = OFF; PRAGMA mmap_size = 268435456;";

// Idle read connections. A reader takes one, or opens one when all are in use.
class ReaderPool {
public:
    ReaderPool(std::string path, Commons& commons)
        : path_(std::move(path))
        , commons_(commons) {}

    class Lease {
    public:
        explicit Lease(ReaderPool& pool)
            : pool_(pool)
            , connection_(pool.take()) {}

        ~Lease() { pool_.give(std::move(connection_)); }

        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

        Connection& connection() { return *connection_; }

    private:
        ReaderPool& pool_;
        std::unique_ptr<Connection> connection_;
    };

private:
    std::unique_ptr<Connection> take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                auto connection = std::move(idle_.back());
                idle_.pop_back();
                return connection;
            }
        }
        auto connection = std::make_unique<Connection>(path_, Access::ReadOnly, commons_);
        connection->execute(kSettings);
        connection->execute(kReaderSettings);
        return connection;
    }

    void give(std::unique_ptr<Connection> connection) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(connection));
    }

    std::string path_;
    Commons& commons_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

// Copies what it can of the write-ahead log into the database. A refusal (busy, disk) is met again
// at the next one.
void copy_log(Connection& connection) {
    sqlite3_wal_checkpoint_v2(
        connection.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr
    );
}

// Copies the write-ahead log into the database, on its own connection and, beside a writer with a
// thread, on its own thread: the writer goes on meanwhile.
class Checkpointer {
public:
    Checkpointer(const std::string& path, Commons& commons, Writer writer)
        : connection_(path, Access::ReadWrite, commons) {
        // Until it has read something a connection does not know that there is a log.
        connection_.execute("SELECT count(*) FROM setting");
        if (writer == Writer::Thread) {
            thread_ = std::thread([this] { work(); });
        }
    }

    ~Checkpointer() {
        if (!thread_.joinable()) {
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    void request() {
        if (!thread_.joinable()) {
            copy_log(connection_);
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            requested_ = true;
        }
        wake_.notify_one();
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [this] { return requested_ || stopping_; });
            if (stopping_) {
                return;
            }
            requested_ = false;
            lock.unlock();
            copy_log(connection_);
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    bool requested_ = false;
    bool stopping_ = false;
    Connection connection_;
    std::thread thread_;
};

class FileStore final : public Store {
public:
    FileStore(const FileStoreOptions& options, Random& random)
        : options_(options)
        , files_(options.files != nullptr ? *options.files : system_files())
        , directory_(options.directory, files_)
        , commons_(directory_.blobs(), options.durability == Durability::Fsync, files_)
        , connection_(directory_.database(), Access::ReadWrite, commons_)
        , writer_(prepared(), commons_)
        , readers_(directory_.database(), commons_) {
        std::string salt(8, '\0');
        random.fill(RandomStream::Secrets, salt);
        staging_prefix_ = (directory_.staging() / to_hex(as_bytes(salt))).string() + "-";
        if (options.writer == Writer::Thread) {
            thread_ = std::thread([this] { work(); });
        }
    }

    ~FileStore() override { FileStore::stop(); }

    void read(const std::function<void(const ReadTx&)>& read) override {
        ReaderPool::Lease lease(readers_);
        const Snapshot snapshot(lease.connection());
        read(ReadTx(lease.connection()));
    }

    void write(WriteJob job) override {
        {
            std::unique_lock lock(mutex_);
            if (!stopping_) {
                queue_.push_back(std::move(job));
                if (options_.writer == Writer::OnCaller) {
                    run_queue(lock);
                } else {
                    wake_.notify_one();
                }
                return;
            }
        }
        job.done(CommitStatus::Failed);
    }

    std::unique_ptr<BodyStager> stage(std::optional<std::uint64_t> declared) override {
        std::string path = staging_prefix_ + std::to_string(staged_.fetch_add(1));
        return make_file_stager(files_, std::move(path), declared, commons_.fsync());
    }

    std::uint64_t identity_epoch() const override { return writer_.identity_epoch(); }

    std::uint64_t configuration_epoch() const override { return writer_.configuration_epoch(); }

    void on_deliveries(DeliveryListener listener) override {
        writer_.on_deliveries(std::move(listener));
    }

    void on_failure(FailureListener listener) override { writer_.on_failure(std::move(listener)); }

    RecoveryReport recovery_report() const override { return report_; }

    void stop() override {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) {
                return;
            }
            stopping_ = true;
        }
        wake_.notify_one();
        if (thread_.joinable()) {
            thread_.join();
        }
        checkpointer_.reset();
        writer_.close();
        if (commons_.pins().tidy(commons_.fsync())) {
            directory_.put_clean_marker();
        }
    }

private:
    // The writer's connection, set up, migrated and in agreement with the files.
    Connection& prepared() {
        if (commons_.fsync()) {
            directory_.sync_names();
        }
        connection_.execute(kSettings);
        connection_.execute(kWriterSettings);
        if (connection_.pages() == 0 && !commons_.fsync()) {
            connection_.execute("PRAGMA synchronous = OFF"); // a new database has nothing to lose
        }
        connection_.execute("PRAGMA journal_mode = WAL");
        migrate(connection_.handle(), migrations());
        connection_.execute(
            commons_.fsync() ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"
        );
        sqlite3_wal_hook(connection_.handle(), &FileStore::log_grown, this);
        report_.unclean = !directory_.take_clean_marker(commons_.fsync());
        report_.staged_removed = directory_.empty_staging();
        if (report_.unclean) {
            recover_blobs(connection_, commons_, report_);
        }
        return connection_;
    }

    // SQLite says after each commit how long the log is; having a hook turns its own checkpoints
    // off.
    static int log_grown(void* self, sqlite3*, const char*, int pages) {
        static_cast<FileStore*>(self)->log_pages_ = pages;
        return SQLITE_OK;
    }

    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [this] { return !queue_.empty() || stopping_; });
            if (queue_.empty()) {
                return;
            }
            commit_next(lock);
        }
    }

    // On the caller. What a commit calls may submit more: it is committed when that one has ended.
    void run_queue(std::unique_lock<std::mutex>& lock) {
        if (committing_) {
            return;
        }
        committing_ = true;
        while (!queue_.empty()) {
            commit_next(lock);
        }
        committing_ = false;
    }

    // Takes the oldest jobs and commits them, without the lock.
    void commit_next(std::unique_lock<std::mutex>& lock) {
        std::vector<WriteJob> batch;
        const std::size_t count = std::min(queue_.size(), kBatchMax);
        for (std::size_t i = 0; i < count; ++i) {
            batch.push_back(std::move(queue_.front()));
            queue_.pop_front();
        }
        lock.unlock();
        writer_.commit(batch);
        batch.clear();
        tidy_log();
        lock.lock();
    }

    void tidy_log() {
        if (log_pages_ >= options_.log_max) {
            copy_log(connection_);
        }
        if (log_pages_ < log_tidied_) {
            log_tidied_ = 0; // the log has started anew
        }
        if (log_pages_ >= log_tidied_ + options_.log_tidy) {
            log_tidied_ = log_pages_;
            request_checkpoint();
        }
    }

    void request_checkpoint() {
        try {
            if (!checkpointer_) {
                checkpointer_ = std::make_unique<Checkpointer>(
                    directory_.database(), commons_, options_.writer
                );
            }
            checkpointer_->request();
        } catch (const std::exception&) {
            // No file descriptor or thread to be had: the writer catches up by itself at log_max.
        }
    }

    const FileStoreOptions options_;
    Files& files_;
    RecoveryReport report_;
    DataDirectory directory_;
    Commons commons_;
    Connection connection_;
    BatchWriter writer_;
    ReaderPool readers_;
    std::string staging_prefix_;
    std::atomic<std::uint64_t> staged_{0};

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<WriteJob> queue_;
    bool stopping_ = false;
    bool committing_ = false; // on the caller

    // The writer's thread only.
    int log_pages_ = 0;
    int log_tidied_ = 0;
    std::unique_ptr<Checkpointer> checkpointer_;
    std::thread thread_;
};

} // namespace

Result<std::unique_ptr<Store>> open_file_store(const FileStoreOptions& options, Random& random) {
    try {
        return std::unique_ptr<Store>(std::make_unique<FileStore>(options, random));
    } catch (const StoreFailure& failure) {
        return AwsError(500, "InternalError", failure.what());
    }
}

} // namespace benchtop::store
