// The handlers of the table's rows, by family.
#pragma once

#include "emulator/pipeline/admin/admin.hpp"

namespace benchtop::pipeline::admin {

// about.cpp
Action get_health(AdminCall& call);
Action get_ca(AdminCall& call);
Action get_openapi(AdminCall& call);

// clock.cpp
Action get_clock(AdminCall& call);
Action advance_clock(AdminCall& call);
Action freeze_clock(AdminCall& call);
Action resume_clock(AdminCall& call);

// lab.cpp
Action reset_lab(AdminCall& call);
Action seed_random(AdminCall& call);

// faults.cpp
Action list_faults(AdminCall& call);
Action set_faults(AdminCall& call);
Action add_fault(AdminCall& call);
Action clear_faults(AdminCall& call);

// settle.cpp
Action settle(AdminCall& call);

// recording.cpp
Action start_record(AdminCall& call);
Action stop_record(AdminCall& call);
Action start_replay(AdminCall& call);
Action set_replay_moment(AdminCall& call);
Action stop_replay(AdminCall& call);

// snapshots.cpp
Action list_snapshots(AdminCall& call);
Action save_snapshot(AdminCall& call);
Action restore_snapshot(AdminCall& call);
Action remove_snapshot(AdminCall& call);

// activity.cpp
Action list_requests(AdminCall& call);
Action list_invocations(AdminCall& call);

// deliveries.cpp
Action list_deliveries(AdminCall& call);

// handout.cpp
Action check_handout(AdminCall& call);

// export.cpp
Action export_lab(AdminCall& call);
Action get_function_code(AdminCall& call);

// logs.cpp
Action get_function_logs(AdminCall& call);

// refusals.cpp
Action list_refusals(AdminCall& call);
Action get_refusal(AdminCall& call);

// explain.cpp
Action explain_last(AdminCall& call);
Action explain_refusal(AdminCall& call);
Action explain_url(AdminCall& call);

} // namespace benchtop::pipeline::admin
