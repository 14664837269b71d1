#include "emulator/s3/post_form.hpp"

#include "emulator/auth/form.hpp"
#include "emulator/s3/errors_post.hpp"
#include "emulator/s3/post_policy.hpp"

namespace benchtop::s3 {
namespace {

constexpr std::size_t kKeyBytesMax = 1024;
constexpr std::string_view kFilename = "${filename}";

// Recognized by all fields; stays as it is when the file has no name (recorded).
std::string with_filename(std::string_view text, const std::optional<std::string>& filename) {
    std::string out;
    while (filename) {
        const auto at = text.find(kFilename);
        if (at == std::string_view::npos) {
            break;
        }
        out += text.substr(0, at);
        out += *filename;
        text.remove_prefix(at + kFilename.size());
    }
    out += text;
    return out;
}

// The request's own, or its conditions, which POST does not have.
bool is_no_header(std::string_view lower_name) {
    return lower_name == "host" || lower_name == "range" || lower_name.starts_with("if-");
}

Result<std::string> take_key(const RequestHead& request) {
    const auto key = request.headers.find("key");
    if (!key) {
        return auth::missing_form_field("key");
    }
    if (key->empty()) {
        return invalid_argument("User key must have a length greater than 0.", "key", "");
    }
    if (key->size() > kKeyBytesMax) {
        return key_too_long(key->size());
    }
    if (!is_valid_utf8(*key)) {
        return invalid_uri(*key);
    }
    return std::string(*key);
}

} // namespace

Result<PostForm> make_post_form(const RequestHead& head, const Form& form) {
    PostForm post;
    post.request.method = head.method;
    post.request.target = head.target;
    post.request.source_ip = head.source_ip;
    post.request.secure = head.secure;
    post.request.received_at = head.received_at;
    post.request.headers.add("Host", head.host());
    std::size_t bytes = 0;
    for (const auto& [name, text] : form.fields) {
        const std::string value = with_filename(text, form.filename);
        bytes += name.size() + value.size();
        if (bytes > FormReader::kFrontMax) {
            return post_fields_too_large(FormReader::kFrontMax);
        }
        post.names.push_back(name);
        if (!is_no_header(to_lower(name))) {
            post.request.headers.add(name, value);
        }
        if (iequals(name, "acl")) {
            post.request.headers.add("x-amz-acl", value);
        }
    }
    auto key = take_key(post.request);
    if (!key) {
        return key.error();
    }
    post.key = *std::move(key);
    return post;
}

Result<SizeRange> check_post_policy(
    const PostForm& form,
    const Target& target,
    const auth::Authenticated& authenticated,
    const TimeAxis& axis
) {
    if (authenticated.type == auth::AuthType::Anonymous) {
        return SizeRange{0, kPutBytesMax};
    }
    const auto policy = parse_post_policy(form.request.headers.get("policy"));
    if (!policy) {
        return policy.error();
    }
    if (auth::has_ended(
            policy->expiration, authenticated.signed_at, axis, form.request.received_at
        )) {
        return post_policy_expired();
    }
    const FieldLookup field = [&](std::string_view name) -> std::optional<std::string_view> {
        return name == "bucket" ? std::optional<std::string_view>(target.bucket)
                                : form.request.headers.find(name);
    };
    if (auto ok = check_post_conditions(*policy, field, form.names); !ok) {
        return ok.error();
    }
    return policy->size;
}

Result<std::unique_ptr<FormUpload>> FormUpload::begin(const RequestHead& head, Admit admit) {
    if (head.chunked) {
        return header_not_implemented("Transfer-Encoding");
    }
    if (!head.content_length) {
        return missing_content_length();
    }
    // What is not the file adds little: the file itself is measured when it comes.
    constexpr std::uint64_t kAroundMax = 1 << 20;
    if (*head.content_length > kPutBytesMax + kAroundMax) {
        return entity_too_large(*head.content_length, kPutBytesMax);
    }
    const auto boundary = FormReader::boundary_of(head.headers.get("content-type"));
    if (!boundary) {
        return malformed_post_request();
    }
    return std::unique_ptr<FormUpload>(new FormUpload(head, *boundary, std::move(admit)));
}

FormUpload::FormUpload(const RequestHead& head, std::string_view boundary, Admit admit)
    : head_(head)
    , reader_(boundary)
    , admit_(std::move(admit)) {}

Result<void> FormUpload::file_begins(const Form& form) {
    auto post = make_post_form(head_, form);
    if (!post) {
        return post.error();
    }
    const auto body = admit_(*std::move(post));
    if (!body) {
        return body.error();
    }
    body_ = *body;
    return {};
}

Result<void> FormUpload::file_data(ByteView bytes) {
    return body_->feed(bytes);
}

} // namespace benchtop::s3
