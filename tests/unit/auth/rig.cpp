#include "tests/unit/auth/rig.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace rig {
namespace {

std::string escape(std::string_view text) {
    return percent_encode(text, SlashRule::Encode);
}

std::string hex_signature(const Signing& s, const std::string& canonical) {
    const std::string scope = s.scope_date + "/" + s.region + "/" + s.service + "/" + s.terminal;
    const std::string to_sign =
        "AWS4-HMAC-SHA256\n" + s.amz_date + "\n" + scope + "\n" + sha256_hex(canonical);
    const auto day = hmac_sha256(as_bytes("AWS4" + s.secret), s.scope_date);
    const auto region = hmac_sha256(day, s.region);
    const auto service = hmac_sha256(region, s.service);
    return to_hex(hmac_sha256(hmac_sha256(service, s.terminal), to_sign));
}

std::string canonical_headers(const RequestHead& head, std::string names) {
    std::string out;
    names += ';';
    while (!names.empty()) {
        const auto end = names.find(';');
        const std::string name = names.substr(0, end);
        out += name + ":" + head.headers.joined(name) + "\n";
        names.erase(0, end + 1);
    }
    return out;
}

} // namespace

Keys::Keys() {
    KeyRecord user;
    user.access_key_id = kKeyId;
    user.secret = kSecret;
    put(user);
    KeyRecord session;
    session.access_key_id = kSessionId;
    session.secret = kSessionSecret;
    session.session_token = kToken;
    put(session);
}

std::shared_ptr<const KeyRecord> Keys::find(std::string_view id) {
    const auto found = records_.find(id);
    return found == records_.end() ? nullptr : found->second;
}

Result<Authenticated> Bench::verify(const RequestHead& head) {
    VerifyContext context{.now = now, .axis = axis};
    context.service = service;
    if (region) {
        context.expected_region = *region;
    }
    context.bucket_for_sigv2 = bucket_for_sigv2;
    context.accepts_body = accepts_body;
    context.family = family;
    if (body_sha256) {
        context.body_sha256 = *body_sha256;
    }
    return benchtop::auth::verify(head, context, keys, cache);
}

AwsError Bench::refusal(const RequestHead& head) {
    auto who = verify(head);
    REQUIRE_FALSE(who.has_value());
    return who.error();
}

std::vector<Recorded> recorded(const std::string& file) {
    std::ifstream in(std::string(BENCHTOP_FIXTURES) + "/sigv4/" + file, std::ios::binary);
    REQUIRE(in.good());
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    std::vector<Recorded> entries;
    const auto string = [](const boost::json::value& v) { return std::string(v.as_string()); };
    const boost::json::value document = boost::json::parse(text);
    for (const auto& value : document.as_array()) {
        const auto& object = value.as_object();
        Recorded entry;
        entry.name = file + ": " + string(object.at("name"));
        entry.head.method = string(object.at("method"));
        entry.head.target = string(object.at("target"));
        for (const auto& header : object.at("headers").as_array()) {
            entry.head.headers.add(
                string(header.as_array().at(0)), string(header.as_array().at(1))
            );
        }
        entry.now = from_epoch_seconds(object.at("now").as_int64());
        entry.service = string(object.at("service"));
        entry.bucket_for_sigv2 = string(object.at("bucket_for_sigv2"));
        if (object.contains("body_sha256")) {
            entry.body_sha256 = string(object.at("body_sha256"));
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

void prepare(Bench& bench, const Recorded& entry) {
    bench.now = entry.now;
    bench.service = entry.service;
    bench.bucket_for_sigv2 = entry.bucket_for_sigv2;
    bench.body_sha256 = entry.body_sha256;
    if (entry.service == "sts" || entry.service == "iam") {
        bench.family = ErrorFamily::Query;
    } else if (entry.service == "logs") {
        bench.family = ErrorFamily::Json11;
    } else {
        bench.family = entry.service == "s3" ? ErrorFamily::S3 : ErrorFamily::RestJson;
    }
}

RequestHead make_head(std::string method, std::string target, std::vector<Headers::Entry> headers) {
    RequestHead head;
    head.method = std::move(method);
    head.target = std::move(target);
    head.headers.add("Host", "examplebucket.s3.amazonaws.com");
    for (const auto& [name, value] : headers) {
        head.headers.add(name, value);
    }
    return head;
}

RequestHead signed_head(RequestHead head, const Signing& s) {
    if (!s.amz_date.empty()) {
        head.headers.add("x-amz-date", s.amz_date);
    }
    if (!s.payload.empty()) {
        head.headers.add("x-amz-content-sha256", s.payload);
    }
    const std::string canonical =
        head.method + "\n" + std::string(head.path()) + "\n" + std::string(head.query()) + "\n" +
        canonical_headers(head, s.signed_headers) + "\n" + s.signed_headers + "\n" + s.payload;
    head.headers.add(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=" + s.key_id + "/" + s.scope_date + "/" + s.region + "/" +
            s.service + "/" + s.terminal + ", SignedHeaders=" + s.signed_headers +
            ", Signature=" + hex_signature(s, canonical)
    );
    return head;
}

RequestHead presigned_head(
    const std::string& method,
    const std::string& path,
    std::vector<Headers::Entry> headers,
    const Signing& s,
    const std::string& expires,
    const std::string& extra
) {
    const std::string signed_headers =
        s.signed_headers == Signing{}.signed_headers ? "host" : s.signed_headers;
    const std::string scope = s.scope_date + "/" + s.region + "/" + s.service + "/" + s.terminal;
    std::string query =
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + escape(s.key_id + "/" + scope) +
        "&X-Amz-Date=" + escape(s.amz_date) + "&X-Amz-Expires=" + escape(expires);
    if (s.key_id == kSessionId) {
        query += "&X-Amz-Security-Token=" + escape(kToken);
    }
    query += "&X-Amz-SignedHeaders=" + escape(signed_headers) + extra;
    RequestHead head = make_head(method, path + "?" + query, std::move(headers));
    const std::string canonical = method + "\n" + path + "\n" + query + "\n" +
                                  canonical_headers(head, signed_headers) + "\n" + signed_headers +
                                  "\n" + s.payload;
    head.target += "&X-Amz-Signature=" + hex_signature(s, canonical);
    return head;
}

std::string extras(const AwsError& error) {
    std::string out;
    for (const auto& [name, value] : error.extra()) {
        out += (out.empty() ? "" : "|") + name + "=" + value;
    }
    return out;
}

RequestHead with_target(RequestHead head, std::string_view from, std::string_view to) {
    const auto at = head.target.find(from);
    REQUIRE(at != std::string::npos);
    head.target.replace(at, from.size(), to);
    return head;
}

RequestHead
with_header(RequestHead head, std::string_view name, std::string_view from, std::string_view to) {
    std::string value(head.headers.get(name));
    const auto at = value.find(from);
    REQUIRE(at != std::string::npos);
    value.replace(at, from.size(), to);
    head.headers.set(name, value);
    return head;
}

} // namespace rig
