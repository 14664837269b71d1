#include "emulator/s3/keyed_document.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/document_schema.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/xml_answer.hpp"

#include <algorithm>

namespace benchtop::s3 {
namespace {

constexpr std::size_t kIdMax = 64;

struct KeyedInput final : Input {
    std::string id;
    std::string document; // PUT
    std::string after;    // list: the last id of the page before
    std::string token;    // list: as sent
};

AwsError no_such_configuration() {
    return s3_error(404, "NoSuchConfiguration", "The specified configuration does not exist.");
}

std::string setting_of(const KeyedDocument& spec, std::string_view id) {
    return std::string(spec.selector) + "/" + std::string(id);
}

// (id, document) of each configuration, by id.
std::vector<std::pair<std::string_view, std::string_view>>
all_of(const KeyedDocument& spec, const store::Bucket& bucket) {
    const std::string prefix = setting_of(spec, "");
    std::vector<std::pair<std::string_view, std::string_view>> found;
    for (const auto& [name, text] : bucket.settings) {
        if (name.starts_with(prefix)) {
            found.emplace_back(std::string_view(name).substr(prefix.size()), text);
        }
    }
    std::ranges::sort(found);
    return found;
}

} // namespace

Result<std::unique_ptr<Input>> decode_keyed_request(const S3Request& request) {
    if (auto digests = plan_document_integrity(request, ChecksumRule::Optional); !digests) {
        return digests.error();
    }
    const auto id = request.query.find("id");
    if (!id || id->empty() || id->size() > kIdMax) {
        return invalid_argument("Invalid configuration ID", "id", id.value_or(""));
    }
    auto input = std::make_unique<KeyedInput>();
    input->id = *id;
    return std::unique_ptr<Input>(std::move(input));
}

Result<std::unique_ptr<Input>> decode_keyed_list(const S3Request& request) {
    auto input = std::make_unique<KeyedInput>();
    input->token = request.query.get("continuation-token");
    if (!input->token.empty()) {
        const auto last = from_base64(input->token);
        if (!last || last->size() > kIdMax) {
            return invalid_argument(
                "The continuation token provided is incorrect", "continuation-token", input->token
            );
        }
        input->after = *last;
    }
    return std::unique_ptr<Input>(std::move(input));
}

Result<void> parse_keyed(const KeyedDocument& spec, Input& base, std::string_view xml) {
    if (xml.empty()) {
        return missing_request_body();
    }
    auto& input = static_cast<KeyedInput&>(base);
    auto document = spec.parse(xml);
    if (!document) {
        return document.error();
    }
    if (text_at(*document, "Id") != input.id) {
        return spec.other_id();
    }
    if (spec.check != nullptr) {
        if (auto ok = spec.check(*document); !ok) {
            return ok.error();
        }
    }
    input.document = *std::move(document);
    return {};
}

Result<Response> read_keyed(
    const KeyedDocument& spec, const store::ReadTx& tx, const S3Request& request, const Input& input
) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto stored = bucket->setting(setting_of(spec, static_cast<const KeyedInput&>(input).id));
    if (!stored) {
        return no_such_configuration();
    }
    return xml_response(std::string(*stored));
}

Result<Response> list_keyed(
    const KeyedDocument& spec, const store::ReadTx& tx, const S3Request& request, const Input& base
) {
    const auto& input = static_cast<const KeyedInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const auto all = all_of(spec, *bucket);
    std::string documents;
    std::string_view last;
    std::size_t shown = 0;
    bool truncated = false;
    for (const auto& [id, document] : all) {
        if (id <= input.after) {
            continue;
        }
        if (shown == kKeyedPage) {
            truncated = true;
            break;
        }
        documents += inner_document(document);
        last = id;
        ++shown;
    }
    protocol::XmlWriter tail = protocol::XmlWriter::fragment();
    if (!input.token.empty()) {
        tail.element("ContinuationToken", input.token);
    }
    tail.element("IsTruncated", truncated);
    if (truncated) {
        tail.element("NextContinuationToken", to_base64(as_bytes(last)));
    }
    // The documents are XML already: they go between the pieces.
    const std::string empty = empty_document(spec.list_root);
    std::string text = empty.substr(0, empty.size() - 2) + ">" + documents;
    text += std::move(tail).take();
    text.append("</").append(spec.list_root).append(">");
    return xml_response(std::move(text));
}

Result<Response> write_keyed(
    const KeyedDocument& spec, store::WriteTx& tx, const S3Request& request, const Input& base
) {
    const auto& input = static_cast<const KeyedInput&>(base);
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const std::string name = setting_of(spec, input.id);
    if (!bucket->setting(name) && all_of(spec, *bucket).size() >= kKeyedDocumentsMax) {
        return s3_error(
            400,
            "TooManyConfigurations",
            "You are attempting to create a new configuration but have already reached the "
            "1,000-configuration limit."
        );
    }
    tx.set_bucket_setting(bucket->id, name, input.document);
    return empty_response(204);
}

Result<Response> delete_keyed(
    const KeyedDocument& spec, store::WriteTx& tx, const S3Request& request, const Input& base
) {
    const auto bucket = require_bucket(tx, request);
    if (!bucket) {
        return bucket.error();
    }
    const std::string name = setting_of(spec, static_cast<const KeyedInput&>(base).id);
    if (!bucket->setting(name)) {
        return no_such_configuration();
    }
    tx.set_bucket_setting(bucket->id, name, std::nullopt);
    return empty_response(204);
}

} // namespace benchtop::s3
