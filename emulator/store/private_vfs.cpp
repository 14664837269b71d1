#include "emulator/store/private_vfs.hpp"

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>

namespace benchtop::store {
namespace {

constexpr const char* kName = "benchtop-private";

// The WAL index's lock bytes of one database: -1 exclusive, else the number of sharers.
using ShmLocks = std::array<std::atomic<int>, SQLITE_SHM_NLOCK>;

// Lies behind the real VFS's file object.
struct Extra {
    std::shared_ptr<ShmLocks> locks;
    unsigned shared = 0; // bits of the slots this file holds
    unsigned exclusive = 0;
};

struct Vfs {
    sqlite3_vfs* real = nullptr;
    sqlite3_vfs shim{};
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<ShmLocks>> databases;
    sqlite3_io_methods methods{}; // the real ones but for locks and close
    const sqlite3_io_methods* real_methods = nullptr;
};

Vfs& vfs() {
    static Vfs instance;
    return instance;
}

// The file object of the real VFS is followed by ours, aligned.
std::size_t extra_offset() {
    constexpr std::size_t kAlign = alignof(Extra);
    return (static_cast<std::size_t>(vfs().real->szOsFile) + kAlign - 1) / kAlign * kAlign;
}

char* extra_address(sqlite3_file* file) {
    return reinterpret_cast<char*>(file) + extra_offset();
}

Extra& extra_of(sqlite3_file* file) {
    return *std::launder(reinterpret_cast<Extra*>(extra_address(file)));
}

void release(Extra& extra, unsigned slots) {
    for (unsigned i = 0; i < SQLITE_SHM_NLOCK; ++i) {
        const unsigned bit = 1u << i;
        if ((slots & bit) == 0) {
            continue;
        }
        if ((extra.exclusive & bit) != 0) {
            (*extra.locks)[i].store(0);
        } else if ((extra.shared & bit) != 0) {
            (*extra.locks)[i].fetch_sub(1);
        }
    }
    extra.exclusive &= ~slots;
    extra.shared &= ~slots;
}

bool take_shared(std::atomic<int>& slot) {
    int seen = slot.load();
    while (seen >= 0) {
        if (slot.compare_exchange_weak(seen, seen + 1)) {
            return true;
        }
    }
    return false;
}

bool take_exclusive(std::atomic<int>& slot) {
    int free = 0;
    return slot.compare_exchange_strong(free, -1);
}

// SQLite asks for one shared slot or a run of exclusive ones, and never waits here.
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
    Extra& extra = extra_of(file);
    const unsigned slots = ((1u << n) - 1) << offset;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        release(extra, slots);
        return SQLITE_OK;
    }
    const bool shared = (flags & SQLITE_SHM_SHARED) != 0;
    unsigned taken = 0;
    for (unsigned i = static_cast<unsigned>(offset); i < static_cast<unsigned>(offset + n); ++i) {
        const unsigned bit = 1u << i;
        unsigned& held = shared ? extra.shared : extra.exclusive;
        if ((held & bit) != 0) {
            continue;
        }
        std::atomic<int>& slot = (*extra.locks)[i];
        if (!(shared ? take_shared(slot) : take_exclusive(slot))) {
            release(extra, taken);
            return SQLITE_BUSY;
        }
        held |= bit;
        taken |= bit;
    }
    return SQLITE_OK;
}

int close_file(sqlite3_file* file) {
    Extra& extra = extra_of(file);
    release(extra, extra.shared | extra.exclusive);
    extra.~Extra();
    return vfs().real_methods->xClose(file);
}

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
    Vfs& self = vfs();
    const int code = self.real->xOpen(self.real, name, file, flags, out_flags);
    // Only a main database has a WAL index; logs, journals and temporary files keep the real
    // methods.
    if (code != SQLITE_OK || name == nullptr || (flags & SQLITE_OPEN_MAIN_DB) == 0) {
        return code;
    }
    const std::lock_guard lock(self.mutex);
    if (self.real_methods == nullptr) {
        self.real_methods = file->pMethods;
        self.methods = *file->pMethods;
        self.methods.xClose = close_file;
        self.methods.xShmLock = shm_lock;
    }
    auto& known = self.databases[name];
    auto locks = known.lock();
    if (!locks) {
        locks = std::make_shared<ShmLocks>();
        known = locks;
    }
    new (extra_address(file)) Extra{std::move(locks), 0, 0};
    file->pMethods = &self.methods;
    return code;
}

} // namespace

const char* private_vfs() {
    static const bool registered = [] {
        Vfs& self = vfs();
        self.real = sqlite3_vfs_find(nullptr);
        self.shim = *self.real;
        self.shim.zName = kName;
        self.shim.pNext = nullptr;
        self.shim.szOsFile = static_cast<int>(extra_offset() + sizeof(Extra));
        self.shim.xOpen = open_file;
        return sqlite3_vfs_register(&self.shim, 0) == SQLITE_OK;
    }();
    return registered ? kName : nullptr;
}

} // namespace benchtop::store
