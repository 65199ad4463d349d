tt1_unit_test(fit_design)
tt1_unit_test(fit_deviation)
tt1_unit_test(fit_onehash)
tt1_unit_test(fit_optimum)
tt1_unit_test(fit_outcome)
if(NOT TT1_CORE) # which reads no images
  tt1_unit_test(fit_phantom)
endif()
tt1_unit_test(fit_plan)
tt1_unit_test(fit_recovery)
tt1_unit_test(fit_signs)

# Simulated voxels and the brute-force optimum of the bench serve as reference.
foreach(name fit_deviation fit_optimum fit_phantom)
  if(TARGET test_${name})
    target_sources(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}/bench/molli_reference.c")
    target_include_directories(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}/bench")
  endif()
endforeach()
