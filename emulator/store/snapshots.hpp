// Snapshots of a whole store by name: DIR/NAME/everything.db with all rows, and DIR/NAME/blobs/
// with the large bodies, which share their bytes with the store's own (hard links; a file under
// blobs/ never changes).
#pragma once

#include "emulator/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::store {

class WriteTx;

// Used inside the store's transactions, so that one thing happens at a time; list() and exists() at
// any time.
class Snapshots {
public:
    static constexpr std::size_t kKept = 32;

    explicit Snapshots(std::filesystem::path directory)
        : directory_(std::move(directory)) {}

    // Letters, digits, - and _, at most 64.
    static bool is_name(std::string_view name);

    struct Entry {
        std::string name;
        std::uint64_t bytes = 0; // of the rows; large bodies take no room of their own at first
    };

    std::vector<Entry> list() const; // by name
    bool exists(std::string_view name) const;

    // Replaces one of the same name. Throws StoreFailure; then the old one is as it was.
    void save(WriteTx& tx, std::string_view name);
    // Instead of everything there is. Throws StoreFailure; then the transaction is to be undone.
    void restore(WriteTx& tx, std::string_view name);
    void remove(std::string_view name);

private:
    std::filesystem::path path_of(std::string_view name) const;

    std::filesystem::path directory_;
};

} // namespace benchtop::store
