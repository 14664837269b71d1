// Advancing the lab's clock, for pages that do.
#pragma once

#include "emulator/pipeline/admin/admin.hpp"

namespace benchtop::pipeline::admin {

// Everything that falls due on the way is begun; then `then` is asked for the answer.
Action advance_by(AdminCall& call, microseconds amount, std::move_only_function<Action()> then);

// Empties the store and deploys again, then `then` is asked for the answer. `prepare` runs inside
// the transaction, before anything is drawn or stamped.
Action
reset_with(AdminCall& call, std::function<void()> prepare, std::move_only_function<Action()> then);

// For a page that needs what only the composition root has.
Respond not_here(const AdminCall& call);

} // namespace benchtop::pipeline::admin
