// The roles of the handout: parts 2.1 and 4.1.
#include "emulator/tutor/handout_rules.hpp"
#include "emulator/tutor/missing_permission.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace benchtop::tutor {
namespace {

namespace json = boost::json;

constexpr std::string_view kS3Arn = "arn:aws:s3:::";
constexpr std::string_view kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)"
    R"({"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";

struct Grant {
    std::string_view sid;
    std::string_view action;
    std::string folder; // "uploads/"
};

std::vector<Grant> grants_of_web(const LabFacts&) {
    return {{"AllowPutToUploadsPrefix", "s3:PutObject", "uploads/"}};
}

std::vector<Grant> grants_of_worker(const LabFacts& facts) {
    return {
        {"ReadUploads", "s3:GetObject", "uploads/"},
        {"WriteProcessed", "s3:PutObject", processed_prefix(facts)},
        {"DeleteUploads", "s3:DeleteObject", "uploads/"}};
}

using Grants = std::vector<Grant> (*)(const LabFacts&);

std::string arn_of(const LabFacts& facts, const Grant& grant) {
    return std::string(kS3Arn) + facts.bucket.name + "/" + grant.folder + "*";
}

bool only_about_s3(const policy::Policy& policy) {
    const auto& statements = policy.statements();
    return std::all_of(statements.begin(), statements.end(), [](const policy::Statement& s) {
        return std::all_of(s.action_texts.begin(), s.action_texts.end(), [](const auto& action) {
            return action.starts_with("s3:");
        });
    });
}

// The role's whole policy, as the handout wants it, under the name of the one it replaces.
std::string put_policy(const LabFacts& facts, const RoleFacts& role, Grants grants) {
    json::array statements;
    for (const Grant& grant : grants(facts)) {
        statements.push_back(json::object{
            {"Sid", grant.sid},
            {"Effect", "Allow"},
            {"Action", json::array{grant.action}},
            {"Resource", arn_of(facts, grant)}});
    }
    const json::object document{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
    std::string name = role.name + "-s3";
    for (std::size_t n = 0; n < std::min(role.inline_names.size(), role.policies.identity.size());
         ++n) {
        if (only_about_s3(*role.policies.identity[n].policy)) {
            name = role.inline_names[n];
            break;
        }
    }
    return "aws iam put-role-policy --role-name " + role.name + " --policy-name " + name +
           " --policy-document " + shell_quoted(json::serialize(document));
}

std::optional<Verdict> exists(const RoleFacts& role) {
    if (role.exists) {
        return std::nullopt;
    }
    return missing(
        "role-missing",
        "There is no role " + role.name + ".",
        "aws iam create-role --role-name " + role.name + " --assume-role-policy-document " +
            shell_quoted(kTrust)
    );
}

std::optional<Verdict> trusted(const RoleFacts& role) {
    if (role.trusts_lambda) {
        return std::nullopt;
    }
    return wrong(
        "trust-policy",
        "The trust policy of " + role.name + " does not let lambda.amazonaws.com assume it.",
        "aws iam update-assume-role-policy --role-name " + role.name + " --policy-document " +
            shell_quoted(kTrust)
    );
}

std::optional<Verdict>
role_of_function(const FunctionFacts& function, std::string_view handout_role, const LabFacts& f) {
    if (!function.exists || !function.handout_role_exists) {
        return std::nullopt;
    }
    const std::string arn = "arn:aws:iam::" + f.account + ":role/" + std::string(handout_role);
    return wrong(
        "role-of-function",
        "The function " + function.name + " runs with the role " + function.role.name + ", not " +
            std::string(handout_role) + ".",
        "aws lambda update-function-configuration --function-name " + function.name + " --role " +
            arn
    );
}

std::optional<Verdict> has_policy(const LabFacts& facts, const RoleFacts& role, Grants grants) {
    if (!role.policies.identity.empty()) {
        return std::nullopt;
    }
    return missing(
        "policy-missing",
        "The role " + role.name + " has no policy: it may do nothing.",
        put_policy(facts, role, grants)
    );
}

// "b" of "arn:aws:s3:::b/uploads/*".
std::string_view bucket_of(std::string_view resource) {
    if (!resource.starts_with(kS3Arn)) {
        return {};
    }
    resource.remove_prefix(kS3Arn.size());
    return resource.substr(0, resource.find('/'));
}

bool names_action(const policy::Statement& statement, std::string_view action) {
    const auto& texts = statement.action_texts;
    return !statement.denies && std::find(texts.begin(), texts.end(), action) != texts.end();
}

std::optional<Verdict> no_placeholder(const LabFacts& facts, const RoleFacts& role, Grants grants) {
    for (const auto& named : role.policies.identity) {
        for (const auto& statement : named.policy->statements()) {
            for (const auto& resource : statement.resources) {
                if (is_placeholder(bucket_of(resource.text()))) {
                    return wrong(
                        "placeholder-left",
                        "In the " + named.name + " stands " + resource.text() +
                            ": put your bucket's name there.",
                        put_policy(facts, role, grants)
                    );
                }
            }
        }
    }
    return std::nullopt;
}

// What is odd about the statement that was meant for `grant`.
std::pair<std::string, std::string>
what_is_odd(const LabFacts& facts, const RoleFacts& role, const Grant& grant) {
    for (const auto& named : role.policies.identity) {
        for (const auto& statement : named.policy->statements()) {
            if (!names_action(statement, grant.action) || statement.resources.empty()) {
                continue;
            }
            const std::string& text = statement.resources.front().text();
            if (bucket_of(text) != facts.bucket.name && !bucket_of(text).empty()) {
                return {"wrong-bucket-in-policy", text + " is another bucket's."};
            }
            if (text.find('*') == std::string::npos) {
                return {
                    "resource-without-wildcard",
                    text + " is no object's ARN: it lacks /" + grant.folder + "*."};
            }
            return {"wrong-resource", text + " does not cover " + grant.folder + "."};
        }
    }
    return {"statement-missing", ""};
}

std::optional<Verdict>
may_do_everything(const LabFacts& facts, const RoleFacts& role, Grants grants) {
    for (const Grant& grant : grants(facts)) {
        policy::ConditionContext context;
        context.add("aws:SecureTransport", "true");
        const std::string object =
            std::string(kS3Arn) + facts.bucket.name + "/" + grant.folder + "upload-check.txt";
        const auto decision = policy::evaluate(
            {grant.action, object, facts.account, role.session, context}, role.policies
        );
        if (decision.allowed()) {
            continue;
        }
        const std::string lacks =
            role.name + " may not " + std::string(grant.action) + " in " + grant.folder;
        if (decision.effect == policy::Effect::ExplicitDeny) {
            return wrong(
                "explicit-deny",
                lacks + ": " + decision.reason + " denies it.",
                "aws iam list-role-policies --role-name " + role.name
            );
        }
        const auto [rule, why] = what_is_odd(facts, role, grant);
        return wrong(
            rule,
            lacks + (why.empty() ? ": no statement allows it." : ". " + why),
            put_policy(facts, role, grants)
        );
    }
    return std::nullopt;
}

constexpr Rule kWebRules[] = {
    [](const LabFacts& f) { return role_of_function(f.web, kHandoutWebRole, f); },
    [](const LabFacts& f) { return exists(f.web.role); },
    [](const LabFacts& f) { return trusted(f.web.role); },
    [](const LabFacts& f) { return has_policy(f, f.web.role, grants_of_web); },
    [](const LabFacts& f) { return no_placeholder(f, f.web.role, grants_of_web); },
    [](const LabFacts& f) { return may_do_everything(f, f.web.role, grants_of_web); },
};

constexpr Rule kWorkerRules[] = {
    [](const LabFacts& f) { return role_of_function(f.worker, kHandoutWorkerRole, f); },
    [](const LabFacts& f) { return exists(f.worker.role); },
    [](const LabFacts& f) { return trusted(f.worker.role); },
    [](const LabFacts& f) { return has_policy(f, f.worker.role, grants_of_worker); },
    [](const LabFacts& f) { return no_placeholder(f, f.worker.role, grants_of_worker); },
    [](const LabFacts& f) { return may_do_everything(f, f.worker.role, grants_of_worker); },
};

} // namespace

std::span<const Rule> web_role_rules() {
    return kWebRules;
}

std::span<const Rule> worker_role_rules() {
    return kWorkerRules;
}

} // namespace benchtop::tutor
