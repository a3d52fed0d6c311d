# Debian's libcaf-dev ships no CMake configuration, hence this module.
#
#   find_package(CAF 0.17.6 EXACT COMPONENTS core io openssl)
#
# defines CAF_VERSION, CAF_INCLUDE_DIR and one imported target CAF::<component> for each.

include(FindPackageHandleStandardArgs)
find_package(Threads QUIET)

find_path(CAF_INCLUDE_DIR caf/all.hpp)
mark_as_advanced(CAF_INCLUDE_DIR)

unset(CAF_VERSION)
if(EXISTS "${CAF_INCLUDE_DIR}/caf/config.hpp")
  # 0.17.6 is written as 1706. From 0.18 on the number stands in another header, which counts as "another version".
  file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" caf_number REGEX "#define CAF_VERSION [0-9]+")
  if(NOT caf_number AND EXISTS "${CAF_INCLUDE_DIR}/caf/detail/build_config.hpp")
    file(STRINGS "${CAF_INCLUDE_DIR}/caf/detail/build_config.hpp" caf_number REGEX "#define CAF_VERSION [0-9]+")
  endif()
  if(caf_number)
    string(REGEX REPLACE ".*CAF_VERSION ([0-9]+).*" "\\1" caf_number "${caf_number}")
    math(EXPR caf_major "${caf_number} / 10000")
    math(EXPR caf_minor "${caf_number} / 100 % 100")
    math(EXPR caf_patch "${caf_number} % 100")
    set(CAF_VERSION "${caf_major}.${caf_minor}.${caf_patch}")
  endif()
endif()

foreach(component IN LISTS CAF_FIND_COMPONENTS)
  find_library(CAF_${component}_LIBRARY caf_${component})
  mark_as_advanced(CAF_${component}_LIBRARY)
  if(CAF_${component}_LIBRARY)
    set(CAF_${component}_FOUND TRUE)
  endif()
endforeach()

find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_INCLUDE_DIR
  VERSION_VAR CAF_VERSION
  HANDLE_COMPONENTS)

if(CAF_FOUND)
  foreach(component IN LISTS CAF_FIND_COMPONENTS)
    if(TARGET CAF::${component})
      continue()
    endif()
    add_library(CAF::${component} UNKNOWN IMPORTED)
    set_target_properties(CAF::${component} PROPERTIES
      IMPORTED_LOCATION "${CAF_${component}_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}")
    # openssl stands on io, io on core.
    if(component STREQUAL "core")
      target_link_libraries(CAF::core INTERFACE Threads::Threads)
    elseif(component STREQUAL "io")
      target_link_libraries(CAF::io INTERFACE CAF::core)
    else()
      target_link_libraries(CAF::${component} INTERFACE CAF::io)
    endif()
  endforeach()
endif()
