// Where the archives of functions lie unpacked: one directory for each code, shared by all
// environments that run it, made when it is first needed.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/store/store.hpp"

#include <filesystem>
#include <mutex>
#include <string_view>

namespace benchtop::functions {

// Thread-safe.
class CodeDirectories {
public:
    // `root` is this object's alone: what lies there from an earlier run goes.
    CodeDirectories(store::Store& store, std::filesystem::path root);
    ~CodeDirectories();
    CodeDirectories(const CodeDirectories&) = delete;
    CodeDirectories& operator=(const CodeDirectories&) = delete;

    // `code`: hex SHA-256 of the archive.
    Result<std::filesystem::path> get(std::string_view code);

private:
    void remove_all();

    store::Store& store_;
    std::filesystem::path root_;
    std::mutex mutex_;
    bool emptied_ = false; // when the first code is asked for
};

} // namespace benchtop::functions
