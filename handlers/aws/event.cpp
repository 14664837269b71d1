#include "handlers/aws/event.hpp"

#include "handlers/aws/text.hpp"

#include <boost/json.hpp>

namespace handlers::aws {

namespace json = boost::json;

namespace {

constexpr std::size_t depth_max = 64;

Outcome<json::value> parse_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = depth_max;
    boost::system::error_code error;
    json::value value =
        json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (error) {
        return Error("Runtime.UnmarshalError", "Unable to unmarshal input: " + error.message());
    }
    return value;
}

std::string text_of(const json::value& value) {
    const auto* text = value.if_string();
    return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

std::string text_at(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value == nullptr ? std::string() : text_of(*value);
}

// What Python calls the type a JSON value becomes.
const char* python_type(const json::value& value) {
    switch (value.kind()) {
    case json::kind::null:
        return "NoneType";
    case json::kind::bool_:
        return "bool";
    case json::kind::double_:
        return "float";
    case json::kind::string:
        return "str";
    case json::kind::array:
        return "list";
    case json::kind::object:
        return "dict";
    default:
        return "int";
    }
}

// value["name"], with the error Python raises where it is not there.
Outcome<const json::value*> member(const json::value& value, const char* name) {
    if (const auto* object = value.if_object()) {
        const auto* found = object->if_contains(name);
        if (found == nullptr) {
            return Error("KeyError", '\'' + std::string(name) + '\'');
        }
        return found;
    }
    if (value.is_array() || value.is_string()) {
        return Error(
            "TypeError",
            std::string(
                value.is_array() ? "list indices must be integers or slices, not str"
                                 : "string indices must be integers, not 'str'"
            )
        );
    }
    return Error(
        "TypeError", '\'' + std::string(python_type(value)) + "' object is not subscriptable"
    );
}

// value[path[0]][path[1]]..., which must be a text.
template <typename... Names>
Outcome<std::string> text_along(const json::value& value, Names... names) {
    const json::value* at = &value;
    for (const char* name : {names...}) {
        const auto next = member(*at, name);
        if (!next) {
            return next.error();
        }
        at = *next;
    }
    if (!at->is_string()) {
        return Error(
            "TypeError",
            "expected string or bytes-like object, got '" + std::string(python_type(*at)) + '\''
        );
    }
    return text_of(*at);
}

Outcome<S3EventRecord> parse_record(const json::value& value) {
    auto bucket = text_along(value, "s3", "bucket", "name");
    if (!bucket) {
        return bucket.error();
    }
    auto key = text_along(value, "s3", "object", "key");
    if (!key) {
        return key.error();
    }
    const json::object& record = value.get_object();
    const json::object& object = record.at("s3").at("object").get_object();
    S3EventRecord out;
    out.bucket = *std::move(bucket);
    out.encoded_key = *std::move(key);
    out.event_name = text_at(record, "eventName");
    out.event_time = text_at(record, "eventTime");
    out.aws_region = text_at(record, "awsRegion");
    out.etag = text_at(object, "eTag");
    out.version_id = text_at(object, "versionId");
    out.sequencer = text_at(object, "sequencer");
    if (const auto* size = object.if_contains("size")) {
        boost::system::error_code error;
        const auto number = size->to_number<std::uint64_t>(error);
        if (!error) {
            out.size_bytes = number;
        }
    }
    return out;
}

} // namespace

std::string S3EventRecord::key() const {
    return unquote_plus(encoded_key);
}

Outcome<S3Event> S3Event::parse(std::string_view text) {
    const auto root = parse_json(text);
    if (!root) {
        return root.error();
    }
    const auto records = member(*root, "Records");
    if (!records) {
        return records.error();
    }
    const auto* list = (*records)->if_array();
    if (list == nullptr) {
        return Error(
            "TypeError",
            '\'' + std::string(python_type(**records)) + "' object is not a list of records"
        );
    }
    S3Event event;
    event.records.reserve(list->size());
    for (const json::value& value : *list) {
        auto record = parse_record(value);
        if (!record) {
            return record.error();
        }
        event.records.push_back(*std::move(record));
    }
    return event;
}

Outcome<ApiGatewayV2Request> ApiGatewayV2Request::parse(std::string_view text) {
    const auto root = parse_json(text);
    if (!root) {
        return root.error();
    }
    ApiGatewayV2Request request;
    const auto* event = root->if_object();
    if (event == nullptr) {
        return request;
    }
    request.route_key = text_at(*event, "routeKey");
    request.raw_path = text_at(*event, "rawPath");
    request.raw_query_string = text_at(*event, "rawQueryString");
    request.body = text_at(*event, "body");
    if (const auto* encoded = event->if_contains("isBase64Encoded")) {
        request.is_base64_encoded = encoded->is_bool() && encoded->get_bool();
    }
    if (const auto* headers = event->if_contains("headers"); headers && headers->is_object()) {
        for (const auto& header : headers->get_object()) {
            request.headers[std::string(header.key())] = text_of(header.value());
        }
    }
    const auto* context = event->if_contains("requestContext");
    if (context == nullptr || !context->is_object()) {
        return request;
    }
    request.stage = text_at(context->get_object(), "stage");
    request.request_id = text_at(context->get_object(), "requestId");
    if (const auto* http = context->get_object().if_contains("http"); http && http->is_object()) {
        request.method = text_at(http->get_object(), "method");
        request.source_ip = text_at(http->get_object(), "sourceIp");
    }
    return request;
}

std::string ApiGatewayV2Response::to_json() const {
    std::string out = "{\"statusCode\": " + std::to_string(status_code) + ", \"headers\": {";
    bool first = true;
    for (const auto& [name, value] : headers) {
        out += (first ? "" : ", ") + json_quote(name) + ": " + json_quote(value);
        first = false;
    }
    return out + "}, \"body\": " + json_quote(body) + '}';
}

} // namespace handlers::aws
