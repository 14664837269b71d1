#include "emulator/store/blob_directory.hpp"

#include "emulator/store/connection.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <unordered_set>

namespace benchtop::store {
namespace {

namespace fs = std::filesystem;

std::string why(int error) {
    return std::generic_category().message(error);
}

void make_directory(const fs::path& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        throw StoreFailure("cannot create the directory " + path.string() + ": " + why(errno));
    }
}

void sync_directory(const fs::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        throw StoreFailure("cannot open the directory " + path.string() + ": " + why(errno));
    }
    const int code = ::fsync(fd);
    const int error = errno;
    ::close(fd);
    if (code != 0) {
        throw StoreFailure("cannot sync the directory " + path.string() + ": " + why(error));
    }
}

} // namespace

DataDirectory::DataDirectory(const fs::path& path)
    : path_(path) {
    std::error_code error;
    if (path_.has_parent_path()) {
        fs::create_directories(path_.parent_path(), error);
        if (error) {
            throw StoreFailure(
                "cannot create the directory " + path_.parent_path().string() + ": " +
                error.message()
            );
        }
    }
    make_directory(path_);
    const fs::path lock = path_ / "lock";
    lock_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) {
        throw StoreFailure("cannot write in the directory " + path_.string() + ": " + why(errno));
    }
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        const int failed = errno;
        ::close(lock_);
        if (failed == EWOULDBLOCK) {
            throw StoreFailure(
                "the directory " + path_.string() +
                " is in use by another Benchtop: stop it or choose another data directory"
            );
        }
        throw StoreFailure("cannot lock the directory " + path_.string() + ": " + why(failed));
    }
    try {
        make_directory(staging());
        make_directory(blobs());
    } catch (const StoreFailure&) {
        ::close(lock_);
        throw;
    }
}

DataDirectory::~DataDirectory() {
    ::close(lock_);
}

bool DataDirectory::take_clean_marker(bool fsync) {
    const bool clean = ::unlink((path_ / "clean").c_str()) == 0;
    if (clean && fsync) {
        sync_directory(path_);
    }
    return clean;
}

void DataDirectory::put_clean_marker() {
    const int fd = ::open((path_ / "clean").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        ::close(fd); // without it the next start only looks more closely
    }
}

std::size_t DataDirectory::empty_staging() {
    std::size_t removed = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(staging(), error)) {
        removed += ::unlink(entry.path().c_str()) == 0 ? 1 : 0;
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
    const fs::path target = commons.blobs() / name;
    if (::rename(file.path().c_str(), target.c_str()) != 0) {
        if (errno == ENOENT) {
            make_directory(target.parent_path());
            if (commons.fsync()) {
                sync_directory(commons.blobs());
            }
        }
        if (::rename(file.path().c_str(), target.c_str()) != 0) {
            throw StoreFailure("cannot move a body to " + target.string() + ": " + why(errno));
        }
    }
    file.adopted();
    if (commons.fsync()) {
        sync_directory(target.parent_path());
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

    std::error_code error;
    for (const auto& folder : fs::directory_iterator(commons.blobs(), error)) {
        std::error_code inner;
        for (const auto& entry : fs::directory_iterator(folder.path(), inner)) {
            const std::string name =
                folder.path().filename().string() + "/" + entry.path().filename().string();
            if (expected.erase(name) == 0 && ::unlink(entry.path().c_str()) == 0) {
                ++report.files_removed;
            }
        }
    }
    report.files_missing = expected.size();
}

} // namespace benchtop::store
