// The lab's parts 0 to 6 as commands for this machine: pasted into a shell they make the lab.
#pragma once

#include <cstdint>
#include <string>

namespace benchtop::cli {

struct HandoutOptions {
    std::string program = "benchtop"; // how the shell finds this program
    std::uint16_t port = 4566;
    std::string bucket;    // "": the handout's own
    bool endpoint = false; // over AWS_ENDPOINT_URL instead of AWS's own names
};

std::string handout_text(const HandoutOptions& options);

} // namespace benchtop::cli
