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

std::string line(const Setting& setting) {
    return setting.value ? fmt::format("export {}={}\n", setting.name, quoted(*setting.value))
                         : fmt::format("unset {}\n", setting.name);
}

std::string lines(const std::vector<Setting>& settings) {
    std::string out;
    for (const Setting& setting : settings) {
        out += line(setting);
    }
    return out;
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
    return line({kSaved, saved});
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

std::vector<Setting> credentials() {
    return {
        {"AWS_ACCESS_KEY_ID", std::string(stack::kAdministratorAccessKeyId)},
        {"AWS_SECRET_ACCESS_KEY", std::string(stack::kAdministratorSecretKey)},
        {"AWS_SESSION_TOKEN", std::nullopt},
        {"AWS_PROFILE", std::nullopt},
        {"AWS_DEFAULT_PROFILE", std::nullopt},
        {"AWS_DEFAULT_REGION", std::string(stack::kLabRegion)},
        {"AWS_REGION", std::string(stack::kLabRegion)},
    };
}

} // namespace

std::vector<Setting> real_names(std::uint16_t port, const std::string& ca_file) {
    std::vector<Setting> out = credentials();
    // Endpoints of single services, and those of a configuration file, would win over the names.
    out.push_back({"AWS_ENDPOINT_URL", std::nullopt});
    out.push_back({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"});
    const std::string proxy = fmt::format("http://127.0.0.1:{}", port);
    for (const char* const name : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"}) {
        out.push_back({name, proxy});
    }
    out.push_back({"NO_PROXY", kNoProxy});
    out.push_back({"no_proxy", kNoProxy});
    for (const char* const name :
         {"AWS_CA_BUNDLE",
          "CURL_CA_BUNDLE",
          "SSL_CERT_FILE",
          "REQUESTS_CA_BUNDLE",
          "NODE_EXTRA_CA_CERTS"}) {
        out.push_back({name, ca_file});
    }
    out.push_back({"NODE_USE_ENV_PROXY", "1"}); // Node 24 looks at the proxy only then
    return out;
}

std::vector<Setting> one_endpoint(std::uint16_t port) {
    std::vector<Setting> out = credentials();
    out.push_back({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", std::nullopt});
    out.push_back({"AWS_ENDPOINT_URL", fmt::format("http://127.0.0.1:{}", port)});
    return out;
}

std::string set_text(const std::vector<Setting>& settings, const ReadVariable& read) {
    return save(read) + lines(settings);
}

std::string undo_text(const ReadVariable& read) {
    const auto saved = read(kSaved);
    if (!saved) {
        return "# this shell has not been given `benchtop env`: nothing is changed\n";
    }
    std::string out;
    for (const char* const name : kVariables) {
        const auto value = saved_value(*saved, name);
        out += line({name, value});
    }
    return out + line({kSaved, std::nullopt});
}

} // namespace benchtop::cli
