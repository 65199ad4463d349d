/* SPDX-License-Identifier: MIT
 * How a voxel ended: outcome, bounds, and NaN where a number would mislead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"

enum { N = 8, ROW_T1 = 3, ROW_C_SD = 4, ROW_K_SD, ROW_T1S_SD, ROW_T1_SD, ROW_RSQUARED, ROW_RMSE };
static const double TIMES[N] = {0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12};

/* One voxel, with any solver; frees the model. */
static results fit_model(tt1_model *model, const double *y, const tt1_plan_options *options)
{
  float signal[N];
  acquisition a;
  tt1_device *device = processor(NULL, 1);
  acquire_times(&a, tt1_model_known(model, 0)->name, TIMES, N);
  tt1_plan *plan = planned(device, model, &a.design, options);
  for (int j = 0; j < N; j++)
    signal[j] = (float)y[j];
  results r = run_all(plan, signal, 1, NULL);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
  return r;
}

static results fit_one(const double *y, const tt1_plan_options *options)
{
  return fit_model(shipped("molli"), y, options);
}

static void tissue(double *y, double C, double k, double T1s)
{
  for (int j = 0; j < N; j++)
    y[j] = fabs(C * (1 - k * exp(-TIMES[j] / T1s)));
}

static const tt1_plan_options PLAIN = TT1_PLAN_OPTIONS_INIT;
static const tt1_solver SOLVERS[] = {TT1_SOLVER_VARPRO, TT1_SOLVER_LM};

static void broken_samples_are_not_finite(void **state)
{
  (void)state;
  static const float BAD[] = {NAN, INFINITY, -INFINITY, 1e20F, 3e38F};
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < N; j++)
      for (int s = 0; s < 2; s++) {
        double y[N];
        tt1_plan_options options = PLAIN;
        options.solver = SOLVERS[s];
        tissue(y, 500, 1.9, 1.1);
        y[j] = (double)BAD[i];
        results r = fit_one(y, &options);
        assert_int_equal(r.codes[0], TT1_NOT_FINITE);
        free_results(&r);
      }
}

static void whole_voxels_of_huge_values_are_not_finite(void **state)
{
  (void)state;
  double y[N];
  tissue(y, 1e20, 1.9, 1.1);
  results r = fit_one(y, &PLAIN);
  assert_int_equal(r.codes[0], TT1_NOT_FINITE);
  free_results(&r);
  tissue(y, 1e15, 1.9, 1.1); // large, but its squares are numbers
  r = fit_one(y, &PLAIN);
  assert_int_equal(r.codes[0], TT1_CONVERGED);
  assert_true(fabs((double)r.values[ROW_T1] - 0.99) < 1e-3);
  free_results(&r);
}

static void an_empty_voxel_is_never_converged(void **state)
{
  (void)state;
  double y[N] = {0};
  for (int s = 0; s < 2; s++) {
    tt1_plan_options options = PLAIN;
    options.solver = SOLVERS[s];
    results r = fit_one(y, &options);
    print_message("zeros, %s: %s\n", tt1_solver_name(SOLVERS[s]), tt1_outcome_name(r.codes[0]));
    assert_true(r.codes[0] == TT1_SINGULAR || r.codes[0] == TT1_AT_BOUND);
    assert_true(isnan(r.values[ROW_T1_SD]));
    assert_true(isnan(r.values[ROW_RSQUARED])); // nothing to explain
    free_results(&r);
  }
}

/* Where u is below 3 the data do not depend on it at all: A and T are found, u is not. */
static void a_parameter_without_effect_is_singular(void **state)
{
  (void)state;
  static const char TEXT[] = "model decay\ntitle \"decay\"\nknown t s \"time\"\n"
                             "find A 1 \"amplitude\" in [0, 100] start 1\n"
                             "find T s \"time constant\" in [0.01, 10] start 1\n"
                             "find u 1 \"late rise\" in [0.5, 9] start 2\n"
                             "signal A * exp(-t / T) + max(u - 3, 0) * t / 1 s\n";
  double y[N];
  tt1_plan_options options = PLAIN;
  options.solver = TT1_SOLVER_LM;
  options.start = TT1_START_FIXED;
  for (int j = 0; j < N; j++)
    y[j] = 5 * exp(-TIMES[j] / 0.7);
  results r = fit_model(from_text(TEXT), y, &options);
  assert_int_equal(r.codes[0], TT1_SINGULAR);
  assert_true(isnan(r.values[5])); // u_sd
  free_results(&r);
}

/* T1* at its end, or k at 1 with any T1*: nothing of T1 is known. */
static void a_constant_voxel_is_never_converged(void **state)
{
  (void)state;
  for (int s = 0; s < 2; s++) {
    double y[N];
    tt1_plan_options options = PLAIN;
    options.solver = SOLVERS[s];
    for (int j = 0; j < N; j++)
      y[j] = 250;
    results r = fit_one(y, &options);
    print_message("constant, %s: %s, C %g k %g T1s %g\n", tt1_solver_name(SOLVERS[s]),
                  tt1_outcome_name(r.codes[0]), (double)r.values[0], (double)r.values[1],
                  (double)r.values[2]);
    assert_int_not_equal(r.codes[0], TT1_CONVERGED);
    assert_true(isnan(r.values[ROW_T1_SD]));
    free_results(&r);
  }
}

/* The truth lies outside the bounds of k, so the best fit within lies on them. */
static void bounds_are_told(void **state)
{
  (void)state;
  static const double KS[] = {0.8, 4.6};
  for (int i = 0; i < 2; i++)
    for (int s = 0; s < 2; s++) {
      double y[N];
      tt1_plan_options options = PLAIN;
      options.solver = SOLVERS[s];
      options.sign = TT1_SIGN_SIGNED;
      for (int j = 0; j < N; j++)
        y[j] = 500 * (1 - KS[i] * exp(-TIMES[j] / 0.9));
      results r = fit_one(y, &options);
      assert_int_equal(r.codes[0], TT1_AT_BOUND);
      assert_int_equal(r.codes[1], 2); // bit 1: k
      assert_true(fabs((double)r.values[1] - (i ? 4 : 1)) < 1e-4);
      assert_true(isnan(r.values[ROW_K_SD]) && isnan(r.values[ROW_T1_SD]));
      assert_true(isfinite(r.values[ROW_C_SD])); // does not depend on k
      assert_true(isfinite(r.values[ROW_RMSE]) && r.values[ROW_RMSE] > 0);
      free_results(&r);
    }
}

static void adam_that_stops_short_says_so(void **state)
{
  (void)state;
  double y[N];
  tt1_plan_options options = PLAIN;
  tissue(y, 500, 1.9, 1.1);
  options.solver = TT1_SOLVER_ADAM;
  options.start = TT1_START_FIXED;
  options.max_iterations = 100;
  results r = fit_one(y, &options);
  assert_int_equal(r.codes[0], TT1_MAX_ITERATIONS);
  free_results(&r);
  options.learning_rate = 1e-3;
  options.max_iterations = 20000;
  r = fit_one(y, &options);
  assert_int_equal(r.codes[0], TT1_CONVERGED);
  assert_true(fabs((double)r.values[ROW_T1] - 0.99) < 1e-3);
  free_results(&r);
}

static void lm_that_stops_short_says_so(void **state)
{
  (void)state;
  double y[N];
  tt1_plan_options options = PLAIN;
  tissue(y, 500, 1.9, 0.3);
  options.solver = TT1_SOLVER_LM;
  options.start = TT1_START_FIXED;
  options.max_iterations = 1;
  results r = fit_one(y, &options);
  assert_int_equal(r.codes[0], TT1_MAX_ITERATIONS);
  free_results(&r);
}

static void outside_the_mask_all_is_nan(void **state)
{
  (void)state;
  static const uint8_t MASK[3] = {1, 0, 255};
  double y[N];
  float signal[N * 3];
  acquisition a;
  tt1_model *model = shipped("molli");
  tt1_device *device = processor(NULL, 1);
  acquire_times(&a, "TI", TIMES, N);
  tt1_plan *plan = planned(device, model, &a.design, NULL);
  tissue(y, 500, 1.9, 1.1);
  for (int i = 0; i < N * 3; i++)
    signal[i] = (float)y[i / 3];
  results r = run_all(plan, signal, 3, MASK);
  for (int v = 0; v < 3; v++) {
    assert_int_equal(r.codes[v], MASK[v] ? TT1_CONVERGED : TT1_MASKED);
    assert_int_equal(r.codes[3 + v], 0);
    for (int o = 0; o < r.n_rows; o++)
      assert_int_equal(isnan(r.values[o * 3 + v]) != 0, MASK[v] == 0);
  }
  free_results(&r);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
}

/* A map that does not need the parameter on its bound keeps its standard deviation. */
static void maps_depend_on_what_their_formula_holds(void **state)
{
  (void)state;
  static const char TEXT[] =
      "model two\nknown TI s \"time\" recovery\n"
      "find C 1 \"height\" in [0, inf)\nfind k 1 \"factor\" in [1, 4]\n"
      "find T1s s \"time\" in [0.01, 10]\n"
      "signal C * (1 - k * exp(-TI / T1s))\n"
      "map T1 s = (k - 1) * T1s \"corrected\"\nmap R 1/s = 1 / T1s \"rate\"\n";
  float signal[N];
  acquisition a;
  tt1_model *model = from_text(TEXT);
  tt1_device *device = processor(NULL, 1);
  assert_int_equal(tt1_model_map(model, 0)->depends_on, 6);
  assert_int_equal(tt1_model_map(model, 1)->depends_on, 4);
  acquire_times(&a, "TI", TIMES, N);
  tt1_plan *plan = planned(device, model, &a.design, NULL);
  for (int j = 0; j < N; j++)
    signal[j] = (float)(500 * (1 - 4.5 * exp(-TIMES[j] / 0.9)));
  results r = run_all(plan, signal, 1, NULL);
  assert_int_equal(r.codes[0], TT1_AT_BOUND);
  assert_true(isnan(r.values[8]) && isfinite(r.values[9])); // SD of T1, of R
  free_results(&r);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
}

static void outcomes_have_names(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"converged",  "max_iterations", "singular",
                                      "not_finite", "at_bound",       "masked"};
  for (int i = 0; i < 6; i++)
    assert_string_equal(tt1_outcome_name((tt1_outcome)i), NAMES[i]);
  assert_null(tt1_outcome_name((tt1_outcome)6));
  assert_null(tt1_outcome_name((tt1_outcome)-1));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(broken_samples_are_not_finite),
      cmocka_unit_test(whole_voxels_of_huge_values_are_not_finite),
      cmocka_unit_test(an_empty_voxel_is_never_converged),
      cmocka_unit_test(a_parameter_without_effect_is_singular),
      cmocka_unit_test(a_constant_voxel_is_never_converged),
      cmocka_unit_test(bounds_are_told),
      cmocka_unit_test(adam_that_stops_short_says_so),
      cmocka_unit_test(lm_that_stops_short_says_so),
      cmocka_unit_test(outside_the_mask_all_is_nan),
      cmocka_unit_test(maps_depend_on_what_their_formula_holds),
      cmocka_unit_test(outcomes_have_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
