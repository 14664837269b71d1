#include "emulator/s3/ops/conditions.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/s3/errors.hpp"
#include "emulator/s3/errors_multipart.hpp"

namespace benchtop::s3 {
namespace {

std::string_view without_quotes(std::string_view tag) {
    if (tag.starts_with("W/")) {
        tag.remove_prefix(2);
    }
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') {
        tag = tag.substr(1, tag.size() - 2);
    }
    return tag;
}

UtcInstant whole_seconds(UtcInstant t) {
    return std::chrono::floor<seconds>(t);
}

// The four conditions in their order: a kept If-Match silences If-Unmodified-Since, a kept
// If-None-Match silences If-Modified-Since.
struct Conditions {
    std::optional<std::string_view> match;
    std::optional<std::string_view> unmodified_since;
    std::optional<std::string_view> none_match;
    std::optional<std::string_view> modified_since;
};

enum class Failed { None, Match, UnmodifiedSince, NoneMatch, ModifiedSince };

// Dates that are none are ignored, and so is an If-Modified-Since in the future.
Failed first_failure(const Conditions& conditions, const store::Object& object, UtcInstant now) {
    const UtcInstant modified = whole_seconds(object.last_modified);
    if (conditions.match) {
        if (!matches_etag(*conditions.match, object.etag)) {
            return Failed::Match;
        }
    } else if (conditions.unmodified_since) {
        const auto date = parse_http_date(*conditions.unmodified_since);
        if (date && modified > *date) {
            return Failed::UnmodifiedSince;
        }
    }
    if (conditions.none_match) {
        if (matches_etag(*conditions.none_match, object.etag)) {
            return Failed::NoneMatch;
        }
    } else if (conditions.modified_since) {
        const auto date = parse_http_date(*conditions.modified_since);
        if (date && *date <= now && modified <= *date) {
            return Failed::ModifiedSince;
        }
    }
    return Failed::None;
}

constexpr std::string_view name_of(Failed failed) {
    switch (failed) {
    case Failed::Match:
        return "If-Match";
    case Failed::UnmodifiedSince:
        return "If-Unmodified-Since";
    case Failed::NoneMatch:
        return "If-None-Match";
    case Failed::ModifiedSince:
        return "If-Modified-Since";
    case Failed::None:
        break;
    }
    return "";
}

} // namespace

bool matches_etag(std::string_view tags, std::string_view etag) {
    while (true) {
        const auto comma = tags.find(',');
        const std::string_view tag = trim(tags.substr(0, comma));
        if (tag == "*" || without_quotes(tag) == etag) {
            return true;
        }
        if (comma == std::string_view::npos) {
            return false;
        }
        tags.remove_prefix(comma + 1);
    }
}

Result<ReadVerdict>
check_read_conditions(const S3Request& request, const store::Object& object, UtcInstant now) {
    const Conditions conditions{
        request.header("if-match"),
        request.header("if-unmodified-since"),
        request.header("if-none-match"),
        request.header("if-modified-since")};
    switch (const Failed failed = first_failure(conditions, object, now)) {
    case Failed::None:
        return ReadVerdict::Send;
    case Failed::NoneMatch:
    case Failed::ModifiedSince:
        return ReadVerdict::NotModified;
    case Failed::Match:
    case Failed::UnmodifiedSince:
        return precondition_failed(name_of(failed));
    }
    return ReadVerdict::Send;
}

Result<void> check_copy_source_conditions(
    const S3Request& request, const store::Object& source, UtcInstant now
) {
    const Conditions conditions{
        request.header("x-amz-copy-source-if-match"),
        request.header("x-amz-copy-source-if-unmodified-since"),
        request.header("x-amz-copy-source-if-none-match"),
        request.header("x-amz-copy-source-if-modified-since")};
    const Failed failed = first_failure(conditions, source, now);
    if (failed != Failed::None) {
        return precondition_failed("x-amz-copy-source-" + std::string(name_of(failed)));
    }
    return {};
}

Result<WriteConditions> decode_write_conditions(const S3Request& request) {
    const auto match = request.header("if-match");
    const auto none_match = request.header("if-none-match");
    if (match && none_match) {
        return header_not_implemented(
            "If-Match,If-None-Match", "Multiple conditional request headers present in the request"
        );
    }
    WriteConditions conditions;
    if (none_match) {
        if (trim(*none_match) != "*") {
            return header_not_implemented(
                "If-None-Match",
                "We don't accept the provided value of If-None-Match header for this API"
            );
        }
        conditions.if_absent = true;
    }
    if (match) {
        if (trim(*match) == "*") {
            return header_not_implemented(
                "If-Match", "We don't accept the provided value of If-Match header for this API"
            );
        }
        conditions.if_match = trim(*match);
        if (conditions.if_match.empty()) {
            conditions.if_match = "\"\""; // an empty value matches nothing, but is a condition
        }
    }
    return conditions;
}

Result<void> check_write_conditions(
    const WriteConditions& conditions,
    const std::optional<store::Object>& current,
    std::string_view key
) {
    if (conditions.if_absent && current) {
        return precondition_failed("If-None-Match");
    }
    if (!conditions.if_match.empty()) {
        if (!current) {
            return no_such_key(key);
        }
        if (!matches_etag(conditions.if_match, current->etag)) {
            return precondition_failed("If-Match");
        }
    }
    return {};
}

Result<void> check_write_conditions(
    const store::ReadTx& tx,
    const store::Bucket& bucket,
    const WriteConditions& conditions,
    std::string_view key,
    UtcInstant started
) {
    if (!conditions.if_absent && conditions.if_match.empty()) {
        return {};
    }
    const auto current = tx.current_version(bucket.id, key);
    const bool hidden = current && current->delete_marker;
    if (auto ok = check_write_conditions(conditions, hidden ? std::nullopt : current, key); !ok) {
        return ok.error();
    }
    if (current && current->last_modified > started) {
        return conditional_request_conflict(
            conditions.if_absent ? "If-None-Match" : "If-Match", key
        );
    }
    return {};
}

} // namespace benchtop::s3
