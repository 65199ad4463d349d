/* SPDX-License-Identifier: MIT
 * The bull's-eye, read back with cairo: every segment has its own colour at its own place. */
#include "image_support.h"

#include <math.h>

#include "tt1_report.h"

#ifdef TT1_HAVE_CAIRO
#  include <cairo.h>

static tt1_status write_figure(const sandbox *s, const char *name, const tt1_bullseye *b,
                               tt1_error *err)
{
  tt1_folder *folder = NULL;
  assert_int_equal(tt1_folder_open(&folder, s->path, err), TT1_OK);
  tt1_status status = tt1_folder_write_bullseye(folder, name, b, err);
  if (status == TT1_OK) assert_int_equal(tt1_folder_commit(folder, err), TT1_OK);
  tt1_folder_free(folder);
  return status;
}

static uint32_t pixel(cairo_surface_t *surface, double x, double y) // in points
{
  uint32_t colour;
  const double scale = 300.0 / 72.0;
  const unsigned char *data = cairo_image_surface_get_data(surface);
  memcpy(&colour,
         data + (int)(y * scale) * cairo_image_surface_get_stride(surface) + 4 * (int)(x * scale),
         4);
  return colour & 0xFFFFFF;
}

static uint32_t grey(double share)
{
  uint8_t rgb[3];
  tt1_colour(TT1_COLOURS_GREY, share, rgb);
  return (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
}

/* Where segment s (from 0) is: its angle against the clock from the right, and its radius as a share; a little off its middle,
 * where the numbers stand. */
static void find_place(int s, double *x, double *y)
{
  static const double basal[6] = {90, 150, 210, 270, 330, 30}, apical[4] = {90, 180, 270, 0};
  double degrees = s < 12 ? basal[s % 6] + 22.0 : apical[s - 12] + 36.0;
  double radius = 166.0 * (s < 6 ? 0.95 : s < 12 ? 0.71 : 0.45);
  *x = 206.0 + radius * cos(degrees * 3.14159265358979323846 / 180.0);
  *y = 214.0 - radius * sin(degrees * 3.14159265358979323846 / 180.0);
}

static void every_segment_has_its_place(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_error err = {0};
  double values[16], deviations[16], scores[16], x, y;
  int64_t counts[16];
  for (int i = 0; i < 16; i++)
    values[i] = i + 1.0, deviations[i] = 0.5, scores[i] = -0.1 * i, counts[i] = 10 + i;
  values[8] = NAN;
  const tt1_bullseye b = {values, deviations,       scores, counts, 0.0,
                          17.0,   TT1_COLOURS_GREY, "T1",   "ms",   "note"};
  assert_int_equal(write_figure(&s, "b.png", &b, &err), TT1_OK);
  cairo_surface_t *surface = cairo_image_surface_create_from_png(inside(&s, "b.png"));
  for (int i = 0; i < 16; i++) {
    find_place(i, &x, &y);
    assert_int_equal(pixel(surface, x, y), i == 8 ? 0xFFFFFF : grey(values[i] / 17.0));
  }
  assert_int_equal(pixel(surface, 206.0, 190.0), 0xFFFFFF); // no apex
  cairo_surface_destroy(surface);
  assert_int_equal(write_figure(&s, "b.svg", &b, &err), TT1_OK);
  assert_int_equal(write_figure(&s, "b.pdf", &b, &err), TT1_OK);
  remove_tree(s.path);
}

static void refuses_what_cannot_be_drawn(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_error err = {0};
  double values[16];
  for (int i = 0; i < 16; i++)
    values[i] = NAN;
  tt1_bullseye b = {.values = values, .to = 1.0};
  write_figure(&s, "b.png", &b, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "b.png cannot be drawn: no segment has a value");
  values[3] = 0.5;
  b.to = 0.0;
  write_figure(&s, "b.png", &b, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "b.png cannot be drawn: the window from 0 to 0");
  assert_int_equal(count_entries(s.path), 0);
  remove_tree(s.path);
}

#endif

int main(void)
{
#ifdef TT1_HAVE_CAIRO
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_segment_has_its_place),
      cmocka_unit_test(refuses_what_cannot_be_drawn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
#else
  const char *why = NULL;
  int is_there = tt1_picture_available(&why);
  printf("skipped: %s\n", why);
  return is_there || !why;
#endif
}
