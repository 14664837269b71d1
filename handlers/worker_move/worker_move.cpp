#include "handlers/worker_move/worker_move.hpp"

#include "handlers/aws/s3_client.hpp"

#include <string>

namespace handlers::worker_move {

namespace {

using aws::Outcome;

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
        if (const auto copied = s3->copy_object(record.bucket, key, record.bucket, new_key);
            !copied) {
            return copied.error();
        }
        if (const auto deleted = s3->delete_object(record.bucket, key); !deleted) {
            return deleted.error();
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
