#include "emulator/explain/explain.hpp"
#include "emulator/explain/texts.hpp"

namespace benchtop::explain {
namespace {

std::string numbered(std::string_view whole) {
    std::string out;
    std::size_t number = 0;
    for (const std::string& line : split(whole, '\n')) {
        const std::string digits = std::to_string(++number);
        out += text({digits.size() < 2 ? "   " : "  ", digits, "  ", line, "\n"});
    }
    return out;
}

std::string certainty_text(const SignatureExplanation& explanation) {
    switch (explanation.certainty) {
    case Certainty::Reproduced:
        return text(
            {"reproduced: the client's very signature comes out (",
             std::to_string(explanation.tried),
             " tried)"}
        );
    case Certainty::Evident:
        return "evident: the request shows it";
    case Certainty::Likely:
        break;
    }
    return text(
        {"likely: nothing else fits (", std::to_string(explanation.tried), " signatures tried)"}
    );
}

void append_both(
    std::string& out, std::string_view what, std::string_view ours, std::string_view theirs
) {
    if (ours.empty()) {
        return;
    }
    out += text({"\n", what, " Benchtop computed:\n", numbered(ours)});
    if (!theirs.empty()) {
        out += text({"\n", what, " the client must have signed:\n", numbered(theirs)});
    }
}

} // namespace

std::string render_text(const SignatureExplanation& explanation) {
    if (explanation.mistake.empty()) {
        return {};
    }
    std::string out = text({"certainty  ", certainty_text(explanation), "\n"});
    if (const auto& difference = explanation.difference) {
        out += text({"\nfirst difference: ", difference->part});
        if (difference->line > 0) {
            out += text({" (line ", std::to_string(difference->line), ")"});
        }
        out += text(
            {"\n  Benchtop computed  ",
             difference->computed,
             "\n  the client signed  ",
             difference->signed_by_client,
             "\n"}
        );
    } else if (!explanation.signed_string.empty()) {
        out += "\nBoth texts are equal: the signature itself, or the secret, differs.\n";
    }
    const bool canonical_differs = explanation.computed_request != explanation.signed_request;
    append_both(
        out,
        "canonical request",
        explanation.computed_request,
        canonical_differs ? explanation.signed_request : std::string_view{}
    );
    const bool strings_tell = explanation.computed_request.empty() || !canonical_differs;
    append_both(
        out,
        "string to sign",
        strings_tell ? std::string_view(explanation.computed_string) : std::string_view{},
        explanation.signed_string == explanation.computed_string
            ? std::string_view{}
            : std::string_view(explanation.signed_string)
    );
    return out;
}

} // namespace benchtop::explain
