// Packed columns: what is always read and written together is one BLOB, so that a PUT binds few
// columns. Form: a version byte, then fields; a text is its length (LEB128) and its bytes, a list
// its count and its texts.
#pragma once

#include "emulator/store/rows.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::store {

using TextPairs = std::vector<std::pair<std::string, std::string>>;

// The checksum and the attributes of an object.
std::string pack_details(const Object& object);
// Throws StoreFailure when `bytes` were not made by pack_details.
void unpack_details(std::string_view bytes, Object& object);

std::string pack_pairs(const TextPairs& pairs);
TextPairs unpack_pairs(std::string_view bytes);

} // namespace benchtop::store
