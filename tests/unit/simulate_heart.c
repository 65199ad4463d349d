/* SPDX-License-Identifier: MIT
 * The digital heart: its truth, its noise, its geometry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "simulate/simulate.h"

static tt1_simulation *simulate(const tt1_heart_options *options)
{
  tt1_simulation *s = NULL;
  tt1_error err = {0};
  if (tt1_simulate_heart(&s, options, &err) != TT1_OK) print_error("%s\n", err.message);
  assert_non_null(s);
  return s;
}

static size_t count_voxels(const tt1_simulation *s)
{
  const int64_t *size = tt1_simulation_geometry(s)->size;
  return (size_t)(size[0] * size[1] * size[2]);
}

static void defaults_are_those_documented(void **state)
{
  (void)state;
  tt1_simulation *s = simulate(NULL);
  const tt1_geometry *g = tt1_simulation_geometry(s);
  assert_int_equal(g->size[0], 128);
  assert_int_equal(g->size[1], 128);
  assert_int_equal(g->size[2], 1);
  assert_int_equal(tt1_simulation_n_images(s), 8);
  assert_true(g->spacing[0] == 2.5 && g->srow[0][0] == -2.5 && g->srow[1][1] == 2.5);
  assert_true(tt1_simulation_times(s)[5] == 0.2);
  tt1_simulation_free(s);
  tt1_simulation_free(NULL);
}

static void every_tissue_is_there(void **state)
{
  (void)state;
  tt1_heart_options options = TT1_HEART_OPTIONS_INIT;
  options.slices = 3;
  tt1_simulation *s = simulate(&options);
  size_t n_voxels = count_voxels(s), counts[TT1__N_LABELS] = {0};
  for (size_t i = 0; i < n_voxels; i++) {
    int label = tt1_simulation_labels(s)[i];
    assert_true(label < TT1__N_LABELS);
    counts[label]++;
    assert_int_equal(isnan(tt1_simulation_truth(s)[i]) != 0, label == TT1__AIR);
  }
  for (int label = 0; label < TT1__N_LABELS; label++)
    assert_true(counts[label] > n_voxels / 200);
  tt1_simulation_free(s);
}

static void a_seed_gives_the_same_bits(void **state)
{
  (void)state;
  tt1_heart_options options = TT1_HEART_OPTIONS_INIT;
  options.seed = 5;
  tt1_simulation *a = simulate(&options), *b = simulate(&options);
  options.seed = 6;
  tt1_simulation *c = simulate(&options);
  size_t bytes = count_voxels(a) * 8 * sizeof(float);
  assert_memory_equal(tt1_simulation_signal(a), tt1_simulation_signal(b), bytes);
  assert_memory_not_equal(tt1_simulation_signal(a), tt1_simulation_signal(c), bytes);
  tt1_simulation_free(a);
  tt1_simulation_free(b);
  tt1_simulation_free(c);
}

/* Mean and mean square of the noise, where the air is pure. */
static void measure_air(const tt1_heart_options *options, double *mean, double *square)
{
  tt1_heart_options silent = *options;
  silent.snr = (double)INFINITY;
  tt1_simulation *noisy = simulate(options), *clean = simulate(&silent);
  size_t count = count_voxels(noisy) * 8, n_air = 0;
  *mean = *square = 0.0;
  for (size_t i = 0; i < count; i++) {
    if (tt1_simulation_signal(clean)[i] != 0.0f) continue;
    double value = (double)tt1_simulation_signal(noisy)[i];
    *mean += value;
    *square += value * value;
    n_air++;
  }
  assert_true(n_air > count / 4);
  *mean /= (double)n_air;
  *square /= (double)n_air;
  tt1_simulation_free(noisy);
  tt1_simulation_free(clean);
}

static void noise_has_the_right_size(void **state)
{
  (void)state;
  tt1_heart_options options = TT1_HEART_OPTIONS_INIT;
  double mean, square, sigma = 200.0 / 25.0; // C of myocardium is 200
  options.snr = 25.0;
  measure_air(&options, &mean, &square); // Rayleigh
  assert_true(fabs(mean / (sigma * sqrt(acos(-1.0) / 2.0)) - 1.0) < 0.01);
  assert_true(fabs(square / (2.0 * sigma * sigma) - 1.0) < 0.02);
  options.is_signed = 1;
  measure_air(&options, &mean, &square); // Gauss
  assert_true(fabs(mean / sigma) < 0.02);
  assert_true(fabs(square / (sigma * sigma) - 1.0) < 0.02);
}

static int is_pure(const uint8_t *labels, int64_t at, int64_t size)
{
  for (int64_t j = -1; j <= 1; j++)
    for (int64_t i = -1; i <= 1; i++)
      if (labels[at + j * size + i] != labels[at]) return 0;
  return 1;
}

// Three equally spaced times of one exponential give C, k and T1* in closed form.
static double t1_from_three(const double s[3], double first, double step)
{
  double decay = (s[2] - s[1]) / (s[1] - s[0]), t1_apparent = -step / log(decay);
  double fall = (s[1] - s[0]) / (1.0 - decay), amplitude = s[0] + fall;
  double k = fall / amplitude * exp(first / t1_apparent);
  return (k - 1.0) * t1_apparent;
}

static void check_truth(int post_contrast)
{
  tt1_heart_options options = TT1_HEART_OPTIONS_INIT;
  options.snr = (double)INFINITY;
  options.is_signed = 1;
  options.post_contrast = post_contrast;
  tt1_simulation *s = simulate(&options);
  const int64_t size = 128;
  int checked[TT1__N_LABELS] = {0};
  for (int64_t at = size + 1; at < size * (size - 1) - 1; at++) {
    int label = tt1_simulation_labels(s)[at];
    if (label == TT1__AIR || !is_pure(tt1_simulation_labels(s), at, size)) continue;
    double signal[3];
    for (int i = 0; i < 3; i++)
      signal[i] = (double)tt1_simulation_signal(s)[i * size * size + at];
    double t1 = t1_from_three(signal, 0.12, 1.0), truth = (double)tt1_simulation_truth(s)[at];
    assert_true(fabs(t1 / truth - 1.0) < 1e-3);
    checked[label]++;
  }
  for (int label = 1; label < TT1__N_LABELS; label++)
    assert_true(checked[label] > 20);
  tt1_simulation_free(s);
}

static void signals_follow_from_the_truth(void **state)
{
  (void)state;
  check_truth(0);
  check_truth(1);
}

/* Without noise, phase against the last image of the first inversion is the sign of the signal. */
static void phase_tells_the_sign(void **state)
{
  (void)state;
  tt1_heart_options options = TT1_HEART_OPTIONS_INIT;
  options.snr = (double)INFINITY;
  tt1_simulation *magnitude = simulate(&options);
  options.is_signed = 1;
  tt1_simulation *both = simulate(&options);
  const float *phase = tt1_simulation_phase(magnitude), *g = tt1_simulation_signal(both);
  size_t n_voxels = count_voxels(both), n_negative = 0;
  for (size_t i = 0; i < 8 * n_voxels; i++) {
    float reference = phase[4 * n_voxels + i % n_voxels];
    assert_true(fabsf(phase[i]) < 3.1415927f);
    assert_true(fabsf(g[i]) == tt1_simulation_signal(magnitude)[i]);
    if (g[i] == 0.0f) continue;
    n_negative += g[i] < 0.0f;
    assert_true(fabs(cos((double)phase[i] - (double)reference) - (g[i] < 0.0f ? -1.0 : 1.0)) <
                1e-6);
  }
  assert_true(n_negative > n_voxels / 2);
  tt1_simulation_free(magnitude);
  tt1_simulation_free(both);
}

/* A few radians over the field of view, and not zero: phases near pi do occur. */
static void background_phase_turns(void **state)
{
  (void)state;
  tt1_simulation *s = simulate(NULL);
  size_t n_voxels = count_voxels(s), n_octant[8] = {0};
  for (size_t i = 0; i < n_voxels; i++) {
    int octant =
        (int)((double)tt1_simulation_phase(s)[4 * n_voxels + i] / 0.7853981633974483 + 4.0);
    if (tt1_simulation_labels(s)[i]) n_octant[octant & 7]++;
  }
  int n_seen = 0;
  for (int i = 0; i < 8; i++)
    n_seen += n_octant[i] > n_voxels / 200;
  assert_true(n_seen >= 4);
  tt1_simulation_free(s);
}

static void wrong_options_are_refused(void **state)
{
  (void)state;
  const tt1_heart_options good = TT1_HEART_OPTIONS_INIT;
  tt1_heart_options wrongs[8];
  for (int i = 0; i < 8; i++)
    wrongs[i] = good;
  wrongs[0].version = 2;
  wrongs[1].size = 31;
  wrongs[2].size = 1025;
  wrongs[3].slices = 65;
  wrongs[4].snr = -1.0;
  wrongs[5].snr = (double)NAN;
  wrongs[6].scheme = "5(3)";
  wrongs[7].heart_rate = 500.0;
  for (int i = 0; i < 8; i++) {
    tt1_simulation *s = NULL;
    tt1_error err = {0};
    assert_int_equal(tt1_simulate_heart(&s, &wrongs[i], &err), TT1_BAD_ARGUMENT);
    assert_true(err.message[0] != '\0');
    assert_null(s);
  }
}

static void failing_memory_is_said(void **state)
{
  (void)state;
  tt1_heart_options options = TT1_HEART_OPTIONS_INIT;
  options.size = 32;
  for (int n = 1;; n++) {
    tt1_simulation *s = NULL;
    tt1__fail_allocation(n);
    tt1_status status = tt1_simulate_heart(&s, &options, NULL);
    tt1__fail_allocation(0);
    tt1_simulation_free(s);
    if (status == TT1_OK) {
      assert_true(n > 4);
      break;
    }
    assert_int_equal(status, TT1_NO_MEMORY);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(defaults_are_those_documented), cmocka_unit_test(every_tissue_is_there),
      cmocka_unit_test(a_seed_gives_the_same_bits),    cmocka_unit_test(noise_has_the_right_size),
      cmocka_unit_test(signals_follow_from_the_truth), cmocka_unit_test(wrong_options_are_refused),
      cmocka_unit_test(failing_memory_is_said),        cmocka_unit_test(phase_tells_the_sign),
      cmocka_unit_test(background_phase_turns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
