// A story as text.
#include "harness/mistakes/mistake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace benchtop::harness::mistakes {
namespace {

// Longer runs of these are tokens, signatures or digests, not words.
bool is_token_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%' ||
           c == '+' || c == '/' || c == '=';
}

bool worth_shortening(std::string_view run) {
    constexpr std::size_t kWordsMax = 300;
    if (run.size() > kWordsMax) {
        return true;
    }
    const auto digits = std::ranges::count_if(run, [](char c) { return c >= '0' && c <= '9'; });
    return digits * 16 >= static_cast<std::ptrdiff_t>(run.size());
}

std::string shorten(std::string_view text) {
    constexpr std::size_t kWhole = 72;
    constexpr std::size_t kShown = 16;
    std::string out;
    while (!text.empty()) {
        std::size_t end = 0;
        while (end < text.size() && is_token_char(text[end])) {
            ++end;
        }
        const std::string_view run = text.substr(0, end);
        if (run.size() > kWhole && worth_shortening(run)) {
            out += run.substr(0, kShown);
            out += "...";
            out += run.substr(run.size() - kShown);
        } else {
            out += run;
        }
        text.remove_prefix(end);
        const auto next = std::min(text.size(), std::size_t{1});
        out += text.substr(0, next);
        text.remove_prefix(next);
    }
    return out;
}

// "<StringToSignBytes>41 57 53 ...</StringToSignBytes>": the same text again, in hexadecimal.
std::string without_byte_dumps(std::string text) {
    for (const std::string_view name : {"StringToSignBytes", "CanonicalRequestBytes"}) {
        const std::string open = '<' + std::string(name) + '>';
        const auto begin = text.find(open);
        const auto end = text.find("</" + std::string(name) + '>');
        constexpr std::size_t kShown = 12;
        if (begin != std::string::npos && end != std::string::npos &&
            end > begin + open.size() + kShown) {
            const auto from = begin + open.size() + kShown;
            text.replace(from, end - from, "...");
        }
    }
    return text;
}

// A message as curl -i prints it: without the frames of a chunked body.
std::string unframed(std::string_view message) {
    const auto blank = message.find("\r\n\r\n");
    if (blank == std::string_view::npos ||
        message.substr(0, blank).find("\r\nTransfer-Encoding: chunked") == std::string_view::npos) {
        return std::string(message);
    }
    std::string out(message.substr(0, blank + 4));
    std::string_view rest = message.substr(blank + 4);
    while (!rest.empty()) {
        const auto end = rest.find("\r\n");
        std::size_t size = 0;
        std::from_chars(rest.data(), rest.data() + std::min(end, rest.size()), size, 16);
        if (size == 0 || end + 2 + size > rest.size()) {
            break;
        }
        out += rest.substr(end + 2, size);
        rest.remove_prefix(std::min(rest.size(), end + 2 + size + 2));
    }
    return out;
}

void append_block(std::string& out, std::string_view mark, std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    std::size_t at = 0;
    while (at <= text.size()) {
        const auto end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        out += mark;
        if (!line.empty()) {
            out += ' ';
            out += line;
        }
        out += '\n';
        at = end + 1;
    }
}

} // namespace

std::string render_list() {
    std::string out;
    for (const Mistake& mistake : all_mistakes()) {
        out += fmt::format("{:>3}  {:<27} {}\n", mistake.number, mistake.slug, mistake.title);
    }
    return out;
}

std::string render(const Mistake& mistake, const Story& story, Tokens tokens) {
    const auto shown = [&](const std::string& text) {
        return tokens == Tokens::Whole ? text : shorten(without_byte_dumps(text));
    };
    std::string out = fmt::format(
        "Mistake {}: {} ({})\n\n{}\n", mistake.number, mistake.title, mistake.slug, story.setup
    );
    for (const Step& step : story.steps) {
        out += '\n' + step.action + '\n';
        if (!step.command.empty()) {
            append_block(out, "  $", shown(step.command));
        }
        if (!step.request.empty()) {
            append_block(out, "  >", shown(step.request));
        }
        if (!step.response.empty()) {
            append_block(out, "  <", shown(unframed(step.response)));
        }
        if (!step.command.empty() && step.request.empty()) {
            append_block(out, "   ", step.output.empty() ? "(nothing)" : shown(step.output));
        }
    }
    out += "\nWhy:  " + story.why + "\nFix:  " + story.fix + '\n';
    if (!story.hint.empty()) {
        out += "Log:  " + story.hint + '\n';
    }
    return out;
}

} // namespace benchtop::harness::mistakes
