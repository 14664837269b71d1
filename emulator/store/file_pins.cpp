#include "emulator/store/file_pins.hpp"

#include <algorithm>

namespace benchtop::store {

FilePins::Pin::Pin(std::shared_ptr<FilePins> pins, std::vector<std::string> files)
    : pins_(std::move(pins))
    , files_(std::move(files)) {
    const std::lock_guard lock(pins_->mutex_);
    for (const std::string& file : files_) {
        ++pins_->pinned_[file].pins;
    }
}

FilePins::Pin::~Pin() {
    const std::lock_guard lock(pins_->mutex_);
    for (const std::string& file : files_) {
        const auto found = pins_->pinned_.find(file);
        if (--found->second.pins == 0) {
            if (found->second.doomed) {
                pins_->unlink(file);
            }
            pins_->pinned_.erase(found);
        }
    }
}

void FilePins::remove(const std::string& file) {
    const std::lock_guard lock(mutex_);
    if (const auto found = pinned_.find(file); found != pinned_.end()) {
        found->second.doomed = true;
        return;
    }
    unlink(file);
}

void FilePins::unlink(const std::string& file) {
    const std::filesystem::path path = blobs_ / file;
    left_ = system_.remove(path.string()) != 0 || left_;
    folders_.insert(path.parent_path().string());
}

bool FilePins::tidy(bool durable) {
    const std::lock_guard lock(mutex_);
    if (left_ ||
        std::ranges::any_of(pinned_, [](const auto& entry) { return entry.second.doomed; })) {
        return false;
    }
    return !durable || std::ranges::all_of(folders_, [this](const std::string& folder) {
        return system_.sync_directory(folder) == 0;
    });
}

} // namespace benchtop::store
