/* SPDX-License-Identifier: MIT
 * BIDS sets: whole, with gaps, mixed, and at odds with themselves. */
#include "bids/set.h"
#include "image_support.h"
#include "tt1_input.h"

#ifdef TT1_HAVE_JANSSON

/* One image of value `index`, with a sidecar unless `json` is NULL. */
static void add(const sandbox *s, const char *before, int index, const char *after,
                const char *json)
{
  char file[256];
  nifti n = nifti_make(1, 0, 16, 32, 3, 2, 1, 1);
  put_float(&n, n.offset, index, 4);
  snprintf(file, sizeof file, "%s%d%s.nii", before, index, after);
  write_bytes(inside(s, file), n.bytes, n.length);
  if (!json) return;
  snprintf(file, sizeof file, "%s%d%s.json", before, index, after);
  write_text(inside(s, file), json);
}

static sandbox four_times(void)
{
  static const char *const json[4] = {"{\"InversionTime\": 0.1, \"RepetitionTime\": 2}",
                                      "{\"InversionTime\": 0.9, \"RepetitionTime\": 2}",
                                      "{\"InversionTime\": 0.4, \"RepetitionTime\": 2}",
                                      "{\"InversionTime\": 3.0, \"RepetitionTime\": 2}"};
  sandbox s = sandbox_make();
  for (int i = 0; i < 4; i++)
    add(&s, "sub-1_inv-", i + 1, "_IRT1", json[i]);
  return s;
}

static void check_four_times(const char *path)
{
  tt1_image *image = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_image_read(&image, path, NULL, &err), TT1_OK);
  assert_int_equal(tt1_image_n_images(image), 4);
  assert_int_equal(tt1_image_n_voxels(image), 6);
  for (int i = 0; i < 4; i++)
    assert_true(tt1_image_data(image)[6 * i] == (float)(i + 1));
  const tt1_known_values *times = tt1_image_known(image, 0);
  assert_string_equal(times->name, "InversionTime");
  assert_int_equal(times->count, 4);
  assert_true(times->values[2] == 0.4 && times->values[3] == 3.0);
  assert_string_equal(tt1_image_known(image, 1)->name, "RepetitionTime");
  assert_int_equal(tt1_image_known(image, 1)->count, 1);
  assert_non_null(tt1_image_file(image, 7));
  assert_null(tt1_image_file(image, 8));
  tt1_image_free(image);
}

static void reads_a_whole_set(void **state)
{
  (void)state;
  sandbox s = four_times();
  write_text(inside(&s, "README"), "x");
  check_four_times(s.path);
  check_four_times(inside(&s, "sub-1_inv-3_IRT1.nii"));
  assert_int_equal(chdir(s.path), 0);
  check_four_times("sub-1_inv-1_IRT1.nii");
  check_four_times(".");
  assert_int_equal(chdir("/"), 0);
  remove_tree(s.path);
}

static void check_refusal(sandbox *s, const char *name, const char *sentence)
{
  tt1_image *image = NULL;
  tt1_error err = {0};
  assert_int_not_equal(tt1_image_read(&image, name ? inside(s, name) : s->path, NULL, &err),
                       TT1_OK);
  check_sentence(&err, TT1_BAD_FILE, sentence);
  assert_null(image);
  remove_tree(s->path);
}

static void refuses_gaps_and_doubles(void **state)
{
  (void)state;
  sandbox s = four_times();
  unlink(inside(&s, "sub-1_inv-2_IRT1.nii"));
  check_refusal(&s, NULL, "lacks image inv-2");
  s = four_times();
  unlink(inside(&s, "sub-1_inv-1_IRT1.nii"));
  check_refusal(&s, "sub-1_inv-2_IRT1.nii", "lacks image inv-1");
  s = four_times();
  add(&s, "sub-1_inv-0", 2, "_IRT1", NULL);
  check_refusal(&s, NULL, "holds image inv-2 twice");
}

static void refuses_other_sizes_and_places(void **state)
{
  (void)state;
  nifti n = nifti_make(1, 0, 16, 32, 2, 3, 1, 1);
  sandbox s = four_times();
  write_bytes(inside(&s, "sub-1_inv-3_IRT1.nii"), n.bytes, n.length);
  check_refusal(&s, NULL,
                "has 2 x 3 x 1 voxels, sub-1_inv-1_IRT1.nii of the same series has 3 x 2");
  n = nifti_make(1, 0, 16, 32, 3, 2, 1, 1);
  put_float(&n, 292, 40.0, 4);
  s = four_times();
  write_bytes(inside(&s, "sub-1_inv-3_IRT1.nii"), n.bytes, n.length);
  check_refusal(&s, NULL, "lies elsewhere in space");
  n = nifti_make(1, 0, 16, 32, 3, 2, 1, 2);
  s = four_times();
  write_bytes(inside(&s, "sub-1_inv-3_IRT1.nii"), n.bytes, n.length);
  unlink(inside(&s, "sub-1_inv-3_IRT1.json"));
  check_refusal(&s, NULL, "holds 2 images");
  s = four_times();
  write_bytes(inside(&s, "sub-1_inv-4_IRT1.nii"), n.bytes, 355);
  check_refusal(&s, NULL, "sub-1_inv-4_IRT1.nii is truncated");
}

static void refuses_a_missing_time(void **state)
{
  (void)state;
  sandbox s = four_times();
  unlink(inside(&s, "sub-1_inv-2_IRT1.json"));
  check_refusal(&s, NULL, "sub-1_inv-2_IRT1.nii has no \"InversionTime\"");
  s = four_times();
  write_text(inside(&s, "sub-1_inv-3_IRT1.json"), "{\"EchoTime\": 0.01}");
  check_refusal(&s, NULL, "sub-1_inv-3_IRT1.nii has no \"InversionTime\"");
}

static void puts_phases_beside_their_magnitudes(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  for (int i = 1; i <= 3; i++) {
    add(&s, "sub-1_inv-", i, "_part-mag_IRT1", "{\"InversionTime\": 1}");
    add(&s, "sub-1_inv-", i, "_part-phase_IRT1", "{\"InversionTime\": 1, \"Units\": \"rad\"}");
  }
  for (int k = 0; k < 2; k++) {
    tt1_image *image = NULL;
    const char *path = k ? s.path : inside(&s, "sub-1_inv-1_part-mag_IRT1.nii");
    assert_int_equal(tt1_image_read(&image, path, NULL, NULL), TT1_OK);
    assert_int_equal(tt1_image_n_images(image), 3);
    assert_non_null(tt1_image_phase(image));
    assert_true(tt1_image_phase(image)[6] == 2.0f);
    assert_non_null(strstr(tt1_image_file(image, 6), "phase"));
    tt1_image_free(image);
  }
  check_refusal(&s, "sub-1_inv-2_part-phase_IRT1.nii",
                "holds the phase of sub-1_inv-2_part-mag_IRT1.nii; give the path of that");
}

static void keeps_subjects_apart(void **state)
{
  (void)state;
  sandbox s = four_times();
  for (int i = 1; i <= 3; i++)
    add(&s, "sub-2_inv-", i, "_part-phase_IRT1", "{\"InversionTime\": 1}");
  check_refusal(&s, NULL, "more than one series");
}

static void leaves_phases_with_gaps_out(void **state)
{
  (void)state;
  sandbox s = four_times();
  add(&s, "sub-1_inv-", 3, "_part-phase_IRT1", NULL);
  tt1_image *image = NULL;
  assert_int_equal(tt1_image_read(&image, s.path, NULL, NULL), TT1_OK);
  assert_null(tt1_image_phase(image));
  assert_string_equal(tt1_image_assumption(image, 0),
                      "phases are left out: they are there for 1 of 4 images only");
  tt1_image_free(image);
  remove_tree(s.path);
}

static void reads_echoes_and_lone_files(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_image *image = NULL;
  for (int i = 1; i <= 12; i++)
    add(&s, "sub-1_echo-", i, "_MESE", i % 2 ? "{\"EchoTime\": 0.01}" : "{\"EchoTime\": 0.02}");
  assert_int_equal(tt1_image_read(&image, s.path, NULL, NULL), TT1_OK);
  assert_int_equal(tt1_image_n_images(image), 12);
  assert_true(tt1_image_data(image)[6 * 9] == 10.0f); // index 10 after 9, not after 1
  assert_int_equal(tt1_image_known(image, 0)->count, 12);
  tt1_image_free(image);
  remove_tree(s.path);
  s = sandbox_make();
  nifti n = nifti_series(2, 2, 3);
  write_bytes(inside(&s, "a_inv-1_MP2RAGE.nii"), n.bytes, n.length);
  assert_int_equal(tt1_image_read(&image, inside(&s, "a_inv-1_MP2RAGE.nii"), NULL, NULL), TT1_OK);
  assert_int_equal(tt1_image_n_images(image), 3);
  tt1_image_free(image);
  remove_tree(s.path);
}

static void refuses_an_empty_folder(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  check_refusal(&s, NULL, "a folder without DICOM or NIfTI images");
}

static void knows_the_names_of_sets(void **state)
{
  (void)state;
  assert_true(tt1__set_has("a/sub-1_inv-1_IRT1.nii.gz"));
  assert_true(tt1__set_has("sub-1_echo-12_part-mag_MESE.nii"));
  assert_false(tt1__set_has("sub-1_inv-_IRT1.nii"));
  assert_false(tt1__set_has("sub-1_inv-1.nii"));
  assert_false(tt1__set_has("sub-1_inv-1_IRT1.json"));
  assert_false(tt1__set_has("sub_inv-1_x/molli.nii"));
  assert_false(tt1__set_has("sub-1_inv-99999999999999999999_IRT1.nii"));
}

#endif

int main(void)
{
#ifdef TT1_HAVE_JANSSON
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_a_whole_set),
      cmocka_unit_test(refuses_gaps_and_doubles),
      cmocka_unit_test(refuses_other_sizes_and_places),
      cmocka_unit_test(refuses_a_missing_time),
      cmocka_unit_test(puts_phases_beside_their_magnitudes),
      cmocka_unit_test(keeps_subjects_apart),
      cmocka_unit_test(leaves_phases_with_gaps_out),
      cmocka_unit_test(reads_echoes_and_lone_files),
      cmocka_unit_test(refuses_an_empty_folder),
      cmocka_unit_test(knows_the_names_of_sets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
#else
  printf("skipped: this build has no jansson\n");
  return 0;
#endif
}
