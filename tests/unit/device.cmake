tt1_unit_test(device_cache)
tt1_unit_test(device_cpu)
tt1_unit_test(device_cuda)
tt1_unit_test(device_sources)
