// A template of AWS SAM or CloudFormation, read into a Stack. Pure: no file, no store.
//
// What Benchtop does not build is refused with its line, resource and property; nothing is left out
// silently. Sections: Description, Metadata, Transform (AWS::Serverless-2016-10-31), Globals
// (Function), Parameters, Resources, Outputs. Functions: Ref, Fn::GetAtt, Fn::Sub, Fn::Join, and
// the pseudo parameters AccountId, Region, Partition, StackName, URLSuffix.
//
// CloudFormation makes names up at random where a template gives none. Here the random part is
// drawn from the names of stack, account, region and resource: the same file gives the same names,
// so that a restart finds what it deployed.
//
// What no template of AWS can say stands in a resource's Metadata, which AWS ignores:
//     Benchtop: Plugin          function: the C++ handler that runs instead of the code
//               Id              API, integration, route, deployment, authorizer: its id;
//                               permission: its statement's id
//               Folders         bucket: keys of empty objects ("uploads/")
//               NotificationIds bucket: the ids of its Lambda configurations, in their order
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/stack/stack.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace benchtop::stack {

// The zip of what a CodeUri names: a directory or an archive beside the template. The error is a
// sentence.
using ReadCode = std::function<Result<std::string>(std::string_view path)>;

struct TemplateInput {
    std::string stack_name{"lab"};
    std::string account{kLabAccount};
    std::string region{kLabRegion};
    NamedTexts parameters;
    ReadCode read_code; // empty: no local code can be had, and a function that asks for it has none
};

// Errors: 400 ValidationError "line 12: resource Worker, property Timeout: ...".
Result<Stack> read_template(std::string_view text, const TemplateInput& input);

} // namespace benchtop::stack
