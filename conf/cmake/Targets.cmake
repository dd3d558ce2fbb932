# The kinds of target. Files are listed, never globbed.

add_library(sluice_test_main OBJECT ${PROJECT_SOURCE_DIR}/e2e/test_main.cpp)
target_link_libraries(sluice_test_main PUBLIC sluice_flags doctest::doctest)

# sluice_library(NAME SOURCES ... LINK ... [TESTS ...]): a static library and, from TESTS, its
# unit tests, which need neither root nor network.
function(sluice_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;TESTS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC sluice_flags ${ARG_LINK})
  if(ARG_TESTS)
    sluice_test(${name}_test TIER unit SOURCES ${ARG_TESTS} LINK ${name})
  endif()
endfunction()

# sluice_program(NAME SOURCES ... LINK ...): one of the programs.
add_custom_target(programs)
function(sluice_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE sluice_flags ${ARG_LINK})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${SLUICE_BIN_DIR})
  add_dependencies(programs ${name})
endfunction()

# sluice_test(NAME TIER unit|kernel|runtimes SOURCES ... LINK ...): a doctest executable. A test
# that exits 77 is skipped.
function(sluice_test name)
  cmake_parse_arguments(ARG "" "TIER;TIMEOUT" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} sluice_test_main)
  target_compile_definitions(${name} PRIVATE
    SLUICE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" SLUICE_BIN_DIR="${SLUICE_BIN_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES
    LABELS ${ARG_TIER} SKIP_RETURN_CODE 77 TIMEOUT ${ARG_TIMEOUT})
endfunction()

# sluice_says_version(SOURCE): in it SLUICE_VERSION is the project's. For few files: each is compiled
# again with each version.
function(sluice_says_version source)
  set_source_files_properties(${source} PROPERTIES
    COMPILE_DEFINITIONS SLUICE_VERSION="${PROJECT_VERSION}")
endfunction()
