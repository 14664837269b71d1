#include "emulator/explain/rejection.hpp"

#include "emulator/auth/canonical.hpp"
#include "emulator/auth/scope.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/explain/message.hpp"
#include "emulator/explain/texts.hpp"

#include <algorithm>
#include <array>

namespace benchtop::explain {
namespace {

SignatureExplanation because(std::string_view mistake, std::string cause, std::string fix) {
    SignatureExplanation out;
    out.mistake = mistake;
    out.cause = std::move(cause);
    out.fix = std::move(fix);
    return out;
}

std::string duration_text(microseconds duration) {
    const std::int64_t s = std::abs(std::chrono::duration_cast<seconds>(duration).count());
    if (s < 120) {
        return text({std::to_string(s), " s"});
    }
    if (s < 7200) {
        return text({std::to_string(s / 60), " min"});
    }
    return s < 172800
               ? text({std::to_string(s / 3600), " h ", std::to_string(s % 3600 / 60), " min"})
               : text({std::to_string(s / 86400), " days"});
}

// --- the query of a presigned URL ---

SignatureExplanation query_damaged(const Question& question, std::string_view message) {
    const std::string_view query = question.head.query();
    const std::string last = split(query, '&').back();
    if (contains(query, "u0026")) {
        return because(
            "json-escape",
            "The URL still has JSON's \\u0026 in the place of &.",
            "read the answer with a JSON tool (python3, jq) instead of copying its text."
        );
    }
    if (contains(query, "amp;") || contains(query, "amp%3B")) {
        return because(
            "html-escape",
            "The URL has &amp; in the place of &: it was copied out of HTML or XML.",
            "copy the link itself, or turn &amp; back into &."
        );
    }
    if (contains(query, "\"") || contains(query, "%22")) {
        return because(
            "json-tail",
            "A piece of the JSON answer (\", \"s3Key\": ...) was pasted behind the URL and became "
            "part of its last parameter.",
            "use only the value of uploadUrl, up to the quote; let python3 or jq take it out of "
            "the "
            "answer."
        );
    }
    if (contains(query, "%25") && contains(query, "%252F")) {
        return because(
            "double-encoding",
            "The URL was percent-encoded once more on its way (%2F became %252F).",
            "use the URL exactly as it came."
        );
    }
    if (contains(message, "requires the")) {
        std::vector<std::string> missing;
        const auth::CanonicalQuery parameters(query);
        const bool v4 = contains(message, "version 4");
        for (const std::string_view name :
             v4 ? std::vector<
                      std::
                          string_view>{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"}
                : std::vector<std::string_view>{"AWSAccessKeyId", "Expires", "Signature"}) {
            if (!parameters.has(name)) {
                missing.emplace_back(name);
            }
        }
        return because(
            "query-cut",
            text(
                {"Only a part of the presigned URL arrived, up to ",
                 quoted(last),
                 "; missing: ",
                 joined(missing, ", "),
                 "."}
            ),
            "put the whole URL in quotes: the shell ends an unquoted command at the first &."
        );
    }
    return because(
        "query-changed",
        text({"A parameter of the presigned URL is not what a signer writes: ", message}),
        "presign again, and use the URL unchanged."
    );
}

// --- the scope ---

SignatureExplanation scope_refused(const Question& question, const AwsError& error) {
    const std::string& message = error.message();
    if (contains(message, "the region '") || contains(message, "valid region")) {
        const auto received = read_message(question.head, question.context);
        const std::string expected(
            error.extra_value("Region").empty()
                ? question.context.expected_region.value_or("us-east-1")
                : error.extra_value("Region")
        );
        return because(
            "region",
            text(
                {"The request was signed for the region ",
                 quoted(received ? received->message.region : std::string("?")),
                 ", and this is ",
                 expected,
                 "."}
            ),
            text({"use ", expected, " (--region, AWS_DEFAULT_REGION or region_name)."})
        );
    }
    if (contains(message, "incorrect service") || contains(message, "correct service")) {
        const auto received = read_message(question.head, question.context);
        return because(
            "service",
            text(
                {"The request was signed for the service ",
                 quoted(received ? received->message.service : std::string("?")),
                 ", and it came to ",
                 question.context.service,
                 "."}
            ),
            text({"give the signer the service name ", question.context.service, "."})
        );
    }
    if (contains(message, "incorrect date format") ||
        contains(message, "Invalid credential date") ||
        contains(message, "Date in Credential scope")) {
        return because(
            "date",
            "The day in the credential scope is not the day of X-Amz-Date.",
            "take both from one UTC stamp."
        );
    }
    return because(
        "authorization-damaged",
        text({"The signature's parameters cannot be read: ", message}),
        "let an SDK write the Authorization header, or compare with its form: AWS4-HMAC-SHA256 "
        "Credential=ID/DAY/REGION/SERVICE/aws4_request, SignedHeaders=..., Signature=..."
    );
}

// --- time ---

SignatureExplanation clock_wrong(const Question& question, std::string_view stamp) {
    auto moment = parse_amz_date(stamp);
    if (!moment) {
        moment = parse_http_date(stamp);
    }
    if (!moment) {
        return because(
            "clock",
            "The client's clock and this server's differ too much.",
            "set the client's clock."
        );
    }
    const microseconds off = *moment - question.context.now;
    std::string cause = text(
        {"The client's stamp is ",
         duration_text(off),
         off > microseconds{0} ? " ahead of" : " behind",
         " this server's clock (",
         to_iso8601_s(question.context.now),
         ")."}
    );
    const std::int64_t s = std::abs(std::chrono::duration_cast<seconds>(off).count());
    const std::int64_t beside = s % 1800;
    if (s < 15 * 3600 && (beside < 60 || beside > 1740)) {
        cause += " It is off by a time zone: local time was stamped as if it were UTC, or an old "
                 "request is sent again.";
    }
    return because(
        "clock",
        std::move(cause),
        "set the client's clock and stamp in UTC; sign anew for each attempt."
    );
}

SignatureExplanation expired(const Question& question, const AwsError& error) {
    const TimeAxis& axis = question.context.axis;
    const auto received = read_message(question.head, question.context);
    std::string cause = "The presigned URL has outlived the time it was made for.";
    if (received && received->message.scheme == Scheme::QueryV4) {
        if (const auto made = parse_amz_date(received->message.date)) {
            cause = text(
                {"The presigned URL was made for ",
                 raw_parameter(question.head.query(), "X-Amz-Expires").value_or("300"),
                 " s at ",
                 to_iso8601_s(*made),
                 ", and was ",
                 duration_text(axis.age(*made, question.context.now)),
                 " old on the lab's clock."}
            );
        }
    } else if (!error.extra_value("Expires").empty()) {
        cause = text({"The presigned URL was good until ", error.extra_value("Expires"), "."});
    }
    return because("expired", std::move(cause), "ask for a new URL and use it at once.");
}

// --- keys and tokens ---

SignatureExplanation nearest_key(std::string_view given, const Known& known) {
    for (const Credential& one : known.credentials) {
        if (one.key->secret == given) {
            return because(
                "access-key-swapped",
                "A secret access key stands in the place of the access key id.",
                "put each in its own place, and make a new key pair: this secret has been sent in "
                "the "
                "clear."
            );
        }
    }
    for (const Credential& one : known.credentials) {
        const std::string& id = one.key->access_key_id;
        if (id.size() >= 8 && edit_distance(to_lower(id), to_lower(given), 3) <= 3) {
            return because(
                "unknown-key",
                text(
                    {"There is no access key ",
                     quoted(given),
                     "; it is nearly ",
                     id,
                     " (",
                     one.holder,
                     "): mistyped or cut off."}
                ),
                text({"use ", id, " and its own secret."})
            );
        }
    }
    return because(
        "unknown-key",
        text(
            {"There is no access key ",
             quoted(given),
             " here: it belongs to another server, or to a lab that was reset."}
        ),
        "configure a key pair of this server (benchtop env, or iam create-access-key)."
    );
}

std::optional<std::string> given_token(const RequestHead& head) {
    if (const auto token =
            auth::CanonicalQuery(head.query()).value_any_case("x-amz-security-token")) {
        return token;
    }
    const auto header = head.headers.find("x-amz-security-token");
    return header ? std::optional<std::string>(*header) : std::nullopt;
}

const Credential* find_credential(const Known& known, std::string_view id) {
    const auto found = std::find_if(
        known.credentials.begin(),
        known.credentials.end(),
        [&](const Credential& one) { return one.key->access_key_id == id; }
    );
    return found == known.credentials.end() ? nullptr : &*found;
}

SignatureExplanation key_refused(const Question& question, const Known& known) {
    const std::string id = claimed_access_key(question);
    const Credential* const credential = find_credential(known, id);
    const auto token = given_token(question.head);
    if (credential == nullptr) {
        return nearest_key(id, known);
    }
    if (!credential->active) {
        return because(
            "key-inactive",
            text({"The access key ", id, " (", credential->holder, ") is inactive."}),
            text({"aws iam update-access-key --access-key-id ", id, " --status Active"})
        );
    }
    const std::string& wanted = credential->key->session_token;
    if (!wanted.empty() && !token) {
        return because(
            "token-missing",
            text(
                {id,
                 " is a temporary key (",
                 credential->holder,
                 "), and the request came without its session token."}
            ),
            "set AWS_SESSION_TOKEN (aws_session_token) beside the key id and the secret."
        );
    }
    if (wanted.empty()) {
        return because(
            "token-extra",
            text(
                {id,
                 " is a long-term key (",
                 credential->holder,
                 "), and the request carries a session token: of an earlier login, most likely."}
            ),
            "unset AWS_SESSION_TOKEN (and aws_session_token in the profile)."
        );
    }
    const std::string& given = *token;
    const std::string_view how = given.empty()               ? "it came empty"
                                 : wanted.starts_with(given) ? "its end is cut off"
                                 : replaced(given, " ", "+") == wanted
                                     ? "a + of it was turned into a space"
                                 : percent_decode(given, PlusRule::Literal) == wanted
                                     ? "it was escaped once more"
                                     : "it is of another session, or damaged";
    return because(
        "token-wrong",
        text({"The session token is not that of ", id, ": ", how, "."}),
        "take key id, secret and token from one and the same answer, unchanged."
    );
}

// --- headers ---

SignatureExplanation not_signed(std::string_view names) {
    return because(
        "header-not-signed",
        text({"The client sent ", names, ", which the signature does not cover."}),
        "leave the header away, or name it when the request or URL is signed."
    );
}

bool is_expiry(const AwsError& error) {
    return error.message() == "Request has expired" ||
           error.message().starts_with("Signature expired");
}

} // namespace

SignatureExplanation explain_unsigned(const RequestHead& head) {
    if (contains(head.query(), "X-Amz-") || contains(head.query(), "AWSAccessKeyId")) {
        return because(
            "query-cut", "Only a part of the presigned URL arrived.", "put the whole URL in quotes."
        );
    }
    return because(
        "not-signed",
        "The request carries no signature: neither an Authorization header nor X-Amz-... "
        "parameters.",
        "use the whole presigned URL in quotes, or a client with credentials."
    );
}

SignatureExplanation
explain_rejection(const Question& question, const Known& known, const AwsError& error) {
    const std::string& code = error.code();
    const std::string& message = error.message();
    if (const auto names = error.extra_value("HeadersNotSigned"); !names.empty()) {
        return not_signed(names);
    }
    if (code == "RequestTimeTooSkewed") {
        return clock_wrong(question, error.extra_value("RequestTime"));
    }
    const auto received = read_message(question.head, question.context);
    if (message.starts_with("Request is not yet valid") ||
        message.starts_with("Signature not yet current")) {
        return clock_wrong(question, received ? received->message.date : std::string{});
    }
    if (is_expiry(error)) {
        return received && received->message.is_presigned() ? expired(question, error)
               : received ? clock_wrong(question, received->message.date)
                          : clock_wrong(question, "");
    }
    if (code == "InvalidAccessKeyId" || code == "InvalidToken" || code == "InvalidClientTokenId" ||
        code == "UnrecognizedClientException") {
        return key_refused(question, known);
    }
    if (code == "ExpiredToken" || code == "ExpiredTokenException") {
        return because(
            "token-expired",
            "The temporary credentials the request was signed with have expired.",
            "get new credentials (or a new presigned URL) and try again."
        );
    }
    if (code.starts_with("MissingAuthenticationToken")) {
        return explain_unsigned(question.head);
    }
    if (contains(message, "Only one auth mechanism")) {
        return because(
            "two-signatures",
            "The request carries two signatures, in the URL and in a header.",
            "send a presigned URL without credentials (no Authorization header)."
        );
    }
    if (contains(message, "authorization mechanism you have provided is not supported")) {
        return because(
            "sigv2",
            "The request is signed with the old Signature Version 2, which the bucket's "
            "region does not accept.",
            "make the client with the bucket's region and "
            "Config(signature_version=\"s3v4\"), then sign again."
        );
    }
    if (contains(message, "Missing required header for this request: x-amz-content-sha256")) {
        return because(
            "header-missing",
            "S3 wants the header x-amz-content-sha256 in a signed request, and it did not "
            "arrive.",
            "send the body's SHA-256 in it, or UNSIGNED-PAYLOAD."
        );
    }
    if (contains(message, "Missing") || contains(message, "valid Date or x-amz-date")) {
        return because(
            "header-missing",
            text({"The request lacks what a signature needs: ", message}),
            "let an SDK sign it, or add the header and sign anew."
        );
    }
    if (code == "AuthorizationQueryParametersError" || contains(message, "Query-string") ||
        contains(message, "query-string") || contains(message, "seconds since epoch")) {
        const bool scope = contains(message, "the region '") || contains(message, "incorrect ") ||
                           contains(message, "Invalid credential date");
        return scope ? scope_refused(question, error) : query_damaged(question, message);
    }
    return scope_refused(question, error);
}

} // namespace benchtop::explain
