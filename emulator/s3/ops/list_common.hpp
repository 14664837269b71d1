// What ListObjects and ListObjectsV2 share: parameters, their errors, and the elements of a page
// ("ListObjectsV2", Amazon S3 API Reference; recorded order of elements).
#pragma once

#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/listing.hpp"
#include "emulator/s3/operation.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

// A count in the query, `otherwise` when it is absent or empty. InvalidArgument unless it is 0 to
// 2147483647; of a negative one S3 says "Argument `argument`".
Result<std::size_t> decode_count(
    const Query& query, std::string_view name, std::size_t otherwise, std::string_view argument
);
// encoding-type: "url" or nothing, else InvalidArgument.
Result<bool> decode_url_encoding(const Query& query);

struct ListParameters {
    std::string prefix;
    std::string delimiter;
    std::size_t max_keys = kMaxKeysLimit; // as echoed
    bool url_encoded = false;
};

// InvalidArgument for encoding-type and max-keys.
Result<ListParameters> parse_list_parameters(const Query& query);

// `action` on the bucket, with the s3:prefix, s3:delimiter and s3:max-keys that were sent.
service::AccessRequest
listing_access(std::string_view action, const S3Request& request, const store::Bucket& bucket);
// s3:ListBucket.
std::vector<service::AccessRequest>
list_access(const S3Request& request, const Input& input, const store::Bucket* bucket);

ListingQuery listing_query(const ListParameters& parameters, std::string after);

// Canonical user ids of the owners of a bucket's objects.
class OwnerIds {
public:
    OwnerIds(const store::ReadTx& tx, const store::Bucket& bucket);

    std::string of(const store::Object& object) const;

private:
    const store::ReadTx& tx_;
    const store::Bucket& bucket_;
    std::string bucket_owner_;
};

// Writes a page; the elements before it are the operations' own.
class ListingWriter {
public:
    ListingWriter(
        const ListParameters& parameters,
        std::string_view bucket,
        std::string_view root = "ListBucketResult"
    );

    protocol::XmlWriter& xml() { return xml_; }

    // A key, prefix, marker or delimiter, encoded when the client asked for it.
    void encoded(std::string_view element, std::string_view text);
    // [Delimiter], [EncodingType], IsTruncated.
    void summary(bool truncated);
    // LastModified, ETag, [ChecksumAlgorithm, ChecksumType], Size.
    void description(const store::Object& object);
    void storage_class(const store::Object& object);
    void common_prefixes(const std::vector<std::string>& prefixes);
    // Contents and CommonPrefixes; without owners when `owners` is null.
    void entries(const ListingPage& page, const OwnerIds* owners);
    Response finish(const store::Bucket& bucket) &&;

private:
    const ListParameters& parameters_;
    protocol::XmlWriter xml_;
};

} // namespace benchtop::s3
