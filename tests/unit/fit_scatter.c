/* SPDX-License-Identifier: MIT
 * Every shipped model on signed data at C / sigma = 50, C the largest sample: the scatter of the
 * estimates against the Cramer-Rao bound, and no voxel that fails. The bound is computed here, in
 * double, from the exact derivatives of the signal and central differences of the maps. With
 * TORCHT1_LONG set there are more tissues and more voxels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"
#include "tt1_design.h"

enum { MOST = 9 }; /* parameters and maps */
static const double SNR = 50;

static int is_long(void)
{
  return getenv("TORCHT1_LONG") != NULL;
}

/* The inverse of the information matrix for noise of unit variance, by Gauss-Jordan. */
static void covariance(int n, int n_samples, double (*gradient)[8], double out[8][8])
{
  double m[8][16] = {{0}};
  for (int i = 0; i < n; i++)
    for (int k = 0; k < n; k++) {
      for (int j = 0; j < n_samples; j++)
        m[i][k] += gradient[j][i] * gradient[j][k];
      m[i][n + k] = i == k;
    }
  for (int i = 0; i < n; i++)
    for (int r = 0; r < n; r++) {
      double factor = r == i ? 0 : m[r][i] / m[i][i];
      for (int c = 0; c < 2 * n; c++)
        m[r][c] -= factor * m[i][c];
    }
  for (int i = 0; i < n; i++)
    for (int k = 0; k < n; k++)
      out[i][k] = m[i][n + k] / m[i][i];
}

static void maps_at(const tt1_model *model, const double *p, double *maps)
{
  double x[12] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}; // maps depend on no known quantity
  tt1_model_evaluate(model, p, x, NULL, NULL, maps);
}

/* What the estimates of every parameter and map should be, and their least SD. */
static void bounds_of(const tt1_model *model, const double *p, double cov[8][8], double sigma,
                      double *value, double *bound)
{
  int n = tt1_model_n_parameters(model), n_maps = tt1_model_n_maps(model);
  double slope[8][8] = {{0}}, low[8], high[8], q[8];
  memcpy(value, p, (size_t)n * sizeof *p);
  maps_at(model, p, value + n);
  for (int k = 0; k < n; k++) {
    memcpy(q, p, (size_t)n * sizeof *p);
    double step = 1e-5 * p[k];
    q[k] = p[k] + step;
    maps_at(model, q, high);
    q[k] = p[k] - step;
    maps_at(model, q, low);
    for (int m = 0; m < n_maps; m++)
      slope[m][k] = (high[m] - low[m]) / (2 * step);
  }
  for (int o = 0; o < n + n_maps; o++) {
    double variance = o < n ? cov[o][o] : 0;
    for (int i = 0; i < n && o >= n; i++)
      for (int k = 0; k < n; k++)
        variance += slope[o - n][i] * slope[o - n][k] * cov[i][k];
    bound[o] = sigma * sqrt(variance);
  }
}

/* The library's own figure for the same. */
static void check_library(const tt1_model *model, const acquisition *a, const double *p,
                          double sigma, const double *bound)
{
  double found[16];
  tt1_error err = {0};
  if (tt1_design_bound(model, &a->design, p, sigma, found, &err)) fail_msg("%s", err.message);
  for (int o = 0; o < tt1_model_n_parameters(model) + tt1_model_n_maps(model); o++)
    assert_true(fabs(found[o] / bound[o] - 1) < 1e-6);
}

static void check_inside(const tt1_model *model, const double *p, const double *bound)
{
  for (int i = 0; i < tt1_model_n_parameters(model); i++) {
    const tt1_parameter *it = tt1_model_parameter(model, i);
    if (p[i] - 5 * bound[i] < it->lower || p[i] + 5 * bound[i] > it->upper)
      fail_msg("%s: %s = %g, SD %g is too near a bound for this test", tt1_model_name(model),
               it->name, p[i], bound[i]);
  }
}

static results fit_noisy(const tt1_model *model, const acquisition *a, const double *y,
                         double sigma, int given, int64_t n, uint64_t *seed)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.sign = TT1_SIGN_SIGNED;
  options.sigma = given ? sigma : 0;
  tt1_device *device = processor(NULL, 0);
  tt1_plan *plan = planned(device, model, &a->design, &options);
  float *signal = space((size_t)(a->design.n_samples * n), sizeof *signal);
  for (int64_t v = 0; v < n; v++)
    for (int j = 0; j < a->design.n_samples; j++)
      signal[j * n + v] = (float)(y[j] + sigma * near_normal(seed));
  results r = run_all(plan, signal, n, NULL);
  free(signal);
  tt1_plan_free(plan);
  tt1_device_free(device);
  return r;
}

/* Empirical SD over the bound, of output o. */
static double scatter(const results *r, int o, double value, double bound)
{
  double mean = 0, squares = 0;
  for (int64_t v = 0; v < r->n; v++) {
    double off = (double)r->values[o * r->n + v] - value;
    mean += off / (double)r->n;
    squares += off * off / (double)r->n;
  }
  return sqrt(squares - mean * mean) / bound;
}

static void check_tissue(const tt1_model *model, const acquisition *a, uint64_t *seed,
                         double least[MOST], double most[MOST])
{
  double p[8], y[MAX_TIMES], gradient[MAX_TIMES][8], cov[8][8], value[16], bound[16], sigma = 0;
  int n = tt1_model_n_parameters(model), n_out = n + tt1_model_n_maps(model);
  tt1_model *plain = without_abs(model);
  int is_exact = a->design.n_samples == n;
  draw_parameters(model, seed, p);
  evaluate_gradient(plain, a, p, y, gradient);
  for (int j = 0; j < a->design.n_samples; j++)
    sigma = fabs(y[j]) / SNR > sigma ? fabs(y[j]) / SNR : sigma;
  covariance(n, a->design.n_samples, gradient, cov);
  bounds_of(model, p, cov, sigma, value, bound);
  check_inside(model, p, bound);
  check_library(model, a, p, sigma, bound);
  results r = fit_noisy(model, a, y, sigma, is_exact, is_long() ? 20000 : 4000, seed);
  for (int64_t v = 0; v < r.n; v++)
    if (r.codes[v] != TT1_CONVERGED) fail_msg("%s: outcome %d", tt1_model_name(model), r.codes[v]);
  for (int o = 0; o < n_out; o++) {
    double ratio = scatter(&r, o, value[o], bound[o]);
    least[o] = ratio < least[o] ? ratio : least[o];
    most[o] = ratio > most[o] ? ratio : most[o];
  }
  free_results(&r);
  tt1_model_free(plain);
}

static void scatter_meets_the_bound(void **state)
{
  (void)state;
  int n_bad = 0;
  for (int m = 0; tt1_builtin_name(m); m++) {
    uint64_t seed = 31;
    acquisition a;
    tt1_model *model = shipped(tt1_builtin_name(m));
    double least[MOST], most[MOST] = {0};
    for (int o = 0; o < MOST; o++)
      least[o] = HUGE_VAL;
    acquire(&a, model);
    for (int t = 0; t < (is_long() ? 40 : 3); t++)
      check_tissue(model, &a, &seed, least, most);
    int n = tt1_model_n_parameters(model);
    for (int o = 0; o < n + tt1_model_n_maps(model); o++) {
      int is_bad = least[o] < 0.95 || most[o] > 1.1;
      print_message("%s %s: SD over bound %.3f to %.3f%s\n", tt1_model_name(model),
                    o < n ? tt1_model_parameter(model, o)->name : tt1_model_map(model, o - n)->name,
                    least[o], most[o], is_bad ? " (bad)" : "");
      n_bad += is_bad;
    }
    tt1_model_free(model);
  }
  assert_int_equal(n_bad, 0);
}

/* As many images as parameters: only a given sigma tells how sure the maps are. */
static void two_images_need_sigma(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"mp2rage", "vfa"};
  for (int m = 0; m < 2; m++) {
    acquisition a;
    uint64_t seed = 5;
    double p[8], y[MAX_TIMES];
    tt1_model *model = shipped(NAMES[m]);
    acquire(&a, model);
    a.design.n_samples = 2;
    if (a.known[0].count > 2) { // vfa with the classic pair of angles
      a.values[0][0] = 3;
      a.values[0][1] = 15;
      a.known[0].count = 2;
    }
    draw_parameters(model, &seed, p);
    evaluate_voxel(model, &a, p, y);
    for (int given = 0; given < 2; given++) {
      results r = fit_noisy(model, &a, y, fabs(y[1]) / 200, given, 10, &seed);
      for (int v = 0; v < 10; v++) {
        assert_int_equal(r.codes[v], TT1_CONVERGED);
        assert_true(given ? r.values[3 * 10 + v] > 0 : isnan(r.values[3 * 10 + v]));
      }
      free_results(&r);
    }
    tt1_model_free(model);
  }
}

static void designs_without_a_bound(void **state)
{
  (void)state;
  static const double TIMES[] = {1, 1, 2, 2, 3, 3};
  double p[] = {100, 1.9, 1.1}, bound[4];
  acquisition a;
  tt1_error err = {0};
  tt1_model *model = shipped("molli");
  acquire_times(&a, "TI", TIMES, 6);
  assert_int_equal(tt1_design_bound(model, &a.design, p, 0, bound, &err), TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "sigma"));
  assert_int_equal(tt1_design_bound(model, &a.design, p, 2, bound, &err), TT1_OK);
  assert_true(bound[3] > 0);
  p[0] = 0; // no signal, no T1
  assert_int_equal(tt1_design_bound(model, &a.design, p, 2, bound, &err), TT1_OK);
  assert_true(isnan(bound[3]));
  p[1] = 5;
  assert_int_equal(tt1_design_bound(model, &a.design, p, 2, bound, &err), TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "k is 5"));
  tt1_model_free(model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scatter_meets_the_bound),
      cmocka_unit_test(two_images_need_sigma),
      cmocka_unit_test(designs_without_a_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
