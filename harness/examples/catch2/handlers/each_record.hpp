// What both versions have in common: the event, read.
#pragma once

#include "handlers/aws/event.hpp"
#include "handlers/aws/s3_client.hpp"

#include <string>
#include <string_view>

namespace file_mover {

namespace aws = handlers::aws;

inline std::string processed(const std::string& key) {
    return "processed/" + key.substr(std::string_view("uploads/").size());
}

// Gives every record to `move`; the first error ends the invocation, and Lambda runs the event
// again.
template <class Move>
aws::Outcome<std::string>
each_record(std::string_view event, aws::Context& context, const Move& move) {
    const auto parsed = aws::S3Event::parse(event);
    if (!parsed) {
        return parsed.error();
    }
    auto s3 = aws::S3Client::from(context);
    if (!s3) {
        return s3.error();
    }
    for (const aws::S3EventRecord& record : parsed->records) {
        if (const aws::Outcome<void> moved = move(*s3, record); !moved) {
            return moved.error();
        }
    }
    return std::string("{}");
}

} // namespace file_mover
