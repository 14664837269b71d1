// The policy of a POST form: what may be uploaded by it, and until when ("POST policy", Amazon S3
// API Reference). Conditions are JSON; a refusal repeats them as the policy writes them. Texts of
// refusals are S3's, from recordings and public threads.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/core/time.hpp"
#include "emulator/s3/object_body.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::s3 {

struct PostCondition {
    enum class Kind { Equals, StartsWith } kind = Kind::Equals;
    std::string field; // lower-case, without "$"; "" when it lacks one and so never holds
    std::string value;
    std::string text; // as a refusal shows it
};

struct PostPolicy {
    UtcInstant expiration{}; // of the clock of whoever made it
    std::vector<PostCondition> conditions;
    SizeRange size{0, kPutBytesMax};
};

// `encoded` is the policy field: base64 of JSON. Errors: InvalidPolicyDocument; AccessDenied for a
// content-length-range of other text than numbers.
Result<PostPolicy> parse_post_policy(std::string_view encoded);

// A form's field by its lower-case name; nullopt: it has none.
using FieldLookup = std::function<std::optional<std::string_view>(std::string_view name)>;

// Errors: AccessDenied. `sent` are the names of the form's fields, in their order.
Result<void> check_post_conditions(
    const PostPolicy& policy, const FieldLookup& field, const std::vector<std::string>& sent
);

} // namespace benchtop::s3
