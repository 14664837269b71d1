// ListBuckets: `GET /`. Region and ARN are shown only to clients that use one of the newer
// parameters (recorded).
#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/bucket_name.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/listing.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/xml_answer.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::uint64_t kMaxBuckets = 10'000;

struct ListBucketsInput final : Input {
    std::optional<std::string> prefix;
    std::string region; // "": all
    std::string after;  // of the continuation token
    std::uint64_t max_buckets = kMaxBuckets;
    bool detailed = false; // BucketRegion and BucketArn
};

// Tokens of bucket listings belong to no bucket.
constexpr std::string_view kTokenScope = "";

Result<void> read_parameters(const Query& query, ListBucketsInput& input) {
    if (const auto max_buckets = query.find("max-buckets")) {
        input.detailed = true;
        const auto value = parse_u64(*max_buckets);
        if (!max_buckets->empty() && (!value || *value == 0 || *value > kMaxBuckets)) {
            return invalid_argument(
                "Argument max-buckets must be an integer between 1 and 10000.",
                "max-buckets",
                *max_buckets
            );
        }
        input.max_buckets = value.value_or(kMaxBuckets);
    }
    if (const auto prefix = query.find("prefix")) {
        input.detailed = true;
        input.prefix = *prefix;
    }
    if (const auto region = query.find("bucket-region")) {
        input.detailed = true;
        if (!region->empty() && !is_known_region(*region)) {
            return invalid_argument(
                "Argument value " + std::string(*region) + " is not a valid AWS Region",
                "bucket-region",
                *region
            );
        }
        input.region = *region;
    }
    if (const auto token = query.find("continuation-token")) {
        input.detailed = true;
        auto after = read_continuation_token(kTokenScope, *token);
        if (!after) {
            return invalid_argument(
                "The continuation token provided is incorrect", "continuation-token", *token
            );
        }
        input.after = *std::move(after);
    }
    return {};
}

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    if (request.authenticated.type == auth::AuthType::Anonymous) {
        // A browser at the service's address: AWS sends it to the product page.
        return empty_answer(307).header("Location", "https://aws.amazon.com/s3/");
    }
    auto input = std::make_unique<ListBucketsInput>();
    if (auto parameters = read_parameters(request.query, *input); !parameters) {
        return parameters.error();
    }
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request&, const Input&, const store::Bucket*) {
    service::AccessRequest access;
    access.action = "s3:ListAllMyBuckets";
    access.resource = "*";
    return {std::move(access)};
}

bool is_wanted(const store::Bucket& bucket, const ListBucketsInput& input) {
    return bucket.name > input.after && bucket.name.starts_with(input.prefix.value_or("")) &&
           (input.region.empty() || bucket.region == input.region);
}

void write_bucket(protocol::XmlWriter& xml, const store::Bucket& bucket, bool detailed) {
    xml.open("Bucket");
    xml.element("Name", bucket.name);
    xml.element("CreationDate", to_iso8601_ms(std::chrono::floor<seconds>(bucket.created_at)));
    if (detailed) {
        xml.element("BucketRegion", bucket.region);
        xml.element("BucketArn", bucket_arn(bucket.name));
    }
    xml.close();
}

Result<Response>
read(const store::ReadTx& tx, const service::OpContext& context, const S3Request&, Input& base) {
    const auto& input = static_cast<const ListBucketsInput&>(base);
    if (!input.region.empty() && input.region != context.region) {
        // Documented ("ListBuckets", bucket-region); AWS's text is not recorded.
        return invalid_argument(
            "Requests made to a Regional endpoint that is different from the bucket-region "
            "parameter are not supported",
            "bucket-region",
            input.region
        );
    }
    std::vector<store::Bucket> page;
    bool truncated = false;
    for (auto& bucket : tx.list_buckets(context.caller.account)) {
        if (!is_wanted(bucket, input)) {
            continue;
        }
        if (page.size() == input.max_buckets) {
            truncated = true;
            break;
        }
        page.push_back(std::move(bucket));
    }

    protocol::XmlWriter xml;
    xml.open("ListAllMyBucketsResult", kXmlNamespace);
    xml.open("Owner");
    xml.element("ID", tx.account(context.caller.account).canonical_id);
    xml.close();
    if (page.empty()) {
        xml.empty("Buckets");
    } else {
        xml.open("Buckets");
        for (const store::Bucket& bucket : page) {
            write_bucket(xml, bucket, input.detailed);
        }
        xml.close();
    }
    if (truncated) {
        xml.element("ContinuationToken", make_continuation_token(kTokenScope, page.back().name));
    }
    if (input.prefix) {
        xml.element("Prefix", *input.prefix);
    }
    xml.close();
    return xml_response(std::move(xml).take());
}

} // namespace

Operation list_buckets_operation() {
    return {
        .name = "ListBuckets",
        .method = "GET",
        .level = Level::Service,
        .selector = "",
        .iam_action = "s3:ListAllMyBuckets",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .needs_bucket = false,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr,
    };
}

} // namespace benchtop::s3
