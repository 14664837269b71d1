// Result<T>: a value, or the AwsError a client will be given.
//
// boost::system::result instead of std::expected, because clang 14 (fuzzers, clang-tidy) has no
// std::expected. Callers test with `if (!r) return r.error();`.
#pragma once

#include "emulator/core/error.hpp"

#include <boost/system/result.hpp>

namespace benchtop {

template <class T = void>
using Result = boost::system::result<T, AwsError>;

} // namespace benchtop
