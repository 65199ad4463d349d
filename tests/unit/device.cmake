tt1_unit_test(device_cpu)
