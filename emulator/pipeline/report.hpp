// What the person at the emulator's terminal reads about a request: one line for a refusal, and one
// with the fix when it is one of the documented mistakes (tutor/).
#pragma once

#include "emulator/apigateway/gateway.hpp"
#include "emulator/core/error.hpp"
#include "emulator/core/http.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/pipeline/authorizer.hpp"
#include "emulator/pipeline/services.hpp"
#include "emulator/s3/target.hpp"
#include "emulator/store/rows.hpp"

#include <string_view>

namespace benchtop::pipeline {

struct S3Report {
    const RequestHead& head;
    const s3::Target& target;
    std::string_view operation; // "" before routing
    int status;
    const AwsError* error; // null for a success
    const RequestIds& ids;
    const RequestAuthorizer* authorizer; // null before authentication
    const store::Bucket* bucket;         // null when there is none
    // What a signature was held against; null and false where none is looked at.
    const std::optional<std::string>* expected_region = nullptr;
    bool accepts_body = false;
};

struct ApiReport {
    const RequestHead& head;
    std::string_view path;
    std::string_view request_id; // Apigw-Requestid
    int status;
    std::optional<apigateway::Miss> miss; // of a 404
    std::string_view suggestion;
    apigateway::Fault fault;
    std::string_view cause;
    std::string_view function_arn; // of the integration, "" when none
    std::string_view source_arn;   // that the function's policy was asked about
    // Of a route that asks for a signature: the digest of the body it was held against.
    const std::optional<std::string>* signed_body = nullptr;
};

void report_api(Services& services, const ApiReport& report);
void report_s3(Services& services, const S3Report& report);

} // namespace benchtop::pipeline
