// Puts a stack into the store.
#pragma once

#include "emulator/ports/random.hpp"
#include "emulator/stack/stack.hpp"
#include "emulator/store/tx.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace benchtop::stack {

// The text a bucket keeps for one trigger to a function; its form belongs to S3. Arguments: id,
// function ARN, event ("s3:ObjectCreated:*"), prefix, suffix ("" for none).
using RenderNotification = std::function<std::string(
    std::string_view, std::string_view, std::string_view, std::string_view, std::string_view
)>;

// Creates what is missing and leaves alone what exists, so that a restart neither duplicates
// anything nor undoes what a student changed. The folders' objects appear without events: on AWS
// they were created before the trigger.
void deploy(
    store::WriteTx& tx,
    const Stack& stack,
    UtcInstant now,
    Random& random,
    const RenderNotification& render_notification
);

// Only the user whose keys `benchtop env` prints; deploy() does this too.
void deploy_administrator(store::WriteTx& tx, const Stack& stack, UtcInstant now, Random& random);

} // namespace benchtop::stack
