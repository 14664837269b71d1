// Small readers of texts that several hints share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::tutor {

bool contains(std::string_view text, std::string_view part);
bool starts_with(std::string_view text, std::string_view prefix);
bool ends_with(std::string_view text, std::string_view suffix);

// "User: ARN is not authorized to perform: ACTION on resource: "RESOURCE" because ..."
struct Denial {
    std::string caller;
    std::string action;
    std::string resource;
    bool explicit_deny = false;
};

// nullopt: no such sentence in `message`. Quotes may be backslashed, as inside JSON.
std::optional<Denial> parse_denial(std::string_view message);

// "lambda-worker-role" of an assumed role's ARN, the user's name of a user's; "" of others.
std::string principal_name(std::string_view caller_arn);

// The statement a policy lacks, as a line of JSON.
std::string missing_statement(const Denial& denial);

} // namespace benchtop::tutor
