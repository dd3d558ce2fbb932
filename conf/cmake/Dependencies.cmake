# Third-party libraries, each as one target that works for dynamic and static executables alike:
# libraries are named with -l, so that `-static-pie` on an executable finds the archives.

find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(doctest REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(NFTNL REQUIRED libnftnl>=1.2.4 libmnl)
pkg_check_modules(NL REQUIRED libnl-route-3.0 libnl-3.0)
pkg_check_modules(YAML REQUIRED yaml-cpp)
pkg_check_modules(RE2 REQUIRED re2)

function(sluice_dependency name)
  cmake_parse_arguments(ARG "" "" "INCLUDE;LINK" ${ARGN})
  add_library(${name} INTERFACE)
  target_include_directories(${name} SYSTEM INTERFACE ${ARG_INCLUDE})
  target_link_libraries(${name} INTERFACE ${ARG_LINK})
endfunction()

sluice_dependency(dep_nftnl INCLUDE ${NFTNL_INCLUDE_DIRS} LINK -lnftnl -lmnl)
sluice_dependency(dep_nl_route INCLUDE ${NL_INCLUDE_DIRS} LINK -lnl-route-3 -lnl-3)
sluice_dependency(dep_yaml INCLUDE ${YAML_INCLUDE_DIRS} LINK -lyaml-cpp)
sluice_dependency(dep_re2 INCLUDE ${RE2_INCLUDE_DIRS} LINK -lre2 Threads::Threads)
sluice_dependency(dep_openssl INCLUDE ${OPENSSL_INCLUDE_DIR} LINK -lssl -lcrypto)
# Beast's parser alone, header-only: for programs that have no event loop.
sluice_dependency(dep_beast INCLUDE ${Boost_INCLUDE_DIRS})
# Debian bookworm ships no libmnl.a, which a static sluice-cni needs.
if(SLUICE_STATIC_PLUGIN)
  find_library(LIBMNL_A libmnl.a HINTS ${SLUICE_LIBMNL_DIR} $ENV{SLUICE_LIBMNL_DIR})
  if(NOT LIBMNL_A)
    message(FATAL_ERROR
      "libmnl.a was not found, and sluice-cni is a static binary. Debian's bookworm package has "
      "none: run conf/cmake/fetch-libmnl DIR, which extracts it from trixie's libmnl-dev, and "
      "configure with -DSLUICE_LIBMNL_DIR=DIR; or turn SLUICE_STATIC_PLUGIN off.")
  endif()
endif()
