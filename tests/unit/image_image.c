/* SPDX-License-Identifier: MIT
 * Series in memory: selecting images, odd paths, and a real MOLLI series. */
#include "image_support.h"
#include "tt1_input.h"

static tt1_image *four_images(void)
{
  static const double times[] = {0.1, 0.2, 0.3, 0.4}, one[] = {7.0};
  nifti n = nifti_series(3, 2, 4);
  tt1_image *image = NULL;
  assert_int_equal(parse_bytes(&image, n.bytes, n.length, NULL), TT1_OK);
  assert_true(tt1__image_add_known(image, "InversionTime", "m.json", times, 4));
  assert_true(tt1__image_add_known(image, "RepetitionTime", "m.json", one, 1));
  return image;
}

static void selects_in_the_order_given(void **state)
{
  (void)state;
  static const int wanted[] = {3, 0, 2}, last[] = {1};
  tt1_image *image = four_images();
  assert_int_equal(tt1_image_select(image, wanted, 3, NULL), TT1_OK);
  assert_int_equal(tt1_image_n_images(image), 3);
  assert_true(tt1_image_data(image)[0] == 30.0f && tt1_image_data(image)[6 + 5] == 5.0f);
  assert_true(tt1_image_known(image, 0)->values[0] == 0.4);
  assert_true(tt1_image_known(image, 0)->values[2] == 0.3);
  assert_int_equal(tt1_image_known(image, 0)->count, 3);
  assert_int_equal(tt1_image_known(image, 1)->count, 1);
  assert_int_equal(tt1_image_select(image, last, 1, NULL), TT1_OK);
  assert_true(tt1_image_data(image)[0] == 0.0f);
  assert_true(tt1_image_known(image, 0)->values[0] == 0.1);
  assert_true(tt1_image_known(image, 1)->values[0] == 7.0);
  tt1_image_free(image);
}

static void refuses_wrong_selections(void **state)
{
  (void)state;
  static const int twice[] = {1, 1}, beyond[] = {4}, negative[] = {-1};
  tt1_image *image = four_images();
  tt1_error err = {0};
  tt1_image_select(image, twice, 2, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "image 1 is selected twice");
  tt1_image_select(image, beyond, 1, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "image 4 is selected, the series has images 0 to 3");
  tt1_image_select(image, negative, 1, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "image -1");
  tt1_image_select(image, twice, 0, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "no image");
  assert_int_equal(tt1_image_n_images(image), 4);
  tt1_image_free(image);
}

static void refuses_odd_paths(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_image *image = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_image_read(&image, inside(&s, "none.nii"), NULL, &err), TT1_IO);
  check_sentence(&err, TT1_IO, "none.nii cannot be read: ");
  assert_int_equal(tt1_image_read(&image, "/dev/zero", NULL, &err), TT1_IO);
  check_sentence(&err, TT1_IO, "/dev/zero is not a regular file");
  assert_int_equal(mkfifo(inside(&s, "pipe.nii"), 0600), 0);
  assert_int_equal(tt1_image_read(&image, inside(&s, "pipe.nii"), NULL, &err), TT1_IO);
  check_sentence(&err, TT1_IO, "is not a regular file");
  write_text(inside(&s, "empty.nii"), "");
  assert_int_equal(tt1_image_read(&image, inside(&s, "empty.nii"), NULL, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "empty.nii is truncated");
  assert_null(image);
  tt1_image_free(NULL);
  remove_tree(s.path);
}

static void reads_a_real_series(void **state)
{
  (void)state;
  const char *data = getenv("TORCHT1_TEST_DATA");
  char path[1024];
  tt1_image *image = NULL;
  tt1_error err = {0};
  snprintf(path, sizeof path, "%s/molli-phantom/molli.nii.gz",
           data ? data : TT1_SOURCE_DIR "/../shared/data");
  if (access(path, R_OK) != 0) {
    print_message("skipped: %s is not there\n", path);
    skip();
  }
  if (tt1_image_read(&image, path, NULL, &err) == TT1_NO_DEVICE) {
    print_message("skipped: %s\n", err.message);
    skip();
  }
  assert_non_null(image);
  assert_int_equal(tt1_image_n_images(image), 5);
  assert_int_equal(tt1_image_geometry(image)->size[0], 160);
  assert_int_equal(tt1_image_geometry(image)->size[1], 160);
  assert_string_equal(tt1_image_known(image, 0)->name, "InversionTime");
  assert_true(tt1_image_known(image, 0)->values[4] == 4.1);
  // Every voxel was divided by 1.1 times its maximum over all images, more than these five.
  float largest = 0.0f;
  for (int64_t i = 0; i < 5 * tt1_image_n_voxels(image); i++)
    if (tt1_image_data(image)[i] > largest) largest = tt1_image_data(image)[i];
  assert_true(largest > 0.9f && largest < 0.9091f);
  tt1_image_free(image);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(selects_in_the_order_given),
      cmocka_unit_test(refuses_wrong_selections),
      cmocka_unit_test(refuses_odd_paths),
      cmocka_unit_test(reads_a_real_series),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
