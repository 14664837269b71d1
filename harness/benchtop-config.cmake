# find_package(benchtop CONFIG): the harness library, benchtop::benchtop_harness.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(OpenSSL 3)
find_dependency(SQLite3 3.37)
find_dependency(Boost 1.81 COMPONENTS json)
find_dependency(fmt)
find_dependency(pugixml)
include(${CMAKE_CURRENT_LIST_DIR}/benchtop-targets.cmake)
