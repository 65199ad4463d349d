/* SPDX-License-Identifier: MIT */
#include "report/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#ifdef TT1_HAVE_CAIRO
enum { LONGEST = 512 }; // bytes of a text that is drawn

/* ---- Text ---- */

void tt1__set_font(cairo_t *cairo, double size, int is_bold)
{
  cairo_select_font_face(cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                         is_bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo, size);
}

/* Names of files may hold anything, but cairo stops at bytes that are not UTF-8. */
static void make_drawable(char out[LONGEST], const char *text)
{
  size_t length = 0;
  while (*text && length < LONGEST - 5) {
    int bytes = tt1__character_length(text);
    if (bytes == 0 || (unsigned char)*text < ' ') {
      out[length++] = '?';
      text++;
      continue;
    }
    memcpy(out + length, text, (size_t)bytes);
    length += (size_t)bytes;
    text += bytes;
  }
  out[length] = '\0';
}

double tt1__text_width(cairo_t *cairo, const char *text)
{
  char drawable[LONGEST];
  cairo_text_extents_t extents;
  make_drawable(drawable, text);
  cairo_text_extents(cairo, drawable, &extents);
  return extents.x_advance;
}

void tt1__text_at(cairo_t *cairo, double x, double y, double align, const char *text)
{
  char drawable[LONGEST];
  cairo_move_to(cairo, x - align * tt1__text_width(cairo, text), y);
  make_drawable(drawable, text);
  cairo_show_text(cairo, drawable);
  cairo_new_path(cairo); // else what is drawn next begins where the text ended
}

void tt1__text_within(cairo_t *cairo, double x, double y, double align, double room, double size,
                      const char *text)
{
  cairo_set_font_size(cairo, size);
  double width = tt1__text_width(cairo, text);
  if (width > room) cairo_set_font_size(cairo, size * room / width);
  tt1__text_at(cairo, x, y, align, text);
}

/* ---- Ticks ---- */

static tt1__ticks choose_ticks(double from, double to, double wanted)
{
  double rough = (to - from) / wanted, power = pow(10.0, floor(log10(rough)));
  double lead = rough / power;
  tt1__ticks t = {0};
  t.step = (lead < 1.5 ? 1.0 : lead < 3.5 ? 2.0 : lead < 7.5 ? 5.0 : 10.0) * power;
  t.decimals = (int)ceil(-log10(t.step) - 1e-9);
  if (t.decimals < 0) t.decimals = 0;
  t.first = ceil(from / t.step - 1e-9) * t.step;
  t.count = (int)floor((to - t.first) / t.step + 1e-9) + 1;
  return t;
}

tt1__ticks tt1__choose_ticks(double from, double to)
{
  return choose_ticks(from, to, 5.0);
}

void tt1__label_number(char label[32], double value, int decimals)
{
  double power = pow(10.0, decimals), scaled = floor(fabs(value) * power + 0.5);
  const char *sign = value < 0.0 && scaled > 0.0 ? "\u2212" : "";
  if (decimals > 6 || !(scaled <= 9e15)) {
    snprintf(label, 32, "%.2e", value);
    return;
  }
  long long digits = (long long)scaled, unit = (long long)power;
  if (decimals == 0)
    snprintf(label, 32, "%s%lld", sign, digits);
  else
    snprintf(label, 32, "%s%lld.%0*lld", sign, digits / unit, decimals, digits % unit);
}

void tt1__label_tick(char label[32], const tt1__ticks *ticks, int index)
{
  tt1__label_number(label, ticks->first + index * ticks->step, ticks->decimals);
}

/* ---- Colours ---- */

void tt1__set_hue(cairo_t *cairo, tt1__hue hue, double opacity)
{
  static const double hues[TT1__N_HUES][3] = {
      {0.0, 0.0, 0.0},     {0.0, 0.447, 0.698}, {0.835, 0.369, 0.0},   {0.0, 0.62, 0.451},
      {0.902, 0.624, 0.0}, {0.8, 0.475, 0.655}, {0.337, 0.706, 0.914}, {0.6, 0.6, 0.6}};
  cairo_set_source_rgba(cairo, hues[hue][0], hues[hue][1], hues[hue][2], opacity);
}

void tt1__draw_colour_bar(cairo_t *cairo, const tt1__colour_bar *bar, double font)
{
  enum { STEPS = 128 };
  tt1__ticks t = tt1__choose_ticks(bar->from, bar->to);
  for (int i = 0; i < STEPS; i++) {
    uint8_t rgb[3];
    tt1_colour(bar->colours, 1.0 - (i + 0.5) / STEPS, rgb);
    cairo_set_source_rgb(cairo, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
    cairo_rectangle(cairo, bar->x, bar->y + i * bar->height / STEPS, bar->width,
                    bar->height / STEPS + 0.2);
    cairo_fill(cairo);
  }
  tt1__set_hue(cairo, TT1__BLACK, 1.0);
  cairo_set_line_width(cairo, 0.6);
  cairo_rectangle(cairo, bar->x, bar->y, bar->width, bar->height);
  cairo_stroke(cairo);
  tt1__set_font(cairo, font, 0);
  for (int i = 0; i < t.count; i++) {
    char label[32];
    double at = bar->y + (bar->to - t.first - i * t.step) / (bar->to - bar->from) * bar->height;
    tt1__label_tick(label, &t, i);
    tt1__text_at(cairo, bar->x + bar->width + 0.35 * font, at + 0.35 * font, 0.0, label);
  }
}

/* ---- Axes ---- */

enum { MAX_TICKS = 64, LABEL = 64 };

/* What stands along an axis; a tick without a label is a small one. */
typedef struct tick {
  double value;
  char label[LABEL];
} tick;

static int list_numbers(tick ticks[MAX_TICKS], const tt1__axis *axis, double wanted)
{
  tt1__ticks t = choose_ticks(axis->from, axis->to, wanted);
  for (int i = 0; i < t.count && i < MAX_TICKS; i++) {
    ticks[i].value = t.first + i * t.step;
    tt1__label_tick(ticks[i].label, &t, i);
  }
  return t.count < MAX_TICKS ? t.count : MAX_TICKS;
}

static int list_categories(tick ticks[MAX_TICKS], const tt1__axis *axis)
{
  int count = axis->n_categories < MAX_TICKS ? axis->n_categories : MAX_TICKS;
  for (int i = 0; i < count; i++) {
    ticks[i].value = i;
    snprintf(ticks[i].label, LABEL, "%.60s", axis->categories[i]);
  }
  return count;
}

/* Every decade has a number, or every other one where there are many; few decades show what is
 * between, too. */
static int list_decades(tick ticks[MAX_TICKS], const tt1__axis *axis)
{
  int count = 0, first = (int)floor(log10(axis->from) - 1e-9);
  int last = (int)ceil(log10(axis->to) + 1e-9), stride = (last - first) / 8 + 1;
  for (int decade = first; decade <= last; decade++)
    for (int lead = 1; lead < 10 && count < MAX_TICKS; lead++) {
      double value = lead * pow(10.0, decade);
      if (value < axis->from * (1.0 - 1e-9) || value > axis->to * (1.0 + 1e-9)) continue;
      if (lead > 1 && last - first > 6) continue;
      ticks[count].value = value;
      ticks[count].label[0] = '\0';
      if (lead == 1 && decade % stride == 0)
        tt1__label_number(ticks[count].label, value, decade < 0 ? -decade : 0);
      count++;
    }
  return count;
}

static int list_ticks(tick ticks[MAX_TICKS], const tt1__axis *axis)
{
  if (axis->categories) return list_categories(ticks, axis);
  return axis->is_log ? list_decades(ticks, axis) : list_numbers(ticks, axis, 5.0);
}

/* Numbers side by side need air between them: as many as there is room for. */
static int list_fitting(cairo_t *cairo, tick ticks[MAX_TICKS], const tt1__plot *plot)
{
  int count = list_ticks(ticks, &plot->x);
  for (double wanted = 4.0; wanted > 0.5; wanted -= 1.0) {
    double taken = 0.0;
    for (int i = 0; i < count; i++)
      taken += tt1__text_width(cairo, ticks[i].label) + plot->font;
    if (taken <= plot->width || plot->x.categories || plot->x.is_log) break;
    count = list_numbers(ticks, &plot->x, wanted);
  }
  return count;
}

static double share_of(const tt1__axis *axis, double value)
{
  if (axis->is_log) return log(value / axis->from) / log(axis->to / axis->from);
  return (value - axis->from) / (axis->to - axis->from);
}

double tt1__plot_x(const tt1__plot *plot, double value)
{
  return plot->left + share_of(&plot->x, value) * plot->width;
}

double tt1__plot_y(const tt1__plot *plot, double value)
{
  return plot->top + (1.0 - share_of(&plot->y, value)) * plot->height;
}

void tt1__plot_clip(cairo_t *cairo, const tt1__plot *plot)
{
  cairo_save(cairo);
  cairo_rectangle(cairo, plot->left, plot->top, plot->width, plot->height);
  cairo_clip(cairo);
}

static void draw_x_axis(cairo_t *cairo, const tt1__plot *plot)
{
  tick ticks[MAX_TICKS];
  int count = list_fitting(cairo, ticks, plot);
  double bottom = plot->top + plot->height;
  for (int i = 0; i < count; i++) {
    double x = tt1__plot_x(plot, ticks[i].value), length = ticks[i].label[0] ? 0.4 : 0.2;
    cairo_move_to(cairo, x, bottom);
    cairo_line_to(cairo, x, bottom + length * plot->font);
    cairo_stroke(cairo);
    tt1__text_at(cairo, x, bottom + 1.55 * plot->font, 0.5, ticks[i].label);
  }
  if (plot->x.label)
    tt1__text_within(cairo, plot->left + 0.5 * plot->width, bottom + 3.1 * plot->font, 0.5,
                     plot->width, plot->font, plot->x.label);
  cairo_set_font_size(cairo, plot->font);
}

static double widest_label(cairo_t *cairo, const tt1__axis *axis)
{
  tick ticks[MAX_TICKS];
  int count = list_ticks(ticks, axis);
  double widest = 0.0;
  for (int i = 0; i < count; i++)
    widest = fmax(widest, tt1__text_width(cairo, ticks[i].label));
  return widest;
}

double tt1__plot_margin(const tt1__plot *plot)
{
  // Text can only be measured by a context, so measure with one pixel before the page exists.
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
  cairo_t *cairo = cairo_create(surface);
  tt1__set_font(cairo, plot->font, 0);
  double margin = widest_label(cairo, &plot->y) + (plot->y.label ? 2.8 : 1.2) * plot->font;
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
  return margin;
}

static void draw_y_axis(cairo_t *cairo, const tt1__plot *plot)
{
  tick ticks[MAX_TICKS];
  int count = list_ticks(ticks, &plot->y);
  for (int i = 0; i < count; i++) {
    double y = tt1__plot_y(plot, ticks[i].value), length = ticks[i].label[0] ? 0.4 : 0.2;
    cairo_move_to(cairo, plot->left, y);
    cairo_line_to(cairo, plot->left - length * plot->font, y);
    cairo_stroke(cairo);
    tt1__text_at(cairo, plot->left - 0.65 * plot->font, y + 0.36 * plot->font, 1.0, ticks[i].label);
  }
  double widest = widest_label(cairo, &plot->y);
  cairo_save(cairo);
  cairo_translate(cairo, plot->left - 1.35 * plot->font - widest, plot->top + 0.5 * plot->height);
  cairo_rotate(cairo, -1.57079632679489661923);
  if (plot->y.label)
    tt1__text_within(cairo, 0.0, 0.0, 0.5, plot->height, plot->font, plot->y.label);
  cairo_restore(cairo);
}

void tt1__plot_axes(cairo_t *cairo, const tt1__plot *plot)
{
  cairo_set_source_rgb(cairo, 0.0, 0.0, 0.0);
  cairo_set_line_width(cairo, 0.75);
  tt1__set_font(cairo, plot->font, 0);
  draw_x_axis(cairo, plot);
  draw_y_axis(cairo, plot);
  cairo_rectangle(cairo, plot->left, plot->top, plot->width, plot->height);
  cairo_stroke(cairo);
}

#endif
