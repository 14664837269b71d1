#include "emulator/apigateway/response_mapping.hpp"

#include "emulator/apigateway/payload_v1.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/core/result.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace benchtop::apigateway {
namespace {

namespace json = boost::json;

// Deeper answers than this count as text that is not JSON.
constexpr std::size_t kDepthMax = 200;

constexpr std::array<std::string_view, 11> kDropped = {
    "apigw-requestid",
    "connection",
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
};

struct Answer {
    int status = 200;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

AwsError malformed(std::string_view why) {
    return AwsError(500, "MalformedAnswer", why);
}

bool is_token(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return c > ' ' && c < 0x7F &&
               std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
    });
}

// No control characters: a line break in a value would begin a header of its own.
bool is_header_value(std::string_view value) {
    return std::none_of(value.begin(), value.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
}

Result<int> status_from(const json::value& value) {
    std::optional<std::int64_t> number;
    if (value.is_int64()) {
        number = value.get_int64();
    } else if (value.is_string()) {
        if (const auto digits = parse_u64(value.get_string()); digits && *digits <= 999) {
            number = static_cast<std::int64_t>(*digits);
        }
    }
    // 1xx would announce another answer after this one, and none comes.
    if (!number || *number < 200 || *number > 599) {
        return malformed("statusCode is not a status: " + json::serialize(value));
    }
    return static_cast<int>(*number);
}

Result<void> add_header(Answer& answer, std::string_view name, std::string_view value) {
    if (!is_token(name) || !is_header_value(value)) {
        return malformed("header with characters HTTP does not allow: " + std::string(name));
    }
    const std::string lower = to_lower(name);
    if (std::find(kDropped.begin(), kDropped.end(), lower) != kDropped.end()) {
        return {};
    }
    if (lower == "content-type") {
        answer.content_type = value;
    } else if (lower == "date" || lower == "server") {
        answer.headers.emplace_back(title_case("x-amzn-remapped-" + lower), value);
    } else {
        answer.headers.emplace_back(title_case(name), value);
    }
    return {};
}

Result<void> add_value(Answer& answer, std::string_view name, const json::value& value) {
    if (value.is_null()) {
        return {};
    }
    if (value.is_string()) {
        return add_header(answer, name, value.get_string());
    }
    if (value.is_object() || value.is_array()) {
        return malformed("header value is not a text: " + std::string(name));
    }
    return add_header(answer, name, json::serialize(value));
}

Result<void> add_headers(Answer& answer, const json::value* headers) {
    if (headers == nullptr || headers->is_null()) {
        return {};
    }
    if (!headers->is_object()) {
        return malformed("headers is not an object");
    }
    for (const auto& member : headers->get_object()) {
        if (auto added = add_value(answer, member.key(), member.value()); !added) {
            return added;
        }
    }
    return {};
}

Result<void> add_multi_value_headers(Answer& answer, const json::value* headers) {
    if (headers == nullptr || headers->is_null()) {
        return {};
    }
    if (!headers->is_object()) {
        return malformed("multiValueHeaders is not an object");
    }
    for (const auto& member : headers->get_object()) {
        if (!member.value().is_array()) {
            return malformed("multiValueHeaders holds a value that is not a list");
        }
        for (const json::value& value : member.value().get_array()) {
            if (auto added = add_value(answer, member.key(), value); !added) {
                return added;
            }
        }
    }
    return {};
}

Result<void> add_cookies(Answer& answer, const json::value* cookies) {
    if (cookies == nullptr || cookies->is_null()) {
        return {};
    }
    if (!cookies->is_array()) {
        return malformed("cookies is not a list");
    }
    for (const json::value& cookie : cookies->get_array()) {
        if (!cookie.is_string()) {
            return malformed("cookies holds something other than a text");
        }
        if (auto added = add_header(answer, "set-cookie", cookie.get_string()); !added) {
            return added;
        }
    }
    return {};
}

Result<void> set_body(Answer& answer, const json::object& object) {
    const json::value* encoded = object.if_contains("isBase64Encoded");
    const bool is_base64 = encoded != nullptr && encoded->is_bool() && encoded->get_bool();
    const json::value* body = object.if_contains("body");
    if (body == nullptr || body->is_null()) {
        return {};
    }
    if (!body->is_string()) {
        return malformed("body is not a text (json.dumps forgotten?)");
    }
    answer.body = std::string(body->get_string());
    if (is_base64) {
        auto bytes = from_base64(answer.body);
        if (!bytes) {
            return malformed("body is not base64 although isBase64Encoded is true");
        }
        answer.body = *std::move(bytes);
    }
    return {};
}

Result<Answer> read_answer(const json::object& object, PayloadFormat format) {
    Answer answer;
    auto status = status_from(object.at("statusCode"));
    if (!status) {
        return status.error();
    }
    answer.status = *status;
    answer.content_type = "text/plain; charset=utf-8";
    Result<void> step;
    if (format == PayloadFormat::V2) {
        step = add_cookies(answer, object.if_contains("cookies"));
    }
    if (step) {
        step = add_headers(answer, object.if_contains("headers"));
    }
    if (step && format == PayloadFormat::V1) {
        step = add_multi_value_headers(answer, object.if_contains("multiValueHeaders"));
    }
    if (step) {
        step = set_body(answer, object);
    }
    if (!step) {
        return step.error();
    }
    return answer;
}

Response to_response(Answer answer, const AnswerContext& context) {
    Response response;
    response.status = answer.status;
    response.headers.add("Date", to_http_date(context.now));
    response.headers.add("Content-Type", answer.content_type);
    for (const auto& [name, value] : answer.headers) {
        response.headers.add(name, value);
    }
    response.headers.add("Apigw-Requestid", context.request_id);
    if (answer.status == 204 || answer.status == 304) {
        response.framing = Framing::None;
    } else {
        response.body = std::move(answer.body);
    }
    if (context.is_head) {
        drop_body_for_head(response);
    }
    return response;
}

} // namespace

MappedAnswer
map_answer(std::string_view payload, PayloadFormat format, const AnswerContext& context) {
    const auto refuse = [&](std::string why) {
        return MappedAnswer{error_response(500, context), std::move(why)};
    };
    if (payload.size() > kAnswerMax) {
        return refuse("the function's answer is larger than 6 MB");
    }
    json::parse_options options;
    options.max_depth = kDepthMax;
    boost::system::error_code ec;
    const json::value value = json::parse(payload, ec, {}, options);
    if (!ec && value.is_object() && value.get_object().contains("statusCode")) {
        auto answer = read_answer(value.get_object(), format);
        if (!answer) {
            return refuse(answer.error().message());
        }
        return {to_response(*std::move(answer), context), {}};
    }
    if (format == PayloadFormat::V1) {
        return refuse("format 1.0 needs a JSON object with statusCode");
    }
    Answer inferred;
    inferred.content_type = "application/json";
    inferred.body =
        !ec && value.is_string() ? std::string(value.get_string()) : std::string(payload);
    return {to_response(std::move(inferred), context), {}};
}

} // namespace benchtop::apigateway
