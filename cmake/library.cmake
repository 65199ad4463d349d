# libtorcht1.so and libtorcht1.a from the objects of the rooms.

set(TT1_LINKS ${TT1_OPTIONAL_LINKS} m ${CMAKE_DL_LIBS})

add_library(torcht1_shared SHARED ${TT1_OBJECTS})
set_target_properties(torcht1_shared PROPERTIES OUTPUT_NAME torcht1 EXPORT_NAME torcht1
  LINKER_LANGUAGE C VERSION "${PROJECT_VERSION}"
  SOVERSION "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
target_link_libraries(torcht1_shared PRIVATE ${TT1_LINKS} Threads::Threads)

add_library(torcht1_static STATIC ${TT1_OBJECTS})
set_target_properties(torcht1_static PROPERTIES OUTPUT_NAME torcht1 LINKER_LANGUAGE C)
target_link_libraries(torcht1_static PUBLIC ${TT1_LINKS} Threads::Threads)

foreach(library torcht1_shared torcht1_static)
  target_include_directories(${library} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
    "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/torcht1>")
  if(TT1_SANITIZE)
    target_link_options(${library} PUBLIC "-fsanitize=${TT1_SANITIZE}")
  endif()
endforeach()
