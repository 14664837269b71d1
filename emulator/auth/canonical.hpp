// Canonical forms that signatures cover, built from the bytes received.
#pragma once

#include "emulator/core/http.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::auth {

// How a path is canonicalised.
enum class PathRule {
    S3,      // decoded (a raw '+' is a space), encoded once; no dot segments or slashes touched
    Generic, // dot segments and empty segments removed, then the escaped path is escaped again
};

// A query string, every parameter decoded and re-encoded once ('+' and %20 are both a space, a bad
// escape keeps its '%'). Names of letters, digits, '-' are the same encoded and decoded, so lookups
// of X-Amz-* need no decoding.
class CanonicalQuery {
public:
    explicit CanonicalQuery(std::string_view raw);

    // Encoded value of the first parameter of that (case-sensitive) name.
    std::optional<std::string_view> find(std::string_view name) const;
    // Decoded value.
    std::optional<std::string> value(std::string_view name) const;
    // Decoded value of the first parameter of that name in any case.
    std::optional<std::string> value_any_case(std::string_view name) const;

    bool has(std::string_view name) const { return find(name).has_value(); }

    bool has_any_case(std::string_view name) const;
    // Puts `value` (not encoded) where every parameter of that name, in any case, has its value.
    void replace_any_case(std::string_view name, std::string_view value);

    // Appends "a=1&b=" sorted by name, then value; parameters called `left_out` are skipped.
    void append_to(std::string& out, std::string_view left_out) const;

private:
    struct Span {
        std::uint32_t offset;
        std::uint32_t length;
    };

    struct Parameter {
        Span name;
        Span value;
    };

    std::string_view text(Span span) const {
        return std::string_view(encoded_).substr(span.offset, span.length);
    }

    Span encode(std::string_view raw);

    std::string encoded_;
    std::vector<Parameter> parameters_;
};

void append_canonical_path(std::string& out, std::string_view raw_path, PathRule rule);

// Trims, and collapses inner runs of white space to one space.
void append_canonical_value(std::string& out, std::string_view value);

// "host;x-amz-date" as a list; bounded (a longer list is cut, so that it cannot match).
std::vector<std::string_view> split_signed_headers(std::string_view signed_headers);

struct CanonicalInput {
    std::string_view method;
    std::string_view path; // raw
    PathRule path_rule = PathRule::S3;
    const CanonicalQuery& query;
    std::string_view query_left_out; // "X-Amz-Signature" for presigned requests
    const Headers& headers;
    std::string_view signed_headers; // as sent
    std::string_view payload_hash;
};

// A name of signed_headers that is no header takes its value from the query, else it is empty.
std::string canonical_request(const CanonicalInput& input);

// "AWS4-HMAC-SHA256\n" date "\n" scope "\n" hex(sha256(canonical request))
std::string
string_to_sign(std::string_view amz_date, std::string_view scope, std::string_view canonical);

// SigV2 has no canonical request: one string says all.
enum class BucketSlash { AsSent, Added };

struct StringToSignV2 {
    const RequestHead& head;
    std::string_view bucket;    // "/bucket" when the host named it, else ""
    std::string_view date_line; // Date; "" beside x-amz-date; Expires of a presigned URL
    bool query_form = false;
    BucketSlash slash = BucketSlash::AsSent; // behind "/bucket"
};

std::string string_to_sign_v2(const StringToSignV2& input);

} // namespace benchtop::auth
