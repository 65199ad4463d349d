tt1_unit_test(analysis_agreement m)
tt1_unit_test(analysis_maps m)
tt1_unit_test(analysis_special m)
