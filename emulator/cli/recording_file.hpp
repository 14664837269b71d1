// A recorded session as a file: what /_benchtop/record/stop answered.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/pipeline/recorder.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace benchtop::cli {

struct Recording {
    std::uint64_t seed = 0;
    std::int64_t started_at = 0; // microseconds since 1970
    std::vector<pipeline::RecordedStep> steps;
};

// The error is a sentence for the user.
Result<Recording> recording_of(std::string_view text);
Result<Recording> read_recording(const std::string& file);

// Ports and signatures of presigned URLs differ from run to run (a signature covers the port): what
// is left is compared.
std::string without_ports(std::string_view text);

} // namespace benchtop::cli
