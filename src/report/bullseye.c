/* SPDX-License-Identifier: MIT
 * The bull's-eye of the left ventricle: 16 segments seen from the apex, anterior up and septum left
 * (Cerqueira et al. 2002, doi:10.1161/hc0402.102975). The apex, segment 17, has no ring and is left out. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "report/plot.h"

#ifdef TT1_HAVE_CAIRO

static const double WIDTH = 482.0, HEIGHT = 424.0, FONT = 9.0;
static const double CENTRE_X = 206.0, CENTRE_Y = 214.0, RADIUS = 166.0;
enum { N = TT1_N_SEGMENTS };

/* A ring: its first segment, how many, the angle at which the first begins (degrees, against the clock from the
 * right), and the radii as shares. */
typedef struct ring {
  int first, count;
  double begin, inner, outer;
} ring;

static const ring rings[] = {
    {0, 6, 60.0, 0.76, 1.0}, {6, 6, 60.0, 0.52, 0.76}, {12, 4, 45.0, 0.24, 0.52}};

static double radians(double degrees)
{
  return degrees * 3.14159265358979323846 / 180.0;
}

/* ---- Segments ---- */

static void trace(cairo_t *cairo, const ring *r, int index)
{
  double width = 360.0 / r->count, from = r->begin + index * width, to = from + width;
  cairo_new_path(cairo);
  cairo_arc_negative(cairo, CENTRE_X, CENTRE_Y, r->outer * RADIUS, -radians(from), -radians(to));
  cairo_arc(cairo, CENTRE_X, CENTRE_Y, r->inner * RADIUS, -radians(to), -radians(from));
  cairo_close_path(cairo);
}

/* The luminance of WCAG 2: black or white stands out, whichever contrasts more. */
static int is_light(const uint8_t rgb[3])
{
  static const double weights[3] = {0.2126, 0.7152, 0.0722};
  double sum = 0.0;
  for (int i = 0; i < 3; i++) {
    double c = rgb[i] / 255.0;
    sum += weights[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
  }
  return sum > 0.179;
}

static int decimals_of(const tt1_bullseye *b)
{
  return b->to - b->from >= 20.0 ? 0 : b->to - b->from >= 2.0 ? 1 : 2;
}

/* Number and count, value, SD, z: what there is of them, one below the other about (x, y). */
static void write_values(cairo_t *cairo, const tt1_bullseye *b, int s, double x, double y)
{
  char text[80], number[32];
  int decimals = decimals_of(b), has_value = isfinite(b->values[s]);
  tt1__set_font(cairo, 5.8, 0);
  if (b->counts && has_value)
    snprintf(text, sizeof text, "%d  n %lld", s + 1, (long long)b->counts[s]);
  else
    snprintf(text, sizeof text, "%d", s + 1);
  tt1__text_at(cairo, x, y - 9.5, 0.5, text);
  if (!has_value) return;
  tt1__label_number(text, b->values[s], decimals);
  tt1__set_font(cairo, 10.5, 1);
  tt1__text_at(cairo, x, y + 0.5, 0.5, text);
  tt1__set_font(cairo, 6.5, 0);
  if (b->deviations && isfinite(b->deviations[s])) {
    tt1__label_number(number, b->deviations[s], decimals);
    snprintf(text, sizeof text, "\u00b1 %s", number);
    tt1__text_at(cairo, x, y + 8.5, 0.5, text);
  }
  if (!b->scores || !isfinite(b->scores[s])) return;
  tt1__label_number(number, b->scores[s], 1);
  snprintf(text, sizeof text, "z %s", number);
  tt1__set_font(cairo, 5.8, 0);
  tt1__text_at(cairo, x, y + 15.5, 0.5, text);
}

static void draw_segment(cairo_t *cairo, const tt1_bullseye *b, const ring *r, int index)
{
  static const double dashes[2] = {3.0, 2.0};
  int s = r->first + index, has_value = isfinite(b->values[s]);
  double angle = radians(r->begin + (index + 0.5) * 360.0 / r->count);
  double radius = 0.5 * (r->inner + r->outer) * RADIUS;
  uint8_t rgb[3] = {255, 255, 255};
  if (has_value) tt1_colour(b->colours, (b->values[s] - b->from) / (b->to - b->from), rgb);
  trace(cairo, r, index);
  cairo_set_source_rgb(cairo, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
  cairo_fill_preserve(cairo);
  // White lines part the segments on every colour; what has no value is paper within dashes.
  cairo_set_source_rgb(cairo, has_value ? 1.0 : 0.5, has_value ? 1.0 : 0.5, has_value ? 1.0 : 0.5);
  cairo_set_line_width(cairo, has_value ? 1.5 : 0.7);
  cairo_set_dash(cairo, dashes, has_value ? 0 : 2, 0.0);
  cairo_stroke(cairo);
  cairo_set_dash(cairo, NULL, 0, 0.0);
  double grey = is_light(rgb) ? 0.0 : 1.0;
  cairo_set_source_rgb(cairo, grey, grey, grey);
  write_values(cairo, b, s, CENTRE_X + radius * cos(angle), CENTRE_Y - radius * sin(angle) - 1.0);
}

/* ---- Around them ---- */

static void draw_bar(cairo_t *cairo, const tt1_bullseye *b)
{
  const double left = 418.0, width = 12.0, top = CENTRE_Y - RADIUS;
  const tt1__colour_bar bar = {b->colours, b->from, b->to, left, top, width, 2.0 * RADIUS};
  tt1__draw_colour_bar(cairo, &bar, FONT);
  if (b->unit) tt1__text_at(cairo, left, top - 8.0, 0.0, b->unit);
}

static void draw_names(cairo_t *cairo)
{
  tt1__set_hue(cairo, TT1__BLACK, 0.65);
  tt1__set_font(cairo, FONT, 0);
  tt1__text_at(cairo, CENTRE_X, CENTRE_Y - RADIUS - 6.0, 0.5, "anterior");
  tt1__text_at(cairo, CENTRE_X, CENTRE_Y + RADIUS + 13.0, 0.5, "inferior");
  tt1__text_at(cairo, CENTRE_X - RADIUS - 6.0, CENTRE_Y + 3.0, 1.0, "septal");
  tt1__text_at(cairo, CENTRE_X + RADIUS + 5.0, CENTRE_Y + 3.0, 0.0, "lateral");
  tt1__set_font(cairo, 6.5, 0);
  tt1__text_at(cairo, CENTRE_X, CENTRE_Y - 1.0, 0.5, "17, the apex,");
  tt1__text_at(cairo, CENTRE_X, CENTRE_Y + 7.5, 0.5, "is left out");
}

static void draw(cairo_t *cairo, const void *payload)
{
  const tt1_bullseye *b = payload;
  for (size_t i = 0; i < sizeof rings / sizeof *rings; i++)
    for (int index = 0; index < rings[i].count; index++)
      draw_segment(cairo, b, &rings[i], index);
  draw_names(cairo);
  draw_bar(cairo, b);
  tt1__set_hue(cairo, TT1__BLACK, 1.0);
  tt1__set_font(cairo, 1.3 * FONT, 1);
  if (b->title) tt1__text_within(cairo, 12.0, 18.0, 0.0, WIDTH - 24.0, 1.3 * FONT, b->title);
  tt1__set_hue(cairo, TT1__BLACK, 0.65);
  tt1__set_font(cairo, 0.85 * FONT, 0);
  if (b->note) tt1__text_within(cairo, 12.0, HEIGHT - 9.0, 0.0, WIDTH - 24.0, 0.85 * FONT, b->note);
}

tt1_status tt1_folder_write_bullseye(tt1_folder *folder, const char *name, const tt1_bullseye *b,
                                     tt1_error *err)
{
  int n_values = 0;
  for (int s = 0; s < N; s++)
    n_values += isfinite(b->values[s]);
  if (n_values == 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be drawn: no segment has a value",
                          name);
  if (!isfinite(b->from) || !isfinite(b->to) || !(b->from < b->to))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s cannot be drawn: the window from %g to %g is empty or not finite",
                          name, b->from, b->to);
  return tt1__page_write(folder, name, WIDTH, HEIGHT, draw, b, err);
}

#else /* without cairo */

tt1_status tt1_folder_write_bullseye(tt1_folder *folder, const char *name, const tt1_bullseye *b,
                                     tt1_error *err)
{
  (void)folder, (void)name, (void)b;
  return tt1__error_set(err, TT1_NO_DEVICE, "%s", tt1__no_cairo);
}

#endif
