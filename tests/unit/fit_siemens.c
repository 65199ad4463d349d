/* SPDX-License-Identifier: MIT
 * A scanner's own files against the scanner's own maps: ShMOLLI of a phantom on
 * a Siemens Prisma. The scanner cuts its maps to whole milliseconds and, voxel by
 * voxel, uses seven, six or five of the images (its map _ShMOLLIT1range says
 * which); on the same images the same numbers must come out. The data are public
 * and not part of this project: without them the tests say so and are skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "fit_support.h"
#include "tt1_image.h"
#include "tt1_input.h"
#include "tt1_mapping.h"

enum { COLUMNS = 384, VOXELS = 288 * COLUMNS, IMAGES = 7 };

/* The scanner's maps: instances of its two series of maps. */
enum { RSQUARED, A_MAP, B_MAP, T1S_MAP, RANGE }; /* of FITPARAMS */
enum { SEVEN = 3000, SIX = 2000, FIVE = 1000 };  /* values of RANGE */

typedef struct scan {
  tt1_image *raw;
  tt1_image *t1, *parameters;
  const double *times; /* [IMAGES] in s */
} scan;

static tt1_image *read_series(const char *series)
{
  static char path[4096];
  const char *folder = getenv("TORCHT1_TEST_DATA");
  tt1_image *image = NULL;
  tt1_error err = {0};
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  snprintf(path, sizeof path, "%s/siemens-shmolli-phantom",
           folder ? folder : TT1_SOURCE_DIR "/../shared/data");
  if (access(path, R_OK) != 0) {
    print_message("skipped: no folder %s (TORCHT1_TEST_DATA names the test data)\n", path);
    skip();
  }
  options.series = series;
  if (tt1_image_read(&image, path, &options, &err) == TT1_OK) return image;
  if (strstr(err.message, "without DCMTK")) skip();
  fail_msg("%s", err.message);
  return NULL;
}

static void read_scan(scan *s)
{
  s->raw = read_series(NULL);
  s->t1 = read_series("14");
  s->parameters = read_series("15");
  assert_int_equal(tt1_image_n_voxels(s->raw), VOXELS);
  assert_int_equal(tt1_image_n_images(s->raw), IMAGES);
  assert_string_equal(tt1_image_known(s->raw, 0)->name, "InversionTime");
  s->times = tt1_image_known(s->raw, 0)->values;
}

static void free_scan(scan *s)
{
  tt1_image_free(s->raw);
  tt1_image_free(s->t1);
  tt1_image_free(s->parameters);
}

static double vendor(const scan *s, int map, int v)
{
  return (double)tt1_image_data(s->parameters)[map * VOXELS + v];
}

static double vendor_T1(const scan *s, int v) /* in ms; the second image, the first is coloured */
{
  return (double)tt1_image_data(s->t1)[VOXELS + v];
}

/* Where a comparison makes sense: a good fit of the scanner, signal, and no colour bar burned in. */
static int is_inside(const scan *s, int v)
{
  float largest = 0;
  for (int i = 0; i < IMAGES; i++)
    largest = fmaxf(largest, tt1_image_data(s->raw)[i * VOXELS + v]);
  return vendor(s, RSQUARED, v) > 0.99 * 4000 && vendor_T1(s, v) > 0 && largest > 100 &&
         v % COLUMNS < 366;
}

static uint8_t *mask_of(const scan *s, int range)
{
  uint8_t *mask = space(VOXELS, 1);
  for (int v = 0; v < VOXELS; v++)
    mask[v] = is_inside(s, v) && (!range || (int)vendor(s, RANGE, v) == range);
  return mask;
}

/* Fit some of the images; `images` counts from 0. */
static results fit(const scan *s, const int *images, int n, int by_phase, const uint8_t *mask,
                   tt1_plan_options options)
{
  float *signal = space((size_t)n * VOXELS, sizeof *signal), *phase = space((size_t)n * VOXELS, 4);
  int8_t *signs = space((size_t)n * VOXELS, 1);
  double times[IMAGES];
  acquisition a;
  tt1_model *model = shipped("molli");
  tt1_device *device = processor(NULL, 0);
  for (int i = 0; i < n; i++) {
    memcpy(signal + i * VOXELS, tt1_image_data(s->raw) + images[i] * VOXELS,
           VOXELS * sizeof(float));
    memcpy(phase + i * VOXELS, tt1_image_phase(s->raw) + images[i] * VOXELS,
           VOXELS * sizeof(float));
    times[i] = s->times[images[i]];
  }
  assert_int_equal(tt1_phase_signs(signs, phase, times, n, VOXELS, 0, NULL), TT1_OK);
  acquire_times(&a, "TI", times, n);
  tt1_plan *plan = planned(device, model, &a.design, &options);
  tt1_series series = {.signal = signal, .n_voxels = VOXELS, .signs = by_phase ? signs : NULL};
  results r = run_series(plan, &series, mask);
  tt1_plan_free(plan);
  tt1_device_free(device);
  tt1_model_free(model);
  free(signal);
  free(phase);
  free(signs);
  return r;
}

static const int ALL[] = {0, 1, 2, 3, 4, 5, 6};
enum { ROW_C, ROW_K, ROW_T1S, ROW_T1 };

static double ours(const results *r, int row, int v)
{
  return (double)r->values[row * VOXELS + v];
}

/* What is left of a number of ours when the scanner's, cut to a whole one, is taken away. */
static int agrees(double difference)
{
  return difference >= -0.05 && difference < 1.05;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void all_seven_images_give_the_map_of_the_scanner(void **state)
{
  scan s;
  (void)state;
  read_scan(&s);
  uint8_t *mask = mask_of(&s, 0);
  results r = fit(&s, ALL, IMAGES, 0, mask, (tt1_plan_options)TT1_PLAN_OPTIONS_INIT);
  double *off = space(VOXELS, sizeof *off);
  int n = 0;
  for (int v = 0; v < VOXELS; v++)
    if (mask[v]) off[n++] = fabs(1e3 * ours(&r, ROW_T1, v) - vendor_T1(&s, v));
  qsort(off, (size_t)n, sizeof *off, by_size);
  print_message("%d voxels, all images: |ours - scanner's| median %.2f ms, 95 %% within %.0f ms\n",
                n, off[n / 2], off[n * 95 / 100]);
  assert_int_equal(n, 33051);
  assert_true(off[n / 2] < 1);
  free(off);
  free(mask);
  free_results(&r);
  free_scan(&s);
}

static void the_images_the_scanner_used_give_its_numbers(void **state)
{
  static const struct {
    int range, n, images[IMAGES];
  } ROWS[] = {
      {SEVEN, 7, {0, 1, 2, 3, 4, 5, 6}}, {SIX, 6, {0, 5, 1, 2, 3, 4}}, {FIVE, 5, {0, 1, 2, 3, 4}}};
  scan s;
  (void)state;
  read_scan(&s);
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    uint8_t *mask = mask_of(&s, ROWS[i].range);
    for (int by_phase = 0; by_phase < 2; by_phase++) {
      results r = fit(&s, ROWS[i].images, ROWS[i].n, by_phase, mask,
                      (tt1_plan_options)TT1_PLAN_OPTIONS_INIT);
      int n = 0, same = 0;
      double worst = 0;
      for (int v = 0; v < VOXELS; v++) {
        if (!mask[v]) continue;
        double difference = 1e3 * ours(&r, ROW_T1, v) - vendor_T1(&s, v);
        n++;
        same += agrees(difference);
        worst = fmax(worst, fabs(difference));
      }
      print_message("%d images, %s: %.3f %% of %d voxels agree, the worst is %.1f ms off\n",
                    ROWS[i].n, by_phase ? "signs from phase" : "magnitudes", 100.0 * same / n, n,
                    worst);
      assert_true(same >= 0.999 * n);
      free_results(&r);
    }
    free(mask);
  }
  free_scan(&s);
}

/* The path of the study or of a folder in it. */
static const char *path_of(const char *folder)
{
  static char path[4200];
  const char *data = getenv("TORCHT1_TEST_DATA");
  snprintf(path, sizeof path, "%s/siemens-shmolli-phantom/%s",
           data ? data : TT1_SOURCE_DIR "/../shared/data", folder);
  return path;
}

static tt1_mapping *map_by_images_map(tt1_mapping_options **options, const char *sign)
{
  tt1_study *study = NULL;
  tt1_mapping *m = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_mapping_options_create(options, &err), TT1_OK);
  if (tt1_mapping_options_set(*options, "images-map", path_of("vendor-fitparams"), &err) !=
          TT1_OK ||
      tt1_mapping_options_set(*options, "sign", sign, &err) != TT1_OK ||
      tt1_study_open(&study, path_of(""), NULL, &err) != TT1_OK ||
      tt1_mapping_create(&m, study, -1, *options, &err) != TT1_OK ||
      tt1_mapping_run(m, NULL, NULL, &err) != TT1_OK)
    fail_msg("%s", err.message);
  tt1_study_free(study);
  return m;
}

/* One command, seven, six or five images as the scanner's map says. */
static void the_map_of_images_gives_the_map_of_the_scanner(void **state)
{
  static const char *const SIGNS[] = {"phase", "magnitude"};
  scan s;
  (void)state;
  read_scan(&s);
  uint8_t *mask = mask_of(&s, 0);
  for (int k = 0; k < 2; k++) {
    tt1_mapping_options *options = NULL;
    tt1_mapping *m = map_by_images_map(&options, SIGNS[k]);
    const float *T1 = tt1_mapping_map(m, "T1map");
    int n = 0, same = 0;
    for (int v = 0; v < VOXELS; v++) {
      n += mask[v];
      same += mask[v] && agrees(1e3 * (double)T1[v] - vendor_T1(&s, v));
      if ((int)vendor(&s, RANGE, v) == 0) assert_int_equal(tt1_mapping_outcome(m)[v], TT1_MASKED);
    }
    print_message("--images-map, sign %s: %.3f %% of %d voxels agree\n", SIGNS[k], 100.0 * same / n,
                  n);
    assert_int_equal(n, 33051);
    assert_true(same >= 0.999 * n);
    tt1_mapping_free(m);
    tt1_mapping_options_free(options);
  }
  free(mask);
  free_scan(&s);
}

/* All seven images, with the rests between their inversions: model mollirest, which is chosen by itself. It is held
   to the scanner's map, which leaves out images where T1 is long. */
static void rests_give_what_the_scanner_has_from_fewer_images(void **state)
{
  static const struct {
    double from, to, most; /* ms */
  } BANDS[] = {{0, 300, 6},    {300, 600, 6},   {600, 900, 6},
               {900, 1200, 6}, {1200, 1500, 6}, {2000, 4000, 15}};
  tt1_mapping_options *options = NULL;
  tt1_study *study = NULL;
  tt1_mapping *m = NULL;
  tt1_error err = {0};
  scan s;
  (void)state;
  read_scan(&s);
  uint8_t *mask = mask_of(&s, 0);
  if (tt1_mapping_options_create(&options, &err) != TT1_OK ||
      tt1_study_open(&study, path_of(""), NULL, &err) != TT1_OK ||
      tt1_mapping_create(&m, study, -1, options, &err) != TT1_OK ||
      tt1_mapping_run(m, NULL, NULL, &err) != TT1_OK)
    fail_msg("%s", err.message);
  tt1_study_free(study);
  assert_string_equal(tt1_model_name(tt1_mapping_model(m)), "mollirest");
  assert_null(tt1_mapping_warning(m, 0));
  const float *T1 = tt1_mapping_map(m, "T1map");
  double *off = space(VOXELS, sizeof *off);
  for (size_t b = 0; b < sizeof BANDS / sizeof *BANDS; b++) {
    int n = 0, lost = 0;
    for (int v = 0; v < VOXELS; v++) {
      double scanner = vendor_T1(&s, v);
      if (!mask[v] || scanner < BANDS[b].from || scanner >= BANDS[b].to) continue;
      if (isnan(T1[v]))
        lost++;
      else
        off[n++] = 1e3 * (double)T1[v] - scanner;
    }
    qsort(off, (size_t)n, sizeof *off, by_size);
    print_message(
        "%4.0f to %4.0f ms: ours - scanner's median %+.1f ms (5 and 95 %%: %+.0f, %+.0f), "
        "%d voxels, %d lost\n",
        BANDS[b].from, BANDS[b].to, off[n / 2], off[n / 20], off[n - 1 - n / 20], n, lost);
    assert_true(n > 500);
    assert_true(fabs(off[n / 2]) <= BANDS[b].most);
    if (BANDS[b].from >= 300) assert_int_equal(lost, 0);
  }
  free(off);
  free(mask);
  tt1_mapping_free(m);
  tt1_mapping_options_free(options);
  free_scan(&s);
}

static void the_parameters_are_those_of_the_scanner(void **state)
{
  scan s;
  int n = 0, same[3] = {0, 0, 0};
  (void)state;
  read_scan(&s);
  uint8_t *mask = mask_of(&s, SEVEN);
  results r = fit(&s, ALL, IMAGES, 0, mask, (tt1_plan_options)TT1_PLAN_OPTIONS_INIT);
  for (int v = 0; v < VOXELS; v++) {
    if (!mask[v]) continue;
    double C = ours(&r, ROW_C, v), B = C * ours(&r, ROW_K, v), T1s = 1e3 * ours(&r, ROW_T1S, v);
    n++;
    same[0] += agrees(C - vendor(&s, A_MAP, v));
    same[1] += agrees(B - vendor(&s, B_MAP, v));
    same[2] += agrees(T1s - vendor(&s, T1S_MAP, v));
  }
  print_message("A %.3f %%, B %.3f %%, T1* %.3f %% of %d voxels agree\n", 100.0 * same[0] / n,
                100.0 * same[1] / n, 100.0 * same[2] / n, n);
  for (int i = 0; i < 3; i++)
    assert_true(same[i] >= 0.999 * n);
  free(mask);
  free_results(&r);
  free_scan(&s);
}

/* What the paper's single start at T1* = 1 s does to the fit of all images, by the scanner's T1. */
static void one_start_fails_where_T1_is_short_or_long(void **state)
{
  static const double BANDS[] = {0, 100, 294, 700, 1400, 10000};
  static const struct {
    const char *name;
    tt1_solver solver;
  } WAYS[] = {{"lm", TT1_SOLVER_LM}, {"adam", TT1_SOLVER_ADAM}};
  enum { N_BANDS = sizeof BANDS / sizeof *BANDS - 1 };
  scan s;
  (void)state;
  read_scan(&s);
  uint8_t *mask = mask_of(&s, 0);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  results best = fit(&s, ALL, IMAGES, 0, mask, options);
  options.start = TT1_START_FIXED;
  for (size_t w = 0; w < sizeof WAYS / sizeof *WAYS; w++) {
    int n[N_BANDS] = {0}, wrong[N_BANDS] = {0};
    options.solver = WAYS[w].solver;
    results r = fit(&s, ALL, IMAGES, 0, mask, options);
    for (int v = 0; v < VOXELS; v++) {
      if (!mask[v]) continue;
      double T1 = 1e3 * ours(&best, ROW_T1, v);
      int band = 0;
      while (vendor_T1(&s, v) >= BANDS[band + 1])
        band++;
      n[band]++;
      wrong[band] += !(fabs(1e3 * ours(&r, ROW_T1, v) / T1 - 1) <= 0.2);
    }
    for (int b = 0; b < N_BANDS; b++)
      print_message(
          "%-4s from one start, T1 %5.0f to %5.0f ms: %6.2f %% of %5d wrong by over 20 %%\n",
          WAYS[w].name, BANDS[b], BANDS[b + 1], 100.0 * wrong[b] / n[b], n[b]);
    assert_true(wrong[0] > n[0] / 2); // two bottles near 90 ms
    assert_true(wrong[3] < n[3] / 1000);
    free_results(&r);
  }
  free(mask);
  free_results(&best);
  free_scan(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_seven_images_give_the_map_of_the_scanner),
      cmocka_unit_test(the_images_the_scanner_used_give_its_numbers),
      cmocka_unit_test(the_map_of_images_gives_the_map_of_the_scanner),
      cmocka_unit_test(rests_give_what_the_scanner_has_from_fewer_images),
      cmocka_unit_test(the_parameters_are_those_of_the_scanner),
      cmocka_unit_test(one_start_fails_where_T1_is_short_or_long),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
