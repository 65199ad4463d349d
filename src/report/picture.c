/* SPDX-License-Identifier: MIT
 * A map as a figure: its slices (mosaic.c), titles, a colour bar and a line that says how to read it. */
#include <math.h>

#include "base/error.h"
#include "base/text.h"
#include "report/plot.h"
#include "tt1_report.h"

#ifdef TT1_HAVE_CAIRO

enum { MAX_SLICES = 4096 };

/* Where things are, in pixels. */
typedef struct layout {
  tt1__mosaic_plan mosaic;
  int left, top; /* of the first slice */
  int bar_left, bar_width;
  int width, height; /* of the picture */
  double font;
} layout;

/* A layout and what is laid out, for a page of vectors. */
typedef struct figure {
  const layout *layout;
  const tt1_picture *picture;
  double scale;
} figure;

int tt1_picture_available(const char **why)
{
  if (why) *why = NULL;
  return 1;
}

/* ---- Layout ---- */

static const char NO_VALUE[] = "no value";

static int whole(double x)
{
  return (int)floor(x + 0.5);
}

static int has_gaps(const tt1_picture *p)
{
  const int64_t *size = p->geometry->size;
  int64_t n = size[0] * size[1] * size[2], v = 0;
  while (v < n && !isnan(p->map[v]))
    v++;
  return v < n;
}

static int has_foot(const tt1_picture *p)
{
  return p->note || has_gaps(p);
}

static double widest_tick(cairo_t *cairo, const tt1_picture *p)
{
  tt1__ticks t = tt1__choose_ticks(p->from, p->to);
  double widest = 0.0;
  for (int i = 0; i < t.count; i++) {
    char label[32];
    tt1__label_tick(label, &t, i);
    widest = fmax(widest, tt1__text_width(cairo, label));
  }
  return widest;
}

static layout plan(const tt1_picture *p)
{
  // Text can only be measured by a context, so measure with one pixel before the picture exists.
  layout l = {.mosaic = tt1__mosaic_planned(p->geometry)};
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
  cairo_t *cairo = cairo_create(surface);
  l.font = fmax(16.0, l.mosaic.height / 30.0);
  tt1__set_font(cairo, l.font, 0);
  double widest = widest_tick(cairo, p);
  double unit = tt1__text_width(cairo, p->unit ? p->unit : "");
  tt1__set_font(cairo, l.font * 1.15, 1);
  double title = tt1__text_width(cairo, p->title ? p->title : "");
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
  int margin = whole(l.font);
  l.left = margin;
  l.top = whole(l.font * (p->subtitle ? 3.6 : 2.4));
  l.bar_width = whole(l.font * 1.1);
  l.bar_left = l.left + l.mosaic.width + margin;
  // A title wider than the map widens the picture rather than being cut.
  if (l.left + title + margin > l.bar_left) l.bar_left = whole(l.left + title + margin);
  double right = l.bar_width + l.font * 0.9 + widest;
  l.width = l.bar_left + whole(right > unit ? right : unit) + margin;
  l.height = l.top + l.mosaic.height + (has_foot(p) ? whole(2.2 * l.font) : margin);
  return l;
}

/* ---- Drawing ---- */

static void draw_bar(cairo_t *cairo, const layout *l, const tt1_picture *p)
{
  int height = l->mosaic.height;
  for (int y = 0; y < height; y++) {
    uint8_t rgb[3];
    tt1_colour(p->colours, 1.0 - (y + 0.5) / height, rgb);
    cairo_set_source_rgb(cairo, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
    cairo_rectangle(cairo, l->bar_left, l->top + y, l->bar_width, 1.0);
    cairo_fill(cairo);
  }
  cairo_set_source_rgb(cairo, 0.0, 0.0, 0.0);
  cairo_set_line_width(cairo, 1.0);
  cairo_rectangle(cairo, l->bar_left + 0.5, l->top + 0.5, l->bar_width - 1.0, height - 1.0);
  cairo_stroke(cairo);
}

static void draw_ticks(cairo_t *cairo, const layout *l, const tt1_picture *p)
{
  tt1__ticks t = tt1__choose_ticks(p->from, p->to);
  double right = l->bar_left + l->bar_width;
  for (int i = 0; i < t.count; i++) {
    char label[32];
    double fraction = (t.first + i * t.step - p->from) / (p->to - p->from);
    double y = l->top + 0.5 + floor((1.0 - fraction) * (l->mosaic.height - 1.0) + 0.5);
    tt1__label_tick(label, &t, i);
    cairo_move_to(cairo, right, y);
    cairo_line_to(cairo, right + l->font * 0.3, y);
    cairo_stroke(cairo);
    cairo_move_to(cairo, right + l->font * 0.55, y + l->font * 0.36);
    cairo_show_text(cairo, label);
  }
}

static void draw_heads(cairo_t *cairo, const layout *l, const tt1_picture *p)
{
  double baseline = l->top - l->font * 0.85, room = l->bar_left - l->left - 0.5 * l->font;
  tt1__set_font(cairo, l->font, 0);
  if (p->unit) tt1__text_at(cairo, l->bar_left, baseline, 0.0, p->unit);
  if (p->subtitle) {
    tt1__set_hue(cairo, TT1__BLACK, 0.65);
    tt1__text_within(cairo, l->left, baseline, 0.0, room, 0.8 * l->font, p->subtitle);
    baseline -= 1.25 * l->font;
  }
  cairo_set_source_rgb(cairo, 0.0, 0.0, 0.0);
  tt1__set_font(cairo, l->font * 1.15, 1);
  if (p->title) tt1__text_at(cairo, l->left, baseline, 0.0, p->title);
}

/* Under the map: the colour of voxels without a value, and the note. */
static void draw_foot(cairo_t *cairo, const layout *l, const tt1_picture *p)
{
  double size = 0.7 * l->font, x = l->left;
  double baseline = l->top + l->mosaic.height + 1.35 * l->font;
  tt1__set_font(cairo, size, 0);
  if (has_gaps(p)) {
    uint8_t rgb[3];
    tt1_colour(p->colours, (double)NAN, rgb);
    cairo_set_source_rgb(cairo, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
    cairo_rectangle(cairo, x, baseline - 0.85 * size, size, size);
    cairo_fill(cairo);
    tt1__set_hue(cairo, TT1__BLACK, 0.65);
    tt1__text_at(cairo, x + 1.4 * size, baseline, 0.0, NO_VALUE);
    x += 3.0 * size + tt1__text_width(cairo, NO_VALUE);
  }
  tt1__set_hue(cairo, TT1__BLACK, 0.65);
  if (p->note) tt1__text_within(cairo, x, baseline, 0.0, l->width - x - l->left, size, p->note);
}

static void draw(cairo_t *cairo, const void *payload)
{
  const figure *f = payload;
  const layout *l = f->layout;
  const tt1_picture *p = f->picture;
  cairo_scale(cairo, f->scale, f->scale);
  cairo_set_source_rgb(cairo, 1.0, 1.0, 1.0);
  cairo_paint(cairo);
  cairo_surface_t *mosaic = tt1__mosaic(p);
  cairo_set_source_surface(cairo, mosaic, l->left, l->top);
  cairo_paint(cairo);
  cairo_surface_destroy(mosaic);
  cairo_save(cairo);
  cairo_translate(cairo, l->left, l->top);
  tt1__mosaic_mark(cairo, p->geometry, &l->mosaic, 0.8 * l->font);
  cairo_restore(cairo);
  tt1__set_font(cairo, l->font, 0);
  draw_bar(cairo, l, p);
  draw_ticks(cairo, l, p);
  draw_heads(cairo, l, p);
  draw_foot(cairo, l, p);
}

/* ---- Writing ---- */

tt1_status tt1__picture_check(const char *name, const tt1_picture *p, tt1_error *err)
{
  const tt1_geometry *g = p->geometry;
  if (!isfinite(p->scale) || !isfinite(p->from) || !isfinite(p->to) || !(p->from < p->to))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s cannot be drawn: the window from %g to %g (scale %g) is empty or not "
                          "finite",
                          name, p->from, p->to, p->scale);
  if (g->size[0] < 1 || g->size[1] < 1 || g->size[2] < 1 || g->size[2] > MAX_SLICES ||
      !(g->spacing[0] > 0.0 && g->spacing[1] > 0.0) || !isfinite(g->spacing[0]) ||
      !isfinite(g->spacing[1]) || fabs(log(g->spacing[0] / g->spacing[1])) > 5.0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s cannot be drawn: %lld x %lld x %lld voxels of %g x %g mm", name,
                          (long long)g->size[0], (long long)g->size[1], (long long)g->size[2],
                          g->spacing[0], g->spacing[1]);
  return TT1_OK;
}

static tt1_status write_pixels(tt1_folder *folder, const char *name, const figure *f,
                               tt1_error *err)
{
  cairo_surface_t *surface =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, f->layout->width, f->layout->height);
  if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
    cairo_t *cairo = cairo_create(surface);
    draw(cairo, f);
    cairo_destroy(cairo);
  }
  tt1_status status = tt1__png_write(folder, name, surface, err);
  cairo_surface_destroy(surface);
  return status;
}

tt1_status tt1_folder_write_picture(tt1_folder *folder, const char *name,
                                    const tt1_picture *picture, tt1_error *err)
{
  const double points = 482.0; // 170 mm
  tt1_status status = tt1__picture_check(name, picture, err);
  if (status != TT1_OK) return status;
  layout l = plan(picture);
  figure f = {&l, picture, 1.0};
  if (!tt1__ends_in(name, ".svg") && !tt1__ends_in(name, ".pdf"))
    return write_pixels(folder, name, &f, err);
  f.scale = points / l.width;
  return tt1__page_write(folder, name, points, l.height * f.scale, draw, &f, err);
}

#else /* without cairo */

int tt1_picture_available(const char **why)
{
  if (why) *why = tt1__no_cairo;
  return 0;
}

tt1_status tt1_folder_write_picture(tt1_folder *folder, const char *name,
                                    const tt1_picture *picture, tt1_error *err)
{
  (void)folder, (void)name, (void)picture;
  return tt1__error_set(err, TT1_NO_DEVICE, "%s", tt1__no_cairo);
}

#endif
