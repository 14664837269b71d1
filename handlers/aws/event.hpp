// The events and answers of the lab, as far as a handler reads or writes them. Input is bounded: 6
// MB (the host), 64 levels of nesting; members not named here are ignored.
#pragma once

#include "handlers/aws/error.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace handlers::aws {

// One record of an S3 notification ("Event message structure", S3 User Guide).
struct S3EventRecord {
    std::string event_name; // "ObjectCreated:Put"
    std::string event_time;
    std::string aws_region;
    std::string bucket;
    std::string encoded_key; // form-encoded, as it arrives
    std::optional<std::uint64_t> size_bytes;
    std::string etag;
    std::string version_id;
    std::string sequencer;

    // The key itself: plus signs are spaces, %XX bytes.
    std::string key() const;
};

struct S3Event {
    std::vector<S3EventRecord> records;

    // Errors: Runtime.UnmarshalError (no JSON); KeyError and TypeError as a Python handler meets
    // them when it looks for Records, s3, bucket, name, object, key. Checked for the whole event
    // before anything is done.
    static Outcome<S3Event> parse(std::string_view json);
};

// Payload format 2.0 of an HTTP API.
struct ApiGatewayV2Request {
    std::string route_key;
    std::string raw_path;
    std::string raw_query_string;
    std::map<std::string, std::string> headers; // lower-case names
    std::string method;
    std::string source_ip;
    std::string stage;
    std::string request_id;
    std::string body; // as it arrives
    bool is_base64_encoded = false;

    // Every member may be missing (a console test event is any JSON); only text that is no JSON is
    // an error.
    static Outcome<ApiGatewayV2Request> parse(std::string_view json);
};

struct ApiGatewayV2Response {
    int status_code = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    // {"statusCode": 200, "headers": {...}, "body": "..."}, spaced as Python's json.dumps.
    std::string to_json() const;
};

} // namespace handlers::aws
