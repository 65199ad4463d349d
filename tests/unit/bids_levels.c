/* SPDX-License-Identifier: MIT
 * Where a path lies in a dataset, and which sidecars of which level hold for an image. */
#include "bids_support.h"

#include "bids/levels.h"
#include "tt1_input.h"

#ifdef TT1_HAVE_JANSSON

static void check_place(const char *path, const char *root, const char *below)
{
  tt1__place place;
  assert_int_equal(tt1__place_find(&place, path, NULL), TT1_OK);
  if (!root) {
    if (place.root) fail_msg("%s is taken to lie in %s", path, place.root);
    return;
  }
  if (!place.root) fail_msg("%s is not found to lie in %s", path, root);
  assert_string_equal(place.root, root);
  assert_string_equal(place.inside, below);
  tt1__place_free(&place);
}

static void finds_the_dataset(void **state)
{
  (void)state;
  sandbox s = dataset_make();
  put_text(&s, "sub-01/ses-1/anat/x", "");
  put_text(&s, "derivatives/a/dataset_description.json", "{}");
  put_text(&s, "derivatives/a/sub-01/anat/x", "");
  check_place(s.path, s.path, "");
  check_place(inside(&s, "sub-01"), s.path, "sub-01");
  check_place(inside(&s, "sub-01/"), s.path, "sub-01");
  check_place(inside(&s, "sub-01/ses-1/anat/x.nii"), s.path, "sub-01/ses-1/anat/x.nii");
  check_place(inside(&s, "sub-01/../sub-01/./anat"), s.path, "sub-01/anat");
  check_place(inside(&s, "derivatives/a/sub-01/anat"), inside(&s, "derivatives/a"), "sub-01/anat");
  check_place(inside(&s, "derivatives"), NULL, NULL);
  check_place(inside(&s, "sub-01/X1/y"), NULL, NULL);
  check_place(inside(&s, "sub-01/anat/deep/er"), NULL, NULL);
  check_place(inside(&s, "sourcedata/sub-01"), NULL, NULL);
  check_place("/", NULL, NULL);
  assert_int_equal(chdir(s.path), 0);
  check_place(".", ".", "");
  check_place("sub-01/anat", ".", "sub-01/anat");
  check_place("./sub-01/anat", ".", "sub-01/anat");
  assert_int_equal(chdir("sub-01/ses-1/anat"), 0);
  check_place("x.nii", s.path, "sub-01/ses-1/anat/x.nii");
  check_place("..", s.path, "sub-01/ses-1");
  assert_int_equal(chdir("/"), 0);
  remove_tree(s.path);
}

/* A subject that is a link lies where its name is, not where it points. */
static void follows_names_not_links(void **state)
{
  (void)state;
  sandbox s = dataset_make(), other = sandbox_make();
  put_image(&other, "anat/sub-01_inv-1_IRT1.nii", 1, NULL);
  put_text(&s, "IRT1.json", "{\"InversionTime\": 0.5}");
  assert_int_equal(symlink(other.path, inside(&s, "sub-01")), 0);
  tt1_image *image = NULL;
  assert_int_equal(
      tt1_image_read(&image, inside(&s, "sub-01/anat/sub-01_inv-1_IRT1.nii"), NULL, NULL), TT1_OK);
  assert_true(tt1_image_find_known(image, "InversionTime")->values[0] == 0.5);
  tt1_image_free(image);
  unlink(inside(&s, "sub-01"));
  remove_tree(s.path);
  remove_tree(other.path);
}

static const double *value_of(const sandbox *s, const char *key, tt1_image **image)
{
  tt1_error err = {0};
  tt1_image_free(*image);
  *image = NULL;
  if (tt1_image_read(image, inside(s, "sub-01/ses-1/anat/sub-01_ses-1_acq-a_T1map.nii"), NULL,
                     &err))
    fail_msg("%s", err.message);
  const tt1_known_values *known = tt1_image_find_known(*image, key);
  return known ? known->values : NULL;
}

/* Each level adds, and the nearest of those that give a key wins. */
static void inherits_from_all_levels(void **state)
{
  (void)state;
  sandbox s = dataset_make();
  tt1_image *image = NULL;
  put_image(&s, "sub-01/ses-1/anat/sub-01_ses-1_acq-a_T1map.nii", 1, NULL);
  assert_null(value_of(&s, "EchoTime", &image));
  put_text(&s, "T1map.json",
           "{\"EchoTime\": 1, \"FlipAngle\": 1, \"RepetitionTime\": 1, "
           "\"MagneticFieldStrength\": 3}");
  assert_true(*value_of(&s, "EchoTime", &image) == 1.0);
  put_text(&s, "sub-01/sub-01_T1map.json", "{\"FlipAngle\": 2, \"RepetitionTime\": 2}");
  put_text(&s, "sub-01/ses-1/ses-1_T1map.json", "{\"RepetitionTime\": 3, \"Units\": \"ms\"}");
  assert_true(*value_of(&s, "EchoTime", &image) == 1.0);
  assert_true(*value_of(&s, "FlipAngle", &image) == 2.0);
  assert_true(*value_of(&s, "RepetitionTime", &image) == 3.0);
  assert_true(tt1_image_origin(image)->field_strength == 3.0);
  assert_string_equal(tt1_image_unit(image), "ms");
  put_text(&s, "sub-01/ses-1/anat/sub-01_ses-1_acq-a_T1map.json", "{\"RepetitionTime\": 4}");
  assert_true(*value_of(&s, "RepetitionTime", &image) == 4.0);
  assert_string_equal(tt1_image_find_known(image, "RepetitionTime")->source,
                      "sub-01_ses-1_acq-a_T1map.json");
  // What holds for others, or lies at no level of the image, does not count.
  put_text(&s, "T2map.json", "{\"SaturationTime\": 1}");
  put_text(&s, "acq-b_T1map.json", "{\"SaturationTime\": 1}");
  put_text(&s, "sub-01/ses-2/ses-2_T1map.json", "{\"SaturationTime\": 1}");
  put_text(&s, "sub-01/anat/sub-01_T1map.json", "{\"SaturationTime\": 1}");
  assert_null(value_of(&s, "SaturationTime", &image));
  tt1_image_free(image);
  remove_tree(s.path);
}

/* Two at one level: refused, unless one is of the image itself. */
static void one_sidecar_at_each_level(void **state)
{
  (void)state;
  sandbox s = dataset_make();
  tt1_image *image = NULL;
  tt1_error err = {0};
  const char *path = "sub-01/anat/sub-01_acq-a_T1map.nii";
  put_image(&s, path, 1, NULL);
  put_text(&s, "sub-01/anat/sub-01_T1map.json", "{\"EchoTime\": 1, \"FlipAngle\": 1}");
  put_text(&s, "sub-01/anat/acq-a_T1map.json", "{\"EchoTime\": 2}");
  assert_int_equal(tt1_image_read(&image, inside(&s, path), NULL, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE,
                 "holds two sidecars for sub-01_acq-a_T1map.nii, acq-a_T1map.json and "
                 "sub-01_T1map.json");
  put_text(&s, "sub-01/anat/sub-01_acq-a_T1map.json", "{\"EchoTime\": 3}");
  assert_int_equal(tt1_image_read(&image, inside(&s, path), NULL, &err), TT1_OK);
  assert_true(tt1_image_find_known(image, "EchoTime")->values[0] == 3.0);
  assert_null(tt1_image_find_known(image, "FlipAngle")); // that level has spoken
  tt1_image_free(image);
  remove_tree(s.path);
}

/* A damaged sidecar anywhere above is not passed over. */
static void refuses_damaged_sidecars(void **state)
{
  (void)state;
  sandbox s = dataset_make();
  tt1_image *image = NULL;
  tt1_error err = {0};
  const char *path = "sub-01/anat/sub-01_T1map.nii";
  put_image(&s, path, 1, "{\"EchoTime\": 0.1}");
  put_text(&s, "T1map.json", "{\"EchoTime\": ");
  assert_int_equal(tt1_image_read(&image, inside(&s, path), NULL, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, "/T1map.json is not valid JSON");
  unlink(inside(&s, "T1map.json"));
  assert_int_equal(mkfifo(inside(&s, "T1map.json"), 0700), 0);
  assert_int_equal(tt1_image_read(&image, inside(&s, path), NULL, &err), TT1_IO);
  check_sentence(&err, TT1_IO, "is not a regular file");
  assert_null(image);
  remove_tree(s.path);
}

/* Texts of acquisition are kept, one line each; a map's arrays of times are no fault. */
static void keeps_texts(void **state)
{
  (void)state;
  sandbox s = dataset_make();
  tt1_image *image = NULL;
  put_image(&s, "sub-01/anat/sub-01_T1map.nii", 1,
            "{\"ScanningSequence\": [\"GR\", \"IR\"], \"Manufacturer\": \"A\\nB\", "
            "\"PatientName\": \"x\", "
            "\"InversionTime\": [0.1, 0.2, 0.3]}");
  assert_int_equal(tt1_image_read(&image, inside(&s, "sub-01/anat/sub-01_T1map.nii"), NULL, NULL),
                   TT1_OK);
  assert_string_equal(tt1__image_find_text(image, "ScanningSequence"), "GR\\IR");
  assert_string_equal(tt1__image_find_text(image, "Manufacturer"), "A B");
  assert_null(tt1__image_find_text(image, "PatientName"));
  assert_null(tt1_image_find_known(image, "InversionTime"));
  assert_string_equal(tt1_image_text(image, 0)->key, "ScanningSequence");
  assert_null(tt1_image_text(image, 2));
  tt1_image_free(image);
  remove_tree(s.path);
}

#endif

int main(void)
{
#ifdef TT1_HAVE_JANSSON
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_the_dataset),        cmocka_unit_test(follows_names_not_links),
      cmocka_unit_test(inherits_from_all_levels), cmocka_unit_test(one_sidecar_at_each_level),
      cmocka_unit_test(refuses_damaged_sidecars), cmocka_unit_test(keeps_texts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
#else
  printf("skipped: this build has no jansson\n");
  return 0;
#endif
}
