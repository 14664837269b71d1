// A function's log as it was written here.
#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/pipeline/log_delivery.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kLogLinesMax = 1000;

} // namespace

Action get_function_logs(AdminCall& call) {
    const std::string& name = call.parameters.front();
    const auto after = parse_u64(call.query.get("after")).value_or(0);
    json::array lines;
    std::uint64_t last = after;
    for (const auto& line : call.services.logs.read(name, after, kLogLinesMax)) {
        last = line.number;
        lines.push_back(
            {{"number", line.number},
             {"at", to_iso8601_ms(line.at)},
             {"text", json_text(line.text)}}
        );
    }
    std::optional<std::string> why;
    if (const auto source = call.services.logs.newest_source(name)) {
        call.services.store.read([&](const store::ReadTx& tx) {
            why = why_not_in_cloudwatch(tx, *source, call.services.clock.now());
        });
    }
    return answer(
        call,
        200,
        {{"lines", std::move(lines)},
         {"last", last},
         {"cloudWatch", why ? json::value(*why) : json::value(nullptr)}}
    );
}

} // namespace benchtop::pipeline::admin
