# For tests of handlers outside this tree: find_package(Benchtop), then link Benchtop::harness or Benchtop::catch2.
include(CMakePackageConfigHelpers)

set(package lib/cmake/Benchtop)
set_target_properties(benchtop_harness PROPERTIES EXPORT_NAME harness)
set_target_properties(benchtop_handlers PROPERTIES EXPORT_NAME handlers)
add_library(Benchtop::harness ALIAS benchtop_harness)
add_library(Benchtop::handlers ALIAS benchtop_handlers)

install(TARGETS benchtop_harness benchtop_handlers benchtop_options EXPORT benchtop ARCHIVE DESTINATION lib/benchtop)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/harness ${PROJECT_SOURCE_DIR}/emulator DESTINATION include/benchtop
    FILES_MATCHING PATTERN "*.hpp" PATTERN net EXCLUDE PATTERN cli EXCLUDE PATTERN platform EXCLUDE
    PATTERN examples EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/handlers DESTINATION include/benchtop
    FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(EXPORT benchtop NAMESPACE Benchtop:: FILE BenchtopTargets.cmake DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/BenchtopConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/BenchtopConfig.cmake ${PROJECT_BINARY_DIR}/BenchtopConfigVersion.cmake
    DESTINATION ${package})
# What the package's own functions need.
install(FILES ${PROJECT_SOURCE_DIR}/handlers/hosts/plugin.map ${CMAKE_CURRENT_LIST_DIR}/catch_main.cpp
    DESTINATION ${package})
