#include "emulator/pipeline/services.hpp"

#include "emulator/pipeline/caches.hpp"
#include "emulator/pipeline/refusals.hpp"

namespace benchtop::pipeline {

Services::Services(
    store::Store& store_port,
    Clock& clock_port,
    Random& random_port,
    Log& log_port,
    Invoker& invoker_port,
    functions::FunctionLogs& function_logs,
    ServicesOptions service_options
)
    : store(store_port)
    , clock(clock_port)
    , random(random_port)
    , log(log_port)
    , invoker(invoker_port)
    , logs(function_logs)
    , options(std::move(service_options))
    , caches(std::make_unique<Caches>())
    , refusals(std::make_unique<Refusals>()) {}

Services::~Services() = default;

} // namespace benchtop::pipeline
