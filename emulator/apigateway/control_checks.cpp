#include "emulator/apigateway/control_checks.hpp"

#include "emulator/apigateway/integration_uri.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace benchtop::apigateway {
namespace {

constexpr std::size_t kUriMax = 2048;
constexpr std::size_t kTagsMax = 50;
constexpr std::size_t kTagKeyMax = 128;
constexpr std::size_t kTagValueMax = 256;
constexpr std::size_t kCorsValuesMax = 100; // Benchtop's own
constexpr std::size_t kCorsValueMax = 512;  // likewise

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> out;
    path.remove_prefix(std::min<std::size_t>(1, path.size()));
    for (;;) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        out.push_back(path.substr(0, slash));
        if (slash == path.size()) {
            return out;
        }
        path.remove_prefix(slash + 1);
    }
}

bool is_variable(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// Of "{name}" and "{name+}".
std::string_view variable_name(std::string_view segment) {
    segment = segment.substr(1, segment.size() - 2);
    return segment.ends_with('+') ? segment.substr(0, segment.size() - 1) : segment;
}

// Literals and whole-segment variables; each variable has a name of its own (a path template of
// OpenAPI, which a route becomes when the API is exported); a greedy one comes last.
bool is_route_path(std::string_view path) {
    const auto segments = segments_of(path);
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (segments[i].find_first_of("{}") == std::string_view::npos) {
            continue;
        }
        if (!is_variable(segments[i])) {
            return false;
        }
        const std::string_view name = variable_name(segments[i]);
        const bool greedy = segments[i].ends_with("+}");
        if (name.empty() || name.find_first_of("{}+") != std::string_view::npos ||
            !names.insert(name).second || (greedy && i + 1 != segments.size())) {
            return false;
        }
    }
    return true;
}

// Two paths that match the same requests: equal but for the names of variables.
bool same_shape(std::string_view a, std::string_view b) {
    const auto left = segments_of(a);
    const auto right = segments_of(b);
    if (left.size() != right.size()) {
        return false;
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
        const bool variables = is_variable(left[i]) && is_variable(right[i]) &&
                               left[i].ends_with("+}") == right[i].ends_with("+}");
        if (!variables && left[i] != right[i]) {
            return false;
        }
    }
    return true;
}

} // namespace

AwsError bad_request(std::string_view message) {
    return AwsError(400, "BadRequestException", message);
}

AwsError missing(std::string_view message) {
    return AwsError(404, "NotFoundException", message);
}

AwsError conflicting(std::string_view message) {
    return AwsError(409, "ConflictException", message);
}

AwsError managed_error(std::string_view what) {
    return bad_request("Cannot change or delete a managed " + std::string(what));
}

Result<void> check_length(std::string_view member, std::string_view text, std::size_t max) {
    if (characters(text) > max) {
        return bad_request(
            "Invalid " + std::string(member) + " specified. Must be at most " +
            std::to_string(max) + " characters"
        );
    }
    return {};
}

Result<void> check_texts(
    std::string_view member,
    const std::vector<std::string>& texts,
    std::size_t count_max,
    std::size_t length_max
) {
    if (texts.size() > count_max) {
        return bad_request(
            "Invalid " + std::string(member) + " specified. Must have at most " +
            std::to_string(count_max) + " values"
        );
    }
    for (const std::string& text : texts) {
        if (auto fits = check_length(member, text, length_max); !fits) {
            return fits.error();
        }
    }
    return {};
}

Result<void> check_tags(const std::vector<std::pair<std::string, std::string>>& tags) {
    if (tags.size() > kTagsMax) {
        return bad_request("A resource may have at most 50 tags");
    }
    for (const auto& [key, value] : tags) {
        if (key.empty() || characters(key) > kTagKeyMax || characters(value) > kTagValueMax) {
            return bad_request("A tag's key has 1 to 128 characters and its value at most 256");
        }
        if (key.starts_with("aws:")) {
            return bad_request("Tag keys that begin with aws: are reserved for AWS");
        }
    }
    return {};
}

Result<void> refuse_members(
    const boost::json::object& object,
    std::initializer_list<std::string_view> members,
    std::string_view why
) {
    for (const std::string_view member : members) {
        const boost::json::value* value = object.if_contains(member);
        const bool silent = value == nullptr || value->is_null() ||
                            (value->is_bool() && !value->get_bool()) ||
                            (value->is_string() && value->get_string().empty());
        if (!silent) {
            return bad_request(std::string(member) + " " + std::string(why));
        }
    }
    return {};
}

Result<void> check_route_key(std::string_view key) {
    constexpr std::array methods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"};
    if (key == "$default") {
        return {};
    }
    const std::size_t space = key.find(' ');
    const std::string_view method = key.substr(0, std::min(space, key.size()));
    const std::string_view path =
        space == std::string_view::npos ? std::string_view{} : key.substr(space + 1);
    const bool shaped = std::find(methods.begin(), methods.end(), method) != methods.end() &&
                        path.starts_with('/') && path.size() <= 1024 &&
                        path.find(' ') == std::string_view::npos && is_route_path(path);
    if (!shaped) {
        return bad_request(
            "The provided route key is not formatted properly for HTTP protocol. Format should be "
            "\"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\""
        );
    }
    return {};
}

Result<void> check_route_is_new(const ApiModel& model, std::string_view key, std::string_view but) {
    for (const Route& route : model.current.routes) {
        if (route.id == but) {
            continue;
        }
        if (route.key == key) {
            return conflicting(
                "Route with key " + std::string(key) + " already exists for this API"
            );
        }
        const std::size_t ours = key.find(' ');
        const std::size_t theirs = route.key.find(' ');
        if (ours != std::string_view::npos && theirs != std::string::npos &&
            key.substr(0, ours) == std::string_view(route.key).substr(0, theirs) &&
            same_shape(key.substr(ours + 1), std::string_view(route.key).substr(theirs + 1))) {
            return conflicting(
                "The provided route key \"" + std::string(key) +
                "\" has a conflicting variable on the same hierarchical level as \"" + route.key +
                "\""
            );
        }
    }
    return {};
}

Result<void> check_integration(const Integration& integration) {
    if (integration.type == "HTTP_PROXY") {
        return bad_request("Benchtop opens no connection to the outside: an integration of type "
                           "HTTP_PROXY has nothing to reach. Use AWS_PROXY with a function.");
    }
    if (integration.type != "AWS_PROXY") {
        return bad_request("Currently, an API with a protocol type of HTTP may only be associated "
                           "with proxy integrations (AWS_PROXY, HTTP_PROXY)");
    }
    if (integration.payload_format_version.empty()) {
        return bad_request("PayloadFormatVersion is a required parameter for integration");
    }
    if (integration.payload_format_version != "1.0" &&
        integration.payload_format_version != "2.0") {
        return bad_request("Invalid PayloadFormatVersion specified. Supported values are 1.0, 2.0");
    }
    if (integration.uri.size() > kUriMax || !may_lead_to_function(integration.uri)) {
        return bad_request("Invalid integration URI specified.");
    }
    if (integration.timeout_in_millis < 50 || integration.timeout_in_millis > 30000) {
        return bad_request("Timeout should be between 50 ms and 30000 ms");
    }
    return {};
}

Result<void> check_cors(const CorsConfiguration& cors) {
    for (const auto& [member, texts] :
         {std::pair("allowHeaders", &cors.allow_headers),
          std::pair("allowMethods", &cors.allow_methods),
          std::pair("allowOrigins", &cors.allow_origins),
          std::pair("exposeHeaders", &cors.expose_headers)}) {
        if (auto fits = check_texts(member, *texts, kCorsValuesMax, kCorsValueMax); !fits) {
            return fits.error();
        }
    }
    for (const std::string& origin : cors.allow_origins) {
        const std::size_t scheme = origin.find("://");
        if (origin != "*" &&
            (scheme == std::string::npos || scheme == 0 || scheme + 3 == origin.size())) {
            return bad_request(
                "Invalid format for origin " + origin + ": *, http://*, https://* or SCHEME://HOST"
            );
        }
        if (origin == "*" && cors.allow_credentials) {
            // Quoted in aws/aws-cdk issue 9076.
            return bad_request("allow-credentials is not supported if 'allow-origin' is *");
        }
    }
    return {};
}

} // namespace benchtop::apigateway
