// Files of stored bodies that somebody is about to open: a body of many pieces is opened piece by
// piece while it is sent, and what is deleted meanwhile must stay readable to its end. A pinned
// file's removal waits for the last pin. Thread-safe.
#pragma once

#include "emulator/store/files.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace benchtop::store {

class FilePins : public std::enable_shared_from_this<FilePins> {
public:
    // `files` outlives this object.
    FilePins(Files& files, std::filesystem::path blobs)
        : system_(files)
        , blobs_(std::move(blobs)) {}

    // Holds its files while it lives.
    class Pin {
    public:
        Pin(std::shared_ptr<FilePins> pins, std::vector<std::string> files);
        ~Pin();
        Pin(const Pin&) = delete;
        Pin& operator=(const Pin&) = delete;

    private:
        std::shared_ptr<FilePins> pins_;
        std::vector<std::string> files_;
    };

    // `files` under blobs/.
    std::unique_ptr<Pin> pin(std::vector<std::string> files) {
        return std::make_unique<Pin>(shared_from_this(), std::move(files));
    }

    // Removes the file now, or with its last pin. Best effort: what stays is removed by the
    // recovery after an unclean end.
    void remove(const std::string& file);
    // Nothing is left that should have been removed; when `durable`, a loss of power brings nothing
    // back either.
    bool tidy(bool durable);

private:
    struct State {
        int pins = 0;
        bool doomed = false;
    };

    void unlink(const std::string& file);

    Files& system_;
    std::filesystem::path blobs_;
    bool left_ = false;             // a file could not be removed
    std::set<std::string> folders_; // where files were removed: no more than there are (256)
    std::mutex mutex_;
    std::unordered_map<std::string, State> pinned_;
};

} // namespace benchtop::store
