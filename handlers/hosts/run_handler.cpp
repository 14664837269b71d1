#include "handlers/hosts/run_handler.hpp"

#include <exception>

namespace handlers::hosts {

namespace {

// The Developer Guide's limit on a synchronous event, with the slack the service itself grants.
constexpr std::size_t event_bytes_max = 6 * 1024 * 1024 + 100;

Answer failed(const aws::Error& error, aws::Context& context) {
    context.print("[ERROR] " + error.type() + ": " + error.message());
    return {true, error.to_payload(), error.type()};
}

template <typename Run>
Answer guarded(aws::Context& context, Run run) {
    try {
        return run();
    } catch (const std::exception& exception) {
        return failed(aws::Error("Runtime.UnhandledException", exception.what()), context);
    } catch (...) {
        return failed(aws::Error("Runtime.UnhandledException", "unknown exception"), context);
    }
}

} // namespace

Answer run_init(const aws::Handler& handler, aws::Context& context) {
    return guarded(context, [&]() -> Answer {
        if (handler.init == nullptr) {
            return {};
        }
        const auto outcome = handler.init(context);
        return outcome ? Answer{} : failed(outcome.error(), context);
    });
}

Answer run_handle(const aws::Handler& handler, std::string_view event, aws::Context& context) {
    return guarded(context, [&]() -> Answer {
        if (event.size() > event_bytes_max) {
            return failed(
                aws::Error("Runtime.UnmarshalError", "Unable to unmarshal input: event too large"),
                context
            );
        }
        auto outcome = handler.handle(event, context);
        return outcome ? Answer{false, *std::move(outcome), {}} : failed(outcome.error(), context);
    });
}

} // namespace handlers::hosts
