#include "harness/simulated_disk.hpp"

#include "emulator/core/assert.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <sys/mman.h>
#include <unistd.h>

namespace benchtop::harness {
namespace {

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

void change(std::string& content, const SimulatedDisk::Change& change) {
    const auto offset = static_cast<std::size_t>(change.offset);
    if (change.truncates) {
        content.resize(offset);
        return;
    }
    if (content.size() < offset + change.bytes.size()) {
        content.resize(offset + change.bytes.size());
    }
    content.replace(offset, change.bytes.size(), change.bytes);
}

class SimulatedFile final : public store::WritableFile {
public:
    SimulatedFile(SimulatedDisk& disk, std::string path, SimulatedDisk::NodePtr node)
        : disk_(disk)
        , path_(std::move(path))
        , node_(std::move(node)) {}

    int append(ByteView bytes) override {
        return disk_.write(*node_, path_, node_->content.size(), as_text(bytes));
    }

    int sync() override { return disk_.sync(*node_, path_); }

    int read(std::uint64_t offset, std::span<char> bytes) override {
        if (const int error = disk_.read(*node_, path_); error != 0) {
            return error;
        }
        if (offset + bytes.size() > node_->content.size()) {
            return EIO;
        }
        node_->content.copy(bytes.data(), bytes.size(), static_cast<std::size_t>(offset));
        return 0;
    }

private:
    SimulatedDisk& disk_;
    std::string path_;
    SimulatedDisk::NodePtr node_;
};

class SimulatedLock final : public store::FileLock {
public:
    explicit SimulatedLock(SimulatedDisk::NodePtr node)
        : node_(std::move(node)) {
        node_->locked = true;
    }

    ~SimulatedLock() override { node_->locked = false; }

private:
    SimulatedDisk::NodePtr node_;
};

} // namespace

std::string_view name_of(DiskFault fault) {
    switch (fault) {
    case DiskFault::None:
        return "none";
    case DiskFault::Error:
        return "error";
    case DiskFault::Torn:
        return "torn write";
    case DiskFault::Full:
        return "full disk";
    case DiskFault::ProcessCrash:
        return "crash";
    case DiskFault::PowerLoss:
        return "power loss";
    }
    return "";
}

SimulatedDisk::SimulatedDisk(std::uint64_t seed)
    : random_(seed) {
    auto root = std::make_shared<Node>();
    root->directory = true;
    names_["/"] = durable_names_["/"] = std::move(root);
}

SimulatedDisk::~SimulatedDisk() {
    if (!vfs_name_.empty()) {
        sqlite3_vfs_unregister(&vfs_);
    }
}

void SimulatedDisk::plan(DiskPlan plan) {
    plan_ = plan;
    struck_.clear();
}

void SimulatedDisk::heal() {
    plan_ = {};
    full_ = false;
}

void SimulatedDisk::restart() {
    heal();
    crashed_ = false;
}

std::uint64_t SimulatedDisk::draw(std::uint64_t below) {
    std::uint64_t value = 0;
    random_.fill(RandomStream::Jitter, {reinterpret_cast<char*>(&value), sizeof value});
    return value % below;
}

bool SimulatedDisk::befalls(Call call) const {
    switch (plan_.fault) {
    case DiskFault::None:
        return false;
    case DiskFault::Torn:
        return call == Call::Write;
    case DiskFault::Full:
        return call == Call::Write || call == Call::Make;
    default:
        return true;
    }
}

DiskFault SimulatedDisk::meet(Call call, std::string_view name, const std::string& path) {
    ++calls_;
    if (crashed_) {
        return DiskFault::Error;
    }
    if (full_ && (call == Call::Write || call == Call::Make)) {
        return DiskFault::Full;
    }
    if (!befalls(call) || --plan_.at > 0) {
        return DiskFault::None;
    }
    const DiskFault fault = plan_.fault;
    plan_ = {};
    full_ = fault == DiskFault::Full;
    struck_ = std::string(name) + ' ' + path;
    return fault;
}

int SimulatedDisk::suffer(DiskFault fault) {
    if (fault == DiskFault::ProcessCrash || fault == DiskFault::PowerLoss) {
        crash(fault == DiskFault::PowerLoss);
    }
    return fault == DiskFault::None ? 0 : fault == DiskFault::Full ? ENOSPC : EIO;
}

int SimulatedDisk::enter(Call call, std::string_view name, const std::string& path) {
    return suffer(meet(call, name, path));
}

// The process is gone: whatever it still calls while its objects are destroyed does nothing.
void SimulatedDisk::crash(bool power) {
    crashed_ = true;
    if (power) {
        lose_power();
    }
    if (on_crash_) {
        on_crash_();
    }
}

void SimulatedDisk::lose_power() {
    lose_names();
    for (auto& [path, node] : names_) {
        for (Change& lost : node->unsynced) {
            const auto kept = draw(3); // all, a part, nothing
            if (kept == 1 && !lost.truncates) {
                lost.bytes.resize(static_cast<std::size_t>(draw(lost.bytes.size() + 1)));
            }
            if (kept != 2) {
                change(node->durable, lost);
            }
        }
        node->unsynced.clear();
        node->content = node->durable;
    }
}

// Each name that changed since its directory was synced is in one of the states it has had.
void SimulatedDisk::lose_names() {
    for (auto& [path, states] : renamed_) {
        if (const auto picked = draw(states.size() + 1); picked > 0) {
            durable_names_[path] = states[static_cast<std::size_t>(picked - 1)];
        }
        if (durable_names_[path] == nullptr) {
            durable_names_.erase(path);
        }
    }
    renamed_.clear();
    names_.clear();
    for (const auto& [path, node] : durable_names_) { // parents come first
        if (path == "/" || names_.contains(parent_of(path))) {
            names_[path] = node;
        }
    }
    durable_names_ = names_;
}

void SimulatedDisk::apply(Node& node, Change made) {
    change(node.content, made);
    node.unsynced.push_back(std::move(made));
}

std::vector<std::string> SimulatedDisk::files_below(std::string_view directory) const {
    std::vector<std::string> files;
    const std::string prefix = std::string(directory) + '/';
    for (const auto& [path, node] : names_) {
        if (!node->directory && path.starts_with(prefix)) {
            files.push_back(path);
        }
    }
    return files;
}

SimulatedDisk::NodePtr SimulatedDisk::find(const std::string& path) const {
    const auto found = names_.find(path);
    return found == names_.end() ? nullptr : found->second;
}

int SimulatedDisk::make(const std::string& path, bool directory, NodePtr& node) {
    if (const int error = enter(Call::Make, directory ? "mkdir" : "create", path); error != 0) {
        return error;
    }
    const NodePtr parent = find(parent_of(path));
    if (!parent || !parent->directory) {
        return ENOENT;
    }
    if (find(path)) {
        return EEXIST;
    }
    node = std::make_shared<Node>();
    node->directory = directory;
    name(path, node);
    return 0;
}

void SimulatedDisk::name(const std::string& path, NodePtr node) {
    renamed_[path].push_back(node);
    if (node) {
        names_[path] = std::move(node);
    } else {
        names_.erase(path);
    }
}

int SimulatedDisk::read(const Node&, const std::string& path) {
    return enter(Call::Read, "read", path);
}

int SimulatedDisk::write(
    Node& node, const std::string& path, std::uint64_t offset, std::string_view bytes
) {
    const DiskFault fault = meet(Call::Write, "write", path);
    if (!crashed_ && fault != DiskFault::Error && fault != DiskFault::Full) {
        const std::size_t part = fault == DiskFault::None
                                     ? bytes.size()
                                     : static_cast<std::size_t>(draw(bytes.size() + 1));
        apply(node, {offset, std::string(bytes.substr(0, part)), false});
    }
    return suffer(fault);
}

int SimulatedDisk::truncate(Node& node, const std::string& path, std::uint64_t size) {
    if (const int error = enter(Call::Other, "truncate", path); error != 0) {
        return error;
    }
    apply(node, {size, {}, true});
    return 0;
}

int SimulatedDisk::sync(Node& node, const std::string& path) {
    if (const int error = enter(Call::Other, "sync", path); error != 0) {
        return error;
    }
    node.durable = node.content;
    node.unsynced.clear();
    return 0;
}

int SimulatedDisk::make_directory(const std::string& path) {
    NodePtr node;
    const int error = make(path, true, node);
    return error == EEXIST ? 0 : error;
}

int SimulatedDisk::make_directories(const std::string& path) {
    for (auto slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        if (const int error = make_directory(path.substr(0, slash)); error != 0) {
            return error;
        }
    }
    return path == "/" ? 0 : make_directory(path);
}

int SimulatedDisk::sync_directory(const std::string& path) {
    if (const int error = enter(Call::Other, "sync directory", path); error != 0) {
        return error;
    }
    if (!find(path)) {
        return ENOENT;
    }
    std::erase_if(renamed_, [&](auto& entry) {
        if (parent_of(entry.first) != path) {
            return false;
        }
        if (const NodePtr node = find(entry.first)) {
            durable_names_[entry.first] = node;
        } else {
            durable_names_.erase(entry.first);
        }
        return true;
    });
    return 0;
}

int SimulatedDisk::list(const std::string& path, std::vector<std::string>& names) {
    if (const int error = enter(Call::Read, "list", path); error != 0) {
        return error;
    }
    const NodePtr node = find(path);
    if (!node || !node->directory) {
        return node ? ENOTDIR : ENOENT;
    }
    for (const auto& [name, entry] : names_) {
        if (name != "/" && parent_of(name) == path) {
            names.push_back(name.substr(name.rfind('/') + 1));
        }
    }
    return 0;
}

int SimulatedDisk::lock(const std::string& path, std::unique_ptr<store::FileLock>& lock) {
    NodePtr node;
    if (const int error = make(path, false, node); error != 0 && error != EEXIST) {
        return error;
    }
    node = find(path);
    if (node->locked) {
        return EWOULDBLOCK;
    }
    lock = std::make_unique<SimulatedLock>(std::move(node));
    return 0;
}

int SimulatedDisk::create(const std::string& path, std::unique_ptr<store::WritableFile>& file) {
    NodePtr node;
    if (const int error = make(path, false, node); error != 0) {
        return error;
    }
    file = std::make_unique<SimulatedFile>(*this, path, std::move(node));
    return 0;
}

int SimulatedDisk::touch(const std::string& path) {
    NodePtr node;
    const int error = make(path, false, node);
    return error == EEXIST ? 0 : error;
}

// A descriptor, as answers need one: of a copy, for what is opened so never changes.
int SimulatedDisk::open(const std::string& path, std::shared_ptr<const FileHandle>& file) {
    if (const int error = enter(Call::Read, "open", path); error != 0) {
        return error;
    }
    const NodePtr node = find(path);
    if (!node) {
        return ENOENT;
    }
    const int fd = ::memfd_create("simulated", MFD_CLOEXEC);
    BT_ASSERT(fd >= 0);
    file = std::make_shared<const FileHandle>(fd);
    std::string_view left = node->content;
    while (!left.empty()) {
        const ssize_t written = ::write(fd, left.data(), left.size());
        BT_ASSERT(written > 0);
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

bool SimulatedDisk::exists(const std::string& path) {
    return enter(Call::Read, "look for", path) == 0 && find(path) != nullptr;
}

int SimulatedDisk::rename(const std::string& from, const std::string& to) {
    if (const int error = enter(Call::Other, "rename", from); error != 0) {
        return error;
    }
    const NodePtr node = find(from);
    const NodePtr parent = find(parent_of(to));
    if (!node || !parent || !parent->directory) {
        return ENOENT;
    }
    name(to, node);
    name(from, nullptr);
    return 0;
}

int SimulatedDisk::remove(const std::string& path) {
    if (const int error = enter(Call::Other, "remove", path); error != 0) {
        return error;
    }
    if (!find(path)) {
        return ENOENT;
    }
    name(path, nullptr);
    return 0;
}

const char* SimulatedDisk::database_vfs() {
    if (vfs_name_.empty()) {
        static std::atomic<std::uint64_t> made{0};
        vfs_name_ = "benchtop-simulated-" + std::to_string(made.fetch_add(1));
        BT_ASSERT(register_simulated_vfs(*this, vfs_, vfs_name_.c_str()));
    }
    return vfs_name_.c_str();
}

} // namespace benchtop::harness
