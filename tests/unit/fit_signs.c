/* SPDX-License-Identifier: MIT
 * Signs that phase tells: where all are known the fit is the signed one, where
 * none is it is the magnitude one to the bit, and between them it is the best
 * of the signed fits over the signs that are left open. Signs in the samples
 * themselves: what makes a series signed, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"

enum { VOXELS = 600, SAMPLES = 16 }; // as many as any model here is given

/* Noisy voxels of a magnitude model: signed, and what a scanner keeps of them. */
typedef struct data {
  tt1_model *model;
  acquisition a;
  tt1_device *device;
  float is_signed[SAMPLES * VOXELS], magnitude[SAMPLES * VOXELS];
  int8_t truth[SAMPLES * VOXELS], signs[SAMPLES * VOXELS];
} data;

static data *simulate(const char *name)
{
  data *d = space(1, sizeof *d);
  uint64_t seed = 7;
  double p[8], y[SAMPLES];
  d->model = shipped(name);
  d->device = processor(NULL, 1);
  acquire(&d->a, d->model);
  need(d->a.design.n_samples <= SAMPLES, name, "more samples than this test has room for");
  tt1_model *plain = without_abs(d->model);
  for (int v = 0; v < VOXELS; v++) {
    draw_parameters(d->model, &seed, p);
    evaluate_voxel(plain, &d->a, p, y);
    for (int j = 0; j < d->a.design.n_samples; j++) {
      double noisy = y[j] + 0.04 * p[0] * near_normal(&seed);
      d->is_signed[j * VOXELS + v] = (float)noisy;
      d->magnitude[j * VOXELS + v] = (float)fabs(noisy);
      d->truth[j * VOXELS + v] = noisy < 0 ? -1 : 1;
    }
  }
  tt1_model_free(plain);
  return d;
}

static void free_data(data *d)
{
  tt1_device_free(d->device);
  tt1_model_free(d->model);
  free(d);
}

static results fit(const data *d, const float *signal, const int8_t *signs,
                   tt1_plan_options options)
{
  tt1_plan *plan = planned(d->device, d->model, &d->a.design, &options);
  tt1_series series = {.signal = signal, .n_voxels = VOXELS, .signs = signs};
  results r = run_series(plan, &series, NULL);
  tt1_plan_free(plan);
  return r;
}

static float rmse_of(const results *r, int v)
{
  return r->values[(r->n_rows - 1) * r->n + v];
}

/* One row per way to fit. */
static const struct {
  tt1_solver solver;
  tt1_start start;
  int iterations;
} WAYS[] = {{TT1_SOLVER_VARPRO, TT1_START_GRID, 0},
            {TT1_SOLVER_LM, TT1_START_GRID, 0},
            {TT1_SOLVER_LM, TT1_START_FIXED, 0},
            {TT1_SOLVER_ADAM, TT1_START_GRID, 200},
            {TT1_SOLVER_ADAM, TT1_START_FIXED, 200}};
enum { N_WAYS = sizeof WAYS / sizeof *WAYS };

static tt1_plan_options way(int i, tt1_precision precision)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = WAYS[i].solver;
  options.start = WAYS[i].start;
  options.max_iterations = WAYS[i].iterations;
  options.precision = precision;
  return options;
}

static void no_known_sign_is_the_magnitude_fit_to_the_bit(void **state)
{
  data *d = simulate("molli");
  (void)state;
  for (int i = 0; i < N_WAYS; i++)
    for (int precision = 0; precision < 2; precision++) {
      results with = fit(d, d->magnitude, d->signs, way(i, (tt1_precision)precision));
      results without = fit(d, d->magnitude, NULL, way(i, (tt1_precision)precision));
      assert_true(hash_all(&with) == hash_all(&without));
      free_results(&with);
      free_results(&without);
    }
  free_data(d);
}

static void all_signs_known_is_the_signed_fit(void **state)
{
  static const char *const MODELS[] = {"molli", "ir3", "ir2", "irse"};
  (void)state;
  for (size_t m = 0; m < sizeof MODELS / sizeof *MODELS; m++) {
    data *d = simulate(MODELS[m]);
    for (int i = 0; i < N_WAYS; i++) {
      tt1_plan_options options = way(i, TT1_FLOAT);
      if (options.solver == TT1_SOLVER_VARPRO) options.solver = TT1_SOLVER_AUTO;
      results known = fit(d, d->magnitude, d->truth, options);
      options.sign = TT1_SIGN_SIGNED;
      results is_signed = fit(d, d->is_signed, NULL, options);
      int worse = 0;
      for (int v = 0; v < VOXELS; v++)
        worse += rmse_of(&known, v) > rmse_of(&is_signed, v) * 1.0001f;
      print_message("%s, way %d: %d of %d voxels end higher than the signed fit\n", MODELS[m], i,
                    worse, VOXELS);
      assert_true(worse <= (options.solver == TT1_SOLVER_ADAM ? VOXELS / 100 : 0));
      free_results(&known);
      free_results(&is_signed);
    }
    free_data(d);
  }
}

/* The samples nearest the null of each voxel are open, the others known. */
static void leave_open(data *d, int count)
{
  for (int v = 0; v < VOXELS; v++) {
    for (int j = 0; j < d->a.design.n_samples; j++) {
      int smaller = 0;
      for (int k = 0; k < d->a.design.n_samples; k++)
        smaller += d->magnitude[k * VOXELS + v] < d->magnitude[j * VOXELS + v];
      d->signs[j * VOXELS + v] = smaller < count ? 0 : d->truth[j * VOXELS + v];
    }
  }
}

/* The lowest rmse of the signed fits over all signs of the open samples. */
static void best_of_all_signs(const data *d, float *best)
{
  data *turned = space(1, sizeof *turned);
  *turned = *d;
  tt1_plan_options options = way(0, TT1_FLOAT);
  options.sign = TT1_SIGN_SIGNED;
  for (int flips = 0; flips < 4; flips++) {
    for (int v = 0; v < VOXELS; v++)
      for (int j = 0, k = 0; j < d->a.design.n_samples; j++)
        turned->is_signed[j * VOXELS + v] = d->signs[j * VOXELS + v] || !(flips >> k++ & 1)
                                                ? d->is_signed[j * VOXELS + v]
                                                : -d->is_signed[j * VOXELS + v];
    results r = fit(turned, turned->is_signed, NULL, options);
    for (int v = 0; v < VOXELS; v++)
      best[v] = flips && best[v] < rmse_of(&r, v) ? best[v] : rmse_of(&r, v);
    free_results(&r);
  }
  free(turned);
}

static void open_signs_are_searched_and_known_ones_are_kept(void **state)
{
  data *d = simulate("molli");
  float best[VOXELS];
  int worse = 0, lower = 0;
  (void)state;
  leave_open(d, 2);
  best_of_all_signs(d, best);
  results r = fit(d, d->magnitude, d->signs, way(0, TT1_FLOAT));
  for (int v = 0; v < VOXELS; v++) {
    worse += rmse_of(&r, v) > best[v] * 1.0001f;
    lower += rmse_of(&r, v) < best[v] * 0.9999f;
  }
  print_message("two open samples: %d voxels above, %d below the best signed fit\n", worse, lower);
  assert_int_equal(worse, 0);
  assert_int_equal(lower, 0);
  free_results(&r);
  free_data(d);
}

/* A wrong sign must be believed: only so can a test see that signs are read at all. */
static void a_known_sign_is_believed(void **state)
{
  data *d = simulate("molli");
  int higher = 0;
  (void)state;
  memcpy(d->signs, d->truth, sizeof d->signs);
  for (int v = 0; v < VOXELS; v++)
    d->signs[7 * VOXELS + v] = -1; // the longest time
  results wrong = fit(d, d->magnitude, d->signs, way(0, TT1_FLOAT));
  results right = fit(d, d->magnitude, d->truth, way(0, TT1_FLOAT));
  for (int v = 0; v < VOXELS; v++)
    higher += rmse_of(&wrong, v) > 2 * rmse_of(&right, v);
  assert_int_equal(higher, VOXELS);
  free_results(&wrong);
  free_results(&right);
  free_data(d);
}

/* Chunks, masks and the order of the samples carry the signs along. */
static void a_mask_does_not_move_signs(void **state)
{
  data *d = simulate("molli");
  uint8_t mask[VOXELS];
  (void)state;
  leave_open(d, 3);
  for (int v = 0; v < VOXELS; v++)
    mask[v] = v % 3 != 0;
  tt1_plan_options options = way(0, TT1_FLOAT);
  tt1_plan *plan = planned(d->device, d->model, &d->a.design, &options);
  tt1_series series = {.signal = d->magnitude, .n_voxels = VOXELS, .signs = d->signs};
  results all = run_series(plan, &series, NULL), some = run_series(plan, &series, mask);
  for (int v = 0; v < VOXELS; v++)
    if (mask[v]) assert_true(hash_voxel(&all, v) == hash_voxel(&some, v));
  free_results(&all);
  free_results(&some);
  tt1_plan_free(plan);
  free_data(d);
}

/* ---- Signs in the samples ---------------------------------------------------- */

static void check_same(const results *a, const results *b)
{
  for (int v = 0; v < VOXELS; v++)
    assert_true(hash_voxel(a, v) == hash_voxel(b, v));
}

/* As interpolation leaves them: few, and small. */
static void a_few_values_below_zero_leave_magnitudes(void **state)
{
  data *d = simulate("molli");
  float *moved = space(SAMPLES * VOXELS, sizeof *moved);
  (void)state;
  for (int v = 0; v < VOXELS; v += 50)
    d->magnitude[v] = 0.5f;
  memcpy(moved, d->magnitude, sizeof d->magnitude);
  for (int v = 0; v < VOXELS; v += 50)
    moved[v] = -0.5f;
  results expected = fit(d, d->magnitude, NULL, way(0, TT1_FLOAT));
  results got = fit(d, moved, NULL, way(0, TT1_FLOAT));
  check_same(&expected, &got);
  free_results(&expected);
  free_results(&got);
  free(moved);
  free_data(d);
}

static void signed_samples_are_seen(void **state)
{
  data *d = simulate("molli");
  tt1_plan_options options = way(0, TT1_FLOAT);
  (void)state;
  results got = fit(d, d->is_signed, NULL, options);
  options.sign = TT1_SIGN_SIGNED;
  results expected = fit(d, d->is_signed, NULL, options);
  check_same(&expected, &got);
  free_results(&expected);
  free_results(&got);
  free_data(d);
}

static void samples_told_to_be_magnitudes_count_by_their_size(void **state)
{
  data *d = simulate("molli");
  (void)state;
  for (int precision = 0; precision < 2; precision++) {
    tt1_plan_options options = way(0, precision ? TT1_DOUBLE : TT1_FLOAT);
    options.sign = TT1_SIGN_MAGNITUDE;
    results expected = fit(d, d->magnitude, NULL, options);
    results got = fit(d, d->is_signed, NULL, options);
    check_same(&expected, &got);
    free_results(&expected);
    free_results(&got);
  }
  free_data(d);
}

/* A thousandth of the squares decides, within the mask, whatever is no number. */
static void a_thousandth_below_zero_decides(void **state)
{
  enum { MANY = 40000 };
  float *signal = space(2 * MANY, sizeof *signal);
  uint8_t *mask = space(MANY, 1);
  const tt1_series series = {.signal = signal, .n_voxels = MANY};
  (void)state;
  for (int v = 0; v < 2 * MANY; v++)
    signal[v] = 10;
  signal[5] = NAN;
  signal[6] = -INFINITY;
  signal[7] = -1e30f;
  assert_int_equal(tt1_series_is_signed(&series, 2, NULL), 0);
  for (int v = 0; v < 79; v++)
    signal[MANY + 500 * v] = -10;
  assert_int_equal(tt1_series_is_signed(&series, 2, NULL), 0);
  for (int v = 79; v < 82; v++)
    signal[100 * v] = -10;
  assert_int_equal(tt1_series_is_signed(&series, 2, NULL), 1);
  memset(mask, 1, MANY / 2);
  mask[0] = 0;
  assert_int_equal(tt1_series_is_signed(&series, 2, mask), 1);
  for (int v = 0; v < 20000; v += 500)
    mask[v] = 0;
  for (int v = 79; v < 82; v++)
    mask[100 * v] = 0;
  assert_int_equal(tt1_series_is_signed(&series, 2, mask), 0);
  free(mask);
  free(signal);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_known_sign_is_the_magnitude_fit_to_the_bit),
      cmocka_unit_test(all_signs_known_is_the_signed_fit),
      cmocka_unit_test(open_signs_are_searched_and_known_ones_are_kept),
      cmocka_unit_test(a_known_sign_is_believed),
      cmocka_unit_test(a_mask_does_not_move_signs),
      cmocka_unit_test(a_few_values_below_zero_leave_magnitudes),
      cmocka_unit_test(signed_samples_are_seen),
      cmocka_unit_test(samples_told_to_be_magnitudes_count_by_their_size),
      cmocka_unit_test(a_thousandth_below_zero_decides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
