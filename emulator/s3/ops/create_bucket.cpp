// CreateBucket ("Creating a general purpose bucket", Amazon S3 User Guide; recorded refusals).
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/bucket_location.hpp"
#include "emulator/s3/bucket_name.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 64 * 1024;

struct CreateBucketInput final : Input {
    std::optional<std::string> constraint; // LocationConstraint as sent, "" included
};

constexpr std::array kCannedAcls = std::to_array<std::string_view>({
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
    "log-delivery-write",
});

constexpr std::array kGrantHeaders = std::to_array<std::string_view>({
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
});

AwsError acl_with_enforced_ownership() {
    return s3_error(
        400,
        "InvalidBucketAclWithObjectOwnership",
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
    );
}

// ACLs are off in every bucket here, as they are in AWS's new buckets.
Result<void> check_acl_headers(const S3Request& request) {
    if (const auto ownership = request.header("x-amz-object-ownership")) {
        if (*ownership == "BucketOwnerPreferred" || *ownership == "ObjectWriter") {
            return header_not_implemented("x-amz-object-ownership");
        }
        if (*ownership != "BucketOwnerEnforced") {
            return invalid_argument(
                       "Invalid x-amz-object-ownership header: " + std::string(*ownership)
            )
                .with("ArgumentName", "x-amz-object-ownership");
        }
    }
    if (const auto acl = request.header("x-amz-acl")) {
        if (std::ranges::find(kCannedAcls, *acl) == kCannedAcls.end()) {
            return invalid_argument("", "x-amz-acl", *acl);
        }
        if (*acl != "private") {
            return acl_with_enforced_ownership();
        }
    }
    for (const std::string_view name : kGrantHeaders) {
        if (request.header(name)) {
            return acl_with_enforced_ownership();
        }
    }
    return {};
}

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (!is_valid_bucket_name(request.target.bucket)) {
        return invalid_bucket_name(request.target.bucket);
    }
    if (auto acl = check_acl_headers(request); !acl) {
        return acl.error();
    }
    if (const auto lock = request.header("x-amz-bucket-object-lock-enabled");
        lock && *lock != "false" && *lock != "False") {
        return header_not_implemented("x-amz-bucket-object-lock-enabled");
    }
    if (auto digests = plan_document_integrity(request, ChecksumRule::Optional); !digests) {
        return digests.error();
    }
    return std::unique_ptr<Input>(std::make_unique<CreateBucketInput>());
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input&, const store::Bucket*) {
    service::AccessRequest access;
    access.action = "s3:CreateBucket";
    access.resource = bucket_arn(request.target.bucket);
    return {std::move(access)};
}

Result<void> decode_document(Input& base, std::string_view document) {
    if (document.empty()) {
        return {};
    }
    const auto parsed = protocol::parse_xml(document);
    if (!parsed || protocol::local_name(parsed->root()) != "CreateBucketConfiguration") {
        return malformed_xml();
    }
    auto& input = static_cast<CreateBucketInput&>(base);
    for (const pugi::xml_node child : protocol::children(parsed->root())) {
        const std::string_view name = protocol::local_name(child);
        if (name == "LocationConstraint" && !input.constraint) {
            input.constraint = protocol::text_of(child);
        } else if (name == "Tags") {
            return operation_not_implemented("CreateBucket with Tags");
        } else {
            return malformed_xml();
        }
    }
    return {};
}

// Only the global endpoint creates buckets of other regions.
Result<std::string> region_of_new_bucket(
    const service::OpContext& context, const S3Request& request, const CreateBucketInput& input
) {
    const auto& constraint = input.constraint;
    if (context.region != "us-east-1") {
        if (!constraint || constraint->empty()) {
            return illegal_location_constraint("unspecified");
        }
        if (region_of_constraint(*constraint) != context.region) {
            return illegal_location_constraint(*constraint);
        }
        return std::string(context.region);
    }
    if (!constraint) {
        return std::string(context.region);
    }
    const std::string region = region_of_constraint(*constraint);
    if (!is_known_region(region) || region == "us-east-1") {
        return invalid_location_constraint(*constraint);
    }
    if (request.target.endpoint_region) {
        return illegal_location_constraint(*constraint);
    }
    return region;
}

Result<Response>
write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& base, StagedObject*) {
    const auto& input = static_cast<const CreateBucketInput&>(base);
    const std::string& name = request.target.bucket;
    auto region = region_of_new_bucket(context, request, input);
    if (!region) {
        return region.error();
    }
    if (const auto existing = tx.find_bucket(name)) {
        if (existing->account != context.caller.account) {
            return bucket_already_exists(name);
        }
        // An old promise of us-east-1 only: creating the same bucket again succeeds.
        if (context.region != "us-east-1" || existing->region != *region) {
            return bucket_already_owned_by_you(name);
        }
    } else {
        store::Bucket bucket;
        bucket.name = name;
        bucket.account = context.caller.account;
        bucket.region = *region;
        bucket.created_at = context.now;
        bucket.id = tx.create_bucket(bucket);
        remember_constraint(tx, bucket, input.constraint.value_or(""));
    }
    Response response = empty_response(200);
    response.headers.add(
        "Location", *region == "us-east-1" ? "/" + name : "http://" + name + ".s3.amazonaws.com/"
    );
    response.headers.add("x-amz-bucket-arn", bucket_arn(name));
    return response;
}

} // namespace

Operation create_bucket_operation() {
    return {
        .name = "CreateBucket",
        .method = "PUT",
        .level = Level::Bucket,
        .selector = "",
        .iam_action = "s3:CreateBucket",
        .access = Access::Write,
        .body = BodyKind::Document,
        .document_max = kDocumentMax,
        .needs_bucket = false,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = decode_document,
        .read = nullptr,
        .write = write,
    };
}

} // namespace benchtop::s3
