#include "emulator/net/proxy.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/pipeline/aws_hosts.hpp"

namespace benchtop::net {
namespace {

constexpr std::size_t kHostBytesMax = 253;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool is_this_machine(const Authority& to, std::string_view own_address) {
    std::string_view host = to.host;
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
    }
    return pipeline::host_kind(to.host) == pipeline::HostKind::Local || host == own_address;
}

bool is_aws(const Authority& to) {
    const auto kind = pipeline::host_kind(to.host);
    return kind != pipeline::HostKind::Foreign && kind != pipeline::HostKind::Local;
}

} // namespace

std::optional<Authority> parse_authority(std::string_view text, std::uint16_t default_port) {
    std::size_t host_end = text.find(':');
    if (text.starts_with('[')) {
        host_end = text.find(']');
        if (host_end == std::string_view::npos) {
            return std::nullopt;
        }
        ++host_end;
    }
    Authority authority{to_lower(text.substr(0, host_end)), default_port};
    if (authority.host.empty() || authority.host.size() > kHostBytesMax ||
        authority.host.find_first_of("@/?#\\ ") != std::string::npos) {
        return std::nullopt;
    }
    const std::string_view rest =
        host_end >= text.size() ? std::string_view{} : text.substr(host_end);
    if (!rest.empty()) {
        const auto port = rest.starts_with(':') ? parse_u64(rest.substr(1)) : std::nullopt;
        if (!port || *port == 0 || *port > 65535) {
            return std::nullopt;
        }
        authority.port = static_cast<std::uint16_t>(*port);
    }
    return authority.port == 0 ? std::nullopt : std::optional(std::move(authority));
}

std::optional<Greeting> tunnel_greeting(const Authority& to, std::string_view own_address) {
    if (is_this_machine(to, own_address)) {
        return Greeting::Either;
    }
    if (is_aws(to) && to.port == kHttpsPort && pipeline::has_tls(pipeline::host_kind(to.host))) {
        return Greeting::Tls;
    }
    if (is_aws(to) && to.port == kHttpPort) {
        return Greeting::Http;
    }
    return std::nullopt;
}

bool is_answered_here(const Authority& to, std::string_view own_address) {
    return is_this_machine(to, own_address) ||
           (is_aws(to) && (to.port == kHttpPort || to.port == kHttpsPort));
}

Response refuse_to_forward(std::string_view authority) {
    std::string shown;
    for (const char c : authority.substr(0, kHostBytesMax)) {
        shown += c > ' ' && c < 0x7f ? c : '?';
    }
    Response response;
    response.status = 502;
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    response.body = "Benchtop does not answer for " + shown +
                    ", and it opens no outgoing connection to anywhere else.\n";
    return response;
}

} // namespace benchtop::net
