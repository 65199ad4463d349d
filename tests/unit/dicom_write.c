/* SPDX-License-Identifier: MIT
 * Writing DICOM: what is stored can be read back, refusals, failing memory.
 * Whether others can read it is tested on the command line. */
#include "image_support.h"

#include <math.h>

#include "dicom/dicom.h"
#include "file/file.h"
#include "tt1_input.h"

enum { COLUMNS = 5, ROWS = 4, SLICES = 2, IMAGES = 3, N_VOXELS = COLUMNS * ROWS * SLICES };
static const double times[IMAGES] = {0.1, 1.1 + 1e-13, 0.18};

// An oblique grid: no axis along one of the world.
static const tt1_geometry oblique = {.size = {COLUMNS, ROWS, SLICES},
                                     .spacing = {2.0, 3.0, 7.0},
                                     .sform_code = 1,
                                     .srow = {{-1.6, -0.72, 4.032, 10.0},
                                              {1.2, -0.96, 5.376, -20.5},
                                              {0.0, 2.7495454169735, 2.0, 30.25}}};

static tt1_dicom_series make_series(const float *data, tt1_kind kind)
{
  return (tt1_dicom_series){.version = TT1_DICOM_SERIES_VERSION,
                            .geometry = &oblique,
                            .n_images = IMAGES,
                            .data = data,
                            .times = times,
                            .kind = kind,
                            .number = 7,
                            .description = "test",
                            .patient_name = "A^B",
                            .patient_id = "C",
                            .study = "study"};
}

static void skip_without_dicom(void)
{
  tt1__dicom_draft *draft = NULL;
  tt1_error err = {0};
  if (tt1__dicom_draft_new(&draft, &err) == TT1_NO_DEVICE) {
    print_message("skipped: %s\n", err.message);
    skip();
  }
  tt1__dicom_draft_free(draft);
}

static void write_series(const sandbox *s, const tt1_dicom_series *series)
{
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_folder_open(&folder, inside(s, "out"), &err), TT1_OK);
  if (tt1_folder_write_dicom_series(folder, "sub", series, &err) != TT1_OK)
    print_error("%s\n", err.message);
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
  tt1_folder_free(folder);
}

static tt1__dicom *open_file(const sandbox *s, int instance)
{
  char name[32];
  snprintf(name, sizeof name, "out/sub/%04d.dcm", instance);
  tt1__file file = {0};
  tt1__dicom *dicom = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1__file_read(&file, inside(s, name), 1 << 20, &err), TT1_OK);
  if (tt1__dicom_open(&dicom, file.bytes, file.length, name, &err) != TT1_OK)
    print_error("%s\n", err.message);
  assert_non_null(dicom);
  static tt1__file kept; // the data set points into its bytes
  tt1__file_free(&kept);
  kept = file;
  return dicom;
}

static void check_numbers(const tt1__dicom *dicom, tt1__tag tag, const double *expected, int count)
{
  double values[8];
  assert_int_equal(tt1__dicom_numbers(tt1__dicom_root(dicom), tag, values, 8), count);
  for (int i = 0; i < count; i++)
    assert_true(fabs(values[i] - expected[i]) < 1e-8);
}

static void stores_times_and_places(void **state)
{
  (void)state;
  skip_without_dicom();
  sandbox s = sandbox_make();
  float data[IMAGES * N_VOXELS] = {1.0f};
  tt1_dicom_series series = make_series(data, TT1_KIND_MAGNITUDE);
  write_series(&s, &series);
  assert_int_equal(count_entries(inside(&s, "out/sub")), IMAGES * SLICES);
  tt1__dicom *dicom = open_file(&s, 4); // second image, second slice
  const double time[] = {1100.0}, spacing[] = {3.0, 2.0};
  // First pixel: i = 0, j = ROWS - 1, k = 1; right and front become left and back.
  const double position[] = {-(10.0 + 4.032 - 3 * 0.72), -(-20.5 + 5.376 - 3 * 0.96),
                             30.25 + 2.0 + 3 * 2.7495454169735};
  const double orientation[] = {0.8, -0.6, 0.0, -0.24, -0.32, -0.9165151389912};
  check_numbers(dicom, 0x00180082, time, 1);
  check_numbers(dicom, 0x00280030, spacing, 2);
  check_numbers(dicom, 0x00200032, position, 3);
  check_numbers(dicom, 0x00200037, orientation, 6);
  char text[64];
  assert_true(tt1__dicom_text(tt1__dicom_root(dicom), 0x00204000, text, sizeof text) > 0);
  assert_string_equal(text, "TIeff 1100 ms");
  tt1__dicom_free(dicom);
  remove_tree(s.path);
}

/* The pixels of a file of one frame, as they lie there. */
static void read_pixels(uint16_t pixels[ROWS * COLUMNS], const tt1__dicom *dicom)
{
  const tt1__dicom_scan *scan = tt1__dicom_scan_of(dicom);
  assert_int_equal(scan->pixels_length, sizeof(uint16_t) * ROWS * COLUMNS);
  memcpy(pixels, scan->bytes + scan->pixels, scan->pixels_length);
}

static void check_pixels(const float *data, tt1_kind kind, int at, uint16_t expected)
{
  sandbox s = sandbox_make();
  tt1_dicom_series series = make_series(data, kind);
  write_series(&s, &series);
  tt1__dicom *dicom = open_file(&s, 1);
  uint16_t pixels[ROWS * COLUMNS];
  read_pixels(pixels, dicom);
  int row = ROWS - 1 - at / COLUMNS, column = at % COLUMNS;
  assert_int_equal(pixels[row * COLUMNS + column], expected);
  tt1__dicom_free(dicom);
  remove_tree(s.path);
}

static void stores_magnitudes_in_twelve_bits(void **state)
{
  (void)state;
  skip_without_dicom();
  float data[IMAGES * N_VOXELS] = {0};
  data[0] = 100.0f;
  data[7] = -5.0f; // no magnitude
  data[8] = (float)NAN;
  data[N_VOXELS * 2] = 819.0f; // the largest of the series
  check_pixels(data, TT1_KIND_MAGNITUDE, 0, 500);
  check_pixels(data, TT1_KIND_MAGNITUDE, 7, 0);
  check_pixels(data, TT1_KIND_MAGNITUDE, 8, 0);
  float nothing[IMAGES * N_VOXELS] = {0};
  check_pixels(nothing, TT1_KIND_MAGNITUDE, 0, 0);
}

static void stores_phases_as_siemens_does(void **state)
{
  (void)state;
  skip_without_dicom();
  const float pi = 3.1415927f;
  float data[IMAGES * N_VOXELS] = {0.0f, pi, -pi, pi / 2, -pi / 2, 0.001f};
  static const uint16_t stored[] = {2048, 0, 0, 3072, 1024, 2049};
  for (int i = 0; i < 6; i++)
    check_pixels(data, TT1_KIND_PHASE, i, stored[i]);
}

/* ---- Other styles and preparations, as this library reads them ---- */

static const tt1_geometry upright = {
    .size = {COLUMNS, ROWS, SLICES},
    .spacing = {2.0, 3.0, 7.0},
    .sform_code = 1,
    .srow = {{-2.0, 0.0, 0.0, 10.0}, {0.0, 3.0, 0.0, -20.5}, {0.0, 0.0, 7.0, 30.25}}};

static tt1_image *read_back(const sandbox *s, tt1_dicom_series series)
{
  tt1_image *image = NULL;
  tt1_error err = {0};
  series.geometry = &upright;
  write_series(s, &series);
  if (tt1_image_read(&image, inside(s, "out/sub"), NULL, &err) != TT1_OK)
    print_error("%s\n", err.message);
  assert_non_null(image);
  return image;
}

// Voxel (i, j, k) of the grid is stored in row ROWS - 1 - j, which is how files are read.
static float value_at(const tt1_image *image, int at)
{
  int slice = at / (ROWS * COLUMNS), j = at / COLUMNS % ROWS, i = at % COLUMNS;
  return tt1_image_data(image)[(slice * ROWS + ROWS - 1 - j) * COLUMNS + i];
}

// Every image has a scale of its own, which is undone: each value comes back to half a step of its image.
static void philips_scales_every_image(void **state)
{
  (void)state;
  skip_without_dicom();
  sandbox s = sandbox_make();
  float data[IMAGES * N_VOXELS];
  for (int i = 0; i < IMAGES * N_VOXELS; i++)
    data[i] = (float)(1 + i % N_VOXELS) * (i < N_VOXELS ? 3.0f : i < 2 * N_VOXELS ? 0.1f : 25.0f);
  tt1_dicom_series series = make_series(data, TT1_KIND_MAGNITUDE);
  series.style = TT1_STYLE_PHILIPS;
  tt1_image *image = read_back(&s, series);
  assert_non_null(strstr(tt1_image_origin(image)->vendor, "Philips"));
  assert_string_equal(tt1_image_origin(image)->scaling, "Philips (2005,100e), differs per image");
  for (int i = 0; i < IMAGES * N_VOXELS; i++) {
    float most = data[i / N_VOXELS * N_VOXELS + N_VOXELS - 1];
    float got = value_at(image, i);
    assert_true(fabsf(got - data[i]) <= 0.501f * most / 4095.0f);
  }
  tt1_image_free(image);
  remove_tree(s.path);
}

// The clock of the scan in parts of a second, beyond a minute too; without it a count of seconds. Readers
// count from the year 0, in steps of 8 us.
static void keeps_the_clock_of_the_scan(void **state)
{
  (void)state;
  skip_without_dicom();
  sandbox s = sandbox_make();
  float data[IMAGES * N_VOXELS] = {1.0f};
  const double acquired[IMAGES] = {0.12, 59.9999996, 61.0625};
  tt1_dicom_series series = make_series(data, TT1_KIND_MAGNITUDE);
  for (int is_known = 1; is_known >= 0; is_known--) {
    series.acquired = is_known ? acquired : NULL;
    tt1_image *image = read_back(&s, series);
    const tt1_known_values *found = tt1_image_find_known(image, "AcquisitionTime");
    assert_non_null(found);
    assert_int_equal(found->n_slices, is_known ? 1 : SLICES);
    for (int i = 0; i < IMAGES; i++)
      assert_true(fabs(found->values[i] - 36000.0 - (is_known ? acquired[i] : SLICES * i)) < 1e-5);
    tt1_image_free(image);
  }
  remove_tree(s.path);
}

static void philips_phases_are_milliradians(void **state)
{
  (void)state;
  skip_without_dicom();
  sandbox s = sandbox_make();
  const double half[] = {-3141.592654}, slope[] = {1.53398079};
  float data[IMAGES * N_VOXELS] = {0.5f, -1.0f, 3.0f};
  tt1_dicom_series series = make_series(data, TT1_KIND_PHASE);
  series.style = TT1_STYLE_PHILIPS;
  write_series(&s, &series);
  tt1__dicom *dicom = open_file(&s, 1);
  uint16_t pixels[ROWS * COLUMNS];
  double numbers[2];
  assert_int_equal(tt1__dicom_numbers(tt1__dicom_root(dicom), 0x00281052, numbers, 1), 1);
  assert_int_equal(tt1__dicom_numbers(tt1__dicom_root(dicom), 0x00281053, numbers + 1, 1), 1);
  assert_true(fabs(numbers[0] - half[0]) < 1e-5 && fabs(numbers[1] - slope[0]) < 1e-7);
  read_pixels(pixels, dicom);
  for (int i = 0; i < 3; i++) {
    double rad = (pixels[(ROWS - 1) * COLUMNS + i] * numbers[1] + numbers[0]) / 1000.0;
    assert_true(fabs(rad - (double)data[i]) < 0.0008);
  }
  tt1__dicom_free(dicom);
  remove_tree(s.path);
}

static int is_found(const tt1_image *image, const char *part, const double *expected)
{
  for (int i = 0; tt1_image_known(image, i); i++) {
    const tt1_known_values *known = tt1_image_known(image, i);
    int is_same = strstr(known->name, part) && known->count == IMAGES;
    for (int j = 0; is_same && j < IMAGES; j++)
      is_same = fabs(known->values[j] - expected[j]) < 1e-9;
    if (is_same) return 1;
  }
  return 0;
}

static void preparations_tell_their_times(void **state)
{
  (void)state;
  skip_without_dicom();
  static const double PREPARATIONS[] = {0.0, 0.0275, 0.055}, SATURATIONS[] = {30.0, 0.118, 0.6};
  float data[IMAGES * N_VOXELS] = {1.0f};
  for (int style = 0; style < 2; style++) {
    sandbox s = sandbox_make();
    tt1_dicom_series series = make_series(data, TT1_KIND_MAGNITUDE);
    series.style = (tt1_dicom_style)style;
    series.preparation = TT1_PREPARATION_T2;
    series.times = PREPARATIONS;
    tt1_image *image = read_back(&s, series);
    assert_true(is_found(image, "T2Preparation", PREPARATIONS));
    assert_false(is_found(image, "InversionTime", PREPARATIONS));
    tt1_image_free(image);
    remove_tree(s.path);
    s = sandbox_make();
    series.preparation = TT1_PREPARATION_SATURATION;
    series.times = SATURATIONS;
    image = read_back(&s, series);
    assert_true(is_found(image, "InversionTime", SATURATIONS));
    tt1_image_free(image);
    remove_tree(s.path);
  }
}

static void refuse(const tt1_dicom_series *series, const char *part)
{
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_folder_open(&folder, inside(&s, "out"), &err), TT1_OK);
  tt1_folder_write_dicom_series(folder, "sub", series, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, part);
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 0);
  remove_tree(s.path);
}

static void refuses_what_cannot_be_written(void **state)
{
  (void)state;
  skip_without_dicom();
  float data[IMAGES * N_VOXELS] = {0};
  const tt1_dicom_series good = make_series(data, TT1_KIND_MAGNITUDE);
  tt1_dicom_series bad = good;
  bad.version = 2;
  refuse(&bad, "version 2");
  bad = good;
  bad.kind = TT1_KIND_MAP;
  refuse(&bad, "magnitude or phase can");
  bad = good;
  tt1_geometry nowhere = oblique, far = oblique, wide = oblique;
  nowhere.sform_code = 0;
  bad.geometry = &nowhere;
  refuse(&bad, "has no sform");
  far.srow[1][3] = (double)NAN;
  bad.geometry = &far;
  refuse(&bad, "beyond 10 m");
  wide.size[0] = 65536;
  bad.geometry = &wide;
  refuse(&bad, "cannot be a DICOM series");
  bad = good;
  const double late[IMAGES] = {0.1, 100.0, 0.2};
  bad.times = late;
  refuse(&bad, "a time of 100 s of a DICOM series is outside");
  bad = good;
  const double tomorrow[IMAGES] = {0.1, 3600.0, 0.2}, before[IMAGES] = {-0.1, 0.1, 0.2};
  bad.acquired = tomorrow;
  refuse(&bad, "acquired after 3600 s is outside");
  bad.acquired = before;
  refuse(&bad, "acquired after -0.1 s is outside");
  bad = good;
  bad.style = (tt1_dicom_style)2;
  refuse(&bad, "style 2");
  bad = good;
  bad.preparation = (tt1_preparation)3;
  refuse(&bad, "preparation 3");
}

static void failing_memory_is_said(void **state)
{
  (void)state;
  skip_without_dicom();
  sandbox s = sandbox_make_in_memory();
  float data[IMAGES * N_VOXELS] = {1.0f};
  tt1_dicom_series series = make_series(data, TT1_KIND_MAGNITUDE);
  for (int n = 1;; n++) {
    tt1_folder *folder = NULL;
    tt1_error err = {0};
    assert_int_equal(tt1_folder_open(&folder, inside(&s, "out"), &err), TT1_OK);
    tt1__fail_allocation(n);
    tt1_status status = tt1_folder_write_dicom_series(folder, "sub", &series, &err);
    tt1__fail_allocation(0);
    tt1_folder_free(folder);
    assert_int_equal(count_entries(s.path), 0);
    if (status == TT1_OK) {
      assert_true(n > 20);
      break;
    }
    assert_int_equal(status, TT1_NO_MEMORY);
  }
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stores_times_and_places),
      cmocka_unit_test(stores_magnitudes_in_twelve_bits),
      cmocka_unit_test(stores_phases_as_siemens_does),
      cmocka_unit_test(philips_scales_every_image),
      cmocka_unit_test(keeps_the_clock_of_the_scan),
      cmocka_unit_test(philips_phases_are_milliradians),
      cmocka_unit_test(preparations_tell_their_times),
      cmocka_unit_test(refuses_what_cannot_be_written),
      cmocka_unit_test(failing_memory_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
