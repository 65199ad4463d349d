/* SPDX-License-Identifier: MIT
 * The digital heart under the signal equation: its truth, its noise, its geometry; and
 * how hearts differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "simulate/simulate.h"

static tt1_simulation *simulate(const tt1_simulation_options *options)
{
  tt1_simulation *s = NULL;
  tt1_error err = {0};
  if (tt1_simulation_create(&s, options, &err) != TT1_OK) print_error("%s\n", err.message);
  assert_non_null(s);
  return s;
}

static tt1_simulation_options by_equation(void)
{
  tt1_simulation_options options = TT1_SIMULATION_OPTIONS_INIT;
  options.physics = TT1_PHYSICS_EQUATION;
  return options;
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
  tt1_simulation_options options = TT1_SIMULATION_OPTIONS_INIT;
  options.slices = 3;
  tt1_simulation *s = simulate(&options);
  size_t n_voxels = count_voxels(s), counts[TT1_N_HEART_LABELS] = {0};
  for (size_t i = 0; i < n_voxels; i++) {
    int label = tt1_simulation_labels(s)[i];
    assert_true(label < TT1_N_HEART_LABELS);
    counts[label]++;
    assert_int_equal(isnan(tt1_simulation_truth(s)[i]) != 0, label == TT1_AIR);
  }
  for (int label = 0; label < TT1_N_HEART_LABELS; label++)
    assert_true(counts[label] > n_voxels / 200);
  tt1_simulation_free(s);
}

static void a_seed_gives_the_same_bits(void **state)
{
  (void)state;
  tt1_simulation_options options = by_equation();
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
static void measure_air(const tt1_simulation_options *options, double *mean, double *square)
{
  tt1_simulation_options silent = *options;
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
  tt1_simulation_options options = by_equation();
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
  tt1_simulation_options options = by_equation();
  options.snr = (double)INFINITY;
  options.is_signed = 1;
  options.post_contrast = post_contrast;
  tt1_simulation *s = simulate(&options);
  const int64_t size = 128;
  int checked[TT1_N_HEART_LABELS] = {0};
  for (int64_t at = size + 1; at < size * (size - 1) - 1; at++) {
    int label = tt1_simulation_labels(s)[at];
    if (label == TT1_AIR || !is_pure(tt1_simulation_labels(s), at, size)) continue;
    double signal[3];
    for (int i = 0; i < 3; i++)
      signal[i] = (double)tt1_simulation_signal(s)[i * size * size + at];
    double t1 = t1_from_three(signal, 0.12, 1.0), truth = (double)tt1_simulation_truth(s)[at];
    assert_true(fabs(t1 / truth - 1.0) < 1e-3);
    checked[label]++;
  }
  for (int label = 1; label < TT1_N_HEART_LABELS; label++)
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
  tt1_simulation_options options = by_equation();
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

/* What the equation gave when these figures were taken; tests of fits rest on it. */
static void the_equation_stays_as_it_is(void **state)
{
  (void)state;
  static const struct {
    int image, voxel;
    float value;
  } KNOWN[] = {{0, 8016, 238.235672f}, {2, 9030, 121.908035f}, {4, 8796, 186.423691f},
               {5, 8784, 215.746841f}, {7, 5160, 134.975891f}, {1, 258, 5.246002f}};
  tt1_simulation_options options = by_equation();
  tt1_simulation *s = simulate(&options);
  for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
    float got = tt1_simulation_signal(s)[KNOWN[i].image * 16384 + KNOWN[i].voxel];
    assert_true(fabsf(got - KNOWN[i].value) < 1e-4f);
  }
  tt1_simulation_free(s);
}

/* ---- Hearts that differ ---- */

static double count_label(const tt1_simulation *s, int label)
{
  double count = 0.0;
  for (size_t i = 0; i < count_voxels(s); i++)
    count += tt1_simulation_labels(s)[i] == label;
  return count;
}

/* The centre of the wall of the left ventricle in voxels, and its area. */
static double find_wall(const tt1_simulation *s, double center[2])
{
  int size = (int)tt1_simulation_geometry(s)->size[0];
  double n = 0.0;
  center[0] = center[1] = 0.0;
  for (int j = 0; j < size; j++)
    for (int i = 0; i < size; i++) {
      if (!tt1_simulation_myocardium(s)[j * size + i]) continue;
      center[0] += i;
      center[1] += j;
      n += 1.0;
    }
  center[0] /= n;
  center[1] /= n;
  return n;
}

static void hearts_differ_as_asked_for(void **state)
{
  (void)state;
  tt1_simulation_options options = by_equation();
  double center[2], moved[2];
  options.size = 256;
  tt1_simulation *usual = simulate(&options);
  double area = find_wall(usual, center);
  options.heart = (tt1_heart){.scale = 1.2, .x = 10.0, .y = -5.0, .rotation = 20.0};
  tt1_simulation *other = simulate(&options);
  assert_true(fabs(find_wall(other, moved) / area - 1.44) < 0.02);
  assert_true(fabs(moved[0] - center[0] - 10.0 / 1.25) < 0.3);
  assert_true(fabs(moved[1] - center[1] + 5.0 / 1.25) < 0.3);
  tt1_simulation_free(other);
  options.heart = (tt1_heart){.wall = 1.5};
  other = simulate(&options);
  // The outer radius stays: (36^2 - 18^2) over (36^2 - 24^2).
  assert_true(fabs(find_wall(other, moved) / area - 972.0 / 720.0) < 0.02);
  assert_true(count_label(other, TT1_BLOOD) < count_label(usual, TT1_BLOOD));
  tt1_simulation_free(other);
  tt1_simulation_free(usual);
}

/* The points where the right ventricle meets the left one: on the rim of the ring, with the right
 * ventricle between them on the short way, and turned with the heart. */
static void insertions_lie_on_the_ring(void **state)
{
  (void)state;
  tt1_simulation_options options = by_equation();
  double center[2], turned[2];
  options.slices = 5;
  for (int rotation = -20; rotation <= 20; rotation += 20) {
    options.heart.rotation = rotation;
    tt1_simulation *s = simulate(&options);
    tt1_heart_slice slice;
    for (int k = 0; k < 5; k++) {
      assert_int_equal(tt1_simulation_slice(&slice, s, k), 1);
      double z = 1.0 - k / 4.0, radius = 0.225 * (1.0 - 0.4 * z) * 64.0;
      double middle[2] = {(0.26 + 1.0) * 64.0 - 0.5, (0.06 + 1.0) * 64.0 - 0.5};
      center[0] = hypot(slice.anterior[0] - middle[0], slice.anterior[1] - middle[1]);
      center[1] = hypot(slice.inferior[0] - middle[0], slice.inferior[1] - middle[1]);
      assert_true(fabs(center[0] - radius) < 1e-6 && fabs(center[1] - radius) < 1e-6);
      assert_true(slice.anterior[1] > slice.inferior[1] + radius * 0.3); // the front is up
      assert_string_equal(slice.level, k < 2 ? "apical" : k < 3 ? "mid" : "basal");
      if (k == 2)
        turned[rotation > 0] = atan2(slice.anterior[1] - middle[1], slice.anterior[0] - middle[0]);
    }
    assert_int_equal(tt1_simulation_slice(&slice, s, 5), 0);
    tt1_simulation_free(s);
  }
  assert_true(fabs(turned[1] - turned[0] - 20.0 * acos(-1.0) / 180.0) < 1e-4);
}

/* ---- Options ---- */

static void wrong_options_are_refused(void **state)
{
  (void)state;
  enum { COUNT = 28 };
  const tt1_simulation_options good = TT1_SIMULATION_OPTIONS_INIT;
  tt1_simulation_options w[COUNT];
  for (int i = 0; i < COUNT; i++)
    w[i] = good;
  w[0].version = 2;
  w[1].size = 31;
  w[2].size = 1025;
  w[3].slices = 65;
  w[4].snr = -1.0;
  w[5].snr = (double)NAN;
  w[6].sequence.scheme = "5(3)";
  w[7].sequence.heart_rate = 500.0;
  w[8].sequence.heart_rate = (double)NAN;
  w[9].sequence.rr_deviation = 0.2; // a fifth of a second of one
  w[10].sequence.inversion = 1.1;
  w[11].sequence.flip = 120.0;
  w[12].sequence.repetition = (double)INFINITY;
  w[13].sequence.n_ramp = 31;
  w[14].sequence.line = 71;
  w[15].sequence.first_times[1] = -0.1;
  w[16].sequence.n_preparations = 9;
  w[17].sequence.n_preparations = 2;
  w[17].sequence.preparations[1] = 0.3;
  w[18].coils = 65;
  w[19].off_resonance = 501.0;
  w[20].b1 = -1.0;
  w[21].heart.scale = 2.0;
  w[22].heart.tissues[TT1_BLOOD].t1 = -1.0;
  w[23].heart.tissues[TT1_LIVER] = (tt1_tissue){0.3, 0.5};
  w[24].physics = TT1_PHYSICS_EQUATION;
  w[24].sequence.kind = TT1_SEQUENCE_SASHA;
  w[25].subject = (tt1_subject)3;
  w[26].breathing = (tt1_breathing)-1;
  w[27].threads = -1;
  for (int i = 0; i < COUNT; i++) {
    tt1_simulation *s = NULL;
    tt1_error err = {0};
    if (tt1_simulation_create(&s, &w[i], &err) != TT1_BAD_ARGUMENT)
      fail_msg("options %d are taken", i);
    assert_true(err.message[0] != '\0');
    assert_null(s);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(defaults_are_those_documented), cmocka_unit_test(every_tissue_is_there),
      cmocka_unit_test(a_seed_gives_the_same_bits),    cmocka_unit_test(noise_has_the_right_size),
      cmocka_unit_test(signals_follow_from_the_truth), cmocka_unit_test(wrong_options_are_refused),
      cmocka_unit_test(phase_tells_the_sign),          cmocka_unit_test(background_phase_turns),
      cmocka_unit_test(the_equation_stays_as_it_is),   cmocka_unit_test(hearts_differ_as_asked_for),
      cmocka_unit_test(insertions_lie_on_the_ring),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
