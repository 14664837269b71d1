// A kept refusal as JSON, for the pages that tell about one.
#pragma once

#include "emulator/pipeline/admin/admin.hpp"
#include "emulator/pipeline/refusals.hpp"

namespace benchtop::pipeline::admin {

boost::json::object refusal_card(const Refusal& refusal);

// 404
Respond no_refusal(const AdminCall& call, std::string_view request_id);

} // namespace benchtop::pipeline::admin
