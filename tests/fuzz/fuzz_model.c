/* SPDX-License-Identifier: MIT
 * libFuzzer target: any bytes as the text of a model. Whatever compiles must also
 * test, explain and emit without harm.
 *   clang -fsanitize=fuzzer,address,undefined ... fuzz_model.c libtorcht1.a */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "torcht1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char *text = malloc(size + 1), *made = NULL;
  tt1_model *model = NULL;
  tt1_error err = {0};
  if (!text) return 0;
  memcpy(text, data, size);
  text[size] = '\0';
  if (tt1_model_compile(&model, text, &err) == TT1_OK) {
    tt1_model_test(model, &err);
    if (tt1_model_explain(&made, model, &err) == TT1_OK) tt1_text_free(made);
    made = NULL;
    if (tt1_model_emit(&made, model, TT1_DIALECT_OPENCL, &err) == TT1_OK) tt1_text_free(made);
  } else if (tt1_model_error_show(&made, "fuzz", text, &err, NULL) == TT1_OK) {
    tt1_text_free(made);
  }
  tt1_model_free(model);
  free(text);
  return 0;
}
