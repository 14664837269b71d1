#include "emulator/sts/sessions.hpp"

#include "emulator/core/ids.hpp"
#include "emulator/iam/model.hpp"
#include "emulator/protocol/constraints.hpp"
#include "emulator/protocol/query_answer.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "emulator/sts/session_policies.hpp"
#include "emulator/sts/session_tags.hpp"

#include <algorithm>
#include <charconv>

namespace benchtop::sts {
namespace {

constexpr std::string_view kXmlns = "https://sts.amazonaws.com/doc/2011-06-15/";
constexpr int kChainedMax = 3600; // a session that assumes a role
constexpr std::size_t kPolicyMax = 2048;
constexpr std::size_t kPolicyArnsMax = 10;

AwsError validation_error(std::string_view message) {
    return AwsError(400, "ValidationError", message);
}

struct RoleRef {
    std::string account;
    std::string name;
};

// arn:aws:iam::ACCOUNT:role/PATH/NAME
std::optional<RoleRef> parse_role(std::string_view arn) {
    constexpr std::string_view prefix = "arn:aws:iam::";
    if (!arn.starts_with(prefix) || arn.size() < prefix.size() + 12 + 6) {
        return std::nullopt;
    }
    const std::string_view rest = arn.substr(prefix.size());
    if (rest.substr(12, 6) != ":role/") {
        return std::nullopt;
    }
    return RoleRef{std::string(rest.substr(0, 12)), std::string(arn.substr(arn.rfind('/') + 1))};
}

std::optional<store::Role> find_role(const store::ReadTx& tx, std::string_view arn) {
    const auto ref = parse_role(arn);
    auto role = ref ? tx.find_role(ref->account, ref->name) : std::nullopt;
    return role && iam::role_arn(*role) == arn ? std::move(role) : std::nullopt;
}

Result<int> duration_of(const service::Call& call, int least, int most, int otherwise) {
    const auto given = call.parameters.find("DurationSeconds");
    if (!given) {
        return otherwise;
    }
    int seconds = 0;
    const auto [end, ec] = std::from_chars(given->data(), given->data() + given->size(), seconds);
    if (ec != std::errc{} || end != given->data() + given->size()) {
        return AwsError(400, "MalformedInput", "DurationSeconds is not a number.");
    }
    protocol::Constraints constraints;
    constraints.range("durationSeconds", seconds, least, most);
    if (const std::string text = constraints.message(); !text.empty()) {
        return validation_error(text);
    }
    return seconds;
}

store::AccessKey make_session(const service::OpContext& context, std::string_view account) {
    store::AccessKey key;
    key.access_key_id = make_access_key_id(context.random, "ASIA", account);
    key.secret = make_secret_key(context.random);
    key.session_token = make_session_token(context.random);
    key.account = account;
    key.issued_at = context.now;
    return key;
}

void write_credentials(protocol::XmlWriter& xml, const store::AccessKey& key, int seconds_valid) {
    xml.open("Credentials")
        .element("AccessKeyId", key.access_key_id)
        .element("SecretAccessKey", key.secret)
        .element("SessionToken", key.session_token)
        .element("Expiration", to_iso8601_s(key.issued_at + seconds{seconds_valid}))
        .close();
}

// There are no MFA devices here: whoever names one is refused as with a wrong one.
Result<void> check_mfa(const service::Call& call) {
    if (call.parameters.has("SerialNumber") || call.parameters.has("TokenCode")) {
        return AwsError(
            403,
            "AccessDenied",
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your "
            "MFA serial number is valid and associated with this user."
        );
    }
    return {};
}

Result<std::vector<SessionPolicy>> read_session_policies(
    const store::ReadTx& tx, const service::Call& call, std::string_view session
) {
    std::vector<SessionPolicy> policies;
    if (const std::string_view document = call.parameter("Policy"); !document.empty()) {
        if (document.size() > kPolicyMax) {
            protocol::Constraints constraints;
            constraints.length("policy", document, kPolicyMax);
            return validation_error(constraints.message());
        }
        if (auto parsed = policy::parse_policy(document, policy::PolicyKind::Identity); !parsed) {
            return parsed.error();
        }
        policies.push_back({"session policy of " + std::string(session), "", std::string(document)}
        );
    }
    for (std::size_t n = 1;; ++n) {
        const auto arn = call.parameters.find("PolicyArns.member." + std::to_string(n) + ".arn");
        if (!arn) {
            break;
        }
        if (n > kPolicyArnsMax) {
            return validation_error("PolicyArns must have at most 10 members.");
        }
        const auto managed = iam::find_policy(tx, call.account(), *arn);
        if (!managed) {
            return validation_error(
                "PolicyArns: the policy " + std::string(*arn) + " was not found."
            );
        }
        policies.push_back(
            {"session policy " + managed->name, std::string(*arn), managed->current().document}
        );
    }
    return policies;
}

} // namespace

Result<std::vector<service::AccessRequest>>
access_assume_role(const store::ReadTx& tx, const service::Call& call) {
    const std::string_view arn = call.parameter("RoleArn");
    const std::string_view session = call.parameter("RoleSessionName");
    protocol::Constraints constraints;
    constraints.required("roleArn", call.parameters.has("RoleArn"));
    constraints.required("roleSessionName", call.parameters.has("RoleSessionName"));
    if (call.parameters.has("RoleSessionName")) {
        constraints.pattern("roleSessionName", session, is_session_name(session), R"([\w+=,.@-]*)");
        constraints.length("roleSessionName", session, 64);
        if (session.size() < 2 && is_session_name(session)) {
            constraints.broken(
                "roleSessionName",
                "'" + std::string(session) + "'",
                "Member must have length greater than or equal to 2"
            );
        }
    }
    if (const std::string text = constraints.message(); !text.empty()) {
        return validation_error(text);
    }
    if (!parse_role(arn)) {
        return validation_error(std::string(arn) + " is invalid");
    }
    const auto role = find_role(tx, arn);
    service::AccessRequest request;
    request.action = "sts:AssumeRole";
    request.resource = arn;
    request.resource_account = parse_role(arn)->account;
    // A role that is not there lets nobody in, and is refused in the same words.
    request.resource_policy =
        role
            ? role->trust_policy
            : R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]})";
    request.is_trust = true;
    if (const auto external = call.parameters.find("ExternalId")) {
        request.conditions.emplace_back("sts:ExternalId", *external);
    }
    request.conditions.emplace_back("sts:RoleSessionName", session);
    const auto given = given_facts(call);
    if (!given) {
        return given.error();
    }
    add_conditions(request, *given);
    std::vector requests{std::move(request)};
    // Each must be allowed on both sides, as AssumeRole itself.
    const auto also = [&requests](std::string_view action) {
        requests.push_back(requests.front());
        requests.back().action = action;
    };
    if (!given->tags.empty()) {
        also("sts:TagSession");
    }
    if (!given->source_identity.empty()) {
        also("sts:SetSourceIdentity");
    }
    return requests;
}

Result<Response> assume_role(store::WriteTx& tx, service::Call& call) {
    const std::string_view arn = call.parameter("RoleArn");
    const std::string session(call.parameter("RoleSessionName"));
    const auto role = find_role(tx, arn);
    if (!role) {
        return AwsError(403, "AccessDenied", "The role is not there any more.");
    }
    if (auto mfa = check_mfa(call); !mfa) {
        return mfa.error();
    }
    const auto seconds_valid = duration_of(call, 900, 43200, 3600);
    if (!seconds_valid) {
        return seconds_valid.error();
    }
    const int role_max = iam::parse_details(role->details).max_session_s;
    const bool chained = call.context.caller.kind == policy::Principal::Kind::AssumedRole;
    if (chained && *seconds_valid > kChainedMax) {
        return validation_error("The requested DurationSeconds exceeds the 1 hour session limit "
                                "for roles assumed by role chaining.");
    }
    if (*seconds_valid > role_max) {
        return validation_error(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        );
    }
    const auto policies = read_session_policies(tx, call, session);
    if (!policies) {
        return policies.error();
    }
    const auto facts = new_session_facts(call);
    if (!facts) {
        return facts.error();
    }
    store::AccessKey key = make_session(call.context, role->account);
    key.kind = store::PrincipalKind::Role;
    key.principal_name = role->name;
    key.session_name = session;
    key.session_policy = session_text(*policies, *facts);
    key.lifetime = seconds{*seconds_valid};
    tx.put_access_key(key);
    auto xml = protocol::XmlWriter::fragment(protocol::Quotes::Keep);
    write_credentials(xml, key, *seconds_valid);
    xml.open("AssumedRoleUser")
        .element("AssumedRoleId", role->role_id + ":" + session)
        .element(
            "Arn", "arn:aws:sts::" + role->account + ":assumed-role/" + role->name + "/" + session
        )
        .close();
    if (!key.session_policy.empty()) {
        // A share of the space that packed policies may take; AWS does not say how it packs.
        const std::uint64_t percent =
            std::max<std::uint64_t>(1, 100 * key.session_policy.size() / (8 * kPolicyMax));
        xml.element("PackedPolicySize", percent);
    }
    if (!facts->source_identity.empty()) {
        xml.element("SourceIdentity", facts->source_identity);
    }
    return protocol::query_answer(kXmlns, "AssumeRole", std::move(xml).take(), call.request_id);
}

Result<Response> get_session_token(store::WriteTx& tx, service::Call& call) {
    if (call.context.caller.kind == policy::Principal::Kind::AssumedRole) {
        return AwsError(
            403, "AccessDenied", "Cannot call GetSessionToken with session credentials"
        );
    }
    if (auto mfa = check_mfa(call); !mfa) {
        return mfa.error();
    }
    const bool root = call.context.caller.kind == policy::Principal::Kind::Root;
    const auto seconds_valid = duration_of(call, 900, 129600, root ? 3600 : 43200);
    if (!seconds_valid) {
        return seconds_valid.error();
    }
    store::AccessKey key = make_session(call.context, call.account());
    key.kind = root ? store::PrincipalKind::Root : store::PrincipalKind::User;
    key.principal_name = call.context.caller.username;
    key.lifetime = seconds{root ? std::min(*seconds_valid, 3600) : *seconds_valid};
    tx.put_access_key(key);
    auto xml = protocol::XmlWriter::fragment(protocol::Quotes::Keep);
    write_credentials(
        xml, key, static_cast<int>(std::chrono::duration_cast<seconds>(*key.lifetime).count())
    );
    return protocol::query_answer(
        kXmlns, "GetSessionToken", std::move(xml).take(), call.request_id
    );
}

} // namespace benchtop::sts
