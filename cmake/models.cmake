# Kernel text of the shipped models, made at build time by the host tool
# emit_tool: models/<name>.h in the build folder, one per name in TT1_MODELS.

set(TT1_MODEL_HEADERS "")
if(TARGET emit_tool)
  foreach(name IN LISTS TT1_MODELS)
    set(header "${PROJECT_BINARY_DIR}/models/${name}.h")
    add_custom_command(OUTPUT "${header}"
      COMMAND ${CMAKE_COMMAND} -E make_directory "${PROJECT_BINARY_DIR}/models"
      COMMAND emit_tool "${PROJECT_SOURCE_DIR}/models/${name}.model" > "${header}.tmp"
      COMMAND ${CMAKE_COMMAND} -E rename "${header}.tmp" "${header}"
      DEPENDS emit_tool "${PROJECT_SOURCE_DIR}/models/${name}.model"
      COMMENT "Model ${name} to kernel text"
      VERBATIM)
    list(APPEND TT1_MODEL_HEADERS "${header}")
  endforeach()
endif()
add_custom_target(tt1_models DEPENDS ${TT1_MODEL_HEADERS})
