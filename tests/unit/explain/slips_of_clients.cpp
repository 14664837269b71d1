#include "tests/unit/explain/slips_of_clients.hpp"

#include "emulator/core/digest.hpp"
#include "tests/catch.hpp"

#include <algorithm>

namespace recorded {
namespace {

using explain::Message;

constexpr std::string_view kFolder = "/uploads/";

void to_time(Case& one, UtcInstant stamp) {
    one.request.head.headers.set("X-Amz-Date", to_amz_date(stamp));
}

std::string decoded(std::string_view path) {
    return percent_decode(path, PlusRule::Literal).value();
}

// --- the message changed after signing ---

void other_method(Case& one) {
    one.request.head.method = "POST";
}

void port_dropped(Case& one) {
    const std::string host(one.request.head.headers.get("host"));
    one.request.head.headers.set("Host", host.substr(0, host.rfind(':')));
}

void other_name_of_the_host(Case& one) {
    const std::string host(one.request.head.headers.get("host"));
    one.request.head.headers.set("Host", "localhost" + host.substr(host.rfind(':')));
}

void region_in_scope(Case& one) {
    replace_in_header(one, "Authorization", "/us-east-2/", "/us-east-1/");
}

void service_in_scope(Case& one) {
    replace_in_header(one, "Authorization", "/s3/", "/execute-api/");
}

void header_added(Case& one) {
    one.request.head.headers.add("x-amz-acl", "private");
}

void header_lost(Case& one) {
    one.request.head.headers.remove("x-amz-meta-course");
}

void clock_two_hours_off(Case& one) {
    one.now = one.now + seconds{7200};
}

void date_edited(Case& one) {
    to_time(one, one.now - seconds{420});
}

void key_id_mistyped(Case& one) {
    replace_in_header(one, "Authorization", one.request.key_id, "AKIABENCHTOPLABADMIM");
}

void token_of_an_earlier_login(Case& one) {
    one.request.head.headers.add("x-amz-security-token", "FwoGZXIvYXdzEXAMPLE");
}

void body_changed(Case& one) {
    one.body_sha256 = sha256_hex("another body");
}

void parameter_added(Case& one) {
    one.request.head.target += one.request.head.target.find('?') == std::string::npos ? "?" : "&";
    one.request.head.target += "acl";
}

void folder_changed(Case& one) {
    replace_in_target(one, kFolder, "/processed/");
}

void letter_of_key_mistyped(Case& one) {
    replace_in_target(one, ".txt", ".tx");
}

void signature_cut(Case& one) {
    std::string value(one.request.head.headers.get("authorization"));
    value.resize(value.size() - 20);
    one.request.head.headers.set("Authorization", value);
}

// --- something else signed than sent ---

void signs_another_method(Case& one) {
    sign_with_slip(one, [](Message& m) { m.method = "GET"; });
}

void escapes_twice(Case& one) {
    sign_with_slip(one, [](Message& m) {
        m.path_line =
            percent_encode(percent_encode(decoded(m.path), SlashRule::Keep), SlashRule::Keep);
    });
}

void escapes_like_a_form(Case& one) {
    sign_with_slip(one, [](Message& m) {
        std::string line = percent_encode(decoded(m.path), SlashRule::Keep);
        for (auto at = line.find("%20"); at != std::string::npos; at = line.find("%20")) {
            line.replace(at, 3, "+");
        }
        m.path_line = line;
    });
}

void does_not_escape(Case& one) {
    sign_with_slip(one, [](Message& m) { m.path_line = decoded(m.path); });
}

void another_secret(Case& one) {
    sign_with_slip(one, [](Message& m) { m.secret = "Zx8mQ4nobodyKnowsThisSecretAccessKey0000"; });
}

void secret_of_another_user(Case& one) {
    sign_with_slip(one, [](Message& m) { m.secret = kOtherSecret; });
}

void secret_with_a_line_end(Case& one) {
    sign_with_slip(one, [](Message& m) { m.secret += "\n"; });
}

void key_of_another_region(Case& one) {
    sign_with_slip(one, [](Message& m) { m.key_region = "eu-west-1"; });
}

void key_of_another_service(Case& one) {
    sign_with_slip(one, [](Message& m) { m.key_service = "execute-api"; });
}

void query_cut(Case& one) {
    sign_with_slip(one, [](Message& m) { m.query += m.query.empty() ? "tagging" : "&tagging"; });
}

void unsigned_payload_signed(Case& one) {
    sign_with_slip(one, [](Message& m) { m.payload_hash = "UNSIGNED-PAYLOAD"; });
}

void another_content_type_signed(Case& one) {
    // A client that does not sign its Content-Type is made to.
    sign_with_slip(one, [](Message& m) {
        const bool is_signed = m.is_signed("content-type");
        m.headers.set("content-type", is_signed ? "application/octet-stream" : "text/plain");
        if (!is_signed) {
            m.signed_headers = "content-type;" + m.signed_headers;
        }
    });
}

void another_key_altogether(Case& one) {
    const std::string& target = one.request.head.target;
    const auto from = target.find(kFolder) + kFolder.size();
    const std::string key = target.substr(from, target.find('?') - from);
    replace_in_target(one, key, "homework-of-somebody-else.pdf");
}

// --- presigned URLs ---

std::string parameter(const Case& one, std::string_view name) {
    return explain::raw_parameter(one.request.head.query(), name).value();
}

void url_with_get(Case& one) {
    one.request.head.method = "GET";
}

void url_region(Case& one) {
    replace_in_target(one, "%2Fus-east-2%2F", "%2Fus-east-1%2F");
}

void url_service(Case& one) {
    replace_in_target(one, "%2Fs3%2F", "%2Flambda%2F");
}

void url_too_late(Case& one) {
    one.now = one.now + seconds{301};
}

void url_after_an_advance(Case& one) {
    one.axis.advance(one.now + seconds{1}, seconds{301});
    one.now = one.now + seconds{2};
}

void url_expires_edited(Case& one) {
    replace_in_target(one, "X-Amz-Expires=300", "X-Amz-Expires=3600");
}

void url_date_edited(Case& one) {
    const std::string date = parameter(one, "X-Amz-Date");
    replace_in_target(one, date, to_amz_date(parse_amz_date(date).value() + seconds{600}));
    one.now = one.now + seconds{600};
}

void url_cut_at_first_ampersand(Case& one) {
    one.request.head.target.resize(one.request.head.target.find('&'));
}

void url_cut_in_signature(Case& one) {
    // The signature is made the last parameter, as most signers write it.
    const std::string signature = "X-Amz-Signature=" + parameter(one, "X-Amz-Signature");
    std::string query(one.request.head.query());
    explain::remove_parameter(query, "X-Amz-Signature");
    one.request.head.target = std::string(one.request.head.path()) + "?" + query + "&" +
                              signature.substr(0, signature.size() - 9);
}

void every_ampersand(Case& one, std::string_view escape) {
    std::string& target = one.request.head.target;
    for (auto at = target.find('&'); at != std::string::npos;
         at = target.find('&', at + escape.size())) {
        target.replace(at, 1, escape);
    }
}

void url_json_escaped(Case& one) {
    every_ampersand(one, "\\u0026");
}

void url_html_escaped(Case& one) {
    every_ampersand(one, "&amp;");
}

void url_json_tail(Case& one) {
    const std::string signature = parameter(one, "X-Amz-Signature");
    replace_in_target(one, signature, signature + "\",\"s3Key\":\"uploads/x.txt\"}");
}

void url_line_end(Case& one) {
    const std::string signature = parameter(one, "X-Amz-Signature");
    replace_in_target(one, signature, signature + "%0A");
}

void url_without_token(Case& one) {
    std::string query(one.request.head.query());
    explain::remove_parameter(query, "X-Amz-Security-Token");
    one.request.head.target = std::string(one.request.head.path()) + "?" + query;
}

void url_decoded_once(Case& one) {
    const std::string token = parameter(one, "X-Amz-Security-Token");
    std::string damaged = token;
    for (auto at = damaged.find("%2B"); at != std::string::npos; at = damaged.find("%2B")) {
        damaged.replace(at, 3, "+");
    }
    REQUIRE(damaged != token);
    replace_in_target(one, token, damaged);
}

void url_escaped_twice(Case& one) {
    std::string& target = one.request.head.target;
    for (auto at = target.find('%'); at != std::string::npos; at = target.find('%', at + 3)) {
        target.replace(at, 1, "%25");
    }
}

void url_signature_letter(Case& one) {
    const std::string signature = parameter(one, "X-Amz-Signature");
    std::string other = signature;
    other[10] = other[10] == 'a' ? 'b' : 'a';
    replace_in_target(one, signature, other);
}

void url_other_extension(Case& one) {
    replace_in_target(one, ".txt", ".pdf");
}

void url_content_type(Case& one) {
    one.request.head.headers.set("Content-Type", "application/x-www-form-urlencoded");
    const std::string names = parameter(one, "X-Amz-SignedHeaders");
    replace_in_target(
        one, "X-Amz-SignedHeaders=" + names, "X-Amz-SignedHeaders=content-type%3Bhost"
    );
    sign_with_slip(one, [](Message& m) { m.headers.set("Content-Type", "text/plain"); });
}

} // namespace

const std::vector<Mutation>& header_mutations() {
    static const std::vector<Mutation> kMutations{
        {"sent with another method", "method", other_method},
        {"port dropped from Host", "host", port_dropped},
        {"localhost instead of 127.0.0.1", "host", other_name_of_the_host},
        {"region of the scope changed", "region", region_in_scope},
        {"service of the scope changed", "service", service_in_scope},
        {"header added on the way", "header-not-signed", header_added},
        {"signed header lost on the way", "header-missing", header_lost},
        {"clock two hours off", "clock", clock_two_hours_off},
        {"date edited by seven minutes", "date", date_edited},
        {"key id mistyped", "unknown-key", key_id_mistyped},
        {"session token left over", "token-extra", token_of_an_earlier_login},
        {"body changed", "body", body_changed},
        {"parameter added", "query-added", parameter_added},
        {"folder of the key changed", "path", folder_changed},
        {"letter of the key lost", "path", letter_of_key_mistyped},
        {"signature cut off", "signature-cut", signature_cut},
        {"signed for another method", "method", signs_another_method},
        {"path escaped twice", "double-encoding", escapes_twice},
        {"path escaped like a form", "plus-or-space", escapes_like_a_form},
        {"path not escaped", "not-encoded", does_not_escape},
        {"secret that nobody knows", "wrong-secret", another_secret},
        {"secret of another user", "other-secret", secret_of_another_user},
        {"secret with a line end", "secret-mangled", secret_with_a_line_end},
        {"signing key of another region", "region", key_of_another_region},
        {"signing key of another service", "service", key_of_another_service},
        {"query cut off", "query-cut", query_cut},
        {"UNSIGNED-PAYLOAD signed", "body-hash", unsigned_payload_signed},
        {"another Content-Type signed", "content-type", another_content_type_signed},
        {"another key altogether", "path", another_key_altogether},
    };
    return kMutations;
}

const std::vector<Mutation>& url_mutations() {
    static const std::vector<Mutation> kMutations{
        {"sent with GET", "method", url_with_get},
        {"port dropped from Host", "host", port_dropped},
        {"localhost instead of 127.0.0.1", "host", other_name_of_the_host},
        {"region of the scope changed", "region", url_region},
        {"service of the scope changed", "service", url_service},
        {"header added by the client", "header-not-signed", header_added},
        {"used too late", "expired", url_too_late},
        {"clock advanced by 301 s", "expired", url_after_an_advance},
        {"lifetime edited", "expires-edited", url_expires_edited},
        {"date edited", "date", url_date_edited},
        {"cut at the first &", "query-cut", url_cut_at_first_ampersand},
        {"cut in the signature", "signature-cut", url_cut_in_signature},
        {"\\u0026 for &", "json-escape", url_json_escaped},
        {"&amp; for &", "html-escape", url_html_escaped},
        {"JSON tail pasted", "json-tail", url_json_tail},
        {"line end pasted", "signature-tail", url_line_end},
        {"session token lost", "token-missing", url_without_token},
        {"decoded once", "url-decoded", url_decoded_once},
        {"escaped twice", "double-encoding", url_escaped_twice},
        {"letter of the signature changed", "signature-changed", url_signature_letter},
        {"parameter added", "query-added", parameter_added},
        {"folder of the key changed", "path", folder_changed},
        {"letter of the key lost", "path", letter_of_key_mistyped},
        {"extension of the key changed", "path", url_other_extension},
        {"signed for another method", "method", signs_another_method},
        {"secret of another user", "other-secret", secret_of_another_user},
        {"secret with a line end", "secret-mangled", secret_with_a_line_end},
        {"another Content-Type signed", "content-type", url_content_type},
        {"another key altogether", "path", another_key_altogether},
    };
    return kMutations;
}

} // namespace recorded
