#include "emulator/cli/commands.hpp"
#include "emulator/stack/constants.hpp"

#include <fmt/format.h>

namespace benchtop::cli {

std::string environment_text(std::uint16_t port) {
    return fmt::format(
        "export AWS_ACCESS_KEY_ID={}\n"
        "export AWS_SECRET_ACCESS_KEY={}\n"
        "unset AWS_SESSION_TOKEN AWS_PROFILE\n"
        "export AWS_DEFAULT_REGION={}\n"
        "export AWS_REGION={}\n"
        "export AWS_ENDPOINT_URL=http://127.0.0.1:{}\n",
        stack::kAdministratorAccessKeyId,
        stack::kAdministratorSecretKey,
        stack::kLabRegion,
        stack::kLabRegion,
        port
    );
}

} // namespace benchtop::cli
