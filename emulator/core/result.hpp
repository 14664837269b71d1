// Result<T>: a value, or the AwsError a client will be given.
//
// boost::system::result instead of std::expected, because clang 14 (fuzzers, clang-tidy) has no
// std::expected. Callers test with `if (!r) return r.error();`.
#pragma once

#include "emulator/core/error.hpp"

#include <boost/assert/source_location.hpp>

namespace benchtop {

// Found by argument-dependent lookup when boost::system::result::value() meets an error.
[[noreturn]] inline void
throw_exception_from_error(const AwsError& error, const boost::source_location&) {
    throw_exception_from_error(error, std::source_location::current());
}

} // namespace benchtop

#include <boost/system/result.hpp>

namespace benchtop {

template <class T = void>
using Result = boost::system::result<T, AwsError>;

} // namespace benchtop
