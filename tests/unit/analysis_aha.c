/* SPDX-License-Identifier: MIT
 * Segments of the left ventricle: where they must lie in a known ring, and that
 * turning or mirroring the image moves them with it. */
#include "analysis_support.h"

enum { SIDE = 48, AREA = SIDE * SIDE };

/* A turn by quarters, then perhaps a mirror: what happens to i, j. */
typedef struct turned {
  int quarters, is_mirrored;
} turned;

static void turn(const turned *t, const double from[2], double to[2])
{
  double x = from[0], y = from[1];
  for (int q = 0; q < t->quarters; q++) {
    double kept = x;
    x = SIDE - 1 - y;
    y = kept;
  }
  to[0] = t->is_mirrored ? SIDE - 1 - x : x;
  to[1] = y;
}

static const tt1_aha_slice upright = {TT1_LEVEL_BASAL, {14.2, 12.1}, {13.3, 33.6}};

/* A ring that is thicker on one side, as no symmetry may hide a mistake. */
static int is_wall(double i, double j)
{
  double x = i - 24.3, y = j - 22.9, u = i - 25.4, w = j - 23.2;
  return x * x + y * y <= 15.2 * 15.2 && u * u + w * w >= 8.7 * 8.7;
}

static void draw(uint8_t *mask, const turned *t)
{
  memset(mask, 0, AREA);
  for (int v = 0; v < AREA; v++) {
    const double from[2] = {v % SIDE, v / SIDE};
    double to[2];
    turn(t, from, to);
    mask[(int)to[0] + SIDE * (int)to[1]] = (uint8_t)is_wall(from[0], from[1]);
  }
}

static tt1_geometry square(void)
{
  return (tt1_geometry){.size = {SIDE, SIDE, 1}, .spacing = {1.5, 1.5, 8.0}};
}

static void segment(int32_t *segments, uint8_t *septum, const turned *t, tt1_level level)
{
  uint8_t mask[AREA];
  const tt1_geometry geometry = square();
  tt1_aha_slice slice = {.level = level};
  tt1_error err = {0};
  draw(mask, t);
  turn(t, upright.anterior, slice.anterior);
  turn(t, upright.inferior, slice.inferior);
  memset(segments, 0x55, AREA * sizeof *segments);
  assert_int_equal(tt1_aha_segments(segments, septum, mask, &geometry, &slice, &err), TT1_OK);
  for (int v = 0; v < AREA; v++)
    assert_int_equal(segments[v] != 0, mask[v]);
}

static int at(const int32_t *segments, int i, int j)
{
  return segments[i + SIDE * j];
}

/* The septum is on the left, anterior at the top (j is small there), as radiologists look. */
static void lie_where_they_must(void **state)
{
  (void)state;
  static int32_t segments[AREA];
  static uint8_t septum[AREA];
  const turned none = {0, 0};
  segment(segments, septum, &none, TT1_LEVEL_BASAL);
  // Anterior insertion at the upper left: sectors run down the left side.
  assert_int_equal(at(segments, 12, 18), 2);
  assert_int_equal(at(segments, 12, 28), 3);
  assert_int_equal(at(segments, 22, 36), 4);
  assert_int_equal(at(segments, 34, 32), 5);
  assert_int_equal(at(segments, 36, 17), 6);
  assert_int_equal(at(segments, 24, 10), 1);
  assert_int_equal(septum[13 + SIDE * 23], 1);
  assert_int_equal(septum[10 + SIDE * 23], 0); // at the edge
  assert_int_equal(septum[36 + SIDE * 23], 0);
  segment(segments, septum, &none, TT1_LEVEL_MID);
  assert_int_equal(at(segments, 12, 18), 8);
  assert_int_equal(at(segments, 24, 10), 7);
  segment(segments, septum, &none, TT1_LEVEL_APICAL);
  assert_int_equal(at(segments, 12, 23), 14);
  assert_int_equal(at(segments, 24, 10), 13);
  assert_int_equal(at(segments, 24, 36), 15);
  assert_int_equal(at(segments, 37, 23), 16);
  for (int v = 0; v < AREA; v++)
    assert_int_equal(septum[v], 0);
}

static void turn_with_the_image(void **state)
{
  (void)state;
  static int32_t expected[AREA], segments[AREA];
  static uint8_t septum[2][AREA];
  const turned none = {0, 0};
  for (int level = TT1_LEVEL_BASAL; level <= TT1_LEVEL_APICAL; level++)
    for (int q = 0; q < 8; q++) {
      const turned t = {q % 4, q / 4};
      segment(expected, septum[0], &none, (tt1_level)level);
      segment(segments, septum[1], &t, (tt1_level)level);
      for (int v = 0; v < AREA; v++) {
        const double from[2] = {v % SIDE, v / SIDE};
        double to[2];
        turn(&t, from, to);
        int there = (int)to[0] + SIDE * (int)to[1];
        assert_int_equal(segments[there], expected[v]);
        assert_int_equal(septum[1][there], septum[0][v]);
      }
    }
}

/* Sectors are equal in mm, also where voxels are not square: a circle has 1/6 in each. */
static void are_equal_in_millimetres(void **state)
{
  (void)state;
  enum { WIDE = 120, HIGH = 60 };
  static uint8_t mask[WIDE * HIGH];
  static int32_t segments[WIDE * HIGH];
  const tt1_geometry geometry = {.size = {WIDE, HIGH, 1}, .spacing = {1.0, 2.0, 8.0}};
  const tt1_aha_slice slice = {TT1_LEVEL_BASAL, {40.3, 15.0}, {40.3, 45.0}};
  int counts[7] = {0}, n = 0;
  for (int v = 0; v < WIDE * HIGH; v++) {
    double x = v % WIDE - 59.6, y = 2.0 * (v / WIDE - 29.7), r = sqrt(x * x + y * y);
    mask[v] = r > 30.0 && r < 50.0;
    n += mask[v];
  }
  assert_int_equal(tt1_aha_segments(segments, NULL, mask, &geometry, &slice, NULL), TT1_OK);
  for (int v = 0; v < WIDE * HIGH; v++)
    counts[segments[v]]++;
  for (int s = 1; s <= 6; s++)
    assert_near(6.0 * counts[s] / n, 1.0, 0.02);
}

static void refuse(const uint8_t *mask, const tt1_geometry *geometry, const tt1_aha_slice *slice,
                   const char *sentence)
{
  static int32_t segments[AREA];
  tt1_error err = {0};
  assert_int_equal(tt1_aha_segments(segments, NULL, mask, geometry, slice, &err), TT1_BAD_ARGUMENT);
  if (!strstr(err.message, sentence)) fail_msg("'%s' lacks '%s'", err.message, sentence);
}

static void refuses(void **state)
{
  (void)state;
  static uint8_t mask[AREA];
  const turned none = {0, 0};
  tt1_geometry geometry = square();
  draw(mask, &none);
  tt1_aha_slice slice = upright;
  slice.inferior[0] = slice.anterior[0];
  slice.inferior[1] = slice.anterior[1];
  refuse(mask, &geometry, &slice, "0 degrees apart");
  slice.inferior[0] = (double)NAN;
  refuse(mask, &geometry, &slice, "inferior insertion point of slice 0");
  slice = upright;
  slice.anterior[1] = -1.0;
  refuse(mask, &geometry, &slice, "anterior insertion point of slice 0");
  slice = upright;
  slice.level = (tt1_level)9;
  refuse(mask, &geometry, &slice, "level 9");
  geometry.spacing[1] = 0.0;
  refuse(mask, &geometry, &upright, "1.5 x 0 mm");
  geometry = square();
  for (int i = 0; i < 24; i++)
    mask[i + SIDE * 23] = 0; // a cut through the septum
  refuse(mask, &geometry, &upright, "no closed ring");
  memset(mask, 0, sizeof mask);
  refuse(mask, &geometry, &upright, "no closed ring");
  memset(mask, 1, sizeof mask);
  refuse(mask, &geometry, &upright, "no closed ring");
}

static void names(void **state)
{
  (void)state;
  assert_string_equal(tt1_segment_name(1), "basal anterior");
  assert_string_equal(tt1_segment_name(9), "mid inferoseptal");
  assert_string_equal(tt1_segment_name(16), "apical lateral");
  assert_null(tt1_segment_name(0));
  assert_null(tt1_segment_name(17));
  assert_string_equal(tt1_level_name(TT1_LEVEL_APICAL), "apical");
  assert_null(tt1_level_name((tt1_level)4));
}

static void no_memory(void **state)
{
  (void)state;
  static int32_t segments[AREA];
  static uint8_t mask[AREA], septum[AREA];
  const turned none = {0, 0};
  const tt1_geometry geometry = square();
  tt1_status status = TT1_NO_MEMORY;
  draw(mask, &none);
  for (long nth = 1; status != TT1_OK; nth++) {
    tt1__fail_allocation(nth);
    status = tt1_aha_segments(segments, septum, mask, &geometry, &upright, NULL);
    tt1__fail_allocation(0);
    assert_true(status == TT1_OK || status == TT1_NO_MEMORY);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lie_where_they_must),
      cmocka_unit_test(turn_with_the_image),
      cmocka_unit_test(are_equal_in_millimetres),
      cmocka_unit_test(refuses),
      cmocka_unit_test(names),
      cmocka_unit_test(no_memory),
  };
  return cmocka_run_group_tests_name("aha", tests, NULL, NULL);
}
