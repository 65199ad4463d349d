/* SPDX-License-Identifier: MIT
 * Margins of the wall, and erosion, whichever axis runs from slice to slice. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "tt1_analysis.h"

enum { SIZE = 40, SLICES = 2, N = SIZE * SIZE * SLICES };

/* A ring of `thick` voxels about the middle of each slice, whose index runs along axis `across`. */
static tt1_geometry draw(uint8_t *mask, int across, double inside, double thick)
{
  tt1_geometry g = {.size = {SIZE, SIZE, SIZE}, .spacing = {1.5, 1.5, 1.5}};
  g.size[across] = SLICES;
  g.spacing[across] = 8.0;
  for (int64_t v = 0; v < N; v++) {
    const int64_t at[3] = {v % g.size[0], v / g.size[0] % g.size[1], v / g.size[0] / g.size[1]};
    double squares = 0.0;
    for (int axis = 0; axis < 3; axis++)
      if (axis != across) squares += pow((double)at[axis] - 19.5, 2.0);
    mask[v] = sqrt(squares) >= inside && sqrt(squares) < inside + thick;
  }
  return g;
}

static int count(const uint8_t *values)
{
  int n = 0;
  for (int v = 0; v < N; v++)
    n += values[v] != 0;
  return n;
}

/* How many voxels of a ring are left, and whether they lie where they should, in units of the radius. */
static int left_of(double thick, double in, double out, double from, double to, int across)
{
  static uint8_t mask[N], margin[N];
  const double shares[2] = {in, out};
  const tt1_geometry g = draw(mask, across, 8.0, thick);
  assert_int_equal(tt1_wall_margins(margin, mask, &g, shares, NULL), TT1_OK);
  for (int64_t v = 0; v < N; v++) {
    const int64_t at[3] = {v % g.size[0], v / g.size[0] % g.size[1], v / g.size[0] / g.size[1]};
    double squares = 0.0;
    for (int axis = 0; axis < 3; axis++)
      if (axis != across) squares += pow((double)at[axis] - 19.5, 2.0);
    if (margin[v]) assert_true(mask[v]);
    if (mask[v] && !margin[v]) assert_true(sqrt(squares) >= from && sqrt(squares) <= to);
  }
  return count(mask) - count(margin);
}

static void leaves_out_what_lies_in_the_margin(void **state)
{
  (void)state;
  for (int across = 0; across < 3; across++) {
    int all = left_of(4.0, 0.0, 0.0, 8.0, 12.0, across);
    // The outermost voxels of a wall of four lie in a margin of 10 % with 40 % of their width.
    int left = left_of(4.0, 0.1, 0.1, 8.7, 11.3, across);
    assert_true(left > all / 3 && left < 2 * all / 3);
    assert_int_equal(left_of(4.0, 0.05, 0.05, 8.0, 12.0, across), all); // with 20 %
    assert_true(left_of(4.0, 0.1, 0.0, 8.7, 12.0, across) > left);
    assert_true(left_of(4.0, 0.0, 0.1, 8.0, 11.3, across) > left);
    // The middle stays, however thin the wall, and however wide the margins.
    assert_true(left_of(1.5, 0.45, 0.45, 8.0, 9.5, across) > 0);
    assert_true(left_of(4.0, 0.45, 0.45, 8.7, 11.3, across) > 0);
  }
}

static void an_open_ring_has_no_margin(void **state)
{
  (void)state;
  static uint8_t mask[N], margin[N];
  const double shares[2] = {0.1, 0.1};
  const tt1_geometry g = draw(mask, 2, 8.0, 4.0);
  for (int64_t v = 0; v < N; v++)
    if (v / SIZE % SIZE == 19 && v % SIZE > 20) mask[v] = 0;
  memset(margin, 1, sizeof margin);
  assert_int_equal(tt1_wall_margins(margin, mask, &g, shares, NULL), TT1_OK);
  assert_int_equal(count(margin), 0);
}

static void refuses(void **state)
{
  (void)state;
  static uint8_t mask[N], margin[N];
  tt1_geometry g = draw(mask, 2, 8.0, 4.0);
  static const double bad[][2] = {{-0.1, 0.1}, {0.1, 0.46}, {(double)NAN, 0.1}};
  const double good[2] = {0.1, 0.1};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(tt1_wall_margins(margin, mask, &g, bad[i], NULL), TT1_BAD_ARGUMENT);
  assert_int_equal(tt1_wall_margins(NULL, mask, &g, good, NULL), TT1_BAD_ARGUMENT);
  int n = 1;
  for (tt1_status status = TT1_NO_MEMORY; status != TT1_OK; n++) {
    tt1__fail_allocation(n);
    status = tt1_wall_margins(margin, mask, &g, good, NULL);
    tt1__fail_allocation(0);
    assert_true(status == TT1_OK || status == TT1_NO_MEMORY);
  }
  assert_true(n > 4);
  g.size[0] = 0;
  assert_int_equal(tt1_wall_margins(margin, mask, &g, good, NULL), TT1_BAD_ARGUMENT);
}

/* Only in the plane of the slices, whichever it is: two slices alone would be gone along their own axis. */
static void erodes_in_the_plane_of_the_slices(void **state)
{
  (void)state;
  static uint8_t mask[N];
  int expected = 0;
  for (int across = 2; across >= 0; across--) {
    const tt1_geometry g = draw(mask, across, 8.0, 4.0);
    assert_int_equal(tt1_erode_slices(mask, &g, 1, NULL), TT1_OK);
    if (across == 2) expected = count(mask);
    assert_true(expected > 100);
    assert_int_equal(count(mask), expected);
    assert_int_equal(tt1_erode_slices(mask, &g, 65, NULL), TT1_BAD_ARGUMENT);
    assert_int_equal(tt1_erode_slices(mask, &g, 0, NULL), TT1_OK);
    assert_int_equal(count(mask), expected);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(leaves_out_what_lies_in_the_margin),
      cmocka_unit_test(an_open_ring_has_no_margin),
      cmocka_unit_test(refuses),
      cmocka_unit_test(erodes_in_the_plane_of_the_slices),
  };
  return cmocka_run_group_tests_name("wall", tests, NULL, NULL);
}
