#include "emulator/auth/effective_headers.hpp"

#include "emulator/auth/mechanisms.hpp"
#include "emulator/core/encoding.hpp"

namespace benchtop::auth {
namespace {

bool acts_as_header(std::string_view lower_name, int version) {
    if (starts_with_amz(lower_name)) {
        constexpr std::string_view kChecksum = "x-amz-checksum-";
        return !is_signature_parameter(lower_name) &&
               lower_name.substr(0, kChecksum.size()) != kChecksum &&
               lower_name != "x-amz-sdk-checksum-algorithm";
    }
    // SigV2 does not cover these.
    return version == 4 && (lower_name == "if-match" || lower_name == "if-none-match");
}

} // namespace

Headers hoisted_headers(const RequestHead& head, const Authenticated& who) {
    Headers hoisted;
    if (who.type != AuthType::QueryString) {
        return hoisted;
    }
    const Query query = Query::parse(head.query());
    for (const QueryParameter& parameter : query.parameters()) {
        const std::string name = to_lower(parameter.name);
        if (acts_as_header(name, who.version) && !head.headers.has(name) && !hoisted.has(name)) {
            hoisted.add(name, parameter.value);
        }
    }
    return hoisted;
}

Headers effective_headers(const RequestHead& head, const Authenticated& who) {
    Headers all = head.headers;
    const Headers hoisted = hoisted_headers(head, who);
    for (const auto& [name, value] : hoisted.entries()) {
        all.add(name, value);
    }
    return all;
}

} // namespace benchtop::auth
