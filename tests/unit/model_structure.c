/* SPDX-License-Identifier: MIT
 * Which parameters are found to be linear, in which order, and their bounds as rows. */
#include "model_support.h"

#include <stdio.h>
#include <string.h>

static tt1_model *with(const char *finds, const char *signal)
{
  char text[1024];
  snprintf(text, sizeof text, "model m\nknown t s \"time\"\n%s\nsignal %s\n", finds, signal);
  return compile(text);
}

static void assert_row(const tt1__structure *s, int row, double x, double y)
{
  if (s->face[row][0] != x || s->face[row][1] != y)
    fail_msg("row %d is (%g, %g), not (%g, %g)", row, s->face[row][0], s->face[row][1], x, y);
}

static void molli_is_one_dimensional(void **state)
{
  (void)state;
  tt1_model *model = builtin("molli");
  const tt1__structure *s = &model->structure;
  assert_true(s->n_amplitudes == 2 && s->first_fixed && s->is_conic && !s->why_not_varpro);
  assert_true(s->n_nonlinear == 1 && s->nonlinear[0] == 2);
  assert_true(s->numerator[0] == 0 && s->denominator[0] == -1);
  assert_true(s->numerator[1] == 1 && s->denominator[1] == 0);
  assert_true(s->numerator[2] == -1 && s->denominator[2] == -1 && s->n_faces == 2);
  assert_row(s, 0, -1, 1);
  assert_row(s, 1, 4, -1);
  assert_true(model->parameters[0].scales && !model->parameters[1].scales);
  assert_true(model->parameters[1].is_linear && !model->parameters[2].is_linear);
  assert_true(model->grid[2].count == 32 && model->grid[2].is_log);
  assert_int_equal(model->basis_program.n_roots, 6);
  // one exponential and a handful of products per sample, one reciprocal per trial
  assert_int_equal(model->basis_program.n_once, 1);
  assert_true(model->basis_program.n_instructions <= 8);
  tt1_model_free(model);
}

static void every_shipped_model_is_reduced(void **state)
{
  (void)state;
  static const struct {
    const char *model, *why;
  } KNOWN[] = {
      {"msasha3", "more than one parameter is nonlinear"},
      {"msasha4", "more than one parameter is nonlinear"},
      {"mollirest", "more than one parameter is nonlinear"},
      {"vfa", "B1 is known per voxel"},
      {"mp2rage", "B1 is known per voxel"},
  };
  for (int i = 0; tt1_builtin_name(i); i++) {
    tt1_model *model = builtin(tt1_builtin_name(i));
    const char *why = NULL;
    for (size_t k = 0; k < sizeof KNOWN / sizeof *KNOWN; k++)
      if (!strcmp(KNOWN[k].model, model->name)) why = KNOWN[k].why;
    assert_true(model->structure.n_amplitudes > 0); // with lm these make the start global
    if (why)
      assert_string_equal(model->structure.why_not_varpro, why);
    else if (model->structure.why_not_varpro)
      fail_msg("%s: %s", model->name, model->structure.why_not_varpro);
    tt1_model_free(model);
  }
}

static void the_fixed_basis_function_comes_first(void **state)
{
  (void)state;
  tt1_model *model = builtin("t2offset");
  const tt1__structure *s = &model->structure;
  assert_true(s->first_fixed && s->numerator[0] == 1 && s->numerator[1] == 0 && s->n_faces == 2);
  assert_row(s, 0, 0, 1);
  assert_row(s, 1, 1, 0);
  tt1_model_free(model);
}

#define T "find T s \"T\" in [0.1, 9]\n"

static void bounds_become_rows(void **state)
{
  (void)state;
  tt1_model *model =
      with("find A 1 \"A\" in (-inf, inf)\nfind B 1 \"B\" in (-inf, 0]\n" T, "A + B * exp(-t / T)");
  assert_true(model->structure.is_conic && model->structure.n_faces == 1);
  assert_row(&model->structure, 0, 0, -1);
  tt1_model_free(model);
  model = with("find A 1 \"A\" in [0, inf)\nfind k 1 \"k\" in [2, inf)\n" T,
               "A * (1 - k * exp(-t / T))");
  assert_int_equal(model->structure.n_faces, 2);
  assert_row(&model->structure, 0, -2, 1);
  assert_row(&model->structure, 1, 1, 0);
  tt1_model_free(model);
  model = with("find A 1 \"A\" in (-inf, inf)\nfind k 1 \"k\" in (-inf, inf)\n" T,
               "A * (1 - k * exp(-t / T))");
  assert_true(model->structure.is_conic && model->structure.n_faces == 0);
  tt1_model_free(model);
  model = with("find A 1 \"A\" in [0, inf)\n" T, "A * exp(-t / T) / (1 + t / T)");
  assert_true(model->structure.n_amplitudes == 1 && model->structure.n_faces == 1);
  assert_row(&model->structure, 0, 1, 0);
  tt1_model_free(model);
}

static void refused(const char *finds, const char *signal, const char *why)
{
  tt1_model *model = with(finds, signal);
  assert_non_null(model->structure.why_not_varpro);
  assert_string_equal(model->structure.why_not_varpro, why);
  tt1_model_free(model);
}

static void varpro_is_refused_with_a_reason(void **state)
{
  (void)state;
  refused("find A 1 \"A\" in [1, inf)\n" T, "A * exp(-t / T)", "A has a finite bound other than 0");
  refused("find A 1 \"A\" in (-inf, inf)\nfind k 1 \"k\" in [1, 4]\n" T,
          "A * (1 - k * exp(-t / T))",
          "A may change sign while another parameter, its factor, is bounded");
  refused(T "find U s \"U\" in [0.1, 9]\n", "exp(-t / T) - exp(-t / U)",
          "no parameter enters linearly once the others are known");
  refused("find A 1 \"A\" in [0, inf)\n" T "find U s \"U\" in [0.1, 9]\n",
          "A * (exp(-t / T) - exp(-t / U))", "more than one parameter is nonlinear");
  refused("find A 1 \"A\" in [0, inf)\n", "A * t / 1 s", "no parameter is nonlinear");
  refused("known B1 1 \"B1\" per voxel nominal 1\nfind A 1 \"A\" in [0, inf)\n" T,
          "A * B1 * exp(-t / T)", "B1 is known per voxel");
}

static void what_is_not_separable_is_not_found(void **state)
{
  (void)state;
  tt1_model *model = with("find A 1 \"A\" in [0, 9]\n" T, "A * A * exp(-t / T)");
  assert_int_equal(model->structure.n_amplitudes, 0);
  tt1_model_free(model);
  model = with("find A 1 \"A\" in [0, 9]\n" T, "1 + A * exp(-t / T)");
  assert_int_equal(model->structure.n_amplitudes, 0);
  tt1_model_free(model);
  model = with("find A 1 \"A\" in [0, inf)\nfind B 1 \"B\" in [0, inf)\n" T,
               "if(t < 1 s, A * exp(-t / T), A - B * (t / T))");
  assert_int_equal(model->structure.n_amplitudes, 2);
  tt1_model_free(model);
}

static void it_is_explained(void **state)
{
  (void)state;
  tt1_model *model = builtin("molli");
  char *text = NULL;
  assert_int_equal(tt1_model_explain(&text, model, NULL), TT1_OK);
  assert_non_null(strstr(text, "C and k enter linearly once T1s is known"));
  assert_non_null(strstr(text, "g = a0 * (1) + a1 * (-exp(-TI / T1s))"));
  assert_non_null(strstr(text, "C = a0, k = a1 / a0"));
  assert_non_null(strstr(text, "4 a0 - a1 >= 0"));
  assert_non_null(strstr(text, "dg/dC = 1 - k * exp(-TI / T1s)"));
  assert_non_null(strstr(text, "varpro is offered"));
  tt1_text_free(text);
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(molli_is_one_dimensional),
      cmocka_unit_test(every_shipped_model_is_reduced),
      cmocka_unit_test(the_fixed_basis_function_comes_first),
      cmocka_unit_test(bounds_become_rows),
      cmocka_unit_test(varpro_is_refused_with_a_reason),
      cmocka_unit_test(what_is_not_separable_is_not_found),
      cmocka_unit_test(it_is_explained),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
