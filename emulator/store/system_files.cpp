#include "emulator/store/files.hpp"
#include "emulator/store/private_vfs.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace benchtop::store {
namespace {

namespace fs = std::filesystem;

int answer(int code) {
    return code == 0 ? 0 : errno;
}

// Closes without touching errno.
class Descriptor {
public:
    explicit Descriptor(int fd)
        : fd_(fd) {}

    ~Descriptor() {
        if (fd_ >= 0) {
            const int kept = errno;
            ::close(fd_);
            errno = kept;
        }
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_;
};

class SystemWritableFile final : public WritableFile {
public:
    explicit SystemWritableFile(int fd)
        : fd_(fd) {}

    int append(ByteView bytes) override {
        while (!bytes.empty()) {
            const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
            if (written < 0) {
                if (errno == EINTR) {
                    continue;
                }
                return errno;
            }
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
        return 0;
    }

    int sync() override { return answer(::fdatasync(fd_.get())); }

    int read(std::uint64_t offset, std::span<char> bytes) override {
        while (!bytes.empty()) {
            const ssize_t n =
                ::pread(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (n < 0 && errno == EINTR) {
                continue;
            }
            if (n <= 0) {
                return n == 0 ? EIO : errno;
            }
            offset += static_cast<std::uint64_t>(n);
            bytes = bytes.subspan(static_cast<std::size_t>(n));
        }
        return 0;
    }

private:
    Descriptor fd_;
};

class SystemLock final : public FileLock {
public:
    explicit SystemLock(int fd)
        : fd_(fd) {}

private:
    Descriptor fd_;
};

class SystemFiles final : public Files {
public:
    int make_directory(const std::string& path) override {
        return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST ? 0 : errno;
    }

    int make_directories(const std::string& path) override {
        std::error_code error;
        fs::create_directories(path, error);
        return error.value();
    }

    int sync_directory(const std::string& path) override {
        const Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return fd ? answer(::fsync(fd.get())) : errno;
    }

    int list(const std::string& path, std::vector<std::string>& names) override {
        std::error_code error;
        for (fs::directory_iterator entry(path, error), end; !error && entry != end;
             entry.increment(error)) {
            names.push_back(entry->path().filename().string());
        }
        return error.value();
    }

    int lock(const std::string& path, std::unique_ptr<FileLock>& lock) override {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0) {
            return errno;
        }
        auto held = std::make_unique<SystemLock>(fd);
        if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
            return errno;
        }
        lock = std::move(held);
        return 0;
    }

    int create(const std::string& path, std::unique_ptr<WritableFile>& file) override {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) {
            return errno;
        }
        file = std::make_unique<SystemWritableFile>(fd);
        return 0;
    }

    int touch(const std::string& path) override {
        const Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        return fd ? 0 : errno;
    }

    int open(const std::string& path, std::shared_ptr<const FileHandle>& file) override {
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            return errno;
        }
        file = std::make_shared<const FileHandle>(fd);
        return 0;
    }

    bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

    int rename(const std::string& from, const std::string& to) override {
        return answer(::rename(from.c_str(), to.c_str()));
    }

    int remove(const std::string& path) override { return answer(::unlink(path.c_str())); }

    const char* database_vfs() override { return private_vfs(); }
};

} // namespace

Files& system_files() {
    static SystemFiles files;
    return files;
}

} // namespace benchtop::store
