/* SPDX-License-Identifier: MIT
 * Charts and pages of maps: curves where their numbers are, linear and logarithmic, gaps, equal
 * bytes, and what cannot be drawn refused. */
#include "image_support.h"

#include "tt1_report.h"

#ifdef TT1_HAVE_CAIRO
#  include <cairo.h>

typedef tt1_status (*write_fn)(tt1_folder *folder, const char *name, const void *what,
                               tt1_error *err);

static tt1_status write_chart(tt1_folder *folder, const char *name, const void *chart,
                              tt1_error *err)
{
  return tt1_folder_write_chart(folder, name, chart, err);
}

static tt1_status write_pictures(tt1_folder *folder, const char *name, const void *pictures,
                                 tt1_error *err)
{
  return tt1_folder_write_pictures(folder, name, pictures, err);
}

/* The checksum of the file that it becomes; `surface`, if given, the picture. */
static uint32_t draw(write_fn write, const void *what, const char *name, cairo_surface_t **surface)
{
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  tt1__file file;
  assert_int_equal(tt1_folder_open(&folder, inside(&s, "out"), NULL), TT1_OK);
  if (write(folder, name, what, &err) != TT1_OK) fail_msg("%s", err.message);
  assert_int_equal(tt1_folder_commit(folder, NULL), TT1_OK);
  tt1_folder_free(folder);
  char path[64];
  snprintf(path, sizeof path, "out/%s", name);
  assert_int_equal(tt1__file_read(&file, inside(&s, path), 1 << 24, NULL), TT1_OK);
  uint32_t checksum = file.checksum;
  assert_true(file.length > 500);
  tt1__file_free(&file);
  if (surface) *surface = cairo_image_surface_create_from_png(inside(&s, path));
  remove_tree(s.path);
  return checksum;
}

static void refuse(const tt1_chart *chart, const char *part)
{
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_folder_open(&folder, inside(&s, "out"), NULL), TT1_OK);
  tt1_folder_write_chart(folder, "c.png", chart, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, part);
  tt1_folder_free(folder);
  remove_tree(s.path);
}

/* Whether a pixel near this colour lies within `reach` of (x, y), in pixels. */
static int is_near(cairo_surface_t *surface, double x, double y, int reach, int red, int green,
                   int blue)
{
  int stride = cairo_image_surface_get_stride(surface);
  const unsigned char *data = cairo_image_surface_get_data(surface);
  for (int j = (int)y - reach; j <= (int)y + reach; j++)
    for (int i = (int)x - reach; i <= (int)x + reach; i++) {
      uint32_t p;
      if (i < 0 || j < 0 || i >= cairo_image_surface_get_width(surface) ||
          j >= cairo_image_surface_get_height(surface))
        continue;
      memcpy(&p, data + j * stride + 4 * i, 4);
      if (abs((int)(p >> 16 & 255) - red) < 25 && abs((int)(p >> 8 & 255) - green) < 25 &&
          abs((int)(p & 255) - blue) < 25)
        return 1;
    }
  return 0;
}

/* The frame of the only panel: its outermost black pixels along the middle row and column. */
static void find_frame(cairo_surface_t *s, double frame[4])
{
  int width = cairo_image_surface_get_width(s), height = cairo_image_surface_get_height(s);
  int left = -1, right = -1, top = -1, bottom = -1;
  for (int x = 0; x < width; x++) // just inside the frame, below its top
    if (is_near(s, x, height * 0.6, 0, 0, 0, 0)) {
      if (left < 0 && is_near(s, x, height * 0.55, 0, 0, 0, 0)) left = x;
      if (is_near(s, x, height * 0.55, 0, 0, 0, 0)) right = x;
    }
  for (int y = 0; y < height; y++)
    if (is_near(s, width * 0.6, y, 0, 0, 0, 0) && is_near(s, width * 0.62, y, 0, 0, 0, 0)) {
      if (top < 0) top = y;
      bottom = y;
    }
  assert_true(left > 0 && right > left + 100 && top >= 0 && bottom > top + 100);
  frame[0] = left;
  frame[1] = right;
  frame[2] = top;
  frame[3] = bottom;
}

static tt1_chart chart_of(tt1_panel *panel, tt1_curve *curve)
{
  panel->curves = curve;
  panel->n_curves = 1;
  return (tt1_chart){.panels = panel, .n_panels = 1, .n_columns = 1};
}

static void points_lie_at_their_numbers(void **state)
{
  static const double x[] = {1, 10, 100, NAN, -5}, y[] = {0, 7, 10, 5, 5};
  (void)state;
  for (int is_log = 0; is_log < 2; is_log++) {
    cairo_surface_t *s = NULL;
    double frame[4];
    tt1_panel panel = {.x = {.label = "x", .from = 0.5, .to = 200, .is_log = is_log},
                       .y = {.label = "y", .from = -1, .to = 11}};
    tt1_curve curve = {.x = x, .y = y, .n = 5, .mark = TT1_MARK_POINTS, .hue = 2};
    tt1_chart chart = chart_of(&panel, &curve);
    draw(write_chart, &chart, "c.png", &s);
    find_frame(s, frame);
    for (int i = 0; i < 3; i++) {
      double share = is_log ? log(x[i] / 0.5) / log(400.0) : (x[i] - 0.5) / 199.5;
      double at_x = frame[0] + share * (frame[1] - frame[0]);
      double at_y = frame[3] - (y[i] + 1) / 12 * (frame[3] - frame[2]);
      assert_true(is_near(s, at_x, at_y, 3, 213, 94, 0));
      assert_false(is_near(s, at_x, at_y - 60, 10, 213, 94, 0));
    }
    cairo_surface_destroy(s);
  }
}

static void the_same_bytes_again(void **state)
{
  static const char *const names[] = {"c.png", "c.pdf"};
  static const double x[] = {0, 1, 2}, y[] = {3, 1, 2}, low[] = {2, 0.5, NAN}, high[] = {4, 1.5, 2};
  static const char *const methods[] = {"one", "two", "three"};
  static const tt1_interval band = {1, 2};
  (void)state;
  const tt1_curve curves[] = {
      {.name = "a",
       .x = y,
       .y = x,
       .low = low,
       .high = high,
       .n = 3,
       .mark = TT1_MARK_BOTH,
       .hue = 3},
      {.name = "b", .x = y, .y = x, .n = 3, .mark = TT1_MARK_DENSE, .hue = 7}};
  const tt1_rule rules[] = {{.value = 1.5, .interval = &band, .label = "level", .is_upright = 1},
                            {.value = NAN, .label = "nowhere"}};
  const tt1_panel panels[] = {
      {.title = "bars along x",
       .x = {.label = "s", .is_log = 1},
       .y = {.categories = methods, .n_categories = 3},
       .curves = curves,
       .n_curves = 2,
       .rules = rules,
       .n_rules = 2},
      {.x = {.label = "x"}, .y = {.label = "y"}, .curves = curves, .n_curves = 2}};
  const tt1_chart chart = {
      .title = "title", .note = "note", .panels = panels, .n_panels = 2, .n_columns = 2};
  draw(write_chart, &chart, "c.svg",
       NULL); // where cairo numbers what it draws, in one run of a program
  for (int i = 0; i < 2; i++)
    assert_int_equal(draw(write_chart, &chart, names[i], NULL),
                     draw(write_chart, &chart, names[i], NULL));
}

static void what_cannot_be_drawn(void **state)
{
  static const double none[] = {NAN, NAN}, below[] = {-1, -2};
  (void)state;
  refuse(&(tt1_chart){.n_panels = 0}, "has no panel");
  tt1_panel panel = {.y = {.label = "y"}};
  tt1_curve curve = {.x = none, .y = below, .n = 2};
  tt1_chart chart = chart_of(&panel, &curve);
  refuse(&chart, "panel 1 has nothing to show");
  curve = (tt1_curve){.x = below, .y = below, .n = 2};
  panel.y.is_log = 1;
  refuse(&chart, "panel 1 has nothing to show");
  panel.y = (tt1_axis){.from = -1, .to = 1, .is_log = 1};
  refuse(&chart, "panel 1 has nothing to show");
  panel.y.is_log = 0;
  curve.hue = TT1_N_HUES;
  refuse(&chart, "hue 8 is none of 8");
}

/* Two maps of four voxels: their colours are where the voxels are, the hole is black. */
static void maps_side_by_side(void **state)
{
  static const float values[] = {-1, 0, NAN, 1}; // the last row is drawn on top
  const tt1_geometry g = {.size = {2, 2, 1}, .spacing = {1, 1, 1}};
  const tt1_picture map = {.map = values,
                           .geometry = &g,
                           .scale = 1,
                           .from = -1,
                           .to = 1,
                           .colours = TT1_COLOURS_DIFFERENCE,
                           .title = "difference",
                           .unit = "ms"};
  const tt1_picture maps[] = {map, map};
  const tt1_pictures page = {"two", maps, 2, 2};
  cairo_surface_t *s = NULL;
  (void)state;
  uint32_t once = draw(write_pictures, &page, "m.png", &s);
  assert_int_equal(once, draw(write_pictures, &page, "m.png", NULL));
  assert_int_equal(draw(write_pictures, &page, "m.pdf", NULL),
                   draw(write_pictures, &page, "m.pdf", NULL));
  double half = cairo_image_surface_get_width(s) / 2.0;
  for (int i = 0; i < 2; i++) {
    double left = i * half + 0.05 * half, bottom = cairo_image_surface_get_height(s) * 0.9;
    assert_true(is_near(s, left + 0.1 * half, bottom, 0, 0, 114, 178));
    assert_true(is_near(s, left + 0.5 * half, bottom, 0, 255, 255, 255));
    assert_true(is_near(s, left + 0.1 * half, bottom - 0.5 * half, 0, 0, 0, 0));
    assert_true(is_near(s, left + 0.5 * half, bottom - 0.5 * half, 0, 213, 94, 0));
  }
  cairo_surface_destroy(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(points_lie_at_their_numbers),
      cmocka_unit_test(the_same_bytes_again),
      cmocka_unit_test(what_cannot_be_drawn),
      cmocka_unit_test(maps_side_by_side),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
  tt1_chart chart = {0};
  printf("skipped: this build has no cairo\n");
  return tt1_folder_write_chart(NULL, "c.png", &chart, NULL) != TT1_NO_DEVICE;
}

#endif
