// The forms in which a request names a function (Lambda API reference, FunctionName): a name, a
// name with a qualifier, ACCOUNT:function:NAME, or a whole ARN.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/service/operation.hpp"
#include "emulator/store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::lambda {

struct FunctionName {
    std::string account;
    std::string region;
    std::string name;
    std::string qualifier; // "" when none is given

    std::string arn() const {
        return "arn:aws:lambda:" + region + ":" + account + ":function:" + name;
    }

    // With the qualifier when there is one.
    std::string qualified_arn() const {
        return qualifier.empty() ? arn() : arn() + ":" + qualifier;
    }
};

// us-east-2, us-gov-west-1: as the pattern of function names has it.
bool is_region(std::string_view text);
// arn:PARTITION:SERVICE:[REGION]:[ACCOUNT]:ANYTHING
bool is_arn(std::string_view text);
// Digits only, as versions are; everything else that is no $LATEST is an alias.
bool is_version(std::string_view qualifier);

enum class NameUse { Create, Other };

// Of text `given` and the Qualifier parameter ("" for none). Refused: what is no name, a function
// of another region (404) or account (403), two qualifiers that differ.
Result<FunctionName> parse_function_name(
    const service::Call& call, std::string_view given, std::string_view qualifier, NameUse use
);
// Of the path's first label and ?Qualifier=.
Result<FunctionName> named_function(const service::Call& call);

// What the name means now: $LATEST, a version, or what an alias points to.
struct Found {
    store::Function function;
    std::optional<store::FunctionAlias> alias;
};

std::optional<Found> find(const store::ReadTx& tx, const FunctionName& name);
// 404 when it is not there.
Result<Found> require(const store::ReadTx& tx, const FunctionName& name);

// One permission on the function a request names, with the resource policy of what it names.
Result<std::vector<service::AccessRequest>>
access_to_function(const store::ReadTx& tx, const service::Call& call, std::string_view action);
// One permission on "*", as list operations ask for.
std::vector<service::AccessRequest>
access_to_all(const service::Call& call, std::string_view action);

} // namespace benchtop::lambda
