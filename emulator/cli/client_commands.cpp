// Commands that ask a running emulator over /_benchtop/.
#include "emulator/cli/ask.hpp"
#include "emulator/cli/commands.hpp"
#include "emulator/cli/environment_text.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/net/http_client.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <thread>

namespace benchtop::cli {
namespace {

namespace json = boost::json;

constexpr milliseconds kFollowInterval{200};

void print_clock(const json::object& clock) {
    const auto* advanced = clock.if_contains("advancedSeconds");
    fmt::print("real time  {}\n", text_of(clock, "now"));
    fmt::print("lab time   {}\n", text_of(clock, "labTime"));
    fmt::print(
        "advanced   {} s in all\n", advanced != nullptr ? advanced->to_number<double>() : 0.0
    );
}

// The running emulator knows where its CA is; one that is yet to start will keep it where it keeps
// everything.
std::string ca_file(std::uint16_t port) {
    if (const auto reply = net::local_request(port, "GET", "/_benchtop/ca", "")) {
        boost::system::error_code ec;
        const json::value document = json::parse(reply->body, ec);
        if (!ec && document.is_object()) {
            if (std::string file = text_of(document.as_object(), "file"); !file.empty()) {
                return file;
            }
        }
    }
    return net::ca_file_in(default_data_directory()).string();
}

void print_member(const json::object& card, std::string_view label, std::string_view name) {
    if (const std::string text = text_of(card, name); !text.empty()) {
        fmt::print("{:<11}{}\n", label, text);
    }
}

void print_refusal(const json::object& card) {
    fmt::print(
        "{} at {}\n{:<11}{}\n",
        text_of(card, "requestId"),
        text_of(card, "at"),
        "request",
        text_of(card, "request")
    );
    const auto* status = card.if_contains("status");
    if (status != nullptr && status->is_int64()) {
        fmt::print("{:<11}{} {}\n", "answer", status->as_int64(), text_of(card, "code"));
    }
    print_member(card, "", "message");
    print_member(card, "principal", "principal");
    print_member(card, "action", "action");
    print_member(card, "resource", "resource");
    print_member(card, "decided", "decision");
    print_member(card, "because", "reason");
    print_member(card, "missing", "missingStatement");
    print_member(card, "add it to", "addTo");
    print_member(card, "command", "command");
    print_member(card, "cause", "cause");
    print_member(card, "fix", "fix");
    if (text_of(card, "decision").empty() && text_of(card, "cause").empty()) {
        fmt::print("No policy refused it: the message says what did.\n");
    }
}

} // namespace

int show_environment(std::uint16_t port, Environment which) {
    const ReadVariable read = [](const std::string& name) -> std::optional<std::string> {
        const char* const value = std::getenv(name.c_str());
        return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
    };
    switch (which) {
    case Environment::RealNames:
        std::cout << set_text(real_names(port, ca_file(port)), read);
        break;
    case Environment::Endpoint:
        std::cout << set_text(one_endpoint(port), read);
        break;
    case Environment::Unset:
        std::cout << undo_text(read);
        break;
    }
    return 0;
}

int clock_show(std::uint16_t port) {
    const auto clock = ask(port, "GET", "/_benchtop/clock");
    if (!clock) {
        return 1;
    }
    print_clock(*clock);
    return 0;
}

int clock_advance(std::uint16_t port, const std::string& amount) {
    const std::string body = json::serialize(json::object{{"by", amount}});
    const auto clock = ask(port, "POST", "/_benchtop/clock/advance", body);
    if (!clock) {
        return 1;
    }
    // Clients stamp whole seconds: what they sign from the next second on is surely after the
    // advance.
    const auto now = std::chrono::system_clock::now();
    std::this_thread::sleep_until(std::chrono::ceil<seconds>(now));
    print_clock(*clock);
    return 0;
}

int logs(const LogsOptions& options) {
    std::uint64_t after = 0;
    bool told = false;
    for (;;) {
        const auto document =
            ask(options.port,
                "GET",
                "/_benchtop/logs/" + percent_encode(options.function, SlashRule::Encode) +
                    "?after=" + std::to_string(after));
        if (!document) {
            return 1;
        }
        const auto& object = *document;
        for (const auto& line : object.at("lines").as_array()) {
            std::cout << text_of(line.as_object(), "text") << '\n';
        }
        std::cout.flush();
        const auto last = object.at("last").to_number<std::uint64_t>();
        const bool more = last != after;
        // Once, after the lines there are.
        if (!told && (options.follow || !more)) {
            told = true;
            if (const auto why = text_of(object, "cloudWatch"); !why.empty()) {
                std::cerr << why << '\n';
            }
        }
        after = last;
        if (!options.follow && !more) {
            return 0;
        }
        if (!more) {
            std::this_thread::sleep_for(kFollowInterval);
        }
    }
}

int deliveries(std::uint16_t port, const std::string& bucket, const std::string& key) {
    std::string target = "/_benchtop/deliveries?limit=100";
    if (!bucket.empty()) {
        target += "&bucket=" + percent_encode(bucket, SlashRule::Encode);
    }
    if (!key.empty()) {
        target += "&key=" + percent_encode(key, SlashRule::Encode);
    }
    const auto document = ask(port, "GET", target);
    if (!document) {
        return 1;
    }
    const auto& object = *document;
    for (const auto& item : object.at("deliveries").as_array()) {
        const auto& card = item.as_object();
        // An object event by its object, an asynchronous Invoke by its function and request.
        const std::string subject =
            text_of(card, "source") == "s3"
                ? fmt::format("{}/{}", text_of(card, "bucket"), text_of(card, "key"))
                : fmt::format("{}  {}", text_of(card, "function"), text_of(card, "requestId"));
        fmt::print(
            "{}  {:<9}  {}  {}\n    {}\n",
            text_of(card, "createdAt"),
            text_of(card, "state"),
            text_of(card, "event"),
            subject,
            text_of(card, "explanation")
        );
        if (text_of(card, "state") != "unmatched") {
            fmt::print(
                "    attempts {}, last result: {}\n",
                card.at("attempts").to_number<int>(),
                text_of(card, "lastResult")
            );
        }
    }
    if (const auto explanation = text_of(object, "explanation"); !explanation.empty()) {
        std::cout << explanation << '\n';
    }
    return 0;
}

int handout_check(std::uint16_t port, const std::string& bucket) {
    const auto document = ask(
        port, "GET", "/_benchtop/handout/check?bucket=" + percent_encode(bucket, SlashRule::Encode)
    );
    if (!document) {
        return 1;
    }
    const auto& report = *document;
    std::cout << text_of(report, "text");
    return report.at("done").as_bool() ? 0 : 1;
}

int why_denied(std::uint16_t port, const std::string& request_id) {
    if (!request_id.empty()) {
        const auto document =
            ask(port, "GET", "/_benchtop/refusals/" + percent_encode(request_id, SlashRule::Encode)
            );
        if (!document) {
            return 1;
        }
        print_refusal(*document);
        return 0;
    }
    const auto document = ask(port, "GET", "/_benchtop/refusals");
    if (!document) {
        return 1;
    }
    const auto& items = document->at("refusals").as_array();
    if (items.empty()) {
        fmt::print("Nothing has been refused since the start.\n");
    }
    for (const auto& item : items) {
        const auto& card = item.as_object();
        const std::string action = text_of(card, "action");
        fmt::print(
            "{}  {}  {}  {}\n",
            text_of(card, "at"),
            text_of(card, "requestId"),
            text_of(card, "request"),
            action.empty() ? text_of(card, "code") : action
        );
    }
    return 0;
}

} // namespace benchtop::cli
