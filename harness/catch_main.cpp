// Catch2 2.13 compiles its main into the program, once; Catch2 3 brings its own and does not need
// this file.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
