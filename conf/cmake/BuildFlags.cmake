# Language, warnings and hardening for everything that is compiled here.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(SLUICE_BIN_DIR ${PROJECT_BINARY_DIR}/bin)  # the programs, and nothing else

option(SLUICE_WERROR "Treat warnings as errors" OFF)
option(SLUICE_STATIC_PLUGIN "Link sluice-cni as a fully static binary" OFF)
set(SLUICE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
option(SLUICE_COVERAGE "Count executed lines" OFF)
option(SLUICE_LIBFUZZER "Build the fuzz targets for libFuzzer (clang)" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(sluice_flags INTERFACE)
target_include_directories(sluice_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(sluice_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wcast-qual
  -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough -Wundef
  $<$<BOOL:${SLUICE_WERROR}>:-Werror>
  # False alarms of GCC 12's optimizer in std::string (bug 105651) and std::variant (bug 105562).
  $<$<CONFIG:Release>:-Wno-restrict -Wno-maybe-uninitialized>
  -fstack-protector-strong
  $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -ffunction-sections -fdata-sections>)
target_link_options(sluice_flags INTERFACE
  -Wl,-z,relro,-z,now -Wl,--as-needed
  $<$<CONFIG:Release>:-Wl,--gc-sections>)

if(SLUICE_SANITIZE)
  # Functions and lines are all that a report names.
  target_compile_options(sluice_flags INTERFACE
    -g1 -fsanitize=${SLUICE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sluice_flags INTERFACE -fsanitize=${SLUICE_SANITIZE})
  if(SLUICE_SANITIZE MATCHES thread)
    # Asio's fences, which ThreadSanitizer does not understand, guard nothing but what mutexes do too.
    target_compile_options(sluice_flags INTERFACE -Wno-tsan)
  endif()
endif()

if(SLUICE_LIBFUZZER)
  target_compile_options(sluice_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(SLUICE_COVERAGE)
  target_compile_options(sluice_flags INTERFACE --coverage)
  target_link_options(sluice_flags INTERFACE --coverage)
endif()
