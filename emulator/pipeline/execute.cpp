#include "emulator/pipeline/exchange.hpp"
#include "emulator/pipeline/services.hpp"

#include <future>

namespace benchtop::pipeline {

Response execute_blocking(Services& services, RequestHead head, std::string_view body) {
    Exchange exchange(services);
    Action action = exchange.begin(std::move(head));
    for (;;) {
        if (auto* answer = std::get_if<Respond>(&action)) {
            return std::move(answer->response);
        }
        if (std::holds_alternative<Drop>(action)) {
            Response none;
            none.status = 0;
            return none;
        }
        if (const auto* want = std::get_if<ReadBody>(&action)) {
            std::optional<Respond> early;
            if (body.size() > want->limit) {
                early = exchange.too_large();
            } else if (!body.empty()) {
                early = exchange.body(as_bytes(body));
            }
            if (early) {
                return std::move(early->response);
            }
            action = exchange.body_end();
            continue;
        }
        if (auto* write = std::get_if<Commit>(&action)) {
            std::promise<store::CommitStatus> committed;
            auto status = committed.get_future();
            write->job.done = [&committed](store::CommitStatus s) { committed.set_value(s); };
            services.store.write(std::move(write->job));
            action = exchange.committed(status.get());
            continue;
        }
        if (auto* compute = std::get_if<Compute>(&action)) {
            compute->work({});
            action = exchange.computed();
            continue;
        }
        if (auto* wait = std::get_if<Wait>(&action)) {
            std::promise<void> over;
            auto reached = over.get_future();
            wait->begin([&over] { over.set_value(); });
            reached.wait();
            action = exchange.waited();
            continue;
        }
        auto& call = std::get<Invoke>(action);
        // The function's own timeout bounds the wait.
        std::promise<InvokeOutcome> invoked;
        auto outcome = invoked.get_future();
        services.invoker.invoke(std::move(call.request), [&invoked](InvokeOutcome o) {
            invoked.set_value(std::move(o));
        });
        if (services.wait_until) {
            services.wait_until([&outcome] {
                return outcome.wait_for(seconds::zero()) == std::future_status::ready;
            });
        }
        action = exchange.invoked(outcome.get());
    }
}

} // namespace benchtop::pipeline
