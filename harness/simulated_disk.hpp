// A disk in memory for the file store: it knows for each file and name what is durable and what is
// only written, and fails when told: one call (the N-th a fault can befall), every growing write
// from there on, or the process or the power at that call. Deterministic by its seed; one thread.
//
//     SimulatedDisk disk(seed);
//     disk.plan({DiskFault::PowerLoss, 17});
//     ... open_file_store({.directory = "/data", .files = &disk, .writer = Writer::OnCaller}) ...
//     disk.restart();                                 // after the store has been destroyed
#pragma once

#include "emulator/store/files.hpp"
#include "harness/virtual_ports.hpp"

#include <sqlite3.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::harness {

enum class DiskFault {
    None,
    Error,        // the call answers EIO and does nothing
    Torn,         // a write answers EIO after a part of it
    Full,         // ENOSPC for this and every later call that needs room, until heal()
    ProcessCrash, // the process ends in this call: nothing reaches the disk after a part of it
    PowerLoss,    // likewise, and of what was not synced any part may be lost
};

std::string_view name_of(DiskFault fault);

struct DiskPlan {
    DiskFault fault = DiskFault::None;
    std::uint64_t at = 1; // the how-manieth call, from now, of those the fault can befall
};

// Counters of one database's write-ahead log index and its file locks: what processes that opened
// it share in memory.
struct SimulatedIndex;

class SimulatedDisk final : public store::Files {
public:
    explicit SimulatedDisk(std::uint64_t seed);
    ~SimulatedDisk() override;
    SimulatedDisk(const SimulatedDisk&) = delete;
    SimulatedDisk& operator=(const SimulatedDisk&) = delete;

    void plan(DiskPlan plan);

    // The plan met its call, and which one: "write /data/benchtop.db-wal"; "" when it did not.
    const std::string& struck() const { return struck_; }

    // Room again; the plan is over.
    void heal();

    // `listener` is called when the process or the power ends.
    void on_crash(std::function<void()> listener) { on_crash_ = std::move(listener); }

    bool crashed() const { return crashed_; }

    // The machine or the process starts again: nothing is open or locked any more.
    void restart();

    // Regular files below the directory.
    std::vector<std::string> files_below(std::string_view directory) const;

    // Calls so far.
    std::uint64_t calls() const { return calls_; }

    // --- store::Files
    int make_directory(const std::string& path) override;
    int make_directories(const std::string& path) override;
    int sync_directory(const std::string& path) override;
    int list(const std::string& path, std::vector<std::string>& names) override;
    int lock(const std::string& path, std::unique_ptr<store::FileLock>& lock) override;
    int create(const std::string& path, std::unique_ptr<store::WritableFile>& file) override;
    int touch(const std::string& path) override;
    int open(const std::string& path, std::shared_ptr<const FileHandle>& file) override;
    bool exists(const std::string& path) override;
    int rename(const std::string& from, const std::string& to) override;
    int remove(const std::string& path) override;
    const char* database_vfs() override;

    // --- for its files and its VFS
    struct Change {
        std::uint64_t offset = 0;
        std::string bytes;
        bool truncates = false; // to `offset`
    };

    struct Node {
        bool directory = false;
        std::string content;
        std::string durable;
        std::vector<Change> unsynced;
        bool locked = false;
        std::unique_ptr<SimulatedIndex> index; // a database's
    };

    using NodePtr = std::shared_ptr<Node>;

    NodePtr find(const std::string& path) const;
    int make(const std::string& path, bool directory, NodePtr& node);
    int read(const Node& node, const std::string& path);
    int write(Node& node, const std::string& path, std::uint64_t offset, std::string_view bytes);
    int truncate(Node& node, const std::string& path, std::uint64_t size);
    int sync(Node& node, const std::string& path);
    std::uint64_t draw(std::uint64_t below);

private:
    enum class Call { Read, Write, Make, Other };

    // The fault that befalls this call.
    DiskFault meet(Call call, std::string_view name, const std::string& path);
    // Lets it happen; what the call answers.
    int suffer(DiskFault fault);
    int enter(Call call, std::string_view name, const std::string& path);
    bool befalls(Call call) const;
    void name(const std::string& path, NodePtr node); // nullptr: removed
    void crash(bool power);
    void apply(Node& node, Change change);
    void lose_power();
    void lose_names();

    SeededRandom random_;
    std::map<std::string, NodePtr> names_;
    std::map<std::string, NodePtr> durable_names_;
    // Since their directory was synced, the states each name had, oldest first.
    std::map<std::string, std::vector<NodePtr>> renamed_;
    DiskPlan plan_;
    std::string struck_;
    bool full_ = false;
    bool crashed_ = false;
    std::function<void()> on_crash_;
    std::uint64_t calls_ = 0;
    std::string vfs_name_;
    sqlite3_vfs vfs_{};
};

// Registers SQLite's face of `disk` as `vfs`, whose name must outlive it.
bool register_simulated_vfs(SimulatedDisk& disk, sqlite3_vfs& vfs, const char* name);

// Of the connections of one database.
struct SimulatedIndex {
    std::vector<std::unique_ptr<std::string>> regions;
    std::vector<int> slots = std::vector<int>(SQLITE_SHM_NLOCK, 0); // -1: exclusive, else sharers
    int users = 0;
    int shared = 0;
    const void* reserved = nullptr;
    const void* exclusive = nullptr;
};

} // namespace benchtop::harness
