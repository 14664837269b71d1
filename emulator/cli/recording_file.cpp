#include "emulator/cli/recording_file.hpp"

#include "emulator/core/encoding.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace benchtop::cli {
namespace {

namespace json = boost::json;

std::string bytes_of(const json::value& value) {
    if (const json::string* const text = value.if_string()) {
        return {text->data(), text->size()};
    }
    const json::string& text = value.as_object().at("base64").as_string();
    auto bytes = from_base64({text.data(), text.size()});
    if (!bytes) {
        throw std::invalid_argument("base64");
    }
    return *std::move(bytes);
}

std::vector<Headers::Entry> headers_of(const json::value& value) {
    std::vector<Headers::Entry> headers;
    for (const json::value& item : value.as_array()) {
        headers.emplace_back(bytes_of(item.as_array().at(0)), bytes_of(item.as_array().at(1)));
    }
    return headers;
}

pipeline::RecordedStep step_of(const json::object& card) {
    pipeline::RecordedStep step;
    step.at = UtcInstant{microseconds{card.at("at").to_number<std::int64_t>()}};
    step.head.listener =
        card.at("listener").as_string() == "api" ? Listener::HttpApi : Listener::Main;
    step.head.secure = card.at("secure").as_bool();
    step.head.chunked = card.at("chunked").as_bool();
    step.head.method = bytes_of(card.at("method"));
    step.head.target = bytes_of(card.at("target"));
    step.head.source_ip = "127.0.0.1";
    for (const auto& [name, value] : headers_of(card.at("headers"))) {
        step.head.headers.add(name, value);
    }
    step.body = bytes_of(card.at("body"));
    if (!step.head.chunked && step.head.headers.has("content-length")) {
        step.head.content_length = step.body.size();
    }
    if (!card.at("answer").is_null()) {
        const json::object& answer = card.at("answer").as_object();
        step.status = answer.at("status").to_number<int>();
        step.headers = headers_of(answer.at("headers"));
        step.answer = bytes_of(answer.at("body"));
        step.answer_size = answer.at("size").to_number<std::uint64_t>();
    }
    return step;
}

AwsError no_recording(const std::string& why) {
    return AwsError(400, "NoRecording", "This is no recording of `benchtop record`: " + why);
}

// "127.0.0.1:4566" without the digits.
std::size_t digits_after(std::string_view text, std::size_t at) {
    const auto end = std::min(text.find_first_not_of("0123456789", at), text.size());
    return end - at;
}

} // namespace

Result<Recording> recording_of(std::string_view text) {
    try {
        const json::value document = json::parse(text);
        const json::object& object = document.as_object();
        if (object.at("recording").to_number<int>() != 1) {
            return no_recording("another version wrote it.");
        }
        Recording recording;
        recording.seed = object.at("seed").to_number<std::uint64_t>();
        recording.started_at = object.at("startedAt").to_number<std::int64_t>();
        for (const json::value& step : object.at("steps").as_array()) {
            recording.steps.push_back(step_of(step.as_object()));
        }
        return recording;
    } catch (const std::exception& failure) {
        return no_recording(failure.what());
    }
}

Result<Recording> read_recording(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        return AwsError(400, "NoRecording", "Cannot read " + file + ".");
    }
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    return recording_of(text);
}

std::string without_ports(std::string_view text) {
    constexpr std::string_view marks[] = {"127.0.0.1:", "localhost:", "X-Amz-Signature="};
    std::string result;
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t next = std::string_view::npos;
        std::string_view found;
        for (const std::string_view mark : marks) {
            if (const auto place = text.find(mark, at); place < next) {
                next = place;
                found = mark;
            }
        }
        if (found.empty()) {
            break;
        }
        next += found.size();
        result += text.substr(at, next - at);
        if (found.back() == '=') {
            at = std::min(text.find_first_not_of("0123456789abcdef", next), text.size());
        } else {
            at = next + digits_after(text, next);
        }
        result += '*';
    }
    result += text.substr(std::min(at, text.size()));
    return result;
}

} // namespace benchtop::cli
