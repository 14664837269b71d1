// Headers, Content-Type first of all, and the body's hash.
#include "emulator/core/encoding.hpp"
#include "emulator/explain/slips.hpp"
#include "emulator/explain/texts.hpp"

#include <algorithm>
#include <array>

namespace benchtop::explain {
namespace {

constexpr std::size_t kHeadersMax = 32;
constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

constexpr std::array<std::string_view, 30> kTypes{
    "",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "binary/octet-stream",
    "text/plain",
    "application/json",
    "text/plain; charset=utf-8",
    "text/plain;charset=UTF-8",
    "application/json; charset=utf-8",
    "application/x-www-form-urlencoded; charset=utf-8",
    "text/csv",
    "text/html",
    "text/html; charset=utf-8",
    "text/xml",
    "application/xml",
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/x-gzip",
    "application/x-tar",
    "application/x-amz-json-1.1",
    "application/x-amz-json-1.0",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/svg+xml",
    "audio/mpeg",
    "video/mp4",
    "multipart/form-data",
    "text/markdown",
};

std::string type_text(std::string_view type) {
    return type.empty() ? std::string("none") : quoted(type);
}

std::string without_name(std::string_view names, std::string_view name) {
    auto parts = split(names, ';');
    std::erase_if(parts, [&](const std::string& part) { return iequals(part, name); });
    return joined(parts, ";");
}

std::string with_name(std::string_view names, std::string_view name) {
    auto parts = split(names, ';');
    parts.emplace_back(name);
    std::sort(parts.begin(), parts.end());
    return joined(parts, ";");
}

void add_value(
    const Message& seen, std::string_view name, std::string_view value, std::vector<Slip>& out
) {
    const std::string sent = seen.headers.joined(name);
    out.push_back(
        {"header-changed",
         text(
             {"The header ",
              name,
              " was changed after signing: the signature covers ",
              value.empty() ? std::string("it without a value") : quoted(value),
              ", and the request came with ",
              quoted(sent),
              "."}
         ),
         text(
             {"send ",
              name,
              " exactly as it was signed; look for a proxy or a library that edits it."}
         ),
         [name = std::string(name), value = std::string(value)](Message& m) {
             m.headers.set(name, value);
         }}
    );
}

void add_list_slips(const Message& seen, std::vector<Slip>& out) {
    const auto names = split(seen.signed_headers, ';');
    const auto add = [&](std::string_view cause, std::string list, Frequency frequency) {
        out.push_back(
            {"signed-headers",
             std::string(cause),
             "sign with the list of SignedHeaders that is sent: lower case, sorted, separated by "
             ";.",
             [list = std::move(list)](Message& m) { m.signed_headers = list; },
             frequency}
        );
    };
    for (std::size_t i = 0; i < std::min(names.size(), kHeadersMax); ++i) {
        add(text({"SignedHeaders names ", names[i], ", which the signature does not cover."}),
            without_name(seen.signed_headers, names[i]),
            Frequency::Frequent);
    }
    std::size_t count = 0;
    for (const auto& [name, value] : seen.headers.entries()) {
        const std::string lower = to_lower(name);
        if (++count > kHeadersMax || lower == "authorization" || seen.is_signed(lower)) {
            continue;
        }
        add(text({"The signature covers the header ", lower, ", which SignedHeaders does not name."}
            ),
            with_name(seen.signed_headers, lower),
            Frequency::Frequent);
    }
    auto order = names;
    std::sort(order.begin(), order.end());
    add("The client signed the headers in another order than SignedHeaders has.",
        joined(order, ";"),
        Frequency::Rare);
    add("SignedHeaders was written in another case than it was signed in.",
        to_lower(seen.signed_headers),
        Frequency::Rare);
}

void add_v2_slips(const Message& seen, std::vector<Slip>& out) {
    std::size_t count = 0;
    for (const auto& [name, value] : seen.headers.entries()) {
        const std::string lower = to_lower(name);
        if (++count > kHeadersMax || !(lower.starts_with("x-amz-") || lower == "content-md5")) {
            continue;
        }
        out.push_back(
            {"header-not-signed",
             text({"The client sent ", lower, ", which the signature does not cover."}),
             "leave the header away, or sign the request with it.",
             [lower](Message& m) { m.headers.remove(lower); },
             Frequency::Frequent}
        );
    }
    out.push_back(
        {"bucket-slash",
         "The client signed the resource with a / behind the bucket.",
         "sign the path that is sent.",
         [](Message& m) { m.bucket_slash = !m.bucket_slash; }}
    );
    out.push_back(
        {"host",
         "The client signed the resource without the bucket that the host names.",
         "sign /BUCKET in front of the path when the host names the bucket.",
         [](Message& m) { m.bucket.clear(); }}
    );
}

} // namespace

void content_type_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    if (seen.is_v4() && !seen.is_signed("content-type")) {
        return;
    }
    const std::string sent(trim(seen.headers.get("content-type")));
    std::vector<std::string> types(kTypes.begin(), kTypes.end());
    if (const auto semicolon = sent.find(';'); semicolon != std::string::npos) {
        types.push_back(sent.substr(0, semicolon));
    } else if (!sent.empty()) {
        for (const std::string_view charset :
             {"; charset=utf-8", ";charset=utf-8", "; charset=UTF-8", ";charset=UTF-8"}) {
            types.push_back(sent + std::string(charset));
        }
    }
    types.push_back(to_lower(sent));
    for (const std::string& type : types) {
        if (type == sent) {
            continue;
        }
        out.push_back(
            {"content-type",
             text(
                 {"The signature covers the Content-Type ",
                  type_text(type),
                  ", and the client sent ",
                  type_text(sent),
                  "."}
             ),
             type.empty()
                 ? "send no Content-Type (curl -H 'Content-Type:'), or sign with the one sent."
                 : text({"send Content-Type: ", type, ", or sign with the one sent."}),
             [type](Message& m) { m.headers.set("content-type", type); },
             type.empty() || &type == &types[1] ? Frequency::Frequent : Frequency::Rare}
        );
    }
}

void header_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    if (!seen.is_v4()) {
        add_v2_slips(seen, out);
        return;
    }
    add_list_slips(seen, out);
    const auto names = split(seen.signed_headers, ';');
    for (std::size_t i = 0; i < std::min(names.size(), kHeadersMax); ++i) {
        const std::string& name = names[i];
        if (iequals(name, "host") || iequals(name, "content-type") || iequals(name, "x-amz-date") ||
            !seen.headers.has(name)) {
            continue;
        }
        const std::string value = seen.headers.joined(name);
        add_value(seen, name, "", out);
        add_value(seen, name, to_lower(value), out);
        if (const auto comma = value.find(','); comma != std::string::npos) {
            add_value(seen, name, value.substr(0, comma), out);
        }
        // What proxies and clients set on their own.
        if (iequals(name, "accept-encoding")) {
            for (const std::string_view usual :
                 {"identity", "gzip", "gzip, deflate", "gzip, deflate, br"}) {
                add_value(seen, name, usual, out);
            }
        }
        if (iequals(name, "content-length")) {
            add_value(seen, name, "0", out);
        }
    }
}

void payload_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    if (!seen.is_v4()) {
        return;
    }
    const auto add = [&](std::string_view hash, std::string_view what) {
        if (hash == seen.payload_hash || hash.empty()) {
            return;
        }
        out.push_back(
            {"body-hash",
             text(
                 {"The client signed ",
                  what,
                  " as the body's hash, and the request says ",
                  quoted(seen.payload_hash),
                  "."}
             ),
             seen.of_s3
                 ? "send in x-amz-content-sha256 the very value that was signed as the hash."
                 : "sign the SHA-256 of the body that is sent, and send that body unchanged.",
             [hash = std::string(hash)](Message& m) { m.payload_hash = hash; },
             Frequency::Frequent}
        );
        // The header too, when it was edited after signing.
        if (seen.headers.has("x-amz-content-sha256") && seen.is_signed("x-amz-content-sha256")) {
            out.push_back(
                {"body-hash",
                 text(
                     {"x-amz-content-sha256 was changed after signing: the signature covers ",
                      what,
                      ", and the request says ",
                      quoted(seen.payload_hash),
                      "."}
                 ),
                 "send the value that was signed, and the body it belongs to.",
                 [hash = std::string(hash)](Message& m) {
                     m.payload_hash = hash;
                     m.headers.set("x-amz-content-sha256", hash);
                 },
                 Frequency::Frequent}
            );
        }
    };
    add("UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD");
    add(kEmptySha256, "the hash of an empty body");
    add("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    add("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    add("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
    add(to_lower(seen.payload_hash), "the same hash in lower case");
    add(trim(seen.headers.get("x-amz-content-sha256")), "the value of x-amz-content-sha256");
}

} // namespace benchtop::explain
