// What `benchtop explain REQUEST_ID` tells: a kept refusal's card and, where a signature was
// refused, what the client must have signed. Computed when asked.
#pragma once

#include "emulator/explain/explain.hpp"
#include "emulator/pipeline/refusals.hpp"
#include "emulator/pipeline/services.hpp"

#include <boost/json.hpp>

#include <string_view>

namespace benchtop::pipeline {

// Keys that a client of this server may hold: the one it names, and those of the users of its
// account (a bounded number).
explain::Known known_credentials(Services& services, std::string_view access_key_id);

// Mistake "" when no signature was refused. `asked_at` is the Host by which the server was asked.
explain::SignatureExplanation
explain_refused_signature(Services& services, const Refusal& refusal, std::string_view asked_at);

// Adds members to the refusal's card: mistake, cause, fix, signature {...}, and text, all of it as
// people read it.
void add_explanation(
    boost::json::object& card, Services& services, const Refusal& refusal, std::string_view asked_at
);

// What `benchtop explain-url URL` tells, with text, all of it as people read it.
boost::json::object
url_card(Services& services, std::string_view pasted, std::string_view asked_at);

} // namespace benchtop::pipeline
