tt1_unit_test(measure_segments m)
