#include "emulator/functions/handler_http.hpp"

#include "emulator/core/encoding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace benchtop::functions {

namespace {

AwsError bad_request(std::string_view what) {
    return AwsError(400, "BadHandlerRequest", what);
}

std::string_view view(const benchtop_bytes& bytes) {
    return bytes.data == nullptr ? std::string_view() : std::string_view(bytes.data, bytes.size);
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return c == '\r' || c == '\n' || c == '\0';
    });
}

bool is_url_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

struct Url {
    bool secure = false;
    std::string_view authority;
    std::string target;
};

Result<Url> parse_url(std::string_view text) {
    Url url;
    if (text.starts_with("https://")) {
        url.secure = true;
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        text.remove_prefix(7);
    } else {
        return bad_request("the URL begins with neither http:// nor https://");
    }
    text = text.substr(0, text.find('#'));
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    url.authority = text.substr(0, end);
    if (url.authority.empty() || url.authority.find('@') != std::string_view::npos) {
        return bad_request("the URL names no plain host");
    }
    url.target = std::string(text.substr(end));
    if (!url.target.starts_with('/')) {
        url.target.insert(0, "/");
    }
    return url;
}

Result<void> read_headers(const benchtop_http_request& request, Headers& headers) {
    if (request.header_count > kHandlerHeadersMax ||
        (request.header_count > 0 && request.headers == nullptr)) {
        return bad_request("too many headers");
    }
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < request.header_count; ++i) {
        const std::string_view name = view(request.headers[i].name);
        const std::string_view value = view(request.headers[i].value);
        bytes += name.size() + value.size();
        if (bytes > kHandlerHeaderBytesMax) {
            return bad_request("the headers are too large");
        }
        if (!is_token(name) || !is_field_value(value)) {
            return bad_request("a header is malformed");
        }
        // Framing is ours: the body is whole already.
        if (!iequals(name, "Content-Length") && !iequals(name, "Transfer-Encoding") &&
            !iequals(name, "Connection") && !iequals(name, "Expect")) {
            headers.add(name, trim(value));
        }
    }
    return {};
}

benchtop_bytes bytes_of(std::string_view text) {
    return {text.data(), text.size()};
}

} // namespace

Result<HandlerRequest>
read_handler_request(const benchtop_http_request& request, std::size_t body_bytes_max) {
    if (!BENCHTOP_HAS(benchtop_http_request, &request, body)) {
        return bad_request("the request is shorter than the ABI's");
    }
    const std::string_view method = view(request.method);
    if (method.size() > 32 || !is_token(method)) {
        return bad_request("the method is malformed");
    }
    const std::string_view url_text = view(request.url);
    if (url_text.size() > kHandlerUrlBytesMax || !is_url_text(url_text)) {
        return bad_request("the URL is too long or not encoded");
    }
    auto url = parse_url(url_text);
    if (!url) {
        return url.error();
    }
    HandlerRequest out;
    out.head.method = method;
    out.head.target = std::move(url->target);
    out.head.secure = url->secure;
    out.head.source_ip = "127.0.0.1";
    if (auto headers = read_headers(request, out.head.headers); !headers) {
        return headers.error();
    }
    if (!out.head.headers.has("Host")) {
        out.head.headers.add("Host", url->authority);
    }
    const std::string_view body = view(request.body);
    if (body.size() > body_bytes_max) {
        return bad_request("the body is larger than the function's memory");
    }
    out.body = body;
    if (!body.empty() || method == "PUT" || method == "POST" || method == "PATCH") {
        out.head.content_length = body.size();
        out.head.headers.add("Content-Length", std::to_string(body.size()));
    }
    return out;
}

std::string host_without_port(std::string_view authority) {
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        return to_lower(authority.substr(0, end == std::string_view::npos ? end : end + 1));
    }
    return to_lower(authority.substr(0, authority.find(':')));
}

bool is_served_host(std::string_view authority, std::string_view endpoint_url) {
    const std::string host = host_without_port(authority);
    if (host == "localhost" || host == "[::1]" || host.starts_with("127.") ||
        host.ends_with(".localhost") || host == "amazonaws.com" ||
        host.ends_with(".amazonaws.com")) {
        return true;
    }
    const std::size_t scheme = endpoint_url.find("://");
    if (scheme == std::string_view::npos) {
        return false;
    }
    endpoint_url.remove_prefix(scheme + 3);
    const std::string own = host_without_port(endpoint_url.substr(0, endpoint_url.find('/')));
    return !own.empty() && (host == own || host.ends_with("." + own));
}

HandlerResponse to_handler_response(Response response, std::size_t body_bytes_max) {
    HandlerResponse out;
    const std::uint64_t size = response.body_size();
    if (!response.is_head && size > body_bytes_max) {
        out.error = fmt::format("the answer of {} bytes exceeds the function's memory", size);
        return out;
    }
    if (!response.is_head) {
        if (auto* text = std::get_if<std::string>(&response.body)) {
            out.body = std::move(*text);
        } else if (auto body = whole_content(response.body)) {
            out.body = *std::move(body);
        } else {
            out.error = "the stored body could not be read";
            return out;
        }
    }
    out.status = response.status;
    out.headers = response.headers.entries();
    if (response.framing != Framing::None) {
        const std::uint64_t length = response.is_head ? response.head_length.value_or(size) : size;
        out.headers.emplace_back("Content-Length", std::to_string(length));
    }
    return out;
}

void fill_handler_response(HandlerResponse response, benchtop_http_response& out) {
    if (!BENCHTOP_HAS(benchtop_http_response, &out, release)) {
        return; // no room to give ownership back: the plugin sees the zeroes it wrote
    }
    auto owned = std::make_unique<HandlerResponse>(std::move(response));
    for (const auto& [name, value] : owned->headers) {
        owned->header_views.push_back({bytes_of(name), bytes_of(value)});
    }
    out.status = owned->status;
    out.timed_out = 0;
    out.headers = owned->header_views.data();
    out.header_count = owned->header_views.size();
    out.body = bytes_of(owned->body);
    out.error = bytes_of(owned->error);
    out.owner = owned.release();
    out.release = [](benchtop_http_response* done) {
        delete static_cast<HandlerResponse*>(done->owner);
        done->owner = nullptr;
        done->release = nullptr;
    };
}

} // namespace benchtop::functions
