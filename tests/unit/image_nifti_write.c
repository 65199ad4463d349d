/* SPDX-License-Identifier: MIT
 * What is written can be read again, bit for bit, with its place in the world. */
#include "image_support.h"
#include "tt1_input.h"

static const tt1_geometry oblique = {
    .size = {5, 4, 3},
    .spacing = {1.25, 1.5, 8.0},
    .qform_code = 1,
    .sform_code = 2,
    .quatern = {0.5, -0.25, 0.125},
    .qoffset = {-100.5, 50.25, 7.0},
    .qfac = -1.0,
    .srow = {{-1.25, 0.5, 0.0, 90.0}, {0.25, 1.5, -0.125, -80.0}, {0.0, 0.0625, 8.0, 3.5}}};

static tt1_image *round_trip(const char *name, const tt1_geometry *g, int n_images, tt1_type type,
                             const void *data)
{
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_image *image = NULL;
  tt1_error err = {0};
  char path[64];
  assert_int_equal(tt1_folder_open(&folder, inside(&s, "out"), &err), TT1_OK);
  assert_int_equal(
      tt1_folder_write_image(folder, name, g, n_images, type, data, "torcht1 test", &err), TT1_OK);
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
  tt1_folder_free(folder);
  snprintf(path, sizeof path, "out/%s", name);
  assert_int_equal(tt1_image_read(&image, inside(&s, path), NULL, &err), TT1_OK);
  assert_int_equal(tt1_image_n_images(image), n_images);
  remove_tree(s.path);
  return image;
}

static void check_geometry(const tt1_geometry *a, const tt1_geometry *b)
{
  assert_memory_equal(a->size, b->size, sizeof a->size);
  assert_memory_equal(a->spacing, b->spacing, sizeof a->spacing);
  assert_memory_equal(a->quatern, b->quatern, sizeof a->quatern);
  assert_memory_equal(a->qoffset, b->qoffset, sizeof a->qoffset);
  assert_memory_equal(a->srow, b->srow, sizeof a->srow);
  assert_true(a->qfac == b->qfac);
  assert_int_equal(a->qform_code, b->qform_code);
  assert_int_equal(a->sform_code, b->sform_code);
}

static void float_maps_come_back(void **state)
{
  (void)state;
  static const char *const names[] = {"a.nii", "a.nii.gz"};
  float data[2 * 60];
  for (int i = 0; i < 120; i++)
    data[i] = (float)i * 1.1f - 3.0f;
  data[7] = NAN;
  for (int i = 0; i < 2; i++) {
#ifndef TT1_HAVE_ZLIB
    if (i == 1) break;
#endif
    tt1_image *image = round_trip(names[i], &oblique, 2, TT1_FLOAT32, data);
    assert_memory_equal(tt1_image_data(image), data, sizeof data);
    assert_string_equal(tt1_image_stored_type(image), "float32");
    check_geometry(tt1_image_geometry(image), &oblique);
    tt1_image_free(image);
  }
}

static void other_types_come_back(void **state)
{
  (void)state;
  double wide[60];
  uint8_t codes[60];
  for (int i = 0; i < 60; i++) {
    wide[i] = i / 3.0;
    codes[i] = (uint8_t)(i * 4);
  }
  tt1_image *image = round_trip("a.nii", &oblique, 1, TT1_FLOAT64, wide);
  assert_string_equal(tt1_image_stored_type(image), "float64");
  for (int i = 0; i < 60; i++)
    assert_true(tt1_image_data(image)[i] == (float)wide[i]);
  tt1_image_free(image);
  image = round_trip("a.nii", &oblique, 1, TT1_UINT8, codes);
  assert_string_equal(tt1_image_stored_type(image), "uint8");
  for (int i = 0; i < 60; i++)
    assert_true(tt1_image_data(image)[i] == (float)codes[i]);
  tt1_image_free(image);
}

static void large_sizes_need_the_second_version(void **state)
{
  (void)state;
  tt1_geometry g = oblique;
  static uint8_t codes[32768];
  g.size[0] = 32767;
  g.size[1] = g.size[2] = 1;
  tt1_image *image = round_trip("a.nii", &g, 1, TT1_UINT8, codes);
  assert_string_equal(tt1_image_format(image), "NIfTI-1");
  tt1_image_free(image);
  codes[32767] = 9;
  g.size[0] = 32768;
  image = round_trip("a.nii", &g, 1, TT1_UINT8, codes);
  assert_string_equal(tt1_image_format(image), "NIfTI-2");
  assert_true(tt1_image_data(image)[32767] == 9.0f);
  check_geometry(tt1_image_geometry(image), &g);
  tt1_image_free(image);
}

static void refuses_impossible_sizes(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_geometry g = oblique;
  tt1_error err = {0};
  assert_int_equal(tt1_folder_open(&folder, s.path, &err), TT1_OK);
  g.size[1] = 0;
  tt1_folder_write_image(folder, "a.nii", &g, 1, TT1_UINT8, "", "x", &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "0 is not a possible size in dimension 2");
  g.size[1] = INT64_MAX;
  tt1_folder_write_image(folder, "a.nii", &g, 1, TT1_UINT8, "", "x", &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "is not a possible size");
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 0);
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(float_maps_come_back),
      cmocka_unit_test(other_types_come_back),
      cmocka_unit_test(large_sizes_need_the_second_version),
      cmocka_unit_test(refuses_impossible_sizes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
