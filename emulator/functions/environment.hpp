// The environment variables a function sees. Lambda Developer Guide, "Using Lambda environment
// variables"; values as recorded in January 2026 (localstack snapshot test_lambda_common).
#pragma once

#include "emulator/store/rows.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace benchtop::functions {

using EnvironmentMap = std::map<std::string, std::string, std::less<>>;

struct RoleCredentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
};

// AWS under its own names: through Benchtop's proxy, with certificates of its CA.
struct RealNames {
    std::string proxy_url; // "http://127.0.0.1:4566"; "": not offered
    std::string ca_file;
};

// What differs between two environments of one function.
struct EnvironmentOptions {
    RoleCredentials credentials;
    std::string log_stream_name;
    // Becomes AWS_ENDPOINT_URL unless the function's own variables name one; "" sets none.
    std::string endpoint_url;
    RealNames real_names{};
    std::string runtime_api = "169.254.100.1:9001"; // host:port
};

// The function's own variables win where Lambda lets them (PATH, TZ...), never over reserved names.
EnvironmentMap make_environment(const store::Function& function, const EnvironmentOptions& options);

// New credentials for an environment that lives on.
void set_credentials(EnvironmentMap& environment, const RoleCredentials& credentials);

// A session name needs two characters; Lambda appends to a shorter function name.
std::string role_session_name(std::string_view function_name);

} // namespace benchtop::functions
