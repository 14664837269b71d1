#include "emulator/store/blob_directory.hpp"

#include <algorithm>

namespace benchtop::store {
namespace {

// What SQLite takes as one value (SQLITE_MAX_LENGTH is 1e9), with room for the record around it.
constexpr std::uint64_t kValueMax = 999'000'000;

class FileStager final : public BodyStager {
public:
    FileStager(Files& files, std::string path, std::optional<std::uint64_t> declared, bool fsync)
        : files_(files)
        , path_(std::move(path))
        , fsync_(fsync)
        , body_(std::make_unique<StagedBody>()) {
        if (declared > kSmallBodyMax) {
            failed_ = !open_file();
        } else if (declared) {
            body_->small.reserve(static_cast<std::size_t>(*declared));
        }
    }

    bool append(ByteView bytes) override {
        if (failed_) {
            return false;
        }
        body_->size += bytes.size();
        if (!body_->file && body_->size <= kSmallBodyMax) {
            body_->small.append(as_text(bytes));
            return true;
        }
        if (!body_->file) {
            failed_ = !open_file() || !write(as_bytes(body_->small));
            std::string().swap(body_->small);
        }
        failed_ = failed_ || !write(bytes);
        if (failed_) {
            body_->file.reset(); // gives the space back at once
        }
        return !failed_;
    }

    std::unique_ptr<StagedBody> finish() override {
        if (failed_ || (body_->file && fsync_ && body_->file->content().sync() != 0)) {
            return nullptr;
        }
        failed_ = true; // nothing can follow
        if (body_->file && body_->size <= kSmallBodyMax && !read_back()) {
            return nullptr;
        }
        return std::move(body_);
    }

private:
    bool open_file() {
        std::unique_ptr<WritableFile> file;
        if (files_.create(path_, file) != 0) {
            return false;
        }
        body_->file = std::make_shared<StagedFile>(files_, path_, std::move(file));
        return true;
    }

    bool write(ByteView bytes) { return body_->file->content().append(bytes) == 0; }

    // The body was announced larger than it came.
    bool read_back() {
        body_->small.resize(static_cast<std::size_t>(body_->size));
        if (body_->file->content().read(0, body_->small) != 0) {
            return false;
        }
        body_->file.reset();
        return true;
    }

    Files& files_;
    std::string path_;
    bool fsync_;
    bool failed_ = false;
    std::unique_ptr<StagedBody> body_;
};

class MemoryStager final : public BodyStager {
public:
    explicit MemoryStager(std::optional<std::uint64_t> declared)
        : body_(std::make_unique<StagedBody>()) {
        body_->small.reserve(
            static_cast<std::size_t>(std::min(declared.value_or(0), std::uint64_t{1} << 20))
        );
    }

    bool append(ByteView bytes) override {
        if (!body_ || body_->size + bytes.size() > kValueMax) {
            body_.reset();
            return false;
        }
        body_->small.append(as_text(bytes));
        body_->size += bytes.size();
        return true;
    }

    std::unique_ptr<StagedBody> finish() override { return std::move(body_); }

private:
    std::unique_ptr<StagedBody> body_;
};

} // namespace

StagedFile::StagedFile(Files& files, std::string path, std::unique_ptr<WritableFile> content)
    : files_(files)
    , path_(std::move(path))
    , content_(std::move(content)) {}

StagedFile::~StagedFile() {
    if (owned_) {
        files_.remove(path_); // what stays is removed at the next start
    }
}

std::unique_ptr<BodyStager> make_file_stager(
    Files& files, std::string path, std::optional<std::uint64_t> declared, bool fsync
) {
    return std::make_unique<FileStager>(files, std::move(path), declared, fsync);
}

std::unique_ptr<BodyStager> make_memory_stager(std::optional<std::uint64_t> declared) {
    return std::make_unique<MemoryStager>(declared);
}

} // namespace benchtop::store
