/* SPDX-License-Identifier: MIT
 * What figures share: text, ticks, axes, and a page that becomes a PNG or an SVG
 * file. Lengths are in points, 1/72 inch, y downwards. Without cairo there are none. */
#ifndef TT1_REPORT_PLOT_H
#define TT1_REPORT_PLOT_H

#include "tt1_report.h"

/** Why there are no figures in a build without cairo. */
extern const char tt1__no_cairo[];

#ifdef TT1_HAVE_CAIRO
#  include <cairo.h>

/* ---- Text ---- */

void tt1__set_font(cairo_t *cairo, double size, int is_bold);
double tt1__text_width(cairo_t *cairo, const char *text);
/** Put text on the base line `y`; `align` is the part of its width that lies left of x. */
void tt1__text_at(cairo_t *cairo, double x, double y, double align, const char *text);
/** The same with a smaller font if it is wider than `room`. */
void tt1__text_within(cairo_t *cairo, double x, double y, double align, double room, double size,
                      const char *text);

/* ---- Ticks ---- */

typedef struct tt1__ticks {
  double first, step;
  int count, decimals;
} tt1__ticks;

/** About five ticks at multiples of 1, 2 or 5 times a power of ten. */
tt1__ticks tt1__choose_ticks(double from, double to);
/** All labels of an axis have as many decimals, with '.' in every locale. */
void tt1__label_tick(char label[32], const tt1__ticks *ticks, int index);
/** A number with `decimals` digits after the point, and a minus sign of the length of a plus. */
void tt1__label_number(char label[32], double value, int decimals);

/* ---- Colours ---- */

/** Those of Okabe & Ito 2008 that stand out on white, told apart by colour-blind eyes. */
typedef enum tt1__hue {
  TT1__BLACK = 0,
  TT1__BLUE,
  TT1__VERMILION,
  TT1__GREEN,
  TT1__ORANGE,
  TT1__PURPLE,
  TT1__SKY,
  TT1__GREY,
  TT1__N_HUES
} tt1__hue;

void tt1__set_hue(cairo_t *cairo, tt1__hue hue, double opacity);

/** A scale that stands upright, `to` at its top. */
typedef struct tt1__colour_bar {
  tt1_colours colours;
  double from, to;
  double x, y, width, height;
} tt1__colour_bar;

/** Draw it, with ticks to its right in a font of this size. */
void tt1__draw_colour_bar(cairo_t *cairo, const tt1__colour_bar *bar, double font);

/* ---- Axes ---- */

typedef struct tt1__axis {
  double from, to;               /* from < to */
  const char *label;             /* NULL: none */
  int is_log;                    /* from > 0 */
  const char *const *categories; /* [n_categories] names of 0, 1, ... in place of numbers */
  int n_categories;
} tt1__axis;

/** A frame on a page and the numbers along its sides. */
typedef struct tt1__plot {
  double left, top, width, height;
  tt1__axis x, y;
  double font; /* size of the numbers; labels have the same */
} tt1__plot;

double tt1__plot_x(const tt1__plot *plot, double value);
double tt1__plot_y(const tt1__plot *plot, double value);
/** What the numbers and the label of the y axis need to the left of the frame. */
double tt1__plot_margin(const tt1__plot *plot);
/** Draw frame, ticks, numbers and labels. */
void tt1__plot_axes(cairo_t *cairo, const tt1__plot *plot);
/** Let nothing be drawn outside the frame until cairo_restore(). */
void tt1__plot_clip(cairo_t *cairo, const tt1__plot *plot);

/* ---- Pages ---- */

typedef void (*tt1__draw_fn)(cairo_t *cairo, const void *payload);

/**
 * Add a white page of `width` x `height` points to `folder`, drawn by `draw`: SVG if `name`
 * ends in .svg, else PNG with 300 dots per inch.
 */
tt1_status tt1__page_write(tt1_folder *folder, const char *name, double width, double height,
                           tt1__draw_fn draw, const void *payload, tt1_error *err);
/** Add the picture on `surface` as PNG; `drawn` is what drawing it came to. */
tt1_status tt1__png_write(tt1_folder *folder, const char *name, cairo_surface_t *surface,
                          tt1_error *err);

/* ---- Maps (mosaic.c, picture.c) ---- */

/** Slices side by side, in pixels. */
typedef struct tt1__mosaic_plan {
  int columns, rows;
  int slice_width, slice_height; /* of one slice as drawn */
  int width, height;
} tt1__mosaic_plan;

tt1__mosaic_plan tt1__mosaic_planned(const tt1_geometry *geometry);
/** All slices of a map in colours, as an image to be painted and destroyed. */
cairo_surface_t *tt1__mosaic(const tt1_picture *picture);
/** Number the slices, if there are several, and name the sides of the patient at the left and the top of the
    first. The origin is the corner of the mosaic. */
void tt1__mosaic_mark(cairo_t *cairo, const tt1_geometry *geometry, const tt1__mosaic_plan *plan,
                      double font);
/** Whether a picture can be drawn. TT1_BAD_ARGUMENT with a sentence about file `name`. */
tt1_status tt1__picture_check(const char *name, const tt1_picture *picture, tt1_error *err);
#endif
#endif
