#include "emulator/cli/environment_text.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/stack/constants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace benchtop::cli {
namespace {

constexpr const char* kSaved = "BENCHTOP_SAVED";
// Hosts that are reached directly; curl and Python take the names below localhost to be among them.
constexpr const char* kNoProxy = "localhost,127.0.0.1,::1";

// Every variable that is set or unset here. Programs disagree about the spelling of the proxy's.
constexpr std::array kVariables{
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
    "AWS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "NODE_USE_ENV_PROXY",
};

// As one word of a POSIX shell.
std::string quoted(std::string_view value) {
    const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/:.,_-+=@%").find(c) != std::string_view::npos;
    });
    if (plain) {
        return std::string(value);
    }
    std::string out = "'";
    for (const char c : value) {
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return out + "'";
}

std::string set(std::string_view name, std::string_view value) {
    return fmt::format("export {}={}\n", name, quoted(value));
}

// "NAME=VALUE,..." with the values percent-encoded. A second `env` must not save the first one's.
std::string save(const ReadVariable& read) {
    if (read(kSaved)) {
        return {};
    }
    std::string saved;
    for (const char* const name : kVariables) {
        if (const auto value = read(name)) {
            saved += fmt::format(
                "{}{}={}", saved.empty() ? "" : ",", name, percent_encode(*value, SlashRule::Keep)
            );
        }
    }
    return set(kSaved, saved);
}

std::optional<std::string> saved_value(std::string_view saved, std::string_view name) {
    while (!saved.empty()) {
        const auto comma = saved.find(',');
        const std::string_view entry = saved.substr(0, comma);
        const auto equals = entry.find('=');
        if (equals != std::string_view::npos && entry.substr(0, equals) == name) {
            return percent_decode(entry.substr(equals + 1), PlusRule::Literal);
        }
        saved = comma == std::string_view::npos ? std::string_view{} : saved.substr(comma + 1);
    }
    return std::nullopt;
}

std::string credentials() {
    return set("AWS_ACCESS_KEY_ID", stack::kAdministratorAccessKeyId) +
           set("AWS_SECRET_ACCESS_KEY", stack::kAdministratorSecretKey) +
           "unset AWS_SESSION_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE\n" +
           set("AWS_DEFAULT_REGION", stack::kLabRegion) + set("AWS_REGION", stack::kLabRegion);
}

} // namespace

std::string
real_names_text(std::uint16_t port, const std::string& ca_file, const ReadVariable& read) {
    // Endpoints of single services, and those of a configuration file, would win over the names.
    std::string out = save(read) + credentials() + "unset AWS_ENDPOINT_URL\n" +
                      set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    const std::string proxy = fmt::format("http://127.0.0.1:{}", port);
    for (const char* const name : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"}) {
        out += set(name, proxy);
    }
    out += set("NO_PROXY", kNoProxy) + set("no_proxy", kNoProxy);
    for (const char* const name :
         {"AWS_CA_BUNDLE",
          "CURL_CA_BUNDLE",
          "SSL_CERT_FILE",
          "REQUESTS_CA_BUNDLE",
          "NODE_EXTRA_CA_CERTS"}) {
        out += set(name, ca_file);
    }
    return out + set("NODE_USE_ENV_PROXY", "1"); // Node 24 looks at the proxy only then
}

std::string endpoint_text(std::uint16_t port, const ReadVariable& read) {
    return save(read) + credentials() + "unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS\n" +
           set("AWS_ENDPOINT_URL", fmt::format("http://127.0.0.1:{}", port));
}

std::string undo_text(const ReadVariable& read) {
    const auto saved = read(kSaved);
    if (!saved) {
        return "# this shell has not been given `benchtop env`: nothing is changed\n";
    }
    std::string out;
    for (const char* const name : kVariables) {
        const auto value = saved_value(*saved, name);
        out += value ? set(name, *value) : fmt::format("unset {}\n", name);
    }
    return out + fmt::format("unset {}\n", kSaved);
}

} // namespace benchtop::cli
