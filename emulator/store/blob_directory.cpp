#include "emulator/store/blob_directory.hpp"

#include "emulator/store/connection.hpp"

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <unordered_set>
#include <vector>

namespace benchtop::store {
namespace {

namespace fs = std::filesystem;

std::string why(int error) {
    return std::generic_category().message(error);
}

void make_directory(Files& files, const fs::path& path) {
    if (const int error = files.make_directory(path.string()); error != 0) {
        throw StoreFailure("cannot create the directory " + path.string() + ": " + why(error));
    }
}

void sync_directory(Files& files, const fs::path& path) {
    if (const int error = files.sync_directory(path.string()); error != 0) {
        throw StoreFailure("cannot sync the directory " + path.string() + ": " + why(error));
    }
}

// Names under a folder of ours; none in a file that somebody left there.
std::vector<std::string> names_in(Files& files, const fs::path& path) {
    std::vector<std::string> names;
    if (const int error = files.list(path.string(), names); error != 0 && error != ENOTDIR) {
        throw StoreFailure("cannot list the directory " + path.string() + ": " + why(error));
    }
    return names;
}

// The directory's own name survives the loss of power only when its parent has been synced, and so
// upwards. What lies above us and may not be opened was not made by us.
void sync_names_above(Files& files, fs::path path) {
    while (path.has_relative_path()) {
        path = path.has_parent_path() ? path.parent_path() : fs::path(".");
        const int error = files.sync_directory(path.string());
        if (error != 0 && error != EACCES && error != EPERM) {
            throw StoreFailure("cannot sync the directory " + path.string() + ": " + why(error));
        }
        if (path == ".") {
            return;
        }
    }
}

} // namespace

DataDirectory::DataDirectory(const fs::path& path, Files& files)
    : files_(files)
    , path_(path) {
    if (path_.has_parent_path()) {
        const std::string parent = path_.parent_path().string();
        if (const int error = files_.make_directories(parent); error != 0) {
            throw StoreFailure("cannot create the directory " + parent + ": " + why(error));
        }
    }
    make_directory(files_, path_);
    if (const int error = files_.lock((path_ / "lock").string(), lock_); error == EWOULDBLOCK) {
        throw StoreFailure(
            "the directory " + path_.string() +
            " is in use by another Benchtop: stop it or choose another data directory"
        );
    } else if (error != 0) {
        throw StoreFailure("cannot write in the directory " + path_.string() + ": " + why(error));
    }
    make_directory(files_, staging());
    make_directory(files_, blobs());
}

void DataDirectory::sync_names() {
    sync_directory(files_, blobs()); // a folder made by a process that died before it synced it
    sync_directory(files_, path_);
    sync_names_above(files_, path_);
}

bool DataDirectory::take_clean_marker(bool fsync) {
    const fs::path marker = path_ / "clean";
    const int error = files_.remove(marker.string());
    if (error != 0 && error != ENOENT) { // it would lie about this process
        throw StoreFailure("cannot remove " + marker.string() + ": " + why(error));
    }
    const bool clean = error == 0;
    if (clean && fsync) {
        sync_directory(files_, path_);
    }
    return clean;
}

void DataDirectory::put_clean_marker() {
    // Without it the next start only looks more closely.
    files_.touch((path_ / "clean").string());
}

std::size_t DataDirectory::empty_staging() {
    std::size_t removed = 0;
    for (const std::string& name : names_in(files_, staging())) {
        removed += files_.remove((staging() / name).string()) == 0 ? 1 : 0;
    }
    return removed;
}

std::string blob_name(BodyId id) {
    char name[24];
    const auto value = static_cast<unsigned long long>(id);
    std::snprintf(name, sizeof name, "%02llx/%016llx", value & 0xff, value);
    return name;
}

void adopt_blob(const Commons& commons, StagedFile& file, const std::string& name) {
    Files& files = commons.files();
    const fs::path target = commons.blobs() / name;
    int error = files.rename(file.path(), target.string());
    if (error == ENOENT) {
        make_directory(files, target.parent_path());
        if (commons.fsync()) {
            sync_directory(files, commons.blobs());
        }
        error = files.rename(file.path(), target.string());
    }
    if (error != 0) {
        throw StoreFailure("cannot move a body to " + target.string() + ": " + why(error));
    }
    file.adopted();
    if (!commons.fsync()) {
        return;
    }
    try {
        sync_directory(files, target.parent_path());
    } catch (const StoreFailure&) {
        remove_blob(commons, name); // its row will not be written
        throw;
    }
}

void remove_blob(const Commons& commons, const std::string& name) {
    commons.pins().remove(name);
}

void recover_blobs(Connection& writer, const Commons& commons, RecoveryReport& report) {
    writer.begin_job(true);
    writer.query(Sql::BeginImmediate).run();
    std::vector<BodyId> unused;
    {
        Statement bodies = writer.query(Sql::ListUnusedBodies);
        while (bodies.step()) {
            unused.push_back(bodies.integer_at(0));
        }
    }
    for (const BodyId id : unused) {
        writer.modify(Sql::DeleteBody).integer(id).run();
        writer.modify(Sql::DeleteBodyBytes).integer(id).run();
    }
    report.bodies_removed = unused.size();
    std::unordered_set<std::string> expected;
    {
        Statement files = writer.query(Sql::ListBodyFiles);
        while (files.step()) {
            expected.insert(files.text_at(0));
        }
    }
    writer.keep_job();
    writer.query(Sql::Commit).run();

    Files& files = commons.files();
    for (const std::string& folder : names_in(files, commons.blobs())) {
        for (const std::string& entry : names_in(files, commons.blobs() / folder)) {
            const std::string name = folder + "/" + entry;
            if (expected.erase(name) == 0) {
                remove_blob(commons, name); // what cannot be removed is looked for again
                ++report.files_removed;
            }
        }
        // What the process that died removed must not come back after a clean end of this one.
        const fs::path path = commons.blobs() / folder;
        if (const int error = commons.fsync() ? files.sync_directory(path.string()) : 0;
            error != 0 && error != ENOTDIR) {
            throw StoreFailure("cannot sync the directory " + path.string() + ": " + why(error));
        }
    }
    report.files_missing = expected.size();
}

} // namespace benchtop::store
