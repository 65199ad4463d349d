/* SPDX-License-Identifier: MIT
 * What scanners, archives and people do to series: each trap of docs/formats.md that is not a
 * damaged file, and what is made of it. */
#include "dicom_support.h"

static const char *const three[] = {"100", "1100", "180"};

/* `count` images, those of `three` again and again; `change` alters each. */
static sandbox write_many(int count, void (*change)(picture *, int))
{
  sandbox s = sandbox_make();
  for (int i = 0; i < count; i++) {
    char name[16];
    snprintf(name, sizeof name, "%02d.dcm", i);
    picture p = make_picture(i + 1, three[i % 3]);
    p.stored = 10 * (i + 1);
    change(&p, i);
    write_picture(&s, name, &p);
  }
  return s;
}

static void check_voxels(const tt1_image *image, const float *expected)
{
  for (int i = 0; i < tt1_image_n_images(image); i++)
    assert_true(fabsf(tt1_image_data(image)[i * PIXELS] - expected[i]) < 1e-5f);
}

static const tt1_known_values *known(const tt1_image *image, const char *key)
{
  for (int i = 0; tt1_image_known(image, i); i++)
    if (strcmp(tt1_image_known(image, i)->name, key) == 0) return tt1_image_known(image, i);
  return NULL;
}

static void check_assumed(const tt1_image *image, const char *part)
{
  for (int i = 0; tt1_image_assumption(image, i); i++)
    if (strstr(tt1_image_assumption(image, i), part)) return;
  fail_msg("nothing is assumed about \"%s\"", part);
}

/* ---- One UID for two series ---- */

static void be_moved_by_type(picture *p, int i)
{
  if (i >= 3) p->type = "ORIGINAL\\PRIMARY\\M\\MOCO";
}

static void be_moved_by_name(picture *p, int i)
{
  if (i >= 3) p->description = "molli_MOCO";
}

static void be_unfiltered(picture *p, int i)
{
  p->type = i % 2 ? "ORIGINAL\\PRIMARY\\M\\ND" : "ORIGINAL\\PRIMARY\\M\\NORM\\DIS2D";
  p->ti = three[i / 2];
}

static void stay(picture *p, int i)
{
  (void)p, (void)i;
}

static void series_under_one_uid_are_told_apart(void **state)
{
  (void)state;
  static const float last[] = {40, 50, 60}, odd[] = {20, 40, 60};
  static const struct {
    void (*change)(picture *, int);
    const char *names, *choice;
    const float *expected;
  } rows[] = {
      {be_moved_by_type,
       "2 series can be fitted: 5 \"molli\" (ORIGINAL\\PRIMARY\\M), 5 \"molli\" "
       "(ORIGINAL\\PRIMARY\\M\\MOCO); choose one",
       "moco", last},
      {be_moved_by_name, "5 \"molli\" (ORIGINAL\\PRIMARY\\M), 5 \"molli_MOCO\" (", "moco", last},
      {be_unfiltered, "(ORIGINAL\\PRIMARY\\M\\NORM\\DIS2D), 5 \"molli\" (", "\\ND", odd},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    sandbox s = write_many(6, rows[i].change);
    tt1_read_options options = TT1_READ_OPTIONS_INIT;
    read_refused(s.path, NULL, rows[i].names);
    options.series = rows[i].choice;
    tt1_image *image = read_ok(s.path, &options);
    assert_int_equal(tt1_image_n_images(image), 3);
    check_voxels(image, rows[i].expected);
    check_assumed(image, "told from others of the same UID");
    tt1_image_free(image);
    remove_tree(s.path);
  }
  sandbox s = write_many(6, stay); // which nothing tells apart
  read_refused(s.path, NULL, "images 1 and 4 have the same InversionTime, 0.1 s");
  remove_tree(s.path);
}

static void differ_in_names_only(picture *p, int i)
{
  static const char *const types[] = {"ORIGINAL\\PRIMARY\\M\\A", "ORIGINAL\\PRIMARY\\M\\B"};
  p->type = types[i % 2];
}

static void names_alone_do_not_split_a_series(void **state)
{
  (void)state;
  sandbox s = write_many(3, differ_in_names_only);
  tt1_image *image = read_ok(s.path, NULL);
  assert_int_equal(tt1_image_n_images(image), 3);
  assert_null(tt1_image_assumption(image, 0));
  tt1_image_free(image);
  remove_tree(s.path);
}

static void be_phase_too(picture *p, int i)
{
  if (i % 2) p->type = "ORIGINAL\\PRIMARY\\P";
  p->ti = three[i / 2];
  p->slope = i % 2 ? "2" : NULL;
  p->intercept = i % 2 ? "-4096" : NULL;
  if (i % 2) p->stored = 1024 * (i / 2 + 1);
}

static void magnitude_and_phase_may_share_a_series(void **state)
{
  (void)state;
  static const float magnitudes[] = {10, 30, 50};
  sandbox s = write_many(6, be_phase_too);
  tt1_image *image = read_ok(s.path, NULL);
  check_voxels(image, magnitudes);
  assert_non_null(tt1_image_phase(image));
  for (int i = 0; i < 3; i++)
    assert_true(fabs((double)tt1_image_phase(image)[i * PIXELS] - 1.5707963 * (i - 1)) < 1e-5);
  tt1_image_free(image);
  remove_tree(s.path);
}

/* ---- Copies ---- */

static void copies_are_left_out_and_changed_ones_refused(void **state)
{
  (void)state;
  sandbox s = write_many(3, stay);
  picture p = make_picture(2, three[1]);
  p.stored = 20;
  write_picture(&s, "copy.dcm", &p);
  assert_int_equal(mkdir(inside(&s, "again"), 0700), 0);
  write_picture(&s, "again/01.dcm", &p);
  tt1_image *image = read_ok(s.path, NULL);
  check_voxels(image, (const float[]){10, 20, 30});
  check_assumed(image, "2 images are copies of others, to the byte, and left out");
  tt1_image_free(image);
  image = read_ok(inside(&s, "copy.dcm"), NULL); // stands for its series all the same
  check_assumed(image, "1 image is a copy of another, to the byte, and left out");
  tt1_image_free(image);
  p.stored = 21;
  write_picture(&s, "copy.dcm", &p);
  read_refused(
      s.path, NULL,
      "images 2 and 3 have the same InversionTime, 1.1 s, and one SOP instance UID: one is "
      "a changed copy");
  remove_tree(s.path);
}

/* ---- Two series of one acquisition ---- */

static void be_filtered_apart(picture *p, int i)
{
  p->uid = i < 3 ? "2.25.2" : "2.25.3";
  p->series = i < 3 ? 5 : 6;
  p->instance = i % 3 + 1;
  p->type = i < 3 ? "ORIGINAL\\PRIMARY\\M\\ND" : "ORIGINAL\\PRIMARY\\M\\NORM\\DIS2D";
}

static void filtered_and_unfiltered_are_both_candidates(void **state)
{
  (void)state;
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  sandbox s = write_many(6, be_filtered_apart);
  read_refused(s.path, NULL, "2 series can be fitted: 5 \"molli\", 6 \"molli\"; choose one with");
  options.series = "DIS2D";
  tt1_image *image = read_ok(s.path, &options);
  check_voxels(image, (const float[]){40, 50, 60});
  tt1_image_free(image);
  remove_tree(s.path);
}

/* ---- Numbers ---- */

static void have_no_numbers(picture *p, int i)
{
  static const char *const times[] = {"101113", "101112", "101114"};
  p->series = p->instance = 0;
  p->class_uid = "1.2.840.10008.5.1.4.1.1.7"; // Secondary Capture
  p->time = times[i];
}

static void have_equal_numbers(picture *p, int i)
{
  have_no_numbers(p, i);
  p->instance = 4;
}

static void have_random_numbers(picture *p, int i)
{
  p->instance = 900 - 411 * i; // no count of images
}

static void instance_numbers_may_be_absent_equal_or_random(void **state)
{
  (void)state;
  static const float by_time[] = {20, 10, 30}, by_number[] = {30, 20, 10};
  static const struct {
    void (*change)(picture *, int);
    const float *expected;
  } rows[] = {
      {have_no_numbers, by_time}, {have_equal_numbers, by_time}, {have_random_numbers, by_number}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    sandbox s = write_many(3, rows[i].change);
    tt1_image *image = read_ok(s.path, NULL);
    check_voxels(image, rows[i].expected);
    tt1_image_free(image);
    remove_tree(s.path);
  }
}

/* ---- Times ---- */

static void have_a_zero(picture *p, int i)
{
  if (i == 1) p->ti = "0";
}

static void a_time_of_zero_is_no_recovery(void **state)
{
  (void)state;
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  options.series = "5";
  sandbox s = write_many(3, have_a_zero);
  read_refused(s.path, NULL, "image 2 has an inversion time of 0, which often stands for none");
  tt1_image *image = read_ok(s.path, &options);
  check_assumed(image, "read because it was asked for, though image 2 has");
  tt1_image_free(image);
  remove_tree(s.path);
}

static void have_effective_times(picture *p, int i)
{
  static const char *const comments[] = {"TIeff 101 ms", "TIeff 1152.5 ms", "TIeff 180 ms"};
  p->comment = comments[i];
}

static void effective_times_that_differ_are_said(void **state)
{
  (void)state;
  sandbox s = write_many(3, have_effective_times);
  tt1_image *image = read_ok(s.path, NULL);
  assert_true(fabs(known(image, "InversionTime")->values[1] - 1.1) < 1e-12);
  check_assumed(image, "effective times (TIeff in the comments) are up to 52.5 ms off");
  tt1_image_free(image);
  remove_tree(s.path);
}

static void have_zero_echoes(picture *p, int i)
{
  (void)i;
  p->te = p->tr = p->flip = "0";
}

static void zero_echo_and_repetition_times_are_not_known(void **state)
{
  (void)state;
  sandbox s = write_many(3, have_zero_echoes);
  tt1_image *image = read_ok(s.path, NULL);
  assert_non_null(known(image, "InversionTime"));
  assert_null(known(image, "EchoTime"));
  assert_null(known(image, "RepetitionTime"));
  assert_null(known(image, "FlipAngle"));
  tt1_image_free(image);
  remove_tree(s.path);
}

/* ---- Pixels and places ---- */

static void be_palettes(picture *p, int i)
{
  if (i == 3) p->photometric = "PALETTE COLOR";
  if (i == 4) p->samples = 3;
  if (i == 5) p->photometric = "MONOCHROME1"; // shown the other way round: the values are the same
  if (i > 2) p->uid = i == 5 ? "2.25.8" : "2.25.7";
}

static void colours_are_no_values(void **state)
{
  (void)state;
  sandbox s = write_many(6, be_palettes);
  tt1_study *study = NULL;
  assert_int_equal(tt1_study_open(&study, s.path, NULL, NULL), TT1_OK);
  assert_int_equal(tt1_study_n_skipped(study), 2);
  assert_null(tt1_study_series_at(study, 2));
  assert_int_equal(tt1_study_choose(study, NULL), 0);
  tt1_study_free(study);
  remove_tree(s.path);
}

static void have_zero_spacing(picture *p, int i)
{
  (void)i;
  p->spacing = "0\\2";
}

static void have_negative_spacing(picture *p, int i)
{
  (void)i;
  p->spacing = "1.5\\-2";
}

static void have_crooked_axes(picture *p, int i)
{
  (void)i;
  p->orientation = "1\\0\\0\\0\\7\\0";
}

static void places_that_cannot_be_are_not_taken(void **state)
{
  (void)state;
  static void (*const changes[])(picture *, int) = {have_zero_spacing, have_negative_spacing,
                                                    have_crooked_axes};
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    sandbox s = write_many(3, changes[i]);
    tt1_image *image = read_ok(s.path, NULL);
    assert_int_equal(tt1_image_geometry(image)->sform_code, 0);
    for (int a = 0; a < 3; a++)
      assert_true(tt1_image_geometry(image)->spacing[a] > 0.0);
    check_assumed(image, "nothing tells where the images lie");
    tt1_image_free(image);
    remove_tree(s.path);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(series_under_one_uid_are_told_apart),
      cmocka_unit_test(names_alone_do_not_split_a_series),
      cmocka_unit_test(magnitude_and_phase_may_share_a_series),
      cmocka_unit_test(copies_are_left_out_and_changed_ones_refused),
      cmocka_unit_test(filtered_and_unfiltered_are_both_candidates),
      cmocka_unit_test(instance_numbers_may_be_absent_equal_or_random),
      cmocka_unit_test(a_time_of_zero_is_no_recovery),
      cmocka_unit_test(effective_times_that_differ_are_said),
      cmocka_unit_test(zero_echo_and_repetition_times_are_not_known),
      cmocka_unit_test(colours_are_no_values),
      cmocka_unit_test(places_that_cannot_be_are_not_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
