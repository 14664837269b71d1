// A plugin as the code of an execution environment.
#include "emulator/functions/log_format.hpp"
#include "emulator/functions/plugin_call.hpp"

namespace benchtop::functions {
namespace {

benchtop_bytes bytes_of(std::string_view text) {
    return {text.data(), text.size()};
}

class PluginCode final : public EnvironmentCode {
public:
    explicit PluginCode(std::shared_ptr<const Plugin> plugin)
        : plugin_(std::move(plugin)) {}

    CodeAnswer init(HostCall& call) override {
        return plugin_->has_init() ? call_init(*plugin_, call) : CodeAnswer{};
    }

    CodeAnswer handle(HostCall& call, const CodeEvent& event) override {
        const std::string group = log_group_name(event.function);
        benchtop_invocation invocation{};
        invocation.struct_size = sizeof invocation;
        invocation.event = bytes_of(event.payload);
        invocation.request_id = bytes_of(event.request_id);
        invocation.function_name = bytes_of(event.function.name);
        invocation.function_version = bytes_of(event.function.version);
        invocation.invoked_function_arn = bytes_of(event.invoked_arn);
        invocation.log_group_name = bytes_of(group);
        invocation.log_stream_name = bytes_of(event.log_stream_name);
        invocation.trace_id = bytes_of(event.trace_id);
        invocation.memory_limit_mb = event.function.memory_mb;
        invocation.deadline_ms = to_epoch_ms(event.deadline);
        return call_handle(*plugin_, call, invocation);
    }

    bool abandon() override { return false; }

    std::optional<int> memory_used_mb() const override { return std::nullopt; }

    bool keeps_credentials() const override { return false; }

    std::string init_start_line() const override { return {}; }

private:
    std::shared_ptr<const Plugin> plugin_;
};

} // namespace

std::unique_ptr<EnvironmentCode> make_plugin_code(std::shared_ptr<const Plugin> plugin) {
    return std::make_unique<PluginCode>(std::move(plugin));
}

} // namespace benchtop::functions
