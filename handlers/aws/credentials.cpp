#include "handlers/aws/credentials.hpp"

namespace handlers::aws {

namespace {

Error partial(const char* missing) {
    return {
        "PartialCredentialsError",
        std::string("Partial credentials found in env, missing: ") + missing};
}

} // namespace

Outcome<Credentials> credentials_from(const Context& context) {
    Credentials found{
        context.env_or("AWS_ACCESS_KEY_ID", ""),
        context.env_or("AWS_SECRET_ACCESS_KEY", ""),
        context.env_or("AWS_SESSION_TOKEN", "")};
    if (found.access_key_id.empty()) {
        return Error("NoCredentialsError", "Unable to locate credentials");
    }
    if (found.secret_access_key.empty()) {
        return partial("AWS_SECRET_ACCESS_KEY");
    }
    if (found.session_token.empty() && found.access_key_id.starts_with("ASIA")) {
        return partial("AWS_SESSION_TOKEN");
    }
    return found;
}

} // namespace handlers::aws
