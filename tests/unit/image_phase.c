/* SPDX-License-Identifier: MIT
 * Signs from phase: the grey zone, wrapped phases, the choice of the reference,
 * and what phase cannot tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "tt1_image.h"

static const double TURN = 6.283185307179586;

/* The sign of one image against a reference of phase `from` that recovered longer; a third image,
 * opposite to the reference, lets all-positive be told from all-negative. */
static int sign_at(double from, double difference)
{
  double here = from + difference, opposite = from + TURN / 2;
  float phase[3] = {(float)remainder(here, TURN), (float)from, (float)remainder(opposite, TURN)};
  double times[3] = {0.5, 3, 0.1};
  int8_t signs[3];
  assert_int_equal(tt1_phase_signs(signs, phase, times, 3, 1, 0, NULL), TT1_OK);
  assert_int_equal(signs[1], 1);
  assert_int_equal(signs[2], -1);
  return signs[0];
}

static void a_quarter_turn_around_is_known_the_rest_is_open(void **state)
{
  (void)state;
  for (int degrees = -179; degrees <= 180; degrees++) {
    int size = degrees < 0 ? -degrees : degrees;
    if (size == 45 || size == 135) continue; // the border itself is rounded
    int expected = size < 45 ? 1 : size > 135 ? -1 : 0;
    for (int from = -180; from <= 180; from += 30)
      assert_int_equal(sign_at(from * TURN / 360, degrees * TURN / 360), expected);
  }
}

static void the_longest_time_is_the_reference(void **state)
{
  float phase[3] = {0, 3.1f, 0.2f};
  double times[3] = {0.1, 4, 0.2};
  int8_t signs[3];
  (void)state;
  assert_int_equal(tt1_phase_signs(signs, phase, times, 3, 1, 0, NULL), TT1_OK);
  assert_int_equal(signs[0], -1);
  assert_int_equal(signs[1], 1);
  assert_int_equal(signs[2], -1);
}

static void one_phase_throughout_tells_nothing(void **state)
{
  float phase[4] = {1, 2, 1, 2.5f}; // [2 images][2 voxels]
  double times[2] = {0.1, 2};
  int8_t signs[4];
  (void)state;
  assert_int_equal(tt1_phase_signs(signs, phase, times, 2, 2, 0, NULL), TT1_OK);
  for (int i = 0; i < 4; i++)
    assert_int_equal(signs[i], 0);
}

static void what_is_no_phase_is_open(void **state)
{
  float phase[4] = {NAN, 0, 4096, 3.1f};
  double times[4] = {0.1, 4, 0.2, 0.3};
  int8_t signs[4];
  (void)state;
  assert_int_equal(tt1_phase_signs(signs, phase, times, 4, 1, 0, NULL), TT1_OK);
  assert_int_equal(signs[0], 0);
  assert_int_equal(signs[1], 1);
  assert_int_equal(signs[2], 0);
  assert_int_equal(signs[3], -1);
  phase[1] = NAN; // the reference
  assert_int_equal(tt1_phase_signs(signs, phase, times, 4, 1, 0, NULL), TT1_OK);
  for (int i = 0; i < 4; i++)
    assert_int_equal(signs[i], 0);
  assert_int_equal(tt1_phase_signs(signs, phase, times, 0, 1, 0, NULL), TT1_BAD_ARGUMENT);
}

static void a_slice_is_told_where_it_lies(void **state)
{
  float phase[6] = {9, 0, 1, 9, 3.1f, 1}; // [2 images][3 voxels], the last two are the slice
  double times[2] = {0.1, 2};
  int8_t signs[6] = {7, 7, 7, 7, 7, 7};
  static const int8_t expected[6] = {7, -1, 0, 7, 1, 0};
  (void)state;
  assert_int_equal(tt1_phase_signs(signs + 1, phase + 1, times, 2, 2, 3, NULL), TT1_OK);
  assert_memory_equal(signs, expected, 6);
  assert_int_equal(tt1_phase_signs(signs, phase, times, 2, 3, 2, NULL), TT1_BAD_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quarter_turn_around_is_known_the_rest_is_open),
      cmocka_unit_test(the_longest_time_is_the_reference),
      cmocka_unit_test(one_phase_throughout_tells_nothing),
      cmocka_unit_test(what_is_no_phase_is_open),
      cmocka_unit_test(a_slice_is_told_where_it_lies),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
