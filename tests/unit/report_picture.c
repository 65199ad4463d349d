/* SPDX-License-Identifier: MIT
 * Pictures, read back with cairo: the right colour at the right place. */
#include "image_support.h"

#include "tt1_report.h"

#ifdef TT1_HAVE_CAIRO
#  include <cairo.h>

static tt1_geometry grid(int64_t nx, int64_t ny, int64_t nz)
{
  tt1_geometry g = {.size = {nx, ny, nz}, .spacing = {1.0, 1.0, 1.0}, .qfac = 1.0};
  return g;
}

static tt1_picture picture_of(const float *map, const tt1_geometry *g, double scale, double to,
                              tt1_colours colours, const char *title, const char *unit)
{
  return (tt1_picture){.map = map,
                       .geometry = g,
                       .scale = scale,
                       .to = to,
                       .colours = colours,
                       .title = title,
                       .unit = unit};
}

static cairo_surface_t *draw(const tt1_picture *picture)
{
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_folder_open(&folder, s.path, &err), TT1_OK);
  tt1_status status = tt1_folder_write_picture(folder, "T1map.png", picture, &err);
  if (status != TT1_OK) print_error("%s\n", err.message);
  assert_int_equal(status, TT1_OK);
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
  tt1_folder_free(folder);
  cairo_surface_t *surface = cairo_image_surface_create_from_png(inside(&s, "T1map.png"));
  assert_int_equal(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
  remove_tree(s.path);
  return surface;
}

static uint32_t pixel(cairo_surface_t *surface, int x, int y)
{
  uint32_t colour;
  const unsigned char *data = cairo_image_surface_get_data(surface);
  assert_true(x < cairo_image_surface_get_width(surface));
  assert_true(y < cairo_image_surface_get_height(surface));
  memcpy(&colour, data + y * cairo_image_surface_get_stride(surface) + 4 * x, 4);
  return colour & 0xFFFFFF;
}

static uint32_t lipari(double fraction)
{
  uint8_t rgb[3];
  tt1_colour(TT1_COLOURS_LIPARI, fraction, rgb);
  return (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
}

enum { SIDE = 1000, FONT = 33, TOP = 80 }; // of small square maps: a thirtieth, 2.4 thirtieths

// Where nothing tells its place: i to the right, j upwards. Four voxels fill a square below the title.
static void voxels_have_their_colour_and_place(void **state)
{
  (void)state;
  static const float map[4] = {0.5f, 1.0f, NAN, 5.0f};
  tt1_geometry g = grid(2, 2, 1);
  tt1_picture p = picture_of(map, &g, 1000.0, 2000.0, TT1_COLOURS_LIPARI, "T1", "ms");
  cairo_surface_t *surface = draw(&p);
  int half = SIDE / 2, last = SIDE - 1;
  assert_int_equal(pixel(surface, FONT, TOP + last), lipari(0.25));
  assert_int_equal(pixel(surface, FONT + half - 1, TOP + half), lipari(0.25));
  assert_int_equal(pixel(surface, FONT + half, TOP + last), lipari(0.5));
  assert_int_equal(pixel(surface, FONT, TOP), lipari((double)NAN));
  assert_int_equal(pixel(surface, FONT + half - 1, TOP + half - 1), lipari((double)NAN));
  assert_int_equal(pixel(surface, FONT + last, TOP), lipari(1.0));
  assert_int_equal(pixel(surface, FONT - 1, TOP + 100), 0xFFFFFF);
  assert_int_equal(pixel(surface, FONT + SIDE, TOP + 100), 0xFFFFFF);
  // The bar, one pixel inside its frame.
  int bar = FONT + SIDE + FONT + 5;
  assert_int_equal(pixel(surface, bar, TOP + 1), lipari(1.0 - 1.5 / SIDE));
  assert_int_equal(pixel(surface, bar, TOP + SIDE - 2), lipari(1.5 / SIDE));
  cairo_surface_destroy(surface);
}

static uint32_t dimmed(uint32_t colour, double light)
{
  uint32_t found = 0;
  for (int shift = 16; shift >= 0; shift -= 8)
    found = found << 8 | (uint32_t)(light * (colour >> shift & 255) + 0.5);
  return found;
}

// All light to a relative SD of 5 %, 15 % of it from 25 % on, halfway halfway; one without an SD is dark.
static void what_is_unsure_is_dim(void **state)
{
  (void)state;
  static const float map[4] = {1.0f, 1.0f, 1.0f, 1.0f}, sd[4] = {0.05f, 0.15f, 0.4f, NAN};
  tt1_geometry g = grid(2, 2, 1);
  tt1_picture p = picture_of(map, &g, 1000.0, 2000.0, TT1_COLOURS_LIPARI, "T1", "ms");
  p.deviation = sd;
  cairo_surface_t *surface = draw(&p);
  int low = TOP + SIDE - 1, right = FONT + SIDE - 1;
  assert_int_equal(pixel(surface, FONT, low), lipari(0.5));
  assert_int_equal(pixel(surface, right, low), dimmed(lipari(0.5), 0.575));
  assert_int_equal(pixel(surface, FONT, TOP), dimmed(lipari(0.5), 0.15));
  assert_int_equal(pixel(surface, right, TOP), dimmed(lipari(0.5), 0.15));
  cairo_surface_destroy(surface);
}

static int count_white(cairo_surface_t *surface, int left, int top, int side)
{
  int n = 0;
  for (int y = top; y < top + side; y++)
    for (int x = left; x < left + side; x++)
      n += pixel(surface, x, y) == 0xFFFFFF;
  return n;
}

// Nine slices make three rows of three; each has its number, the first the sides of the patient.
static void slices_are_numbered_and_sides_named(void **state)
{
  (void)state;
  static const float map[4 * 9] = {0};
  tt1_geometry g = grid(2, 2, 9);
  tt1_picture p = picture_of(map, &g, 1.0, 1.0, TT1_COLOURS_LIPARI, NULL, NULL);
  for (int has_place = 0; has_place < 2; has_place++) {
    g.sform_code = has_place;
    g.srow[0][0] = g.srow[1][1] = g.srow[2][2] = 1.0;
    cairo_surface_t *surface = draw(&p);
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface), slice = 334;
    assert_true(width >= 1000 && height >= 1000 && width < 1300 && height < 1200);
    for (int k = 0; k < 9; k++)
      assert_true(count_white(surface, FONT + k % 3 * (slice + 4) + 4,
                              TOP + k / 3 * (slice + 4) + 4, 40) > 10);
    assert_int_equal(count_white(surface, FONT + 2, TOP + 150, 40) > 10, has_place);
    assert_int_equal(count_white(surface, FONT + 150, TOP + 2, 40) > 10, has_place);
    cairo_surface_destroy(surface);
  }
}

/* Which of the four voxels lies at the left below, given the worlds' axes that i and j run along. */
static float left_below(int i_axis, double i_sign, int j_axis, double j_sign)
{
  static const float map[4] = {0.25f, 0.5f, 0.75f, 1.0f};
  tt1_geometry g = grid(2, 2, 1);
  g.sform_code = 1;
  g.srow[i_axis][0] = i_sign;
  g.srow[j_axis][1] = j_sign;
  g.srow[j_axis][0] = g.srow[i_axis][1] = 0.3; // oblique
  tt1_picture p = picture_of(map, &g, 1.0, 1.0, TT1_COLOURS_LIPARI, NULL, NULL);
  cairo_surface_t *surface = draw(&p);
  unsigned found = pixel(surface, FONT, cairo_image_surface_get_height(surface) - 40);
  cairo_surface_destroy(surface);
  for (int v = 0; v < 4; v++)
    if (found == lipari((double)map[v])) return map[v];
  return 0.0f;
}

static void patients_are_seen_as_radiologists_do(void **state)
{
  (void)state;
  enum { RIGHT, FRONT, HEAD };
  assert_true(left_below(RIGHT, -1.0, FRONT, 1.0) == 0.25f);  // axial, as converters write it
  assert_true(left_below(RIGHT, -1.0, FRONT, -1.0) == 0.75f); // axial, as DICOM counts rows
  assert_true(left_below(RIGHT, 1.0, FRONT, 1.0) == 0.5f);
  assert_true(left_below(RIGHT, 1.0, HEAD, -1.0) == 1.0f);  // coronal
  assert_true(left_below(FRONT, -1.0, HEAD, 1.0) == 0.25f); // sagittal, looking from the left
  assert_true(left_below(FRONT, 1.0, HEAD, -1.0) == 1.0f);
}

static void nothing_is_clipped(const tt1_picture *p)
{
  cairo_surface_t *surface = draw(p);
  int width = cairo_image_surface_get_width(surface);
  int height = cairo_image_surface_get_height(surface);
  for (int x = 0; x < width; x++) {
    assert_int_equal(pixel(surface, x, 0), 0xFFFFFF);
    assert_int_equal(pixel(surface, x, height - 1), 0xFFFFFF);
  }
  for (int y = 0; y < height; y++) {
    assert_int_equal(pixel(surface, 0, y), 0xFFFFFF);
    assert_int_equal(pixel(surface, width - 1, y), 0xFFFFFF);
  }
  cairo_surface_destroy(surface);
}

static void odd_maps_are_drawn_whole(void **state)
{
  (void)state;
  static float map[3000 * 2];
  tt1_geometry g = grid(1, 1, 1);
  tt1_picture p =
      picture_of(map, &g, 1.0, 2e-5, TT1_COLOURS_NAVIA,
                 "a title that is longer than the map is wide, and then some more words of it",
                 "unit with a long name");
  p.from = -1e-5;
  nothing_is_clipped(&p);
  p.subtitle =
      "where and when, which may be much longer than the map is wide, too, and is made smaller";
  p.note = p.subtitle;
  nothing_is_clipped(&p);
  p.title = p.unit = p.subtitle = p.note = NULL;
  p.from = -123456789.0;
  p.to = 1e12;
  nothing_is_clipped(&p);
  g = grid(3000, 2, 1);
  nothing_is_clipped(&p);
  g = grid(2, 3, 500);
  nothing_is_clipped(&p);
  g = grid(2, 3, 1);
  g.spacing[1] = 7.3;
  nothing_is_clipped(&p);
}

static void refuses_what_cannot_be_drawn(void **state)
{
  (void)state;
  static const float map[4] = {0};
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_geometry g = grid(2, 2, 1);
  tt1_picture p = picture_of(map, &g, 1.0, 2.0, TT1_COLOURS_GREY, "T1", "ms");
  p.from = 2.0;
  tt1_error err = {0};
  assert_int_equal(tt1_folder_open(&folder, s.path, &err), TT1_OK);
  tt1_folder_write_picture(folder, "a.png", &p, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "a.png cannot be drawn: the window from 2 to 2");
  p.from = (double)NAN;
  assert_int_equal(tt1_folder_write_picture(folder, "a.png", &p, &err), TT1_BAD_ARGUMENT);
  p.from = 0.0;
  g.spacing[0] = 0.0;
  assert_int_equal(tt1_folder_write_picture(folder, "a.png", &p, &err), TT1_BAD_ARGUMENT);
  g.spacing[0] = 1.0;
  for (int n = 1; n < 100; n++) {
    tt1__fail_allocation(n);
    tt1_status status = tt1_folder_write_picture(folder, "a.png", &p, &err);
    tt1__fail_allocation(0);
    if (status == TT1_OK) break;
    assert_int_equal(status, TT1_NO_MEMORY);
    assert_true(n < 99);
  }
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 0);
  remove_tree(s.path);
}

static void is_available(void **state)
{
  (void)state;
  const char *why = "x";
  assert_true(tt1_picture_available(&why));
  assert_null(why);
  assert_true(tt1_picture_available(NULL));
}

#endif

int main(void)
{
#ifdef TT1_HAVE_CAIRO
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(voxels_have_their_colour_and_place),
      cmocka_unit_test(what_is_unsure_is_dim),
      cmocka_unit_test(slices_are_numbered_and_sides_named),
      cmocka_unit_test(patients_are_seen_as_radiologists_do),
      cmocka_unit_test(odd_maps_are_drawn_whole),
      cmocka_unit_test(refuses_what_cannot_be_drawn),
      cmocka_unit_test(is_available),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
#else
  const char *why = NULL;
  int is_there = tt1_picture_available(&why);
  printf("skipped: %s\n", why);
  return is_there || !why;
#endif
}
