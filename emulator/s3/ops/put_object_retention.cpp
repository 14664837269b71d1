// PutObjectRetention: sets, extends, and with a bypass of GOVERNANCE shortens or removes.
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_lock.hpp"
#include "emulator/s3/object_lock.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/lock_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ops/version_choice.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 64 * 1024;

struct PutObjectRetentionInput final : VersionedInput {
    std::string mode; // "" takes the retention away
    UtcInstant retain_until{};
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Required); !digests) {
        return digests.error();
    }
    auto version = decode_version_choice(request.query);
    if (!version) {
        return version.error();
    }
    auto input = std::make_unique<PutObjectRetentionInput>();
    input->version = *std::move(version);
    return std::unique_ptr<Input>(std::move(input));
}

// Policies may ask for how long, which only the document says: the right is asked for in write().
std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket*) {
    return {};
}

Result<void> decode_document(Input& base, std::string_view document) {
    const auto parsed = protocol::parse_xml(document);
    if (!parsed || protocol::local_name(parsed->root()) != "Retention") {
        return malformed_xml();
    }
    auto& input = static_cast<PutObjectRetentionInput&>(base);
    std::optional<UtcInstant> until;
    for (const pugi::xml_node child : protocol::children(parsed->root())) {
        const std::string_view name = protocol::local_name(child);
        std::string text = protocol::text_of(child);
        if (name == "Mode" && input.mode.empty() && is_retention_mode(text)) {
            input.mode = std::move(text);
        } else if (name == "RetainUntilDate" && !until && parse_iso8601(text)) {
            until = parse_iso8601(text);
        } else {
            return malformed_xml();
        }
    }
    if (input.mode.empty() == until.has_value()) {
        return malformed_xml(); // one without the other
    }
    input.retain_until = until.value_or(UtcInstant{});
    return {};
}

store::ObjectLock with_retention(
    const store::ObjectLock& lock, const PutObjectRetentionInput& input, UtcInstant now
) {
    store::ObjectLock wanted = lock;
    wanted.mode = input.mode;
    wanted.retain_until = input.retain_until;
    wanted.set_at = input.mode.empty() ? UtcInstant{} : now;
    return wanted;
}

Result<void> check_rights(
    const service::OpContext& context,
    const S3Request& request,
    const store::Bucket& bucket,
    const PutObjectRetentionInput& input
) {
    LockHeaders wanted;
    wanted.mode = input.mode;
    wanted.retain_until = input.retain_until;
    wanted.retain_until_text = to_iso8601_s(input.retain_until);
    auto access = access_naming_version("s3:PutObjectRetention", request, bucket, input.version);
    add_lock_conditions(wanted, context.now, access);
    return context.authorizer.check(access);
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto& input = static_cast<const PutObjectRetentionInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    if (auto ok = check_rights(context, request, *bucket, input); !ok) {
        return ok.error();
    }
    if (!lock_configuration_of(*bucket)) {
        return bucket_without_object_lock();
    }
    if (!input.mode.empty() && input.retain_until <= context.now) {
        return retain_until_in_the_past("RetainUntilDate", to_pacific_time(input.retain_until));
    }
    auto object = find_chosen_version(tx, context, request, *bucket, input.version);
    if (!object) {
        return object.error();
    }
    const store::ObjectLock wanted = with_retention(object->lock, input, context.now);
    if (auto ok = check_new_retention(context, *bucket, *object, wanted, asks_for_bypass(request));
        !ok) {
        return ok.error();
    }
    object->lock = wanted;
    tx.update_version(bucket->id, *object);
    return empty_response(200);
}

} // namespace

Operation put_object_retention_operation() {
    return {
        .name = "PutObjectRetention",
        .method = "PUT",
        .level = Level::Object,
        .selector = "retention",
        .iam_action = "s3:PutObjectRetention",
        .access = Access::Write,
        .body = BodyKind::Document,
        .document_max = kDocumentMax,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = decode_document,
        .read = nullptr,
        .write = write,
    };
}

} // namespace benchtop::s3
