if(NOT TT1_CORE)
  tt1_unit_test(abi_versions)
endif()
