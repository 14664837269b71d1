#include "emulator/cli/replay.hpp"

#include "emulator/cli/application.hpp"
#include "emulator/pipeline/services.hpp"
#include "emulator/ports/clock.hpp"

#include <fmt/format.h>

namespace benchtop::cli {
namespace {

constexpr std::size_t kShown = 400; // of a differing text, from where it differs

Response send(pipeline::Services& services, RequestHead head, std::string_view body) {
    head.received_at = services.clock.now();
    return pipeline::execute_blocking(services, std::move(head), body);
}

Result<void> control(pipeline::Services& services, std::string target, const std::string& body) {
    RequestHead head;
    head.method = "POST";
    head.target = std::move(target);
    head.headers.add("Host", "127.0.0.1");
    head.content_length = body.size();
    const Response response = send(services, std::move(head), body);
    if (response.status != 200) {
        const auto* const text = std::get_if<std::string>(&response.body);
        return AwsError(500, "CannotReplay", "The replay failed: " + (text ? *text : ""));
    }
    return {};
}

std::string lines_of(int status, const std::vector<Headers::Entry>& headers) {
    std::string text = fmt::format("{}\n", status);
    for (const auto& [name, value] : headers) {
        text += name + ": " + value + '\n';
    }
    return without_ports(text);
}

// Both from a little before the first byte that differs.
std::string shown(std::string_view recorded, std::string_view now) {
    std::size_t at = 0;
    while (at < recorded.size() && at < now.size() && recorded[at] == now[at]) {
        ++at;
    }
    const std::size_t from = at - std::min<std::size_t>(at, 60);
    return fmt::format(
        "  recorded: {}\n  now:      {}\n", recorded.substr(from, kShown), now.substr(from, kShown)
    );
}

std::string difference(const pipeline::RecordedStep& step, const Response& response) {
    if (step.status == 0 || response.status == 0) {
        return step.status == response.status
                   ? ""
                   : fmt::format(
                         "  recorded: {}\n  now:      {}\n",
                         step.status == 0 ? "no answer" : std::to_string(step.status),
                         response.status == 0 ? "no answer" : std::to_string(response.status)
                     );
    }
    const std::string recorded = lines_of(step.status, step.headers);
    const std::string now = lines_of(response.status, response.headers.entries());
    if (recorded != now) {
        return shown(recorded, now);
    }
    const auto* const text = std::get_if<std::string>(&response.body);
    if (text == nullptr || !step.has_answer_bytes()) {
        const bool same = step.answer_size == response.body_size();
        return same ? ""
                    : shown(std::to_string(step.answer_size), std::to_string(response.body_size()));
    }
    const std::string recorded_body = without_ports(step.answer);
    const std::string body = without_ports(*text);
    return recorded_body == body ? "" : shown(recorded_body, body);
}

} // namespace

Result<std::string> replay(const Recording& recording) {
    ApplicationOptions options;
    options.server.port = 0;
    options.server.api_port = 0;
    options.ephemeral = true;
    options.lowest_log_level = LogLevel::Error;
    auto opened = Application::open(options);
    if (!opened) {
        return opened.error();
    }
    const std::unique_ptr<Application> application = *std::move(opened);
    application->start();
    pipeline::Services& services = application->services();
    auto ready = control(
        services,
        "/_benchtop/replay/start",
        fmt::format("{{\"seed\": {}, \"startedAt\": {}}}", recording.seed, recording.started_at)
    );
    std::string found;
    std::size_t number = 0;
    for (const pipeline::RecordedStep& step : recording.steps) {
        if (!ready || !found.empty()) {
            break;
        }
        ++number;
        ready = control(
            services,
            "/_benchtop/replay/at",
            fmt::format("{{\"at\": {}}}", step.at.time_since_epoch().count())
        );
        if (ready) {
            found = difference(step, send(services, step.head, step.body));
        }
    }
    application->stop();
    if (!ready) {
        return ready.error();
    }
    if (found.empty()) {
        return std::string();
    }
    const RequestHead& head = recording.steps[number - 1].head;
    return fmt::format("Request {} differs: {} {}\n{}", number, head.method, head.path(), found);
}

} // namespace benchtop::cli
