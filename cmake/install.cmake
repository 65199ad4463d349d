# Headers, libraries, program, man page; pkg-config and CMake package files.
include(CMakePackageConfigHelpers)

set(TT1_HEADERS include/torcht1.h include/tt1_design.h include/tt1_json.h)
if(NOT TT1_CORE)
  list(APPEND TT1_HEADERS include/tt1_analysis.h include/tt1_bids.h include/tt1_dicom.h include/tt1_file.h
       include/tt1_image.h include/tt1_input.h include/tt1_mapping.h include/tt1_measure.h include/tt1_network.h include/tt1_report.h
       include/tt1_simulate.h)
endif()
install(FILES ${TT1_HEADERS} "${PROJECT_BINARY_DIR}/include/tt1_version.h"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/torcht1")
if(NOT TT1_CORE)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/weights" "${PROJECT_SOURCE_DIR}/models"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/torcht1")
  install(FILES "${PROJECT_SOURCE_DIR}/CITATION.cff" "${PROJECT_SOURCE_DIR}/LICENSE"
          "${PROJECT_SOURCE_DIR}/CHANGELOG.md" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs" DESTINATION "${CMAKE_INSTALL_DOCDIR}"
          FILES_MATCHING PATTERN "*.md" PATTERN "*.png" PATTERN "paper/*.pdf" EXCLUDE)
endif()
install(TARGETS torcht1_shared EXPORT torcht1Targets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS torcht1_static ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")

file(RELATIVE_PATH TT1_PC_PREFIX
  "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/") # so that an installed tree may be moved
string(REPLACE ";" " " TT1_PC_REQUIRES_PRIVATE "${TT1_PRIVATE_PACKAGES}")
string(REPLACE ";" " " TT1_PC_LIBS_PRIVATE "${TT1_PRIVATE_LIBRARIES}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/torcht1.pc.in" "${PROJECT_BINARY_DIR}/torcht1.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/torcht1.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

set(TT1_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/torcht1")
install(EXPORT torcht1Targets NAMESPACE torcht1:: DESTINATION "${TT1_CMAKE_DIR}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/torcht1Config.cmake.in"
  "${PROJECT_BINARY_DIR}/torcht1Config.cmake" INSTALL_DESTINATION "${TT1_CMAKE_DIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/torcht1ConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/torcht1Config.cmake"
              "${PROJECT_BINARY_DIR}/torcht1ConfigVersion.cmake"
        DESTINATION "${TT1_CMAKE_DIR}")
