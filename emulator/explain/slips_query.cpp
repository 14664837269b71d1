// The query string, a presigned URL's lifetime and its session token.
#include "emulator/auth/canonical.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/explain/slips.hpp"
#include "emulator/explain/texts.hpp"

#include <algorithm>
#include <array>

namespace benchtop::explain {
namespace {

constexpr std::size_t kParametersMax = 32;

bool belongs_to_signature(std::string_view parameter) {
    return parameter.starts_with("X-Amz-") || parameter.starts_with("x-amz-security-token") ||
           parameter.starts_with("AWSAccessKeyId=") || parameter.starts_with("Signature=") ||
           parameter.starts_with("Expires=");
}

// The canonical line of the query the rule gives.
std::string canonical_line(const Message& seen) {
    std::string line;
    auth::CanonicalQuery(seen.query)
        .append_to(line, seen.scheme == Scheme::QueryV4 ? "X-Amz-Signature" : "");
    return line;
}

std::string without_signature(const Message& seen) {
    std::string query = seen.query;
    remove_parameter(query, "X-Amz-Signature");
    return query;
}

std::string sorted(std::string_view query) {
    auto parts = split(query, '&');
    std::sort(parts.begin(), parts.end());
    return joined(parts, "&");
}

struct Lost {
    std::string_view parameter;
    std::string_view method; // "" for any
};

// What clients ask for in a query, so what an unquoted & cuts off.
constexpr std::array<Lost, 36> kLost{{
    {"x-id=PutObject", "PUT"},
    {"x-id=GetObject", "GET"},
    {"x-id=DeleteObject", "DELETE"},
    {"x-id=ListBuckets", "GET"},
    {"x-id=UploadPart", "PUT"},
    {"x-id=CopyObject", "PUT"},
    {"list-type=2", "GET"},
    {"list-type=2&encoding-type=url", "GET"},
    {"encoding-type=url", "GET"},
    {"prefix=", "GET"},
    {"delimiter=%2F", "GET"},
    {"prefix=uploads%2F", "GET"},
    {"prefix=processed%2F", "GET"},
    {"acl", ""},
    {"tagging", ""},
    {"versioning", ""},
    {"versions", "GET"},
    {"uploads", ""},
    {"location", "GET"},
    {"policy", ""},
    {"cors", ""},
    {"lifecycle", ""},
    {"notification", ""},
    {"website", ""},
    {"logging", ""},
    {"encryption", ""},
    {"delete", "POST"},
    {"retention", ""},
    {"legal-hold", ""},
    {"object-lock", ""},
    {"attributes", "GET"},
    {"max-keys=1", "GET"},
    {"max-keys=1000", "GET"},
    {"partNumber=1", ""},
    {"publicAccessBlock", ""},
    {"ownershipControls", ""},
}};

void add_cut(const Message& seen, std::vector<Slip>& out) {
    for (const Lost& lost : kLost) {
        if (!lost.method.empty() && lost.method != seen.method) {
            continue;
        }
        if (raw_parameter(seen.query, lost.parameter.substr(0, lost.parameter.find('=')))) {
            continue;
        }
        out.push_back(
            {"query-cut",
             text(
                 {"The signature covers the parameter ",
                  lost.parameter,
                  ", which did not arrive: the query was cut off."}
             ),
             "put the whole URL in quotes: the shell ends an unquoted command at &.",
             [parameter = std::string(lost.parameter)](Message& m) {
                 add_parameter(m.query, parameter);
             },
             Frequency::Frequent}
        );
    }
}

void add_added(const Message& seen, std::vector<Slip>& out) {
    const auto parts = split(seen.query, '&');
    for (std::size_t i = 0; i < std::min(parts.size(), kParametersMax); ++i) {
        if (parts[i].empty() || belongs_to_signature(parts[i])) {
            continue;
        }
        const std::string cause = text(
            {"The parameter ",
             quoted(parts[i]),
             " was added after signing: the signature does not cover it."}
        );
        auto fewer = parts;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        out.push_back(
            {"query-added",
             cause,
             "leave it away, or sign the request with it.",
             [query = joined(fewer, "&")](Message& m) { m.query = query; },
             Frequency::Frequent}
        );
        const auto equals = parts[i].find('=');
        if (equals == std::string::npos || equals + 1 == parts[i].size()) {
            continue;
        }
        auto empty = parts;
        empty[i] = parts[i].substr(0, equals + 1);
        out.push_back(
            {"query-changed",
             text(
                 {"The value of ",
                  quoted(parts[i].substr(0, equals)),
                  " was put in after signing: the signature covers it empty."}
             ),
             "sign the request with the value it is sent with.",
             [query = joined(empty, "&")](Message& m) { m.query = query; }}
        );
    }
}

std::string duration_text(std::int64_t seconds) {
    return std::to_string(seconds) + " s";
}

void add_expires(const Message& seen, std::int64_t was, std::vector<Slip>& out) {
    if (seen.scheme == Scheme::QueryV4) {
        const std::string now = raw_parameter(seen.query, "X-Amz-Expires").value_or("");
        const std::string value = std::to_string(was);
        if (now == value) {
            return;
        }
        out.push_back(
            {"expires-edited",
             text(
                 {"X-Amz-Expires was changed after signing: the signature is for ",
                  duration_text(was),
                  ", and the URL says ",
                  now,
                  "."}
             ),
             "presign again with the lifetime wanted; the signature covers it.",
             [value](Message& m) { set_parameter(m.query, "X-Amz-Expires", value); }}
        );
        return;
    }
    out.push_back(
        {"expires-edited",
         text(
             {"Expires was changed after signing: the signature is for ",
              std::to_string(was),
              ", and the URL says ",
              seen.date,
              "."}
         ),
         "presign again with the lifetime wanted; the signature covers it.",
         [value = std::to_string(was)](Message& m) {
             m.date = value;
             set_parameter(m.query, "Expires", value);
         }}
    );
}

constexpr std::array<std::int64_t, 44> kLifetimes{
    300,  3600, 900,   600,   60,    1800,  7200,  86400, 604800, 43200,  1,
    5,    10,   15,    20,    30,    45,    90,    100,   120,    180,    240,
    360,  400,  500,   720,   800,   999,   1000,  1200,  1500,   2400,   2700,
    3000, 5400, 10800, 14400, 18000, 21600, 28800, 36000, 172800, 259200, 432000};

} // namespace

void query_encoding_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    if (!seen.is_v4() || seen.query.empty()) {
        return;
    }
    const std::string line = canonical_line(seen);
    const std::string sent = without_signature(seen);
    if (sent != line) {
        const bool order = sorted(sent) == line;
        add_line(
            out,
            &Message::query_line,
            sent,
            order ? "query-order" : "query-encoding",
            order ? "The client signed the parameters in the order of the URL; the canonical query "
                    "is sorted by name."
                  : "The client signed the query as it stands in the URL; the canonical query is "
                    "sorted, and each name and value is escaped by %XX.",
            "sort the parameters by name and escape them by RFC 3986 before signing.",
            Frequency::Frequent
        );
        add_line(
            out,
            &Message::query_line,
            sorted(sent),
            "query-encoding",
            "The client signed the query with the escapes of the URL; the canonical query escapes "
            "everything but A-Z a-z 0-9 - . _ ~ and gives each name an =.",
            "escape names and values by RFC 3986 before signing, and write name= for an empty "
            "value."
        );
    }
    add_line(
        out,
        &Message::query_line,
        replaced(line, "%20", "%2B"),
        "plus-or-space",
        "The query has a raw +, which stands for a space; the client signed it as the letter + "
        "(%2B).",
        "send %2B for a + in a query, %20 for a space.",
        Frequency::Frequent
    );
    add_line(
        out,
        &Message::query_line,
        replaced(line, "%20", "+"),
        "plus-or-space",
        "The client wrote the query's spaces as + when it signed; SigV4 wants %20.",
        "escape by RFC 3986 (quote, not quote_plus).",
        Frequency::Frequent
    );
    add_line(
        out,
        &Message::query_line,
        replaced(line, "%2B", "%20"),
        "plus-or-space",
        "The client signed a space where the query has a + (%2B).",
        "escape the value once, from its raw form."
    );
    add_line(
        out,
        &Message::query_line,
        replaced(line, "%", "%25"),
        "double-encoding",
        "The client escaped the query twice before signing (%2F became %252F).",
        "escape each name and value once.",
        Frequency::Frequent
    );
    add_line(
        out,
        &Message::query_line,
        replaced(line, "%25", "%"),
        "double-encoding",
        "The query was escaped once more after signing (%2F became %252F).",
        "send the URL as it was signed, without escaping it again.",
        Frequency::Frequent
    );
    add_line(
        out,
        &Message::query_line,
        percent_decode(line, PlusRule::Literal).value_or(line),
        "not-encoded",
        "The client signed the query unescaped; the canonical query holds names and values "
        "percent-encoded.",
        "percent-encode names and values before signing.",
        Frequency::Frequent
    );
    add_line(
        out,
        &Message::query_line,
        replaced(line, "%2F", "/"),
        "query-encoding",
        "The client left / unescaped in the query when it signed; only a path keeps it.",
        "escape / as %2F in the query."
    );
    // One parameter left out is query_parameter_slips' to tell.
    if (seen.scheme == Scheme::HeaderV4 && contains(seen.query, "&")) {
        add_line(
            out,
            &Message::query_line,
            "",
            "query-not-signed",
            "The client signed the request without its query.",
            "hand the signer the whole URL with its query.",
            Frequency::Frequent
        );
    }
    if (seen.scheme == Scheme::QueryV4) {
        std::string all = seen.query;
        add_line(
            out,
            &Message::query_line,
            sorted(all),
            "query-encoding",
            "The client signed X-Amz-Signature itself as a parameter.",
            "leave X-Amz-Signature out of the canonical query."
        );
    }
}

void query_parameter_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    add_added(seen, out);
    add_cut(seen, out);
}

void expires_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    if (seen.scheme == Scheme::QueryV4) {
        for (const std::int64_t lifetime : kLifetimes) {
            add_expires(seen, lifetime, out);
        }
        return;
    }
    const auto expires = seen.scheme == Scheme::QueryV2 ? parse_i64(seen.date) : std::nullopt;
    if (!expires || *expires < 0 || *expires > 253402300799) {
        return;
    }
    for (const std::int64_t amount : kLifetimes) {
        add_expires(seen, *expires - amount, out);
        add_expires(seen, *expires + amount, out);
        add_expires(seen, *expires - amount + 300, out);
        add_expires(seen, *expires - amount + 3600, out);
    }
}

void any_expires_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    if (seen.scheme == Scheme::QueryV4) {
        for (std::int64_t lifetime = 1; lifetime <= 1000; ++lifetime) {
            add_expires(seen, lifetime, out);
        }
    }
}

void token_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    if (seen.scheme != Scheme::QueryV4) {
        return;
    }
    const auto token = raw_parameter(seen.query, "X-Amz-Security-Token");
    if (!token) {
        return;
    }
    out.push_back(
        {"token-not-signed",
         "X-Amz-Security-Token was added after signing: S3 wants it among the signed parameters.",
         "give the session token to the signer, not to the finished URL.",
         [](Message& m) { remove_parameter(m.query, "X-Amz-Security-Token"); },
         Frequency::Frequent}
    );
    // "+" and " " are both a space to a query; a token is base64 and holds no space.
    std::string mended = replaced(replaced(*token, "+", "%2B"), "%20", "%2B");
    if (mended != *token) {
        out.push_back(
            {"url-decoded",
             "The URL was percent-decoded on its way: the security token has a + where %2B was, "
             "and "
             "a + in a query means a space.",
             "use the URL exactly as it came, letter by letter.",
             [mended](Message& m) { set_parameter(m.query, "X-Amz-Security-Token", mended); },
             Frequency::Frequent}
        );
    }
}

} // namespace benchtop::explain
