#include "emulator/auth/scope.hpp"

#include <algorithm>
#include <array>

namespace benchtop::auth {

std::optional<CredentialScope> parse_credential(std::string_view credential) {
    std::array<std::string_view, 4> fields; // from the end
    std::string_view rest = credential;
    for (auto& field : fields) {
        const auto slash = rest.rfind('/');
        if (slash == std::string_view::npos) {
            return std::nullopt;
        }
        field = rest.substr(slash + 1);
        rest = rest.substr(0, slash);
    }
    CredentialScope scope;
    scope.access_key_id = rest;
    scope.terminal = fields[0];
    scope.service = fields[1];
    scope.region = fields[2];
    scope.date = fields[3];
    scope.text = credential.substr(rest.size() + 1);
    return scope;
}

bool is_plausible_region(std::string_view region) {
    if (region.size() > 32) {
        return false;
    }
    int words = 0;
    while (true) {
        const auto dash = region.find('-');
        const std::string_view part = region.substr(0, dash);
        const bool letters = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
            return c >= 'a' && c <= 'z';
        });
        const bool number = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
            return c >= '0' && c <= '9';
        });
        if (dash == std::string_view::npos) {
            return number && words >= 2;
        }
        if (!letters) {
            return false;
        }
        ++words;
        region.remove_prefix(dash + 1);
    }
}

bool accepts_sigv2(std::string_view region) {
    static constexpr std::array<std::string_view, 8> kRegions{
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "eu-west-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "sa-east-1",
    };
    return std::find(kRegions.begin(), kRegions.end(), region) != kRegions.end();
}

} // namespace benchtop::auth
