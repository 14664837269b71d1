// Date, region, service and the secret key itself.
#include "emulator/core/encoding.hpp"
#include "emulator/explain/slips.hpp"
#include "emulator/explain/texts.hpp"

#include <algorithm>
#include <array>

namespace benchtop::explain {
namespace {

constexpr std::array<std::string_view, 30> kRegions{
    "us-east-1",      "us-east-2",      "us-west-1",      "us-west-2",      "eu-central-1",
    "eu-central-2",   "eu-west-1",      "eu-west-2",      "eu-west-3",      "eu-north-1",
    "eu-south-1",     "eu-south-2",     "ap-south-1",     "ap-south-2",     "ap-southeast-1",
    "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3", "ap-east-1",      "ca-central-1",   "ca-west-1",      "sa-east-1",
    "af-south-1",     "me-south-1",     "me-central-1",   "il-central-1",   "us-gov-west-1"};

constexpr std::array<std::string_view, 12> kServices{
    "s3",
    "execute-api",
    "lambda",
    "iam",
    "sts",
    "logs",
    "apigateway",
    "S3",
    "s3express",
    "s3-object-lambda",
    "es",
    "ec2"};

void add_scope(
    std::vector<Slip>& out,
    std::string_view mistake,
    std::string_view what,
    std::string_view signed_for,
    std::string_view sent,
    std::string Message::*field,
    std::optional<std::string> Message::*key_field
) {
    const std::string cause = text(
        {"The signature was made for the ",
         what,
         " ",
         quoted(signed_for),
         ", and the credential scope of the request says ",
         quoted(sent),
         "."}
    );
    const std::string fix = text({"sign with one ", what, " throughout: scope and signing key."});
    out.push_back(
        {std::string(mistake),
         cause,
         fix,
         [field, value = std::string(signed_for)](Message& m) { m.*field = value; },
         Frequency::Rare}
    );
    out.push_back(
        {std::string(mistake),
         cause,
         fix,
         [key_field, value = std::string(signed_for)](Message& m) { m.*key_field = value; },
         Frequency::Rare}
    );
}

void set_date(Message& m, const std::string& date, bool with_scope) {
    m.date = date;
    if (with_scope) {
        m.day = date.substr(0, 8);
    }
    if (m.scheme == Scheme::QueryV4) {
        set_parameter(m.query, "X-Amz-Date", date);
        if (with_scope) {
            const std::string credential =
                text({m.access_key_id, "/", m.day, "/", m.region, "/", m.service, "/aws4_request"});
            set_parameter(
                m.query, "X-Amz-Credential", percent_encode(credential, SlashRule::Encode)
            );
        }
    } else if (m.headers.has("x-amz-date")) {
        m.headers.set("x-amz-date", date);
    }
}

void add_date(const Message& seen, UtcInstant moment, std::vector<Slip>& out) {
    const std::string date = to_amz_date(moment);
    if (date == seen.date) {
        return;
    }
    const std::string cause = text(
        {"The date was changed after signing: the signature is for ",
         date,
         ", and the request says ",
         seen.date,
         "."}
    );
    constexpr std::string_view kFix =
        "stamp once, and sign and send that very stamp; a new date needs a new signature.";
    out.push_back({"date", cause, std::string(kFix), [date](Message& m) {
                       set_date(m, date, false);
                   }});
    if (date.substr(0, 8) != seen.day) {
        out.push_back({"date", cause, std::string(kFix), [date](Message& m) {
                           set_date(m, date, true);
                       }});
    }
}

void add_secret(
    std::vector<Slip>& out,
    const Message& seen,
    std::string secret,
    std::string_view mistake,
    std::string_view cause,
    std::string_view fix
) {
    if (secret == seen.secret || secret.empty()) {
        return;
    }
    out.push_back(
        {std::string(mistake),
         std::string(cause),
         std::string(fix),
         [secret = std::move(secret)](Message& m) { m.secret = secret; },
         Frequency::Frequent}
    );
}

void add_mangled_secrets(const Message& seen, std::vector<Slip>& out) {
    constexpr std::string_view kPaste =
        "copy the secret access key anew, without anything around it.";
    const auto mangled = [&](std::string secret, std::string_view how) {
        add_secret(
            out,
            seen,
            std::move(secret),
            "secret-mangled",
            text({"The client signed with this key's secret, but ", how, "."}),
            kPaste
        );
    };
    const std::string& secret = seen.secret;
    for (const std::string_view end : {"\n", "\r", "\r\n", " ", "\t"}) {
        mangled(secret + std::string(end), "with white space or a line end behind it");
    }
    mangled(" " + secret, "with a space before it");
    mangled("\"" + secret + "\"", "with the quotes around it");
    mangled("'" + secret + "'", "with the quotes around it");
    mangled(secret + "\"", "with a quote behind it");
    mangled(percent_encode(secret, SlashRule::Encode), "percent-encoded");
    mangled(replaced(secret, "+", " "), "with its + turned into spaces");
    mangled(replaced(secret, "/", ""), "without its slashes");
    mangled(replaced(secret, "/", "\\/"), "with backslashes before its slashes");
    mangled(secret.substr(0, secret.find('/')), "only up to its first slash");
    mangled(secret.substr(0, secret.find('+')), "only up to its first +");
    mangled(to_lower(secret), "in lower case");
    for (std::size_t n = 1; n < std::min<std::size_t>(secret.size(), 6); ++n) {
        mangled(secret.substr(0, secret.size() - n), "with its end cut off");
        mangled(secret.substr(n), "with its beginning cut off");
    }
}

} // namespace

void region_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    if (!seen.is_v4()) {
        return;
    }
    for (const std::string_view region : kRegions) {
        if (region != seen.region) {
            add_scope(
                out, "region", "region", region, seen.region, &Message::region, &Message::key_region
            );
        }
    }
}

void service_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    if (!seen.is_v4()) {
        return;
    }
    for (const std::string_view service : kServices) {
        if (service != seen.service) {
            add_scope(
                out,
                "service",
                "service",
                service,
                seen.service,
                &Message::service,
                &Message::key_service
            );
        }
    }
}

void date_slips(const Message& seen, const Known&, std::vector<Slip>& out) {
    const auto moment = seen.is_v4() ? parse_amz_date(seen.date) : std::nullopt;
    if (!moment) {
        return;
    }
    for (const std::string_view name : {"date", "x-amz-date"}) {
        auto other = parse_http_date(seen.headers.get(name));
        if (!other) {
            other = parse_amz_date(seen.headers.get(name));
        }
        if (other) {
            add_date(seen, *other, out);
        }
    }
    for (int step = 1; step <= 59; ++step) {
        const std::int64_t s = step;
        for (const std::int64_t seconds_away :
             {s,
              s * 60,
              step <= 14 ? s * 3600 : 0,
              step <= 28 ? s * 1800 : 0,
              step <= 8 ? s * 86400 : 0}) {
            if (seconds_away != 0) {
                add_date(seen, *moment - seconds{seconds_away}, out);
                add_date(seen, *moment + seconds{seconds_away}, out);
            }
        }
    }
    // The scope's day and the signing key's.
    for (const std::int64_t away : {-1, 1}) {
        const std::string day = to_amz_date(*moment + seconds{away * 86400}).substr(0, 8);
        add_scope(out, "date", "day", day, seen.day, &Message::day, &Message::key_day);
    }
}

void secret_slips(const Message& seen, const Known& known, std::vector<Slip>& out) {
    add_mangled_secrets(seen, out);
    add_secret(
        out,
        seen,
        seen.access_key_id,
        "secret-mangled",
        "The client signed with the access key id in the place of the secret.",
        "configure the secret access key."
    );
    for (const Credential& other : known.credentials) {
        add_secret(
            out,
            seen,
            other.key->secret,
            "other-secret",
            text(
                {"The request names ",
                 seen.access_key_id,
                 ", but it was signed with the secret of another key: ",
                 other.key->access_key_id,
                 " (",
                 other.holder,
                 ")."}
            ),
            "use an access key id and the secret that was made with it: one profile, one pair."
        );
    }
    for (const std::string_view secret :
         {"test", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "minioadmin", "secret", "dummy"}) {
        add_secret(
            out,
            seen,
            std::string(secret),
            "other-secret",
            text(
                {"The request was signed with a secret of examples and other emulators, not with "
                 "the secret of ",
                 seen.access_key_id,
                 "."}
            ),
            "configure the key pair this server gave out (benchtop env, or iam create-access-key)."
        );
    }
}

} // namespace benchtop::explain
