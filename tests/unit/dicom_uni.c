/* SPDX-License-Identifier: MIT
 * MP2RAGE as DICOM: both inversions and their UNI image are series of one image each. */
#include "dicom_support.h"

#include "image/image.h"

/* A study of two inversions, in which the second came first, and a UNI image of value `uni` in voxel 0. */
static sandbox make_study(int uni, const char *called, int number)
{
  static const char *const times[] = {"2700", "800"};
  static const int values[] = {2000, 200};
  sandbox s = sandbox_make();
  for (int i = 0; i < 2; i++) {
    char name[] = "inv1.dcm";
    picture p = make_picture(1, times[i]);
    p.uid = i ? "2.25.31" : "2.25.32";
    p.series = 3 + i;
    p.description = i ? "mp2rage_INV1" : "mp2rage_INV2";
    p.flip = i ? "4" : "5";
    p.stored = values[i];
    name[3] = (char)('2' - i);
    write_picture(&s, name, &p);
  }
  picture p = make_picture(1, "800");
  p.uid = "2.25.33";
  p.series = number;
  p.description = called;
  p.stored = uni;
  write_picture(&s, "uni.dcm", &p);
  return s;
}

static void uni_signs_both_inversions(void **state)
{
  (void)state;
  sandbox s = make_study(1642, "mp2rage_UNI_Images", 9); // (0.5 - 0.0990) 4095
  tt1_image *image = read_ok(s.path, NULL);
  const float *data = tt1_image_data(image);
  const double *times = tt1_image_find_known(image, "InversionTime")->values;
  assert_int_equal(tt1_image_n_images(image), 2);
  int first = times[0] < times[1] ? 0 : 1;
  assert_true(data[first * PIXELS] == -200.0f && data[(1 - first) * PIXELS] == 2000.0f);
  assert_true(tt1_image_is_signed(image));
  const char *sentence = "series 9 is taken for the UNI image";
  int is_said = 0;
  for (int i = 0; tt1_image_assumption(image, i); i++)
    is_said |= strstr(tt1_image_assumption(image, i), sentence) != NULL;
  assert_true(is_said);
  assert_non_null(tt1_image_file(image, 2)); // the UNI image is recorded
  tt1_image_free(image);
  remove_tree(s.path);
}

static void a_positive_uni_leaves_the_sign(void **state)
{
  (void)state;
  sandbox s = make_study(2453, "mp2rage_UNI_Images", 9);
  tt1_image *image = read_ok(s.path, NULL);
  for (int i = 0; i < 2; i++)
    assert_true(tt1_image_data(image)[i * PIXELS] > 0.0f);
  assert_true(image->is_told); // they are known to be signed, whatever their values
  tt1_image_free(image);
  remove_tree(s.path);
}

static void uni_must_agree(void **state)
{
  (void)state;
  sandbox s = make_study(700 + 1023, "mp2rage_UNI-DEN", 9);
  tt1_image_free(read_ok(s.path, NULL)); // the sign of a denoised one is as good
  remove_tree(s.path);
  s = make_study(3900, "mp2rage_UNI_Images", 9);
  read_refused(s.path, NULL, "not those of the two magnitudes");
  remove_tree(s.path);
}

/* Without UNI two images that differ in a time are no series, and a UNI image is no image of one. */
static void uni_is_no_image_of_a_series(void **state)
{
  (void)state;
  sandbox s = make_study(1642, "mp2rage_T3_Images", 9);
  tt1_image *image = NULL;
  tt1_study *study = NULL;
  assert_int_equal(tt1_study_open(&study, s.path, NULL, NULL), TT1_OK);
  for (int i = 0; tt1_study_series_at(study, i); i++)
    assert_true(tt1_study_series_at(study, i)->n_images != 2);
  tt1_study_free(study);
  remove_tree(s.path);
  s = make_study(1642, "UNI", 9);
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  options.series = "9";
  image = read_ok(s.path, &options);
  assert_int_equal(tt1_image_n_images(image), 1);
  assert_true(tt1_image_data(image)[0] == 1642.0f);
  tt1_image_free(image);
  remove_tree(s.path);
}

static void survives_lack_of_memory(void **state)
{
  (void)state;
  sandbox s = make_study(1642, "mp2rage_UNI_Images", 9);
  tt1_status status = TT1_NO_MEMORY;
  for (int n = 1; status != TT1_OK; n++) {
    tt1_image *image = NULL;
    tt1_error err = {0};
    tt1__fail_allocation(n);
    status = tt1_image_read(&image, s.path, NULL, &err);
    tt1__fail_allocation(0);
    if (status != TT1_OK && status != TT1_NO_MEMORY) fail_msg("allocation %d: %s", n, err.message);
    tt1_image_free(image);
  }
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(uni_signs_both_inversions), cmocka_unit_test(a_positive_uni_leaves_the_sign),
      cmocka_unit_test(uni_must_agree), cmocka_unit_test(uni_is_no_image_of_a_series),
      cmocka_unit_test(survives_lack_of_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
