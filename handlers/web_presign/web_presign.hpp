// The lab's web handler: answers every request with a presigned S3 PUT URL for a new key.
//
// Environment: BUCKET_NAME (required), UPLOAD_PREFIX (uploads/), EXPIRES_IN (300; 1..604800
// seconds), SIGN_CONTENT_TYPE (unset: any Content-Type may be sent; a media type: exactly that one
// must be, which is how the lab's SignatureDoesNotMatch is made), and where and as whom S3 is
// reached (aws/endpoint.hpp, aws/credentials.hpp).
#pragma once

#include "handlers/aws/event.hpp"
#include "handlers/aws/handler.hpp"

namespace handlers::web_presign {

// Errors: ValueError (EXPIRES_IN), TypeError (no BUCKET_NAME), ParamValidationError (a bad one),
// and those of credentials and endpoint.
aws::Outcome<aws::ApiGatewayV2Response>
handle(const aws::ApiGatewayV2Request& request, aws::Context& context);

// Reads EXPIRES_IN, which a Python module would do while it is imported.
aws::Outcome<void> init(aws::Context& context);
aws::Outcome<std::string> handle_json(std::string_view event, aws::Context& context);

inline constexpr aws::Handler handler{"web_presign", init, handle_json};

} // namespace handlers::web_presign
