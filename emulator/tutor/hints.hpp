// What a teacher looking over the shoulder would say: AWS's answers stay AWS's, and a hint goes to
// the terminal of whoever runs the bench. Pure functions of what was observed; nullopt for ordinary
// requests and for mistakes that are not known.
#pragma once

#include "emulator/apigateway/gateway.hpp"
#include "emulator/core/error.hpp"
#include "emulator/core/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace benchtop::tutor {

struct Hint {
    std::string mistake; // short name, stable: "query-string-missing"
    std::string cause;   // one sentence
    std::string fix;     // one sentence
};

// "cause Fix: fix", one line.
std::string to_line(const Hint& hint);

// An answer of S3's. Views outlive the call.
struct S3Observation {
    const RequestHead& head;
    int status = 200;
    const AwsError* error = nullptr; // nullptr for a success
    std::string_view bucket;
    std::string_view key; // decoded
    // Where the object is, when `key` is gone but its file name was found elsewhere in the bucket
    // ("processed/x.txt"); for a copy, the same of its source. "" when nothing was found.
    std::string_view found_at;
};

std::optional<Hint> hint_for(const S3Observation& seen);

// An answer of an HTTP API's.
struct ApiObservation {
    const RequestHead& head;
    int status = 200;
    std::optional<apigateway::Miss> miss; // of a 404
    std::string_view suggestion;          // see apigateway::Routing
    apigateway::Fault fault = apigateway::Fault::None;
    std::string_view function_arn; // of the integration, "" when none
    std::string_view source_arn;   // that the function's policy was asked about
};

std::optional<Hint> hint_for(const ApiObservation& seen);

// Any stage and method of the route a source ARN names: what the console grants.
std::string permission_pattern(std::string_view source_arn);

// An object event and what became of it.
struct EventObservation {
    std::string_view key;          // decoded
    std::string_view event_name;   // "ObjectCreated:Put"
    std::string_view function_arn; // "" when no rule matched
    // Filter of the rule that matched; when none matched, of the bucket's one rule for this kind of
    // event ("" and has_rule false when there is none).
    bool has_rule = false;
    std::string_view rule_prefix;
    std::string_view rule_suffix;
    std::string_view error;   // error document of the function's last attempt, "" when it succeeded
    bool source_gone = false; // the object no longer exists
    bool by_function = false; // the object was made by the very function that hears of it
};

std::optional<Hint> hint_for(const EventObservation& seen);

} // namespace benchtop::tutor
