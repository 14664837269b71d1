// The Files port: all that the file store asks of a file system. The system's own answers in the
// process; a disk in memory that fails, tears writes and loses power does in the simulator.
//
// Every call answers 0 or an errno value. Paths are absolute or relative as the user gave them.
// Thread-safe; outlives the store and every answer that still sends a body.
#pragma once

#include "emulator/core/encoding.hpp"
#include "emulator/core/http.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace benchtop::store {

// A file being written; closed with this object. Used by one thread at a time.
class WritableFile {
public:
    WritableFile() = default;
    WritableFile(const WritableFile&) = delete;
    WritableFile& operator=(const WritableFile&) = delete;
    virtual ~WritableFile() = default;

    // Writes all of `bytes` at the end. After a failure a part of them may be there.
    virtual int append(ByteView bytes) = 0;
    // The bytes survive the loss of power; the name needs its directory synced too.
    virtual int sync() = 0;
    // Fills `bytes` from `offset`; EIO when the file ends before.
    virtual int read(std::uint64_t offset, std::span<char> bytes) = 0;
};

// Held while the object lives.
class FileLock {
public:
    FileLock() = default;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    virtual ~FileLock() = default;
};

class Files {
public:
    virtual ~Files() = default;

    // One level, for this user only; one that is there is as good.
    virtual int make_directory(const std::string& path) = 0;
    // With all above it.
    virtual int make_directories(const std::string& path) = 0;
    // Names made, moved and removed in it so far survive the loss of power.
    virtual int sync_directory(const std::string& path) = 0;
    // Names in it, in no order, without "." and "..".
    virtual int list(const std::string& path, std::vector<std::string>& names) = 0;

    // Makes the file when it is missing, and holds it for this process alone. EWOULDBLOCK: another
    // process does.
    virtual int lock(const std::string& path, std::unique_ptr<FileLock>& lock) = 0;
    // A new file; EEXIST when there is one.
    virtual int create(const std::string& path, std::unique_ptr<WritableFile>& file) = 0;
    // An empty file, or what is there already.
    virtual int touch(const std::string& path) = 0;
    // For readers. What is removed meanwhile stays readable.
    virtual int open(const std::string& path, std::shared_ptr<const FileHandle>& file) = 0;
    virtual bool exists(const std::string& path) = 0;
    // Replaces what is there.
    virtual int rename(const std::string& from, const std::string& to) = 0;
    virtual int remove(const std::string& path) = 0;

    // Name of the sqlite3_vfs that keeps databases in these files; nullptr when SQLite refused it.
    virtual const char* database_vfs() = 0;
};

// The operating system's; lives as long as the process.
Files& system_files();

} // namespace benchtop::store
