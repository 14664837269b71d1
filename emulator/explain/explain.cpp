#include "emulator/explain/explain.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/explain/rejection.hpp"
#include "emulator/explain/search.hpp"
#include "emulator/explain/texts.hpp"

#include <algorithm>
#include <array>

namespace benchtop::explain {
namespace {

// A request larger than this is not searched: each try would cost too much.
constexpr std::size_t kRequestBytesMax = 32 * 1024;

class KnownKeys final : public auth::KeyLookup {
public:
    explicit KnownKeys(const Known& known)
        : known_(known) {}

    std::shared_ptr<const auth::KeyRecord> find(std::string_view id) override {
        for (const Credential& one : known_.credentials) {
            if (one.active && one.key->access_key_id == id) {
                return one.key;
            }
        }
        return nullptr;
    }

private:
    const Known& known_;
};

bool is_mismatch(const AwsError& error) {
    return error.message().starts_with("The request signature we calculated");
}

std::size_t size_of(const RequestHead& head) {
    std::size_t bytes = head.target.size();
    for (const auto& [name, value] : head.headers.entries()) {
        bytes += name.size() + value.size();
    }
    return bytes;
}

// --- differences ---

std::string part_of_canonical(std::size_t index, const std::vector<std::string>& lines) {
    constexpr std::array<std::string_view, 3> kFirst{"method", "path", "query"};
    if (index < kFirst.size()) {
        return std::string(kFirst[index]);
    }
    if (index + 1 == lines.size()) {
        return "body hash";
    }
    if (index + 2 == lines.size()) {
        return "signed headers";
    }
    const std::string& line = index < lines.size() ? lines[index] : std::string{};
    return line.empty() ? "headers" : "header " + line.substr(0, line.find(':'));
}

std::string part_of_string(std::size_t index, bool v4) {
    constexpr std::array<std::string_view, 4> kV4{"algorithm", "date", "scope", "hash"};
    constexpr std::array<std::string_view, 4> kV2{
        "method", "Content-MD5", "Content-Type", "date or Expires"};
    if (index < kV4.size()) {
        return std::string(v4 ? kV4[index] : kV2[index]);
    }
    return "x-amz headers and resource";
}

std::optional<Difference>
first_difference(std::string_view computed, std::string_view by_client, bool canonical, bool v4) {
    const auto ours = split(computed, '\n');
    const auto theirs = split(by_client, '\n');
    for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
        const std::string a = i < ours.size() ? ours[i] : std::string{};
        const std::string b = i < theirs.size() ? theirs[i] : std::string{};
        if (a != b || i >= ours.size() || i >= theirs.size()) {
            return Difference{
                canonical ? part_of_canonical(i, ours) : part_of_string(i, v4), i + 1, a, b};
        }
    }
    return std::nullopt;
}

void add_signed_forms(SignatureExplanation& out, const Message& message) {
    const SignedText by_client = signed_text(message);
    out.signed_request = by_client.canonical;
    out.signed_string = by_client.to_sign;
    if (message.is_v4()) {
        out.difference = first_difference(out.computed_request, out.signed_request, true, true);
    }
    if (!out.difference) {
        out.difference =
            first_difference(out.computed_string, out.signed_string, false, message.is_v4());
    }
}

// --- the signature's own text ---

// Where a signature ends: 64 hex digits, or base64.
std::string_view signature_proper(std::string_view provided, bool v4) {
    constexpr std::string_view kHex = "0123456789abcdefABCDEF";
    constexpr std::size_t kHexSize = 64;
    constexpr std::size_t kBase64Size = 28;
    if (v4) {
        const std::size_t end = std::min(provided.find_first_not_of(kHex), provided.size());
        return provided.substr(0, std::min(end, kHexSize));
    }
    return provided.substr(0, kBase64Size);
}

struct Damage {
    std::string mistake; // "" for none
    std::string cause;
    std::string fix;
};

Damage tail_damage(std::string_view provided, std::string_view proper) {
    if (proper.size() == provided.size() || proper.size() < 16) {
        return {};
    }
    const std::string_view tail = provided.substr(proper.size());
    if (tail.find_first_of("\"'{}\\") != std::string_view::npos || contains(tail, "s3Key")) {
        return {
            "json-tail",
            text(
                {"A piece of the JSON answer, ",
                 quoted(tail),
                 ", was pasted behind the URL and became part of its signature."}
            ),
            "use only the value of uploadUrl, up to the quote; let python3 or jq take it out of "
            "the "
            "answer."};
    }
    return {
        "signature-tail",
        text({quoted(tail), " hangs on behind the signature."}),
        "use the signature, or the URL, exactly as it came."};
}

// Against the signature that would be right.
Damage signature_damage(std::string_view provided, std::string_view expected) {
    constexpr std::size_t kTypos = 4;
    constexpr std::size_t kProvingSize = 16; // a shorter beginning may be chance
    if (provided.size() < expected.size() && provided.size() >= kProvingSize &&
        expected.starts_with(provided)) {
        return {
            "signature-cut",
            text(
                {"The signature is cut off: ",
                 std::to_string(provided.size()),
                 " of its ",
                 std::to_string(expected.size()),
                 " characters arrived."}
            ),
            "copy the whole URL or header; look for a line break in it."};
    }
    if (replaced(std::string(provided), " ", "+") == expected) {
        return {
            "url-decoded",
            "The URL was percent-decoded on its way: the signature has a + where %2B was, and a + "
            "in "
            "a query means a space.",
            "use the URL exactly as it came, letter by letter."};
    }
    if (iequals(provided, expected) || edit_distance(provided, expected, kTypos) <= kTypos) {
        return {
            "signature-changed",
            "Everything that is signed is right; only letters of the signature itself were "
            "changed.",
            "copy the signature, or the URL, exactly as it came."};
    }
    return {};
}

// --- what is left when no slip fits ---

void explain_unknown(
    SignatureExplanation& out,
    const Message& seen,
    std::string_view provided,
    const auth::KeyRecord& key
) {
    constexpr std::size_t kSignatureMin = 27; // base64 of SigV2 without its padding
    out.certainty = Certainty::Likely;
    if (provided.size() < kSignatureMin) {
        out.mistake = "signature-cut";
        out.cause = text(
            {"Only ",
             std::to_string(provided.size()),
             " characters of the signature arrived: it was cut off."}
        );
        out.fix = "copy the whole URL or header; look for a line break in it.";
        return;
    }
    for (const std::string& name : split(seen.signed_headers, ';')) {
        if (seen.is_v4() && !name.empty() && !seen.headers.has(name)) {
            out.mistake = "header-missing";
            out.cause =
                text({"The signature covers the header ", quoted(name), ", which did not arrive."});
            out.fix = "send it with the value it was signed with.";
            out.certainty = Certainty::Evident;
            return;
        }
    }
    if (seen.is_presigned() && !key.session_token.empty()) {
        out.mistake = "altered";
        out.cause = "The URL was changed after signing (another key, parameter or date), in a way "
                    "that cannot be guessed: its credentials are known, and no known slip fits.";
        out.fix = "use the URL exactly as it came; another object needs a URL of its own.";
        return;
    }
    out.mistake = "wrong-secret";
    out.cause = text(
        {"No known slip makes the signature fit, so most likely the client holds another secret "
         "than that of ",
         seen.access_key_id,
         seen.is_presigned() ? ", or the URL was changed after signing." : "."}
    );
    out.fix =
        "check the secret access key (aws configure list, AWS_SECRET_ACCESS_KEY, the profile); "
        "compare the canonical request below with the client's own.";
}

void take(SignatureExplanation& out, const Damage& damage) {
    out.mistake = damage.mistake;
    out.cause = damage.cause;
    out.fix = damage.fix;
}

void take(SignatureExplanation& out, const std::vector<Slip>& slips) {
    for (const Slip& slip : slips) {
        if (out.mistake.empty()) {
            out.mistake = slip.mistake;
        }
        out.cause += out.cause.empty() ? slip.cause : " And: " + slip.cause;
        out.fix += out.fix.empty() ? slip.fix : " And: " + slip.fix;
    }
}

SignatureExplanation explain_mismatch(const Question& question, const Known& known) {
    SignatureExplanation out;
    auto received = read_message(question.head, question.context);
    KnownKeys keys(known);
    const auto key = received ? keys.find(received->message.access_key_id) : nullptr;
    if (!key) {
        out.mistake = "altered";
        out.cause = "The signature does not fit, and the request is too damaged to say more.";
        out.fix = "sign anew.";
        out.certainty = Certainty::Likely;
        return out;
    }
    Message& seen = received->message;
    seen.secret = key->secret;
    const SignedText ours = signed_text(seen);
    out.computed_request = ours.canonical;
    out.computed_string = ours.to_sign;
    const std::string_view proper = signature_proper(received->provided, seen.is_v4());
    const Damage tail = tail_damage(received->provided, proper);
    const std::string expected = Signer().sign(seen, ours);
    const Damage damage = proper == expected && !tail.mistake.empty()
                              ? tail
                              : signature_damage(received->provided, expected);
    out.tried = 1;
    if (!damage.mistake.empty()) {
        take(out, damage);
        out.certainty = Certainty::Reproduced;
        add_signed_forms(out, seen);
        return out;
    }
    if (size_of(question.head) > kRequestBytesMax) {
        explain_unknown(out, seen, received->provided, *key);
        return out;
    }
    Search search(seen, known, proper);
    const auto fit = search.run();
    out.tried += search.tried();
    if (!tail.mistake.empty()) {
        take(out, tail);
    }
    if (fit) {
        take(out, fit->slips);
        out.certainty = Certainty::Reproduced;
        add_signed_forms(out, fit->message);
    } else if (tail.mistake.empty()) {
        explain_unknown(out, seen, received->provided, *key);
    }
    return out;
}

SignatureExplanation explain_accepted(const Question& question, const auth::Authenticated& who) {
    SignatureExplanation out;
    const auto body = question.context.body_sha256;
    const bool body_differs =
        who.payload == auth::PayloadHash::Literal && body && !iequals(who.payload_literal, *body);
    if (body_differs || question.code == "XAmzContentSHA256Mismatch") {
        out.mistake = "body";
        out.cause =
            "The body that arrived is not the one whose hash was signed: it was changed, cut "
            "off or re-encoded after signing.";
        out.fix =
            "sign the bytes that are sent (curl: --data-binary, not -d), or UNSIGNED-PAYLOAD.";
        if (body) {
            out.difference = Difference{"body hash", 0, std::string(*body), who.payload_literal};
        }
    }
    return out;
}

} // namespace

std::string_view certainty_name(Certainty certainty) {
    switch (certainty) {
    case Certainty::Reproduced:
        return "reproduced";
    case Certainty::Evident:
        return "evident";
    case Certainty::Likely:
        break;
    }
    return "likely";
}

std::string claimed_access_key(const Question& question) {
    const auto received = read_message(question.head, question.context);
    return received ? received->message.access_key_id : std::string{};
}

SignatureExplanation explain_signature(const Question& question, const Known& known) {
    KnownKeys keys(known);
    auth::SigningKeyCache cache;
    const auto verified = auth::verify(question.head, question.context, keys, cache);
    if (verified) {
        return explain_accepted(question, *verified);
    }
    // The credentials there are have changed since: then it was something else.
    if (!question.code.empty() && question.code != verified.error().code()) {
        return {};
    }
    return is_mismatch(verified.error()) ? explain_mismatch(question, known)
                                         : explain_rejection(question, known, verified.error());
}

} // namespace benchtop::explain
