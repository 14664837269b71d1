// The rows of the service, by the files they live in; operations.cpp puts them together.
#pragma once

#include "emulator/service/operation.hpp"

#include <vector>

namespace benchtop::logs {

void add_group_operations(std::vector<service::Operation>& rows);
void add_stream_operations(std::vector<service::Operation>& rows);
void add_event_operations(std::vector<service::Operation>& rows); // put and get
void add_filter_operations(std::vector<service::Operation>& rows);
void add_tag_operations(std::vector<service::Operation>& rows);

} // namespace benchtop::logs
