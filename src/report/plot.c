/* SPDX-License-Identifier: MIT */
#include "report/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

const char tt1__no_cairo[] = "this build of torcht1 has no cairo, so pictures cannot be drawn";

#ifdef TT1_HAVE_CAIRO
#  include <cairo-svg.h>

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

tt1__ticks tt1__choose_ticks(double from, double to)
{
  double rough = (to - from) / 5.0, power = pow(10.0, floor(log10(rough)));
  double lead = rough / power;
  tt1__ticks t = {0};
  t.step = (lead < 1.5 ? 1.0 : lead < 3.5 ? 2.0 : lead < 7.5 ? 5.0 : 10.0) * power;
  t.decimals = (int)ceil(-log10(t.step) - 1e-9);
  if (t.decimals < 0) t.decimals = 0;
  t.first = ceil(from / t.step - 1e-9) * t.step;
  t.count = (int)floor((to - t.first) / t.step + 1e-9) + 1;
  return t;
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

/* ---- Axes ---- */

double tt1__plot_x(const tt1__plot *plot, double value)
{
  return plot->left + (value - plot->x.from) / (plot->x.to - plot->x.from) * plot->width;
}

double tt1__plot_y(const tt1__plot *plot, double value)
{
  return plot->top + (plot->y.to - value) / (plot->y.to - plot->y.from) * plot->height;
}

void tt1__plot_clip(cairo_t *cairo, const tt1__plot *plot)
{
  cairo_save(cairo);
  cairo_rectangle(cairo, plot->left, plot->top, plot->width, plot->height);
  cairo_clip(cairo);
}

static void draw_x_axis(cairo_t *cairo, const tt1__plot *plot)
{
  tt1__ticks t = tt1__choose_ticks(plot->x.from, plot->x.to);
  double bottom = plot->top + plot->height;
  for (int i = 0; i < t.count; i++) {
    char label[32];
    double x = tt1__plot_x(plot, t.first + i * t.step);
    tt1__label_tick(label, &t, i);
    cairo_move_to(cairo, x, bottom);
    cairo_line_to(cairo, x, bottom + 0.4 * plot->font);
    cairo_stroke(cairo);
    tt1__text_at(cairo, x, bottom + 1.55 * plot->font, 0.5, label);
  }
  tt1__text_within(cairo, plot->left + 0.5 * plot->width, bottom + 3.1 * plot->font, 0.5,
                   plot->width, plot->font, plot->x.label);
  cairo_set_font_size(cairo, plot->font);
}

static double widest_number(cairo_t *cairo, const tt1__axis *axis)
{
  tt1__ticks t = tt1__choose_ticks(axis->from, axis->to);
  double widest = 0.0;
  for (int i = 0; i < t.count; i++) {
    char label[32];
    tt1__label_tick(label, &t, i);
    widest = fmax(widest, tt1__text_width(cairo, label));
  }
  return widest;
}

double tt1__plot_margin(const tt1__plot *plot)
{
  // Text can only be measured by a context, so measure with one pixel before the page exists.
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
  cairo_t *cairo = cairo_create(surface);
  tt1__set_font(cairo, plot->font, 0);
  double margin = widest_number(cairo, &plot->y) + 2.8 * plot->font;
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
  return margin;
}

static void draw_y_axis(cairo_t *cairo, const tt1__plot *plot)
{
  tt1__ticks t = tt1__choose_ticks(plot->y.from, plot->y.to);
  for (int i = 0; i < t.count; i++) {
    char label[32];
    double y = tt1__plot_y(plot, t.first + i * t.step);
    tt1__label_tick(label, &t, i);
    cairo_move_to(cairo, plot->left, y);
    cairo_line_to(cairo, plot->left - 0.4 * plot->font, y);
    cairo_stroke(cairo);
    tt1__text_at(cairo, plot->left - 0.65 * plot->font, y + 0.36 * plot->font, 1.0, label);
  }
  double widest = widest_number(cairo, &plot->y);
  cairo_save(cairo);
  cairo_translate(cairo, plot->left - 1.35 * plot->font - widest, plot->top + 0.5 * plot->height);
  cairo_rotate(cairo, -1.57079632679489661923);
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

/* ---- Pages ---- */

static cairo_status_t add_bytes(void *text, const unsigned char *bytes, unsigned length)
{
  tt1__text *file = text;
  tt1__text_add_bytes(file, (const char *)bytes, length);
  return file->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

static tt1_status write_bytes(tt1_folder *folder, const char *name, const tt1__text *file,
                              cairo_status_t drawn, tt1_error *err)
{
  if (drawn == CAIRO_STATUS_NO_MEMORY || file->failed) return tt1__no_memory(err);
  if (drawn != CAIRO_STATUS_SUCCESS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be drawn: %s", name,
                          cairo_status_to_string(drawn));
  return tt1_folder_write(folder, name, file->bytes, file->length, err);
}

tt1_status tt1__png_write(tt1_folder *folder, const char *name, cairo_surface_t *surface,
                          tt1_error *err)
{
  tt1__text file = {0};
  cairo_status_t drawn = cairo_surface_status(surface);
  if (drawn == CAIRO_STATUS_SUCCESS)
    drawn = cairo_surface_write_to_png_stream(surface, add_bytes, &file);
  tt1_status status = write_bytes(folder, name, &file, drawn, err);
  tt1__text_free(&file);
  return status;
}

static void draw_page(cairo_surface_t *surface, double scale, tt1__draw_fn draw,
                      const void *payload)
{
  if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) return;
  cairo_t *cairo = cairo_create(surface);
  cairo_scale(cairo, scale, scale);
  cairo_set_source_rgb(cairo, 1.0, 1.0, 1.0);
  cairo_paint(cairo);
  draw(cairo, payload);
  cairo_destroy(cairo);
}

static tt1_status write_svg(tt1_folder *folder, const char *name, double width, double height,
                            tt1__draw_fn draw, const void *payload, tt1_error *err)
{
  tt1__text file = {0};
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream(add_bytes, &file, width, height);
  draw_page(surface, 1.0, draw, payload);
  cairo_surface_finish(surface); // writes
  tt1_status status = write_bytes(folder, name, &file, cairo_surface_status(surface), err);
  cairo_surface_destroy(surface);
  tt1__text_free(&file);
  return status;
}

tt1_status tt1__page_write(tt1_folder *folder, const char *name, double width, double height,
                           tt1__draw_fn draw, const void *payload, tt1_error *err)
{
  size_t length = strlen(name);
  if (length > 4 && strcmp(name + length - 4, ".svg") == 0)
    return write_svg(folder, name, width, height, draw, payload, err);
  double scale = 300.0 / 72.0;
  cairo_surface_t *surface = cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, (int)ceil(width * scale), (int)ceil(height * scale));
  draw_page(surface, scale, draw, payload);
  tt1_status status = tt1__png_write(folder, name, surface, err);
  cairo_surface_destroy(surface);
  return status;
}

#endif
