#include "emulator/explain/url_mending.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/explain/message.hpp"
#include "emulator/explain/texts.hpp"

#include <algorithm>
#include <array>

namespace benchtop::explain {
namespace {

constexpr std::string_view kWhole =
    "use the URL exactly as it came; let python3 or jq take it out of "
    "a JSON answer.";

void found(MendedUrl& out, std::string_view mistake, std::string_view what, std::string_view fix) {
    out.findings.push_back({std::string(mistake), std::string(what), std::string(fix)});
}

// "http..." up to the quote that opened before it.
std::string_view from_scheme(std::string_view text) {
    const std::size_t at = std::min(text.find("http://"), text.find("https://"));
    if (at == std::string_view::npos) {
        return {};
    }
    std::string_view url = text.substr(at);
    const char before = at > 0 ? text[at - 1] : ' ';
    if (before == '"' || before == '\'' || before == '<') {
        url = url.substr(0, url.find(before == '<' ? '>' : before));
    }
    return url;
}

void join_lines(std::string& url, MendedUrl& out) {
    const std::string_view ends = "\r\n\t ";
    url.resize(url.find_last_not_of(ends) + 1);
    if (url.find_first_of(ends) == std::string::npos) {
        return;
    }
    found(
        out,
        "line-break",
        "There are line breaks or spaces within the URL: it was copied from several lines.",
        "copy it as one line, in quotes."
    );
    std::erase_if(url, [&](char c) { return ends.find(c) != std::string_view::npos; });
}

void undo_escapes(std::string& url, MendedUrl& out) {
    if (contains(url, "\\u0026")) {
        found(out, "json-escape", "The URL still has JSON's \\u0026 in the place of &.", kWhole);
        url = replaced(std::move(url), "\\u0026", "&");
    }
    if (contains(url, "\\/")) {
        found(out, "json-escape", "The URL still has JSON's \\/ in the place of /.", kWhole);
        url = replaced(std::move(url), "\\/", "/");
    }
    if (contains(url, "\\&") || contains(url, "\\?") || contains(url, "\\=")) {
        found(
            out,
            "shell-escape",
            "The URL has backslashes before &, ? or =: a shell's escapes.",
            "use the URL without them, in quotes."
        );
        url = replaced(replaced(replaced(std::move(url), "\\&", "&"), "\\?", "?"), "\\=", "=");
    }
    if (contains(url, "&amp;")) {
        found(
            out,
            "html-escape",
            "The URL has &amp; in the place of &: it was copied out of HTML or XML.",
            "copy the link itself, or turn &amp; back into &."
        );
        url = replaced(std::move(url), "&amp;", "&");
    }
    if (contains(url, "%252F") && (contains(url, "X-Amz-Credential") || contains(url, "%3F"))) {
        found(
            out,
            "double-encoding",
            "The URL was percent-encoded once more on its way (%2F became %252F).",
            kWhole
        );
        url = replaced(std::move(url), "%25", "%");
    }
}

// A quote in the last parameter; elsewhere it may be honest (response-content-disposition).
void cut_tail(std::string& url, MendedUrl& out) {
    const std::size_t last = url.rfind('&') == std::string::npos ? 0 : url.rfind('&');
    std::size_t at = url.find_first_of("\"'`}", last);
    if (const std::size_t escaped = url.find("%22", last); escaped < at) {
        const std::string_view parameter = std::string_view(url).substr(last);
        const bool in_signature = parameter.starts_with("&X-Amz-") ||
                                  parameter.starts_with("&Signature=") ||
                                  parameter.starts_with("&Expires=");
        at = in_signature || contains(parameter, "s3Key") ? escaped : at;
    }
    if (at == std::string::npos) {
        return;
    }
    found(
        out,
        "json-tail",
        text({"A piece of JSON or a quote, ", quoted(url.substr(at)), ", hangs on behind the URL."}
        ),
        "use only the value of uploadUrl, up to the quote."
    );
    url.resize(at);
}

// What stands behind a whole signature: a full stop of a sentence, an escaped line end.
void trim_signature(std::string& url, MendedUrl& out) {
    constexpr std::string_view kName = "X-Amz-Signature=";
    constexpr std::size_t kHexSize = 64;
    const auto name = url.find(kName);
    if (name == std::string::npos) {
        return;
    }
    const std::size_t begin = name + kName.size();
    const std::size_t end = std::min(url.find('&', begin), url.size());
    const std::size_t hex =
        std::min(url.find_first_not_of("0123456789abcdefABCDEF", begin), url.size());
    const std::size_t proper = std::min({hex, end, begin + kHexSize});
    if (proper == end) {
        if (proper - begin < kHexSize) {
            found(
                out,
                "signature-cut",
                text(
                    {"The signature is cut off: ",
                     std::to_string(proper - begin),
                     " of its 64 characters are there."}
                ),
                "copy the whole URL."
            );
        }
        return;
    }
    if (proper - begin == kHexSize) {
        found(
            out,
            "signature-tail",
            text({quoted(url.substr(proper, end - proper)), " hangs on behind the signature."}),
            kWhole
        );
        url.erase(proper, end - proper);
    }
}

void missing_parameters(const std::string& url, MendedUrl& out) {
    constexpr std::array<std::string_view, 6> kV4{
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature"};
    constexpr std::array<std::string_view, 3> kV2{"AWSAccessKeyId", "Expires", "Signature"};
    const auto mark = url.find('?');
    const std::string query = mark == std::string::npos ? std::string{} : url.substr(mark + 1);
    const auto missing_of = [&](const auto& names) {
        std::vector<std::string> missing;
        for (const std::string_view name : names) {
            if (!raw_parameter(query, name)) {
                missing.emplace_back(name);
            }
        }
        return missing;
    };
    const auto v4 = missing_of(kV4);
    const auto v2 = missing_of(kV2);
    if (v4.size() == kV4.size() && v2.size() == kV2.size()) {
        found(
            out,
            "not-signed",
            mark == std::string::npos
                ? "The URL has no query: the signature behind the ? is missing."
                : "The URL carries no signature.",
            "use the whole URL, with ?X-Amz-...&X-Amz-Signature=..., in quotes."
        );
        return;
    }
    const auto& missing = v4.size() < kV4.size() ? v4 : v2;
    if (!missing.empty()) {
        found(
            out,
            "query-cut",
            text({"The query was cut off; missing: ", joined(missing, ", "), "."}),
            "put the whole URL in quotes: the shell ends an unquoted command at the first &."
        );
    }
}

} // namespace

MendedUrl mend_url(std::string_view pasted) {
    MendedUrl out;
    std::string url(from_scheme(pasted.substr(0, kUrlTextMax)));
    if (url.empty()) {
        found(
            out,
            "no-url",
            "There is no URL in the text: it must begin with http:// or https://.",
            "paste the whole URL, in quotes."
        );
        return out;
    }
    join_lines(url, out);
    undo_escapes(url, out);
    cut_tail(url, out);
    trim_signature(url, out);
    missing_parameters(url, out);
    out.url = std::move(url);
    return out;
}

} // namespace benchtop::explain
