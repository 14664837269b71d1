# find_package(Benchtop [COMPONENTS catch2]) gives
#   Benchtop::harness      a whole Benchtop in memory: "harness/lab.hpp", "harness/check/search.hpp"
#   Benchtop::handlers     what handlers are written with: "handlers/aws/..."
#   Benchtop::catch2       harness, Catch2 (2.13 or 3) and a main: "harness/catch2.hpp"; only where Catch2 is
#   Benchtop::benchtop     the program, BENCHTOP_EXECUTABLE its path
#   benchtop_handler(NAME SOURCES...)   a handler as a plugin, NAME.so
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(OpenSSL 3)
find_dependency(SQLite3 3.37)
find_dependency(Boost 1.81 COMPONENTS json)
find_dependency(fmt)
find_dependency(pugixml)
find_dependency(yaml-cpp)
find_dependency(PkgConfig)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
include(${CMAKE_CURRENT_LIST_DIR}/BenchtopTargets.cmake)

get_filename_component(BENCHTOP_EXECUTABLE ${CMAKE_CURRENT_LIST_DIR}/../../../bin/benchtop ABSOLUTE)
if(EXISTS ${BENCHTOP_EXECUTABLE} AND NOT TARGET Benchtop::benchtop)
    add_executable(Benchtop::benchtop IMPORTED)
    set_target_properties(Benchtop::benchtop PROPERTIES IMPORTED_LOCATION ${BENCHTOP_EXECUTABLE})
endif()

if("catch2" IN_LIST Benchtop_FIND_COMPONENTS AND Benchtop_FIND_REQUIRED_catch2)
    find_dependency(Catch2)
else()
    find_package(Catch2 QUIET)
endif()
set(Benchtop_catch2_FOUND ${Catch2_FOUND})
if(Catch2_FOUND AND NOT TARGET Benchtop::catch2)
    add_library(Benchtop::catch2 INTERFACE IMPORTED)
    if(TARGET Catch2::Catch2WithMain)
        target_link_libraries(Benchtop::catch2 INTERFACE Benchtop::harness Catch2::Catch2WithMain)
    else()
        target_link_libraries(Benchtop::catch2 INTERFACE Benchtop::harness Catch2::Catch2)
        target_sources(Benchtop::catch2 INTERFACE ${CMAKE_CURRENT_LIST_DIR}/catch_main.cpp)
    endif()
endif()

set(BENCHTOP_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/plugin.map)

# A plugin exports one symbol; none of its C++ symbols binds to another's.
function(benchtop_handler name)
    add_library(${name} MODULE ${ARGN})
    target_link_libraries(${name} PRIVATE Benchtop::handlers)
    target_link_options(${name} PRIVATE -Wl,--gc-sections -Wl,--version-script=${BENCHTOP_PLUGIN_MAP})
    set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX .so LINK_DEPENDS ${BENCHTOP_PLUGIN_MAP}
        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()
