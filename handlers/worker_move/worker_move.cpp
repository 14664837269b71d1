#include "handlers/worker_move/worker_move.hpp"

#include "handlers/aws/s3_client.hpp"

#include <string>

namespace handlers::worker_move {

namespace {

using aws::Outcome;
using aws::Unchanged;

constexpr std::string_view uploads_prefix = "uploads/";

} // namespace

Outcome<void> handle(const aws::S3Event& event, aws::Context& context) {
    const std::string processed_prefix = context.env_or("PROCESSED_PREFIX", "processed/");
    auto s3 = aws::S3Client::from(context);
    if (!s3) {
        return s3.error();
    }
    for (const aws::S3EventRecord& record : event.records) {
        const std::string key = record.key();
        if (!key.starts_with(uploads_prefix)) {
            context.print("Skipping non-uploads key: " + key);
            continue;
        }
        const std::string new_key = processed_prefix + key.substr(uploads_prefix.size());
        context.print("Moving: " + key + " -> " + new_key);
        const auto copied =
            s3->copy_unchanged(record.bucket, key, record.etag, record.bucket, new_key);
        if (!copied) {
            return copied.error();
        }
        if (*copied != Unchanged::Done) {
            context.print(
                *copied == Unchanged::Gone ? "Already moved: " + key
                                           : "Put again since, its own event moves it: " + key
            );
            continue;
        }
        const auto deleted = s3->delete_unchanged(record.bucket, key, record.etag);
        if (!deleted) {
            return deleted.error();
        }
        if (*deleted == Unchanged::Changed) {
            context.print("Put again meanwhile, its own event moves it: " + key);
            continue;
        }
        context.print("Moved successfully: " + new_key);
    }
    return {};
}

Outcome<std::string> handle_json(std::string_view event, aws::Context& context) {
    const auto parsed = aws::S3Event::parse(event);
    if (!parsed) {
        return parsed.error();
    }
    if (const auto moved = handle(*parsed, context); !moved) {
        return moved.error();
    }
    return std::string("{\"status\": \"ok\"}");
}

} // namespace handlers::worker_move
