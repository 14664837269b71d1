#include "emulator/explain/url_reading.hpp"

#include "emulator/auth/lifetime.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/explain/message.hpp"
#include "emulator/explain/texts.hpp"
#include "emulator/explain/url_mending.hpp"

#include <algorithm>
#include <array>

namespace benchtop::explain {
namespace {

constexpr std::array<std::string_view, 5> kMethods{"PUT", "GET", "DELETE", "HEAD", "POST"};
constexpr std::int64_t kLastSecond = 253402300799; // of the year 9999

RequestHead head_of(std::string_view url) {
    RequestHead head;
    const auto begin = url.find("://") + 3;
    const std::size_t end = std::min(url.find_first_of("/?", begin), url.size());
    head.method = kMethods.front();
    head.target = url.substr(end);
    if (!head.target.starts_with('/')) {
        head.target.insert(0, "/");
    }
    head.headers.add("Host", url.substr(begin, end - begin));
    return head;
}

// The lab takes any region and host here: what is asked is what the URL says, not where it is used.
auth::VerifyContext context_of(UtcInstant now, const TimeAxis& axis, std::string_view bucket) {
    auth::VerifyContext context{.now = now, .axis = axis};
    context.accepts_body = true;
    context.bucket_for_sigv2 = bucket;
    return context;
}

// SigV2 signs "/bucket/key" also when the host names the bucket.
std::string bucket_in_host(std::string_view host) {
    for (const std::string_view mark : {".s3.", ".s3-"}) {
        if (const auto at = host.find(mark); at != std::string_view::npos && at > 0) {
            return text({"/", host.substr(0, at)});
        }
    }
    return {};
}

struct Reader {
    const UrlQuestion& question;
    const Known& known;
    UrlReading& out;
    RequestHead head;
    std::string bucket;

    // When the URL was surely good: an expired one is read all the same.
    UtcInstant good_moment() const {
        if (out.made) {
            return *out.made;
        }
        return out.until ? *out.until - seconds{1} : question.now;
    }

    SignatureExplanation ask(std::string_view method) {
        head.method = method;
        static const TimeAxis kNoAdvances;
        return explain_signature({head, context_of(good_moment(), kNoAdvances, bucket)}, known);
    }

    bool fits(Message message, std::string_view provided, Signer& signer) const {
        return signer.sign(message, signed_text(message)) == provided;
    }

    void read_time(const Message& message) {
        out.lab_now = question.axis.to_virtual(question.now);
        if (message.scheme == Scheme::QueryV4) {
            out.made = parse_amz_date(message.date);
            const auto expires =
                parse_i64(raw_parameter(message.query, "X-Amz-Expires").value_or(""));
            if (out.made && expires && *expires >= 0 && *expires <= 604800) {
                out.until = *out.made + seconds{*expires};
                out.lab_until = question.axis.to_virtual(*out.made) + seconds{*expires};
            }
        } else if (const auto expires = parse_i64(message.date);
                   expires && *expires > 0 && *expires <= kLastSecond) {
            out.until = from_epoch_seconds(*expires);
            const seconds lifetime = auth::customary_lifetime(*out.until, question.now);
            out.lab_until = question.axis.to_virtual(*out.until - lifetime) + lifetime;
        }
        if (out.lab_until) {
            out.left = *out.lab_until - out.lab_now;
        }
    }

    void read_headers(const Message& message) {
        for (const std::string& name : split(message.signed_headers, ';')) {
            const bool in_query = raw_parameter(message.query, name).has_value();
            if (!name.empty() && !iequals(name, "host") && !in_query && out.headers.size() < 32) {
                out.headers.push_back({name, std::nullopt});
            }
        }
    }

    // The method is not in the URL: the one the signature fits.
    void read_method(Message message, const std::string& provided) {
        Signer signer;
        for (const std::string_view method : kMethods) {
            message.method = method;
            if (fits(message, provided, signer)) {
                out.method = method;
                out.verdict = Verdict::Good;
                return;
            }
        }
        const bool typed = message.is_v4() ? message.is_signed("content-type") : true;
        SignatureExplanation why;
        for (const std::string_view method : kMethods) {
            why = ask(method);
            if (!typed || why.mistake == "content-type") {
                break;
            }
        }
        if (why.mistake == "content-type") {
            out.method = head.method;
            out.verdict = Verdict::Good;
            take_content_type(why);
            return;
        }
        if (!why.mistake.empty()) {
            out.verdict = Verdict::Mismatch;
            out.findings.push_back({why.mistake, why.cause, why.fix});
        }
    }

    void take_content_type(const SignatureExplanation& why) {
        std::string value = why.difference ? why.difference->signed_by_client : std::string{};
        constexpr std::string_view kLine = "content-type:";
        value = value.starts_with(kLine) ? value.substr(kLine.size()) : value;
        const auto named =
            std::find_if(out.headers.begin(), out.headers.end(), [](const HeaderToSend& header) {
                return iequals(header.name, "content-type");
            });
        if (named == out.headers.end()) {
            out.headers.push_back({"content-type", value});
        } else {
            named->value = value;
        }
    }

    void read() {
        const auto received = read_message(head, context_of(question.now, question.axis, bucket));
        if (!received || !received->message.is_presigned()) {
            return;
        }
        Message message = received->message;
        out.version = message.scheme == Scheme::QueryV4 ? 4 : 2;
        out.access_key_id = message.access_key_id;
        out.region = message.region;
        out.service = message.service;
        read_time(message);
        read_headers(message);
        const auto found = std::find_if(
            known.credentials.begin(),
            known.credentials.end(),
            [&](const Credential& one) { return one.key->access_key_id == message.access_key_id; }
        );
        if (found == known.credentials.end()) {
            if (question.keys == Keys::Known) {
                const SignatureExplanation why = ask(kMethods.front());
                out.findings.push_back({"unknown-key", why.cause, why.fix});
            }
            return;
        }
        out.holder = found->holder;
        message.secret = found->key->secret;
        read_method(std::move(message), received->provided);
    }
};

std::string line(std::string_view label, std::string_view value) {
    return value.empty() ? std::string{}
                         : text(
                               {label,
                                std::string(label.size() < 11 ? 11 - label.size() : 1, ' '),
                                value,
                                "\n"}
                           );
}

std::string count_text(microseconds duration) {
    return std::to_string(std::abs(std::chrono::duration_cast<seconds>(duration).count())) + " s";
}

} // namespace

std::string access_key_of_url(std::string_view pasted) {
    const MendedUrl mended = mend_url(pasted);
    if (mended.url.empty()) {
        return {};
    }
    const RequestHead head = head_of(mended.url);
    static const TimeAxis kNoAdvances;
    const auto received = read_message(head, context_of({}, kNoAdvances, {}));
    return received ? received->message.access_key_id : std::string{};
}

UrlReading read_url(const UrlQuestion& question, const Known& known) {
    MendedUrl mended = mend_url(question.text);
    UrlReading out;
    out.findings = std::move(mended.findings);
    out.url = std::move(mended.url);
    out.lab_now = question.axis.to_virtual(question.now);
    if (out.url.empty()) {
        return out;
    }
    RequestHead head = head_of(out.url);
    out.host = head.host();
    out.path = head.path();
    out.query = head.query();
    std::string bucket = bucket_in_host(out.host);
    Reader{question, known, out, std::move(head), std::move(bucket)}.read();
    if (out.lab_until && out.left < microseconds{0}) {
        out.findings.push_back(
            {"expired",
             text({"It expired ", count_text(out.left), " ago on the lab's clock."}),
             "ask for a new URL and use it at once."}
        );
    }
    return out;
}

std::string_view verdict_name(Verdict verdict) {
    switch (verdict) {
    case Verdict::Good:
        return "good";
    case Verdict::Mismatch:
        return "does not fit";
    case Verdict::Unknown:
        break;
    }
    return "cannot be checked";
}

std::string render_text(const UrlReading& reading) {
    std::string out;
    if (reading.version != 0) {
        out += line(
            "signature",
            text(
                {"Signature Version ",
                 std::to_string(reading.version),
                 ", ",
                 verdict_name(reading.verdict)}
            )
        );
        out += line(
            "signed by",
            text(
                {reading.access_key_id,
                 " (",
                 reading.holder.empty() ? "not looked up or not known here" : reading.holder,
                 ")"}
            )
        );
        out += line(
            "permits",
            text(
                {reading.method.empty() ? "?" : reading.method,
                 " ",
                 reading.path,
                 " at ",
                 reading.host}
            )
        );
        out += line("region", reading.region);
        for (const HeaderToSend& header : reading.headers) {
            out += line(
                "send",
                text(
                    {header.name,
                     ": ",
                     header.value ? *header.value
                                  : "(its value was signed; the URL does not tell it)"}
                )
            );
        }
        out += line("made at", reading.made ? to_iso8601_s(*reading.made) : "");
        out += line("good until", reading.until ? to_iso8601_s(*reading.until) : "");
        if (reading.lab_until) {
            out += line(
                "lab clock",
                text(
                    {"now ",
                     to_iso8601_s(reading.lab_now),
                     ", good until ",
                     to_iso8601_s(*reading.lab_until),
                     ": ",
                     reading.left < microseconds{0} ? "expired " : "still good for ",
                     count_text(reading.left),
                     reading.left < microseconds{0} ? " ago" : ""}
                )
            );
        }
    }
    for (const Finding& finding : reading.findings) {
        out += line(finding.mistake, finding.what);
        out += line("", text({"fix: ", finding.fix}));
    }
    return out;
}

} // namespace benchtop::explain
