// A deployment as data: what a person would have clicked together in the console.
#pragma once

#include "emulator/apigateway/model.hpp"
#include "emulator/stack/constants.hpp"
#include "emulator/store/rows.hpp"

#include <string>
#include <utility>
#include <vector>

namespace benchtop::stack {

struct RoleSpec {
    std::string name;
    std::string trust_policy;
    std::vector<store::InlinePolicy> policies;
};

// One statement of a function's resource policy, as add-permission takes it.
struct Permission {
    std::string statement_id;
    std::string service;        // "s3.amazonaws.com"
    std::string source_arn;     // pattern; "" for none
    std::string source_account; // "" for none
};

struct FunctionSpec {
    std::string name;
    std::string role; // name
    std::string runtime;
    std::string handler;
    std::string plugin; // name of the C++ plugin
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<Permission> permissions;
};

struct ApiSpec {
    std::string id;
    std::string name;
    apigateway::ApiModel model;
};

// A bucket's notification to a function.
struct Trigger {
    std::string id;
    std::string function_arn;
    std::string event; // "s3:ObjectCreated:*"
    std::string prefix;
    std::string suffix; // "" for none
};

struct UserSpec {
    std::string name;
    std::vector<store::InlinePolicy> policies;
    std::string access_key_id;
    std::string secret;
};

struct Stack {
    std::string account;
    std::string region;
    std::string bucket;
    std::vector<std::string> folders; // keys of zero-byte objects, "uploads/"
    std::vector<RoleSpec> roles;
    std::vector<FunctionSpec> functions;
    ApiSpec api;
    Trigger trigger;
    UserSpec administrator;
};

struct LabNames {
    std::string account{kLabAccount};
    std::string region{kLabRegion};
    std::string bucket{kLabBucket};
    std::string api_id{kLabApiId};
};

// The lab of the handout: web function behind POST /presign, worker behind the bucket's trigger.
Stack lab_stack(const LabNames& names = {});

// The resource policy Lambda keeps after these add-permission calls; "" for none.
std::string resource_policy(std::string_view function_arn, const std::vector<Permission>& granted);

} // namespace benchtop::stack
