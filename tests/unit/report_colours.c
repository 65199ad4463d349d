/* SPDX-License-Identifier: MIT
 * Colour maps: their ends as published, and values outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

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

static void values_outside_are_clamped_and_nan_is_black(void **state)
{
  (void)state;
  check(TT1_COLOURS_LIPARI, -1e300, 3, 19, 38);
  check(TT1_COLOURS_LIPARI, (double)INFINITY, 253, 245, 218);
  check(TT1_COLOURS_NAVIA, 7.0, 252, 244, 217);
  check(TT1_COLOURS_LIPARI, (double)NAN, 0, 0, 0);
  check(TT1_COLOURS_GREY, (double)NAN, 0, 0, 0);
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
      cmocka_unit_test(values_outside_are_clamped_and_nan_is_black),
      cmocka_unit_test(lightness_rises),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
