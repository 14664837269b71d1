#include "emulator/pipeline/activity.hpp"

namespace benchtop::pipeline {

std::string cut_activity(std::string_view text) {
    std::string result(text.substr(0, kActivityTextMax));
    if (result.size() < text.size()) {
        result += "...";
    }
    return result;
}

std::string_view name_of(InvokeStatus status) {
    switch (status) {
    case InvokeStatus::Ok:
        return "ok";
    case InvokeStatus::FunctionError:
        return "function-error";
    case InvokeStatus::NotFound:
        return "not-found";
    case InvokeStatus::NotPermitted:
        return "not-permitted";
    case InvokeStatus::Throttled:
        return "throttled";
    case InvokeStatus::ServiceError:
        return "service-error";
    }
    return {};
}

void RecordingInvoker::invoke(InvokeRequest request, Completion done) {
    InvocationRecord record;
    record.function_arn = request.function_arn;
    record.source = request.caller.service;
    record.at = clock_.now();
    record.payload = cut_activity(request.payload);
    next_.invoke(
        std::move(request),
        [records = records_,
         record = std::move(record),
         done = std::move(done)](InvokeOutcome outcome) mutable {
            record.request_id = outcome.request_id;
            record.version = outcome.executed_version;
            record.status = outcome.status;
            record.duration = outcome.duration;
            record.answer = cut_activity(outcome.payload);
            record.log_tail = outcome.log_tail;
            records->add(std::move(record));
            done(std::move(outcome));
        }
    );
}

} // namespace benchtop::pipeline
