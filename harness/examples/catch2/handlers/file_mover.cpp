// Moves uploads/X to processed/X, however often and in whichever order S3's events come: both steps
// happen only to the object the event is about (its ETag), and an object that is gone has been
// moved.
#include "handlers/each_record.hpp"
#include "handlers/hosts/plugin_host_entry.hpp"

namespace file_mover {

aws::Outcome<void> move(aws::S3Client& s3, const aws::S3EventRecord& record) {
    const std::string key = record.key();
    const auto copied =
        s3.copy_unchanged(record.bucket, key, record.etag, record.bucket, processed(key));
    if (!copied) {
        return copied.error();
    }
    if (*copied != aws::Unchanged::Done) {
        return {}; // moved already, or a later event's affair
    }
    const auto deleted = s3.delete_unchanged(record.bucket, key, record.etag);
    if (!deleted) {
        return deleted.error();
    }
    return {};
}

aws::Outcome<std::string> handle(std::string_view event, aws::Context& context) {
    return each_record(event, context, move);
}

constexpr aws::Handler handler{"file_mover", nullptr, handle};

} // namespace file_mover

BENCHTOP_EXPORT_PLUGIN(file_mover::handler)
