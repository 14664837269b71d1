// A lab in tests with Catch2 (2.13 or 3): link Benchtop::catch2 and write
//
//     TEST_CASE("a URL expires after five minutes") {
//         Lab lab{seed};
//         lab.deploy(lab_stack());
//         auto url = lab.client("student").presign();
//         lab.clock().advance(301s);
//         CHECK(lab.put(url, "x") == refused("Request has expired"));
//     }
//
// Answers are printed with status, code and message when a check fails.
#pragma once

#include "harness/expect.hpp"
#include "harness/lab.hpp"

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
