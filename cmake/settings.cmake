# How everything is compiled. tt1_flags: compilers' flags and the public headers,
# enough for programs and examples; tt1_settings: the same and the rooms of src/.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_STANDARD 17) # for the one C++ file, src/dicom/dicom.cc
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Invariants are checked wherever tests run; what users build does not pay for them.
if(TT1_TESTS)
  set(CMAKE_C_FLAGS_RELEASE "-O3")
else()
  set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG")
endif()
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

configure_file("${PROJECT_SOURCE_DIR}/include/tt1_version.h.in"
               "${PROJECT_BINARY_DIR}/include/tt1_version.h" @ONLY)

add_library(tt1_flags INTERFACE)
target_include_directories(tt1_flags INTERFACE
  "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include")
target_compile_definitions(tt1_flags INTERFACE _POSIX_C_SOURCE=200809L)
# What the numbers depend on. -ffp-contract=off: the compiler of models places every mad itself, so that all
# compilers and instruction sets give the same bits (docs/numerics.md).
set(TT1_NUMERIC_FLAGS -ffp-contract=off -fno-math-errno -fno-trapping-math)
target_compile_options(tt1_flags INTERFACE
  ${TT1_NUMERIC_FLAGS}
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wdouble-promotion -Wundef -Wvla -Wformat=2
  -Wwrite-strings
  $<$<COMPILE_LANGUAGE:C>:-Wcast-qual -Wstrict-prototypes -Wmissing-prototypes>
  $<$<BOOL:${TT1_WERROR}>:-Werror>)
target_link_libraries(tt1_flags INTERFACE Threads::Threads)

if(TT1_SANITIZE)
  target_compile_options(tt1_flags INTERFACE
    -fsanitize=${TT1_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=vptr>) # DCMTK is not built with it
  target_link_options(tt1_flags INTERFACE -fsanitize=${TT1_SANITIZE})
endif()

add_library(tt1_settings INTERFACE)
target_include_directories(tt1_settings INTERFACE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_BINARY_DIR}")
target_link_libraries(tt1_settings INTERFACE tt1_flags)
