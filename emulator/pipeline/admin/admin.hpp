// /_benchtop/...: what AWS has not, for people, tests and CI: health, the clock, deliveries, logs,
// the controls of the lab. JSON in and out. Each page is a row of one table, described in
// fixtures/openapi/benchtop.yaml (GET /_benchtop/openapi.yaml); a test holds the two together.
//
// A page of a browser's other origin is refused before any row is looked at, and rows are reached
// by a local host name only (exchange.cpp): DNS rebinding does not get here.
#pragma once

#include "emulator/core/encoding.hpp"
#include "emulator/pipeline/exchange.hpp"
#include "emulator/pipeline/services.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::pipeline {

// One request to a page. It lives until the answer is given, so what a handler leaves behind may
// refer to it.
struct AdminCall {
    Services& services;
    const RequestHead& head;
    Query query;
    std::string body;
    std::vector<std::string> parameters; // the path's {names}, decoded, in their order

    // What follows when a handler gave a Commit or a Wait; set by the handler each time.
    std::move_only_function<Action(store::CommitStatus)> after_commit;
    std::move_only_function<Action()> after_wait;
};

struct AdminRoute {
    std::string_view method; // "GET" serves HEAD, too
    std::string_view path;   // "/_benchtop/logs/{function}": a name is one segment
    std::string_view operation_id;
    Action (*handler)(AdminCall& call);
};

// Every page there is.
std::span<const AdminRoute> admin_routes();

inline constexpr std::size_t kAdminBodyMax = 64 * 1024;

// --- answers
Respond answer(const AdminCall& call, int status, boost::json::object document);
Respond
answer_text(const AdminCall& call, int status, std::string_view content_type, std::string text);
// {"message": "One sentence."}
Respond refuse(const AdminCall& call, int status, std::string_view message);
// A key or a header may hold bytes that are no UTF-8; JSON cannot.
std::string json_text(std::string_view text);

// --- questions
// The body as an object; nullopt: it is none. No body at all is an empty object.
std::optional<boost::json::object> body_object(const AdminCall& call);
// A member that is a string, or nullopt.
std::optional<std::string> string_member(const boost::json::object& object, std::string_view name);
// ?limit=N, at most `most`.
std::size_t limit_of(const AdminCall& call, std::size_t otherwise, std::size_t most);

} // namespace benchtop::pipeline
