// Lambda's recursive loop detection (Lambda Developer Guide, "Use Lambda recursive loop detection
// to prevent infinite loops"): a function that has been invoked about 16 times in one chain of
// requests is not invoked again. SDKs hand the chain on in X-Amzn-Trace-Id, whose Lineage field
// says what it has gone through; a client that sends none begins a new chain.
//
// AWS does not document the field. Here it holds "1:HASH:COUNT" for each function of the chain,
// separated by commas (which SDKs do not escape): HASH names the function, COUNT says how often it
// was invoked before.
#pragma once

#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::service {

inline constexpr std::uint64_t kLoopsMax = 16;
// Longer headers are somebody else's.
inline constexpr std::size_t kTraceHeaderMax = 1024;

// A field of "Root=1-...;Parent=...;Lineage=..."; "" when it is not there.
inline std::string_view trace_field(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const std::size_t end = std::min(header.find(';'), header.size());
        const std::string_view field = header.substr(0, end);
        if (field.starts_with(name) && field.size() > name.size() && field[name.size()] == '=') {
            return field.substr(name.size() + 1);
        }
        header.remove_prefix(std::min(end + 1, header.size()));
    }
    return {};
}

// What is kept of a client's header: it as a whole, or nothing.
inline std::string_view bounded_trace_header(std::string_view header) {
    return header.size() <= kTraceHeaderMax ? header : std::string_view();
}

inline std::string lineage_hash(std::string_view function_arn) {
    return sha256_hex(function_arn).substr(0, 8);
}

// The Lineage of an invocation of the function, asked for by a request whose trace header is
// `header` ("" for none). nullopt: the function would be in a loop.
inline std::optional<std::string>
lineage_of_invocation(std::string_view header, std::string_view function_arn) {
    constexpr std::size_t functions_max = 16; // in one chain; the oldest are forgotten
    const std::string hash = lineage_hash(function_arn);
    std::uint64_t count = 0;
    std::string others;
    std::size_t kept = 0;
    std::string_view rest = trace_field(bounded_trace_header(header), "Lineage");
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        const std::string_view entry = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (entry.size() > 11 && entry.starts_with("1:") && entry[10] == ':') {
            if (entry.substr(2, 8) == hash) {
                count = parse_u64(entry.substr(11)).value_or(0) + 1;
            } else if (++kept < functions_max) {
                others += ',';
                others += entry;
            }
        }
    }
    if (count >= kLoopsMax) {
        return std::nullopt;
    }
    return "1:" + hash + ':' + std::to_string(count) + others;
}

// What an invoker is given as InvokeRequest::trace_root: the header's root, when it has one, and
// the invocation's lineage.
inline std::string trace_root_of(std::string_view header, std::string_view lineage) {
    std::string root;
    if (const auto value = trace_field(bounded_trace_header(header), "Root"); !value.empty()) {
        root = "Root=" + std::string(value);
    }
    return root + ";Lineage=" + std::string(lineage);
}

} // namespace benchtop::service
