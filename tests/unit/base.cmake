tt1_unit_test(base_threads)
