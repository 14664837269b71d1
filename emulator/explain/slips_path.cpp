// Method, host and path.
#include "emulator/core/encoding.hpp"
#include "emulator/explain/slips.hpp"
#include "emulator/explain/texts.hpp"

#include <algorithm>
#include <array>

namespace benchtop::explain {
namespace {

constexpr std::size_t kTypedPathMax =
    48; // of the last segment, where a slip of the finger is sought
constexpr std::size_t kAppendedMax = 48;

struct HostName {
    std::string name;
    std::string port; // ":4566" or ""
};

HostName host_of(std::string_view host) {
    const auto colon = host.rfind(':');
    const bool has_port = colon != std::string_view::npos && host.find(']', colon) == host.npos;
    return has_port ? HostName{std::string(host.substr(0, colon)), std::string(host.substr(colon))}
                    : HostName{std::string(host), {}};
}

void add_host(
    std::vector<Slip>& out, const std::string& sent, const std::string& host, Frequency frequency
) {
    if (host == sent) {
        return;
    }
    const bool port_only = host_of(sent).name == host_of(host).name;
    out.push_back(
        {"host",
         text(
             {"The signature is for the host ",
              quoted(host),
              ", and the request came with Host: ",
              sent,
              port_only ? " (the port is a part of the host)." : "."}
         ),
         text(
             {"sign and send with the same host and port: let the client itself speak to ",
              sent,
              ", or send to ",
              host,
              "."}
         ),
         [host](Message& m) { m.headers.set("Host", host); },
         frequency}
    );
}

// "/bucket/key" at one host, "/key" at bucket.host.
void add_bucket_moves(const Message& seen, const std::string& sent, std::vector<Slip>& out) {
    const auto slash = seen.path.find('/', 1);
    const std::string first = seen.path.substr(
        std::min<std::size_t>(1, seen.path.size()),
        slash == std::string::npos ? std::string::npos : slash - 1
    );
    const auto add = [&](const std::string& host, const std::string& path) {
        out.push_back(
            {"host",
             text(
                 {"The signature is for ",
                  quoted(host + path),
                  ": it names the bucket in the other place (host or path) than the request."}
             ),
             "choose path style or virtual-host style in the client, and send what it signed.",
             [host, path](Message& m) {
                 m.headers.set("Host", host);
                 m.path = path;
             },
             Frequency::Rare}
        );
    };
    if (!first.empty()) {
        add(first + "." + sent, slash == std::string::npos ? "/" : seen.path.substr(slash));
    }
    if (const auto dot = sent.find('.'); dot != std::string::npos && dot > 0) {
        add(sent.substr(dot + 1), "/" + sent.substr(0, dot) + seen.path);
    }
}

void add_path(
    std::vector<Slip>& out,
    const Message& seen,
    std::string path,
    std::string_view how,
    Frequency frequency = Frequency::Rare
) {
    if (path == seen.path || path.empty() || path.front() != '/') {
        return;
    }
    std::string cause = text(
        {"The path was changed after signing: the signature is for ",
         quoted(path),
         ", and the request came for ",
         quoted(seen.path),
         how,
         "."}
    );
    out.push_back(
        {"path",
         std::move(cause),
         "use the URL exactly as it was signed; another key needs a signature of its own.",
         [path = std::move(path)](Message& m) { m.path = path; },
         frequency}
    );
}

// What is written in place of the last segment, where fingers slip.
std::string with_last(std::string_view path, std::string_view last) {
    return text({path.substr(0, path.rfind('/') + 1), last});
}

} // namespace

void method_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    for (const std::string_view method :
         {"PUT", "GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH"}) {
        if (method == seen.method) {
            continue;
        }
        out.push_back(
            {"method",
             text(
                 {"The signature is for ", method, ", and the request came with ", seen.method, "."}
             ),
             text(
                 {"send it with ",
                  method,
                  " (curl -X ",
                  method,
                  "), or sign for ",
                  seen.method,
                  "."}
             ),
             [method = std::string(method)](Message& m) { m.method = method; },
             Frequency::Frequent}
        );
    }
}

void host_slips(const Message& seen, const Known& known, std::vector<Slip>& out) {
    if (!seen.is_v4()) {
        return;
    }
    const std::string sent(seen.headers.get("host"));
    const HostName host = host_of(sent);
    for (const std::string& other : known.hosts) {
        add_host(out, sent, other, Frequency::Frequent);
    }
    add_host(out, sent, host.name, Frequency::Frequent);
    for (const std::string_view name : {"localhost", "127.0.0.1", "0.0.0.0", "[::1]"}) {
        add_host(out, sent, std::string(name) + host.port, Frequency::Frequent);
    }
    const std::array names{host.name, std::string("localhost"), std::string("127.0.0.1")};
    for (const std::string& other : known.hosts) {
        for (const std::string& name : names) {
            add_host(out, sent, name + host_of(other).port, Frequency::Rare);
        }
    }
    for (const std::string& name : names) {
        for (const std::string_view port :
             {":4566", ":4567", ":80", ":443", ":8080", ":8000", ":9000", ":3000", ":5000"}) {
            add_host(out, sent, name + std::string(port), Frequency::Rare);
        }
        add_host(out, sent, name, Frequency::Rare);
    }
    add_host(out, sent, to_lower(sent), Frequency::Rare);
    for (const std::string_view domain :
         {"s3.amazonaws.com",
          "s3.localhost.localstack.cloud:4566",
          "localhost.localstack.cloud:4566",
          "host.docker.internal:4566",
          "benchtop:4566",
          "localstack:4566"}) {
        add_host(out, sent, std::string(domain), Frequency::Rare);
    }
    add_host(
        out,
        sent,
        seen.of_s3 ? text({"s3.", seen.region, ".amazonaws.com"})
                   : text({seen.service, ".", seen.region, ".amazonaws.com"}),
        Frequency::Rare
    );
    if (seen.of_s3) {
        add_bucket_moves(seen, sent, out);
        // Both services' names at once: the client speaks to AWS's name, the request came to ours.
        const auto slash = seen.path.find('/', 1);
        if (slash != std::string::npos) {
            const std::string bucket = seen.path.substr(1, slash - 1);
            const std::string rest = seen.path.substr(slash);
            for (const std::string& name :
                 {text({bucket, ".s3.", seen.region, ".amazonaws.com"}),
                  text({bucket, ".s3.amazonaws.com"})}) {
                out.push_back(
                    {"host",
                     text(
                         {"The signature is for ",
                          quoted(name + rest),
                          ", AWS's own address of the "
                          "bucket, and the request came to ",
                          sent,
                          "."}
                     ),
                     "sign for the endpoint the request is sent to (--endpoint-url, "
                     "AWS_ENDPOINT_URL), or reach this one by AWS's names (benchtop env).",
                     [name, rest](Message& m) {
                         m.headers.set("Host", name);
                         m.path = rest;
                     },
                     Frequency::Rare}
                );
            }
        }
    }
}

void path_encoding_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    if (!seen.is_v4()) {
        return;
    }
    const std::string decoded = percent_decode(seen.path, PlusRule::Literal).value_or(seen.path);
    const std::string once = percent_encode(decoded, SlashRule::Keep);
    const std::string twice = percent_encode(once, SlashRule::Keep);
    if (seen.of_s3) {
        add_line(
            out,
            &Message::path_line,
            twice,
            "double-encoding",
            "The client escaped the path twice before signing (%20 became %2520), as other "
            "services "
            "want it; S3's rule is once.",
            "tell the signer that it signs for S3 (doubleEncode or uriEscapePath off).",
            Frequency::Frequent
        );
    } else {
        add_line(
            out,
            &Message::path_line,
            once,
            "single-encoding",
            "The client escaped the path once before signing; every service but S3 wants it "
            "escaped "
            "a second time.",
            "use the signer's rule for this service, not S3's.",
            Frequency::Frequent
        );
    }
    add_line(
        out,
        &Message::path_line,
        replaced(once, "%2B", "%20"),
        "plus-or-space",
        "The client signed a space where the path has a +.",
        "write a space in a path as %20 and a + as %2B."
    );
    add_line(
        out,
        &Message::path_line,
        replaced(replaced(seen.path, "%20", "+"), " ", "+"),
        "plus-or-space",
        "The client wrote the path's spaces as + when it signed; SigV4 wants %20.",
        "escape by RFC 3986 (quote, not quote_plus; encodeURIComponent, not form encoding).",
        Frequency::Frequent
    );
    // S3 reads a raw + as a space; the client meant the letter.
    add_line(
        out,
        &Message::path_line,
        replaced(percent_encode(decoded, SlashRule::Keep), " ", "%20"),
        "plus-or-space",
        "The path has a raw +, which S3 reads as a space; the client signed it as the letter + "
        "(%2B).",
        "send %2B for a + in a path.",
        Frequency::Frequent
    );
    add_line(
        out,
        &Message::path_line,
        decoded,
        "not-encoded",
        "The client signed the path unescaped; the canonical request holds it percent-encoded.",
        "percent-encode the path (RFC 3986, / left alone) before signing.",
        Frequency::Frequent
    );
    add_line(
        out,
        &Message::path_line,
        seen.path,
        "path-encoding",
        "The client signed the path as it stands; the canonical form escapes some letters "
        "differently.",
        "escape everything but A-Z a-z 0-9 - . _ ~ and / by %XX in upper case."
    );
    std::string lower = once;
    for (std::size_t at = 0; (at = lower.find('%', at)) != std::string::npos; at += 3) {
        for (std::size_t i = at + 1; i < std::min(at + 3, lower.size()); ++i) {
            lower[i] = ascii_lower(lower[i]);
        }
    }
    add_line(
        out,
        &Message::path_line,
        lower,
        "path-encoding",
        "The client wrote the escapes in lower case when it signed (%2f); SigV4 wants %2F.",
        "write escapes in upper case."
    );
    add_line(
        out,
        &Message::path_line,
        percent_encode(decoded, SlashRule::Encode),
        "path-encoding",
        "The client escaped the slashes of the path when it signed.",
        "leave / alone in the path."
    );
    add_line(
        out,
        &Message::path_line,
        replaced(once, "~", "%7E"),
        "path-encoding",
        "The client escaped ~ when it signed; SigV4 leaves it alone.",
        "do not escape ~."
    );
    add_line(
        out,
        &Message::path_line,
        replaced(replaced(once, "//", "/"), "/./", "/"),
        "path-normalized",
        "The client tidied the path (double slashes, dots) before signing; S3 takes it as it is.",
        "switch path normalization off for S3."
    );
    add_line(
        out,
        &Message::path_line,
        once.empty() ? once : once.substr(1),
        "path-encoding",
        "The client signed the path without its first slash.",
        "begin the canonical path with /."
    );
}

void path_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    const std::string& path = seen.path;
    add_path(out, seen, path + "/", " (a / at the end is a part of the key)");
    if (path.ends_with('/')) {
        add_path(
            out, seen, path.substr(0, path.size() - 1), " (a / at the end is a part of the key)"
        );
    }
    add_path(out, seen, to_lower(path), " (capital letters count)");
    add_path(out, seen, replaced(path, "%25", "%"), " (it was escaped once more on its way)");
    const std::string unescaped = percent_decode(path, PlusRule::Literal).value_or(path);
    if (unescaped.find_first_of(" \r\n") == std::string::npos) {
        add_path(out, seen, unescaped, "");
    }
    const auto segments = split(path, '/');
    for (std::size_t i = 1; i < std::min<std::size_t>(segments.size(), 16); ++i) {
        auto fewer = segments;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        add_path(out, seen, joined(fewer, "/"), "");
        for (const std::string_view folder : {"uploads", "processed", "prod", "upload"}) {
            auto more = segments;
            more.insert(more.begin() + static_cast<std::ptrdiff_t>(i), std::string(folder));
            add_path(out, seen, joined(more, "/"), "");
            auto other = segments;
            other[i] = folder;
            add_path(out, seen, joined(other, "/"), "");
        }
    }
    const std::string& last = segments.back();
    const std::string stem = last.substr(0, last.rfind('.'));
    for (const std::string_view end :
         {"",
          ".txt",
          ".csv",
          ".json",
          ".pdf",
          ".png",
          ".jpg",
          ".jpeg",
          ".bin",
          ".dat",
          ".zip",
          ".md",
          ".html",
          ".xml",
          ".gz",
          ".log"}) {
        add_path(out, seen, with_last(path, stem + std::string(end)), "");
        add_path(out, seen, with_last(path, last + std::string(end)), "");
    }
    // Something hung on behind, or put in front of the file's name.
    for (std::size_t n = 1; n < std::min(last.size(), kAppendedMax); ++n) {
        add_path(out, seen, path.substr(0, path.size() - n), "");
        add_path(out, seen, with_last(path, last.substr(n)), "");
        const auto dot = stem.size();
        if (n < dot) {
            add_path(out, seen, with_last(path, stem.substr(0, dot - n) + last.substr(dot)), "");
        }
    }
}

void mistyped_path_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_./";
    const std::string last = seen.path.substr(seen.path.rfind('/') + 1);
    if (last.size() > kTypedPathMax) {
        return;
    }
    constexpr std::string_view kHow = ": one letter differs";
    for (std::size_t i = 0; i <= last.size(); ++i) {
        if (i < last.size()) {
            std::string fewer = last;
            fewer.erase(i, 1);
            add_path(out, seen, with_last(seen.path, fewer), kHow);
            std::string swapped = last;
            if (i + 1 < last.size()) {
                std::swap(swapped[i], swapped[i + 1]);
                add_path(out, seen, with_last(seen.path, swapped), kHow);
            }
        }
        for (const char letter : kLetters) {
            std::string more = last;
            more.insert(i, 1, letter);
            add_path(out, seen, with_last(seen.path, more), kHow);
            if (i < last.size()) {
                std::string other = last;
                other[i] = letter;
                add_path(out, seen, with_last(seen.path, other), kHow);
            }
        }
    }
}

} // namespace benchtop::explain
