// Cross-origin resource sharing: a bucket's rules, and what they make of a preflight or of any
// request from a page of another origin (Amazon S3 User Guide, "Using cross-origin resource
// sharing"). Stored as the bucket setting "cors", in the form of cors_document().
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/core/result.hpp"
#include "emulator/s3/target.hpp"
#include "emulator/store/rows.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

inline constexpr std::string_view kCorsSetting = "cors";

struct CorsRule {
    std::optional<std::string> id;
    std::vector<std::string> origins;
    std::vector<std::string> methods;
    std::vector<std::string> headers;
    std::vector<std::string> exposed;
    std::optional<std::int32_t> max_age; // seconds; S3 takes a negative one too
};

// Errors: MalformedXML for the form of any rule, then InvalidRequest for its values.
Result<std::vector<CorsRule>> parse_cors(std::string_view document);
std::string cors_document(const std::vector<CorsRule>& rules);

// What a request from another origin asks: the preflight's, or an actual request's own method.
struct CorsQuestion {
    std::string_view origin;
    std::string_view method;
    std::vector<std::string> headers; // lower-case
};

struct CorsVerdict {
    const CorsRule* rule;
    bool any_origin; // the rule allows "*"
};

// The first rule that allows all of it; nullopt: none.
std::optional<CorsVerdict>
match_cors(const std::vector<CorsRule>& rules, const CorsQuestion& question);

// The answer to OPTIONS; `bucket` is null when there is none of that name. Needs no signature.
// Errors: BadRequest, AccessForbidden.
Result<Response>
answer_preflight(const RequestHead& head, const Target& target, const store::Bucket* bucket);

// What an actual request's answer carries for the browser: nothing without Origin or without a
// rule that allows it.
Headers cors_headers(const RequestHead& head, const store::Bucket& bucket);

} // namespace benchtop::s3
