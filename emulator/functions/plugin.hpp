// Handlers as plugins: from a shared object, or linked into the program
// (handlers/hosts/plugins.hpp).
#pragma once

#include "emulator/core/result.hpp"
#include "handlers/aws/plugin_abi.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::functions {

// A plugin that can be called; keeps its shared object loaded.
class Plugin {
public:
    // The error is one sentence that names the file and what is wrong with it.
    static Result<std::shared_ptr<const Plugin>> load(const std::string& path);
    // `table` outlives the Plugin.
    static Result<std::shared_ptr<const Plugin>> adopt(const benchtop_plugin* table);

    ~Plugin();
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    const std::string& name() const { return name_; }

    const benchtop_plugin& table() const { return *table_; }

    bool has_init() const;

private:
    Plugin(const benchtop_plugin* table, void* library);

    const benchtop_plugin* table_;
    void* library_; // null for a plugin linked into the program
    std::string name_;
};

// The plugins functions can name as their code. Thread-safe.
class PluginRegistry {
public:
    // Replaces an earlier plugin of the same name; running environments keep theirs.
    void add(std::shared_ptr<const Plugin> plugin);
    std::shared_ptr<const Plugin> find(std::string_view name) const;
    std::vector<std::string> names() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const Plugin>, std::less<>> plugins_;
};

} // namespace benchtop::functions
