// SQLite's file access for a database that only this process opens (its directory is locked).
//
// In WAL mode every read transaction takes and gives back a lock that other processes could see:
// two system calls and a global mutex, more than the read itself. Here the same locks are counters
// in memory.
#pragma once

namespace benchtop::store {

// Name for sqlite3_open_v2; registers the VFS on first use. Thread-safe.
const char* private_vfs();

} // namespace benchtop::store
