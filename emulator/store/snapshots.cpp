#include "emulator/store/snapshots.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/store/tx.hpp"

#include <algorithm>
#include <system_error>

namespace benchtop::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRows = "everything.db";
constexpr std::size_t kNameMax = 64;
constexpr std::string_view kUnfinished = "unfinished."; // no name has a dot

void check(const std::error_code& ec, const char* what) {
    if (ec) {
        throw StoreFailure(std::string(what) + ": " + ec.message());
    }
}

} // namespace

bool Snapshots::is_name(std::string_view name) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return !name.empty() && name.size() <= kNameMax &&
           name.find_first_not_of(allowed) == std::string_view::npos;
}

fs::path Snapshots::path_of(std::string_view name) const {
    return directory_ / std::string(name);
}

std::vector<Snapshots::Entry> Snapshots::list() const {
    std::vector<Entry> entries;
    std::error_code ec;
    for (fs::directory_iterator it(directory_, ec), end; !ec && it != end; it.increment(ec)) {
        const std::string name = it->path().filename().string();
        std::error_code gone;
        const auto bytes = fs::file_size(it->path() / kRows, gone);
        if (is_name(name) && !gone) {
            entries.push_back({name, bytes});
        }
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return a.name < b.name;
    });
    return entries;
}

bool Snapshots::exists(std::string_view name) const {
    std::error_code ec;
    return is_name(name) && fs::exists(path_of(name) / kRows, ec);
}

void Snapshots::save(WriteTx& tx, std::string_view name) {
    const fs::path unfinished = path_of(std::string(kUnfinished) + std::string(name));
    std::error_code ec;
    fs::remove_all(unfinished, ec);
    fs::create_directories(unfinished / "blobs", ec);
    check(ec, "cannot make the snapshot's directory");
    try {
        tx.copy_everything_to(unfinished / kRows, unfinished / "blobs");
    } catch (...) {
        fs::remove_all(unfinished, ec);
        throw;
    }
    remove(name);
    fs::rename(unfinished, path_of(name), ec);
    check(ec, "cannot keep the snapshot");
}

void Snapshots::restore(WriteTx& tx, std::string_view name) {
    tx.replace_everything_by(path_of(name) / kRows, path_of(name) / "blobs");
}

void Snapshots::remove(std::string_view name) {
    std::error_code ec;
    fs::remove_all(path_of(name), ec);
}

} // namespace benchtop::store
