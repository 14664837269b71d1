// Who signs: the function's role session, as Lambda puts it into the environment.
#pragma once

#include "handlers/aws/context.hpp"
#include "handlers/aws/error.hpp"

#include <string>

namespace handlers::aws {

struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token; // empty for a user's long-term key
};

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. Errors: NoCredentialsError;
// PartialCredentialsError, also for a temporary key (ASIA...) without its token: S3 would only say
// InvalidAccessKeyId, and much later.
Outcome<Credentials> credentials_from(const Context& context);

} // namespace handlers::aws
