// The table of pages.
#include "emulator/pipeline/admin/handlers.hpp"

#include <array>

namespace benchtop::pipeline {

std::span<const AdminRoute> admin_routes() {
    using namespace admin;
    static constexpr std::array kRoutes{
        AdminRoute{"GET", "/_benchtop/health", "getHealth", get_health},
        AdminRoute{"GET", "/_benchtop/ca", "getCa", get_ca},
        AdminRoute{"GET", "/_benchtop/openapi.yaml", "getOpenApi", get_openapi},
        AdminRoute{"GET", "/_benchtop/clock", "getClock", get_clock},
        AdminRoute{"POST", "/_benchtop/clock/advance", "advanceClock", advance_clock},
        AdminRoute{"POST", "/_benchtop/clock/freeze", "freezeClock", freeze_clock},
        AdminRoute{"POST", "/_benchtop/clock/resume", "resumeClock", resume_clock},
        AdminRoute{"POST", "/_benchtop/reset", "resetLab", reset_lab},
        AdminRoute{"POST", "/_benchtop/seed", "seedRandom", seed_random},
        AdminRoute{"GET", "/_benchtop/faults", "listFaults", list_faults},
        AdminRoute{"PUT", "/_benchtop/faults", "setFaults", set_faults},
        AdminRoute{"POST", "/_benchtop/faults", "addFault", add_fault},
        AdminRoute{"DELETE", "/_benchtop/faults", "clearFaults", clear_faults},
        AdminRoute{"GET", "/_benchtop/snapshots", "listSnapshots", list_snapshots},
        AdminRoute{"PUT", "/_benchtop/snapshots/{name}", "saveSnapshot", save_snapshot},
        AdminRoute{"DELETE", "/_benchtop/snapshots/{name}", "removeSnapshot", remove_snapshot},
        AdminRoute{
            "POST", "/_benchtop/snapshots/{name}/restore", "restoreSnapshot", restore_snapshot},
        AdminRoute{"POST", "/_benchtop/record/start", "startRecord", start_record},
        AdminRoute{"POST", "/_benchtop/record/stop", "stopRecord", stop_record},
        AdminRoute{"POST", "/_benchtop/replay/start", "startReplay", start_replay},
        AdminRoute{"POST", "/_benchtop/replay/at", "setReplayMoment", set_replay_moment},
        AdminRoute{"POST", "/_benchtop/replay/stop", "stopReplay", stop_replay},
        AdminRoute{"POST", "/_benchtop/settle", "settle", settle},
        AdminRoute{"GET", "/_benchtop/requests", "listRequests", list_requests},
        AdminRoute{"GET", "/_benchtop/invocations", "listInvocations", list_invocations},
        AdminRoute{"GET", "/_benchtop/deliveries", "listDeliveries", list_deliveries},
        AdminRoute{"GET", "/_benchtop/handout/check", "checkHandout", check_handout},
        AdminRoute{"GET", "/_benchtop/export", "exportLab", export_lab},
        AdminRoute{
            "GET", "/_benchtop/function-code/{sha256}", "getFunctionCode", get_function_code},
        AdminRoute{"GET", "/_benchtop/logs/{function}", "getFunctionLogs", get_function_logs},
        AdminRoute{"GET", "/_benchtop/refusals", "listRefusals", list_refusals},
        AdminRoute{"GET", "/_benchtop/refusals/{requestId}", "getRefusal", get_refusal},
        AdminRoute{"GET", "/_benchtop/explain", "explainLast", explain_last},
        AdminRoute{"GET", "/_benchtop/explain/{requestId}", "explainRefusal", explain_refusal},
        AdminRoute{"POST", "/_benchtop/explain-url", "explainUrl", explain_url},
    };
    return kRoutes;
}

} // namespace benchtop::pipeline
