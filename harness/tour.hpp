// `benchtop lab`: the whole flow on a fresh Lab, told in plain words, every claim checked.
#pragma once

#include <string>

namespace benchtop::harness {

struct Tour {
    std::string text;
    bool good = false; // everything was as it should be
};

Tour run_tour();

} // namespace benchtop::harness
