/* SPDX-License-Identifier: MIT
 * Where a map lies and what its unit is: what a comparison of two needs. */
#include "image_support.h"
#include "tt1_input.h"

#include <math.h>

static tt1_geometry grid(void)
{
  tt1_geometry g = {.size = {11, 6, 1}, .spacing = {2.0, 3.0, 8.0}, .qfac = 1.0};
  return g;
}

static void check_distance(const tt1_geometry *a, const tt1_geometry *b, double expected)
{
  assert_true(fabs(tt1_geometry_distance(a, b) - expected) < 1e-9);
  assert_true(fabs(tt1_geometry_distance(b, a) - expected) < 1e-9);
}

static void distance_between_grids(void **state)
{
  (void)state;
  tt1_geometry a = grid(), b = grid();
  assert_true(isnan(tt1_geometry_distance(&a, &b))); // neither tells where it is
  a.qform_code = 1;
  assert_true(isnan(tt1_geometry_distance(&a, &b)));
  b.qform_code = 2;
  check_distance(&a, &b, 0.0);
  b.qoffset[0] = 3.0;
  b.qoffset[1] = -4.0;
  check_distance(&a, &b, 5.0);
  b = a;
  b.spacing[0] = 2.5; // ten voxels on, half a millimetre each
  check_distance(&a, &b, 5.0);
  b = a;
  b.quatern[2] = 1.0; // half a turn about k: the far corner goes to the other side
  check_distance(&a, &b, 2.0 * sqrt(20.0 * 20.0 + 15.0 * 15.0));
}

static void sform_goes_before_qform(void **state)
{
  (void)state;
  tt1_geometry a = grid(), b = grid();
  a.qform_code = 1;
  b.sform_code = 1;
  for (int i = 0; i < 3; i++)
    b.srow[i][i] = b.spacing[i];
  b.qform_code = 1;
  b.qoffset[0] = 100.0; // not looked at
  check_distance(&a, &b, 0.0);
  b.srow[1][3] = 0.25;
  check_distance(&a, &b, 0.25);
  a.size[2] = b.size[2] = 3;
  a.qfac = -1.0;
  b.srow[1][3] = 0.0;
  check_distance(&a, &b, 32.0); // slices run the other way
}

static void unit_in_header(const char *description, const char *expected)
{
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_image *image = NULL;
  tt1_geometry g = grid();
  static const float map[66];
  assert_int_equal(tt1_folder_open(&folder, s.path, NULL), TT1_OK);
  assert_int_equal(
      tt1_folder_write_image(folder, "m.nii", &g, 1, TT1_FLOAT32, map, description, NULL), TT1_OK);
  assert_int_equal(tt1_folder_commit(folder, NULL), TT1_OK);
  tt1_folder_free(folder);
  assert_int_equal(tt1_image_read(&image, inside(&s, "m.nii"), NULL, NULL), TT1_OK);
  const char *unit = tt1_image_unit(image);
  assert_int_equal(unit != NULL, expected != NULL);
  if (expected) assert_string_equal(unit, expected);
  tt1_image_free(image);
  remove_tree(s.path);
}

static void units_are_read_back(void **state)
{
  (void)state;
  unit_in_header("longitudinal relaxation time (s)", "s");
  unit_in_header("signal at full recovery (1)", "1");
  unit_in_header("(x) of (y) (1/s)", "1/s");
  unit_in_header(NULL, NULL);
  unit_in_header("a map", NULL);
  unit_in_header("a map (s) of mine", NULL);
  unit_in_header("a map (s,ms)", NULL);
  unit_in_header("a map (=1+1)", NULL);
  unit_in_header("a map (s\nx)", NULL);
  unit_in_header("a map (\xFFs)", NULL);
  unit_in_header("a map (\xC2\xB5s)", "\xC2\xB5s");
  unit_in_header("a map (not a unit but a remark which is long)", NULL);
  unit_in_header("a map ()", NULL);
  unit_in_header("a map )(", NULL);
  unit_in_header("0123456789012345678901234567890123456789012345678901234567890123456789012345(s)",
                 "s");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distance_between_grids),
      cmocka_unit_test(sform_goes_before_qform),
      cmocka_unit_test(units_are_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
