// A pasted text made a URL again. Private to this room.
#pragma once

#include "emulator/explain/url_reading.hpp"

namespace benchtop::explain {

struct MendedUrl {
    std::string url; // "" when the text holds none
    std::vector<Finding> findings;
};

MendedUrl mend_url(std::string_view text);

} // namespace benchtop::explain
