#include "emulator/functions/plugin.hpp"

#include <fmt/format.h>

#include <dlfcn.h>
#include <optional>

namespace benchtop::functions {

namespace {

// nullopt: usable.
std::optional<std::string> flaw_of(const benchtop_plugin* table) {
    if (table == nullptr) {
        return "its entry point returned nothing";
    }
    if (table->abi_version != BENCHTOP_PLUGIN_ABI_VERSION) {
        return fmt::format(
            "it speaks plugin ABI {}, this Benchtop speaks {}",
            table->abi_version,
            BENCHTOP_PLUGIN_ABI_VERSION
        );
    }
    if (!BENCHTOP_HAS(benchtop_plugin, table, handle)) {
        return fmt::format("its table of {} bytes has no handler", table->struct_size);
    }
    if (table->handle == nullptr) {
        return "it has no handler";
    }
    if (table->name == nullptr || *table->name == '\0') {
        return "it has no name";
    }
    return std::nullopt;
}

AwsError refused(std::string_view what, std::string_view flaw) {
    return AwsError(500, "PluginRefused", fmt::format("{} cannot be used: {}.", what, flaw));
}

} // namespace

Plugin::Plugin(const benchtop_plugin* table, void* library)
    : table_(table)
    , library_(library)
    , name_(table->name) {}

Plugin::~Plugin() {
    if (library_ != nullptr) {
        ::dlclose(library_);
    }
}

Result<std::shared_ptr<const Plugin>> Plugin::load(const std::string& path) {
    // A name without a slash would be searched for in the system's library path.
    const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* reason = ::dlerror();
        return refused("Plugin " + path, reason != nullptr ? reason : "it cannot be loaded");
    }
    void* symbol = ::dlsym(library, BENCHTOP_PLUGIN_SYMBOL);
    std::optional<std::string> flaw;
    const benchtop_plugin* table = nullptr;
    if (symbol == nullptr) {
        flaw = "it does not export " BENCHTOP_PLUGIN_SYMBOL;
    } else {
        table = reinterpret_cast<benchtop_plugin_entry>(symbol)();
        flaw = flaw_of(table);
    }
    if (flaw) {
        ::dlclose(library);
        return refused("Plugin " + path, *flaw);
    }
    return std::shared_ptr<const Plugin>(new Plugin(table, library));
}

Result<std::shared_ptr<const Plugin>> Plugin::adopt(const benchtop_plugin* table) {
    if (const auto flaw = flaw_of(table)) {
        return refused("The plugin", *flaw);
    }
    return std::shared_ptr<const Plugin>(new Plugin(table, nullptr));
}

bool Plugin::has_init() const {
    return BENCHTOP_HAS(benchtop_plugin, table_, init) && table_->init != nullptr;
}

void PluginRegistry::add(std::shared_ptr<const Plugin> plugin) {
    const std::lock_guard lock(mutex_);
    std::string name = plugin->name();
    plugins_.insert_or_assign(std::move(name), std::move(plugin));
}

std::shared_ptr<const Plugin> PluginRegistry::find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = plugins_.find(name);
    return found == plugins_.end() ? nullptr : found->second;
}

std::vector<std::string> PluginRegistry::names() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, plugin] : plugins_) {
        names.push_back(name);
    }
    return names;
}

} // namespace benchtop::functions
