#include "emulator/policy/principal.hpp"

#include "emulator/policy/pattern.hpp"

#include <algorithm>
#include <array>

namespace benchtop::policy {
namespace {

bool is_account(std::string_view text) {
    return text.size() == 12 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_unique_id(std::string_view text) {
    return text.size() == 21 && (text.starts_with("AIDA") || text.starts_with("AROA")) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
           });
}

// The part before the first dot of NAME.amazonaws.com or NAME.REGION.amazonaws.com.
constexpr std::array<std::string_view, 62> known_services = {
    "account",
    "amplify",
    "apigateway",
    "apprunner",
    "appsync",
    "athena",
    "autoscaling",
    "backup",
    "batch",
    "bedrock",
    "billing",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "codebuild",
    "codecommit",
    "codedeploy",
    "codepipeline",
    "cognito-idp",
    "config",
    "databrew",
    "datasync",
    "delivery",
    "dms",
    "ds",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "ecs-tasks",
    "edgelambda",
    "eks",
    "elasticbeanstalk",
    "elasticloadbalancing",
    "elasticmapreduce",
    "es",
    "events",
    "firehose",
    "glue",
    "guardduty",
    "inspector",
    "iot",
    "kinesis",
    "kms",
    "lambda",
    "lex",
    "logging",
    "logs",
    "mediaconvert",
    "opsworks",
    "pipes",
    "rds",
    "redshift",
    "s3",
    "sagemaker",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "states",
};

PrincipalMatch match_arn(std::string_view pattern, const Principal& principal) {
    if (pattern == principal.arn) {
        return PrincipalMatch::Direct;
    }
    if (principal.kind == Principal::Kind::AssumedRole && pattern == principal.role_arn) {
        return PrincipalMatch::Role;
    }
    return PrincipalMatch::No;
}

} // namespace

bool is_known_service(std::string_view name) {
    constexpr std::string_view suffix = ".amazonaws.com";
    if (!name.ends_with(suffix)) {
        return false;
    }
    const std::string_view label = name.substr(0, name.find('.'));
    return std::find(known_services.begin(), known_services.end(), label) != known_services.end();
}

std::optional<PrincipalPattern> PrincipalPattern::parse_aws(std::string_view text) {
    if (text == "*") {
        return PrincipalPattern{Kind::Everyone, {}};
    }
    if (is_account(text)) {
        return PrincipalPattern{Kind::Account, std::string(text)};
    }
    if (is_unique_id(text)) {
        return PrincipalPattern{Kind::UniqueId, std::string(text)};
    }
    const auto parts = split_arn(text);
    if (!parts || (*parts)[0] != "arn" || !(*parts)[1].starts_with("aws") ||
        ((*parts)[2] != "iam" && (*parts)[2] != "sts") || !(*parts)[3].empty() ||
        !is_account((*parts)[4])) {
        return std::nullopt;
    }
    const std::string_view resource = (*parts)[5];
    if (resource == "root") {
        return PrincipalPattern{Kind::Account, std::string((*parts)[4])};
    }
    const auto slash = resource.find('/');
    const std::string_view type = resource.substr(0, slash);
    if (slash == std::string_view::npos || slash + 1 == resource.size() ||
        resource.find_first_of("*?") != std::string_view::npos ||
        (type != "user" && type != "role" && type != "assumed-role" && type != "federated-user")) {
        return std::nullopt;
    }
    return PrincipalPattern{Kind::Arn, std::string(text)};
}

PrincipalMatch PrincipalPattern::matches(const Principal& principal) const {
    switch (kind) {
    case Kind::Everyone:
        return PrincipalMatch::Everyone;
    case Kind::Account:
        if (value != principal.account) {
            return PrincipalMatch::No;
        }
        return principal.kind == Principal::Kind::Root ? PrincipalMatch::Direct
                                                       : PrincipalMatch::Account;
    case Kind::Arn:
        return match_arn(value, principal);
    case Kind::UniqueId: {
        const std::string_view id = principal.user_id;
        if (id == value) {
            return PrincipalMatch::Direct;
        }
        return principal.kind == Principal::Kind::AssumedRole && id.substr(0, id.find(':')) == value
                   ? PrincipalMatch::Role
                   : PrincipalMatch::No;
    }
    case Kind::Service:
        return principal.kind == Principal::Kind::Service && value == principal.service
                   ? PrincipalMatch::Direct
                   : PrincipalMatch::No;
    case Kind::Other:
        break;
    }
    return PrincipalMatch::No;
}

} // namespace benchtop::policy
