// Refusals that came before the signature was compared: the answer's own code says most. Private to
// this room.
#pragma once

#include "emulator/core/error.hpp"
#include "emulator/explain/explain.hpp"

namespace benchtop::explain {

SignatureExplanation
explain_rejection(const Question& question, const Known& known, const AwsError& error);

// The request carries no signature at all.
SignatureExplanation explain_unsigned(const RequestHead& head);

} // namespace benchtop::explain
