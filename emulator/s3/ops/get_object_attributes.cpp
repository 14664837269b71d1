// GetObjectAttributes. Amazon S3 API Reference, "GetObjectAttributes"; recorded: the ETag has no
// quotes, parts are listed only when each has a checksum.
#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/ops/version_choice.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace benchtop::s3 {
namespace {

constexpr std::string_view kHeader = "x-amz-object-attributes";
constexpr std::uint64_t kPartsMax = 1000;

enum Attribute : unsigned { ETag = 1, Checksums = 2, ObjectParts = 4, StorageClass = 8, Size = 16 };

struct Named {
    std::string_view name;
    Attribute attribute;
};

constexpr std::array kAttributes = std::to_array<Named>({
    {"ETag", ETag},
    {"Checksum", Checksums},
    {"ObjectParts", ObjectParts},
    {"StorageClass", StorageClass},
    {"ObjectSize", Size},
});

struct GetObjectAttributesInput final : Input {
    VersionChoice version;
    unsigned attributes = 0;
    std::uint64_t max_parts = kPartsMax;
    int part_marker = 0;
};

// A list, spread over any number of headers.
Result<unsigned> decode_attributes(std::string_view list) {
    unsigned attributes = 0;
    while (!list.empty()) {
        const auto comma = list.find(',');
        const std::string_view name = trim(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
        const auto known = std::ranges::find(kAttributes, name, &Named::name);
        if (known == kAttributes.end()) {
            return invalid_argument("Invalid attribute name specified.", kHeader, name);
        }
        attributes |= known->attribute;
    }
    if (attributes == 0) {
        return invalid_request("The x-amz-object-attributes header specifying the attributes to be "
                               "retrieved is either missing or empty");
    }
    return attributes;
}

Result<std::uint64_t>
decode_number(const S3Request& request, std::string_view header, std::uint64_t absent) {
    const auto text = request.header(header);
    if (!text) {
        return absent;
    }
    const auto number = parse_u64(*text);
    if (!number || *number > std::uint64_t{std::numeric_limits<std::int32_t>::max()}) {
        return invalid_argument(
            "Provided " + std::string(header) + " not an integer or within integer range",
            header,
            *text
        );
    }
    return *number;
}

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    auto input = std::make_unique<GetObjectAttributesInput>();
    auto version = decode_version_choice(request.query);
    if (!version) {
        return version.error();
    }
    input->version = *std::move(version);
    std::string list = request.head.headers.joined(kHeader);
    if (list.empty()) {
        list = request.header(kHeader).value_or("");
    }
    const auto attributes = decode_attributes(list);
    if (!attributes) {
        return attributes.error();
    }
    input->attributes = *attributes;
    const auto max_parts = decode_number(request, "x-amz-max-parts", kPartsMax);
    if (!max_parts) {
        return max_parts.error();
    }
    input->max_parts = std::min(*max_parts, kPartsMax);
    const auto marker = decode_number(request, "x-amz-part-number-marker", 0);
    if (!marker) {
        return marker.error();
    }
    input->part_marker = static_cast<int>(*marker);
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const auto& version = static_cast<const GetObjectAttributesInput&>(base).version;
    const std::string& key = request.target.key;
    auto attributes = version_access("s3:GetObject", *bucket, key, version);
    attributes.action += "Attributes"; // s3:GetObjectAttributes, s3:GetObjectVersionAttributes
    std::vector<service::AccessRequest> requests;
    requests.push_back(version_access("s3:GetObject", *bucket, key, version));
    requests.push_back(std::move(attributes));
    return requests;
}

std::string checksum_element(ChecksumAlgorithm algorithm) {
    return "Checksum" + std::string(checksum_name(algorithm));
}

void write_checksum(protocol::XmlWriter& xml, const store::Object& object) {
    if (!object.checksum_algorithm) {
        return;
    }
    xml.open("Checksum");
    // Without the "-N" of a composite one (recorded).
    const std::string_view value = object.checksum;
    xml.element(checksum_element(*object.checksum_algorithm), value.substr(0, value.find('-')));
    xml.element("ChecksumType", object.checksum_type);
    xml.close();
}

void write_parts(
    protocol::XmlWriter& xml,
    const store::ReadTx& tx,
    const store::Object& object,
    const GetObjectAttributesInput& input
) {
    if (object.parts == 0) {
        return;
    }
    xml.open("ObjectParts");
    xml.element("PartsCount", static_cast<std::uint64_t>(object.parts));
    if (object.checksum_type == "COMPOSITE" && object.checksum_algorithm) {
        const auto parts = tx.body_parts(object.body, input.part_marker, input.max_parts);
        const int last = input.part_marker + static_cast<int>(parts.size());
        xml.element("PartNumberMarker", static_cast<std::uint64_t>(input.part_marker));
        xml.element("NextPartNumberMarker", static_cast<std::uint64_t>(parts.empty() ? 0 : last));
        xml.element("MaxParts", input.max_parts);
        xml.element("IsTruncated", !parts.empty() && last < object.parts);
        int number = input.part_marker;
        for (const store::BodyPart& part : parts) {
            xml.open("Part");
            xml.element("PartNumber", static_cast<std::uint64_t>(++number));
            xml.element("Size", part.size);
            xml.element(checksum_element(*object.checksum_algorithm), part.checksum);
            xml.close();
        }
    }
    xml.close();
}

Response answer(
    const store::ReadTx& tx,
    const store::Bucket& bucket,
    const store::Object& object,
    const GetObjectAttributesInput& input
) {
    protocol::XmlWriter xml;
    xml.open("GetObjectAttributesResponse", kXmlNamespace);
    if (input.attributes & ETag) {
        xml.element("ETag", object.etag);
    }
    if (input.attributes & Checksums) {
        write_checksum(xml, object);
    }
    if (input.attributes & ObjectParts) {
        write_parts(xml, tx, object, input);
    }
    if (input.attributes & StorageClass) {
        const std::string& stored = object.attributes.storage_class;
        xml.element("StorageClass", stored.empty() ? std::string_view("STANDARD") : stored);
    }
    if (input.attributes & Size) {
        xml.element("ObjectSize", object.size);
    }
    xml.close();
    Response response = xml_response(std::move(xml).take());
    Headers headers;
    headers.add("Last-Modified", to_http_date(object.last_modified));
    add_version_header(headers, bucket, object);
    for (const auto& [name, value] : response.headers.entries()) {
        headers.add(name, value);
    }
    response.headers = std::move(headers);
    return response;
}

Result<Response> read(
    const store::ReadTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base
) {
    const auto& input = static_cast<const GetObjectAttributesInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto object = find_chosen_version(tx, context, request, *bucket, input.version);
    if (!object) {
        return object.error();
    }
    return answer(tx, *bucket, *object, input);
}

} // namespace

Operation get_object_attributes_operation() {
    return {
        .name = "GetObjectAttributes",
        .method = "GET",
        .level = Level::Object,
        .selector = "attributes",
        .iam_action = "s3:GetObjectAttributes",
        .access = Access::Read,
        .body = BodyKind::Ignored,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = read,
        .write = nullptr,
    };
}

} // namespace benchtop::s3
