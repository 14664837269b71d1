// SQLite's face of the simulated disk. The WAL index lives in memory, and locks are counters: one
// thread, one process.
#include "emulator/core/assert.hpp"
#include "harness/simulated_disk.hpp"

#include <cerrno>
#include <cstring>
#include <new>

namespace benchtop::harness {
namespace {

struct Opened {
    SimulatedDisk* disk = nullptr;
    SimulatedDisk::NodePtr node;
    std::string path;
    bool sync_directory = false; // a new journal's name is made durable with its first sync
    bool delete_on_close = false;
    int lock = SQLITE_LOCK_NONE;
    bool mapped = false;
    unsigned shared = 0; // slots of the index
    unsigned exclusive = 0;
};

struct File {
    sqlite3_file base;
    Opened* opened;
};

Opened& of(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file)->opened;
}

SimulatedDisk& disk_of(sqlite3_vfs* vfs) {
    return *static_cast<SimulatedDisk*>(vfs->pAppData);
}

SimulatedIndex& index_of(Opened& opened) {
    if (!opened.node->index) {
        opened.node->index = std::make_unique<SimulatedIndex>();
    }
    return *opened.node->index;
}

void release(Opened& opened, unsigned slots) {
    SimulatedIndex& index = index_of(opened);
    for (std::size_t i = 0; i < SQLITE_SHM_NLOCK; ++i) {
        const unsigned bit = 1u << i;
        if ((slots & opened.exclusive & bit) != 0) {
            index.slots[i] = 0;
        } else if ((slots & opened.shared & bit) != 0) {
            --index.slots[i];
        }
    }
    opened.exclusive &= ~slots;
    opened.shared &= ~slots;
}

int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
    Opened& opened = of(file);
    SimulatedIndex& index = index_of(opened);
    const unsigned slots = ((1u << n) - 1) << offset;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        release(opened, slots);
        return SQLITE_OK;
    }
    const bool sharing = (flags & SQLITE_SHM_SHARED) != 0;
    unsigned& held = sharing ? opened.shared : opened.exclusive;
    for (int i = offset; i < offset + n; ++i) {
        const int slot = index.slots[static_cast<std::size_t>(i)];
        if ((held & (1u << i)) == 0 && (sharing ? slot < 0 : slot != 0)) {
            return SQLITE_BUSY;
        }
    }
    for (int i = offset; i < offset + n; ++i) {
        if ((held & (1u << i)) == 0) {
            int& slot = index.slots[static_cast<std::size_t>(i)];
            slot = sharing ? slot + 1 : -1;
            held |= 1u << i;
        }
    }
    return SQLITE_OK;
}

int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    Opened& opened = of(file);
    SimulatedIndex& index = index_of(opened);
    if (!opened.mapped) {
        opened.mapped = true;
        ++index.users;
    }
    const auto wanted = static_cast<std::size_t>(region);
    while (extend != 0 && index.regions.size() <= wanted) {
        index.regions.push_back(std::make_unique<std::string>(static_cast<std::size_t>(size), '\0')
        );
    }
    *out = wanted < index.regions.size() ? index.regions[wanted]->data() : nullptr;
    return SQLITE_OK;
}

int shm_unmap(sqlite3_file* file, int) {
    Opened& opened = of(file);
    if (opened.mapped) {
        opened.mapped = false;
        SimulatedIndex& index = index_of(opened);
        if (--index.users == 0) {
            index.regions.clear();
        }
    }
    return SQLITE_OK;
}

void shm_barrier(sqlite3_file*) {}

int lock(sqlite3_file* file, int level) {
    Opened& opened = of(file);
    SimulatedIndex& index = index_of(opened);
    if (opened.lock >= level) {
        return SQLITE_OK;
    }
    if (index.exclusive != nullptr && index.exclusive != &opened) {
        return SQLITE_BUSY;
    }
    if (level == SQLITE_LOCK_SHARED) {
        ++index.shared;
    } else if (index.reserved != nullptr && index.reserved != &opened) {
        return SQLITE_BUSY;
    } else if (level == SQLITE_LOCK_EXCLUSIVE) {
        if (index.shared > 1) {
            return SQLITE_BUSY;
        }
        index.exclusive = &opened;
    } else {
        index.reserved = &opened;
    }
    opened.lock = level;
    return SQLITE_OK;
}

int unlock(sqlite3_file* file, int level) {
    Opened& opened = of(file);
    SimulatedIndex& index = index_of(opened);
    if (opened.lock <= level) {
        return SQLITE_OK;
    }
    if (index.exclusive == &opened) {
        index.exclusive = nullptr;
    }
    if (index.reserved == &opened) {
        index.reserved = nullptr;
    }
    if (level == SQLITE_LOCK_NONE) {
        --index.shared;
    }
    opened.lock = level;
    return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* out) {
    *out = index_of(of(file)).reserved != nullptr ? 1 : 0;
    return SQLITE_OK;
}

int close(sqlite3_file* file) {
    Opened* const opened = reinterpret_cast<File*>(file)->opened;
    unlock(file, SQLITE_LOCK_NONE);
    release(*opened, opened->shared | opened->exclusive);
    shm_unmap(file, 0);
    if (opened->delete_on_close) {
        opened->disk->remove(opened->path);
    }
    delete opened;
    return SQLITE_OK;
}

int read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
    Opened& opened = of(file);
    if (opened.disk->read(*opened.node, opened.path) != 0) {
        return SQLITE_IOERR_READ;
    }
    const std::string& content = opened.node->content;
    const auto wanted = static_cast<std::size_t>(amount);
    const auto from = std::min(static_cast<std::size_t>(offset), content.size());
    const std::size_t got = content.copy(static_cast<char*>(out), wanted, from);
    std::memset(static_cast<char*>(out) + got, 0, wanted - got);
    return got == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* bytes, int amount, sqlite3_int64 offset) {
    Opened& opened = of(file);
    const int error = opened.disk->write(
        *opened.node,
        opened.path,
        static_cast<std::uint64_t>(offset),
        {static_cast<const char*>(bytes), static_cast<std::size_t>(amount)}
    );
    return error == 0 ? SQLITE_OK : error == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Opened& opened = of(file);
    const auto bytes = static_cast<std::uint64_t>(size);
    return opened.disk->truncate(*opened.node, opened.path, bytes) == 0 ? SQLITE_OK
                                                                        : SQLITE_IOERR_TRUNCATE;
}

std::string directory_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

int sync(sqlite3_file* file, int) {
    Opened& opened = of(file);
    if (opened.disk->sync(*opened.node, opened.path) != 0) {
        return SQLITE_IOERR_FSYNC;
    }
    if (opened.sync_directory) {
        if (opened.disk->sync_directory(directory_of(opened.path)) != 0) {
            return SQLITE_IOERR_DIR_FSYNC;
        }
        opened.sync_directory = false;
    }
    return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(of(file).node->content.size());
    return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) {
    return 4096;
}

int characteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

constexpr sqlite3_io_methods kMethods{
    2,
    close,
    read,
    write,
    truncate,
    sync,
    file_size,
    lock,
    unlock,
    check_reserved,
    file_control,
    sector_size,
    characteristics,
    shm_map,
    shm_lock,
    shm_barrier,
    shm_unmap,
    nullptr,
    nullptr,
};

int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
    file->pMethods = nullptr;
    BT_ASSERT(name != nullptr); // temporary files are kept in memory
    SimulatedDisk& disk = disk_of(vfs);
    SimulatedDisk::NodePtr node = disk.find(name);
    bool made = false;
    if (disk.crashed()) {
        return SQLITE_CANTOPEN;
    }
    if (!node) {
        if ((flags & SQLITE_OPEN_CREATE) == 0 || disk.make(name, false, node) != 0) {
            return SQLITE_CANTOPEN;
        }
        made = true;
    }
    constexpr int kJournals =
        SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    auto opened = std::make_unique<Opened>();
    opened->disk = &disk;
    opened->node = std::move(node);
    opened->path = name;
    opened->sync_directory = made && (flags & kJournals) != 0;
    opened->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    auto* const handle = reinterpret_cast<File*>(file);
    handle->opened = opened.release();
    handle->base.pMethods = &kMethods;
    if (out_flags != nullptr) {
        *out_flags = flags;
    }
    return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    SimulatedDisk& disk = disk_of(vfs);
    const int error = disk.remove(name);
    if (error != 0) {
        return error == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
    }
    if (sync_directory != 0 && disk.sync_directory(directory_of(name)) != 0) {
        return SQLITE_IOERR_DIR_FSYNC;
    }
    return SQLITE_OK;
}

int access(sqlite3_vfs* vfs, const char* name, int, int* out) {
    const SimulatedDisk::NodePtr node = disk_of(vfs).find(name);
    *out = node && !node->content.empty() ? 1 : 0;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    const std::size_t length = std::strlen(name);
    if (length + 1 > static_cast<std::size_t>(size)) {
        return SQLITE_CANTOPEN;
    }
    std::memcpy(out, name, length + 1);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int amount, char* out) {
    for (int i = 0; i < amount; ++i) {
        out[i] = static_cast<char>(disk_of(vfs).draw(256));
    }
    return amount;
}

int wait(sqlite3_vfs*, int microseconds) {
    return microseconds;
}

int current_time(sqlite3_vfs*, double* out) {
    *out = 2'460'000.5; // nothing in the store asks SQLite for the time
    return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

} // namespace

bool register_simulated_vfs(SimulatedDisk& disk, sqlite3_vfs& vfs, const char* name) {
    vfs.iVersion = 1;
    vfs.szOsFile = sizeof(File);
    vfs.mxPathname = 512;
    vfs.zName = name;
    vfs.pAppData = &disk;
    vfs.xOpen = open;
    vfs.xDelete = remove;
    vfs.xAccess = access;
    vfs.xFullPathname = full_path;
    vfs.xRandomness = randomness;
    vfs.xSleep = wait;
    vfs.xCurrentTime = current_time;
    vfs.xGetLastError = last_error;
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
}

} // namespace benchtop::harness
