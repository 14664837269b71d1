#include "emulator/store/blob_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace benchtop::store {
namespace {

// What SQLite takes as one value (SQLITE_MAX_LENGTH is 1e9), with room for the record around it.
constexpr std::uint64_t kValueMax = 999'000'000;

bool write_all(int fd, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

class FileStager final : public BodyStager {
public:
    FileStager(std::string path, std::optional<std::uint64_t> declared, bool fsync)
        : path_(std::move(path))
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
            failed_ = !open_file() || !write_all(body_->file->fd(), as_bytes(body_->small));
            std::string().swap(body_->small);
        }
        failed_ = failed_ || !write_all(body_->file->fd(), bytes);
        if (failed_) {
            body_->file.reset(); // gives the space back at once
        }
        return !failed_;
    }

    std::unique_ptr<StagedBody> finish() override {
        if (failed_ || (body_->file && fsync_ && ::fdatasync(body_->file->fd()) != 0)) {
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
        const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) {
            return false;
        }
        body_->file = std::make_shared<StagedFile>(path_, fd);
        return true;
    }

    // The body was announced larger than it came.
    bool read_back() {
        body_->small.resize(static_cast<std::size_t>(body_->size));
        std::size_t got = 0;
        while (got < body_->small.size()) {
            const ssize_t n = ::pread(
                body_->file->fd(),
                body_->small.data() + got,
                body_->small.size() - got,
                static_cast<off_t>(got)
            );
            if (n <= 0) {
                return false;
            }
            got += static_cast<std::size_t>(n);
        }
        body_->file.reset();
        return true;
    }

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

StagedFile::StagedFile(std::string path, int fd)
    : path_(std::move(path))
    , fd_(fd) {}

StagedFile::~StagedFile() {
    if (owned_) {
        ::unlink(path_.c_str());
    }
    ::close(fd_);
}

std::unique_ptr<BodyStager>
make_file_stager(std::string path, std::optional<std::uint64_t> declared, bool fsync) {
    return std::make_unique<FileStager>(std::move(path), declared, fsync);
}

std::unique_ptr<BodyStager> make_memory_stager(std::optional<std::uint64_t> declared) {
    return std::make_unique<MemoryStager>(declared);
}

} // namespace benchtop::store
