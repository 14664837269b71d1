// Every operation's row of the table, each defined in the file of that name. operations.cpp puts
// them in README order.
#pragma once

#include "emulator/s3/operation.hpp"

namespace benchtop::s3 {

// --- objects
Operation put_object_operation();
Operation get_object_operation();
Operation head_object_operation();
Operation copy_object_operation();
Operation delete_object_operation();

} // namespace benchtop::s3
