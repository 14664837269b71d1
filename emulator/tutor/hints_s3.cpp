#include "emulator/core/encoding.hpp"
#include "emulator/tutor/hint_texts.hpp"
#include "emulator/tutor/hints.hpp"

#include <array>

namespace benchtop::tutor {
namespace {

// One observation with what most rules ask about it.
struct Facts {
    const S3Observation& seen;
    Query query;
    std::string_view code;
    std::string_view message;
    bool presigned_v4;
    bool presigned_v2;

    bool presigned() const { return presigned_v4 || presigned_v2; }

    bool anonymous() const { return !presigned() && !seen.head.headers.has("authorization"); }
};

using Rule = std::optional<Hint> (*)(const Facts&);

std::optional<Hint> json_tail(const Facts& facts) {
    const std::string_view raw = facts.seen.head.query();
    const std::string_view last = raw.substr(raw.rfind('&') + 1);
    // A quote elsewhere may be honest: response-content-disposition has them.
    const bool in_signature = starts_with(last, "X-Amz-") || starts_with(last, "Signature=") ||
                              starts_with(last, "Expires=") || contains(last, "s3Key");
    if (!facts.presigned() || !in_signature || !(contains(last, "\"") || contains(last, "%22"))) {
        return std::nullopt;
    }
    return Hint{
        "json-behind-url",
        "A piece of the JSON answer (\", \"s3Key\": ...) was pasted behind the presigned URL and "
        "became part of its last parameter.",
        "use only the value of uploadUrl, up to the quote; let python3 or jq take it out of the "
        "answer."};
}

std::optional<Hint> query_parameters_lost(const Facts& facts) {
    if (!(contains(facts.message, "Query-string authentication version 4 requires") ||
          contains(facts.message, "Query-string authentication requires"))) {
        return std::nullopt;
    }
    if (contains(facts.seen.head.query(), "u0026")) {
        return Hint{
            "json-escape-in-url",
            "The URL still has JSON's \\u0026 in the place of &.",
            "read the answer with a JSON tool (python3, jq) instead of copying its text."};
    }
    return Hint{
        "url-not-quoted",
        "Only a part of the presigned URL arrived: the shell cut it at the first &.",
        "put the whole URL in quotes: curl -X PUT \"$UPLOAD_URL\" --data-binary ..."};
}

std::optional<Hint> expired(const Facts& facts) {
    if (facts.message == "Request has expired") {
        return Hint{
            "url-expired",
            "The presigned URL is older than the time it was made for (300 seconds in the lab).",
            "ask POST /prod/presign for a new URL and use it at once."};
    }
    if (facts.code == "ExpiredToken") {
        return Hint{
            "credentials-expired",
            "The temporary credentials the request was signed with have expired.",
            "get new credentials, or a new presigned URL, and try again."};
    }
    return std::nullopt;
}

std::optional<Hint> old_signature(const Facts& facts) {
    if (!contains(facts.message, "authorization mechanism you have provided is not supported")) {
        return std::nullopt;
    }
    return Hint{
        "sigv2-in-v4-region",
        "The URL is signed with the old Signature Version 2 (AWSAccessKeyId=...&Signature=...), "
        "which the bucket's region does not accept.",
        "make the client with the bucket's region and "
        "Config(signature_version=\"s3v4\"), then presign again."};
}

std::optional<Hint> wrong_region(const Facts& facts) {
    const std::string_view expected =
        facts.seen.error == nullptr ? std::string_view{} : facts.seen.error->extra_value("Region");
    if (!contains(facts.message, "is wrong; expecting") && facts.code != "PermanentRedirect" &&
        facts.code != "IllegalLocationConstraintException") {
        return std::nullopt;
    }
    const std::string region = expected.empty() ? "the bucket's region" : std::string(expected);
    return Hint{
        "wrong-region",
        "The request was signed for, or sent to, another region than the bucket's.",
        "use " + region + " (--region, AWS_DEFAULT_REGION or region_name)."};
}

std::optional<Hint> content_type(const Facts& facts) {
    if (facts.code != "SignatureDoesNotMatch") {
        return std::nullopt;
    }
    const std::string_view sent = facts.seen.head.headers.get("content-type");
    if (facts.presigned_v2 && !sent.empty()) {
        return Hint{
            "sigv2-content-type",
            "A Signature Version 2 URL covers the Content-Type, and the client sent \"" +
                std::string(sent) + "\", which was not signed (curl --data-binary adds one).",
            "send none (curl -H 'Content-Type:'), or presign with Signature Version 4."};
    }
    const std::string names = ';' + to_lower(facts.query.get("X-Amz-SignedHeaders")) + ';';
    if (facts.presigned_v4 && contains(names, ";content-type;")) {
        return Hint{
            "content-type-signed",
            "The URL was presigned with a ContentType, and the client sent " +
                (sent.empty() ? std::string("none") : '"' + std::string(sent) + '"') +
                ", not exactly that one.",
            "send the very Content-Type that was signed, or presign without ContentType."};
    }
    return std::nullopt;
}

std::optional<Hint> other_method(const Facts& facts) {
    const std::string& method = facts.seen.head.method;
    if (facts.code != "SignatureDoesNotMatch" || !facts.presigned() ||
        (method != "GET" && method != "HEAD" && method != "POST")) {
        return std::nullopt;
    }
    return Hint{
        "method-not-signed",
        "The signature covers the method, and this URL came with " + method +
            "; an upload URL is made for PUT.",
        "curl -X PUT \"$UPLOAD_URL\" --data-binary ..."};
}

// Base64 holds '+', which a URL must write as %2B: decoded once too often, it reads as a space.
std::optional<Hint> token_damaged(const Facts& facts) {
    if (facts.code != "SignatureDoesNotMatch" && facts.code != "InvalidToken") {
        return std::nullopt;
    }
    if (!contains(facts.query.get("X-Amz-Security-Token"), " ") &&
        !contains(facts.query.get("x-amz-security-token"), " ")) {
        return std::nullopt;
    }
    return Hint{
        "url-decoded",
        "The URL was percent-decoded on its way: the security token has a + where %2B was, and a "
        "+ in a query means a space.",
        "use uploadUrl exactly as it came, letter by letter."};
}

std::optional<Hint> unsigned_headers(const Facts& facts) {
    const std::string_view names = facts.seen.error == nullptr
                                       ? std::string_view{}
                                       : facts.seen.error->extra_value("HeadersNotSigned");
    if (names.empty()) {
        return std::nullopt;
    }
    return Hint{
        "header-not-signed",
        "The client sent " + std::string(names) + ", which the signature does not cover.",
        "leave the header away, or name it when the URL is presigned."};
}

std::optional<Hint> query_missing(const Facts& facts) {
    if (facts.code != "AccessDenied" || !facts.anonymous() || facts.seen.key.empty() ||
        facts.message != "Access Denied") {
        return std::nullopt;
    }
    return Hint{
        "query-string-missing",
        "The request carries no signature: only the part of the URL before the ? was used.",
        "use the whole URL, with ?X-Amz-...&X-Amz-Signature=..., in quotes."};
}

bool says_missing(const Facts& facts) {
    if (facts.code == "NoSuchKey" || (facts.seen.status == 404 && facts.seen.error == nullptr)) {
        return true;
    }
    const auto denial = parse_denial(facts.message);
    return denial && denial->action == "s3:ListBucket" && !denial->explicit_deny;
}

std::optional<Hint> moved_away(const Facts& facts) {
    if (!says_missing(facts) || facts.seen.found_at.empty() || facts.seen.key.empty()) {
        return std::nullopt;
    }
    const std::string found(facts.seen.found_at);
    if (facts.seen.head.headers.has("x-amz-copy-source")) {
        return Hint{
            "duplicate-event",
            "The source is gone because an earlier event already moved it to " + found +
                "; S3 says 403 instead of 404 to a caller without s3:ListBucket.",
            "nothing is lost: let the worker take a missing source as \"already done\"."};
    }
    return Hint{
        "moved-to-processed",
        "The object is not here any more: the worker moved it to " + found + ".",
        "look there: aws s3 ls s3://" + std::string(facts.seen.bucket) + '/' +
            found.substr(0, found.rfind('/') + 1)};
}

std::optional<Hint> not_permitted(const Facts& facts) {
    const auto denial = parse_denial(facts.message);
    if (facts.code != "AccessDenied" || !denial) {
        return std::nullopt;
    }
    const std::string name = principal_name(denial->caller);
    const std::string who = name.empty() ? denial->caller : name;
    if (denial->explicit_deny) {
        return Hint{
            "explicit-deny",
            "A Deny statement refuses " + denial->action + " on " + denial->resource + " to " +
                who + ".",
            "remove or narrow the Deny; no Allow can outweigh it."};
    }
    if (denial->action == "s3:ListBucket" && !facts.seen.key.empty()) {
        return Hint{
            "missing-object-without-list",
            "The object does not exist, and " + who +
                " may not list the bucket, so S3 says 403 instead of 404.",
            "check the key; to see 404, add " + missing_statement(*denial)};
    }
    return Hint{
        "permission-missing",
        who + " lacks " + denial->action + " on " + denial->resource + ".",
        "add to its policy: " + missing_statement(*denial)};
}

// The first that knows the mistake speaks.
constexpr std::array<Rule, 12> kRules = {
    json_tail,
    query_parameters_lost,
    expired,
    old_signature,
    wrong_region,
    token_damaged,
    content_type,
    other_method,
    unsigned_headers,
    query_missing,
    moved_away,
    not_permitted,
};

} // namespace

std::optional<Hint> hint_for(const S3Observation& seen) {
    if (seen.status < 300) {
        return std::nullopt;
    }
    Query query = Query::parse(seen.head.query());
    const bool v4 = query.has("X-Amz-Signature") || query.has("X-Amz-Algorithm");
    const bool v2 = query.has("AWSAccessKeyId") || query.has("Signature");
    const Facts facts{
        seen,
        std::move(query),
        seen.error == nullptr ? std::string_view{} : std::string_view(seen.error->code()),
        seen.error == nullptr ? std::string_view{} : std::string_view(seen.error->message()),
        v4,
        v2};
    for (const Rule rule : kRules) {
        if (auto hint = rule(facts)) {
            return hint;
        }
    }
    return std::nullopt;
}

} // namespace benchtop::tutor
