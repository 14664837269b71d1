// One function per type of resource: properties to a part of the Stack. Refusals are thrown.
#pragma once

#include "emulator/stack/evaluator.hpp"
#include "emulator/stack/properties.hpp"

namespace benchtop::stack {

// What a reader is given; `properties` are evaluated.
struct Reading {
    Evaluator& evaluator;
    const Resource& resource;
    Properties& properties;
    Origin origin;
    Stack& stack;

    // A member of Metadata.Benchtop: a text, or "" when absent.
    std::string metadata(std::string_view name) const;
    std::vector<std::string> metadata_list(std::string_view name) const;
};

using ReadResource = void (*)(Reading&);

void read_bucket(Reading& reading);
void read_bucket_policy(Reading& reading);
void read_role(Reading& reading);
void read_user(Reading& reading);
void read_policy(Reading& reading); // AWS::IAM::Policy, AWS::IAM::ManagedPolicy
void read_function(Reading& reading);
void read_permission(Reading& reading);
void read_event_invoke_config(Reading& reading);
void read_api_part(Reading& reading); // AWS::ApiGatewayV2::*

} // namespace benchtop::stack
