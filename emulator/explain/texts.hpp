// Sentences out of pieces. Private to this room.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::explain {

std::string text(std::initializer_list<std::string_view> pieces);

// "a value" in quotes, shortened in the middle when it is long; bytes that are no text are escaped.
std::string quoted(std::string_view value);

bool contains(std::string_view whole, std::string_view part);
std::string replaced(std::string whole, std::string_view from, std::string_view to);
std::vector<std::string> split(std::string_view whole, char separator);
std::string joined(const std::vector<std::string>& parts, std::string_view separator);

// Insertions, deletions and replacements that make one of the other; `at_most` + 1 when more.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t at_most);

} // namespace benchtop::explain
