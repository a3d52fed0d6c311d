# What `cmake --install` puts where: the command, what a service needs, and the libraries and headers for
# programs with handlers of their own (find_package(holdfast), or pkg-config).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(holdfast_include_dir "${CMAKE_INSTALL_INCLUDEDIR}/holdfast")
set(holdfast_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/holdfast")
set(holdfast_data_dir "${CMAKE_INSTALL_DATADIR}/holdfast")

install(TARGETS holdfast RUNTIME COMPONENT service)
install(FILES "${PROJECT_SOURCE_DIR}/app/deploy/systemd/holdfast.service"
  DESTINATION lib/systemd/system COMPONENT service)
install(FILES "${PROJECT_SOURCE_DIR}/app/deploy/holdfast.toml" DESTINATION "${holdfast_data_dir}" COMPONENT service)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/app/deploy/prometheus" "${PROJECT_SOURCE_DIR}/app/deploy/grafana"
  DESTINATION "${holdfast_data_dir}" COMPONENT service)

install(DIRECTORY "${PROJECT_SOURCE_DIR}/app/examples" DESTINATION "${holdfast_data_dir}" COMPONENT development)
install(TARGETS holdfast_protocol holdfast_actors holdfast_app EXPORT holdfast
  ARCHIVE COMPONENT development
  FILE_SET HEADERS DESTINATION "${holdfast_include_dir}" COMPONENT development)
install(EXPORT holdfast NAMESPACE holdfast:: FILE holdfast-targets.cmake
  DESTINATION "${holdfast_cmake_dir}" COMPONENT development)
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/holdfast-config.cmake.in"
  "${PROJECT_BINARY_DIR}/holdfast-config.cmake"
  INSTALL_DESTINATION "${holdfast_cmake_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/holdfast-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/holdfast-config.cmake" "${PROJECT_BINARY_DIR}/holdfast-config-version.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake"
  DESTINATION "${holdfast_cmake_dir}" COMPONENT development)

# Where the prefix is, seen from the file: the tree can be moved.
set(holdfast_pc_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/${holdfast_pc_dir}"
  OUTPUT_VARIABLE HOLDFAST_PC_PREFIX)
configure_file("${CMAKE_CURRENT_LIST_DIR}/holdfast.pc.in" "${PROJECT_BINARY_DIR}/holdfast.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/holdfast.pc" DESTINATION "${holdfast_pc_dir}" COMPONENT development)
