#include "emulator/tutor/missing_permission.hpp"

#include <boost/json.hpp>

namespace benchtop::tutor {
namespace {

namespace json = boost::json;
using policy::Decision;
using policy::Principal;

constexpr std::string_view kS3Arn = "arn:aws:s3:::";

// "PutObject" of "s3:PutObject".
std::string_view bare_action(std::string_view action) {
    return action.substr(action.find(':') + 1);
}

std::string sid_of(std::string_view action) {
    std::string sid = "Allow";
    for (const char c : bare_action(action)) {
        sid += c == '*' ? std::string("All") : std::string(1, c); // a Sid is letters and digits
    }
    return sid;
}

std::string document_of(const json::object& statement) {
    return json::serialize(json::object{
        {"Version", "2012-10-17"}, {"Statement", json::array{statement}}});
}

// "role" and "web" of the caller; empty for callers without policies of their own.
std::pair<std::string_view, std::string> owner_of(const Principal& who) {
    const std::string_view arn =
        who.kind == Principal::Kind::AssumedRole ? std::string_view(who.role_arn) : who.arn;
    const std::string name(arn.substr(arn.rfind('/') + 1));
    switch (who.kind) {
    case Principal::Kind::AssumedRole:
        return {"role", name};
    case Principal::Kind::User:
        return {"user", name};
    default:
        return {};
    }
}

std::string list(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : "; ") + name;
    }
    return out;
}

json::object statement_of(const DeniedQuestion& denied) {
    return {
        {"Sid", sid_of(denied.action)},
        {"Effect", "Allow"},
        {"Action", denied.action},
        {"Resource", grantable_resource(denied.resource)}};
}

json::object principal_element(const Principal& who) {
    if (who.kind == Principal::Kind::Service) {
        return {{"Service", who.service}};
    }
    return {{"AWS", who.kind == Principal::Kind::AssumedRole ? who.role_arn : who.arn}};
}

MissingPermission for_identity(const DeniedQuestion& denied) {
    const auto [kind, name] = owner_of(denied.principal);
    const json::object statement = statement_of(denied);
    MissingPermission out;
    out.statement = json::serialize(statement);
    out.add_to = "a policy of the " + std::string(kind) + " " + name +
                 (denied.policies.empty() ? std::string(", which has none yet")
                                          : ", which has: " + list(denied.policies));
    out.command = "aws iam put-" + std::string(kind) + "-policy --" + std::string(kind) + "-name " +
                  name + " --policy-name " + sid_of(denied.action) + " --policy-document " +
                  shell_quoted(document_of(statement));
    return out;
}

MissingPermission for_trust(const DeniedQuestion& denied) {
    const json::object statement{
        {"Effect", "Allow"},
        {"Principal", principal_element(denied.principal)},
        {"Action", "sts:AssumeRole"}};
    const std::string role(denied.resource.substr(denied.resource.rfind('/') + 1));
    MissingPermission out;
    out.statement = json::serialize(statement);
    out.add_to = "the trust policy of the role " + role;
    out.command = "aws iam update-assume-role-policy --role-name " + role + " --policy-document " +
                  shell_quoted(document_of(statement));
    return out;
}

MissingPermission for_bucket(const DeniedQuestion& denied) {
    json::object statement = statement_of(denied);
    if (denied.principal.kind == Principal::Kind::Anonymous) {
        statement["Principal"] = "*";
    } else {
        statement["Principal"] = principal_element(denied.principal);
    }
    std::string_view bucket = denied.resource.substr(kS3Arn.size());
    bucket = bucket.substr(0, bucket.find('/'));
    MissingPermission out;
    out.statement = json::serialize(statement);
    out.add_to = "the bucket policy of " + std::string(bucket) +
                 (denied.principal.kind == Principal::Kind::Anonymous
                      ? ", which opens it to everyone; usually a signature is what is missing"
                      : "");
    return out;
}

MissingPermission for_resource(const DeniedQuestion& denied) {
    if (denied.action == "sts:AssumeRole") {
        return for_trust(denied);
    }
    if (denied.resource.starts_with(kS3Arn)) {
        return for_bucket(denied);
    }
    json::object statement = statement_of(denied);
    statement["Principal"] = principal_element(denied.principal);
    return {
        json::serialize(statement), "the resource policy of " + std::string(denied.resource), ""};
}

} // namespace

std::string grantable_resource(std::string_view resource) {
    const auto slash = resource.find('/');
    if (!resource.starts_with(kS3Arn) || slash == std::string_view::npos) {
        return std::string(resource);
    }
    const auto folder = resource.find('/', slash + 1);
    const auto end = folder == std::string_view::npos ? slash : folder;
    return std::string(resource.substr(0, end + 1)) + '*';
}

std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return out + "'";
}

MissingPermission missing_permission(const DeniedQuestion& denied) {
    using Source = Decision::Source;
    if (denied.explicit_deny) {
        return {"", "nothing: an explicit Deny outweighs every Allow. Narrow or remove it", ""};
    }
    const auto [kind, name] = owner_of(denied.principal);
    switch (denied.source) {
    case Source::Boundary:
        return {
            json::serialize(statement_of(denied)),
            "the permissions boundary of the " + std::string(kind) + " " + name,
            ""};
    case Source::Session:
        return {
            json::serialize(statement_of(denied)),
            "the session policy that AssumeRole was given",
            ""};
    case Source::Resource:
        return for_resource(denied);
    case Source::Identity:
    case Source::None:
        break;
    }
    return kind.empty() ? for_resource(denied) : for_identity(denied);
}

MissingPermission missing_invoke_permission(
    std::string_view function_arn,
    std::string_view service,
    std::string_view source_arn,
    std::string_view source_account
) {
    const std::string function(function_arn.substr(function_arn.rfind(':') + 1));
    const std::string sid = std::string(service.substr(0, service.find('.'))) + "-may-invoke";
    json::object condition{{"ArnLike", json::object{{"AWS:SourceArn", source_arn}}}};
    std::string account;
    if (!source_account.empty()) {
        condition["StringEquals"] = json::object{{"AWS:SourceAccount", source_account}};
        account = " --source-account " + std::string(source_account);
    }
    const json::object statement{
        {"Sid", sid},
        {"Effect", "Allow"},
        {"Principal", json::object{{"Service", service}}},
        {"Action", "lambda:InvokeFunction"},
        {"Resource", function_arn},
        {"Condition", condition}};
    return {
        json::serialize(statement),
        "the resource policy of the function " + function,
        "aws lambda add-permission --function-name " + function + " --statement-id " + sid +
            " --action lambda:InvokeFunction --principal " + std::string(service) +
            " --source-arn " + shell_quoted(source_arn) + account};
}

} // namespace benchtop::tutor
