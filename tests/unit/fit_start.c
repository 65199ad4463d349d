/* SPDX-License-Identifier: MIT
 * Starting maps, and fits of models with fixed or bounded parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"

enum { N = 8, VOXELS = 500 };

typedef struct fixture {
  tt1_model *model;
  tt1_device *device;
  acquisition a;
  float *signal, *truth[3]; /* [N][VOXELS]; C, k, T1s */
} fixture;

/* Short T1s, where the one start of the model leads astray. */
static int setup(void **state)
{
  fixture *f = space(1, sizeof *f);
  uint64_t seed = 11;
  f->model = shipped("molli");
  f->device = processor(NULL, 2);
  acquire(&f->a, f->model);
  f->signal = space(N * VOXELS, sizeof *f->signal);
  for (int i = 0; i < 3; i++)
    f->truth[i] = space(VOXELS, sizeof *f->truth[i]);
  for (int v = 0; v < VOXELS; v++) {
    double p[8], y[N];
    draw_parameters(f->model, &seed, p);
    p[2] = 0.15 + 0.1 * uniform(&seed);
    evaluate_voxel(f->model, &f->a, p, y);
    for (int j = 0; j < N; j++)
      f->signal[j * VOXELS + v] = (float)fabs(y[j] + p[0] / 100 * near_normal(&seed));
    for (int i = 0; i < 3; i++)
      f->truth[i][v] = (float)p[i];
  }
  *state = f;
  return 0;
}

static int teardown(void **state)
{
  fixture *f = *state;
  tt1_model_free(f->model);
  tt1_device_free(f->device);
  free(f->signal);
  for (int i = 0; i < 3; i++)
    free(f->truth[i]);
  free(f);
  return 0;
}

static results fit(const fixture *f, const tt1_model *model, tt1_solver solver, int n_starts,
                   const tt1_voxel_map *starts)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = solver;
  options.start = solver == TT1_SOLVER_VARPRO ? TT1_START_GRID : TT1_START_FIXED;
  options.max_iterations = solver == TT1_SOLVER_ADAM ? 3 : 0;
  tt1_series series = {
      .signal = f->signal, .n_voxels = VOXELS, .n_starts = n_starts, .starts = starts};
  tt1_plan *plan = planned(f->device, model, &f->a.design, &options);
  results r = run_series(plan, &series, NULL);
  tt1_plan_free(plan);
  return r;
}

static int count_near(const fixture *f, const results *r)
{
  int near = 0;
  for (int v = 0; v < VOXELS; v++)
    near += fabs((double)r->values[2 * VOXELS + v] / (double)f->truth[2][v] - 1) < 0.1;
  return near;
}

static const tt1_solver SOLVERS[] = {TT1_SOLVER_LM, TT1_SOLVER_NELDER_MEAD, TT1_SOLVER_ADAM};

static void a_map_of_starts_is_begun_at(void **state)
{
  const fixture *f = *state;
  tt1_voxel_map starts[] = {{"T1s", f->truth[2]}, {"C", f->truth[0]}, {"k", f->truth[1]}};
  for (int s = 0; s < 3; s++) {
    results without = fit(f, f->model, SOLVERS[s], 0, NULL);
    results with = fit(f, f->model, SOLVERS[s], 3, starts);
    print_message("%s: %d, with the map %d of %d near\n", tt1_solver_name(SOLVERS[s]),
                  count_near(f, &without), count_near(f, &with), (int)VOXELS);
    assert_true(count_near(f, &without) < 0.85 * VOXELS);
    assert_true(count_near(f, &with) > 0.95 * VOXELS);
    free_results(&without);
    free_results(&with);
  }
}

static void where_a_map_holds_no_number_the_fixed_start_serves(void **state)
{
  const fixture *f = *state;
  float *map = space(VOXELS, sizeof *map);
  tt1_voxel_map starts = {"T1s", map};
  for (int s = 0; s < 3; s++) {
    for (int v = 0; v < VOXELS; v++)
      map[v] = v % 3 == 0 ? f->truth[2][v] : v % 3 == 1 ? NAN : INFINITY;
    results without = fit(f, f->model, SOLVERS[s], 0, NULL),
            with = fit(f, f->model, SOLVERS[s], 1, &starts);
    int differ = 0;
    for (int v = 0; v < VOXELS; v++) {
      int same = hash_voxel(&without, v) == hash_voxel(&with, v);
      if (v % 3) assert_true(same);
      differ += !same;
    }
    assert_true(differ > VOXELS / 6);
    free_results(&with);
    for (int v = 0; v < VOXELS; v++) // outside the bounds: clipped
      map[v] = 1e6F;
    with = fit(f, f->model, SOLVERS[s], 1, &starts);
    for (int v = 0; v < VOXELS; v++)
      assert_true(with.values[2 * VOXELS + v] <= 10);
    free_results(&with);
    free_results(&without);
  }
  free(map);
}

static void starts_that_make_no_sense_are_refused(void **state)
{
  const fixture *f = *state;
  tt1_voxel_map starts = {"T1", f->truth[2]};
  tt1_series series = {.signal = f->signal, .n_voxels = VOXELS, .n_starts = 1, .starts = &starts};
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  tt1_error err = {0};
  tt1_plan *plan = planned(f->device, f->model, &f->a.design, &options);
  assert_int_equal(tt1_plan_run(plan, &series, NULL, NULL, 0, NULL, NULL, &err), TT1_BAD_ARGUMENT);
  assert_string_equal(err.message, "starting maps need a plan with a fixed start");
  tt1_plan_free(plan);
  options.start = TT1_START_FIXED;
  plan = planned(f->device, f->model, &f->a.design, &options);
  assert_int_equal(tt1_plan_run(plan, &series, NULL, NULL, 0, NULL, NULL, &err), TT1_BAD_ARGUMENT);
  assert_string_equal(err.message, "model molli has no parameter \"T1\" to start");
  tt1_plan_free(plan);
}

static tt1_model *adapted(const tt1_model *model, tt1_change change)
{
  tt1_model *other = NULL;
  tt1_error err = {0};
  need(tt1_model_adapt(&other, model, &change, 1, &err) == TT1_OK, "adapt", err.message);
  return other;
}

/* The shipped kernels with other bounds give the bits of the interpreter. */
static void bounds_are_kept_at_full_speed(void **state)
{
  const fixture *f = *state;
  tt1_model *bounded = adapted(f->model, (tt1_change){"k", TT1_CHANGE_BOUNDS, 1.7, 1.9});
  const char *text = strstr(tt1_model_text(bounded), "molli\n");
  char *renamed = space(strlen(text) + 40, 1);
  sprintf(renamed, "model interpreted_%s", text);
  tt1_model *interpreted = from_text(renamed);
  results fast = fit(f, bounded, TT1_SOLVER_VARPRO, 0, NULL),
          slow = fit(f, interpreted, TT1_SOLVER_VARPRO, 0, NULL);
  int at_bound = 0;
  assert_true(hash_all(&fast) == hash_all(&slow));
  for (int v = 0; v < VOXELS; v++) {
    double k = (double)fast.values[VOXELS + v];
    assert_true(k > 1.7 - 1e-6 && k < 1.9 + 1e-6);
    at_bound += fast.codes[v] == TT1_AT_BOUND && fast.codes[VOXELS + v] == 2;
  }
  assert_true(at_bound > VOXELS / 4);
  free_results(&fast);
  free_results(&slow);
  tt1_model_free(interpreted);
  tt1_model_free(bounded);
  free(renamed);
}

/* With k fixed at its true value, 2, the other parameters are found. */
static void a_fixed_parameter_leaves_the_others(void **state)
{
  const fixture *f = *state;
  tt1_model *fixed = adapted(f->model, (tt1_change){"k", TT1_CHANGE_FIX, 2, 0});
  static const double TRUTH[] = {300, 0.8};
  static const tt1_solver EACH[] = {TT1_SOLVER_VARPRO, TT1_SOLVER_LM, TT1_SOLVER_NELDER_MEAD};
  double y[N];
  float signal[N];
  evaluate_voxel(fixed, &f->a, TRUTH, y);
  for (int j = 0; j < N; j++)
    signal[j] = (float)y[j];
  for (int s = 0; s < 3; s++) {
    tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
    options.solver = EACH[s];
    tt1_plan *plan = planned(f->device, fixed, &f->a.design, &options);
    results r = run_all(plan, signal, 1, NULL);
    assert_int_equal(r.n_rows, 8); // C, T1s, T1, their deviations, rsquared, rmse
    assert_true(fabs((double)r.values[0] / 300 - 1) < 1e-4);
    assert_true(fabs((double)r.values[1] / 0.8 - 1) < 1e-4);
    assert_true(fabs((double)r.values[2] / 0.8 - 1) < 1e-4); // T1 = (2 - 1) T1s
    assert_int_equal(r.codes[0], TT1_CONVERGED);
    free_results(&r);
    tt1_plan_free(plan);
  }
  tt1_model_free(fixed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_map_of_starts_is_begun_at),
      cmocka_unit_test(where_a_map_holds_no_number_the_fixed_start_serves),
      cmocka_unit_test(starts_that_make_no_sense_are_refused),
      cmocka_unit_test(bounds_are_kept_at_full_speed),
      cmocka_unit_test(a_fixed_parameter_leaves_the_others),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
