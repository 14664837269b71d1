#include "emulator/tutor/advice.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/tutor/advice_table.hpp"
#include "emulator/tutor/hint_texts.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace benchtop::tutor {
namespace {

// Messages are quoted in a sentence, not retold.
constexpr std::size_t kQuotedMax = 600;

const AdviceRow* row_of(std::string_view code) {
    for (const std::span<const AdviceRow> table :
         {std::span<const AdviceRow>(kS3Advice),
          std::span<const AdviceRow>(kMissingAdvice),
          std::span<const AdviceRow>(kCallerAdvice),
          std::span<const AdviceRow>(kServiceAdvice)}) {
        for (const AdviceRow& row : table) {
            if (row.code == code) {
                return &row;
            }
        }
    }
    return nullptr;
}

// "NoSuchBucket" -> "no-such-bucket"
std::string short_name(std::string_view code) {
    std::string name;
    for (std::size_t i = 0; i < code.size(); ++i) {
        const bool capital = ascii_lower(code[i]) != code[i];
        const bool after_small = i > 0 && ascii_lower(code[i - 1]) == code[i - 1];
        const bool before_small =
            i > 0 && i + 1 < code.size() && ascii_lower(code[i + 1]) == code[i + 1];
        if (capital && (after_small || before_small)) {
            name += '-';
        }
        name += ascii_lower(code[i]);
    }
    return name;
}

std::string quoted_message(std::string_view message) {
    std::string text(message.substr(0, kQuotedMax));
    if (message.size() > kQuotedMax) {
        text += "...";
    }
    while (!text.empty() && (text.back() == '.' || text.back() == ' ')) {
        text.pop_back();
    }
    return text.empty() ? "the answer says no more" : text;
}

std::string with_message(std::string_view sentence, std::string_view message) {
    constexpr std::string_view kPlace = "{message}";
    std::string out(sentence);
    if (const auto at = out.find(kPlace); at != std::string::npos) {
        out.replace(at, kPlace.size(), quoted_message(message));
    }
    return out;
}

Hint for_denial(const Denial& denial) {
    const std::string name = principal_name(denial.caller);
    const std::string who = name.empty() ? denial.caller : name;
    if (denial.explicit_deny) {
        return {
            "explicit-deny",
            "A Deny statement refuses " + denial.action + " on " + denial.resource + " to " + who +
                ".",
            "remove or narrow the Deny; no Allow can outweigh it."};
    }
    return {
        "permission-missing",
        who + " lacks " + denial.action + " on " + denial.resource + ".",
        "add to its policy: " + missing_statement(denial)};
}

// An HTTP API's answers carry no code.
Hint for_status(const RefusedAnswer& answer) {
    const std::string why = quoted_message(answer.message);
    switch (answer.status) {
    case 401:
        return {
            "unauthorized",
            "The route's authorizer let nobody in: " + why + ".",
            "send Authorization: Bearer TOKEN, with a token of the authorizer's issuer and "
            "audience that has not expired."};
    case 403:
        return {
            "forbidden",
            "The API refused the caller: " + why + ".",
            "check the API's id in the host name, the token's scopes, or the caller's right to "
            "execute-api:Invoke."};
    case 404:
        return {
            "not-found",
            "Nothing answers at this path: " + why + ".",
            "check method, stage and path."};
    case 408:
        return {
            "request-timeout",
            "The request's body did not arrive in time.",
            "send it without a pause; look for a Content-Length larger than the body."};
    case 413:
        return {
            "too-large",
            "The request is larger than an HTTP API hands on (10 MB, 6 MB for a function).",
            "let the client upload to S3 by a presigned URL."};
    case 429:
        return {
            "throttled",
            "More requests came than the stage's or the route's throttling lets through.",
            "repeat it after a pause that grows, or raise the rate and burst limits."};
    default:
        break;
    }
    return {
        answer.status >= 500 ? "server-error" : "refused",
        "The answer was " + std::to_string(answer.status) + ": " + why + ".",
        answer.status >= 500 ? "read the function's log and the emulator's; repeat the request."
                             : "correct what the answer's message names."};
}

} // namespace

Hint advice_for(const RefusedAnswer& answer) {
    if (const auto denial = parse_denial(answer.message)) {
        return for_denial(*denial);
    }
    const AdviceRow* const row = row_of(answer.code);
    if (row == nullptr) {
        return for_status(answer);
    }
    return {
        short_name(answer.code),
        with_message(row->cause, answer.message),
        with_message(row->fix, answer.message)};
}

} // namespace benchtop::tutor
