#include "handlers/web_presign/web_presign.hpp"

#include "handlers/aws/credentials.hpp"
#include "handlers/aws/endpoint.hpp"
#include "handlers/aws/sigv4.hpp"
#include "handlers/aws/text.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace handlers::web_presign {

namespace {

using aws::Error;
using aws::Outcome;

constexpr std::int64_t expires_s_max = 604'800;

Outcome<std::int64_t> expires_in(const aws::Context& context) {
    const std::string text = context.env_or("EXPIRES_IN", "300");
    const auto value = aws::parse_python_int(text);
    if (!value) {
        return Error("ValueError", "invalid literal for int() with base 10: '" + text + '\'');
    }
    if (*value < 1 || *value > expires_s_max) {
        return Error(
            "ValueError",
            "EXPIRES_IN must be between 1 and 604800 seconds, not " + std::to_string(*value)
        );
    }
    return *value;
}

Outcome<std::string> presigned_put_url(
    const std::string& bucket, const std::string& key, std::int64_t expires_s, aws::Context& context
) {
    const auto credentials = aws::credentials_from(context);
    if (!credentials) {
        return credentials.error();
    }
    const auto endpoint = aws::Endpoint::from(context);
    if (!endpoint) {
        return endpoint.error();
    }
    const aws::ObjectUrl url = endpoint->object(bucket, key);
    aws::HttpHeaders headers{{"host", url.host}};
    if (auto type = context.env_or("SIGN_CONTENT_TYPE", ""); !type.empty()) {
        headers.emplace_back("content-type", std::move(type));
    }
    const std::string amz_date = aws::to_amz_date(context.now_ms());
    return url.text() + '?' +
           aws::presigned_query(
               "PUT", url.path, headers, expires_s, {amz_date, endpoint->region()}, *credentials
           );
}

} // namespace

Outcome<aws::ApiGatewayV2Response> handle(const aws::ApiGatewayV2Request&, aws::Context& context) {
    const auto expires_s = expires_in(context);
    if (!expires_s) {
        return expires_s.error();
    }
    const auto bucket = context.env("BUCKET_NAME");
    if (!bucket) {
        return Error("TypeError", "expected string or bytes-like object, got 'NoneType'");
    }
    if (const auto fits = aws::check_bucket_name(*bucket); !fits) {
        return fits.error();
    }
    std::array<unsigned char, 16> random{};
    context.random(random);
    const std::string key =
        context.env_or("UPLOAD_PREFIX", "uploads/") + "upload-" + aws::uuid4(random) + ".txt";
    const auto url = presigned_put_url(*bucket, key, *expires_s, context);
    if (!url) {
        return url.error();
    }
    return aws::ApiGatewayV2Response{
        200,
        {{"Content-Type", "application/json"},
         {"Access-Control-Allow-Origin", "*"},
         {"Access-Control-Allow-Headers", "*"},
         {"Access-Control-Allow-Methods", "OPTIONS,POST"}},
        "{\"uploadUrl\": " + aws::json_quote(*url) + ", \"s3Key\": " + aws::json_quote(key) + '}'};
}

Outcome<void> init(aws::Context& context) {
    const auto expires_s = expires_in(context);
    if (!expires_s) {
        return expires_s.error();
    }
    return {};
}

Outcome<std::string> handle_json(std::string_view event, aws::Context& context) {
    const auto request = aws::ApiGatewayV2Request::parse(event);
    if (!request) {
        return request.error();
    }
    const auto response = handle(*request, context);
    if (!response) {
        return response.error();
    }
    return response->to_json();
}

} // namespace handlers::web_presign
