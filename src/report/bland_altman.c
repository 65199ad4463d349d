/* SPDX-License-Identifier: MIT
 * The figure of Bland and Altman 1986: differences over means, with the bias,
 * the limits of agreement and their intervals. Many pairs are drawn as the
 * density of hexagonal cells, since a hundred thousand points are one blot. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "report/plot.h"
#include "tt1_report.h"

#ifdef TT1_HAVE_CAIRO

static const double WIDTH = 482.0, HEIGHT = 346.0, FONT = 9.0, SMALL = 7.5;
static const double CELL = 4.5; // width of a hexagon
enum { MANY = 3000, LEVELS = 20, MOST_MARKED = 64, N_LINES = 3 };

/* Hexagons on two interleaved grids of rectangles. */
typedef struct cells {
  int columns, rows; /* of one of the grids */
  int32_t *counts;   /* [2][rows][columns] */
  int32_t most;
} cells;

typedef struct figure {
  const tt1_bland_altman *given;
  tt1__plot plot;
  cells cells;
  int64_t n_beyond; /* pairs outside the axes */
  char x_label[400], y_label[400], note[400];
} figure;

/* ---- What is where ---- */

static double middle_of(const tt1_bland_altman *g, int64_t i)
{
  return 0.5 * g->a[i] + 0.5 * g->b[i];
}

static double difference_of(const tt1_bland_altman *g, int64_t i)
{
  return g->a[i] - g->b[i];
}

/* The range of most of `sorted`: of all if they are few, else without one in two hundred at
 * either end, so that a few wild voxels do not press the rest into a line. */
static void widen(tt1__axis *axis, const double *sorted, int64_t n)
{
  int64_t left_out = n < MANY ? 0 : n / 200;
  axis->from = fmin(axis->from, sorted[left_out]);
  axis->to = fmax(axis->to, sorted[n - 1 - left_out]);
}

/* No farther from the quartiles than ten times what lies between them, lest one wild pair, or the SD that it makes,
 * flatten the rest; `kept` stays inside. Where half of all are equal nothing is wild. */
static void fence(tt1__axis *axis, const double *sorted, int64_t n, double kept)
{
  const double most = 10.0;
  double low = sorted[(n - 1) / 4], high = sorted[n - 1 - (n - 1) / 4], between = high - low;
  if (!(between > 0.0)) return;
  axis->from = fmax(axis->from, fmin(low - most * between, kept));
  axis->to = fmin(axis->to, fmax(high + most * between, kept));
}

static void pad(tt1__axis *axis, double share)
{
  double size = axis->to - axis->from, largest = fmax(fabs(axis->from), fabs(axis->to));
  double margin = size > 1e-9 * largest ? share * size : largest > 0.0 ? 0.05 * largest : 1.0;
  axis->from -= margin;
  axis->to += margin;
}

// Intervals of few pairs are huge: they may double the height of the figure, no more. That of a limit which one
// wild pair has driven out of the figure has no place in it.
static void show_interval(tt1__axis *axis, double limit, const tt1_interval *interval, double most)
{
  if (limit < axis->from || limit > axis->to) return;
  if (isfinite(interval->from)) axis->from = fmin(axis->from, fmax(interval->from, -most));
  if (isfinite(interval->to)) axis->to = fmax(axis->to, fmin(interval->to, most));
}

static tt1_status choose_range(figure *f, tt1_error *err)
{
  const tt1_bland_altman *g = f->given;
  const tt1_agreement *found = g->agreement;
  double *sorted = tt1__allocate((size_t)g->n, sizeof *sorted);
  if (!sorted) return tt1__no_memory(err);
  tt1__axis *x = &f->plot.x, *y = &f->plot.y;
  x->from = x->to = found->a.mean * 0.5 + found->b.mean * 0.5;
  y->from = fmin(0.0, isfinite(found->limits[0]) ? found->limits[0] : found->difference.mean);
  y->to = fmax(0.0, isfinite(found->limits[1]) ? found->limits[1] : found->difference.mean);
  for (int64_t i = 0; i < g->n; i++)
    sorted[i] = middle_of(g, i);
  qsort(sorted, (size_t)g->n, sizeof *sorted, tt1__by_value);
  widen(x, sorted, g->n);
  fence(x, sorted, g->n, (double)NAN);
  for (int64_t i = 0; i < g->n; i++)
    sorted[i] = difference_of(g, i);
  qsort(sorted, (size_t)g->n, sizeof *sorted, tt1__by_value);
  widen(y, sorted, g->n);
  fence(y, sorted, g->n, 0.0);
  tt1__free(sorted);
  double most = y->to - y->from;
  show_interval(y, found->limits[0], &found->limit_intervals[0], most);
  show_interval(y, found->limits[1], &found->limit_intervals[1], most);
  pad(x, 0.04);
  pad(y, 0.05);
  return TT1_OK;
}

static int is_inside(const figure *f, double x, double y)
{
  const tt1__plot *p = &f->plot;
  return x >= p->x.from && x <= p->x.to && y >= p->y.from && y <= p->y.to;
}

/* ---- Density ---- */

/* The centre of a cell in points, from the corner of the frame. */
static void centre_of(int grid, int row, int column, double *x, double *y)
{
  *x = (column + 0.5 * grid) * CELL;
  *y = (row + 0.5 * grid) * CELL * 1.7320508075688772;
}

/* The nearer of the two candidates that the two grids offer is the hexagon. */
static int32_t *cell_at(const cells *c, double x, double y)
{
  int32_t *nearest = NULL;
  double least = (double)INFINITY;
  for (int grid = 0; grid < 2; grid++) {
    int column = (int)floor(x / CELL - 0.5 * grid + 0.5);
    int row = (int)floor(y / (CELL * 1.7320508075688772) - 0.5 * grid + 0.5);
    double cx, cy;
    centre_of(grid, row, column, &cx, &cy);
    double apart = (x - cx) * (x - cx) + (y - cy) * (y - cy);
    if (column < 0 || row < 0 || column >= c->columns || row >= c->rows || apart >= least) continue;
    least = apart;
    nearest = &c->counts[((int64_t)grid * c->rows + row) * c->columns + column];
  }
  return nearest;
}

static tt1_status count_cells(figure *f, tt1_error *err)
{
  const tt1__plot *p = &f->plot;
  cells *c = &f->cells;
  c->columns = (int)(p->width / CELL) + 2;
  c->rows = (int)(p->height / (CELL * 1.7320508075688772)) + 2;
  c->counts = tt1__allocate(2 * (size_t)c->rows * (size_t)c->columns, sizeof *c->counts);
  if (!c->counts) return tt1__no_memory(err);
  for (int64_t i = 0; i < f->given->n; i++) {
    double x = middle_of(f->given, i), y = difference_of(f->given, i);
    if (!is_inside(f, x, y)) continue;
    int32_t *cell = cell_at(c, tt1__plot_x(p, x) - p->left, tt1__plot_y(p, y) - p->top);
    if (cell && *cell < INT32_MAX) ++*cell;
    if (cell && *cell > c->most) c->most = *cell;
  }
  return TT1_OK;
}

static int level_of(int32_t count, int32_t most)
{
  double share = most > 1 ? log((double)count) / log((double)most) : 1.0;
  return (int)(share * (LEVELS - 1) + 0.5);
}

/* From pale to dark blue, even in lightness, so that grey print keeps the order. */
static void set_level(cairo_t *cairo, int level)
{
  double t = (double)level / (LEVELS - 1);
  cairo_set_source_rgb(cairo, 0.78 - 0.75 * t, 0.87 - 0.70 * t, 0.95 - 0.57 * t);
}

static void add_hexagon(cairo_t *cairo, double x, double y)
{
  // A little larger than the cell, lest white hairlines show between two levels.
  const double side = CELL / 1.7320508075688772 * 1.04, half = 0.5 * CELL * 1.04;
  cairo_move_to(cairo, x, y - side);
  cairo_line_to(cairo, x + half, y - 0.5 * side);
  cairo_line_to(cairo, x + half, y + 0.5 * side);
  cairo_line_to(cairo, x, y + side);
  cairo_line_to(cairo, x - half, y + 0.5 * side);
  cairo_line_to(cairo, x - half, y - 0.5 * side);
  cairo_close_path(cairo);
}

static void draw_level(cairo_t *cairo, const figure *f, int level)
{
  const cells *c = &f->cells;
  const int32_t *count = c->counts;
  for (int grid = 0; grid < 2; grid++)
    for (int row = 0; row < c->rows; row++)
      for (int column = 0; column < c->columns; column++, count++) {
        if (*count == 0 || level_of(*count, c->most) != level) continue;
        double x, y;
        centre_of(grid, row, column, &x, &y);
        add_hexagon(cairo, f->plot.left + x, f->plot.top + y);
      }
  set_level(cairo, level);
  cairo_fill(cairo);
}

static void draw_scale(cairo_t *cairo, const figure *f)
{
  char most[32];
  double right = f->plot.left + f->plot.width, y = f->plot.top - 15.0, width = 60.0;
  tt1__label_number(most, (double)f->cells.most, 0);
  double left = right - tt1__text_width(cairo, most) - 4.0 - width;
  for (int i = 0; i < LEVELS; i++) {
    set_level(cairo, i);
    cairo_rectangle(cairo, left + i * width / LEVELS, y, width / LEVELS + 0.3, 7.0);
    cairo_fill(cairo);
  }
  cairo_set_source_rgb(cairo, 0.0, 0.0, 0.0);
  tt1__text_at(cairo, right, y + 6.2, 1.0, most);
  tt1__text_at(cairo, left - 4.0, y + 6.2, 1.0, "pairs per cell (log)  1");
}

static void draw_points(cairo_t *cairo, const figure *f)
{
  const tt1_bland_altman *g = f->given;
  double radius = g->n > 500 ? 1.4 : 2.2;
  tt1__set_hue(cairo, TT1__BLUE, g->n > 500 ? 0.45 : 0.7);
  for (int64_t i = 0; i < g->n; i++) {
    cairo_arc(cairo, tt1__plot_x(&f->plot, middle_of(g, i)),
              tt1__plot_y(&f->plot, difference_of(g, i)), radius, 0.0, 6.28318530717958647692);
    cairo_fill(cairo);
  }
}

/* ---- Lines ---- */

typedef struct line {
  const char *name;
  double value;
  const tt1_interval *interval;
  tt1__hue hue;
  int is_dashed;
  double label_y;
} line;

static void list_lines(line lines[N_LINES], const tt1_agreement *found)
{
  lines[0] =
      (line){"+1.96 SD", found->limits[1], &found->limit_intervals[1], TT1__VERMILION, 1, 0.0};
  lines[1] = (line){"bias", found->difference.mean, &found->bias_interval, TT1__BLACK, 0, 0.0};
  lines[2] =
      (line){"\u22121.96 SD", found->limits[0], &found->limit_intervals[0], TT1__VERMILION, 1, 0.0};
}

static void draw_bands(cairo_t *cairo, const figure *f, const line lines[N_LINES])
{
  const tt1__plot *p = &f->plot;
  for (int i = 0; i < N_LINES; i++) {
    const line *l = &lines[i];
    if (!isfinite(l->interval->from) || !isfinite(l->interval->to)) continue;
    double top = tt1__plot_y(p, l->interval->to), bottom = tt1__plot_y(p, l->interval->from);
    tt1__set_hue(cairo, l->hue, 0.16);
    cairo_rectangle(cairo, p->left, top, p->width, bottom - top);
    cairo_fill(cairo);
  }
}

static void stroke_level(cairo_t *cairo, const tt1__plot *p, double value)
{
  double y = tt1__plot_y(p, value);
  cairo_move_to(cairo, p->left, y);
  cairo_line_to(cairo, p->left + p->width, y);
  cairo_stroke(cairo);
}

static void draw_zero(cairo_t *cairo, const tt1__plot *p)
{
  tt1__set_hue(cairo, TT1__GREY, 1.0);
  cairo_set_line_width(cairo, 0.6);
  stroke_level(cairo, p, 0.0);
}

static void draw_lines(cairo_t *cairo, const figure *f, const line lines[N_LINES])
{
  static const double dashes[2] = {6.0, 3.0};
  for (int i = 0; i < N_LINES; i++) {
    if (!isfinite(lines[i].value)) continue;
    tt1__set_hue(cairo, lines[i].hue, 1.0);
    cairo_set_line_width(cairo, 1.3);
    cairo_set_dash(cairo, dashes, lines[i].is_dashed ? 2 : 0, 0.0);
    stroke_level(cairo, &f->plot, lines[i].value);
  }
  cairo_set_dash(cairo, NULL, 0, 0.0);
}

static void draw_slope(cairo_t *cairo, const figure *f)
{
  static const double dots[2] = {1.5, 2.5};
  const tt1_agreement *found = f->given->agreement;
  const tt1__plot *p = &f->plot;
  if (!isfinite(found->slope) || !isfinite(found->slope_p)) return;
  double from = fmax(p->x.from, fmin(found->a.least, found->b.least));
  double to = fmin(p->x.to, fmax(found->a.greatest, found->b.greatest));
  tt1__set_hue(cairo, TT1__GREEN, 1.0);
  cairo_set_line_width(cairo, 1.5);
  cairo_set_dash(cairo, dots, 2, 0.0);
  cairo_move_to(cairo, tt1__plot_x(p, from),
                tt1__plot_y(p, found->intercept + found->slope * from));
  cairo_line_to(cairo, tt1__plot_x(p, to), tt1__plot_y(p, found->intercept + found->slope * to));
  cairo_stroke(cairo);
  cairo_set_dash(cairo, NULL, 0, 0.0);
}

/* Three digits of the spread are worth showing. */
static int decimals_for(const tt1_agreement *found)
{
  double size = isfinite(found->difference.sd) ? found->difference.sd : fabs(found->rms);
  if (!(size > 0.0)) return 1;
  int decimals = 2 - (int)floor(log10(size));
  return decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
}

/* Two lines of text beside each line; those that would overlap are moved apart. */
static void label_lines(cairo_t *cairo, const figure *f, line lines[N_LINES])
{
  const tt1__plot *p = &f->plot;
  double x = p->left + p->width + 6.0, pitch = 2.4 * SMALL;
  for (int i = 0; i < N_LINES; i++)
    lines[i].label_y = fmin(fmax(tt1__plot_y(p, lines[i].value), p->top), p->top + p->height);
  double upper = lines[0].label_y, lower = lines[2].label_y, centre = lines[1].label_y;
  lines[0].label_y = fmin(upper, centre - pitch);
  lines[2].label_y = fmax(lower, centre + pitch);
  for (int i = 0; i < N_LINES; i++) {
    char text[64];
    if (!isfinite(lines[i].value)) continue;
    tt1__set_hue(cairo, lines[i].hue, 1.0);
    tt1__set_font(cairo, SMALL, 0);
    tt1__text_at(cairo, x, lines[i].label_y - 0.2 * SMALL, 0.0, lines[i].name);
    tt1__label_number(text, lines[i].value, decimals_for(f->given->agreement));
    tt1__set_font(cairo, SMALL, 1);
    tt1__text_at(cairo, x, lines[i].label_y + 0.9 * SMALL, 0.0, text);
  }
}

/* ---- Regions ---- */

/* Squares of the frame that hold points or labels. */
enum { SQUARE = 3, MOST_SQUARES = 256 };

typedef struct occupied {
  uint8_t squares[MOST_SQUARES][MOST_SQUARES];
  int columns, rows;
} occupied;

static void occupy(occupied *o, double x, double y)
{
  int column = (int)(x / SQUARE), row = (int)(y / SQUARE);
  if (column >= 0 && row >= 0 && column < o->columns && row < o->rows) o->squares[row][column] = 1;
}

static void find_occupied(occupied *o, const figure *f)
{
  const tt1__plot *p = &f->plot;
  memset(o, 0, sizeof *o);
  o->columns = (int)fmin(p->width / SQUARE, MOST_SQUARES);
  o->rows = (int)fmin(p->height / SQUARE, MOST_SQUARES);
  for (int64_t i = 0; i < f->given->n; i++) {
    double x = middle_of(f->given, i), y = difference_of(f->given, i);
    if (is_inside(f, x, y)) occupy(o, tt1__plot_x(p, x) - p->left, tt1__plot_y(p, y) - p->top);
  }
}

/* Whether a box about (x, y), in points from the corner of the frame, is free; `taken` fills it. */
static int is_free(occupied *o, double x, double y, double half_width, double half_height,
                   int taken)
{
  int from = (int)floor((x - half_width) / SQUARE), to = (int)floor((x + half_width) / SQUARE);
  int top = (int)floor((y - half_height) / SQUARE), low = (int)floor((y + half_height) / SQUARE);
  if (from < 0 || top < 0 || to >= o->columns || low >= o->rows) return 0;
  for (int row = top; row <= low; row++)
    for (int column = from; column <= to; column++) {
      if (o->squares[row][column] && !taken) return 0;
      if (taken) o->squares[row][column] = 1;
    }
  return 1;
}

/* Ever farther round about (x, y), until there is room. Returns 0 where there is none. */
static int find_room(occupied *o, double *x, double *y, double half_width, double half_height)
{
  for (int ring = 3; ring < 120; ring++)
    for (int step = 0; step < 24; step++) {
      double angle = 6.28318530717958647692 * step / 24.0 - 0.7, reach = ring * SQUARE;
      double at_x = *x + reach * cos(angle), at_y = *y + reach * sin(angle);
      if (!is_free(o, at_x, at_y, half_width, half_height, 0)) continue;
      is_free(o, at_x, at_y, half_width, half_height, 1);
      *x = at_x;
      *y = at_y;
      return 1;
    }
  return 0;
}

/* A ring about the mean, which hides no point, and its number where there are none. */
static void mark_region(cairo_t *cairo, const figure *f, occupied *o, double x, double y,
                        const char *text)
{
  double left = f->plot.left, top = f->plot.top, label_x = x - left, label_y = y - top;
  double half = 0.5 * tt1__text_width(cairo, text) + 2.0;
  tt1__set_hue(cairo, TT1__BLACK, 1.0);
  cairo_set_line_width(cairo, 1.2);
  cairo_arc(cairo, x, y, 4.0, 0.0, 6.28318530717958647692);
  cairo_stroke(cairo);
  if (!find_room(o, &label_x, &label_y, half, 4.5)) return;
  double apart = hypot(left + label_x - x, top + label_y - y), share = 4.0 / apart;
  cairo_set_line_width(cairo, 0.5);
  cairo_move_to(cairo, x + share * (left + label_x - x), y + share * (top + label_y - y));
  cairo_line_to(cairo, left + label_x, top + label_y);
  cairo_stroke(cairo);
  cairo_set_source_rgb(cairo, 1.0, 1.0, 1.0);
  cairo_rectangle(cairo, left + label_x - half, top + label_y - 4.0, 2.0 * half, 8.0);
  cairo_fill(cairo);
  tt1__set_hue(cairo, TT1__BLACK, 1.0);
  tt1__text_at(cairo, left + label_x, top + label_y + 2.4, 0.5, text);
}

static void draw_regions(cairo_t *cairo, const figure *f)
{
  occupied o;
  const tt1_bland_altman *g = f->given;
  if (!g->regions || g->n_regions > MOST_MARKED) return;
  find_occupied(&o, f);
  tt1__set_font(cairo, 6.5, 1);
  for (int i = 0; i < g->n_regions; i++) {
    const tt1_agreement *region = &g->regions[i].agreement;
    char text[16];
    if (region->n_pairs < 1) continue;
    double x = tt1__plot_x(&f->plot, 0.5 * region->a.mean + 0.5 * region->b.mean);
    double y = tt1__plot_y(&f->plot, region->difference.mean);
    snprintf(text, sizeof text, "%d", (int)g->regions[i].label);
    mark_region(cairo, f, &o, x, y, text);
  }
}

/* ---- The whole ---- */

static void draw(cairo_t *cairo, const void *payload)
{
  figure f = *(const figure *)payload;
  line lines[N_LINES];
  list_lines(lines, f.given->agreement);
  tt1__set_font(cairo, SMALL, 0);
  if (f.cells.counts) draw_scale(cairo, &f);
  tt1__plot_clip(cairo, &f.plot);
  draw_bands(cairo, &f, lines);
  draw_zero(cairo, &f.plot);
  for (int i = 0; f.cells.counts && i < LEVELS; i++)
    draw_level(cairo, &f, i);
  if (!f.cells.counts) draw_points(cairo, &f);
  draw_lines(cairo, &f, lines);
  draw_slope(cairo, &f);
  draw_regions(cairo, &f);
  cairo_restore(cairo);
  tt1__plot_axes(cairo, &f.plot);
  label_lines(cairo, &f, lines);
  cairo_set_source_rgb(cairo, 0.0, 0.0, 0.0);
  tt1__set_font(cairo, FONT * 1.2, 1);
  if (f.given->title)
    tt1__text_within(cairo, f.plot.left, f.plot.top - 9.0, 0.0, 0.5 * f.plot.width, FONT * 1.2,
                     f.given->title);
  cairo_set_source_rgb(cairo, 0.25, 0.25, 0.25);
  tt1__set_font(cairo, SMALL, 0);
  tt1__text_within(cairo, f.plot.left, HEIGHT - 8.0, 0.0, WIDTH - f.plot.left - 6.0, SMALL, f.note);
}

static void write_texts(figure *f)
{
  const tt1_bland_altman *g = f->given;
  const tt1_agreement *found = g->agreement;
  const char *unit = g->unit && *g->unit ? g->unit : NULL;
  char beyond[64] = "", slope[32];
  snprintf(f->x_label, sizeof f->x_label, "mean of %.120s and %.120s%s%.40s%s", g->name_a,
           g->name_b, unit ? " (" : "", unit ? unit : "", unit ? ")" : "");
  snprintf(f->y_label, sizeof f->y_label, "%.120s \u2212 %.120s%s%.40s%s", g->name_a, g->name_b,
           unit ? " (" : "", unit ? unit : "", unit ? ")" : "");
  if (f->n_beyond)
    snprintf(beyond, sizeof beyond, "; %lld beyond the axes", (long long)f->n_beyond);
  size_t used = (size_t)snprintf(f->note, sizeof f->note, "%lld pairs%s; shaded: 95 %% intervals",
                                 (long long)g->n, beyond);
  if (isfinite(found->concordance))
    used += (size_t)snprintf(f->note + used, sizeof f->note - used, "; concordance %.3f",
                             found->concordance);
  tt1__label_number(slope, found->slope, 3);
  if (isfinite(found->slope_p))
    snprintf(f->note + used, sizeof f->note - used, "; dotted: slope %s, p %s%.3f", slope,
             found->slope_p < 0.001 ? "< " : "= ", fmax(found->slope_p, 0.001));
}

static tt1_status check(const char *name, const tt1_bland_altman *g, tt1_error *err)
{
  if (g->n < 1 || !g->a || !g->b || !g->agreement || !g->name_a || !g->name_b)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be drawn: there are no pairs", name);
  for (int64_t i = 0; i < g->n; i++)
    if (!isfinite(g->a[i]) || !isfinite(g->b[i]) || fabs(g->a[i]) > 1e100 || fabs(g->b[i]) > 1e100)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be drawn: pair %lld is %g and %g",
                            name, (long long)i, g->a[i], g->b[i]);
  return TT1_OK;
}

tt1_status tt1_folder_write_bland_altman(tt1_folder *folder, const char *name,
                                         const tt1_bland_altman *given, tt1_error *err)
{
  tt1_status status = check(name, given, err);
  if (status != TT1_OK) return status;
  figure f = {.given = given};
  f.plot = (tt1__plot){.top = 34.0, .height = HEIGHT - 90.0, .font = FONT};
  status = choose_range(&f, err);
  if (status != TT1_OK) return status;
  f.plot.x.label = f.x_label;
  f.plot.y.label = f.y_label;
  f.plot.left = tt1__plot_margin(&f.plot);
  f.plot.width = WIDTH - f.plot.left - 62.0;
  for (int64_t i = 0; i < given->n; i++)
    f.n_beyond += !is_inside(&f, middle_of(given, i), difference_of(given, i));
  write_texts(&f);
  if (given->n >= MANY) status = count_cells(&f, err);
  if (status == TT1_OK) status = tt1__page_write(folder, name, WIDTH, HEIGHT, draw, &f, err);
  tt1__free(f.cells.counts);
  return status;
}

#else /* without cairo */

tt1_status tt1_folder_write_bland_altman(tt1_folder *folder, const char *name,
                                         const tt1_bland_altman *given, tt1_error *err)
{
  (void)folder, (void)name, (void)given;
  return tt1__error_set(err, TT1_NO_DEVICE, "%s", tt1__no_cairo);
}

#endif
