// PutBucketLifecycleConfiguration: replaces all rules. Answers which objects are too small to
// transition by default (recorded).
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/lifecycle.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/lifecycle_common.hpp"
#include "emulator/s3/ops/ops.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 1024 * 1024;

struct PutLifecycleInput final : Input {
    std::vector<LifecycleRule> rules;
    MinimumTransitionSize minimum_size = MinimumTransitionSize::All128K;
};

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    const ChecksumRule rule = checksum_rule("PutBucketLifecycleConfiguration");
    if (auto digests = plan_document_integrity(request, rule); !digests) {
        return digests.error();
    }
    auto input = std::make_unique<PutLifecycleInput>();
    if (const auto given = request.header(kMinimumSizeHeader)) {
        const auto size = parse_minimum_size(*given);
        if (!size) {
            return invalid_request(
                "Invalid TransitionDefaultMinimumObjectSize found: " + std::string(*given)
            );
        }
        input->minimum_size = *size;
    }
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket* bucket) {
    return {bucket_access("s3:PutLifecycleConfiguration", *bucket)};
}

Result<void> decode_document(Input& base, std::string_view document) {
    if (document.empty()) {
        return missing_request_body();
    }
    auto rules = parse_lifecycle_rules(document);
    if (!rules) {
        return rules.error();
    }
    if (auto valid = validate_lifecycle_rules(*rules); !valid) {
        return valid.error();
    }
    static_cast<PutLifecycleInput&>(base).rules = *std::move(rules);
    return {};
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    auto& input = static_cast<PutLifecycleInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    assign_missing_ids(input.rules, context.random);
    const LifecycleConfig config{std::move(input.rules), input.minimum_size, context.now};
    tx.set_bucket_setting(bucket->id, kLifecycleSetting, to_setting(config));
    Response response = empty_response(200);
    response.headers.add(kMinimumSizeHeader, to_text(config.minimum_size));
    return response;
}

} // namespace

Operation put_bucket_lifecycle_configuration_operation() {
    return {
        .name = "PutBucketLifecycleConfiguration",
        .method = "PUT",
        .level = Level::Bucket,
        .selector = "lifecycle",
        .iam_action = "s3:PutLifecycleConfiguration",
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
