#include "emulator/s3/website.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors_website.hpp"
#include "emulator/s3/ops/common.hpp"
#include "emulator/s3/ops/ops.hpp"

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

std::string html_escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string list_item(std::string_view name, std::string_view value) {
    return "<li>" + std::string(name) + ": " + html_escape(value) + "</li>\n";
}

// What cannot stand in a Location header as it is: white space, controls, bytes beyond ASCII.
std::string location_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte <= 0x20 || byte >= 0x7f
                   ? percent_encode(std::string_view(&c, 1), SlashRule::Keep)
                   : std::string(1, c);
    }
    return out;
}

// As an HTTP header can carry it.
std::string header_line(std::string_view text) {
    std::string out(text);
    std::ranges::replace_if(
        out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' '
    );
    return out;
}

void add_error_headers(Headers& headers, const AwsError& error) {
    headers.add("x-amz-error-code", error.code());
    headers.add("x-amz-error-message", header_line(error.message()));
    for (const auto& [name, value] : error.extra()) {
        headers.add("x-amz-error-detail-" + name, header_line(value));
    }
}

Response redirect_to(int status, std::string location) {
    Response response = empty_response(status);
    response.headers.add("Location", std::move(location));
    return response;
}

// A website has either a dash or a dot before its region ("Amazon S3 website endpoints", AWS
// General Reference).
std::string website_host(std::string_view bucket, std::string_view region) {
    constexpr std::array<std::string_view, 9> kDashed{
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-west-1",
        "sa-east-1",
        "us-gov-west-1"};
    const bool dash = std::ranges::find(kDashed, region) != kDashed.end();
    return std::string(bucket) + ".s3-website" + (dash ? "-" : ".") + std::string(region) +
           ".amazonaws.com";
}

// One request on its way through a website's rules.
class Visit {
public:
    Visit(
        const store::ReadTx& tx,
        const service::OpContext& context,
        const WebsiteRequest& request,
        const WebsiteConfig& config,
        std::string key
    )
        : tx_(tx)
        , context_(context)
        , head_(request.head)
        , bucket_(*request.bucket)
        , config_(config)
        , key_(std::move(key)) {}

    Result<Response> serve() {
        if (config_.redirect_all) {
            return redirected(*config_.redirect_all, head_.path().substr(1));
        }
        if (const auto* rule = find_routing_rule(config_, key_, std::nullopt)) {
            return routed(*rule);
        }
        const bool folder = key_.empty() || key_.ends_with('/');
        auto found = read(folder ? key_ + *config_.index_suffix : key_, WithConditions::Yes);
        if (found) {
            return found;
        }
        if (found.error().code() == kBodyVanished) {
            return found.error();
        }
        if (!folder && is_folder()) {
            Response response = redirect_to(302, "/" + percent_encode(key_, SlashRule::Keep) + "/");
            response.headers.add("x-amz-error-code", "Found");
            response.headers.add("x-amz-error-message", "Resource Found");
            return response;
        }
        if (const auto* rule = find_routing_rule(config_, key_, found.error().status())) {
            return routed(*rule);
        }
        return refused(found.error());
    }

private:
    enum class WithConditions { Yes, No };

    // GetObject or HeadObject of nobody in particular.
    Result<Response> read(std::string key, WithConditions with_conditions) {
        RequestHead head;
        head.method = head_.method;
        head.received_at = head_.received_at;
        head.source_ip = head_.source_ip;
        if (with_conditions == WithConditions::Yes) {
            head.headers = head_.headers;
        }
        Target target;
        target.bucket = bucket_.name;
        target.key = std::move(key);
        const Query query;
        const auth::Authenticated nobody;
        const S3Request request{head, target, query, nobody};
        const Operation row =
            head.method == "HEAD" ? head_object_operation() : get_object_operation();
        auto input = row.decode(request);
        if (!input) {
            return input.error();
        }
        for (const auto& access : row.access_requests(request, **input, &bucket_)) {
            if (auto allowed = context_.authorizer.check(access); !allowed) {
                return allowed.error();
            }
        }
        auto response = row.read(tx_, context_, request, **input);
        if (response && response->status < 300) {
            const auto location = response->headers.find("x-amz-website-redirect-location");
            if (location) {
                return redirect_to(301, location_text(*location));
            }
        }
        return response;
    }

    bool is_folder() {
        const std::string index = key_ + "/" + *config_.index_suffix;
        return tx_.find_object(bucket_.id, index) &&
               context_.authorizer.check(object_access("s3:GetObject", bucket_, index));
    }

    std::string query_part() const {
        return head_.query().empty() ? std::string() : "?" + location_text(head_.query());
    }

    Response redirected(const WebsiteRedirect& redirect, std::string_view path) const {
        const std::string scheme = redirect.protocol.value_or(head_.secure ? "https" : "http");
        const std::string host = redirect.host.value_or(std::string(head_.host()));
        return redirect_to(
            redirect.code.value_or(301),
            scheme + "://" + location_text(host) + "/" + location_text(path) + query_part()
        );
    }

    Response routed(const RoutingRule& rule) const {
        const WebsiteRedirect& redirect = rule.redirect;
        std::string path = percent_encode(key_, SlashRule::Keep);
        if (redirect.replace_key) {
            path = *redirect.replace_key;
        } else if (redirect.replace_prefix) {
            const std::string_view rest =
                std::string_view(key_).substr(rule.key_prefix.value_or("").size());
            path = *redirect.replace_prefix + percent_encode(rest, SlashRule::Keep);
        }
        return redirected(redirect, path);
    }

    Result<Response> refused(const AwsError& error) {
        if (!config_.error_key || error.status() >= 500) {
            return website_error_page(error, context_.ids);
        }
        auto document = read(*config_.error_key, WithConditions::No);
        if (!document) {
            if (document.error().code() == kBodyVanished) {
                return document.error();
            }
            return website_error_page(
                error, context_.ids, CustomError{*config_.error_key, document.error()}
            );
        }
        // Redirected, the document loses the status (recorded).
        if (document->status < 300) {
            document->status = error.status();
            add_error_headers(document->headers, error);
        }
        return document;
    }

    const store::ReadTx& tx_;
    const service::OpContext& context_;
    const RequestHead& head_;
    const store::Bucket& bucket_;
    const WebsiteConfig& config_;
    std::string key_;
};

} // namespace

Result<Response> serve_website(
    const store::ReadTx& tx, const service::OpContext& context, const WebsiteRequest& request
) {
    const RequestHead& head = request.head;
    if (head.method != "GET" && head.method != "HEAD") {
        return website_error_page(
            method_not_allowed(head.method, "OBJECT", "GET, HEAD, OPTIONS"), context.ids
        );
    }
    if (request.bucket == nullptr) {
        return website_error_page(no_such_bucket(request.address.bucket), context.ids);
    }
    const store::Bucket& bucket = *request.bucket;
    if (request.address.region && *request.address.region != bucket.region) {
        return website_error_page(
            incorrect_website_endpoint(website_host(bucket.name, bucket.region)), context.ids
        );
    }
    const auto stored = bucket.setting(kWebsiteSetting);
    const auto config = stored ? parse_website(*stored)
                               : Result<WebsiteConfig>(no_such_website_configuration(bucket.name));
    if (!config) {
        return website_error_page(config.error(), context.ids);
    }
    auto path = percent_decode(head.path(), PlusRule::Space);
    if (!path || !path->starts_with('/') || !is_valid_utf8(*path)) {
        return website_error_page(invalid_uri(head.path()), context.ids);
    }
    if (path->size() > 1025) {
        return website_error_page(key_too_long(path->size() - 1), context.ids);
    }
    return Visit(tx, context, request, *config, path->substr(1)).serve();
}

Response website_error_page(
    const AwsError& error, const RequestIds& ids, const std::optional<CustomError>& custom
) {
    const std::string title =
        std::to_string(error.status()) + " " + std::string(reason_phrase(error.status()));
    std::string page = "<html>\n<head><title>" + title + "</title></head>\n<body>\n<h1>" + title +
                       "</h1>\n<ul>\n" + list_item("Code", error.code()) +
                       list_item("Message", error.message());
    for (const auto& [name, value] : error.extra()) {
        page += list_item(name, value);
    }
    page += list_item("RequestId", ids.request_id) + list_item("HostId", ids.host_id) + "</ul>\n";
    if (custom) {
        page += "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n"
                "<ul>\n" +
                list_item("Code", custom->error.code()) +
                list_item("Message", custom->error.message());
        for (const auto& [name, value] : custom->error.extra()) {
            page += list_item(name, value);
        }
        if (custom->error.extra_value("Key").empty()) {
            page += list_item("Key", custom->error_key);
        }
        page += "</ul>\n";
    }
    page += "<hr/>\n</body>\n</html>\n";
    Response response;
    response.status = error.status();
    add_error_headers(response.headers, error);
    for (const auto& [name, value] : error.headers()) {
        response.headers.add(name, value);
    }
    response.headers.add("Content-Type", "text/html; charset=utf-8");
    response.body = std::move(page);
    response.close = error.closes_connection();
    return response;
}

} // namespace benchtop::s3
