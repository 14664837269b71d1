// The ways in which a good request is broken, each with the mistake that has to be named.
#pragma once

#include "tests/unit/explain/recorded_requests.hpp"

#include <string_view>
#include <vector>

namespace recorded {

struct Mutation {
    std::string_view what;
    std::string_view mistake; // that explain has to name
    void (*apply)(Case& one);
};

// Of requests signed in the Authorization header.
const std::vector<Mutation>& header_mutations();
// Of presigned URLs.
const std::vector<Mutation>& url_mutations();

} // namespace recorded
