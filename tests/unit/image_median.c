/* SPDX-License-Identifier: MIT
 * The median filter: medians by hand, edges, voxels without a number, planes
 * that do not mix, and widths that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "tt1_image.h"

static void check(const float *expected, const float *map, int64_t nx, int64_t ny, int64_t nz,
                  int width)
{
  float out[32];
  const int64_t size[3] = {nx, ny, nz};
  assert_int_equal(tt1_median_filter(out, map, size, width, NULL), TT1_OK);
  for (int v = 0; v < nx * ny * nz; v++) {
    int is_same = out[v] <= expected[v] && out[v] >= expected[v];
    if (!is_same && !(isnan(out[v]) && isnan(expected[v])))
      fail_msg("voxel %d: %g, expected %g", v, (double)out[v], (double)expected[v]);
  }
}

static void medians_by_hand(void **state)
{
  static const float MAP[9] = {1, 2, 3, 4, 100, 6, 7, 8, 9};
  static const float BY_3[9] = {3, 3.5f, 4.5f, 5.5f, 6, 7, 7.5f, 7.5f, 8.5f};
  static const float BY_5[9] = {6, 6, 6, 6, 6, 6, 6, 6, 6};
  (void)state;
  check(BY_3, MAP, 3, 3, 1, 3);
  check(BY_5, MAP, 3, 3, 1, 5);
  check(MAP, MAP, 3, 3, 1, 1);
}

static void voxels_without_a_number_stay_and_do_not_count(void **state)
{
  const float none = (float)NAN, more = (float)INFINITY;
  const float MAP[6] = {1, none, 3, none, 5, more}, EXPECTED[6] = {3, none, 4, none, 3, more};
  const float EMPTY[3] = {none, none, none}, ALONE[3] = {none, 7, none};
  (void)state;
  check(EXPECTED, MAP, 3, 2, 1, 3);
  check(EMPTY, EMPTY, 3, 1, 1, 7);
  check(ALONE, ALONE, 3, 1, 1, 3);
}

static void planes_do_not_mix(void **state)
{
  static const float MAP[8] = {1, 1, 1, 1, 9, 9, 9, 9}, LINE[3] = {1, 9, 2};
  (void)state;
  check(MAP, MAP, 2, 2, 2, 3);
  check(LINE, LINE, 1, 1, 3, 7);
}

static void what_cannot_be_is_refused(void **state)
{
  static const int WIDTHS[] = {-3, 0, 2, 4, 9};
  const int64_t size[3] = {1, 1, 1}, negative[3] = {1, -1, 1};
  float map[1] = {1}, out[1];
  tt1_error err;
  (void)state;
  for (size_t i = 0; i < sizeof WIDTHS / sizeof *WIDTHS; i++) {
    assert_int_equal(tt1_median_filter(out, map, size, WIDTHS[i], &err), TT1_BAD_ARGUMENT);
    assert_non_null(strstr(err.message, "1, 3, 5 or 7 voxels wide"));
  }
  assert_int_equal(tt1_median_filter(out, map, negative, 3, &err), TT1_BAD_ARGUMENT);
  assert_non_null(strstr(err.message, "-1 voxels"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(medians_by_hand),
      cmocka_unit_test(voxels_without_a_number_stay_and_do_not_count),
      cmocka_unit_test(planes_do_not_mix),
      cmocka_unit_test(what_cannot_be_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
