// CreateBucket ("Creating a general purpose bucket", Amazon S3 User Guide; recorded refusals).
#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/s3/bucket_location.hpp"
#include "emulator/s3/bucket_name.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_access.hpp"
#include "emulator/s3/object_lock.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/object_headers.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ownership.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kDocumentMax = 64 * 1024;

// "General purpose bucket quotas", Amazon S3 User Guide: by default, per account.
constexpr std::size_t kBucketsMax = 10'000;

struct CreateBucketInput final : Input {
    std::optional<std::string> constraint; // LocationConstraint as sent, "" included
    std::string ownership;                 // "" for the default
    AclHeaders acl;
    Tags tags;
    bool object_lock = false;
};

// Without the header ownership is BucketOwnerEnforced: ACLs are off.
Result<void> decode_ownership(const S3Request& request, CreateBucketInput& input) {
    const auto header = request.header("x-amz-object-ownership");
    if (!header) {
        return {};
    }
    if (!parse_ownership(*header)) {
        return invalid_argument("Invalid x-amz-object-ownership header: " + std::string(*header))
            .with("ArgumentName", "x-amz-object-ownership");
    }
    input.ownership = *header;
    return {};
}

// A bucket with ACLs off has none but the private one, and asking for that one turns them on
// (recorded).
Result<void> decode_acl(const S3Request& request, CreateBucketInput& input) {
    auto acl = decode_acl_headers(request, AclOf::Bucket);
    if (!acl) {
        return acl.error();
    }
    input.acl = *std::move(acl);
    if (!input.acl.given()) {
        return {};
    }
    if (input.ownership.empty() || input.ownership == "BucketOwnerEnforced") {
        if (input.acl.canned != "private") {
            return bucket_acl_with_enforced_ownership();
        }
        if (input.ownership.empty()) {
            input.ownership = "BucketOwnerPreferred";
        }
    }
    return {};
}

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (!is_valid_bucket_name(request.target.bucket)) {
        return invalid_bucket_name(request.target.bucket);
    }
    auto input = std::make_unique<CreateBucketInput>();
    for (const auto decode_part : {decode_ownership, decode_acl}) {
        if (auto ok = decode_part(request, *input); !ok) {
            return ok.error();
        }
    }
    if (auto digests = plan_document_integrity(request, ChecksumRule::Optional); !digests) {
        return digests.error();
    }
    input->object_lock =
        iequals(request.header("x-amz-bucket-object-lock-enabled").value_or(""), "true");
    return std::unique_ptr<Input>(std::move(input));
}

service::AccessRequest access_of(std::string_view action, const S3Request& request) {
    service::AccessRequest access;
    access.action = action;
    access.resource = bucket_arn(request.target.bucket);
    add_acl_conditions(request, access);
    return access;
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket*) {
    const auto& input = static_cast<const CreateBucketInput&>(base);
    std::vector<service::AccessRequest> requests{access_of("s3:CreateBucket", request)};
    if (input.acl.given()) {
        requests.push_back(access_of("s3:PutBucketAcl", request));
    }
    if (request.header("x-amz-object-ownership")) {
        requests.push_back(access_of("s3:PutBucketOwnershipControls", request));
    }
    if (input.object_lock) {
        requests.push_back(access_of("s3:PutBucketObjectLockConfiguration", request));
        requests.push_back(access_of("s3:PutBucketVersioning", request));
    }
    return requests;
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
            auto tags = parse_tag_set(child, TagsOf::NewBucket);
            if (!tags) {
                return tags.error();
            }
            input.tags = *std::move(tags);
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

Result<void> store_settings(
    store::WriteTx& tx,
    const service::OpContext& context,
    const store::Bucket& bucket,
    const CreateBucketInput& input
) {
    if (!input.ownership.empty()) {
        tx.set_bucket_setting(bucket.id, kOwnershipSetting, ownership_document(input.ownership));
    }
    if (input.acl.given()) {
        const Acl acl = acl_of_headers(input.acl, bucket.account, bucket.account);
        if (is_public(acl)) {
            return prevented_by_public_access_block(
                context,
                bucket,
                "s3:CreateBucket",
                bucket_arn(bucket.name),
                "public ACLs",
                "BlockPublicAcls"
            );
        }
        tx.set_bucket_setting(bucket.id, kAclSetting, to_text(acl, bucket.account));
    }
    if (input.tags.empty()) {
        return {};
    }
    service::AccessRequest tagging = bucket_access("s3:TagResource", bucket);
    if (auto allowed = context.authorizer.check(tagging); !allowed) {
        return allowed.error();
    }
    tx.set_bucket_setting(bucket.id, "tagging", tagging_document(input.tags));
    return {};
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
        // An old promise of us-east-1 only: creating the same bucket again succeeds, but never with
        // tags (recorded).
        if (context.region != "us-east-1" || existing->region != *region || !input.tags.empty()) {
            return bucket_already_owned_by_you(name);
        }
    } else {
        if (tx.list_buckets(context.caller.account).size() >= kBucketsMax) {
            return s3_error(
                400, "TooManyBuckets", "You have attempted to create more buckets than allowed"
            );
        }
        store::Bucket bucket;
        bucket.name = name;
        bucket.account = context.caller.account;
        bucket.region = *region;
        bucket.created_at = context.now;
        bucket.id = tx.create_bucket(bucket);
        remember_constraint(tx, bucket, input.constraint.value_or(""));
        if (auto ok = store_settings(tx, context, bucket, input); !ok) {
            return ok.error();
        }
        if (input.object_lock) {
            tx.set_bucket_setting(bucket.id, "versioning", "Enabled");
            tx.set_bucket_setting(bucket.id, kObjectLockSetting, to_setting({}));
        }
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
