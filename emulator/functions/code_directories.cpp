#include "emulator/functions/code_directories.hpp"

#include "emulator/archive/zip.hpp"

#include <system_error>
#include <utility>

namespace benchtop::functions {

namespace fs = std::filesystem;

CodeDirectories::CodeDirectories(store::Store& store, fs::path root)
    : store_(store)
    , root_(std::move(root)) {}

CodeDirectories::~CodeDirectories() {
    remove_all();
}

void CodeDirectories::remove_all() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
}

Result<fs::path> CodeDirectories::get(std::string_view code) {
    const fs::path directory = root_ / code;
    const std::lock_guard lock(mutex_);
    std::error_code ec;
    if (!std::exchange(emptied_, true)) {
        remove_all();
    }
    if (fs::is_directory(directory, ec)) {
        return directory;
    }
    std::optional<std::string> archive;
    const bool looked = store_.try_read([&](const store::ReadTx& tx) {
        archive = tx.find_document(store::kFunctionCodeSpace, code);
    });
    if (!looked) {
        return AwsError(500, "Runtime.CodeMissing", "The function's code could not be read.");
    }
    if (!archive) {
        return AwsError(500, "Runtime.CodeMissing", "The function's code is gone.");
    }
    const auto unpacked = archive::unpack_zip(*archive, directory);
    if (!unpacked) {
        return unpacked.error();
    }
    if (*unpacked != archive::ZipFault::None) {
        return AwsError(500, "Runtime.CodeDamaged", "The function's archive cannot be unpacked.");
    }
    return directory;
}

} // namespace benchtop::functions
