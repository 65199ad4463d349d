/* SPDX-License-Identifier: MIT
 * Every allocation fails once: an error is reported, nothing leaks, nothing is handed out. */
#include "model_support.h"

#include "base/memory.h"

static tt1_status work(const char *text)
{
  tt1_model *model = NULL, *changed = NULL;
  char *emitted = NULL, *explained = NULL, *shown = NULL;
  tt1_error err = {0};
  tt1_status status = tt1_model_compile(&model, text, &err);
  if (status == TT1_OK) status = tt1_model_test(model, &err);
  if (status == TT1_OK) status = tt1_model_emit(&emitted, model, TT1_DIALECT_C, &err);
  if (status == TT1_OK) status = tt1_model_explain(&explained, model, &err);
  if (status == TT1_OK) {
    const tt1_parameter *last = tt1_model_parameter(model, tt1_model_n_parameters(model) - 1);
    tt1_change change = {last->name, TT1_CHANGE_BOUNDS, last->lower, last->upper};
    status = tt1_model_adapt(&changed, model, &change, 1, &err);
  }
  if (status == TT1_OK) status = tt1_model_error_show(&shown, "f", text, &err, &err);
  if (status != TT1_OK) assert_int_equal(err.status, status);
  tt1_text_free(shown);
  tt1_text_free(explained);
  tt1_text_free(emitted);
  tt1_model_free(changed);
  tt1_model_free(model);
  return status;
}

static void the_nth_allocation_fails(void **state)
{
  (void)state;
  for (int i = 0; tt1_builtin_name(i); i++) {
    tt1_model *model = builtin(tt1_builtin_name(i));
    long nth = 1;
    for (; nth < 1000; nth++) {
      tt1__fail_allocation(nth);
      tt1_status status = work(tt1_model_text(model));
      tt1__fail_allocation(0);
      if (status == TT1_OK) break;
      assert_int_equal(status, TT1_NO_MEMORY);
    }
    assert_in_range(nth, 5, 999);
    tt1_model_free(model);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_nth_allocation_fails)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
