// The event of a change: every operation that creates or removes an object raises its event inside
// the transaction of the change, so that both commit or neither does.
#pragma once

#include "emulator/service/context.hpp"
#include "emulator/store/tx.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace benchtop::s3 {

// What is "" or nullopt is left out of the record. object_events.hpp makes them.
struct ObjectEvent {
    std::string event_name; // "ObjectCreated:Put", without "s3:"
    std::string key;        // raw, not encoded
    std::optional<std::uint64_t> size;
    std::string etag;            // without quotes
    std::string sequencer;       // WriteTx::next_sequencer
    std::string version_id = {}; // "" for the null version
    // LifecycleTransition only: where the object went.
    std::string destination_storage_class = {};
};

// Matches the event against the bucket's notification configuration and adds the deliveries.
void raise_event(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const ObjectEvent& event
);

} // namespace benchtop::s3
