#include "emulator/tutor/hint_texts.hpp"
#include "emulator/tutor/hints.hpp"

namespace benchtop::tutor {
namespace {

using apigateway::Fault;
using apigateway::Miss;

std::string call(std::string_view suggestion) {
    return suggestion.empty() ? std::string("add the route or correct the path.")
                              : "call " + std::string(suggestion) + ".";
}

Hint hint_for_miss(const ApiObservation& seen, Miss miss) {
    const std::string path(seen.head.path());
    switch (miss) {
    case Miss::StageRoot:
        return {
            "stage-root",
            path + " is only the stage; no route answers there.",
            call(seen.suggestion)};
    case Miss::MethodMismatch:
        return {
            "wrong-method",
            "The path exists, but not with " + seen.head.method +
                " (an HTTP API says 404, never 405).",
            seen.suggestion.empty()
                ? call(seen.suggestion)
                : "call " + std::string(seen.suggestion) + ", with curl: -X " +
                      std::string(seen.suggestion.substr(0, seen.suggestion.find(' '))) + "."};
    case Miss::NoStage:
        return {
            "stage-missing",
            "The first part of " + path + " names no stage, and the API has no $default stage.",
            call(seen.suggestion)};
    case Miss::TrailingSlash:
        return {
            "trailing-slash",
            "A trailing slash makes another path for an HTTP API.",
            call(seen.suggestion)};
    case Miss::LetterCase:
        return {
            "letter-case",
            "Paths are compared letter by letter, capitals included.",
            call(seen.suggestion)};
    case Miss::NotDeployed:
        return {
            "not-deployed",
            "The route exists, but the stage still serves an older deployment.",
            "create a deployment for the stage, or turn auto-deploy on."};
    case Miss::EndpointDisabled:
        return {
            "endpoint-disabled",
            "The API's execute-api endpoint is disabled.",
            "set disableExecuteApiEndpoint to false."};
    case Miss::NoRoute:
        break;
    }
    return {"route-missing", "The stage has no route for " + path + ".", call(seen.suggestion)};
}

// "web-presign-lambda" of an ARN.
std::string function_name(std::string_view arn) {
    return std::string(arn.substr(arn.rfind(':') + 1));
}

std::optional<Hint> hint_for_fault(const ApiObservation& seen) {
    const std::string name = function_name(seen.function_arn);
    switch (seen.fault) {
    case Fault::NotPermitted:
        return Hint{
            "api-permission-missing",
            "The resource policy of " + name + " does not let this API invoke it.",
            "aws lambda add-permission --function-name " + name +
                " --statement-id apigateway --action lambda:InvokeFunction --principal "
                "apigateway.amazonaws.com --source-arn '" +
                permission_pattern(seen.source_arn) + "'"};
    case Fault::FunctionMissing:
    case Fault::BadIntegration:
        return Hint{
            "integration-broken",
            "The route's integration leads to no function.",
            "set the integration's URI to the ARN of an existing function."};
    case Fault::FunctionFailed:
        return Hint{
            "function-failed",
            name + " raised an error or ran into its own timeout; the client sees only the 500.",
            "read the function's log."};
    case Fault::MalformedAnswer:
        return Hint{
            "answer-malformed",
            name + " returned an answer API Gateway cannot use: statusCode must be a number, body "
                   "a text.",
            "return {\"statusCode\": 200, \"body\": json.dumps(...)}."};
    case Fault::TimedOut:
        return Hint{
            "integration-timeout",
            name + " did not answer within the integration's timeout (30 seconds at most).",
            "make the function faster, or do the work in the background."};
    case Fault::Unauthorized: // the report's cause says why
    case Fault::None:
    case Fault::TooLarge:
    case Fault::Throttled:
    case Fault::ServiceError:
        break;
    }
    return std::nullopt;
}

} // namespace

std::string permission_pattern(std::string_view source_arn) {
    const auto stage = source_arn.find('/');
    const auto method = source_arn.find('/', stage + 1);
    const auto path = source_arn.find('/', method + 1);
    if (stage == std::string_view::npos || method == std::string_view::npos) {
        return std::string(source_arn);
    }
    const std::string api(source_arn.substr(0, stage));
    return path == std::string_view::npos ? api + "/*" + std::string(source_arn.substr(method))
                                          : api + "/*/*" + std::string(source_arn.substr(path));
}

std::optional<Hint> hint_for(const ApiObservation& seen) {
    if (seen.miss && seen.status == 404) {
        return hint_for_miss(seen, *seen.miss);
    }
    return seen.status >= 500 ? hint_for_fault(seen) : std::nullopt;
}

} // namespace benchtop::tutor
