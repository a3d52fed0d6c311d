# Finds every library, or says what to install; refuses the versions that are known not to work.

# HOLDFAST_MISSING collects what is not there, so that one configure run names all of it.
set(HOLDFAST_MISSING "")

macro(holdfast_require found what package)
  if(NOT ${found})
    string(APPEND HOLDFAST_MISSING "\n  ${what} (Debian package: ${package})")
  endif()
endmacro()

if(DEFINED CMAKE_CXX_STANDARD AND NOT CMAKE_CXX_STANDARD EQUAL 17)
  message(FATAL_ERROR
    "Holdfast is C++17, but CMAKE_CXX_STANDARD is ${CMAKE_CXX_STANDARD}: websocketpp 0.8.2 does not compile "
    "as C++20. Configure without -DCMAKE_CXX_STANDARD.")
endif()

find_package(Threads REQUIRED)
find_package(CAF 0.17.6 EXACT QUIET COMPONENTS core)
if(CAF_VERSION AND NOT CAF_VERSION VERSION_EQUAL 0.17.6)
  message(FATAL_ERROR
    "Found CAF ${CAF_VERSION} in ${CAF_INCLUDE_DIR}, but Holdfast needs CAF 0.17.6: typed interfaces and type ids "
    "are written differently in other releases. Install libcaf-dev of Debian 12, or point -DCAF_INCLUDE_DIR and "
    "-DCAF_core_LIBRARY at a CAF 0.17.6.")
endif()
holdfast_require(CAF_FOUND "CAF 0.17.6" libcaf-dev)

find_path(ASIO_INCLUDE_DIR asio.hpp)
mark_as_advanced(ASIO_INCLUDE_DIR)
holdfast_require(ASIO_INCLUDE_DIR "Asio 1.22 to 1.33, without Boost" libasio-dev)
if(ASIO_INCLUDE_DIR)
  file(STRINGS "${ASIO_INCLUDE_DIR}/asio/version.hpp" asio_version REGEX "#define ASIO_VERSION [0-9]+")
  string(REGEX REPLACE ".*ASIO_VERSION ([0-9]+).*" "\\1" asio_version "${asio_version}")
  if(asio_version GREATER_EQUAL 103400)
    math(EXPR asio_major "${asio_version} / 100000")
    math(EXPR asio_minor "${asio_version} / 100 % 1000")
    message(FATAL_ERROR
      "Found Asio ${asio_major}.${asio_minor} in ${ASIO_INCLUDE_DIR}, but Asio 1.34 removed what websocketpp 0.8.2 is "
      "built on (io_service, expires_from_now). Install Asio 1.22 to 1.33 (libasio-dev of Debian 12), or point "
      "-DASIO_INCLUDE_DIR at one.")
  endif()
  add_library(holdfast_asio INTERFACE)
  target_include_directories(holdfast_asio SYSTEM INTERFACE "${ASIO_INCLUDE_DIR}")
  target_compile_definitions(holdfast_asio INTERFACE ASIO_STANDALONE)
  target_link_libraries(holdfast_asio INTERFACE Threads::Threads)
endif()

find_package(websocketpp QUIET)
find_package(nlohmann_json 3.11 QUIET)
find_package(CLI11 QUIET)
find_package(tomlplusplus QUIET)
find_package(OpenSSL 3.0 QUIET)
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(LIBEDIT QUIET IMPORTED_TARGET libedit)
endif()
holdfast_require(websocketpp_FOUND "websocketpp 0.8.2" libwebsocketpp-dev)
holdfast_require(nlohmann_json_FOUND "nlohmann-json 3.11" nlohmann-json3-dev)
holdfast_require(CLI11_FOUND "CLI11 2.1" libcli11-dev)
holdfast_require(tomlplusplus_FOUND "toml++ 3.3" libtomlplusplus-dev)
holdfast_require(OPENSSL_FOUND "OpenSSL 3.0" libssl-dev)
holdfast_require(PKG_CONFIG_FOUND "pkg-config" pkgconf)
holdfast_require(LIBEDIT_FOUND "libedit 3.1" libedit-dev)

if(HOLDFAST_MISSING)
  message(FATAL_ERROR "Not found:${HOLDFAST_MISSING}\nOn Debian and Ubuntu, scripts/deps installs all of it.")
endif()

# Only the tests need these; without them everything else still builds (scripts/run installs no test packages).
find_package(Boost 1.74 QUIET COMPONENTS unit_test_framework)
if(NOT TARGET Boost::unit_test_framework)
  message(STATUS "Boost.Test is not installed: no unit tests (scripts/deps --tests installs it)")
endif()
find_package(rapidcheck QUIET)
if(NOT TARGET rapidcheck)
  message(STATUS "rapidcheck is not installed: no property tests (scripts/deps --tests installs it)")
endif()
