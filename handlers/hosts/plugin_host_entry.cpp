#include "handlers/hosts/plugin_host_entry.hpp"

#include "handlers/hosts/run_handler.hpp"

#include <memory>
#include <new>

namespace handlers::hosts {

namespace {

std::string_view view(const benchtop_bytes& bytes) {
    return bytes.size == 0 ? std::string_view() : std::string_view(bytes.data, bytes.size);
}

std::string text(const benchtop_bytes& bytes) {
    return std::string(view(bytes));
}

benchtop_bytes bytes(std::string_view view) {
    return {view.data(), view.size()};
}

class HostServices final : public aws::Clock,
                           public aws::Random,
                           public aws::Environment,
                           public aws::Log,
                           public aws::Transport {
public:
    explicit HostServices(const benchtop_host& host)
        : host_(host) {}

    std::int64_t now_ms() override { return host_.now_ms(host_.self); }

    std::int64_t remaining_ms(std::int64_t) override { return host_.remaining_ms(host_.self); }

    void fill(std::span<unsigned char> buffer) override {
        host_.random(host_.self, buffer.data(), buffer.size());
    }

    std::optional<std::string> get(const char* name) const override {
        const char* value = host_.getenv(host_.self, name);
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    }

    void write(std::string_view line) override { host_.log(host_.self, line.data(), line.size()); }

    aws::HttpResponse send(const aws::HttpRequest& request) override;

private:
    const benchtop_host& host_;
};

struct ReleaseResponse {
    void operator()(benchtop_http_response* response) const {
        if (response->release != nullptr) {
            response->release(response);
        }
    }
};

aws::HttpResponse HostServices::send(const aws::HttpRequest& request) {
    std::vector<benchtop_header> headers;
    headers.reserve(request.headers.size());
    for (const auto& [name, value] : request.headers) {
        headers.push_back({bytes(name), bytes(value)});
    }
    benchtop_http_request out{};
    out.struct_size = sizeof out;
    out.method = bytes(request.method);
    out.url = bytes(request.url);
    out.headers = headers.data();
    out.header_count = headers.size();
    out.body = bytes(request.body);
    out.timeout_ms = request.timeout_ms;
    benchtop_http_response in{};
    in.struct_size = sizeof in;
    host_.http_send(host_.self, &out, &in);
    const std::unique_ptr<benchtop_http_response, ReleaseResponse> release(&in);

    aws::HttpResponse response;
    response.status = in.status;
    for (std::size_t i = 0; i < in.header_count; ++i) {
        response.headers.emplace_back(text(in.headers[i].name), text(in.headers[i].value));
    }
    response.body = text(in.body);
    if (in.status == 0) {
        response.error =
            in.timed_out != 0 ? aws::TransportError::TimedOut : aws::TransportError::Unreachable;
        response.reason = text(in.error);
    }
    return response;
}

// Answers from constants, for the cases in which not even an allocation may be tried.
void fail_plainly(benchtop_result* result, std::string_view payload, std::string_view type) {
    result->is_error = 1;
    result->payload = bytes(payload);
    result->error_type = bytes(type);
    result->owner = nullptr;
    result->release = nullptr;
}

void fill(benchtop_result* result, Answer answer) {
    auto owned = std::make_unique<Answer>(std::move(answer));
    result->is_error = owned->is_error ? 1 : 0;
    result->payload = bytes(owned->payload);
    result->error_type = bytes(owned->error_type);
    result->owner = owned.release();
    result->release = [](benchtop_result* done) {
        delete static_cast<Answer*>(done->owner);
        done->owner = nullptr;
        done->payload = {nullptr, 0};
        done->error_type = {nullptr, 0};
        done->release = nullptr;
    };
}

aws::InvocationInfo info_of(const benchtop_invocation& invocation) {
    aws::InvocationInfo info;
    info.request_id = text(invocation.request_id);
    info.function_name = text(invocation.function_name);
    info.function_version = text(invocation.function_version);
    info.invoked_function_arn = text(invocation.invoked_function_arn);
    info.log_group_name = text(invocation.log_group_name);
    info.log_stream_name = text(invocation.log_stream_name);
    info.trace_id = text(invocation.trace_id);
    info.memory_limit_mb = invocation.memory_limit_mb;
    info.deadline_ms = invocation.deadline_ms;
    return info;
}

template <typename Run>
void with_host(const benchtop_host* host, benchtop_result* result, Run run) noexcept {
    if (host == nullptr || host->abi_version != BENCHTOP_PLUGIN_ABI_VERSION ||
        !BENCHTOP_HAS(benchtop_host, host, getenv)) {
        fail_plainly(
            result,
            R"({"errorMessage":"the host speaks another plugin ABI","errorType":"Runtime.PluginAbiMismatch","stackTrace":[]})",
            "Runtime.PluginAbiMismatch"
        );
        return;
    }
    try {
        HostServices services(*host);
        fill(result, run(aws::Services{services, services, services, services, services}));
    } catch (...) {
        fail_plainly(
            result,
            R"({"errorMessage":"out of memory","errorType":"Runtime.OutOfMemory","stackTrace":[]})",
            "Runtime.OutOfMemory"
        );
    }
}

} // namespace

void plugin_init(
    const aws::Handler& handler, const benchtop_host* host, benchtop_result* result
) noexcept {
    with_host(host, result, [&](aws::Services services) {
        aws::Context context({}, services);
        return run_init(handler, context);
    });
}

void plugin_handle(
    const aws::Handler& handler,
    const benchtop_host* host,
    const benchtop_invocation* invocation,
    benchtop_result* result
) noexcept {
    with_host(host, result, [&](aws::Services services) {
        aws::Context context(info_of(*invocation), services);
        return run_handle(handler, view(invocation->event), context);
    });
}

} // namespace handlers::hosts
