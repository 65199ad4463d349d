/* SPDX-License-Identifier: MIT
 * A page of maps, for instance two and their difference. */
#include <math.h>

#include "base/error.h"
#include "report/plot.h"

#ifdef TT1_HAVE_CAIRO

static const double WIDTH = 482.0, FONT = 8.0, GAP = 10.0, BAR = 7.0; // 170 mm
enum { MOST = 64 };

typedef struct page {
  const tt1_pictures *given;
  cairo_surface_t *maps[MOST];
  double cell, room, widths[MOST], heights[MOST]; /* of a cell, for a map in it, of each map */
  double tallest, top, height;
} page;

/* ---- Layout ---- */

static double title_height(const page *p)
{
  return p->given->title ? 2.2 * FONT : 0.6 * FONT;
}

static void place(page *p)
{
  const tt1_pictures *g = p->given;
  int n_columns = g->n_columns > 0 ? g->n_columns : 1;
  p->cell = WIDTH / n_columns;
  p->room = p->cell - 2.0 * GAP - BAR - 3.0 * FONT; // bar and its numbers
  for (int i = 0; i < g->n_pictures; i++) {
    double width = cairo_image_surface_get_width(p->maps[i]);
    double height = cairo_image_surface_get_height(p->maps[i]);
    p->widths[i] = p->room;
    p->heights[i] = p->room * height / width;
    p->tallest = fmax(p->tallest, p->heights[i]);
  }
  p->top = title_height(p);
  int n_rows = (g->n_pictures + n_columns - 1) / n_columns;
  p->height = p->top + n_rows * (p->tallest + 2.6 * FONT) + 0.5 * FONT;
}

/* ---- Drawing ---- */

static void paint_map(cairo_t *cairo, cairo_surface_t *map, double x, double y, double width,
                      double height)
{
  cairo_save(cairo);
  cairo_translate(cairo, x, y);
  cairo_scale(cairo, width / cairo_image_surface_get_width(map),
              height / cairo_image_surface_get_height(map));
  cairo_set_source_surface(cairo, map, 0.0, 0.0);
  cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
  cairo_paint(cairo);
  cairo_restore(cairo);
}

static void draw_picture(cairo_t *cairo, const page *p, int i)
{
  const tt1_picture *picture = &p->given->pictures[i];
  int n_columns = p->given->n_columns > 0 ? p->given->n_columns : 1;
  double x = i % n_columns * p->cell + 0.5 * GAP;
  double y = p->top + i / n_columns * (p->tallest + 2.6 * FONT) + 1.6 * FONT;
  tt1__set_hue(cairo, TT1__BLACK, 1.0);
  tt1__set_font(cairo, FONT, 1);
  if (picture->title)
    tt1__text_within(cairo, x, y - 0.5 * FONT, 0.0, p->widths[i], FONT, picture->title);
  double bar = x + p->widths[i] + 0.5 * GAP;
  tt1__set_font(cairo, 0.85 * FONT, 0);
  if (picture->unit) tt1__text_at(cairo, bar, y - 0.5 * FONT, 0.0, picture->unit);
  paint_map(cairo, p->maps[i], x, y, p->widths[i], p->heights[i]);
  const tt1__colour_bar scale = {picture->colours, picture->from, picture->to, bar, y, BAR,
                                 p->heights[i]};
  tt1__draw_colour_bar(cairo, &scale, 0.85 * FONT);
}

static void draw(cairo_t *cairo, const void *payload)
{
  const page *p = payload;
  tt1__set_hue(cairo, TT1__BLACK, 1.0);
  tt1__set_font(cairo, 1.2 * FONT, 1);
  if (p->given->title)
    tt1__text_within(cairo, 0.5 * GAP, 1.5 * FONT, 0.0, WIDTH - GAP, 1.2 * FONT, p->given->title);
  for (int i = 0; i < p->given->n_pictures; i++)
    draw_picture(cairo, p, i);
}

tt1_status tt1_folder_write_pictures(tt1_folder *folder, const char *name,
                                     const tt1_pictures *pictures, tt1_error *err)
{
  page p = {.given = pictures};
  if (pictures->n_pictures < 1 || pictures->n_pictures > MOST)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be drawn: %d maps are not 1 to %d",
                          name, pictures->n_pictures, MOST);
  for (int i = 0; i < pictures->n_pictures; i++) {
    tt1_status status = tt1__picture_check(name, &pictures->pictures[i], err);
    if (status != TT1_OK) return status;
  }
  for (int i = 0; i < pictures->n_pictures; i++)
    p.maps[i] = tt1__mosaic(&pictures->pictures[i]);
  place(&p);
  tt1_status status = tt1__page_write(folder, name, WIDTH, p.height, draw, &p, err);
  for (int i = 0; i < pictures->n_pictures; i++)
    cairo_surface_destroy(p.maps[i]);
  return status;
}

#else /* without cairo */

tt1_status tt1_folder_write_pictures(tt1_folder *folder, const char *name,
                                     const tt1_pictures *pictures, tt1_error *err)
{
  (void)folder, (void)name, (void)pictures;
  return tt1__error_set(err, TT1_NO_DEVICE, "%s", tt1__no_cairo);
}

#endif
