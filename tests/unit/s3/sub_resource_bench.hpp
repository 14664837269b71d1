// Runs an operation by its name in the table: what a client sends to a sub-resource.
#pragma once

#include "tests/unit/s3/operation_bench.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace benchtop::s3::test {

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

inline const Operation& operation_named(std::string_view name) {
    const auto all = operations();
    const auto found = std::ranges::find(all, name, &Operation::name);
    if (found == all.end()) {
        throw std::logic_error("no operation " + std::string(name));
    }
    return *found;
}

// "/bucket?selector", with whatever else the call has.
inline Result<Response>
run_named(Bench& bench, std::string_view name, std::string body = "", HeaderFields headers = {}) {
    const Operation& operation = operation_named(name);
    const std::string path = operation.level == Level::Object ? "/b/k?" : "/b?";
    return bench.run(
        operation,
        {std::string(operation.method),
         path + std::string(operation.selector),
         std::move(headers),
         std::move(body)}
    );
}

inline std::string
ask(Bench& bench, std::string_view name, std::string body = "", HeaderFields headers = {}) {
    return outcome(run_named(bench, name, std::move(body), std::move(headers)));
}

// Body of a successful answer without its prolog.
inline std::string
told(Bench& bench, std::string_view name, std::string body = "", HeaderFields headers = {}) {
    const auto answer = run_named(bench, name, std::move(body), std::move(headers));
    if (!answer) {
        return describe(answer.error());
    }
    std::string text = body_of(*answer);
    return text.starts_with(kProlog) ? text.substr(kProlog.size()) : text;
}

// <name xmlns="...">inside</name>
inline std::string document(std::string_view name, std::string_view inside) {
    std::string text = "<";
    text.append(name).append(kNamespace);
    if (inside.empty()) {
        return text + "/>";
    }
    return text.append(">").append(inside).append("</").append(name).append(">");
}

} // namespace benchtop::s3::test
