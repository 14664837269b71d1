// What a test expects of an answer, in the words AWS answers with.
//
//     CHECK(lab.put(url, "x") == refused("Request has expired"));
//     CHECK(lab.put(url, "x") == refused(403, "AccessDenied"));
//     CHECK(student.get_object(bucket, key) == answered(200));
#pragma once

#include "harness/messages.hpp"

#include <iosfwd>
#include <string>
#include <string_view>

namespace benchtop::harness {

// Code and message of an error answer, whatever the protocol: S3's and IAM's XML, the JSON of
// Lambda, CloudWatch Logs and API Gateway. "" where the answer has none.
struct WireError {
    std::string code;
    std::string message;
};

WireError wire_error(const ClientResponse& answer);

struct Refusal {
    int status = 0;  // 0: any from 400 on
    std::string how; // AWS's whole code or whole message
};

Refusal refused(std::string_view code_or_message);
Refusal refused(int status, std::string_view code_or_message);

struct Answered {
    int status = 200;
};

// With exactly this status.
Answered answered(int status);

bool operator==(const ClientResponse& answer, const Refusal& expected);
bool operator==(const ClientResponse& answer, const Answered& expected);

// For a test's report: status, code, message, then the first of the bytes.
std::ostream& operator<<(std::ostream& out, const ClientResponse& answer);
std::ostream& operator<<(std::ostream& out, const Refusal& expected);
std::ostream& operator<<(std::ostream& out, const Answered& expected);

} // namespace benchtop::harness
