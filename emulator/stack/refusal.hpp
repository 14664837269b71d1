// How the template's readers give up: a template can be wrong in a hundred places, each inside a
// value that is being built. Thrown and caught within this room (read_template, deploy).
#pragma once

#include "emulator/core/error.hpp"
#include "emulator/stack/node.hpp"

#include <exception>

namespace benchtop::stack {

struct Refusal : std::exception {
    explicit Refusal(AwsError e)
        : error(std::move(e)) {}

    AwsError error;
};

[[noreturn]] inline void refuse(int line, std::string_view sentence) {
    throw Refusal(template_error(line, sentence));
}

} // namespace benchtop::stack
