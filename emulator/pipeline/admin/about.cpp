// What the running emulator is.
#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/pipeline/admin/openapi.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {

Action get_health(AdminCall& call) {
    return answer(call, 200, {{"status", "ok"}});
}

Action get_ca(AdminCall& call) {
    return answer(call, 200, {{"file", call.services.options.ca_file}});
}

Action get_openapi(AdminCall& call) {
    return answer_text(call, 200, "application/yaml", std::string(openapi_text()));
}

} // namespace benchtop::pipeline::admin
