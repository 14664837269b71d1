// The conversation of any service, with the faults of rules: its steps are let happen late, are not
// done, or their answer is lost. The conversation inside knows nothing of it.
#pragma once

#include "emulator/pipeline/conversation.hpp"

namespace benchtop::pipeline {

// Asks services.faults once, when it is known who asks for which operation. Everything outlives it.
std::unique_ptr<Conversation> make_faulty_conversation(
    std::unique_ptr<Conversation> inner, Services& services, const RequestHead& head
);

} // namespace benchtop::pipeline
