/* SPDX-License-Identifier: MIT
 * Standard deviations: how often the interval estimate +- t SD holds the truth,
 * and how the scatter of the estimates compares with the Cramer-Rao bound, which
 * is computed here in double from the signal equation, not from the library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"
#include "molli_reference.h"

enum { VOXELS = 20000, N = 8 };
static const double CLEAR_T1[] = {0.3, 0.45, 1.0, 1.2, 1.55};
static const double K = 1.9, C = 500, SNR = 50;

/* Var(T1) for noise of unit variance: invert J'J of (C, k, T1s), then the gradient of T1. */
static double cramer_rao(double T1)
{
  double T1s = T1 / (K - 1), m[3][6] = {{0}}, gradient[3] = {0, T1s, K - 1}, variance = 0;
  for (int s = 0; s < N; s++) {
    double e = exp(-MOLLI_533[s] / T1s);
    double J[3] = {1 - K * e, -C * e, -C * K * e * MOLLI_533[s] / (T1s * T1s)};
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++)
        m[i][k] += J[i] * J[k];
  }
  for (int i = 0; i < 3; i++)
    m[i][3 + i] = 1;
  for (int i = 0; i < 3; i++) // Gauss-Jordan; positive definite
    for (int r = 0; r < 3; r++) {
      double factor = r == i ? 0 : m[r][i] / m[i][i];
      for (int c = 0; c < 6; c++)
        m[r][c] -= factor * m[i][c];
    }
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++)
      variance += gradient[i] * gradient[k] * m[i][3 + k] / m[i][i];
  return variance;
}

typedef struct finding {
  double coverage, ratio; /* of the interval; empirical SD over the bound */
} finding;

static void simulate(double T1, int is_magnitude, float *signal)
{
  uint64_t seed = 4242 + (uint64_t)(1000 * T1);
  double T1s = T1 / (K - 1), sigma = C / SNR;
  for (int v = 0; v < VOXELS; v++)
    for (int s = 0; s < N; s++) {
      double a = C * (1 - K * exp(-MOLLI_533[s] / T1s)) + sigma * random_normal(&seed);
      double b = is_magnitude ? sigma * random_normal(&seed) : 0;
      signal[s * VOXELS + v] = (float)(is_magnitude ? hypot(a, b) : a);
    }
}

/* `options` as to noise. With sigma in it the interval is +- 1.96 SD, else Student's. */
static finding measure(double T1, int is_magnitude, tt1_plan_options options)
{
  finding f = {0, 0};
  acquisition a;
  double mean = 0, squares = 0, width = options.sigma > 0 ? 1.96 : 2.571; // t(0.975, 8 - 3)
  float *signal = space((size_t)N * VOXELS, sizeof *signal);
  tt1_model *model = shipped("molli");
  tt1_device *device = processor(NULL, 0);
  options.sign = is_magnitude ? TT1_SIGN_MAGNITUDE : TT1_SIGN_SIGNED;
  acquire_times(&a, "TI", MOLLI_533, N);
  tt1_plan *plan = planned(device, model, &a.design, &options);
  simulate(T1, is_magnitude, signal);
  results r = run_all(plan, signal, VOXELS, NULL);
  const float *estimate = r.values + 3 * VOXELS, *deviation = r.values + 7 * VOXELS;
  for (int v = 0; v < VOXELS; v++) {
    double off = (double)estimate[v] - T1;
    f.coverage += fabs(off) <= width * (double)deviation[v]; // NaN covers nothing
    mean += off / VOXELS;
    squares += off * off / VOXELS;
  }
  f.coverage /= VOXELS;
  f.ratio = sqrt((squares - mean * mean) / (cramer_rao(T1) * (C / SNR) * (C / SNR)));
  print_message("T1 %.2f s, %s, %s%s%s: coverage %.2f %%, SD over bound %.3f\n", T1,
                is_magnitude ? "magnitude" : "signed", tt1_noise_name(options.noise),
                options.sigma > 0 ? ", sigma given" : "",
                options.sigma_from == TT1_SIGMA_MIDDLE ? ", from the middle" : "", 100 * f.coverage,
                f.ratio);
  free_results(&r);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
  free(signal);
  return f;
}

static void signed_intervals_cover(void **state)
{
  const tt1_plan_options squares = TT1_PLAN_OPTIONS_INIT;
  (void)state;
  for (int i = 0; i < 5; i++) {
    finding f = measure(CLEAR_T1[i], 0, squares);
    assert_true(f.coverage >= 0.94 && f.coverage <= 0.96);
    assert_true(f.ratio >= 0.97 && f.ratio <= 1.03);
  }
}

static void intervals_cover_where_sigma_is_given(void **state)
{
  tt1_plan_options given = TT1_PLAN_OPTIONS_INIT;
  (void)state;
  given.sigma = C / SNR;
  for (int i = 0; i < 5; i++) {
    finding f = measure(CLEAR_T1[i], 0, given);
    assert_true(f.coverage >= 0.94 && f.coverage <= 0.96);
  }
}

/* Six of eight residuals tell about as much as all of them do. */
static void intervals_from_the_middle_of_the_residuals_cover(void **state)
{
  tt1_plan_options middle = TT1_PLAN_OPTIONS_INIT;
  (void)state;
  middle.sigma_from = TT1_SIGMA_MIDDLE;
  for (int i = 0; i < 5; i++) {
    finding f = measure(CLEAR_T1[i], 0, middle);
    assert_true(f.coverage >= 0.93 && f.coverage <= 0.97);
  }
}

static void rician_intervals_cover_where_the_sign_is_clear(void **state)
{
  static const double CLEAR[] = {0.45, 1.0, 1.2, 1.8};
  tt1_plan_options rician = TT1_PLAN_OPTIONS_INIT;
  (void)state;
  rician.noise = TT1_NOISE_RICIAN;
  rician.sigma = C / SNR;
  for (int i = 0; i < 4; i++) {
    finding f = measure(CLEAR[i], 1, rician);
    assert_true(f.coverage >= 0.94 && f.coverage <= 0.96);
    assert_true(f.ratio >= 0.97 && f.ratio <= 1.05);
  }
}

static void magnitude_intervals_cover_where_the_sign_is_clear(void **state)
{
  const tt1_plan_options squares = TT1_PLAN_OPTIONS_INIT;
  (void)state;
  static const double CLEAR[] = {0.45, 1.0, 1.2}, DOUBTFUL[] = {0.2, 0.3, 0.6, 0.8, 1.4, 1.55, 1.8};
  for (int i = 0; i < 3; i++) {
    finding f = measure(CLEAR[i], 1, squares);
    assert_true(f.coverage >= 0.93 && f.coverage <= 0.97);
  }
  for (int i = 0; i < 7; i++) // only tabulated: some image is near zero, its sign in doubt
    measure(DOUBTFUL[i], 1, squares);
}

static void without_freedom_only_a_given_sigma_tells(void **state)
{
  (void)state;
  static const double TIMES[] = {0.12, 1.12, 4.12};
  float signal[3];
  acquisition a;
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  tt1_model *model = shipped("molli");
  tt1_device *device = processor(NULL, 1);
  acquire_times(&a, "TI", TIMES, 3);
  for (int s = 0; s < 3; s++)
    signal[s] = (float)fabs(C * (1 - K * exp(-TIMES[s] / 1.2)));
  for (int i = 0; i < 4; i++) {
    options.sigma = i & 1 ? 5 : 0;
    options.precision = i & 2 ? TT1_DOUBLE : TT1_FLOAT;
    tt1_plan *plan = planned(device, model, &a.design, &options);
    results r = run_all(plan, signal, 1, NULL);
    for (int o = 4; o < 8; o++)
      assert_true(i & 1 ? isfinite(r.values[o]) && r.values[o] > 0 : isnan(r.values[o]));
    assert_true(fabs((double)r.values[3] - 0.9 * 1.2) < 1e-3);
    free_results(&r);
    tt1_plan_free(plan);
  }
  tt1_device_free(device);
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(signed_intervals_cover),
      cmocka_unit_test(intervals_cover_where_sigma_is_given),
      cmocka_unit_test(intervals_from_the_middle_of_the_residuals_cover),
      cmocka_unit_test(rician_intervals_cover_where_the_sign_is_clear),
      cmocka_unit_test(magnitude_intervals_cover_where_the_sign_is_clear),
      cmocka_unit_test(without_freedom_only_a_given_sigma_tells),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
