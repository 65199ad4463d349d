tt1_unit_test(file_folder)
tt1_unit_test(file_gzip)
tt1_unit_test(file_mat)
tt1_unit_test(file_zip)
