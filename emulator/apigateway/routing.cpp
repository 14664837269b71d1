#include "emulator/apigateway/routing.hpp"

#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <tuple>

namespace benchtop::apigateway {
namespace {

// More segments than this match no route (a route key has at most a few dozen).
constexpr std::size_t kSegmentsMax = 512;

enum class CaseRule { Exact, Ignore };

std::vector<std::string_view> split_path(std::string_view path) {
    std::vector<std::string_view> out;
    if (!path.empty() && path.front() == '/') {
        path.remove_prefix(1);
    }
    while (out.size() < kSegmentsMax) {
        const auto slash = path.find('/');
        out.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) {
            return out;
        }
        path.remove_prefix(slash + 1);
    }
    out.clear();
    return out;
}

std::string decoded(std::string_view text) {
    return percent_decode(text, PlusRule::Literal).value_or(std::string(text));
}

struct RouteKey {
    std::string_view method;
    std::string_view path;
};

RouteKey split_key(std::string_view key) {
    const auto space = key.find(' ');
    return space == std::string_view::npos ? RouteKey{}
                                           : RouteKey{key.substr(0, space), key.substr(space + 1)};
}

bool is_variable(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool is_greedy(std::string_view segment) {
    return is_variable(segment) && segment[segment.size() - 2] == '+';
}

struct PathMatch {
    bool greedy = false;
    std::vector<bool> literals; // per pattern segment
    std::vector<std::pair<std::string, std::string>> parameters;

    std::ptrdiff_t literal_count() const {
        return std::count(literals.begin(), literals.end(), true);
    }
};

bool same_literal(std::string_view pattern, const std::string& segment, CaseRule rule) {
    return rule == CaseRule::Exact ? segment == pattern : iequals(segment, pattern);
}

std::optional<PathMatch>
match_path(std::string_view pattern, const std::vector<std::string_view>& segments, CaseRule rule) {
    const auto wanted = split_path(pattern);
    PathMatch out;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i >= segments.size()) {
            return std::nullopt;
        }
        const std::string_view name =
            is_variable(wanted[i]) ? wanted[i].substr(1, wanted[i].size() - 2) : std::string_view{};
        if (is_greedy(wanted[i])) {
            // One or more segments, not zero: "/" has one segment, the empty one.
            if (i + 1 != wanted.size() || segments[i].empty()) {
                return std::nullopt;
            }
            const char* const begin = segments[i].data();
            const auto& last = segments.back();
            const auto length = static_cast<std::size_t>(last.data() + last.size() - begin);
            out.parameters.emplace_back(
                name.substr(0, name.size() - 1), decoded(std::string_view(begin, length))
            );
            out.literals.push_back(false);
            out.greedy = true;
            return out;
        }
        if (is_variable(wanted[i])) {
            if (segments[i].empty()) {
                return std::nullopt;
            }
            out.parameters.emplace_back(name, decoded(segments[i]));
            out.literals.push_back(false);
            continue;
        }
        if (!same_literal(wanted[i], decoded(segments[i]), rule)) {
            return std::nullopt;
        }
        out.literals.push_back(true);
    }
    if (wanted.size() != segments.size()) {
        return std::nullopt;
    }
    return out;
}

// Larger is more specific.
std::tuple<bool, std::ptrdiff_t, std::vector<bool>, bool>
rank(const PathMatch& match, std::string_view method) {
    return {!match.greedy, match.literal_count(), match.literals, method != "ANY"};
}

struct Best {
    const Route* route = nullptr;
    PathMatch match;
};

Best best_route(
    const Snapshot& snapshot, std::string_view method, std::string_view path, CaseRule rule
) {
    const auto segments = split_path(path);
    Best best;
    const Route* fallback = nullptr;
    for (const auto& candidate : snapshot.routes) {
        if (candidate.key == "$default") {
            fallback = &candidate;
            continue;
        }
        const RouteKey key = split_key(candidate.key);
        if (key.method != method && key.method != "ANY") {
            continue;
        }
        auto match = match_path(key.path, segments, rule);
        if (match &&
            (best.route == nullptr ||
             rank(*match, key.method) > rank(best.match, split_key(best.route->key).method))) {
            best = {&candidate, *std::move(match)};
        }
    }
    if (best.route == nullptr) {
        best.route = fallback;
    }
    return best;
}

const Stage* find_stage(const ApiModel& model, std::string_view name) {
    for (const auto& stage : model.stages) {
        if (stage.name == name) {
            return &stage;
        }
    }
    return nullptr;
}

const Integration* find_integration(const Snapshot& snapshot, std::string_view target) {
    constexpr std::string_view prefix = "integrations/";
    if (target.substr(0, prefix.size()) != prefix) {
        return nullptr;
    }
    for (const auto& integration : snapshot.integrations) {
        if (integration.id == target.substr(prefix.size())) {
            return &integration;
        }
    }
    return nullptr;
}

// "POST /prod/presign" for the route "POST /presign" in stage prod.
std::string request_line(const Stage& stage, std::string_view method, std::string_view path) {
    const std::string prefix = stage.name == "$default" ? "" : "/" + stage.name;
    return std::string(method == "ANY" ? "POST" : method) + ' ' + prefix + std::string(path);
}

std::string first_route(const Stage& stage) {
    for (const auto& candidate : stage.deployed.routes) {
        const RouteKey key = split_key(candidate.key);
        if (!key.path.empty()) {
            return request_line(stage, key.method, key.path);
        }
    }
    return {};
}

Routing
explain_without_stage(const ApiModel& model, std::string_view method, std::string_view path) {
    Routing out;
    out.miss = Miss::NoStage;
    for (const auto& stage : model.stages) {
        // "/presign" or "/dev/presign": with the right stage it may be a route of its own.
        const auto second = path.find('/', 1);
        for (const std::string_view rest :
             {path, second == std::string_view::npos ? std::string_view{} : path.substr(second)}) {
            if (!rest.empty() &&
                best_route(stage.deployed, method, rest, CaseRule::Exact).route != nullptr) {
                out.suggestion = request_line(stage, method, rest);
                return out;
            }
        }
    }
    if (!model.stages.empty()) {
        out.suggestion = first_route(model.stages.front());
    }
    return out;
}

void explain(Routing& out, const ApiModel& model, std::string_view method, std::string_view rest) {
    const Stage& stage = *out.stage;
    if (rest == "/" && stage.name != "$default") {
        out.miss = Miss::StageRoot;
        out.suggestion = first_route(stage);
        return;
    }
    const auto segments = split_path(rest);
    for (const auto& candidate : stage.deployed.routes) {
        const RouteKey key = split_key(candidate.key);
        if (!key.path.empty() && match_path(key.path, segments, CaseRule::Exact)) {
            out.miss = Miss::MethodMismatch;
            out.suggestion = request_line(stage, key.method, rest);
            return;
        }
    }
    if (rest.size() > 1 && rest.back() == '/') {
        const std::string_view shorter = rest.substr(0, rest.size() - 1);
        if (best_route(stage.deployed, method, shorter, CaseRule::Exact).route != nullptr) {
            out.miss = Miss::TrailingSlash;
            out.suggestion = request_line(stage, method, shorter);
            return;
        }
    }
    if (const Best best = best_route(stage.deployed, method, rest, CaseRule::Ignore);
        best.route != nullptr) {
        out.miss = Miss::LetterCase;
        out.suggestion = request_line(stage, method, split_key(best.route->key).path);
        return;
    }
    if (best_route(model.current, method, rest, CaseRule::Exact).route != nullptr) {
        out.miss = Miss::NotDeployed;
        return;
    }
    out.miss = Miss::NoRoute;
    out.suggestion = first_route(stage);
}

} // namespace

std::string_view miss_name(Miss miss) {
    switch (miss) {
    case Miss::NoStage:
        return "no-stage";
    case Miss::StageRoot:
        return "stage-root";
    case Miss::MethodMismatch:
        return "method-mismatch";
    case Miss::TrailingSlash:
        return "trailing-slash";
    case Miss::LetterCase:
        return "letter-case";
    case Miss::NotDeployed:
        return "not-deployed";
    case Miss::NoRoute:
        return "no-route";
    case Miss::EndpointDisabled:
        return "endpoint-disabled";
    }
    return "no-route";
}

Routing route(const ApiModel& model, std::string_view method, std::string_view path) {
    const auto second = path.find('/', 1);
    const std::string_view first =
        path.size() > 1 ? path.substr(1, second == std::string_view::npos ? second : second - 1)
                        : std::string_view{};
    Routing out;
    std::string_view rest = path;
    if (first != "$default") {
        out.stage = find_stage(model, first);
    }
    if (out.stage != nullptr) {
        rest = second == std::string_view::npos ? std::string_view("/") : path.substr(second);
    } else {
        out.stage = find_stage(model, "$default");
    }
    if (out.stage == nullptr) {
        return explain_without_stage(model, method, path);
    }
    const Snapshot& deployed = out.stage->deployed;
    Best best = best_route(deployed, method, rest, CaseRule::Exact);
    if (best.route == nullptr) {
        explain(out, model, method, rest);
        return out;
    }
    out.match = Match{
        out.stage,
        best.route,
        find_integration(deployed, best.route->target),
        std::move(best.match.parameters)};
    return out;
}

} // namespace benchtop::apigateway
