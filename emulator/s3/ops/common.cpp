#include "emulator/s3/ops/common.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"

#include <algorithm>

namespace benchtop::s3 {

std::string bucket_arn(std::string_view bucket) {
    return "arn:aws:s3:::" + std::string(bucket);
}

std::string object_arn(std::string_view bucket, std::string_view key) {
    return bucket_arn(bucket) + "/" + std::string(key);
}

service::AccessRequest
access_to(std::string_view action, std::string resource, const store::Bucket& bucket) {
    service::AccessRequest access;
    access.action = action;
    access.resource = std::move(resource);
    access.resource_account = bucket.account;
    access.resource_policy = bucket.policy;
    return access;
}

service::AccessRequest bucket_access(std::string_view action, const store::Bucket& bucket) {
    return access_to(action, bucket_arn(bucket.name), bucket);
}

service::AccessRequest
object_access(std::string_view action, const store::Bucket& bucket, std::string_view key) {
    return access_to(action, object_arn(bucket.name, key), bucket);
}

Result<store::Bucket> require_bucket(const store::ReadTx& tx, const S3Request& request) {
    auto bucket = tx.find_bucket(request.target.bucket);
    if (!bucket) {
        return no_such_bucket(request.target.bucket);
    }
    if (auto ok = check_expected_owner(request, *bucket); !ok) {
        return ok.error();
    }
    return *std::move(bucket);
}

Result<void> check_expected_owner(
    const S3Request& request, const store::Bucket& bucket, std::string_view header
) {
    const auto owner = request.header(header);
    if (!owner) {
        return {};
    }
    const bool is_account = owner->size() == 12 && std::ranges::all_of(*owner, [](char c) {
                                return c >= '0' && c <= '9';
                            });
    if (!is_account) {
        return invalid_bucket_owner_account(*owner);
    }
    if (*owner != bucket.account) {
        return access_denied();
    }
    return {};
}

AwsError
missing_key(const service::OpContext& context, const store::Bucket& bucket, std::string_view key) {
    auto listing = bucket_access("s3:ListBucket", bucket);
    listing.conditions.emplace_back("s3:prefix", key);
    if (auto allowed = context.authorizer.check(listing); !allowed) {
        return allowed.error();
    }
    return no_such_key(key);
}

Response empty_response(int status) {
    Response response;
    response.status = status;
    if (status == 204 || status == 304) {
        response.framing = Framing::None;
    }
    return response;
}

Response xml_response(std::string document) {
    Response response;
    response.headers.add("Content-Type", "application/xml");
    response.body = std::move(document);
    response.framing = Framing::Chunked;
    return response;
}

} // namespace benchtop::s3
