tt1_unit_test(measure_ecv m)
tt1_unit_test(measure_segments m)
tt1_unit_test(measure_bars m)
