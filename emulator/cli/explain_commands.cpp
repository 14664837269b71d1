#include "emulator/cli/explain_commands.hpp"

#include "emulator/cli/ask.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/explain/url_reading.hpp"
#include "emulator/net/http_client.hpp"
#include "emulator/platform/real_clock.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

namespace benchtop::cli {
namespace {

namespace json = boost::json;

int explain_request(std::uint16_t port, const std::string& request_id) {
    std::string target = "/_benchtop/explain";
    if (!request_id.empty()) {
        target += "/" + percent_encode(request_id, SlashRule::Encode);
    }
    const auto document = ask(port, "GET", target);
    if (!document) {
        return 1;
    }
    std::cout << text_of(*document, "text");
    return 0;
}

std::string pasted(const std::string& argument) {
    if (argument != "-") {
        return argument.substr(0, explain::kUrlTextMax);
    }
    std::string text(explain::kUrlTextMax, '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::cin.gcount()));
    return text;
}

// What the URL itself tells: its key cannot be looked up, and the lab's clock is not known.
int read_alone(const std::string& text) {
    const platform::RealClock clock;
    const TimeAxis no_advances;
    const explain::UrlReading reading =
        explain::read_url({text, clock.now(), no_advances, explain::Keys::OutOfReach}, {});
    std::cout << explain::render_text(reading)
              << "No emulator answers, so the signature cannot be checked, and the time is this "
                 "machine's.\n";
    return reading.findings.empty() ? 0 : 1;
}

int explain_url(std::uint16_t port, const std::string& argument) {
    const std::string text = pasted(argument);
    if (!net::local_request(port, "GET", "/_benchtop/health", "")) {
        return read_alone(text);
    }
    // JSON is UTF-8; what is pasted may be anything.
    const std::string url = is_valid_utf8(text) ? text : percent_encode(text, SlashRule::Keep);
    const auto document =
        ask(port, "POST", "/_benchtop/explain-url", json::serialize(json::object{{"url", url}}));
    if (!document) {
        return 1;
    }
    std::cout << text_of(*document, "text");
    return document->at("findings").as_array().empty() ? 0 : 1;
}

void add_port(CLI::App& command, std::uint16_t& port) {
    command.add_option("--port", port, "port of the running emulator")
        ->envname("BENCHTOP_PORT")
        ->capture_default_str();
}

} // namespace

void add_explain_commands(CLI::App& app, int& status) {
    auto port = std::make_shared<std::uint16_t>(std::uint16_t{4566});
    auto id = std::make_shared<std::string>();
    auto last = std::make_shared<bool>(false);
    auto* const request = app.add_subcommand(
        "explain", "why a request was refused, what its client must have signed, and the fix"
    );
    add_port(*request, *port);
    auto* const named = request->add_option(
        "REQUEST_ID", *id, "of the answer; without it the newest refusal is explained"
    );
    request->add_flag("--last", *last, "the newest refusal")->excludes(named);
    request->callback([=, &status] {
        static_cast<void>(last);
        status = explain_request(*port, *id);
    });

    auto url = std::make_shared<std::string>();
    auto* const reading = app.add_subcommand(
        "explain-url", "who signed a presigned URL, what it permits, until when, what is damaged"
    );
    add_port(*reading, *port);
    reading->add_option("URL", *url, "in quotes; - reads it from standard input")->required();
    reading->callback([=, &status] { status = explain_url(*port, *url); });
}

} // namespace benchtop::cli
