// Applies the lifecycle rules of every bucket, as S3 does once a day at midnight UTC: a few hundred
// versions at a time, so that no transaction is long.
#pragma once

#include "emulator/s3/lifecycle.hpp"
#include "emulator/store/tx.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace benchtop::s3 {

class LifecycleRun {
public:
    // `now` (real axis) is the moment of the whole run: what falls due by then on the lab's clock
    // is done, and what the run makes has this stamp. `random` outlives the run.
    LifecycleRun(Random& random, UtcInstant now);

    // One transaction's share of the work. false: there was none left, the run is over. What one
    // pass over the buckets does may make more due at once, so passes go on until one does nothing.
    bool step(store::WriteTx& tx);

    // After the run: the lab's midnight at which the next thing falls due; nullopt: none will.
    std::optional<UtcInstant> next_due() const { return next_due_; }

private:
    // One version on its way from the scan to the change.
    struct Due {
        store::Object object;
        LifecycleAction action;
    };

    // Where the scan of a bucket's versions stands.
    struct Position {
        std::string key;
        std::string sequencer;               // of the last version seen
        std::size_t newer_noncurrent = 0;    // noncurrent versions of `key` seen
        UtcInstant newer_made{};             // stamp of the last version seen
        std::optional<store::Object> marker; // current, nothing seen beneath it yet
    };

    void begin_pass(const store::WriteTx& tx);
    void step_versions(store::WriteTx& tx, const store::Bucket& bucket);
    void step_uploads(store::WriteTx& tx, const store::Bucket& bucket);
    void visit(const store::Object& object, bool current, std::vector<Due>& due);
    void settle_marker(std::vector<Due>& due);
    void judge(const VersionAge& age, std::vector<Due>& due);
    void note_next(UtcInstant due);
    void apply(store::WriteTx& tx, const store::Bucket& bucket, const Due& due);

    Random& random_;
    UtcInstant now_;
    TimeAxis axis_;
    std::vector<std::string> buckets_; // still to do in this pass, the next one last
    bool in_pass_ = false;
    bool acted_ = false;         // in this pass
    bool versions_done_ = false; // of the bucket under way
    std::shared_ptr<const LifecycleConfig> config_;
    Position position_;
    std::string upload_key_;
    std::optional<UtcInstant> next_due_;
};

} // namespace benchtop::s3
