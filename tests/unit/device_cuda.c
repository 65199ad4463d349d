/* SPDX-License-Identifier: MIT
 * The kernels of every model and solver through NVRTC, where it is: machine code
 * for the newest devices. Running them needs a GPU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/memory.h"
#include "device/gpu.h"
#include "fit/plan.h"
#include "fit_hash.h"

static void compiles(const tt1_model *model, const way *w, int architecture)
{
  tt1_device *device = processor(NULL, 1);
  acquisition a;
  acquire(&a, model);
  tt1_plan *plan = plan_way(device, model, &a.design, w, 0);
  if (plan) {
    const tt1__tables *t = plan->magnitude.numbers ? &plan->magnitude : &plan->is_signed;
    char *text = NULL, log[400] = "";
    tt1__gpu_binary binary = {0};
    assert_int_equal(tt1__gpu_text(&text, model, &t->setup, TT1_DIALECT_CUDA, NULL), TT1_OK);
    if (tt1__cuda_compile(architecture, 0, text, &binary, log, sizeof log))
      fail_msg("%s, %s: %s", tt1_model_name(model), w->name, log);
    assert_true(binary.size > 1000);
    assert_memory_equal(binary.bytes, "\177ELF", 4); // machine code, not PTX
    tt1__free(binary.bytes);
    tt1_text_free(text);
  }
  tt1_plan_free(plan);
  tt1_device_free(device);
}

static void every_model_compiles(void **state)
{
  (void)state;
  for (int m = 0; tt1_builtin_name(m); m++) {
    tt1_model *model = shipped(tt1_builtin_name(m));
    compiles(model, &WAYS[1], 90);
    tt1_model_free(model);
  }
}

static void every_solver_compiles(void **state)
{
  (void)state;
  tt1_model *model = shipped("molli");
  for (int w = 0; w < N_WAYS; w++)
    compiles(model, &WAYS[w], 120);
  tt1_model_free(model);
}

static void what_is_wrong_is_said(void **state)
{
  (void)state;
  tt1__gpu_binary binary = {0};
  char log[100] = "";
  assert_int_not_equal(tt1__cuda_compile(90, 0, "no kernel", &binary, log, sizeof log), 0);
  assert_non_null(strstr(log, "error"));
  assert_null(binary.bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_model_compiles),
      cmocka_unit_test(every_solver_compiles),
      cmocka_unit_test(what_is_wrong_is_said),
  };
  tt1__gpu_binary binary = {0};
  char log[400] = "";
  if (tt1__cuda_compile(90, 0, "", &binary, log, sizeof log)) {
    print_message("skipped: %s\n", log);
    return 77;
  }
  tt1__free(binary.bytes);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
