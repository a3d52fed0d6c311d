# Language level, warnings and the compiler cache, for every target of the project.

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

add_library(holdfast_options INTERFACE)
target_include_directories(holdfast_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(holdfast_options INTERFACE -Wall -Wextra -Wpedantic -pthread)
target_link_options(holdfast_options INTERFACE -pthread)
if(HOLDFAST_WERROR)
  target_compile_options(holdfast_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
  # Instrumented code gives g++-12 false positives inside std::variant and std::optional.
  target_compile_options(holdfast_options INTERFACE -Wno-maybe-uninitialized)
endif()

find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without these two, ccache refuses every file that is compiled with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${CCACHE_PROGRAM}")
  if(HOLDFAST_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(holdfast_options INTERFACE -fpch-preprocess)
  endif()
endif()
