# tt1_unit_test(<room>_<file> [libraries]): one cmocka program, one test.
# Links the static library, in which private symbols can be reached.

find_path(TT1_CMOCKA_INCLUDE_DIR cmocka.h)
find_library(TT1_CMOCKA_LIBRARY cmocka)
if(TT1_CMOCKA_INCLUDE_DIR AND TT1_CMOCKA_LIBRARY)
  message(STATUS "cmocka: ${TT1_CMOCKA_LIBRARY}")
else()
  message(STATUS "cmocka: absent; without: unit tests")
endif()

function(tt1_unit_test name)
  if(NOT TT1_CMOCKA_LIBRARY OR NOT TT1_CMOCKA_INCLUDE_DIR)
    return()
  endif()
  add_executable(test_${name} "${PROJECT_SOURCE_DIR}/tests/unit/${name}.c")
  target_compile_definitions(test_${name} PRIVATE "TT1_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
  target_include_directories(test_${name} SYSTEM PRIVATE "${TT1_CMOCKA_INCLUDE_DIR}")
  target_include_directories(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/unit")
  target_link_libraries(test_${name} PRIVATE
    torcht1_static tt1_settings "${TT1_CMOCKA_LIBRARY}" ${ARGN})
  add_test(NAME unit_${name} COMMAND test_${name})
  set_tests_properties(unit_${name} PROPERTIES LABELS unit TIMEOUT 300 SKIP_RETURN_CODE 77)
endfunction()
