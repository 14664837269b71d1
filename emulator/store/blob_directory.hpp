// The data directory: DIR/benchtop.db, DIR/lock, DIR/clean, DIR/staging/ and DIR/blobs/xx/ with the
// large bodies, named by their id. A file under blobs/ is made by rename before the commit that
// references it and removed after the commit that drops its last reference, so a crash can leave a
// file without a row but never a row without its file.
#pragma once

#include "emulator/store/effects.hpp"
#include "emulator/store/staged_body.hpp"
#include "emulator/store/store.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace benchtop::store {

class Connection;

// The directory, locked for this process while the object lives. Throws StoreFailure with the
// sentence for the user.
class DataDirectory {
public:
    DataDirectory(const std::filesystem::path& path, Files& files);

    std::string database() const { return (path_ / "benchtop.db").string(); }

    std::filesystem::path staging() const { return path_ / "staging"; }

    std::filesystem::path blobs() const { return path_ / "blobs"; }

    // Makes the names of all directories durable.
    void sync_names();
    // Whether the last process stopped in good order. From here on it is not: the marker is gone.
    bool take_clean_marker(bool fsync);
    void put_clean_marker();
    // Removes everything under staging/; the number of files.
    std::size_t empty_staging();

private:
    Files& files_;
    std::filesystem::path path_;
    std::unique_ptr<FileLock> lock_;
};

// "3f/000000000000003f": where the file of body `id` lies under blobs/.
std::string blob_name(BodyId id);
// Renames the staged file to blobs/`name`, durably when the store is to survive the loss of power.
// Throws StoreFailure.
void adopt_blob(const Commons& commons, StagedFile& file, const std::string& name);
// Now, or when nobody reads it any more. Best effort: what stays is removed by the recovery after
// an unclean end.
void remove_blob(const Commons& commons, const std::string& name);

// Makes files and rows agree after an unclean end.
void recover_blobs(Connection& writer, const Commons& commons, RecoveryReport& report);

// A stager that writes a large body to the new file `path`.
std::unique_ptr<BodyStager>
make_file_stager(Files& files, std::string path, std::optional<std::uint64_t> declared, bool fsync);
// A stager that keeps everything in memory, up to what SQLite takes as one value.
std::unique_ptr<BodyStager> make_memory_stager(std::optional<std::uint64_t> declared);

} // namespace benchtop::store
