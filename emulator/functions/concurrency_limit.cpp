#include "emulator/functions/concurrency_limit.hpp"

#include "emulator/service/function_settings.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace benchtop::functions {

namespace {

constexpr std::string_view kThrottled = "ReservedFunctionConcurrentInvocationLimitExceeded";

std::optional<int> limit_of(store::Store& store, const service::FunctionRef& function) {
    std::optional<int> limit;
    // After a failure the next invoker meets the same store, and says so.
    store.try_read([&](const store::ReadTx& tx) {
        limit = service::reserved_concurrency(tx, function);
    });
    return limit;
}

} // namespace

// How many invocations run, by the function's ARN.
struct ConcurrencyLimit::Running {
    bool enter(const std::string& arn, std::optional<int> limit) {
        const std::lock_guard lock(mutex);
        int& now = count[arn];
        if (limit && now >= *limit) {
            if (now == 0) {
                count.erase(arn);
            }
            return false;
        }
        ++now;
        return true;
    }

    void leave(const std::string& arn) {
        const std::lock_guard lock(mutex);
        const auto found = count.find(arn);
        if (--found->second == 0) {
            count.erase(found);
        }
    }

    std::mutex mutex;
    std::map<std::string, int> count;
};

ConcurrencyLimit::ConcurrencyLimit(store::Store& store, Invoker& next)
    : store_(store)
    , next_(next)
    , running_(std::make_shared<Running>()) {}

ConcurrencyLimit::~ConcurrencyLimit() = default;

void ConcurrencyLimit::invoke(InvokeRequest request, Completion done) {
    const auto function = service::parse_function_ref(request.function_arn);
    if (!function) {
        return next_.invoke(std::move(request), std::move(done));
    }
    std::string arn = function->arn();
    if (!running_->enter(arn, limit_of(store_, *function))) {
        InvokeOutcome outcome;
        outcome.status = InvokeStatus::Throttled;
        outcome.payload = kThrottled;
        outcome.request_id = std::move(request.request_id);
        return done(std::move(outcome));
    }
    next_.invoke(
        std::move(request),
        [running = running_, arn = std::move(arn), done = std::move(done)](InvokeOutcome outcome
        ) mutable {
            running->leave(arn);
            done(std::move(outcome));
        }
    );
}

} // namespace benchtop::functions
