// What the control plane refuses before it keeps anything. Lengths are those of the service's model
// (botocore's apigatewayv2/2018-11-29), counted in characters; where AWS's words are not known the
// messages are Benchtop's own.
#pragma once

#include "emulator/apigateway/model.hpp"
#include "emulator/core/result.hpp"

#include <boost/json/object.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::apigateway {

inline constexpr std::size_t kDescriptionMax = 1024;

AwsError bad_request(std::string_view message);
AwsError missing(std::string_view message);
AwsError conflicting(std::string_view message);
// A part that quick create made is changed through UpdateApi, or not at all.
AwsError managed_error(std::string_view what);

Result<void> check_length(std::string_view member, std::string_view text, std::size_t max);
Result<void> check_texts(
    std::string_view member,
    const std::vector<std::string>& texts,
    std::size_t count_max,
    std::size_t length_max
);
// At most 50, keys of 1..128 and values of up to 256 characters, none of AWS's own (Developer
// Guide, "Tag your API Gateway resources").
Result<void> check_tags(const std::vector<std::pair<std::string, std::string>>& tags);

// Members that cannot be honoured: an error when one of them says anything (not null, false or
// ""). `why` ends the message's sentence.
Result<void> refuse_members(
    const boost::json::object& object,
    std::initializer_list<std::string_view> members,
    std::string_view why
);

// "POST /presign", "ANY /{proxy+}", "$default"; an error when it is none of these.
Result<void> check_route_key(std::string_view key);
// Another route has the key, or one that differs in the names of variables only.
Result<void> check_route_is_new(const ApiModel& model, std::string_view key, std::string_view but);
// An integration as create and update must leave it.
Result<void> check_integration(const Integration& integration);
Result<void> check_cors(const CorsConfiguration& cors);

} // namespace benchtop::apigateway
