#include "emulator/s3/lifecycle_run.hpp"

#include "emulator/core/ids.hpp"
#include "emulator/s3/object_events.hpp"
#include "emulator/s3/object_lock.hpp"
#include "emulator/s3/versions.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kVersionsPerStep = 500;
constexpr std::size_t kUploadsPerStep = 100;

// Who acts and from where, as the events say ("Configuring S3 Lifecycle event notifications",
// Amazon S3 User Guide).
constexpr std::string_view kService = "s3.amazonaws.com";

// S3 asks nobody.
class Unasked final : public service::Authorizer {
public:
    Result<void> check(const service::AccessRequest&) override { return {}; }
};

// On the lab's clock, where what lies between the two stamps has to pass.
UtcInstant retained_until(const store::ObjectLock& lock, const TimeAxis& axis) {
    return axis.to_virtual(lock.set_at) + (lock.retain_until - lock.set_at);
}

} // namespace

LifecycleRun::LifecycleRun(Random& random, UtcInstant now)
    : random_(random)
    , now_(now) {}

void LifecycleRun::begin_pass(const store::WriteTx& tx) {
    axis_ = tx.time_axis();
    next_due_.reset();
    in_pass_ = true;
    acted_ = false;
    versions_done_ = false;
    position_ = {};
    upload_key_.clear();
    for (const store::Bucket& bucket : tx.all_buckets()) {
        if (bucket.setting(kLifecycleSetting)) {
            buckets_.push_back(bucket.name);
        }
    }
    std::ranges::reverse(buckets_);
}

bool LifecycleRun::step(store::WriteTx& tx) {
    if (!in_pass_) {
        begin_pass(tx);
    }
    if (buckets_.empty()) {
        in_pass_ = false;
        return acted_;
    }
    const auto bucket = tx.find_bucket(buckets_.back());
    config_ = bucket ? lifecycle_of(*bucket) : nullptr;
    if (!config_) { // deleted meanwhile
        versions_done_ = false;
        position_ = {};
        upload_key_.clear();
        buckets_.pop_back();
        return true;
    }
    if (versions_done_) {
        step_uploads(tx, *bucket);
    } else {
        step_versions(tx, *bucket);
    }
    return true;
}

void LifecycleRun::note_next(UtcInstant due) {
    next_due_ = std::min(next_due_.value_or(due), due);
}

void LifecycleRun::judge(const VersionAge& age, std::vector<Due>& due) {
    LifecycleVerdict verdict = judge_version(*config_, age, axis_, now_);
    if (verdict.next) {
        note_next(*verdict.next);
    }
    if (!verdict.action) {
        return;
    }
    if (verdict.action->kind == LifecycleAction::Kind::DeleteVersion) {
        const store::ObjectLock& lock = age.object.lock;
        if (is_locked(lock, axis_, now_)) {
            if (!lock.legal_hold) {
                note_next(lifecycle_midnight(retained_until(lock, axis_), 0));
            }
            return;
        }
    }
    due.push_back({age.object, *std::move(verdict.action)});
}

// The marker that was seen last stands alone.
void LifecycleRun::settle_marker(std::vector<Due>& due) {
    if (const auto marker = std::exchange(position_.marker, std::nullopt)) {
        judge({.object = *marker, .current = true, .alone = true}, due);
    }
}

void LifecycleRun::visit(const store::Object& object, bool current, std::vector<Due>& due) {
    if (object.key != position_.key) {
        settle_marker(due);
        position_.key = object.key;
        position_.newer_noncurrent = 0;
    }
    position_.marker.reset();
    if (current && object.delete_marker) {
        position_.marker = object;
    } else {
        judge(
            {.object = object,
             .current = current,
             .alone = false,
             .noncurrent_since = position_.newer_made,
             .newer_noncurrent = position_.newer_noncurrent},
            due
        );
    }
    position_.newer_noncurrent += current ? 0 : 1;
    position_.newer_made = object.last_modified;
    position_.sequencer = object.sequencer;
}

void LifecycleRun::step_versions(store::WriteTx& tx, const store::Bucket& bucket) {
    std::vector<Due> due;
    std::size_t seen = 0;
    bool at_end = true;
    const auto look = [&](const store::Object& object, bool current) {
        if (seen == kVersionsPerStep) {
            at_end = false;
            return store::ScanStep::stop();
        }
        ++seen;
        visit(object, current, due);
        return store::ScanStep::next();
    };
    if (tx.has_versions(bucket.id)) {
        const Position from = position_; // visit() moves the other one
        tx.scan_versions(bucket.id, from.key, from.sequencer, look);
    } else {
        const std::string from = position_.sequencer.empty() ? "" : position_.key + '\0';
        tx.scan_objects(bucket.id, from, [&](const store::Object& object) {
            return look(object, true);
        });
    }
    if (at_end) {
        settle_marker(due);
        versions_done_ = true;
    }
    for (const Due& one : due) {
        apply(tx, bucket, one);
    }
}

void LifecycleRun::step_uploads(store::WriteTx& tx, const store::Bucket& bucket) {
    std::vector<std::string> due;
    std::size_t seen = 0;
    bool at_end = true;
    const UtcInstant lab_now = axis_.to_virtual(now_);
    const UtcInstant earliest = first_run(*config_, axis_);
    std::string last_key;
    tx.scan_uploads(bucket.id, upload_key_, [&](const store::Upload& upload) {
        const std::string& key = upload.object.key;
        // A key's uploads are looked at together: the scan starts again at a key.
        if (seen >= kUploadsPerStep && key != last_key) {
            upload_key_ = key;
            at_end = false;
            return store::ScanStep::stop();
        }
        ++seen;
        last_key = key;
        if (const auto abort = upload_abort(*config_, key, upload.initiated_at, axis_)) {
            const UtcInstant when = std::max(abort->due, earliest);
            if (when > lab_now) {
                note_next(when);
            } else {
                due.push_back(upload.id);
            }
        }
        return store::ScanStep::next();
    });
    for (const std::string& id : due) {
        tx.delete_upload(id);
        acted_ = true;
    }
    if (at_end) {
        versions_done_ = false;
        position_ = {};
        upload_key_.clear();
        buckets_.pop_back();
    }
}

void LifecycleRun::apply(store::WriteTx& tx, const store::Bucket& bucket, const Due& due) {
    const RequestIds ids = make_request_ids(random_);
    policy::Principal caller;
    caller.kind = policy::Principal::Kind::Service;
    caller.service = kService;
    Unasked authorizer;
    const service::OpContext context{
        now_, axis_, ids, caller, kService, bucket.region, authorizer, random_};
    acted_ = true;

    store::Object object = due.object;
    switch (due.action.kind) {
    case LifecycleAction::Kind::Transition:
        object.attributes.storage_class = due.action.storage_class;
        tx.update_version(bucket.id, object);
        raise_event(tx, context, bucket, transition_event(object));
        return;
    case LifecycleAction::Kind::DeleteVersion:
        if (tx.delete_version(bucket.id, object.key, object.version_id)) {
            raise_event(
                tx,
                context,
                bucket,
                deleted_event(
                    "LifecycleExpiration:Delete",
                    object.key,
                    object.version_id,
                    tx.next_sequencer(now_)
                )
            );
        }
        return;
    case LifecycleAction::Kind::Expire:
        break;
    }
    if (versioning_of(bucket) == Versioning::Off) {
        tx.delete_object(bucket.id, object.key);
        raise_event(
            tx,
            context,
            bucket,
            deleted_event("LifecycleExpiration:Delete", object.key, "", tx.next_sequencer(now_))
        );
        return;
    }
    const store::Object marker = store_delete_marker(tx, context, bucket, object.key);
    raise_event(
        tx, context, bucket, delete_marker_event("LifecycleExpiration:DeleteMarkerCreated", marker)
    );
}

} // namespace benchtop::s3
