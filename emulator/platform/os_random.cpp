#include "emulator/platform/os_random.hpp"

#include "emulator/core/assert.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/random.h>

namespace benchtop::platform {
namespace {

void from_kernel(std::span<char> bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::getrandom(bytes.data(), bytes.size(), 0);
        BT_ASSERT(n > 0 || errno == EINTR);
        if (n > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(n));
        }
    }
}

struct Pool {
    std::array<char, 4096> bytes{};
    std::size_t used = 4096;
};

} // namespace

void OsRandom::fill(RandomStream stream, std::span<char> bytes) {
    thread_local Pool pool;
    // Secrets come straight from the kernel and leave no copy in the pool.
    if (stream == RandomStream::Secrets || bytes.size() > pool.bytes.size() / 4) {
        from_kernel(bytes);
        return;
    }
    if (pool.bytes.size() - pool.used < bytes.size()) {
        from_kernel(pool.bytes);
        pool.used = 0;
    }
    std::memcpy(bytes.data(), pool.bytes.data() + pool.used, bytes.size());
    pool.used += bytes.size();
}

} // namespace benchtop::platform
