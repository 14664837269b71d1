#include "emulator/functions/plugin_call.hpp"

#include "emulator/functions/error_payload.hpp"

#include <optional>

namespace benchtop::functions {

namespace {

constexpr std::size_t kErrorTypeBytesMax = 256;

struct ReleaseResult {
    benchtop_result& result;

    ~ReleaseResult() {
        if (result.release != nullptr) {
            result.release(&result);
        }
    }
};

CodeAnswer broken(std::string_view flaw) {
    CodeAnswer answer;
    answer.kind = CodeAnswer::Kind::Broken;
    answer.flaw = flaw;
    return answer;
}

// `silent_success`: init has no payload to give.
CodeAnswer read_result(const benchtop_result& result, bool silent_success) {
    const bool failed = result.is_error != 0;
    if (result.payload.data == nullptr && result.payload.size > 0) {
        return broken("its payload points nowhere");
    }
    CodeAnswer answer;
    if (result.payload.size > kPayloadBytesMax) {
        answer.kind = CodeAnswer::Kind::TooLarge;
        return answer;
    }
    if (failed && result.payload.size == 0) {
        return broken("it reported an error without a document");
    }
    answer.kind = failed ? CodeAnswer::Kind::Error : CodeAnswer::Kind::Ok;
    if (failed || !silent_success) {
        answer.payload.assign(
            result.payload.data == nullptr ? "" : result.payload.data, result.payload.size
        );
    }
    if (failed && result.error_type.data != nullptr &&
        result.error_type.size <= kErrorTypeBytesMax) {
        answer.error_type.assign(result.error_type.data, result.error_type.size);
    }
    return answer;
}

template <class Call>
CodeAnswer guarded(bool silent_success, Call call) {
    benchtop_result result{};
    result.struct_size = sizeof result;
    try {
        call(&result);
    } catch (...) {
        // The seam forbids it; a C++ plugin may do it all the same.
        CodeAnswer answer = broken("it threw an exception across the plugin seam");
        answer.threw = true;
        return answer;
    }
    if (!BENCHTOP_HAS(benchtop_result, &result, release)) {
        return broken("it changed the size of its result");
    }
    const ReleaseResult release{result};
    return read_result(result, silent_success);
}

} // namespace

CodeAnswer call_init(const Plugin& plugin, const HostCall& call) {
    return guarded(true, [&](benchtop_result* result) {
        plugin.table().init(call.table(), result);
    });
}

CodeAnswer
call_handle(const Plugin& plugin, const HostCall& call, const benchtop_invocation& invocation) {
    return guarded(false, [&](benchtop_result* result) {
        plugin.table().handle(call.table(), &invocation, result);
    });
}

} // namespace benchtop::functions
