// The sections of a template, taken apart but not yet evaluated. SAM's resources are already
// replaced by those they stand for (sam.cpp). Refusals are thrown.
#pragma once

#include "emulator/stack/node.hpp"
#include "emulator/stack/template.hpp"

#include <string>
#include <vector>

namespace benchtop::stack {

// "Understand CloudFormation quotas", User Guide; those that SAM makes are counted too.
inline constexpr std::size_t kResourcesMax = 500;

struct Resource {
    std::string logical_id;
    std::string type;
    int line = 0;
    Node properties;
    Node metadata; // its member Benchtop; Null: none
    std::vector<std::string> depends_on;
};

struct Sections {
    std::vector<std::pair<std::string, std::string>> parameters; // with their values
    std::vector<Resource> resources;
    Node outputs;
};

Sections take_apart(const Node& root, const TemplateInput& input);

// Replaces AWS::Serverless::* by what SAM makes of them ("Generated CloudFormation resources", AWS
// SAM Developer Guide), with SAM's logical ids.
void expand_serverless(std::vector<Resource>& resources, const Node* globals);

// Sorts so that each resource comes after those it refers to. Between resources that AWS would
// begin at the same time a bucket comes first: what works on AWS only by luck fails here always.
void put_in_order(std::vector<Resource>& resources);

} // namespace benchtop::stack
