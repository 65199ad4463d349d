/* SPDX-License-Identifier: MIT
 * Real data: a MOLLI phantom against a brute-force optimum and the map that came
 * with it; signed inversion recovery and echoes of a brain. The data are public
 * and not part of this project: without them the tests say so and are skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "fit_support.h"
#include "molli_reference.h"
#include "tt1_image.h"
#include "tt1_input.h"

/* The path of a file of the test data; NULL, with the reason printed, if it is absent. */
static const char *data_file(const char *name)
{
  static char path[4096];
  const char *folder = getenv("TORCHT1_TEST_DATA");
  snprintf(path, sizeof path, "%s/%s", folder ? folder : TT1_SOURCE_DIR "/../shared/data", name);
  if (access(path, R_OK) == 0) return path;
  print_message("skipped: no file %s (TORCHT1_TEST_DATA names the folder of test data)\n", path);
  return NULL;
}

static tt1_image *read_data(const char *name)
{
  tt1_image *image = NULL;
  tt1_error err = {0};
  const char *path = data_file(name);
  if (!path) skip();
  if (tt1_image_read(&image, path, NULL, &err)) fail_msg("%s", err.message);
  return image;
}

static void acquire_found(acquisition *a, const tt1_image *image, const char *key, const char *name)
{
  const tt1_known_values *found;
  for (int i = 0; (found = tt1_image_known(image, i)) != NULL; i++)
    if (!strcmp(found->name, key)) {
      assert_int_equal(found->count, tt1_image_n_images(image));
      acquire_times(a, name, found->values, found->count);
      return;
    }
  fail_msg("no %s with the series", key);
}

/* Fit a whole image with every output. */
static results fit_image(const tt1_image *image, const float *signal, const char *model_name,
                         const acquisition *a, tt1_sign sign)
{
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  tt1_model *model = shipped(model_name);
  tt1_device *device = processor(NULL, 0);
  options.sign = sign;
  tt1_plan *plan = planned(device, model, &a->design, &options);
  results r = run_all(plan, signal, tt1_image_n_voxels(image), NULL);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
  return r;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int at_optimum(const double *y, const acquisition *a, double C, double k, double T1s)
{
  int n = a->design.n_samples;
  double energy = 0;
  for (int j = 0; j < n; j++)
    energy += y[j] * y[j];
  molli_optimum best = molli_brute_force(y, a->values[0], n);
  return molli_cost(y, a->values[0], n, C, k, T1s) <= best.cost * (1 + 1e-4) + 1e-9 * energy;
}

static void show_miss(const double *y, const acquisition *a, int64_t v, double C, double k,
                      double T1s)
{
  int n = a->design.n_samples;
  molli_optimum best = molli_brute_force(y, a->values[0], n);
  print_message("  voxel %lld: C %.6g k %.6g T1s %.6g of cost %.6g, best %.6g %.6g %.6g of %.6g\n",
                (long long)v, C, k, T1s, molli_cost(y, a->values[0], n, C, k, T1s), best.C, best.k,
                best.T1s, best.cost);
}

static void molli_phantom_is_fitted_to_the_optimum(void **state)
{
  (void)state;
  acquisition a;
  tt1_image *image = read_data("molli-phantom/molli.nii.gz");
  tt1_image *reference = read_data("molli-phantom/reference_T1map.nii.gz");
  acquire_found(&a, image, "InversionTime", "TI");
  const float *map = tt1_image_data(reference);
  int64_t n = tt1_image_n_voxels(image), with_signal = 0, missed = 0, n_air = 0, air_missed = 0;
  const float *signal = tt1_image_data(image);
  results r = fit_image(image, signal, "molli", &a, TT1_SIGN_AUTO);
  for (int64_t v = 0; v < n; v++) {
    double y[MAX_TIMES], most = 0;
    for (int j = 0; j < a.design.n_samples; j++) {
      y[j] = (double)signal[j * n + v];
      most = y[j] > most ? y[j] : most;
    }
    if (!(most > 0)) continue;
    // Each voxel of this file was scaled to the same maximum: only the reference tells air from
    // what gave a signal.
    int is_air = !(map[v] >= 0.1F && map[v] <= 2.5F);
    int hit = at_optimum(y, &a, (double)r.values[v], (double)r.values[n + v],
                         (double)r.values[2 * n + v]);
    n_air += is_air;
    air_missed += is_air && !hit;
    with_signal += !is_air;
    if (!hit && !is_air && missed++ < 10)
      show_miss(y, &a, v, (double)r.values[v], (double)r.values[n + v],
                (double)r.values[2 * n + v]);
  }
  print_message("molli-phantom: %lld of %lld voxels with signal miss the optimum, %lld of %lld in "
                "air\n",
                (long long)missed, (long long)with_signal, (long long)air_missed, (long long)n_air);
  assert_true(with_signal > 5000);
  assert_true((double)missed <= 1e-4 * (double)with_signal);
  assert_true((double)air_missed <= 0.02 * (double)n_air); // most on the edge k = 4
  free_results(&r);
  tt1_image_free(image);
  tt1_image_free(reference);
}

static void molli_phantom_agrees_with_its_map(void **state)
{
  (void)state;
  acquisition a;
  tt1_image *image = read_data("molli-phantom/molli.nii.gz");
  tt1_image *reference = read_data("molli-phantom/reference_T1map.nii.gz");
  acquire_found(&a, image, "InversionTime", "TI");
  int64_t n = tt1_image_n_voxels(image);
  int count = 0;
  const float *map = tt1_image_data(reference);
  double *off = space((size_t)n, sizeof *off);
  results r = fit_image(image, tt1_image_data(image), "molli", &a, TT1_SIGN_AUTO);
  assert_int_equal(tt1_image_n_voxels(reference), n);
  for (int64_t v = 0; v < n; v++)
    if (map[v] >= 0.1F && map[v] <= 2.5F)
      off[count++] = 1e3 * (double)(r.values[3 * n + v] - map[v]);
  qsort(off, (size_t)count, sizeof *off, ascending);
  print_message("molli-phantom: T1 less reference, median %.2f ms over %d voxels\n", off[count / 2],
                count);
  assert_true(count > 5000);
  assert_true(fabs(off[count / 2] + 4.5) <= 1);
  free(off);
  free_results(&r);
  tt1_image_free(image);
  tt1_image_free(reference);
}

/* The mode of T1 in bins of 50 ms over voxels brighter than a fifth of the brightest. */
static double mode_of(const results *r, int row, const float *brightness, int64_t n)
{
  int bins[60] = {0}, best = 0;
  float most = 0;
  for (int64_t v = 0; v < n; v++)
    most = brightness[v] > most ? brightness[v] : most;
  for (int64_t v = 0; v < n; v++) {
    double value = (double)r->values[row * n + v];
    if (brightness[v] > 0.2F * most && r->codes[v] == TT1_CONVERGED && value < 3)
      bins[(int)(value / 0.05)]++;
  }
  for (int i = 0; i < 60; i++)
    if (bins[i] > bins[best]) best = i;
  return (best + 0.5) * 0.05;
}

static void signed_and_magnitude_agree_in_the_brain(void **state)
{
  (void)state;
  acquisition a;
  tt1_image *image = read_data("brain-ir/ir_signed.nii.gz");
  acquire_found(&a, image, "InversionTime", "TI");
  int64_t n = tt1_image_n_voxels(image), total = n * a.design.n_samples;
  const float *signal = tt1_image_data(image);
  float *magnitude = space((size_t)total, sizeof *magnitude),
        *last = space((size_t)n, sizeof *last);
  double *off = space((size_t)n, sizeof *off);
  int count = 0, close = 0, worse = 0;
  for (int64_t i = 0; i < total; i++)
    magnitude[i] = fabsf(signal[i]);
  for (int64_t i = 0; i < total; i++)
    last[i % n] = magnitude[i] > last[i % n] ? magnitude[i] : last[i % n];
  results one = fit_image(image, signal, "ir3", &a, TT1_SIGN_AUTO);
  results other = fit_image(image, magnitude, "ir3", &a, TT1_SIGN_AUTO);
  double mode = mode_of(&one, 2, last, n);
  for (int64_t v = 0; v < n; v++)
    if (one.codes[v] == TT1_CONVERGED && one.values[6 * n + v] > 0.99F) {
      off[count] = fabs((double)(one.values[2 * n + v] - other.values[2 * n + v]));
      close += off[count++] < 1e-3;
      // |(|y| - |g|)| <= |y - g|: magnitudes can only be fitted better
      worse += other.values[7 * n + v] > one.values[7 * n + v] * 1.0001F;
    }
  print_message("brain: mode of T1 %.3f s (signed) and %.3f s (magnitude); of %d voxels with R2 > "
                "0.99, %.2f %% agree within 1 ms, "
                "%d fit worse as magnitudes\n",
                mode, mode_of(&other, 2, last, n), count, 100.0 * close / count, worse);
  assert_true(mode >= 0.8 && mode <= 1.0);
  assert_true(count > 1000);
  assert_true(close >= 0.95 * count); // the rest has an image near zero: either sign fits
  assert_true(worse <= 1e-3 * count);
  free(off);
  free(last);
  free(magnitude);
  free_results(&one);
  free_results(&other);
  tt1_image_free(image);
}

static void echoes_of_the_brain_give_sensible_t2(void **state)
{
  (void)state;
  acquisition a;
  tt1_image *image = read_data("brain-ir/se_t2.nii.gz");
  acquire_found(&a, image, "EchoTime", "TE");
  int64_t n = tt1_image_n_voxels(image);
  results r = fit_image(image, tt1_image_data(image), "t2", &a, TT1_SIGN_AUTO);
  double mode = mode_of(&r, 1, tt1_image_data(image), n);
  double *values = space((size_t)n, sizeof *values);
  int count = 0;
  for (int64_t v = 0; v < n; v++)
    if (r.codes[v] == TT1_CONVERGED && r.values[4 * n + v] > 0.99F)
      values[count++] = (double)r.values[n + v];
  qsort(values, (size_t)count, sizeof *values, ascending);
  print_message("brain: T2 mode %.3f s, median %.3f s over %d voxels with R2 > 0.99\n", mode,
                values[count / 2], count);
  assert_true(count > 1000);
  assert_true(values[count / 2] > 0.05 && values[count / 2] < 0.15);
  free(values);
  free_results(&r);
  tt1_image_free(image);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(molli_phantom_is_fitted_to_the_optimum),
      cmocka_unit_test(molli_phantom_agrees_with_its_map),
      cmocka_unit_test(signed_and_magnitude_agree_in_the_brain),
      cmocka_unit_test(echoes_of_the_brain_give_sensible_t2),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
