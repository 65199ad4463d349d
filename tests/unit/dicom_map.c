/* SPDX-License-Identifier: MIT
 * Maps as DICOM: what the source leaves to them, refusals, failing memory. Whether
 * others can read them is tested on the command line. */
#include "image_support.h"

#include <math.h>

#include "dicom/source.h"
#include "tt1_input.h"

enum { COLUMNS = 4, ROWS = 3, SLICES = 2, IMAGES = 3, N_VOXELS = COLUMNS * ROWS * SLICES };

static const tt1_geometry grid = {.size = {COLUMNS, ROWS, SLICES},
                                  .spacing = {2.0, 3.0, 7.0},
                                  .sform_code = 1,
                                  .srow = {{-2, 0, 0, 10}, {0, 3, 0, -20.5}, {0, 0, 7, 30.25}}};

/* A DICOM series of the sandbox, read back; skips the test without DICOM. */
static tt1_image *read_series(const sandbox *s)
{
  static const double times[IMAGES] = {0.1, 1.1, 0.18};
  float data[IMAGES * N_VOXELS];
  for (int i = 0; i < IMAGES * N_VOXELS; i++)
    data[i] = (float)(i + 1);
  tt1_dicom_series series = {.version = TT1_DICOM_SERIES_VERSION,
                             .geometry = &grid,
                             .n_images = IMAGES,
                             .data = data,
                             .times = times,
                             .kind = TT1_KIND_MAGNITUDE,
                             .number = 7,
                             .description = "test",
                             .patient_name = "A^B",
                             .patient_id = "C",
                             .study = "study"};
  tt1_folder *folder = NULL;
  tt1_image *image = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_folder_open(&folder, inside(s, "in"), &err), TT1_OK);
  tt1_status status = tt1_folder_write_dicom_series(folder, "raw", &series, &err);
  if (status == TT1_OK) assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
  tt1_folder_free(folder);
  if (status == TT1_NO_DEVICE) skip();
  assert_int_equal(tt1_image_read(&image, inside(s, "in"), NULL, &err), TT1_OK);
  return image;
}

static tt1_dicom_map make_map(const tt1_image *image, const float *values, const char *name)
{
  return (tt1_dicom_map){.version = TT1_DICOM_MAP_VERSION,
                         .source = image,
                         .values = values,
                         .name = name,
                         .meaning = "a time",
                         .unit = "s",
                         .quantity = strcmp(name, "T1map") == 0 ? name : NULL,
                         .number = 1,
                         .derivation = "by hand",
                         .window = {0.0, 2.0}};
}

static tt1_status write_map(const sandbox *s, const tt1_dicom_map *map, int64_t *n_saturated,
                            tt1_error *err)
{
  tt1_folder *folder = NULL;
  tt1_status status = tt1_folder_open(&folder, inside(s, "out"), err);
  if (status == TT1_OK)
    status = tt1_folder_write_dicom_map(folder, "dicom/map", map, n_saturated, err);
  if (status == TT1_OK) status = tt1_folder_commit(folder, err);
  tt1_folder_free(folder);
  return status;
}

static void notes_the_images_of_each_slice(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_image *image = read_series(&s);
  tt1_error err = {0};
  const tt1__dicom_source *source = tt1__dicom_source_of(image);
  assert_non_null(source);
  assert_int_equal(source->n_images, IMAGES);
  assert_int_equal(source->n_slices, SLICES);
  char last[65];
  memcpy(last, source->references[2 * SLICES + 1].instance_uid, sizeof last);
  assert_true(strlen(last) > 5);
  static const int chosen[] = {2, 0};
  assert_int_equal(tt1_image_select(image, chosen, 2, &err), TT1_OK);
  assert_int_equal(source->n_images, 2);
  assert_string_equal(source->references[1].instance_uid, last);
  tt1_image_free(image);
  remove_tree(s.path);
}

static void saturates_and_marks_what_is_invalid(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_image *image = read_series(&s), *back = NULL;
  tt1_read_options asked = TT1_READ_OPTIONS_INIT;
  tt1_error err = {0};
  int64_t n_saturated = 0;
  float values[N_VOXELS] = {0.1004f, 1.2346f, 65.5349f, 65.536f, 100.0f, -1.0f, (float)NAN};
  values[7] = (float)INFINITY;
  tt1_dicom_map map = make_map(image, values, "T1map");
  assert_int_equal(write_map(&s, &map, &n_saturated, &err), TT1_OK);
  assert_int_equal(n_saturated, 3);
  asked.series = "T1map";
  assert_int_equal(tt1_image_read(&back, inside(&s, "out/dicom/map"), &asked, &err), TT1_OK);
  static const float expected[] = {100, 1235, 65535, 65535, 65535, 0, 0, 0};
  // `simulate` counts rows from the other side, and so does what is read from it.
  assert_int_equal(tt1_image_n_voxels(back), N_VOXELS);
  for (int i = 0; i < 8; i++)
    assert_true(fabsf(tt1_image_data(back)[i] - expected[i]) < 0.5f);
  tt1_image_free(back);
  tt1_image_free(image);
  remove_tree(s.path);
}

static void refuses_what_has_no_place(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_image *image = read_series(&s);
  tt1_error err = {0};
  float values[N_VOXELS] = {0};
  tt1_dicom_map map = make_map(image, values, "T1map");
  map.version = 9;
  assert_int_equal(write_map(&s, &map, NULL, &err), TT1_BAD_ARGUMENT);
  check_sentence(&err, TT1_BAD_ARGUMENT, "tt1_dicom_map has version 9");
  map.version = TT1_DICOM_MAP_VERSION;
  image->geometry.sform_code = image->geometry.qform_code = 0;
  write_map(&s, &map, NULL, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "nothing tells where the images lie");
  image->geometry.sform_code = 1;
  image->geometry.srow[1][0] = 1.0;
  write_map(&s, &map, NULL, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "rows and columns are not perpendicular");
  tt1_image_free(image);
  remove_tree(s.path);
}

static void survives_failing_memory(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_image *image = read_series(&s);
  float values[N_VOXELS] = {0.5f, 1.5f};
  for (int kind = 0; kind < 2; kind++) {
    tt1_dicom_map map = make_map(image, values, kind ? "T1map" : "k");
    tt1_status status = TT1_NO_MEMORY;
    for (long nth = 1; status != TT1_OK && nth < 2000; nth++) {
      tt1_error err = {0};
      tt1__fail_allocation(nth);
      status = write_map(&s, &map, NULL, &err);
      tt1__fail_allocation(0);
      assert_true(status == TT1_OK || status == TT1_NO_MEMORY);
    }
    assert_int_equal(status, TT1_OK);
  }
  tt1_image_free(image);
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(notes_the_images_of_each_slice),
                                     cmocka_unit_test(saturates_and_marks_what_is_invalid),
                                     cmocka_unit_test(refuses_what_has_no_place),
                                     cmocka_unit_test(survives_failing_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
