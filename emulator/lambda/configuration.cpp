#include "emulator/lambda/configuration.hpp"

#include "emulator/core/digest.hpp"
#include "emulator/protocol/json_writer.hpp"

namespace benchtop::lambda {
namespace {

// 2025-11-25T01:26:54.123+0000
std::string last_modified(UtcInstant at) {
    std::string text = to_iso8601_ms(at);
    text.pop_back(); // Z
    return text + "+0000";
}

// The same for everybody who runs the same runtime, as on AWS.
std::string runtime_version_arn(const store::Function& function) {
    return "arn:aws:lambda:" + function.region +
           "::runtime:" + sha256_hex("runtime " + function.runtime);
}

void write_state(protocol::JsonWriter& json, Phase phase) {
    if (phase == Phase::Creating) {
        json.member("State", "Pending")
            .member("StateReason", "The function is being created.")
            .member("StateReasonCode", "Creating");
    } else {
        json.member("State", "Active");
    }
}

void write_last_update(protocol::JsonWriter& json, Phase phase) {
    if (phase == Phase::Updating) {
        // The text is AWS's own for updates, too.
        json.member("LastUpdateStatus", "InProgress")
            .member("LastUpdateStatusReason", "The function is being created.")
            .member("LastUpdateStatusReasonCode", "Creating");
    } else if (phase == Phase::Settled) {
        json.member("LastUpdateStatus", "Successful");
    }
}

} // namespace

void write_configuration(
    protocol::JsonWriter& json,
    const service::OpContext& context,
    const store::Function& function,
    std::string_view arn,
    ConfigurationView view
) {
    const Details details = details_of(function);
    const Phase phase = phase_of(details, context.axis, context.now);
    json.begin_object();
    json.key("Architectures").begin_array().string(details.architecture).end_array();
    json.member("CodeSha256", details.code_sha256)
        .member("CodeSize", static_cast<std::int64_t>(details.code_size))
        .member("Description", details.description);
    if (details.has_environment) {
        json.key("Environment").begin_object().key("Variables").begin_object();
        for (const auto& [name, value] : function.environment) {
            json.member(name, value);
        }
        json.end_object().end_object();
    }
    json.key("EphemeralStorage")
        .begin_object()
        .member("Size", std::int64_t{details.ephemeral_mb})
        .end_object();
    json.member("FunctionArn", arn)
        .member("FunctionName", function.name)
        .member("Handler", function.handler)
        .member("LastModified", last_modified(function.last_modified));
    if (view == ConfigurationView::Whole) {
        write_last_update(json, phase);
    }
    json.key("LoggingConfig")
        .begin_object()
        .member("LogFormat", details.log_format)
        .member(
            "LogGroup",
            details.log_group.empty() ? "/aws/lambda/" + function.name : details.log_group
        )
        .end_object();
    json.member("MemorySize", std::int64_t{function.memory_mb})
        .member("PackageType", "Zip")
        .member("RevisionId", current_revision(details, phase))
        .member("Role", function.role_arn)
        .member("Runtime", function.runtime);
    if (view == ConfigurationView::Whole) {
        json.key("RuntimeVersionConfig")
            .begin_object()
            .member("RuntimeVersionArn", runtime_version_arn(function))
            .end_object();
    }
    json.key("SnapStart")
        .begin_object()
        .member("ApplyOn", "None")
        .member("OptimizationStatus", "Off")
        .end_object();
    if (view == ConfigurationView::Whole) {
        write_state(json, phase);
    }
    json.member("Timeout", std::int64_t{function.timeout_s});
    json.key("TracingConfig").begin_object().member("Mode", details.tracing_mode).end_object();
    json.member("Version", function.version);
    json.end_object();
}

std::string configuration_json(
    const service::OpContext& context, const store::Function& function, std::string_view arn
) {
    protocol::JsonWriter json;
    write_configuration(json, context, function, arn, ConfigurationView::Whole);
    return std::move(json).take();
}

std::string version_arn(const store::Function& function) {
    return function.version == store::kLatestVersion ? function.arn()
                                                     : function.arn() + ":" + function.version;
}

Response json_answer(int status, std::string body) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

Response no_content() {
    Response response;
    response.status = 204;
    response.headers.add("Content-Type", "application/json");
    response.framing = Framing::None;
    return response;
}

} // namespace benchtop::lambda
