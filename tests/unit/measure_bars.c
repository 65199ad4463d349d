/* SPDX-License-Identifier: MIT
 * Colour bars in maps: found at each border, and not where there is none. */
#include "image_support.h"

#include <math.h>

#include "measure/bars.h"

enum { NX = 64, NY = 80, NZ = 2 };

static const int64_t size[3] = {NX, NY, NZ};

/* Something like tissue: smooth, and no two neighbours alike. */
static void fill(float *map)
{
  for (int v = 0; v < NX * NY * NZ; v++)
    map[v] = 1000.0f + 100.0f * sinf(0.13f * (float)(v % NX)) + (float)(v * 7919 % 31);
}

/* A bar from column `i` to `i + 5`, rows 20 to 70, in steps of `step` rows; or with rows and columns exchanged. */
static void put_bar(float *map, int axis, int i, int step)
{
  for (int across = i; across < i + 6; across++)
    for (int along = 10; along < 55; along++)
      map[axis == 0 ? along * NX + across : across * NX + along] =
          2000.0f - 40.0f * (float)(along / step);
}

static void finds_bars_at_borders(void **state)
{
  (void)state;
  static float map[NX * NY * NZ];
  tt1__bar bars[4];
  static const struct {
    int axis, at, from, to;
  } rows[] = {{0, 2, 0, 7}, {0, 56, 56, 63}, {1, 3, 0, 8}, {1, 72, 72, 79}};
  for (size_t r = 0; r < 4; r++) {
    fill(map);
    put_bar(map, rows[r].axis, rows[r].at, 2);
    assert_int_equal(tt1__find_bars(bars, 4, map, size), 1);
    assert_int_equal(bars[0].axis, rows[r].axis);
    assert_int_equal(bars[0].from, rows[r].from);
    assert_int_equal(bars[0].to, rows[r].to);
  }
}

static void finds_none_where_there_is_none(void **state)
{
  (void)state;
  static float map[NX * NY * NZ];
  tt1__bar bars[4];
  fill(map);
  assert_int_equal(tt1__find_bars(bars, 4, map, size), 0);
  put_bar(map, 0, 30, 2); // in the middle
  assert_int_equal(tt1__find_bars(bars, 4, map, size), 0);
  fill(map);
  put_bar(map, 0, 2, 9); // five steps: a few regions
  assert_int_equal(tt1__find_bars(bars, 4, map, size), 0);
  for (int v = 0; v < NX * NY * NZ; v++) // a ramp as a whole; nothing; no number
    map[v] = (float)(v / NX % NY + 1);
  assert_int_equal(tt1__find_bars(bars, 4, map, size), 0);
  for (int v = 0; v < NX * NY * NZ; v++)
    map[v] = v % 2 ? 0.0f : NAN;
  assert_int_equal(tt1__find_bars(bars, 4, map, size), 0);
  static const int64_t tiny[3] = {1, 1, 1};
  assert_int_equal(tt1__find_bars(bars, 4, map, tiny), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_bars_at_borders),
      cmocka_unit_test(finds_none_where_there_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
