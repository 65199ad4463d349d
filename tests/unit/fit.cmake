tt1_unit_test(fit_design)
tt1_unit_test(fit_deviation)
tt1_unit_test(fit_onehash)
tt1_unit_test(fit_optimum)
tt1_unit_test(fit_outcome)
tt1_unit_test(fit_phantom)
tt1_unit_test(fit_recovery)

# Simulated voxels and the brute-force optimum of the bench serve as reference.
foreach(name fit_deviation fit_optimum fit_phantom)
  if(TARGET test_${name})
    target_sources(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}/bench/molli_reference.c")
    target_include_directories(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}/bench")
  endif()
endforeach()

# The same for two compilers: builds the library twice.
tt1_script_test(compilers sh "${PROJECT_SOURCE_DIR}/tests/compilers.sh" "${PROJECT_SOURCE_DIR}")
