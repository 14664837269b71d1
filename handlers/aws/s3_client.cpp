#include "handlers/aws/s3_client.hpp"

#include "handlers/aws/sigv4.hpp"
#include "handlers/aws/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace handlers::aws {

namespace {

// boto3's default connect and read timeout.
constexpr std::int64_t timeout_ms_max = 60'000;
constexpr std::size_t error_body_bytes_max = 64 * 1024;

// Codes for which boto3 has an exception class of its own; all others are a ClientError.
// AccessDenied has one only in versions newer than those in Lambda's Python 3.10 and 3.11 runtimes.
constexpr std::array<std::string_view, 13> modelled_codes{
    "BucketAlreadyExists",
    "BucketAlreadyOwnedByYou",
    "EncryptionTypeMismatch",
    "IdempotencyParameterMismatch",
    "InvalidObjectState",
    "InvalidRequest",
    "InvalidWriteOffset",
    "NoSuchBucket",
    "NoSuchKey",
    "NoSuchUpload",
    "ObjectAlreadyInActiveTierError",
    "ObjectNotInActiveTierError",
    "TooManyParts",
};

struct Entity {
    std::string_view text;
    char meaning;
};

constexpr std::array<Entity, 7> entities{
    {{"&lt;", '<'},
     {"&gt;", '>'},
     {"&amp;", '&'},
     {"&quot;", '"'},
     {"&apos;", '\''},
     {"&#39;", '\''},
     {"&#34;", '"'}}};

std::string unescape_xml(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto at = std::find_if(entities.begin(), entities.end(), [&](const Entity& entity) {
            return text.starts_with(entity.text);
        });
        out += at == entities.end() ? text.front() : at->meaning;
        text.remove_prefix(at == entities.end() ? 1 : at->text.size());
    }
    return out;
}

std::string element(std::string_view xml, const std::string& name) {
    const auto open = xml.find('<' + name + '>');
    const auto close = xml.find("</" + name + '>');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return {};
    }
    const auto begin = open + name.size() + 2;
    return unescape_xml(xml.substr(begin, close - begin));
}

// The body of an S3 error; a long copy may answer 200 and then hold one.
std::optional<std::string_view> error_document(const HttpResponse& response) {
    const std::string_view body = std::string_view(response.body).substr(0, error_body_bytes_max);
    const auto root = body.find("<Error>");
    if (root == std::string_view::npos || (response.status < 300 && body.find("Result") < root)) {
        return std::nullopt;
    }
    return body.substr(root);
}

std::string_view reason_phrase(int status) {
    switch (status) {
    case 301:
        return "Moved Permanently";
    case 307:
        return "Temporary Redirect";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 412:
        return "Precondition Failed";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return "";
    }
}

Error client_error(const char* operation, const HttpResponse& response) {
    std::string code = std::to_string(response.status);
    std::string message(reason_phrase(response.status));
    if (const auto document = error_document(response)) {
        if (auto found = element(*document, "Code"); !found.empty()) {
            code = std::move(found);
            message = element(*document, "Message");
        }
    }
    const bool modelled =
        std::find(modelled_codes.begin(), modelled_codes.end(), code) != modelled_codes.end();
    return {
        modelled ? code : "ClientError",
        "An error occurred (" + code + ") when calling the " + operation +
            " operation: " + message};
}

std::string copy_source(std::string_view bucket, std::string_view key) {
    return std::string(bucket) + '/' + uri_encode(key, Slash::Keep);
}

std::string quoted(std::string_view etag) {
    return '"' + std::string(etag) + '"';
}

Outcome<Unchanged> unchanged(const char* operation, const HttpResponse& response) {
    const auto document = error_document(response);
    if (response.status >= 200 && response.status < 300 && !document) {
        return Unchanged::Done;
    }
    const std::string code = document ? element(*document, "Code") : std::string();
    if (code == "PreconditionFailed") {
        return Unchanged::Changed;
    }
    if (code == "NoSuchKey") {
        return Unchanged::Gone;
    }
    return client_error(operation, response);
}

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) {
               return lower(x) == lower(y);
           });
}

std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& [have, value] : response.headers) {
        if (same_name(have, name)) {
            return value;
        }
    }
    return {};
}

} // namespace

Outcome<S3Client> S3Client::from(Context& context) {
    auto credentials = credentials_from(context);
    if (!credentials) {
        return credentials.error();
    }
    auto endpoint = Endpoint::from(context);
    if (!endpoint) {
        return endpoint.error();
    }
    return S3Client(context, *std::move(credentials), *std::move(endpoint));
}

Outcome<HttpResponse> S3Client::exchange(
    const char* method,
    std::string_view bucket,
    std::string_view key,
    const HttpHeaders& extra_headers,
    std::string body
) {
    if (const auto fits = check_bucket_name(bucket); !fits) {
        return fits.error();
    }
    if (key.empty()) {
        return Error(
            "ParamValidationError",
            "Parameter validation failed:\nInvalid length for parameter Key, value: 0, valid min "
            "length: 1"
        );
    }
    const ObjectUrl url = endpoint_.object(bucket, key);
    const std::string payload_hash = to_hex(sha256(body));
    const std::string amz_date = to_amz_date(context_->now_ms());

    HttpRequest request;
    request.method = method;
    request.url = url.text();
    request.timeout_ms = std::clamp<std::int64_t>(context_->remaining_ms(), 1, timeout_ms_max);
    request.headers = {
        {"Host", url.host}, {"X-Amz-Content-SHA256", payload_hash}, {"X-Amz-Date", amz_date}};
    if (!credentials_.session_token.empty()) {
        request.headers.emplace_back("X-Amz-Security-Token", credentials_.session_token);
    }
    request.headers.insert(request.headers.end(), extra_headers.begin(), extra_headers.end());
    const SigningInput input{method, url.path, "", request.headers, payload_hash};
    request.headers.emplace_back(
        "Authorization", authorization(input, {amz_date, endpoint_.region()}, credentials_)
    );

    request.body = std::move(body);
    HttpResponse response = context_->transport().send(request);
    if (response.status == 0) {
        return response.error == TransportError::TimedOut
                   ? Error(
                         "ReadTimeoutError", "Read timeout on endpoint URL: \"" + request.url + '"'
                     )
                   : Error(
                         "EndpointConnectionError",
                         "Could not connect to the endpoint URL: \"" + request.url + '"'
                     );
    }
    return response;
}

Outcome<HttpResponse> S3Client::call(
    const char* operation,
    const char* method,
    std::string_view bucket,
    std::string_view key,
    const HttpHeaders& extra_headers,
    std::string body
) {
    auto response = exchange(method, bucket, key, extra_headers, std::move(body));
    if (response && (response->status < 200 || response->status >= 300)) {
        return client_error(operation, *response);
    }
    return response;
}

Outcome<void> S3Client::copy_object(
    std::string_view source_bucket,
    std::string_view source_key,
    std::string_view bucket,
    std::string_view key
) {
    if (const auto fits = check_bucket_name(source_bucket); !fits) {
        return fits.error();
    }
    const auto response = call(
        "CopyObject",
        "PUT",
        bucket,
        key,
        {{"x-amz-copy-source", copy_source(source_bucket, source_key)}}
    );
    if (!response) {
        return response.error();
    }
    if (error_document(*response)) {
        return client_error("CopyObject", *response);
    }
    return {};
}

// S3 API Reference, CopyObject: x-amz-copy-source-if-match.
Outcome<Unchanged> S3Client::copy_unchanged(
    std::string_view source_bucket,
    std::string_view source_key,
    std::string_view etag,
    std::string_view bucket,
    std::string_view key
) {
    if (const auto fits = check_bucket_name(source_bucket); !fits) {
        return fits.error();
    }
    HttpHeaders headers{{"x-amz-copy-source", copy_source(source_bucket, source_key)}};
    if (!etag.empty()) {
        headers.emplace_back("x-amz-copy-source-if-match", quoted(etag));
    }
    const auto response = exchange("PUT", bucket, key, headers);
    return response ? unchanged("CopyObject", *response) : response.error();
}

// S3 User Guide, "Conditional deletes": If-Match. A key that is gone: 404 with a condition, 204
// without.
Outcome<Unchanged>
S3Client::delete_unchanged(std::string_view bucket, std::string_view key, std::string_view etag) {
    HttpHeaders headers;
    if (!etag.empty()) {
        headers.emplace_back("If-Match", quoted(etag));
    }
    const auto response = exchange("DELETE", bucket, key, headers);
    return response ? unchanged("DeleteObject", *response) : response.error();
}

Outcome<void>
S3Client::put_object(std::string_view bucket, std::string_view key, std::string body) {
    const auto response = call("PutObject", "PUT", bucket, key, {}, std::move(body));
    if (!response) {
        return response.error();
    }
    return {};
}

Outcome<void> S3Client::delete_object(std::string_view bucket, std::string_view key) {
    const auto response = call("DeleteObject", "DELETE", bucket, key);
    if (!response) {
        return response.error();
    }
    return {};
}

Outcome<ObjectHead> S3Client::head_object(std::string_view bucket, std::string_view key) {
    const auto response = call("HeadObject", "HEAD", bucket, key);
    if (!response) {
        return response.error();
    }
    ObjectHead head;
    const std::string size = header(*response, "Content-Length");
    std::from_chars(size.data(), size.data() + size.size(), head.size_bytes);
    head.etag = header(*response, "ETag");
    head.content_type = header(*response, "Content-Type");
    head.version_id = header(*response, "x-amz-version-id");
    return head;
}

Outcome<std::string> S3Client::get_object(std::string_view bucket, std::string_view key) {
    auto response = call("GetObject", "GET", bucket, key);
    if (!response) {
        return response.error();
    }
    return std::move(response->body);
}

} // namespace handlers::aws
