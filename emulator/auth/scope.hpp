// The credential scope and the Authorization header, taken apart.
#pragma once

#include <optional>
#include <string_view>

namespace benchtop::auth {

// Views into the text it was parsed from.
struct CredentialScope {
    std::string_view access_key_id; // everything before the last four fields, may hold '/'
    std::string_view date;          // "20130524"
    std::string_view region;
    std::string_view service;
    std::string_view terminal; // "aws4_request"
    std::string_view text;     // "20130524/us-east-1/s3/aws4_request"
};

// nullopt: fewer than five fields separated by '/'.
std::optional<CredentialScope> parse_credential(std::string_view credential);

// "us-east-2", "ap-southeast-1", "us-gov-west-1": letters in at least two groups, then a number.
// "aws-global" is none.
bool is_plausible_region(std::string_view region);

// The regions opened before 2014, which still take SigV2.
bool accepts_sigv2(std::string_view region);

} // namespace benchtop::auth
