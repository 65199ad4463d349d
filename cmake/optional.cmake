# Optional libraries. Each is looked for by its header and its file, so that
# nothing but CMake is needed; what is found defines TT1_HAVE_<NAME>.

set(TT1_OPTIONAL_LINKS "")
set(TT1_PRIVATE_PACKAGES "") # for torcht1.pc

function(tt1_optional name header library package purpose)
  string(TOLOWER "${name}" lower)
  if(TT1_CORE)
    message(STATUS "${lower}: absent (a core build uses no libraries); without: ${purpose}")
    return()
  endif()
  find_path(TT1_${name}_INCLUDE_DIR NAMES "${header}" PATH_SUFFIXES ${ARGN})
  find_library(TT1_${name}_LIBRARY NAMES "${library}")
  mark_as_advanced(TT1_${name}_INCLUDE_DIR TT1_${name}_LIBRARY)
  if(NOT TT1_${name}_INCLUDE_DIR)
    message(STATUS "${lower}: absent (no ${header}); without: ${purpose}")
  elseif(NOT TT1_${name}_LIBRARY)
    message(STATUS "${lower}: absent (no lib${library}); without: ${purpose}")
  else()
    message(STATUS "${lower}: ${TT1_${name}_LIBRARY}")
    target_include_directories(tt1_settings SYSTEM INTERFACE "${TT1_${name}_INCLUDE_DIR}")
    target_compile_definitions(tt1_settings INTERFACE "TT1_HAVE_${name}")
    set(TT1_OPTIONAL_LINKS ${TT1_OPTIONAL_LINKS} "${TT1_${name}_LIBRARY}" PARENT_SCOPE)
    set(TT1_PRIVATE_PACKAGES ${TT1_PRIVATE_PACKAGES} "${package}" PARENT_SCOPE)
  endif()
endfunction()

tt1_optional(ZLIB zlib.h z zlib "compressed files (.nii.gz)")
tt1_optional(JANSSON jansson.h jansson jansson "times from JSON sidecars")
tt1_optional(CAIRO cairo.h cairo cairo "pictures" cairo)
