#include "emulator/s3/ops/list_common.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/acl_wire.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ownership.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>
#include <limits>

namespace benchtop::s3 {

Result<std::size_t> decode_count(
    const Query& query, std::string_view name, std::size_t otherwise, std::string_view argument
) {
    const std::string_view text = query.get(name);
    if (text.empty()) {
        return otherwise;
    }
    const auto value = parse_i64(text);
    if (!value || *value > std::numeric_limits<std::int32_t>::max() ||
        *value < std::numeric_limits<std::int32_t>::min()) {
        return invalid_argument(
            "Provided " + std::string(name) + " not an integer or within integer range", name, text
        );
    }
    if (*value < 0) {
        return invalid_argument(
            "Argument " + std::string(argument) + " must be an integer between 0 and 2147483647",
            argument,
            text
        );
    }
    return static_cast<std::size_t>(*value);
}

Result<bool> decode_url_encoding(const Query& query) {
    const auto encoding = query.find("encoding-type");
    if (encoding && *encoding != "url") {
        return invalid_argument(
            "Invalid Encoding Method specified in Request", "encoding-type", *encoding
        );
    }
    return encoding.has_value();
}

Result<ListParameters> parse_list_parameters(const Query& query) {
    ListParameters parameters;
    const auto url_encoded = decode_url_encoding(query);
    if (!url_encoded) {
        return url_encoded.error();
    }
    parameters.url_encoded = *url_encoded;
    const auto max_keys = decode_count(query, "max-keys", kMaxKeysLimit, "maxKeys");
    if (!max_keys) {
        return max_keys.error();
    }
    parameters.max_keys = std::min(*max_keys, kMaxKeysLimit);
    parameters.prefix = query.get("prefix");
    parameters.delimiter = query.get("delimiter");
    return parameters;
}

service::AccessRequest
listing_access(std::string_view action, const S3Request& request, const store::Bucket& bucket) {
    service::AccessRequest access = bucket_access(action, bucket);
    for (const std::string_view name : {"prefix", "delimiter", "max-keys"}) {
        if (const auto value = request.query.find(name)) {
            access.conditions.emplace_back("s3:" + std::string(name), *value);
        }
    }
    return access;
}

std::vector<service::AccessRequest>
list_access(const S3Request& request, const Input&, const store::Bucket* bucket) {
    return {listing_access("s3:ListBucket", request, *bucket)};
}

ListingQuery listing_query(const ListParameters& parameters, std::string after) {
    return {
        .prefix = parameters.prefix,
        .delimiter = parameters.delimiter,
        .after = std::move(after),
        .max_keys = parameters.max_keys,
    };
}

ListingWriter::ListingWriter(
    const ListParameters& parameters, std::string_view bucket, std::string_view root
)
    : parameters_(parameters) {
    xml_.open(root, kXmlNamespace);
    xml_.element("Name", bucket);
    encoded("Prefix", parameters_.prefix);
}

void ListingWriter::encoded(std::string_view element, std::string_view text) {
    if (parameters_.url_encoded) {
        xml_.element(element, form_encode_key(text));
    } else {
        xml_.element(element, text);
    }
}

void ListingWriter::summary(bool truncated) {
    if (!parameters_.delimiter.empty()) {
        encoded("Delimiter", parameters_.delimiter);
    }
    if (parameters_.url_encoded) {
        xml_.element("EncodingType", "url");
    }
    xml_.element("IsTruncated", truncated);
}

void ListingWriter::description(const store::Object& object) {
    const auto whole_seconds = std::chrono::floor<seconds>(object.last_modified);
    xml_.element("LastModified", to_iso8601_ms(whole_seconds));
    xml_.element("ETag", quoted_etag(object.etag));
    if (object.checksum_algorithm) {
        xml_.element("ChecksumAlgorithm", checksum_name(*object.checksum_algorithm));
        xml_.element("ChecksumType", object.checksum_type);
    }
    xml_.element("Size", object.size);
}

void ListingWriter::storage_class(const store::Object& object) {
    const std::string& stored = object.attributes.storage_class;
    xml_.element("StorageClass", stored.empty() ? std::string_view("STANDARD") : stored);
}

void ListingWriter::common_prefixes(const std::vector<std::string>& prefixes) {
    for (const std::string& prefix : prefixes) {
        xml_.open("CommonPrefixes");
        encoded("Prefix", prefix);
        xml_.close();
    }
}

OwnerIds::OwnerIds(const store::ReadTx& tx, const store::Bucket& bucket)
    : tx_(tx)
    , bucket_(bucket)
    , bucket_owner_(canonical_id_of(tx, bucket.account)) {}

std::string OwnerIds::of(const store::Object& object) const {
    const std::string_view owner = owner_of(bucket_, object);
    return owner == bucket_.account ? bucket_owner_ : canonical_id_of(tx_, owner);
}

void ListingWriter::entries(const ListingPage& page, const OwnerIds* owners) {
    for (const store::Object& object : page.contents) {
        xml_.open("Contents");
        encoded("Key", object.key);
        description(object);
        if (owners != nullptr) {
            xml_.open("Owner").element("ID", owners->of(object)).close();
        }
        storage_class(object);
        xml_.close();
    }
    common_prefixes(page.common_prefixes);
}

Response ListingWriter::finish(const store::Bucket& bucket) && {
    xml_.close();
    Response answer = xml_response(std::move(xml_).take());
    Headers headers;
    headers.add("x-amz-bucket-region", bucket.region);
    for (const auto& [name, value] : answer.headers.entries()) {
        headers.add(name, value);
    }
    answer.headers = std::move(headers);
    return answer;
}

} // namespace benchtop::s3
