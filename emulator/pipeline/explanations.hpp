// What `benchtop explain REQUEST_ID` tells: a kept refusal's card and, where a signature was
// refused, what the client must have signed. Computed when asked.
#pragma once

#include "emulator/explain/explain.hpp"
#include "emulator/pipeline/refusals.hpp"
#include "emulator/pipeline/services.hpp"

#include <boost/json.hpp>

#include <string_view>

namespace benchtop::pipeline {

// Adds members to the refusal's card: mistake, cause, fix, signature {...}, and text, all of it as
// people read it. `asked_at` is the Host by which the server was asked. Whatever a client put
// where, no secret key of this server is repeated.
void add_explanation(
    boost::json::object& card, Services& services, const Refusal& refusal, std::string_view asked_at
);

// What `benchtop explain-url URL` tells, with text, all of it as people read it.
boost::json::object
url_card(Services& services, std::string_view pasted, std::string_view asked_at);

} // namespace benchtop::pipeline
