// A body that has arrived whole but belongs to no object yet.
//
// Small bodies stay in memory and become a row; large ones were streamed to a file under staging/
// and are renamed into place by the transaction that references them. Dropping an unused StagedBody
// removes its file; a crash leaves it to start-up recovery.
#pragma once

#include "emulator/core/encoding.hpp"
#include "emulator/store/files.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace benchtop::store {

// A file under staging/, deleted with this object unless it was adopted.
class StagedFile {
public:
    // `files` outlives this object.
    StagedFile(Files& files, std::string path, std::unique_ptr<WritableFile> content);
    ~StagedFile();
    StagedFile(const StagedFile&) = delete;
    StagedFile& operator=(const StagedFile&) = delete;

    const std::string& path() const { return path_; }

    WritableFile& content() { return *content_; }

    // The file has been renamed into place: nothing to delete any more.
    void adopted() { owned_ = false; }

private:
    Files& files_;
    std::string path_;
    std::unique_ptr<WritableFile> content_;
    bool owned_ = true;
};

struct StagedBody {
    std::uint64_t size = 0;
    std::string small;                // when file is null
    std::shared_ptr<StagedFile> file; // large body
};

// Bodies up to this size are rows (a file per small object costs more than the row).
inline constexpr std::uint64_t kSmallBodyMax = 256 * 1024;

// Takes a body of unknown or declared length piece by piece. Created by Store::stage().
class BodyStager {
public:
    virtual ~BodyStager() = default;
    // Writes at the end. false: the disk refused (full, I/O error); the stager is then useless.
    virtual bool append(ByteView bytes) = 0;
    // Ends the body. nullopt after a refusal.
    virtual std::unique_ptr<StagedBody> finish() = 0;
};

} // namespace benchtop::store
