// Small things every operation needs.
#pragma once

#include "emulator/s3/operation.hpp"

namespace benchtop::s3 {

std::string bucket_arn(std::string_view bucket);
std::string object_arn(std::string_view bucket, std::string_view key);

// "May the caller do `action` to `resource`?", where `bucket` owns the resource.
service::AccessRequest
access_to(std::string_view action, std::string resource, const store::Bucket& bucket);
service::AccessRequest bucket_access(std::string_view action, const store::Bucket& bucket);
service::AccessRequest
object_access(std::string_view action, const store::Bucket& bucket, std::string_view key);

// The bucket of the request, or NoSuchBucket; also checks x-amz-expected-bucket-owner.
Result<store::Bucket> require_bucket(const store::ReadTx& tx, const S3Request& request);

// x-amz-expected-bucket-owner (or `header`, its sibling for copy sources) names the owner.
// InvalidBucketOwnerAWSAccountID, AccessDenied.
Result<void> check_expected_owner(
    const S3Request& request,
    const store::Bucket& bucket,
    std::string_view header = "x-amz-expected-bucket-owner"
);

// What a missing key gets: NoSuchKey for who may list the bucket, AccessDenied for all others.
AwsError
missing_key(const service::OpContext& context, const store::Bucket& bucket, std::string_view key);

// An empty answer: 200 with Content-Length: 0, or 204 without.
Response empty_response(int status);
// A document answer in S3's form: Content-Type: application/xml, chunked.
Response xml_response(std::string document);

} // namespace benchtop::s3
