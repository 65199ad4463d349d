/* SPDX-License-Identifier: MIT
 * Noise beyond least squares: the likelihood of Rician magnitudes has its
 * optimum where the fit says, and no bias at low SNR; a moved frame does not
 * pull a robust fit; the noise estimated is the noise simulated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "device/lanes.h"
#include "fit_support.h"

enum { VOXELS = 3000, SAMPLES = 8 };
static const double TIMES[SAMPLES] = {0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12};

typedef struct scan {
  tt1_model *model;
  tt1_device *device;
  acquisition a;
  double sigma, T1;
  float signal[SAMPLES * VOXELS];
} scan;

/* Magnitudes with Gaussian noise in both channels: C 100, k 1.9. */
static scan *simulate(double T1, double snr)
{
  scan *s = space(1, sizeof *s);
  uint64_t seed = 3;
  s->model = shipped("molli");
  s->device = processor(NULL, 1);
  s->T1 = T1;
  s->sigma = 100 / snr;
  acquire_times(&s->a, "TI", TIMES, SAMPLES);
  for (int j = 0; j < SAMPLES; j++)
    for (int v = 0; v < VOXELS; v++) {
      double g = 100 * (1 - 1.9 * exp(-TIMES[j] * 0.9 / T1));
      s->signal[j * VOXELS + v] =
          (float)hypot(g + s->sigma * near_normal(&seed), s->sigma * near_normal(&seed));
    }
  return s;
}

static void free_scan(scan *s)
{
  tt1_device_free(s->device);
  tt1_model_free(s->model);
  free(s);
}

static results fit(const scan *s, tt1_plan_options options)
{
  tt1_plan *plan = planned(s->device, s->model, &s->a.design, &options);
  results r = run_all(plan, s->signal, VOXELS, NULL);
  tt1_plan_free(plan);
  return r;
}

static tt1_plan_options with_noise(tt1_noise noise, double sigma)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.noise = noise;
  options.sigma = sigma;
  return options;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Row `row`: median of value less `from`, of the voxels that converged. */
static double median_of(const results *r, int row, double from)
{
  double *kept = space(VOXELS, sizeof *kept);
  size_t n = 0;
  for (int v = 0; v < VOXELS; v++)
    if (r->codes[v] == TT1_CONVERGED) kept[n++] = (double)r->values[row * VOXELS + v] - from;
  assert_true(n > VOXELS / 2);
  qsort(kept, n, sizeof *kept, by_size);
  double median = kept[n / 2];
  free(kept);
  return median;
}

enum { ROW_C, ROW_K, ROW_T1S, ROW_T1, ROW_C_SD, ROW_K_SD, ROW_T1S_SD, ROW_T1_SD };

/* scipy.special 1.10.1: i1e(z) / i0e(z) and -log(i0e(z)). */
static void bessel_functions_match_scipy(void **state)
{
  static const double TABLE[][3] = {
      {0.001, 0.0004999999375, 0.000999750000016}, {0.1, 0.0499376039879, 0.0975015607661},
      {1, 0.446389965897, 0.764085641493},         {3, 0.809985293957, 1.41469237819},
      {6, 0.912359304353, 1.79181487492},          {7.9, 0.93438128686, 1.93537677139},
      {8.1, 0.93606760594, 1.94833040911},         {12, 0.957381405395, 2.1504975009},
      {40, 0.987419841336, 2.76021313865},         {300, 0.998331939791, 3.770412407},
      {10000, 0.99994999875, 5.52409621857},
  };
  (void)state;
  for (int is_double = 0; is_double < 2; is_double++) {
    tt1_model *model = shipped("molli");
    const tt1__lanes *lanes = tt1__lanes_find(model, "portable", is_double);
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
      for (int which = 0; which < 2; which++) {
        double z = TABLE[i][0], value;
        float narrow = (float)z, narrow_value;
        lanes->elementary(6 + which, is_double ? (void *)&z : &narrow,
                          is_double ? (void *)&value : &narrow_value, 1);
        if (!is_double) value = (double)narrow_value;
        double expected = TABLE[i][1 + which];
        assert_true(fabs(value - expected) < (is_double ? 5e-10 : 2e-6) * (expected + 0.01));
      }
    tt1_model_free(model);
  }
}

static void rician_likelihood_takes_the_bias_away(void **state)
{
  static const struct {
    double T1, snr, squares_beyond, rician_within;
  } ROWS[] = {{1.4, 5, 0.1, 0.025}, {1.4, 10, 0.03, 0.012}, {1.0, 5, 0.02, 0.02}};
  (void)state;
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    scan *s = simulate(ROWS[i].T1, ROWS[i].snr);
    results squares = fit(s, with_noise(TT1_NOISE_GAUSSIAN, 0));
    results rician = fit(s, with_noise(TT1_NOISE_RICIAN, s->sigma));
    double before = median_of(&squares, ROW_T1, s->T1), after = median_of(&rician, ROW_T1, s->T1);
    print_message("T1 %.0f ms, SNR %.0f: bias %.1f ms by least squares, %.1f ms by likelihood\n",
                  1e3 * s->T1, ROWS[i].snr, 1e3 * before, 1e3 * after);
    assert_true(before < -ROWS[i].squares_beyond);
    assert_true(fabs(after) < ROWS[i].rician_within);
    free_results(&squares);
    free_results(&rician);
    free_scan(s);
  }
}

/* Magnitudes of echoes that decay into the noise: A 100, T2* 4 ms, the last echo 1.1 % of A. */
static void fit_echoes(double snr, double *squares, double *rician)
{
  static const double ECHOES[] = {0.002, 0.004, 0.006, 0.008, 0.01, 0.012, 0.015, 0.018};
  float *signal = space(SAMPLES * VOXELS, sizeof *signal);
  double sigma = 100 / snr;
  uint64_t seed = 11;
  acquisition a;
  tt1_model *model = shipped("t2star");
  tt1_device *device = processor(NULL, 1);
  acquire_times(&a, "TE", ECHOES, SAMPLES);
  for (int j = 0; j < SAMPLES; j++)
    for (int v = 0; v < VOXELS; v++)
      signal[j * VOXELS + v] = (float)hypot(
          100 * exp(-ECHOES[j] / 0.004) + sigma * near_normal(&seed), sigma * near_normal(&seed));
  for (int i = 0; i < 2; i++) {
    tt1_plan_options options = with_noise(i ? TT1_NOISE_RICIAN : TT1_NOISE_GAUSSIAN, sigma);
    tt1_plan *plan = planned(device, model, &a.design, &options);
    results r = run_all(plan, signal, VOXELS, NULL);
    *(i ? rician : squares) = median_of(&r, 1, 0.004);
    free_results(&r);
    tt1_plan_free(plan);
  }
  tt1_device_free(device);
  tt1_model_free(model);
  free(signal);
}

static void echoes_in_the_noise_floor_do_not_lengthen_t2star(void **state)
{
  static const struct {
    double snr, squares_beyond, rician_within;
  } ROWS[] = {{10, 1e-3, 2e-4}, {20, 3e-4, 5e-5}};
  (void)state;
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    double squares, rician;
    fit_echoes(ROWS[i].snr, &squares, &rician);
    print_message("T2* 4 ms, SNR %.0f: bias %.2f ms by least squares, %.2f ms by likelihood\n",
                  ROWS[i].snr, 1e3 * squares, 1e3 * rician);
    assert_true(squares > ROWS[i].squares_beyond);
    assert_true(fabs(rician) < ROWS[i].rician_within);
  }
}

static double median_deviation(const scan *s, tt1_sigma from)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.sigma_from = from;
  results r = fit(s, options);
  double sd = median_of(&r, ROW_C_SD, 0);
  free_results(&r);
  return sd;
}

/* T1 0.45 s: the long times all measure C. One of them is off by 15 %. */
static void one_bad_image_moves_the_middle_of_the_residuals_less(void **state)
{
  scan *s = simulate(0.45, 50);
  (void)state;
  double residuals = median_deviation(s, TT1_SIGMA_RESIDUALS);
  double middle = median_deviation(s, TT1_SIGMA_MIDDLE);
  for (int v = 0; v < VOXELS; v++)
    s->signal[5 * VOXELS + v] *= 0.85f;
  double residuals_off = median_deviation(s, TT1_SIGMA_RESIDUALS);
  double middle_off = median_deviation(s, TT1_SIGMA_MIDDLE);
  print_message("SD of C: residuals %.2f, one bad %.2f; middle %.2f, one bad %.2f\n", residuals,
                residuals_off, middle, middle_off);
  assert_true(fabs(middle / residuals - 1) < 0.15);
  assert_true(residuals_off > 2.5 * residuals);
  assert_true(middle_off < 0.8 * residuals_off);
  free_scan(s);
}

/* Less a constant; I0 by its integral, which is nothing the kernels know of. */
static double minus_log_likelihood(const scan *s, int v, double C, double k, double T1s)
{
  enum { STEPS = 400 };
  double sum = 0, variance = s->sigma * s->sigma;
  for (int j = 0; j < SAMPLES; j++) {
    double y = (double)s->signal[j * VOXELS + v];
    double g = fabs(C * (1 - k * exp(-TIMES[j] / T1s))), i0 = 0;
    for (int i = 0; i < STEPS; i++)
      i0 += exp(y * g / variance * (cos((i + 0.5) * acos(-1.0) / STEPS) - 1)) / STEPS;
    sum += (y - g) * (y - g) / (2 * variance) - log(i0);
  }
  return sum;
}

static void the_rician_fit_is_a_maximum_of_the_likelihood(void **state)
{
  scan *s = simulate(1.2, 8);
  results r = fit(s, with_noise(TT1_NOISE_RICIAN, s->sigma));
  int seen = 0;
  (void)state;
  for (int v = 0; v < 60; v++) {
    if (r.codes[v] != TT1_CONVERGED) continue;
    double p[3];
    for (int i = 0; i < 3; i++)
      p[i] = (double)r.values[i * VOXELS + v];
    double here = minus_log_likelihood(s, v, p[0], p[1], p[2]);
    for (int i = 0; i < 6; i++) {
      double q[3] = {p[0], p[1], p[2]};
      q[i / 2] *= i % 2 ? 1.02 : 0.98;
      assert_true(minus_log_likelihood(s, v, q[0], q[1], q[2]) > here);
    }
    seen++;
  }
  assert_true(seen > 40);
  free_results(&r);
  free_scan(s);
}

/* The first image is one that least squares follows: k rests on it. */
static void a_moved_frame_does_not_pull_a_robust_fit(void **state)
{
  static const struct {
    double T1, least_by_squares, most_by_weights;
    int moved;
  } cases[] = {{0.45, 0.05, 0.002, 3}, {1.0, 0.1, 0.012, 0}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    scan *s = simulate(cases[i].T1, 50);
    results clean = fit(s, with_noise(TT1_NOISE_ROBUST, 0));
    double undisturbed = median_of(&clean, ROW_T1, s->T1);
    for (int v = 0; v < VOXELS; v++)
      s->signal[cases[i].moved * VOXELS + v] *= 0.6f;
    results squares = fit(s, with_noise(TT1_NOISE_GAUSSIAN, 0));
    results robust = fit(s, with_noise(TT1_NOISE_ROBUST, 0));
    double by_squares = median_of(&squares, ROW_T1, s->T1),
           by_weights = median_of(&robust, ROW_T1, s->T1);
    print_message("bias: %.1f ms undisturbed; image %d moved: %.1f by least squares, %.1f robust\n",
                  1e3 * undisturbed, cases[i].moved + 1, 1e3 * by_squares, 1e3 * by_weights);
    assert_true(fabs(undisturbed) < 0.002);
    assert_true(fabs(by_squares) > cases[i].least_by_squares);
    assert_true(fabs(by_weights) < cases[i].most_by_weights);
    free_results(&clean);
    free_results(&squares);
    free_results(&robust);
    free_scan(s);
  }
}

static void the_noise_estimated_is_the_noise_simulated(void **state)
{
  scan *s = simulate(1.0, 30);
  tt1_plan *plan = planned(s->device, s->model, &s->a.design, NULL);
  tt1_series series = {.signal = s->signal, .n_voxels = VOXELS};
  double sigma = 0;
  tt1_error err = {0};
  (void)state;
  assert_int_equal(tt1_sigma_estimate(&sigma, plan, &series, NULL, &err), TT1_OK);
  print_message("sigma: %.3f simulated, %.3f estimated\n", s->sigma, sigma);
  assert_true(fabs(sigma / s->sigma - 1) < 0.02);
  series.n_voxels = 0;
  assert_int_equal(tt1_sigma_estimate(&sigma, plan, &series, NULL, &err), TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "0 voxels have a signal of ten times it"));
  tt1_plan_free(plan);
  free_scan(s);
}

static void the_diagonal_of_the_covariance_is_the_squared_deviation(void **state)
{
  static const char *const NAMES[] = {"cov_C_C",   "cov_k_C",   "cov_k_k",
                                      "cov_T1s_C", "cov_T1s_k", "cov_T1s_T1s"};
  scan *s = simulate(1.0, 50);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  (void)state;
  options.covariance = 1;
  tt1_plan *plan = planned(s->device, s->model, &s->a.design, &options);
  float *cov = space(6 * VOXELS, sizeof *cov), *sd = space(4 * VOXELS, sizeof *sd);
  tt1_output outputs[10];
  static const char *const OTHERS[] = {"C_sd", "k_sd", "T1s_sd", "T1_sd"};
  for (int i = 0; i < 10; i++)
    outputs[i] = (tt1_output){i < 6 ? NAMES[i] : OTHERS[i - 6], TT1_FLOAT32,
                              i < 6 ? cov + i * VOXELS : sd + (i - 6) * VOXELS};
  tt1_series series = {.signal = s->signal, .n_voxels = VOXELS};
  assert_int_equal(tt1_plan_run(plan, &series, NULL, outputs, 10, NULL, NULL, NULL), TT1_OK);
  results r = fit(s, with_noise(TT1_NOISE_GAUSSIAN, 0));
  for (int v = 0; v < VOXELS; v++) {
    static const int DIAGONAL[] = {0, 2, 5};
    for (int i = 0; i < 3; i++) {
      double variance = (double)cov[DIAGONAL[i] * VOXELS + v], of = (double)sd[i * VOXELS + v];
      assert_true(fabs(variance / (of * of) - 1) < 1e-5);
    }
    /* T1 = (k - 1) T1s by the delta method, from the whole matrix. */
    double k1 = (double)r.values[ROW_K * VOXELS + v] - 1,
           t = (double)r.values[ROW_T1S * VOXELS + v];
    double variance = t * t * (double)cov[2 * VOXELS + v] + k1 * k1 * (double)cov[5 * VOXELS + v] +
                      2 * t * k1 * (double)cov[4 * VOXELS + v];
    assert_true(fabs(sqrt(variance) / (double)sd[3 * VOXELS + v] - 1) < 1e-2);
  }
  free_results(&r);
  free(cov);
  free(sd);
  tt1_plan_free(plan);
  free_scan(s);
}

static void what_cannot_be_is_refused(void **state)
{
  scan *s = simulate(1.0, 50);
  tt1_plan *plan = NULL;
  tt1_error err = {0};
  tt1_plan_options options = with_noise(TT1_NOISE_RICIAN, 0);
  (void)state;
  assert_int_equal(tt1_plan_create(&plan, s->device, s->model, &s->a.design, &options, &err),
                   TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "rician noise needs sigma"));
  options = with_noise(TT1_NOISE_ROBUST, 0);
  options.solver = TT1_SOLVER_ADAM;
  assert_int_equal(tt1_plan_create(&plan, s->device, s->model, &s->a.design, &options, &err),
                   TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "adam minimises squares only"));
  options = with_noise(TT1_NOISE_RICIAN, 2);
  plan = planned(s->device, s->model, &s->a.design, &options);
  for (int v = 0; v < VOXELS; v++)
    s->signal[v] = -s->signal[v];
  tt1_series series = {.signal = s->signal, .n_voxels = VOXELS};
  assert_int_equal(tt1_plan_run(plan, &series, NULL, NULL, 0, NULL, NULL, &err), TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "negative samples"));
  tt1_plan_free(plan);
  options.sign = TT1_SIGN_SIGNED;
  assert_int_equal(tt1_plan_create(&plan, s->device, s->model, &s->a.design, &options, &err),
                   TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "the samples are signed"));
  free_scan(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bessel_functions_match_scipy),
      cmocka_unit_test(rician_likelihood_takes_the_bias_away),
      cmocka_unit_test(echoes_in_the_noise_floor_do_not_lengthen_t2star),
      cmocka_unit_test(one_bad_image_moves_the_middle_of_the_residuals_less),
      cmocka_unit_test(the_rician_fit_is_a_maximum_of_the_likelihood),
      cmocka_unit_test(a_moved_frame_does_not_pull_a_robust_fit),
      cmocka_unit_test(the_noise_estimated_is_the_noise_simulated),
      cmocka_unit_test(the_diagonal_of_the_covariance_is_the_squared_deviation),
      cmocka_unit_test(what_cannot_be_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
