/* SPDX-License-Identifier: MIT
 * Model mollirest: after endless rests it is model molli; its standard deviations are those of its errors; and
 * rests that are known badly do little. What the Bloch equations say of it is in tests/cli/cases/short_rests.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit_support.h"

enum { VOXELS = 4000, IMAGES = 7 };

/* 5(1)1(1)1 at 60 beats a minute. */
static const double TIMES[] = {0.1, 1.1, 2.1, 3.1, 4.1, 0.18, 0.26},
                    LAST1[] = {0, 0, 0, 0, 0, 4.1, 0.18},
                    REST1[] = {1000, 1000, 1000, 1000, 1000, 1.82, 1.74},
                    LAST2[] = {0, 0, 0, 0, 0, 0, 4.1},
                    REST2[] = {1000, 1000, 1000, 1000, 1000, 1000, 1.82};

static void add_known(acquisition *a, const char *name, const double *values, double factor, int n)
{
  int q = a->design.n_known++;
  for (int j = 0; j < n; j++)
    a->values[q][j] = values[j] < 1000 ? factor * values[j] : values[j];
  a->known[q] = (tt1_known_values){.name = name, .values = a->values[q], .count = n};
}

/* With all rests `factor` times as long. */
static void acquire_shmolli(acquisition *a, double factor)
{
  acquire_times(a, "TI", TIMES, IMAGES);
  add_known(a, "last1", LAST1, 1, IMAGES);
  add_known(a, "rest1", REST1, factor, IMAGES);
  add_known(a, "last2", LAST2, 1, IMAGES);
  add_known(a, "rest2", REST2, factor, IMAGES);
}

/* Magnitudes of n images of tissue with noise of standard deviation C / snr; the balanced readouts make the
   ratio 1 + T1 / 4 per beat of a second. */
static float *simulate(const acquisition *a, int n, double T1_from, double T1_to, double snr)
{
  tt1_model *model = shipped("mollirest"), *is_signed = without_abs(model);
  float *signal = space((size_t)n * VOXELS, sizeof *signal);
  uint64_t seed = 16;
  for (int v = 0; v < VOXELS; v++) {
    double T1 = T1_from + (T1_to - T1_from) * v / VOXELS, p[] = {1000, T1, 0.96 * (1 + 0.25 * T1)};
    double y[MAX_TIMES];
    evaluate_voxel(is_signed, a, p, y);
    for (int j = 0; j < n; j++)
      signal[j * VOXELS + v] = (float)fabs(y[j] + p[0] / snr * near_normal(&seed));
  }
  tt1_model_free(is_signed);
  tt1_model_free(model);
  return signal;
}

/* Two maps of a fit of magnitudes. */
typedef struct fitted {
  float T1[VOXELS], deviation[VOXELS];
  uint8_t outcome[VOXELS];
} fitted;

static void fit(fitted *out, const char *name, const acquisition *a, const float *signal)
{
  tt1_device *device = processor(NULL, 1);
  tt1_model *model = shipped(name);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.sign = TT1_SIGN_MAGNITUDE;
  tt1_plan *plan = planned(device, model, &a->design, &options);
  const tt1_series series = {.signal = signal, .n_voxels = VOXELS};
  const tt1_output outputs[] = {{"T1", TT1_FLOAT32, out->T1},
                                {"T1_sd", TT1_FLOAT32, out->deviation},
                                {"outcome", TT1_UINT8, out->outcome}};
  tt1_error err = {0};
  need(tt1_plan_run(plan, &series, NULL, outputs, 3, NULL, NULL, &err) == TT1_OK, "run",
       err.message);
  tt1_plan_free(plan);
  tt1_model_free(model);
  tt1_device_free(device);
}

/* The first group alone, and the rests left out: full recovery. */
static void endless_rests_are_molli(void **state)
{
  static fitted plain, rested;
  acquisition a;
  double worst = 0;
  (void)state;
  acquire_times(&a, "TI", TIMES, 5);
  float *signal = simulate(&a, 5, 0.3, 1.6, 100);
  fit(&plain, "molli", &a, signal);
  fit(&rested, "mollirest", &a, signal);
  int n = 0;
  for (int v = 0; v < VOXELS; v++) {
    if (plain.outcome[v] != TT1_CONVERGED || rested.outcome[v] != TT1_CONVERGED) continue;
    worst = fmax(worst, fabs(1e3 * (double)(plain.T1[v] - rested.T1[v])));
    n++;
  }
  print_message("T1 of molli and of mollirest after 1000 s: at most %.3f ms apart in %d voxels\n",
                worst, n);
  assert_true(n > 0.99 * VOXELS);
  assert_true(worst < 0.2);
  free(signal);
}

/* C / sigma 50, T1 1.2 s; intervals by Student's t with 4 degrees of freedom. */
static void deviations_are_those_of_the_errors(void **state)
{
  static fitted all;
  acquisition a;
  double square = 0;
  int inside = 0;
  (void)state;
  acquire_shmolli(&a, 1);
  float *signal = simulate(&a, IMAGES, 1.2, 1.2, 50);
  fit(&all, "mollirest", &a, signal);
  for (int v = 0; v < VOXELS; v++) {
    assert_true(isfinite(all.T1[v]));
    double error = (double)all.T1[v] - 1.2;
    square += error * error / VOXELS;
    inside += fabs(error) <= 2.776 * (double)all.deviation[v];
  }
  print_message("C/sigma 50, T1 1.2 s: SD %.1f ms, coverage %.1f %%\n", 1e3 * sqrt(square),
                100.0 * inside / VOXELS);
  assert_true(sqrt(square) <= 0.028);
  assert_true(inside >= 0.94 * VOXELS && inside <= 0.98 * VOXELS);
  free(signal);
}

static void wrong_rests_do_little(void **state)
{
  static fitted all;
  (void)state;
  for (int i = 0; i < 2; i++) {
    acquisition truth, told;
    double worst = 0;
    acquire_shmolli(&truth, 1);
    acquire_shmolli(&told, i ? 1.1 : 0.9);
    float *signal = simulate(&truth, IMAGES, 0.4, 1.6, 1e6);
    fit(&all, "mollirest", &told, signal);
    for (int v = 0; v < VOXELS; v++) {
      double T1 = 0.4 + 1.2 * v / VOXELS;
      worst = fmax(worst, fabs(1e3 * ((double)all.T1[v] - T1)));
    }
    print_message("rests told 10 %% %s: T1 at most %.1f ms off\n", i ? "long" : "short", worst);
    assert_true(worst <= 20);
    free(signal);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(endless_rests_are_molli),
      cmocka_unit_test(deviations_are_those_of_the_errors),
      cmocka_unit_test(wrong_rests_do_little),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
