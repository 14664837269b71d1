#include "emulator/iam/aws_managed.hpp"

#include <array>

namespace benchtop::iam {
namespace {

struct Known {
    std::string_view path;
    std::string_view name;
    std::string_view policy_id;
    std::string_view version;
    std::int64_t created; // epoch seconds
    std::int64_t updated;
    std::string_view description;
    std::string_view document;
};

// AWS Managed Policy Reference Guide, one page a policy.
constexpr std::array kKnown{
    Known{
        "/",
        "AdministratorAccess",
        "ANPAIWMBCKSKIEE64ZLYK",
        "v1",
        1423247946, // 2015-02-06
        1423247946,
        "Provides full access to AWS services and resources.",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
    Known{
        "/",
        "AmazonS3FullAccess",
        "ANPAIFIR6V6BVTRAHWINE",
        "v2",
        1423247985,
        1632773160, // 2021-09-27
        "Provides full access to all buckets via the AWS Management Console.",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]})"},
    Known{
        "/",
        "AmazonS3ReadOnlyAccess",
        "ANPAIZTJ4DXE7G6AGAE6M",
        "v3",
        1423247987,
        1691664723, // 2023-08-10
        "Provides read only access to all buckets via the AWS Management Console.",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]})"},
    Known{
        "/service-role/",
        "AWSLambdaBasicExecutionRole",
        "ANPAJNCQGXC42545SKXIK",
        "v1",
        1428591013, // 2015-04-09
        1428591013,
        "Provides write permissions to CloudWatch Logs.",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})"},
    Known{
        "/",
        "IAMFullAccess",
        "ANPAI7XKCFMBPM3QQRRVQ",
        "v2",
        1423247958,
        1561146008, // 2019-06-21
        "Provides full access to IAM via the AWS Management Console.",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*","organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit","organizations:DescribePolicy","organizations:ListChildren","organizations:ListParents","organizations:ListPoliciesForTarget","organizations:ListRoots","organizations:ListPolicies","organizations:ListTargetsForPolicy"],"Resource":"*"}]})"},
};

ManagedPolicy policy_of(const Known& known) {
    ManagedPolicy policy;
    policy.account = "aws";
    policy.name = known.name;
    policy.path = known.path;
    policy.policy_id = known.policy_id;
    policy.description = known.description;
    policy.default_version = known.version;
    policy.created_at = from_epoch_seconds(known.created);
    policy.updated_at = from_epoch_seconds(known.updated);
    policy.versions = {
        {std::string(known.version), std::string(known.document), policy.updated_at}};
    return policy;
}

} // namespace

std::optional<ManagedPolicy> find_aws_managed(std::string_view arn) {
    if (!arn.starts_with("arn:aws:iam::aws:policy/")) {
        return std::nullopt;
    }
    for (const Known& known : kKnown) {
        ManagedPolicy policy = policy_of(known);
        if (policy.arn() == arn) {
            return policy;
        }
    }
    return std::nullopt;
}

std::vector<ManagedPolicy> list_aws_managed() {
    std::vector<ManagedPolicy> policies;
    for (const Known& known : kKnown) {
        policies.push_back(policy_of(known));
    }
    return policies;
}

} // namespace benchtop::iam
