tt1_unit_test(base_text)
tt1_unit_test(base_threads)
