// The worker as one writes it first. It passes every ordinary test; its copy finds nothing when the
// event comes a second time, and takes the new object for the old one when something was put under
// the same key meanwhile.
#include "handlers/each_record.hpp"
#include "handlers/hosts/plugin_host_entry.hpp"

namespace file_mover {

aws::Outcome<void> move(aws::S3Client& s3, const aws::S3EventRecord& record) {
    const std::string key = record.key();
    if (auto copied = s3.copy_object(record.bucket, key, record.bucket, processed(key)); !copied) {
        return copied;
    }
    return s3.delete_object(record.bucket, key);
}

aws::Outcome<std::string> handle(std::string_view event, aws::Context& context) {
    return each_record(event, context, move);
}

constexpr aws::Handler handler{"file_mover_draft", nullptr, handle};

} // namespace file_mover

BENCHTOP_EXPORT_PLUGIN(file_mover::handler)
