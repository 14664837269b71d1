// A deployment as data: what a person would have clicked together in the console, every name and
// id decided. template.hpp makes it from a text, deploy.hpp puts it into the store.
#pragma once

#include "emulator/stack/constants.hpp"
#include "emulator/store/rows.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace benchtop::stack {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

// Where a part stands in its template; `order` is its turn, a part comes after what it refers to.
struct Origin {
    std::string logical_id;
    std::string type; // "AWS::IAM::Role"
    int line = 0;
    int order = 0;
};

struct RoleSpec {
    Origin origin;
    std::string name;
    std::string trust_policy;
    std::vector<store::InlinePolicy> policies;
    std::vector<std::string> managed_policy_arns;
    std::string path = "/";
    std::string description;
    std::string permissions_boundary; // ARN, "" for none
    std::optional<int> max_session_duration;
    NamedTexts tags;
};

struct UserSpec {
    Origin origin;
    std::string name;
    std::vector<store::InlinePolicy> policies;
    std::vector<std::string> managed_policy_arns;
    std::string path = "/";
    NamedTexts tags;
};

// AWS::IAM::ManagedPolicy, or AWS::IAM::Policy: an inline policy of several.
struct PolicySpec {
    Origin origin;
    bool managed = false;
    std::string name;
    std::string document;
    std::vector<std::string> roles; // names
    std::vector<std::string> users;
    std::string path = "/";
    std::string description;
};

// A function's code. Of the three kinds exactly one is there.
struct CodeSpec {
    std::string plugin; // name of a C++ plugin
    std::string zip;    // the archive's bytes
    std::string s3_bucket;
    std::string s3_key;
    std::string s3_version;
};

struct FunctionSpec {
    Origin origin;
    std::string name;
    std::string role_arn;
    std::string runtime;
    std::string handler;
    CodeSpec code;
    NamedTexts environment;
    std::string description;
    int timeout_s = 3;
    int memory_mb = 128;
    std::vector<std::string> architectures;
    std::optional<int> ephemeral_mb;
    std::optional<int> reserved_concurrency;
    NamedTexts tags;
};

// A statement of a function's resource policy, as AddPermission takes it.
struct PermissionSpec {
    Origin origin;
    std::string function; // name or ARN
    std::string statement_id;
    std::string action = "lambda:InvokeFunction";
    std::string principal;      // "s3.amazonaws.com"
    std::string source_arn;     // pattern; "" for none
    std::string source_account; // "" for none
};

// AWS::Lambda::EventInvokeConfig.
struct EventInvokeSpec {
    Origin origin;
    std::string function;
    std::string qualifier;
    boost::json::object settings; // as PutFunctionEventInvokeConfig takes them
};

// An HTTP API or one of its parts, with the settings as API Gateway's own operations take them.
struct ApiPartSpec {
    enum class Kind { Api, Authorizer, Integration, Route, Deployment, Stage };

    Origin origin;
    Kind kind = Kind::Api;
    std::string api_id;
    std::string id; // its own: an API's is api_id, a stage's its name
    boost::json::object settings;
};

// A bucket's notification to a function.
struct Trigger {
    std::string id;
    std::string function_arn;
    std::string event; // "s3:ObjectCreated:*"
    std::string prefix;
    std::string suffix; // "" for none
};

struct BucketSpec {
    Origin origin;
    std::string name;
    std::vector<std::string> folders; // keys of zero-byte objects, "uploads/"
    std::vector<Trigger> triggers;
    std::string versioning; // "Enabled", "Suspended" or ""
    std::string cors;       // PutBucketCors's document, or ""
    NamedTexts tags;
};

struct BucketPolicySpec {
    Origin origin;
    std::string bucket;
    std::string document;
};

struct Output {
    std::string name;
    std::string value;
    std::string description;
};

struct Stack {
    std::string name;
    std::string account;
    std::string region;
    std::vector<RoleSpec> roles;
    std::vector<UserSpec> users;
    std::vector<PolicySpec> policies;
    std::vector<FunctionSpec> functions;
    std::vector<PermissionSpec> permissions;
    std::vector<EventInvokeSpec> event_invokes;
    std::vector<ApiPartSpec> api_parts;
    std::vector<BucketSpec> buckets;
    std::vector<BucketPolicySpec> bucket_policies;
    std::vector<Output> outputs;

    // The id of the API written first; "" when there is none.
    std::string first_api() const;
};

struct LabNames {
    std::string account{kLabAccount};
    std::string region{kLabRegion};
    std::string bucket{kLabBucket};
    std::string api_id{kLabApiId};
};

// The lab of the handout, from fixtures/stacks/lab.yaml: web function behind POST /presign, worker
// behind the bucket's trigger.
Stack lab_stack(const LabNames& names = {});
// The template itself.
std::string_view lab_template();

} // namespace benchtop::stack
