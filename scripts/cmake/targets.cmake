# What the folders' CMakeLists.txt files are written with.

# Adds the static library holdfast_<folder> from SOURCES; nothing where there are none yet.
#   holdfast_library(actors SOURCES ... PUBLIC <targets> PRIVATE <targets> PRECOMPILE <headers>)
function(holdfast_library folder)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE;PRECOMPILE" ${ARGN})
  if(NOT arg_SOURCES)
    return()
  endif()
  set(target holdfast_${folder})
  add_library(${target} STATIC ${arg_SOURCES})
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE $<BUILD_INTERFACE:holdfast_options> ${arg_PRIVATE})
  target_compile_features(${target} PUBLIC cxx_std_17)
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${folder} UNITY_BUILD ${HOLDFAST_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  holdfast_precompile(${target} ${arg_PRECOMPILE})
endfunction()

# What programs of others include: installed below include/holdfast, under the names that they have here.
#   holdfast_public_headers(actors handler.hpp)
function(holdfast_public_headers folder)
  target_sources(holdfast_${folder} PUBLIC
    FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${ARGN})
endfunction()

# Adds the Boost.Test executable holdfast_test_<folder> from every .cpp below tests/<folder>, with ONLY_CASES from
# main.cpp and *_test.cpp; without rapidcheck, *_property_test.cpp are left out.
#   holdfast_boost_test(actors [ONLY_CASES] LINK <targets> PRECOMPILE <headers>)
function(holdfast_boost_test folder)
  cmake_parse_arguments(arg "ONLY_CASES" "" "LINK;PRECOMPILE" ${ARGN})
  set(root "${CMAKE_CURRENT_SOURCE_DIR}/${folder}")
  if(arg_ONLY_CASES)
    file(GLOB sources CONFIGURE_DEPENDS "${root}/main.cpp" "${root}/*_test.cpp")
  else()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${root}/*.cpp")
  endif()
  if(NOT TARGET rapidcheck)
    list(FILTER sources EXCLUDE REGEX "_property_test\\.cpp$")
  endif()
  set(cases ${sources})
  list(REMOVE_ITEM cases "${root}/main.cpp")
  if(NOT cases OR NOT TARGET Boost::unit_test_framework)
    return()
  endif()
  set(target holdfast_test_${folder})
  add_executable(${target} ${sources})
  target_compile_definitions(${target} PRIVATE
    BOOST_TEST_DYN_LINK "HOLDFAST_VECTORS_DIR=\"${PROJECT_SOURCE_DIR}/protocol/vectors\"")
  target_link_libraries(${target} PRIVATE holdfast_options Boost::unit_test_framework ${arg_LINK})
  # main.cpp defines BOOST_TEST_MODULE before it includes Boost.Test, so nothing may come before it.
  set_source_files_properties("${root}/main.cpp" PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  holdfast_precompile(${target} <boost/test/unit_test.hpp> ${arg_PRECOMPILE})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_test(NAME ${folder} COMMAND ${target} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
endfunction()

# Adds one executable holdfast_<kind>_<file> for each .cpp of tests/<folder>.
#   holdfast_programs(bench benchmark LINK <targets>)
function(holdfast_programs kind folder)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp")
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    set(target holdfast_${kind}_${name})
    add_executable(${target} "${source}")
    target_link_libraries(${target} PRIVATE holdfast_options ${arg_LINK})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  endforeach()
endfunction()

function(holdfast_precompile target)
  if(HOLDFAST_PCH AND ARGN)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()
