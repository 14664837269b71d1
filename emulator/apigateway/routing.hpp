// Which stage and route a request means (API Gateway Developer Guide, "Create routes for HTTP
// APIs": full match, greedy variable, $default). Pure; works on the raw path.
#pragma once

#include "emulator/apigateway/model.hpp"

namespace benchtop::apigateway {

// Why nothing matched. AWS answers all of these with the same 404; the tutor tells them apart.
enum class Miss {
    NoStage,        // the first segment names no stage and there is no $default stage
    StageRoot,      // "/prod" or "/prod/", and no route "/"
    MethodMismatch, // the path exists, under another method
    TrailingSlash,  // would match without its last '/'
    LetterCase,     // would match in another case
    NotDeployed,    // the route exists but the stage's deployment is older
    NoRoute,
    EndpointDisabled,
};

// "stage-root", "method-mismatch"...: for logs and hints.
std::string_view miss_name(Miss miss);

// Pointers reach into the ApiModel that was searched.
struct Match {
    const Stage* stage = nullptr;
    const Route* route = nullptr;
    const Integration* integration = nullptr; // nullptr: the route's target does not exist
    // Decoded; a greedy variable's value has no leading slash.
    std::vector<std::pair<std::string, std::string>> path_parameters;
};

struct Routing {
    std::optional<Match> match;
    Miss miss = Miss::NoRoute; // when there is no match
    // A request that would have matched, e.g. "POST /prod/presign"; "" when none is near.
    std::string suggestion;
    const Stage* stage = nullptr; // the stage chosen, also without a match
};

// `path` is raw (still percent-encoded), begins with '/' and still has its stage segment.
Routing route(const ApiModel& model, std::string_view method, std::string_view path);

} // namespace benchtop::apigateway
