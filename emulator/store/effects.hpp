// What a job changes beside the database: files, caches, listeners. Collected while it runs,
// applied after the commit, undone when the job or the commit fails.
#pragma once

#include "emulator/core/time_axis.hpp"
#include "emulator/store/file_pins.hpp"
#include "emulator/store/rows.hpp"

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace benchtop::store {

// What all connections of one store share.
class Commons {
public:
    // `blobs` is the folder of large bodies; "" for a store in memory.
    Commons(std::filesystem::path blobs, bool fsync, Files& files = system_files())
        : files_(files)
        , blobs_(std::move(blobs))
        , pins_(std::make_shared<FilePins>(files, blobs_))
        , fsync_(fsync) {}

    Files& files() const { return files_; }

    const std::filesystem::path& blobs() const { return blobs_; }

    FilePins& pins() const { return *pins_; }

    bool fsync() const { return fsync_; }

    // The committed advances; thread-safe.
    TimeAxis axis() const {
        const std::lock_guard lock(mutex_);
        return axis_;
    }

    void set_axis(TimeAxis axis) {
        const std::lock_guard lock(mutex_);
        axis_ = std::move(axis);
    }

private:
    Files& files_;
    std::filesystem::path blobs_;
    std::shared_ptr<FilePins> pins_; // outlives the store in answers that are still being sent
    bool fsync_;
    mutable std::mutex mutex_;
    TimeAxis axis_;
};

struct Effects {
    std::vector<Delivery> pending;           // for the store's listener
    std::vector<std::string> adopted_files;  // under blobs/, to remove on rollback
    std::vector<std::string> released_files; // under blobs/, to remove after the commit
    std::vector<BodyId> unreferenced;        // added by this job, no object holds them yet
    std::optional<TimeAxis> axis;            // with this job's advances
    bool identities = false;
    bool configuration = false;

    // Takes over what `later` has on top of these.
    void append(Effects&& later);
};

// The writer connection's memory. Ids and sequencers never go back, not even on rollback.
struct WriterState {
    Effects job;   // of the running job
    Effects batch; // of the finished jobs of the open transaction
    BodyId last_body = 0;
    std::int64_t last_delivery = 0;
    std::uint64_t last_sequencer = 0;
    // Sequencers up to this one are covered by the stored reservation; 0: none is.
    std::uint64_t reserved_sequencer = 0;
};

// The setting that holds the reservation, in decimal.
inline constexpr std::string_view kSequencerSetting = "store.sequencer";

} // namespace benchtop::store
