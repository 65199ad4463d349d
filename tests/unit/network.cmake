tt1_unit_test(network_npz)
tt1_unit_test(network_pass)
tt1_unit_test(network_predict)
tt1_unit_test(network_train)
