/* SPDX-License-Identifier: MIT
 * Colour maps: their ends as published, and values outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "tt1_report.h"

static void check(tt1_colours colours, double fraction, int red, int green, int blue)
{
  uint8_t rgb[3] = {1, 2, 3};
  tt1_colour(colours, fraction, rgb);
  assert_int_equal(rgb[0], red);
  assert_int_equal(rgb[1], green);
  assert_int_equal(rgb[2], blue);
}

static void ends_are_those_published(void **state)
{
  (void)state;
  check(TT1_COLOURS_LIPARI, 0.0, 3, 19, 38);
  check(TT1_COLOURS_LIPARI, 1.0, 253, 245, 218);
  check(TT1_COLOURS_NAVIA, 0.0, 3, 19, 39);
  check(TT1_COLOURS_NAVIA, 1.0, 252, 244, 217);
  check(TT1_COLOURS_GREY, 0.0, 0, 0, 0);
  check(TT1_COLOURS_GREY, 0.5, 128, 128, 128);
  check(TT1_COLOURS_GREY, 1.0, 255, 255, 255);
}

static void values_outside_are_clamped(void **state)
{
  (void)state;
  check(TT1_COLOURS_LIPARI, -1e300, 3, 19, 38);
  check(TT1_COLOURS_LIPARI, (double)INFINITY, 253, 245, 218);
  check(TT1_COLOURS_NAVIA, 7.0, 252, 244, 217);
}

static void no_value_looks_like_none(void **state)
{
  (void)state;
  for (int map = TT1_COLOURS_GREY; map <= TT1_COLOURS_DIFFERENCE; map++) {
    uint8_t none[3], rgb[3];
    tt1_colour((tt1_colours)map, (double)NAN, none);
    for (int i = 0; i < 256; i++) {
      int far = 0;
      tt1_colour((tt1_colours)map, i / 255.0, rgb);
      for (int c = 0; c < 3; c++)
        far += abs(rgb[c] - none[c]);
      assert_true(far >= 60);
    }
  }
}

static void check_window(const char *map, double field, int is_contrast, double to)
{
  double window[2] = {-1.0, -1.0};
  assert_int_equal(tt1_usual_window(window, map, field, is_contrast), to > 0.0);
  assert_true(fabs(window[0] - (to > 0.0 ? 0.0 : -1.0)) < 1e-12);
  assert_true(fabs(window[1] - (to > 0.0 ? to : -1.0)) < 1e-12);
}

static void windows_follow_quantity_field_and_contrast(void **state)
{
  (void)state;
  check_window("T1map", 1.5, 0, 2000.0);
  check_window("T1map", 0.0, 0, 2000.0);
  check_window("T1", 2.89, 0, 2500.0);
  check_window("T1map", 3.0, 1, 1000.0);
  check_window("T2map", 1.5, 0, 150.0);
  check_window("T2starmap", 3.0, 0, 60.0);
  check_window("T1rho", 3.0, 0, 120.0);
  check_window("T1s", 1.5, 0, 0.0);
  check_window("T1map_sd", 1.5, 0, 0.0);
  check_window("T1map", 7.0, 0, 0.0);
  check_window("k", 1.5, 0, 0.0);
}

// Both maps become lighter from end to end: that is what they were chosen for.
static void lightness_rises(void **state)
{
  (void)state;
  for (int map = TT1_COLOURS_LIPARI; map <= TT1_COLOURS_NAVIA; map++) {
    double before = -1.0;
    for (int i = 0; i < 256; i += 5) {
      uint8_t rgb[3];
      tt1_colour((tt1_colours)map, i / 255.0, rgb);
      double lightness = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
      assert_true(lightness > before);
      before = lightness;
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ends_are_those_published),
      cmocka_unit_test(values_outside_are_clamped),
      cmocka_unit_test(no_value_looks_like_none),
      cmocka_unit_test(windows_follow_quantity_field_and_contrast),
      cmocka_unit_test(lightness_rises),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
