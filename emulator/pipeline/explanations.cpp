#include "emulator/pipeline/explanations.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/explain/url_reading.hpp"
#include "emulator/iam/model.hpp"
#include "emulator/pipeline/admin/admin.hpp"
#include "emulator/pipeline/caches.hpp"
#include "emulator/s3/target.hpp"
#include "emulator/stack/constants.hpp"
#include "emulator/tutor/advice.hpp"

#include <algorithm>

namespace benchtop::pipeline {
namespace {

namespace json = boost::json;

constexpr std::size_t kCredentialsMax = 200;

std::string holder_of(const store::AccessKey& key) {
    switch (key.kind) {
    case store::PrincipalKind::Root:
        return "root of account " + key.account;
    case store::PrincipalKind::Role:
        return "role " + key.principal_name + ", session " + key.session_name;
    case store::PrincipalKind::User:
    case store::PrincipalKind::Group:
        break;
    }
    return (key.session_token.empty() ? "user " : "session of user ") + key.principal_name;
}

void add_credential(
    const store::ReadTx& tx, const store::AccessKey& key, std::vector<explain::Credential>& out
) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const explain::Credential& one) {
        return one.key->access_key_id == key.access_key_id;
    });
    const auto identity = known ? nullptr : identity_of(tx, key);
    if (identity && out.size() < kCredentialsMax) {
        out.push_back({identity->key, holder_of(key), iam::is_active(tx, key)});
    }
}

void add_line(std::string& out, std::string_view label, std::string_view value) {
    if (!value.empty()) {
        out += label;
        out.append(label.size() < 11 ? 11 - label.size() : 1, ' ');
        out.append(value).append("\n");
    }
}

std::string text_of(const json::object& card, std::string_view name) {
    const auto* const value = card.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string{};
}

std::string text_of(
    const json::object& card, const Refusal& refusal, const explain::SignatureExplanation& why
) {
    std::string out = refusal.request_id + " at " + to_iso8601_ms(refusal.at) + "\n";
    add_line(out, "request", refusal.request);
    if (refusal.status != 0) {
        const std::string code = refusal.code.empty() ? "" : " " + refusal.code;
        add_line(out, "answer", std::to_string(refusal.status) + code);
    }
    constexpr std::pair<std::string_view, std::string_view> kLines[] = {
        {"", "message"},
        {"principal", "principal"},
        {"action", "action"},
        {"resource", "resource"},
        {"decided", "decision"},
        {"because", "reason"},
        {"missing", "missingStatement"},
        {"add it to", "addTo"},
        {"command", "command"},
        {"mistake", "mistake"},
        {"cause", "cause"},
        {"fix", "fix"}};
    for (const auto& [label, name] : kLines) {
        add_line(out, label, text_of(card, name));
    }
    out += explain::render_text(why);
    return json_text(out);
}

json::object signature_card(const explain::SignatureExplanation& why) {
    json::object card{{"certainty", explain::certainty_name(why.certainty)}, {"tried", why.tried}};
    const std::pair<const char*, const std::string&> members[] = {
        {"canonicalRequest", why.computed_request},
        {"stringToSign", why.computed_string},
        {"signedCanonicalRequest", why.signed_request},
        {"signedStringToSign", why.signed_string}};
    for (const auto& [name, text] : members) {
        if (!text.empty()) {
            card[name] = json_text(text);
        }
    }
    if (const auto& difference = why.difference) {
        card["firstDifference"] = json::object{
            {"part", difference->part},
            {"line", difference->line},
            {"computed", json_text(difference->computed)},
            {"signed", json_text(difference->signed_by_client)}};
    }
    return card;
}

json::array findings_card(const std::vector<explain::Finding>& findings) {
    json::array items;
    for (const explain::Finding& finding : findings) {
        items.push_back(
            {{"mistake", finding.mistake},
             {"what", json_text(finding.what)},
             {"fix", json_text(finding.fix)}}
        );
    }
    return items;
}

json::object permits_card(const explain::UrlReading& reading) {
    RequestHead head;
    head.method = reading.method.empty() ? "GET" : reading.method;
    head.target = reading.path;
    head.headers.add("Host", reading.host);
    json::object card{
        {"method", reading.method.empty() ? json::value(nullptr) : json::value(reading.method)},
        {"host", json_text(reading.host)},
        {"path", json_text(reading.path)}};
    if (const auto target = s3::resolve_target(head)) {
        card["bucket"] = json_text(target->bucket);
        card["key"] = json_text(target->key);
    }
    json::array headers;
    for (const explain::HeaderToSend& header : reading.headers) {
        headers.push_back(
            {{"name", json_text(header.name)},
             {"value", header.value ? json::value(json_text(*header.value)) : json::value(nullptr)}}
        );
    }
    card["headers"] = std::move(headers);
    return card;
}

constexpr std::size_t kSecretMin = 16; // shorter ones are examples' and hide nothing

// A client may have put a secret where a key id belongs, or into a header.
void hide(std::string& text, std::string_view secret) {
    constexpr std::string_view kShown = "(a secret)";
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
        text.replace(at, secret.size(), kShown);
    }
}

std::vector<std::string> secrets_of(const explain::Known& known) {
    std::vector<std::string> secrets;
    for (const explain::Credential& one : known.credentials) {
        const std::string& secret = one.key->secret;
        if (secret.size() >= kSecretMin) {
            secrets.push_back(secret);
            secrets.push_back(percent_encode(secret, SlashRule::Encode));
            secrets.push_back(percent_encode(secret, SlashRule::Keep));
        }
    }
    return secrets;
}

void hide(json::value& value, const std::vector<std::string>& secrets) {
    if (auto* const text = value.if_string()) {
        std::string shown(*text);
        for (const std::string& secret : secrets) {
            hide(shown, secret);
        }
        *text = shown;
    } else if (auto* const object = value.if_object()) {
        for (auto& member : *object) {
            hide(member.value(), secrets);
        }
    } else if (auto* const array = value.if_array()) {
        for (json::value& item : *array) {
            hide(item, secrets);
        }
    }
}

void hide_secrets(json::object& card, const explain::Known& known) {
    const auto secrets = secrets_of(known);
    for (auto& member : card) {
        hide(member.value(), secrets);
    }
}

// Keys that a client of this server may hold: the one it names, and those of the users of its
// account (a bounded number).
explain::Known
known_credentials(Services& services, std::string_view access_key_id, std::string_view asked_at) {
    explain::Known known;
    if (!asked_at.empty()) {
        known.hosts.emplace_back(asked_at);
    }
    services.store.read([&](const store::ReadTx& tx) {
        std::string account(stack::kLabAccount);
        auto named = well_known_key(access_key_id);
        if (!named) {
            named = tx.find_access_key(access_key_id);
        }
        if (named) {
            account = named->account;
            add_credential(tx, *named, known.credentials);
        }
        for (const store::User& user : tx.list_users(account)) {
            if (known.credentials.size() >= kCredentialsMax) {
                break;
            }
            for (const store::AccessKey& key : tx.list_access_keys(account, user.name)) {
                add_credential(tx, key, known.credentials);
            }
        }
        if (const auto test = well_known_key("test")) {
            add_credential(tx, *test, known.credentials);
        }
    });
    return known;
}

TimeAxis axis_of(Services& services) {
    TimeAxis axis;
    services.store.read([&](const store::ReadTx& tx) { axis = tx.time_axis(); });
    return axis;
}

auth::VerifyContext context_of(const SignedRequest& request, const TimeAxis& axis) {
    auth::VerifyContext context{.now = request.head.received_at, .axis = axis};
    context.service = request.service;
    context.expected_region = request.region;
    context.bucket_for_sigv2 = request.bucket;
    context.accepts_body = request.accepts_body;
    context.family = request.family;
    context.body_sha256 = request.body_sha256;
    return context;
}

// "Add {...} to the policy of role lambda-worker-role (aws iam put-role-policy ...)."
std::string fix_of_denial(const Refusal& refusal) {
    if (refusal.statement.empty()) {
        return refusal.command.empty()
                   ? "remove or narrow the statement that refuses it; no Allow outweighs a Deny."
                   : refusal.command;
    }
    std::string fix = "add " + refusal.statement;
    if (!refusal.add_to.empty()) {
        fix += " to " + refusal.add_to;
    }
    return fix + ".";
}

// What the refusal itself does not say: a policy's decision in a sentence, or the advice of
// the answer's code.
void add_cause(json::object& card, const Refusal& refusal) {
    if (!refusal.cause.empty()) {
        card["mistake"] = refusal.mistake;
        return;
    }
    tutor::Hint hint;
    if (refusal.decision.empty()) {
        hint = tutor::advice_for({refusal.status, refusal.code, refusal.message});
    } else {
        hint.mistake = refusal.statement.empty() ? "explicit-deny" : "permission-missing";
        hint.cause = refusal.principal + " may not " + refusal.action + " on " + refusal.resource +
                     ": " + (refusal.reason.empty() ? refusal.decision : refusal.reason) + ".";
        hint.fix = fix_of_denial(refusal);
    }
    card["mistake"] = hint.mistake;
    card["cause"] = json_text(hint.cause);
    card["fix"] = json_text(hint.fix);
}

} // namespace

void add_explanation(
    json::object& card, Services& services, const Refusal& refusal, std::string_view asked_at
) {
    const TimeAxis axis = axis_of(services);
    explain::Known known;
    explain::SignatureExplanation why;
    if (refusal.signed_request) {
        const explain::Question question{
            refusal.signed_request->head, context_of(*refusal.signed_request, axis), refusal.code};
        known = known_credentials(services, explain::claimed_access_key(question), asked_at);
        // Whom a policy refused had signed well.
        if (refusal.action.empty()) {
            why = explain::explain_signature(question, known);
        }
    }
    if (!why.mistake.empty()) {
        card["mistake"] = why.mistake;
        card["cause"] = json_text(why.cause);
        card["fix"] = json_text(why.fix);
        card["signature"] = signature_card(why);
    } else {
        add_cause(card, refusal);
    }
    card["text"] = text_of(card, refusal, why);
    hide_secrets(card, known);
}

json::object url_card(Services& services, std::string_view pasted, std::string_view asked_at) {
    const explain::Known known =
        known_credentials(services, explain::access_key_of_url(pasted), asked_at);
    const TimeAxis axis = axis_of(services);
    const explain::UrlReading reading =
        explain::read_url({pasted, services.clock.now(), axis}, known);
    json::object card{
        {"url", json_text(reading.url)},
        {"signatureVersion", reading.version},
        {"signature", explain::verdict_name(reading.verdict)},
        {"findings", findings_card(reading.findings)},
        {"labTime", to_iso8601_ms(reading.lab_now)}};
    if (reading.version != 0) {
        card["signedBy"] = json::object{
            {"accessKeyId", json_text(reading.access_key_id)},
            {"holder",
             reading.holder.empty() ? json::value(nullptr)
                                    : json::value(json_text(reading.holder))}};
        card["permits"] = permits_card(reading);
    }
    if (reading.until && reading.lab_until) {
        card["until"] = to_iso8601_ms(*reading.until);
        card["untilLabTime"] = to_iso8601_ms(*reading.lab_until);
        card["secondsLeft"] = std::chrono::duration_cast<seconds>(reading.left).count();
        card["expired"] = reading.left < microseconds{0};
    }
    card["text"] = json_text(explain::render_text(reading));
    hide_secrets(card, known);
    return card;
}

} // namespace benchtop::pipeline
