// The conversation of any service in a recorded or replayed session: it waits for its turn, and its
// request and answer are kept.
#pragma once

#include "emulator/pipeline/conversation.hpp"

#include <functional>

namespace benchtop::pipeline {

// `make` is called when its turn has come, for a conversation may draw ids when it is made. The
// head is stamped with the turn's moment. Everything outlives it; services.recorder, controls and
// dispatcher are set.
std::unique_ptr<Conversation> make_recorded_conversation(
    std::move_only_function<std::unique_ptr<Conversation>()> make,
    Services& services,
    RequestHead& head
);

} // namespace benchtop::pipeline
