// How long something of a client's lasts of which only the end is known.
#pragma once

#include "emulator/core/time.hpp"

namespace benchtop::auth {

// The shortest customary lifetime that does not put the making of what ends at `expires` after
// `now`.
seconds customary_lifetime(UtcInstant expires, UtcInstant now);

} // namespace benchtop::auth
