// The lab's worker: moves every object an S3 notification names from uploads/ to PROCESSED_PREFIX
// (processed/).
//
// A move is a server-side COPY, then a DELETE of the original. Repeating it after either step is
// harmless: the copy overwrites itself with the same bytes. Any S3 error ends the invocation, so
// that Lambda runs the event again.
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
