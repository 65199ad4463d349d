/* SPDX-License-Identifier: MIT
 * A part of a series, fitted where it lies: a slice with times of its own gives the
 * bits of a packed copy, whatever the solver, the mask and what is known of signs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"

enum { N = 8, SLICES = 3, VOXELS = 5000, STRIDE = SLICES * VOXELS };

/* Slices are measured in heart beats of their own. */
static const double TIMES[SLICES][N] = {{0.12, 1.12, 2.12, 3.12, 4.12, 0.2, 1.2, 2.2},
                                        {0.12, 1.03, 1.95, 2.88, 3.80, 0.2, 1.13, 2.04},
                                        {0.12, 0.97, 1.84, 2.66, 3.5, 0.2, 1.04, 1.88}};

typedef struct fixture {
  tt1_device *device;
  tt1_model *model;
  float signal[N * STRIDE];
  int8_t signs[N * STRIDE];
  uint8_t mask[STRIDE];
} fixture;

static int set_up(void **state)
{
  fixture *f = space(1, sizeof *f);
  uint64_t seed = 7;
  f->device = processor(NULL, 2);
  f->model = shipped("molli");
  for (int v = 0; v < STRIDE; v++) {
    double c = 300 + 400 * uniform(&seed), t = 0.2 + 1.6 * uniform(&seed);
    f->mask[v] = v % 5 != 2;
    for (int j = 0; j < N; j++) {
      double s = c * (1 - 1.9 * exp(-TIMES[v / VOXELS][j] / t));
      f->signs[j * STRIDE + v] = (int8_t)(v % 3 == 0 ? 0 : s < 0 ? -1 : 1);
      f->signal[j * STRIDE + v] = (float)fabs(s + 8 * near_normal(&seed));
    }
  }
  *state = f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  tt1_device_free(f->device);
  tt1_model_free(f->model);
  free(f);
  return 0;
}

/* Slice `slice` where it lies and copied out of the series. */
static void check_slice(const fixture *f, int slice, const tt1_plan_options *options, int n,
                        int has_signs, int has_mask)
{
  static float signal[N * VOXELS];
  static int8_t signs[N * VOXELS];
  int first = slice * VOXELS;
  for (int j = 0; j < N; j++) {
    memcpy(signal + j * n, f->signal + j * STRIDE + first, (size_t)n * sizeof *signal);
    memcpy(signs + j * n, f->signs + j * STRIDE + first, (size_t)n);
  }
  acquisition a;
  acquire_times(&a, "TI", TIMES[slice], N);
  tt1_plan *plan = planned(f->device, f->model, &a.design, options);
  tt1_series packed = {.signal = signal, .n_voxels = n, .signs = has_signs ? signs : NULL};
  tt1_series lying = {.signal = f->signal + first,
                      .n_voxels = n,
                      .stride = STRIDE,
                      .signs = has_signs ? f->signs + first : NULL};
  const uint8_t *mask = has_mask ? f->mask + first : NULL;
  results expected = run_series(plan, &packed, mask), got = run_series(plan, &lying, mask);
  assert_true(hash_all(&expected) == hash_all(&got));
  if (!has_signs && !has_mask && n == VOXELS) {
    double a_sigma = 0, b_sigma = 0;
    assert_int_equal(tt1_sigma_estimate(&a_sigma, plan, &packed, NULL, NULL), TT1_OK);
    assert_int_equal(tt1_sigma_estimate(&b_sigma, plan, &lying, NULL, NULL), TT1_OK);
    assert_true(a_sigma > 7 && a_sigma < 9 && !(a_sigma < b_sigma) && !(a_sigma > b_sigma));
  }
  free_results(&expected);
  free_results(&got);
  tt1_plan_free(plan);
}

static void slices_give_the_bits_of_copies(void **state)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  for (int slice = 0; slice < SLICES; slice++)
    for (int i = 0; i < 4; i++)
      check_slice(*state, slice, &options, VOXELS, i & 1, i & 2);
}

static void every_solver_steps_alike(void **state)
{
  static const tt1_solver solvers[] = {TT1_SOLVER_LM, TT1_SOLVER_ADAM, TT1_SOLVER_NELDER_MEAD};
  for (size_t i = 0; i < sizeof solvers / sizeof *solvers; i++) {
    tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
    options.solver = solvers[i];
    options.max_iterations = 50;
    if (solvers[i] == TT1_SOLVER_NELDER_MEAD) options.precision = TT1_DOUBLE;
    check_slice(*state, 1, &options, 60, 0, 1);
  }
}

static void a_stride_shorter_than_a_sample_is_refused(void **state)
{
  const fixture *f = *state;
  acquisition a;
  float map[VOXELS];
  tt1_error err = {0};
  tt1_output output = {"C", TT1_FLOAT32, map};
  acquire_times(&a, "TI", TIMES[0], N);
  tt1_plan *plan = planned(f->device, f->model, &a.design, NULL);
  tt1_series series = {.signal = f->signal, .n_voxels = VOXELS, .stride = VOXELS - 1};
  assert_int_equal(tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, &err),
                   TT1_BAD_ARGUMENT);
  assert_string_equal(err.message, "samples begin 4999 voxels apart, but hold 5000 voxels");
  tt1_plan_free(plan);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(slices_give_the_bits_of_copies),
                                     cmocka_unit_test(every_solver_steps_alike),
                                     cmocka_unit_test(a_stride_shorter_than_a_sample_is_refused)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
