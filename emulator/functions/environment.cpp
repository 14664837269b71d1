#include "emulator/functions/environment.hpp"

#include "emulator/functions/log_format.hpp"

namespace benchtop::functions {

namespace {

// Defaults a function's own variables may replace.
EnvironmentMap replaceable_defaults() {
    return {
        {"LANG", "en_US.UTF-8"},
        {"LD_LIBRARY_PATH",
         "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:"
         "/opt/lib"},
        {"PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"},
        {"TZ", ":UTC"},
    };
}

} // namespace

EnvironmentMap
make_environment(const store::Function& function, const EnvironmentOptions& options) {
    EnvironmentMap variables = replaceable_defaults();
    if (!options.endpoint_url.empty()) {
        variables["AWS_ENDPOINT_URL"] = options.endpoint_url;
    }
    if (!options.real_names.proxy_url.empty()) {
        for (const char* name : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"}) {
            variables[name] = options.real_names.proxy_url;
        }
        for (const char* name : {"NO_PROXY", "no_proxy"}) {
            variables[name] = "127.0.0.1,localhost";
        }
        for (const char* name :
             {"AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}) {
            variables[name] = options.real_names.ca_file;
        }
    }
    // Custom runtimes are told neither the execution environment nor Python's settings.
    const bool is_custom = function.runtime.starts_with("provided");
    if (function.runtime.starts_with("python")) {
        variables["LC_CTYPE"] = "C.UTF-8";
        variables["PWD"] = "/var/task";
        variables["PYTHONPATH"] = "/var/runtime";
        variables["SHLVL"] = "0";
    }
    for (const auto& [name, value] : function.environment) {
        variables[name] = value;
    }
    if (is_custom) {
        variables.erase("AWS_EXECUTION_ENV");
    } else {
        variables["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + function.runtime;
    }
    variables["AWS_REGION"] = function.region;
    variables["AWS_DEFAULT_REGION"] = function.region;
    variables["AWS_LAMBDA_FUNCTION_NAME"] = function.name;
    variables["AWS_LAMBDA_FUNCTION_VERSION"] = function.version;
    variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(function.memory_mb);
    variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
    variables["AWS_LAMBDA_LOG_GROUP_NAME"] = log_group_name(function);
    variables["AWS_LAMBDA_LOG_STREAM_NAME"] = options.log_stream_name;
    variables["AWS_LAMBDA_RUNTIME_API"] = options.runtime_api;
    variables["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR";
    variables["AWS_XRAY_DAEMON_ADDRESS"] = "169.254.100.1:2000";
    variables["_AWS_XRAY_DAEMON_ADDRESS"] = "169.254.100.1";
    variables["_AWS_XRAY_DAEMON_PORT"] = "2000";
    variables["LAMBDA_TASK_ROOT"] = "/var/task";
    variables["LAMBDA_RUNTIME_DIR"] = "/var/runtime";
    variables["_HANDLER"] = function.handler;
    set_credentials(variables, options.credentials);
    return variables;
}

void set_credentials(EnvironmentMap& environment, const RoleCredentials& credentials) {
    environment["AWS_ACCESS_KEY_ID"] = credentials.access_key_id;
    environment["AWS_SECRET_ACCESS_KEY"] = credentials.secret_access_key;
    environment["AWS_SESSION_TOKEN"] = credentials.session_token;
}

std::string role_session_name(std::string_view function_name) {
    std::string name(function_name);
    return name.size() < 2 ? name + "@lambda_function" : name;
}

} // namespace benchtop::functions
