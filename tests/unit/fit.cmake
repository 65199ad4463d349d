tt1_unit_test(fit_onehash)

# The same for two compilers: builds the library twice.
add_test(NAME compilers COMMAND sh "${PROJECT_SOURCE_DIR}/tests/compilers.sh" "${PROJECT_SOURCE_DIR}")
set_tests_properties(compilers PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900 LABELS compilers)
