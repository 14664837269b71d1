#include "emulator/archive/zip.hpp"

#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <zip.h>

namespace benchtop::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameBytesMax = 4096;
constexpr std::size_t kLinkBytesMax = 4096;

struct ArchiveClose {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};

struct FileClose {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};

using Archive = std::unique_ptr<zip_t, ArchiveClose>;
using File = std::unique_ptr<zip_file_t, FileClose>;

Archive open_archive(std::string_view bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    Archive archive;
    if (source != nullptr) {
        archive.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
        if (!archive) {
            zip_source_free(source);
        }
    }
    zip_error_fini(&error);
    return archive;
}

// Parts of a relative path that stays inside; nullopt: it does not.
std::optional<fs::path> inner_path(std::string_view name) {
    if (name.empty() || name.front() == '/' || name.size() > kNameBytesMax ||
        name.find('\0') != std::string_view::npos || name.find('\\') != std::string_view::npos) {
        return std::nullopt;
    }
    fs::path path;
    while (!name.empty()) {
        const std::size_t end = std::min(name.find('/'), name.size());
        const std::string_view part = name.substr(0, end);
        name.remove_prefix(std::min(end + 1, name.size()));
        if (part == "..") {
            return std::nullopt;
        }
        if (!part.empty() && part != ".") {
            path /= part;
        }
    }
    return path;
}

struct Attributes {
    std::uint32_t mode = 0;
    bool symbolic_link = false;
};

Attributes attributes_of(zip_t* archive, zip_uint64_t index) {
    zip_uint8_t system = 0;
    zip_uint32_t external = 0;
    Attributes found;
    if (zip_file_get_external_attributes(archive, index, 0, &system, &external) == 0 &&
        (system == ZIP_OPSYS_UNIX || system == ZIP_OPSYS_OS_X)) {
        found.mode = (external >> 16) & 07777;
        found.symbolic_link = S_ISLNK(external >> 16);
    }
    return found;
}

ZipFault list(zip_t* archive, ZipSummary& summary) {
    const zip_int64_t count = zip_get_num_entries(archive, 0);
    if (static_cast<std::size_t>(count) > kEntriesMax) {
        return ZipFault::TooLarge;
    }
    bool any_file = false;
    for (zip_int64_t i = 0; i < count; ++i) {
        const auto index = static_cast<zip_uint64_t>(i);
        zip_stat_t stat;
        if (zip_stat_index(archive, index, ZIP_FL_ENC_RAW, &stat) != 0 ||
            (stat.valid & (ZIP_STAT_NAME | ZIP_STAT_SIZE)) != (ZIP_STAT_NAME | ZIP_STAT_SIZE)) {
            return ZipFault::NotZip;
        }
        if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
            stat.encryption_method != ZIP_EM_NONE) {
            return ZipFault::NotZip;
        }
        ZipEntry entry;
        entry.name = stat.name;
        entry.size = stat.size;
        const Attributes attributes = attributes_of(archive, index);
        entry.mode = attributes.mode;
        entry.symbolic_link = attributes.symbolic_link;
        const auto path = inner_path(entry.name);
        if (!path || (path->empty() && !entry.name.ends_with('/'))) {
            return ZipFault::BadName;
        }
        if (entry.size > kUnzippedBytesMax ||
            (summary.unzipped_bytes += entry.size) > kUnzippedBytesMax) {
            return ZipFault::TooLarge;
        }
        any_file |= !entry.name.ends_with('/');
        summary.entries.push_back(std::move(entry));
    }
    return any_file ? ZipFault::None : ZipFault::Empty;
}

class Descriptor {
public:
    explicit Descriptor(int fd)
        : fd_(fd) {}

    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

private:
    int fd_;
};

bool write_all(int fd, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t n = ::write(fd, data, size);
        if (n < 0) {
            return false;
        }
        data += n;
        size -= static_cast<std::size_t>(n);
    }
    return true;
}

enum class Copied { Done, Damaged, TooLarge, DiskFailed };

// `budget`: what may still come out of the whole archive.
Copied copy_entry(zip_t* archive, zip_uint64_t index, int fd, std::uint64_t& budget) {
    const File file(zip_fopen_index(archive, index, 0));
    if (!file) {
        return Copied::Damaged;
    }
    std::string buffer(256 * 1024, '\0');
    for (;;) {
        const zip_int64_t n = zip_fread(file.get(), buffer.data(), buffer.size());
        if (n < 0) {
            return Copied::Damaged;
        }
        if (n == 0) {
            return Copied::Done;
        }
        if (static_cast<std::uint64_t>(n) > budget) {
            return Copied::TooLarge;
        }
        budget -= static_cast<std::uint64_t>(n);
        if (!write_all(fd, buffer.data(), static_cast<std::size_t>(n))) {
            return Copied::DiskFailed;
        }
    }
}

std::optional<std::string> read_entry(zip_t* archive, zip_uint64_t index, std::size_t bytes_max) {
    const File file(zip_fopen_index(archive, index, 0));
    if (!file) {
        return std::nullopt;
    }
    std::string text(bytes_max + 1, '\0');
    std::size_t size = 0;
    for (;;) {
        const zip_int64_t n = zip_fread(file.get(), text.data() + size, text.size() - size);
        if (n < 0) {
            return std::nullopt;
        }
        size += static_cast<std::size_t>(n);
        if (size > bytes_max) {
            return std::nullopt;
        }
        if (n == 0) {
            text.resize(size);
            return text;
        }
    }
}

AwsError disk_error(const fs::path& where) {
    return AwsError(500, "ServiceException", "Cannot write " + where.string() + ".");
}

// The target of a link stays inside the archive's directory.
bool link_stays_inside(const fs::path& link, const std::string& target) {
    if (target.empty() || target.front() == '/' || target.find('\0') != std::string::npos) {
        return false;
    }
    const fs::path resolved = (link.parent_path() / target).lexically_normal();
    return resolved.empty() || *resolved.begin() != "..";
}

// Links come last, so that no file is ever written through one.
Result<ZipFault> make_links(zip_t* archive, const ZipSummary& summary, const fs::path& directory) {
    for (std::size_t i = 0; i < summary.entries.size(); ++i) {
        const ZipEntry& entry = summary.entries[i];
        if (!entry.symbolic_link) {
            continue;
        }
        const auto target = read_entry(archive, i, kLinkBytesMax);
        const fs::path inner = inner_path(entry.name).value();
        if (!target) {
            return ZipFault::NotZip;
        }
        if (!link_stays_inside(inner, *target)) {
            return ZipFault::BadName;
        }
        std::error_code ec;
        fs::create_directories((directory / inner).parent_path(), ec);
        fs::create_symlink(*target, directory / inner, ec);
        if (ec) {
            return ZipFault::BadName; // two entries of one name, or a link below a link
        }
    }
    return ZipFault::None;
}

Result<ZipFault> make_files(zip_t* archive, const ZipSummary& summary, const fs::path& directory) {
    std::uint64_t budget = kUnzippedBytesMax;
    for (std::size_t i = 0; i < summary.entries.size(); ++i) {
        const ZipEntry& entry = summary.entries[i];
        const fs::path path = directory / inner_path(entry.name).value();
        std::error_code ec;
        if (entry.name.ends_with('/')) {
            fs::create_directories(path, ec);
            if (ec) {
                return ZipFault::BadName;
            }
            continue;
        }
        if (entry.symbolic_link) {
            continue;
        }
        fs::create_directories(path.parent_path(), ec);
        if (ec) {
            return ZipFault::BadName; // a file stands where a directory is wanted
        }
        // Later entries of one name win, as with unzip.
        const Descriptor file(
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)
        );
        if (file.get() < 0) {
            return disk_error(path);
        }
        switch (copy_entry(archive, i, file.get(), budget)) {
        case Copied::Done:
            break;
        case Copied::Damaged:
            return ZipFault::NotZip;
        case Copied::TooLarge:
            return ZipFault::TooLarge;
        case Copied::DiskFailed:
            return disk_error(path);
        }
        // Lambda shows what is in the archive read-only; without Unix modes nothing is executable.
        const mode_t executable = (entry.mode & 0111) != 0 ? 0111 : 0;
        const mode_t readable = entry.mode == 0 ? 0444 : entry.mode & 0444;
        if (::fchmod(file.get(), readable | executable) != 0) {
            return disk_error(path);
        }
    }
    return make_links(archive, summary, directory);
}

} // namespace

ZipSummary inspect_zip(std::string_view bytes) {
    ZipSummary summary;
    const Archive archive = open_archive(bytes);
    summary.fault = archive ? list(archive.get(), summary) : ZipFault::NotZip;
    if (summary.fault != ZipFault::None) {
        summary.entries.clear();
    }
    return summary;
}

Result<ZipFault> unpack_zip(std::string_view bytes, const fs::path& directory) {
    ZipSummary summary;
    const Archive archive = open_archive(bytes);
    const ZipFault fault = archive ? list(archive.get(), summary) : ZipFault::NotZip;
    if (fault != ZipFault::None) {
        return fault;
    }
    std::error_code ec;
    if (!fs::create_directories(directory, ec)) {
        return disk_error(directory);
    }
    auto made = make_files(archive.get(), summary, directory);
    if (!made || *made != ZipFault::None) {
        fs::remove_all(directory, ec);
    }
    return made;
}

std::optional<std::string>
read_zip_entry(std::string_view bytes, std::string_view name, std::size_t bytes_max) {
    const Archive archive = open_archive(bytes);
    if (!archive) {
        return std::nullopt;
    }
    const zip_int64_t index =
        zip_name_locate(archive.get(), std::string(name).c_str(), ZIP_FL_ENC_RAW);
    return index < 0 ? std::nullopt
                     : read_entry(archive.get(), static_cast<zip_uint64_t>(index), bytes_max);
}

} // namespace benchtop::archive
