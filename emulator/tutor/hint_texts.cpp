#include "emulator/tutor/hint_texts.hpp"

#include "emulator/tutor/hints.hpp"

namespace benchtop::tutor {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool ends_with(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

std::string to_line(const Hint& hint) {
    return hint.cause + " Fix: " + hint.fix;
}

std::optional<Denial> parse_denial(std::string_view message) {
    constexpr std::string_view user = "User: ";
    constexpr std::string_view perform = " is not authorized to perform: ";
    constexpr std::string_view resource = " on resource: ";
    const auto user_at = message.find(user);
    const auto perform_at = message.find(perform);
    const auto resource_at = message.find(resource, perform_at);
    if (user_at == std::string_view::npos || perform_at == std::string_view::npos ||
        resource_at == std::string_view::npos || perform_at < user_at + user.size()) {
        return std::nullopt;
    }
    Denial denial;
    denial.caller = message.substr(user_at + user.size(), perform_at - user_at - user.size());
    denial.action =
        message.substr(perform_at + perform.size(), resource_at - perform_at - perform.size());
    std::string_view rest = message.substr(resource_at + resource.size());
    while (!rest.empty() && (rest.front() == '"' || rest.front() == '\\')) {
        rest.remove_prefix(1);
    }
    denial.resource = rest.substr(0, rest.find_first_of("\"\\ "));
    denial.explicit_deny = contains(rest, "explicit deny");
    return denial;
}

std::string principal_name(std::string_view caller_arn) {
    for (const std::string_view kind : {":assumed-role/", ":user/"}) {
        const auto at = caller_arn.find(kind);
        if (at != std::string_view::npos) {
            const std::string_view name = caller_arn.substr(at + kind.size());
            return std::string(name.substr(0, name.find('/')));
        }
    }
    return {};
}

std::string missing_statement(const Denial& denial) {
    std::string resource = denial.resource;
    // A right on one object is granted for its whole "folder".
    const auto slash = resource.rfind('/');
    if (slash != std::string::npos) {
        resource = resource.substr(0, slash + 1) + '*';
    }
    return R"({"Effect":"Allow","Action":")" + denial.action + R"(","Resource":")" + resource +
           R"("})";
}

} // namespace benchtop::tutor
