/* SPDX-License-Identifier: MIT
 * Series under the Bloch equations: each voxel against a scanner that goes pulse by
 * pulse, noise of several coils against the distributions of Rice and Gauss, breathing,
 * phantoms, threads. */
#include "simulate_support.h"

#include <string.h>

#include "base/memory.h"
#include "simulate/simulate.h"

static tt1_simulation *simulate(const tt1_simulation_options *options)
{
  tt1_simulation *s = NULL;
  tt1_error err = {0};
  if (tt1_simulation_create(&s, options, &err) != TT1_OK) fail_msg("%s", err.message);
  return s;
}

static tt1_simulation_options silent(void)
{
  tt1_simulation_options options = TT1_SIMULATION_OPTIONS_INIT;
  options.snr = (double)INFINITY;
  return options;
}

static size_t count_values(const tt1_simulation *s)
{
  const int64_t *size = tt1_simulation_geometry(s)->size;
  return (size_t)(size[0] * size[1] * size[2] * tt1_simulation_n_images(s));
}

/* A voxel of `label` whose neighbours are of it too; -1: there is none. */
static int pure_voxel(const tt1_simulation *s, int label)
{
  int size = (int)tt1_simulation_geometry(s)->size[0];
  const uint8_t *labels = tt1_simulation_labels(s);
  for (int j = 1; j < size - 1; j++)
    for (int i = 1; i < size - 1; i++) {
      int is_pure = 1;
      for (int v = -1; v <= 1; v++)
        for (int u = -1; u <= 1; u++)
          is_pure = is_pure && labels[(j + v) * size + i + u] == label;
      if (is_pure) return j * size + i;
    }
  return -1;
}

/* ---- Signals ---- */

/* What the scanner of the tests sees of a tissue under MOLLI 5(3)3, over what it gives at rest. */
static void scan_molli(double expected[8], spin m, const train *t)
{
  double full[2] = {0}, seen[2] = {0};
  read_full(&m, t, full);
  for (int i = 0; i < 8; i++) {
    double time = i < 5 ? 0.12 + i : 8.12 + (i - 5);
    if (i == 0 || i == 5) {
      if (i == 5) wait_until(&m, time - 0.2);
      m.z *= -m.inversion;
      m.now = time - (i ? 0.2 : 0.12);
    }
    read_line(&m, t, time, seen);
    expected[i] = against(seen, full);
  }
}

static void pure_voxels_are_right_pulse_by_pulse(void **state)
{
  (void)state;
  tt1_simulation_options options = silent();
  options.off_resonance = 12.0;
  options.field = 90.0;
  options.b1 = 0.9;
  options.sequence.inversion = 0.93;
  options.sequence.flip = 30.0;
  tt1_simulation *s = simulate(&options);
  const train t = {30.0, 0.0027, 5, 70, 35};
  for (int label = 1; label < TT1_N_HEART_LABELS; label++) {
    int voxel = pure_voxel(s, label);
    double x = 2.0 * (voxel % 128 + 0.5) / 128 - 1.0, y = 2.0 * (voxel / 128 + 0.5) / 128 - 1.0;
    double expected[8], u = x - 0.26, v = y - 0.06;
    tt1_tissue tissue;
    assert_true(voxel >= 0 && tt1_simulation_tissue(&tissue, s, label));
    spin m = rested(tissue.t1, tissue.t2);
    m.frequency = 12.0 + 90.0 * 1.53 * (0.9 * u - 0.7 * v - 1.1 * u * v + 0.5 * u * u);
    if (label == TT1_FAT) m.frequency -= 434.0;
    m.b1 = 0.9;
    m.inversion = 0.93;
    scan_molli(expected, m, &t);
    double scale = (double)tt1_simulation_clean(s)[4 * 16384 + voxel] / expected[4];
    for (int i = 0; i < 8; i++) {
      double got = (double)tt1_simulation_clean(s)[i * 16384 + voxel];
      if (!(fabs(got - scale * expected[i]) < 2e-6 * scale))
        fail_msg("label %d image %d: %g, expected %g", label, i + 1, got, scale * expected[i]);
      assert_true(tt1_simulation_signal(s)[i * 16384 + voxel] == fabsf((float)got));
    }
  }
  tt1_simulation_free(s);
}

/* C of myocardium is 200 at the centre of the left ventricle, where coils have unit sensitivity. */
static void full_signal_is_as_documented(void **state)
{
  (void)state;
  static const int COILS[] = {1, 6};
  for (int i = 0; i < 2; i++) {
    tt1_simulation_options options = silent();
    options.sequence.kind = TT1_SEQUENCE_SASHA; // begins with an image from equilibrium
    options.coils = COILS[i];
    options.heart.wall = 2.0; // papillary muscles fill the centre
    options.heart.tissues[TT1_BLOOD] = (tt1_tissue){1.2, 0.045};
    tt1_simulation *s = simulate(&options);
    int voxel = 67 * 128 + 80; // of blood, with the times of myocardium and a density of 0.95
    double full = (double)tt1_simulation_signal(s)[voxel] * 0.80 / 0.95;
    assert_int_equal(tt1_simulation_labels(s)[voxel], TT1_BLOOD);
    assert_true(fabs(full / 200.0 - 1.0) < 0.01);
    tt1_simulation_free(s);
  }
}

static void threads_change_no_bit(void **state)
{
  (void)state;
  tt1_simulation_options options = TT1_SIMULATION_OPTIONS_INIT;
  options.size = 48;
  options.slices = 3;
  options.field = 100.0;
  options.coils = 4;
  options.breathing = TT1_BREATHING_FREE;
  options.threads = 1;
  tt1_simulation *a = simulate(&options);
  options.threads = 3;
  tt1_simulation *b = simulate(&options);
  size_t bytes = count_values(a) * sizeof(float);
  assert_memory_equal(tt1_simulation_signal(a), tt1_simulation_signal(b), bytes);
  assert_memory_equal(tt1_simulation_phase(a), tt1_simulation_phase(b), bytes);
  assert_memory_equal(tt1_simulation_clean(a), tt1_simulation_clean(b), bytes);
  tt1_simulation_free(a);
  tt1_simulation_free(b);
}

/* ---- Noise ---- */

/* exp(-x) I0(x) and exp(-x) I1(x), by their integrals. */
static void bessel(double x, double *i0, double *i1)
{
  enum { STEPS = 500 };
  *i0 = *i1 = 0.0;
  for (int i = 0; i < STEPS; i++) {
    double angle = acos(-1.0) * (i + 0.5) / STEPS, e = exp(x * (cos(angle) - 1.0)) / STEPS;
    *i0 += e;
    *i1 += e * cos(angle);
  }
}

/* The mean of Rice's distribution with sigma 1 (Gudbjartsson & Patz 1995). */
static double rice_mean(double a)
{
  double i0, i1, x = a * a / 4.0;
  bessel(x, &i0, &i1);
  return sqrt(acos(-1.0) / 2.0) * ((1.0 + 2.0 * x) * i0 + 2.0 * x * i1);
}

/* Means of M and M^2 against theory, in units of their standard errors, for amplitudes from `low` to
 * `high` sigma: E M^2 = A^2 + 2, Var M = E M^2 - (E M)^2, Var M^2 = 4 (A^2 + 1). */
static void check_rice(const tt1_simulation *s, double sigma, double low, double high)
{
  double off = 0.0, variance = 0.0, off2 = 0.0, variance2 = 0.0, n = 0.0;
  for (size_t i = 0; i < count_values(s); i += 13) {
    double a = fabs((double)tt1_simulation_clean(s)[i]) / sigma;
    double m = (double)tt1_simulation_signal(s)[i] / sigma;
    if (a < low || a >= high) continue;
    double mean = a > 0.0 ? rice_mean(a) : sqrt(acos(-1.0) / 2.0);
    off += m - mean;
    variance += a * a + 2.0 - mean * mean;
    off2 += m * m - a * a - 2.0;
    variance2 += 4.0 * (a * a + 1.0);
    n += 1.0;
  }
  assert_true(n > 300.0);
  assert_true(fabs(off) < 4.0 * sqrt(variance));
  assert_true(fabs(off2) < 4.0 * sqrt(variance2));
}

static void coils_together_give_rice(void **state)
{
  (void)state;
  static const int COILS[] = {1, 2, 8};
  for (int i = 0; i < 3; i++) {
    tt1_simulation_options options = TT1_SIMULATION_OPTIONS_INIT;
    options.coils = COILS[i];
    options.snr = 20.0;
    tt1_simulation *s = simulate(&options);
    check_rice(s, 10.0, 0.0, 0.1);
    check_rice(s, 10.0, 0.5, 2.0);
    check_rice(s, 10.0, 2.0, 5.0);
    check_rice(s, 10.0, 10.0, 40.0);
    tt1_simulation_free(s);
  }
}

/* The signed image is the real channel: Gauss, the SD of one coil. */
static void signed_noise_is_gaussian(void **state)
{
  (void)state;
  tt1_simulation_options options = TT1_SIMULATION_OPTIONS_INIT;
  options.coils = 5;
  options.snr = 20.0;
  options.is_signed = 1;
  tt1_simulation *s = simulate(&options);
  double sum = 0.0, squares = 0.0, n = 0.0;
  for (size_t i = 0; i < count_values(s); i++) {
    if (tt1_simulation_clean(s)[i] != 0.0f) continue; // elsewhere the null is not quite real
    double x = (double)tt1_simulation_signal(s)[i] / 10.0;
    sum += x;
    squares += x * x;
    n += 1.0;
  }
  assert_true(fabs(sum / n) < 4.0 / sqrt(n));
  assert_true(fabs(squares / n - 1.0) < 4.0 * sqrt(2.0 / n));
  tt1_simulation_free(s);
}

/* ---- Breathing ---- */

static void breathing_moves_heart_and_liver(void **state)
{
  (void)state;
  tt1_simulation_options options = silent();
  tt1_simulation *still = simulate(&options);
  for (int i = 0; i < 16; i++)
    assert_true(tt1_simulation_motion(still)[i] == 0.0);
  options.breathing = TT1_BREATHING_FREE;
  options.amplitude = 16.0;
  tt1_simulation *moved = simulate(&options);
  assert_memory_equal(tt1_simulation_labels(still), tt1_simulation_labels(moved), 16384);
  const double *motion = tt1_simulation_motion(moved);
  double least = 0.0;
  for (int i = 0; i < 8; i++) {
    assert_true(motion[2 * i] <= 0.0 && motion[2 * i] >= -16.0); // breathing in is down
    assert_true(fabs(motion[2 * i + 1] + 0.2 * motion[2 * i]) < 1e-12);
    least = fmin(least, motion[2 * i]);
  }
  assert_true(least < -8.0);
  int n_still[TT1_N_HEART_LABELS] = {0}, n_moved[TT1_N_HEART_LABELS] = {0};
  for (size_t v = 0; v < 8 * 16384; v++) {
    int label = tt1_simulation_labels(still)[v % 16384];
    int is_same = tt1_simulation_signal(still)[v] == tt1_simulation_signal(moved)[v];
    n_still[label] += is_same;
    n_moved[label] += !is_same;
  }
  assert_true(n_moved[TT1_MYOCARDIUM] > n_still[TT1_MYOCARDIUM] / 2);
  assert_true(n_moved[TT1_LIVER] > 0 && n_moved[TT1_AIR] == 0);
  assert_true(n_moved[TT1_CHEST_WALL] < n_still[TT1_CHEST_WALL] / 10);
  tt1_simulation_free(still);
  tt1_simulation_free(moved);
}

/* The diaphragm ends higher by the amplitude, to the unrest, and another seed moves otherwise. */
static void breath_holds_drift(void **state)
{
  (void)state;
  tt1_simulation_options options = silent();
  options.size = 32;
  options.breathing = TT1_BREATHING_DRIFT;
  tt1_simulation *a = simulate(&options);
  assert_true(tt1_simulation_settings(a)->amplitude == 3.0);
  assert_true(fabs(tt1_simulation_motion(a)[0]) < 1.2);
  assert_true(fabs(tt1_simulation_motion(a)[14] - 3.0) < 1.2);
  options.seed = 2;
  tt1_simulation *b = simulate(&options);
  assert_true(tt1_simulation_motion(a)[14] != tt1_simulation_motion(b)[14]);
  tt1_simulation_free(a);
  tt1_simulation_free(b);
}

/* An image of a heart that moved by whole voxels is the still image, moved. */
static void what_moves_keeps_its_shape(void **state)
{
  (void)state;
  static const double STILL[2] = {0.0, 0.0}, MOVED[2] = {0.0, 0.1};
  tt1_simulation_options options = TT1_SIMULATION_OPTIONS_INIT;
  options.heart.scale = options.heart.wall = 1.0;
  tt1__scene scene = tt1__scene_make(&options);
  for (double y = -0.2; y < 0.35; y += 0.013) // the aorta below stays
    for (double x = -0.2; x < 0.5; x += 0.017)
      assert_int_equal(tt1__scene_label(&scene, x, y, 0.3, STILL),
                       tt1__scene_label(&scene, x, y + 0.1, 0.3, MOVED));
}

/* ---- Phantoms, sequences ---- */

static void phantoms_have_their_vials(void **state)
{
  (void)state;
  static const struct {
    tt1_subject subject;
    int n_vials;
    double first, last;
  } ROWS[] = {{TT1_SUBJECT_VIALS, 12, 1.0, 0.42}, {TT1_SUBJECT_NIST, 14, 1.989, 0.021719}};
  for (int i = 0; i < 2; i++) {
    tt1_simulation_options options = silent();
    tt1_heart_slice slice;
    tt1_tissue tissue;
    options.subject = ROWS[i].subject;
    tt1_simulation *s = simulate(&options);
    for (int label = 0; label <= ROWS[i].n_vials + 1; label++) {
      int voxel = pure_voxel(s, label);
      assert_true(voxel >= 0);
      assert_true(tt1_simulation_tissue(&tissue, s, label));
      assert_non_null(tt1_subject_label(ROWS[i].subject, label));
      if (label == 0) continue;
      assert_true(fabs((double)tt1_simulation_truth(s)[voxel] - tissue.t1) < 1e-6);
      assert_true(fabs((double)tt1_simulation_truth_t2(s)[voxel] - tissue.t2) < 1e-6);
      if (label == 1) assert_true(tissue.t1 == ROWS[i].first);
      if (label == ROWS[i].n_vials) assert_true(tissue.t1 == ROWS[i].last);
    }
    assert_null(tt1_subject_label(ROWS[i].subject, ROWS[i].n_vials + 2));
    assert_false(tt1_simulation_tissue(&tissue, s, ROWS[i].n_vials + 2));
    assert_null(tt1_simulation_myocardium(s));
    assert_int_equal(tt1_simulation_slice(&slice, s, 0), 0);
    tt1_simulation_free(s);
  }
}

static void sequences_name_their_models(void **state)
{
  (void)state;
  static const struct {
    tt1_sequence_kind kind;
    int has_saturated_image, n_images;
    const char *model;
  } ROWS[] = {{TT1_SEQUENCE_MOLLI, 0, 8, "molli"},
              {TT1_SEQUENCE_SASHA, 0, 10, "sasha3"},
              {TT1_SEQUENCE_T2PREP, 0, 3, "t2prep2"},
              {TT1_SEQUENCE_T2PREP, 1, 4, "t2prep3"}};
  for (int i = 0; i < 4; i++) {
    tt1_simulation_options options = silent();
    options.size = 32;
    options.sequence.kind = ROWS[i].kind;
    options.sequence.has_saturated_image = ROWS[i].has_saturated_image;
    tt1_simulation *s = simulate(&options);
    assert_string_equal(tt1_simulation_model(s), ROWS[i].model);
    assert_int_equal(tt1_simulation_n_images(s), ROWS[i].n_images);
    tt1_simulation_free(s);
  }
}

static void failing_memory_is_said(void **state)
{
  (void)state;
  tt1_simulation_options options = TT1_SIMULATION_OPTIONS_INIT;
  options.size = 32;
  options.threads = 2;
  for (int n = 1;; n++) {
    tt1_simulation *s = NULL;
    tt1__fail_allocation(n);
    tt1_status status = tt1_simulation_create(&s, &options, NULL);
    tt1__fail_allocation(0);
    tt1_simulation_free(s);
    if (status == TT1_OK) {
      assert_true(n > 9);
      break;
    }
    assert_int_equal(status, TT1_NO_MEMORY);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pure_voxels_are_right_pulse_by_pulse),
      cmocka_unit_test(full_signal_is_as_documented),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(coils_together_give_rice),
      cmocka_unit_test(signed_noise_is_gaussian),
      cmocka_unit_test(breathing_moves_heart_and_liver),
      cmocka_unit_test(breath_holds_drift),
      cmocka_unit_test(what_moves_keeps_its_shape),
      cmocka_unit_test(phantoms_have_their_vials),
      cmocka_unit_test(sequences_name_their_models),
      cmocka_unit_test(failing_memory_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
