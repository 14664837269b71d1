// The lab's worker: moves every object an S3 notification names from uploads/ to PROCESSED_PREFIX
// (processed/).
//
// A move is a server-side COPY, then a DELETE of the original, both only while the original is the
// one of the event (its ETag): what was put under the same key meanwhile has an event of its own.
// Repeating a move after either step is harmless, and an original that is gone has been moved; S3
// says that it is gone (404) only to a role that may list the bucket, else it is a 403. Any other
// S3 error ends the invocation, so that Lambda runs the event again.
#pragma once

#include "handlers/aws/event.hpp"
#include "handlers/aws/handler.hpp"

namespace handlers::worker_move {

// Errors: boto3's, by type and words (aws/s3_client.hpp).
aws::Outcome<void> handle(const aws::S3Event& event, aws::Context& context);

// {"status": "ok"}
aws::Outcome<std::string> handle_json(std::string_view event, aws::Context& context);

inline constexpr aws::Handler handler{"worker_move", nullptr, handle_json};

} // namespace handlers::worker_move
