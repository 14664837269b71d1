// The few S3 calls a handler of the lab needs, one signed HTTP exchange each, no retries: a failed
// invocation is retried whole by Lambda. Errors carry boto3's type and words.
#pragma once

#include "handlers/aws/context.hpp"
#include "handlers/aws/credentials.hpp"
#include "handlers/aws/endpoint.hpp"
#include "handlers/aws/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace handlers::aws {

struct ObjectHead {
    std::uint64_t size_bytes = 0;
    std::string etag; // with its quotes
    std::string content_type;
    std::string version_id;
};

// How a call ended that was to happen to one state of an object only.
enum class Unchanged {
    Done,
    Changed, // 412: another object has the key now
    Gone,    // 404: none has
};

class S3Client {
public:
    // The context must outlive the client. Errors as credentials_from and Endpoint::from.
    static Outcome<S3Client> from(Context& context);

    // Server-side copy; no bytes pass here.
    Outcome<void> copy_object(
        std::string_view source_bucket,
        std::string_view source_key,
        std::string_view bucket,
        std::string_view key
    );
    // Succeeds for a key that does not exist, as S3 does.
    Outcome<void> delete_object(std::string_view bucket, std::string_view key);
    // The same while the source's ETag is `etag` (no quotes, as events have it); "" asks for none.
    Outcome<Unchanged> copy_unchanged(
        std::string_view source_bucket,
        std::string_view source_key,
        std::string_view etag,
        std::string_view bucket,
        std::string_view key
    );
    Outcome<Unchanged>
    delete_unchanged(std::string_view bucket, std::string_view key, std::string_view etag);
    Outcome<void> put_object(std::string_view bucket, std::string_view key, std::string body);
    Outcome<ObjectHead> head_object(std::string_view bucket, std::string_view key);
    Outcome<std::string> get_object(std::string_view bucket, std::string_view key);

private:
    S3Client(Context& context, Credentials credentials, Endpoint endpoint)
        : context_(&context)
        , credentials_(std::move(credentials))
        , endpoint_(std::move(endpoint)) {}

    // Any answer.
    Outcome<HttpResponse> exchange(
        const char* method,
        std::string_view bucket,
        std::string_view key,
        const HttpHeaders& extra_headers,
        std::string body = {}
    );
    // An answer of success.
    Outcome<HttpResponse> call(
        const char* operation,
        const char* method,
        std::string_view bucket,
        std::string_view key,
        const HttpHeaders& extra_headers = {},
        std::string body = {}
    );

    Context* context_;
    Credentials credentials_;
    Endpoint endpoint_;
};

} // namespace handlers::aws
