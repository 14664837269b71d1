// PostObject: a browser's form ("POST Object", Amazon S3 API Reference). Its fields stand for
// PutObject's headers, so PutObject's row does the work; the answer is a browser's.
#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/tags.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

struct PostObjectInput final : Input {
    RequestHead head; // as PutObject would have been sent
    std::unique_ptr<Input> put;
    std::string redirect; // "" for none
    int status = 204;
};

const Operation& put_object() {
    static const Operation row = put_object_operation();
    return row;
}

S3Request as_put(const S3Request& request, const PostObjectInput& input) {
    return {input.head, request.target, request.query, request.authenticated};
}

// The field holds a Tagging document; a document of another kind has no tags (recorded).
Result<std::string> tagging_header(std::string_view document) {
    const auto xml = protocol::parse_xml(document);
    if (!xml) {
        return malformed_xml();
    }
    const auto tags = parse_tag_set(protocol::child(xml->root(), "TagSet"), TagsOf::Object);
    if (!tags) {
        return tags.error();
    }
    std::string header;
    for (const auto& [key, value] : *tags) {
        header += header.empty() ? "" : "&";
        header +=
            percent_encode(key, SlashRule::Encode) + "=" + percent_encode(value, SlashRule::Encode);
    }
    return header;
}

// A URL that is none is ignored (recorded).
std::string redirect_of(const Headers& fields) {
    auto url = fields.find("success_action_redirect");
    if (!url) {
        url = fields.find("redirect"); // its older name
    }
    const auto scheme = url ? url->find("://") : std::string_view::npos;
    if (scheme == std::string_view::npos || scheme + 3 == url->size() ||
        !(iequals(url->substr(0, scheme), "http") || iequals(url->substr(0, scheme), "https"))) {
        return {};
    }
    const bool has_control = std::ranges::any_of(*url, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    return has_control ? std::string() : std::string(*url);
}

// A field's text as a header can give it back: ISO-8859-1, with a space for everything else
// (recorded).
std::string header_text(std::string_view utf8) {
    std::string out;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto byte = static_cast<unsigned char>(utf8[i]);
        if (byte < 0x80) {
            out += byte < 0x20 || byte == 0x7f ? ' ' : utf8[i];
        } else if ((byte == 0xC2 || byte == 0xC3) && i + 1 < utf8.size()) {
            const auto next = static_cast<unsigned char>(utf8[++i]);
            out += static_cast<char>(((byte & 0x03U) << 6U) | (next & 0x3FU));
        } else if (byte >= 0xC0) { // not the bytes that continue a character
            out += ' ';
        }
    }
    return out;
}

void keep_to_header_text(Headers& headers) {
    for (const std::string_view name :
         {"cache-control",
          "content-disposition",
          "content-encoding",
          "content-language",
          "content-type",
          "expires"}) {
        if (headers.has(name)) {
            headers.set(name, header_text(headers.joined(name)));
        }
    }
}

Result<std::unique_ptr<Input>> decode(const S3Request& request) {
    auto input = std::make_unique<PostObjectInput>();
    input->head = request.head;
    keep_to_header_text(input->head.headers);
    if (const auto tagging = request.head.headers.find("tagging")) {
        auto header = tagging_header(*tagging);
        if (!header) {
            return header.error();
        }
        input->head.headers.set("x-amz-tagging", *header);
    }
    auto put = put_object().decode(as_put(request, *input));
    if (!put) {
        return put.error();
    }
    input->put = *std::move(put);
    input->redirect = redirect_of(request.head.headers);
    const std::string_view status = request.head.headers.get("success_action_status");
    input->status = status == "200" ? 200 : status == "201" ? 201 : 204;
    return std::unique_ptr<Input>(std::move(input));
}

std::vector<service::AccessRequest>
access_requests(const S3Request& request, const Input& base, const store::Bucket* bucket) {
    const auto& input = static_cast<const PostObjectInput&>(base);
    return put_object().access_requests(as_put(request, input), *input.put, bucket);
}

// Where the object can be had; the key's slashes are encoded too (recorded).
std::string location_of(const S3Request& request) {
    std::string url(request.head.secure ? "https://" : "http://");
    url += request.head.host();
    url += '/';
    if (request.target.style == AddressStyle::Path) {
        url += request.target.bucket + "/";
    }
    return url + percent_encode(request.target.key, SlashRule::Encode);
}

// As HTML forms encode: a space is "+".
std::string form_encoded(std::string_view text) {
    std::string out = percent_encode(text, SlashRule::Encode);
    for (auto at = out.find("%20"); at != std::string::npos; at = out.find("%20", at)) {
        out.replace(at, 3, "+");
    }
    return out;
}

Response redirected(const S3Request& request, const PostObjectInput& input, Headers headers) {
    Response response = empty_response(303);
    const std::string etag(headers.get("etag"));
    response.headers = std::move(headers);
    response.headers.add(
        "Location",
        input.redirect + (input.redirect.find('?') == std::string::npos ? "?" : "&") +
            "bucket=" + form_encoded(request.target.bucket) +
            "&key=" + form_encoded(request.target.key) + "&etag=" + form_encoded(etag)
    );
    return response;
}

Response answered(const S3Request& request, const PostObjectInput& input, Headers headers) {
    const std::string location = location_of(request);
    Response response = empty_response(input.status);
    if (input.status == 201) {
        protocol::XmlWriter xml(protocol::Quotes::Keep);
        xml.open("PostResponse").element("Location", location);
        xml.element("Bucket", request.target.bucket).element("Key", request.target.key);
        xml.element("ETag", headers.get("etag")).close();
        response = xml_response(std::move(xml).take());
        response.status = 201;
    }
    const Headers own = std::move(response.headers);
    response.headers = std::move(headers);
    response.headers.add("Location", location);
    for (const auto& [name, value] : own.entries()) {
        response.headers.add(name, value);
    }
    return response;
}

Result<Response> write(
    store::WriteTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    Input& base,
    StagedObject* body
) {
    BT_ASSERT(body != nullptr);
    auto& input = static_cast<PostObjectInput&>(base);
    auto stored = put_object().write(tx, context, as_put(request, input), *input.put, body);
    if (!stored) {
        return stored.error();
    }
    return input.redirect.empty() ? answered(request, input, std::move(stored->headers))
                                  : redirected(request, input, std::move(stored->headers));
}

} // namespace

Operation post_object_operation() {
    return {
        .name = "PostObject",
        .method = "POST",
        .level = Level::Bucket,
        .selector = "",
        .iam_action = "s3:PutObject",
        .access = Access::Write,
        .body = BodyKind::Form,
        .success_status = 204,
        .decode = decode,
        .access_requests = access_requests,
        .decode_document = nullptr,
        .read = nullptr,
        .write = write};
}

} // namespace benchtop::s3
