/* SPDX-License-Identifier: MIT
 * Charts: panels of curves with one legend. Where things are is decided first,
 * then drawn. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/plot.h"
#include "tt1_report.h"

#ifdef TT1_HAVE_CAIRO

static const double WIDTH = 482.0, FONT = 8.0, GAP = 12.0; // 170 mm
static const double POINTS_OF_MM = 72.0 / 25.4;
enum { MAX_ENTRIES = 32 };

/* What stands in the legend. */
typedef struct entry {
  const tt1_curve *curve;
  double left, width;
  int row;
} entry;

typedef struct chart {
  const tt1_chart *given;
  tt1__plot *plots; /* [n_panels] */
  entry entries[MAX_ENTRIES];
  int n_entries, n_rows; /* of the legend */
  double top, height;    /* of the first panel, of the page */
} chart;

/* ---- Ranges ---- */

/* The least and the greatest number that an axis must show. */
typedef struct range {
  double from, to;
} range;

static void show(range *r, double value, int is_log)
{
  if (!isfinite(value) || (is_log && !(value > 0.0))) return;
  r->from = fmin(r->from, value);
  r->to = fmax(r->to, value);
}

static int bars_run_along_x(const tt1_panel *panel)
{
  return panel->y.categories != NULL;
}

static range range_of(const tt1_panel *panel, int is_x)
{
  const tt1_axis *axis = is_x ? &panel->x : &panel->y;
  range r = {HUGE_VAL, -HUGE_VAL};
  for (int c = 0; c < panel->n_curves; c++) {
    const tt1_curve *curve = &panel->curves[c];
    for (int i = 0; i < curve->n; i++) {
      show(&r, is_x ? curve->x[i] : curve->y[i], axis->is_log);
      if (!curve->low || is_x != bars_run_along_x(panel)) continue;
      show(&r, curve->low[i], axis->is_log);
      show(&r, curve->high[i], axis->is_log);
    }
  }
  for (int i = 0; i < panel->n_rules; i++)
    if (panel->rules[i].is_upright == is_x) show(&r, panel->rules[i].value, axis->is_log);
  return r;
}

static void pad(range *r, int is_log)
{
  if (is_log) {
    double factor = fmax(pow(r->to / r->from, 0.05), 1.1);
    r->from /= factor;
    r->to *= factor;
    return;
  }
  double size = r->to - r->from, largest = fmax(fabs(r->from), fabs(r->to));
  double margin = size > 1e-9 * largest ? 0.05 * size : largest > 0.0 ? 0.05 * largest : 1.0;
  r->from -= margin;
  r->to += margin;
}

/* 0 if there is nothing to show. */
static int settle_axis(tt1__axis *out, const tt1_panel *panel, int is_x)
{
  const tt1_axis *axis = is_x ? &panel->x : &panel->y;
  *out = (tt1__axis){.from = axis->from,
                     .to = axis->to,
                     .label = axis->label,
                     .is_log = axis->is_log,
                     .categories = axis->categories,
                     .n_categories = axis->n_categories};
  if (axis->categories) {
    out->from = is_x ? -0.5 : axis->n_categories - 0.5; // the first on the left, or on top
    out->to = is_x ? axis->n_categories - 0.5 : -0.5;
    return axis->n_categories > 0;
  }
  if (axis->from < axis->to) return !axis->is_log || axis->from > 0.0;
  range r = range_of(panel, is_x);
  if (!(r.from <= r.to)) return 0;
  pad(&r, axis->is_log);
  out->from = r.from;
  out->to = r.to;
  return 1;
}

/* ---- Layout ---- */

static int has_entry(const chart *c, const char *name)
{
  for (int i = 0; i < c->n_entries; i++)
    if (strcmp(c->entries[i].curve->name, name) == 0) return 1;
  return 0;
}

static void list_entries(chart *c)
{
  for (int p = 0; p < c->given->n_panels; p++)
    for (int i = 0; i < c->given->panels[p].n_curves; i++) {
      const tt1_curve *curve = &c->given->panels[p].curves[i];
      if (curve->name && c->n_entries < MAX_ENTRIES && !has_entry(c, curve->name))
        c->entries[c->n_entries++].curve = curve;
    }
}

static void place_entries(chart *c)
{
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
  cairo_t *cairo = cairo_create(surface);
  double at = 0.0;
  tt1__set_font(cairo, FONT, 0);
  for (int i = 0; i < c->n_entries; i++) {
    entry *e = &c->entries[i];
    e->width = 3.0 * FONT + tt1__text_width(cairo, e->curve->name) + 1.5 * FONT;
    if (at > 0.0 && at + e->width > WIDTH - GAP) {
      at = 0.0;
      c->n_rows++;
    }
    e->left = at;
    e->row = c->n_rows;
    at += e->width;
  }
  if (c->n_entries > 0) c->n_rows++;
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
}

/* Panels of a column share their margin, so that their frames are in line. */
static void place_panels(chart *c)
{
  const tt1_chart *g = c->given;
  int n_columns = g->n_columns > 0 ? g->n_columns : 1;
  double cell = (WIDTH - GAP) / n_columns;
  double height = (g->height > 0.0 ? g->height : 60.0) * POINTS_OF_MM;
  c->top = (g->title ? 2.2 * FONT : 0.5 * FONT) + c->n_rows * 1.6 * FONT + FONT;
  for (int column = 0; column < n_columns; column++) {
    double margin = 0.0;
    for (int p = column; p < g->n_panels; p += n_columns)
      margin = fmax(margin, tt1__plot_margin(&c->plots[p]));
    for (int p = column; p < g->n_panels; p += n_columns) {
      tt1__plot *plot = &c->plots[p];
      plot->left = column * cell + margin;
      plot->width = cell - margin - GAP;
      plot->top = c->top + p / n_columns * (height + 2.5 * FONT) + 1.4 * FONT;
      plot->height = height - 3.6 * FONT;
    }
  }
  int n_rows = (g->n_panels + n_columns - 1) / n_columns;
  c->height = c->top + n_rows * (height + 2.5 * FONT) + (g->note ? 1.6 * FONT : 0.0);
}

/* ---- Marks ---- */

static void add_symbol(cairo_t *cairo, double x, double y, double r, int hue)
{
  static const int sides[TT1_N_HUES] = {0, 0, 4, 3, 4, 3, 6, 5};
  static const double turns[TT1_N_HUES] = {0.0, 0.0, 0.125, 0.25, 0.0, 0.75, 0.0, 0.25};
  const double whole = 6.28318530717958647692;
  if (!sides[hue]) {
    cairo_arc(cairo, x, y, r, 0.0, whole);
    return;
  }
  for (int i = 0; i < sides[hue]; i++) {
    double angle = whole * (turns[hue] + (double)i / sides[hue]), reach = 1.25 * r;
    cairo_line_to(cairo, x + reach * cos(angle), y - reach * sin(angle));
  }
  cairo_close_path(cairo);
}

static void set_dashes(cairo_t *cairo, int hue)
{
  static const double dashes[TT1_N_HUES][4] = {{0},          {6, 2},  {2, 2},   {8, 2, 2, 2},
                                               {4, 1, 1, 1}, {10, 3}, {1, 1.5}, {3, 3}};
  static const int counts[TT1_N_HUES] = {0, 2, 2, 4, 4, 2, 2, 2};
  cairo_set_dash(cairo, dashes[hue], counts[hue], 0.0);
}

static int is_shown(const tt1__plot *p, double x, double y)
{
  return isfinite(x) && isfinite(y) && (!p->x.is_log || x > 0.0) && (!p->y.is_log || y > 0.0);
}

static void draw_line(cairo_t *cairo, const tt1__plot *p, const tt1_curve *curve)
{
  int is_begun = 0;
  tt1__set_hue(cairo, (tt1__hue)curve->hue, 1.0);
  cairo_set_line_width(cairo, 1.2);
  set_dashes(cairo, curve->hue);
  for (int i = 0; i < curve->n; i++) {
    if (!is_shown(p, curve->x[i], curve->y[i])) {
      is_begun = 0;
      continue;
    }
    double x = tt1__plot_x(p, curve->x[i]), y = tt1__plot_y(p, curve->y[i]);
    if (is_begun)
      cairo_line_to(cairo, x, y);
    else
      cairo_move_to(cairo, x, y);
    is_begun = 1;
  }
  cairo_stroke(cairo);
  cairo_set_dash(cairo, NULL, 0, 0.0);
}

static void draw_bar(cairo_t *cairo, const tt1__plot *p, const tt1_curve *curve, int i, int along_x)
{
  double low = curve->low[i], high = curve->high[i];
  if (along_x ? !is_shown(p, low, curve->y[i]) || !is_shown(p, high, curve->y[i])
              : !is_shown(p, curve->x[i], low) || !is_shown(p, curve->x[i], high))
    return;
  double x[2] = {tt1__plot_x(p, along_x ? low : curve->x[i]),
                 tt1__plot_x(p, along_x ? high : curve->x[i])};
  double y[2] = {tt1__plot_y(p, along_x ? curve->y[i] : low),
                 tt1__plot_y(p, along_x ? curve->y[i] : high)};
  double end_x = along_x ? 0.0 : 2.0, end_y = along_x ? 2.0 : 0.0;
  cairo_move_to(cairo, x[0], y[0]);
  cairo_line_to(cairo, x[1], y[1]);
  for (int end = 0; end < 2; end++) {
    cairo_move_to(cairo, x[end] - end_x, y[end] - end_y);
    cairo_line_to(cairo, x[end] + end_x, y[end] + end_y);
  }
  cairo_stroke(cairo);
}

static void draw_points(cairo_t *cairo, const tt1__plot *p, const tt1_curve *curve)
{
  int is_dense = curve->mark == TT1_MARK_DENSE;
  tt1__set_hue(cairo, (tt1__hue)curve->hue, is_dense ? 0.5 : 1.0);
  for (int i = 0; i < curve->n; i++) {
    if (!is_shown(p, curve->x[i], curve->y[i])) continue;
    add_symbol(cairo, tt1__plot_x(p, curve->x[i]), tt1__plot_y(p, curve->y[i]),
               is_dense ? 1.2 : 2.2, curve->hue);
    cairo_fill(cairo);
  }
}

static void draw_curve(cairo_t *cairo, const tt1__plot *p, const tt1_curve *curve, int along_x)
{
  if (curve->mark == TT1_MARK_LINE || curve->mark == TT1_MARK_BOTH) draw_line(cairo, p, curve);
  tt1__set_hue(cairo, (tt1__hue)curve->hue, 1.0);
  cairo_set_line_width(cairo, 0.8);
  for (int i = 0; curve->low && i < curve->n; i++)
    draw_bar(cairo, p, curve, i, along_x);
  if (curve->mark != TT1_MARK_LINE) draw_points(cairo, p, curve);
}

/* ---- Rules ---- */

static void draw_rule(cairo_t *cairo, const tt1__plot *p, const tt1_rule *rule)
{
  static const double dashes[2] = {4.0, 2.5};
  const tt1_interval *band = rule->interval;
  double right = p->left + p->width, bottom = p->top + p->height;
  if (band && isfinite(band->from) && isfinite(band->to)) {
    double from = rule->is_upright ? tt1__plot_x(p, band->from) : tt1__plot_y(p, band->to);
    double to = rule->is_upright ? tt1__plot_x(p, band->to) : tt1__plot_y(p, band->from);
    tt1__set_hue(cairo, (tt1__hue)rule->hue, 0.16);
    if (rule->is_upright)
      cairo_rectangle(cairo, from, p->top, to - from, p->height);
    else
      cairo_rectangle(cairo, p->left, from, p->width, to - from);
    cairo_fill(cairo);
  }
  if (!isfinite(rule->value)) return;
  double at = rule->is_upright ? tt1__plot_x(p, rule->value) : tt1__plot_y(p, rule->value);
  tt1__set_hue(cairo, (tt1__hue)rule->hue, 1.0);
  cairo_set_line_width(cairo, 0.9);
  cairo_set_dash(cairo, dashes, rule->is_dashed ? 2 : 0, 0.0);
  cairo_move_to(cairo, rule->is_upright ? at : p->left, rule->is_upright ? p->top : at);
  cairo_line_to(cairo, rule->is_upright ? at : right, rule->is_upright ? bottom : at);
  cairo_stroke(cairo);
  cairo_set_dash(cairo, NULL, 0, 0.0);
}

/* On white, so that points do not hide it. */
static void put_label(cairo_t *cairo, double x, double y, double align, const char *text)
{
  double width = tt1__text_width(cairo, text);
  cairo_save(cairo);
  cairo_set_source_rgba(cairo, 1.0, 1.0, 1.0, 0.8);
  cairo_rectangle(cairo, x - align * width - 1.0, y - 0.8 * FONT, width + 2.0, FONT);
  cairo_fill(cairo);
  cairo_restore(cairo);
  tt1__text_at(cairo, x, y, align, text);
}

/* The base of a label above a rule, or below it where there is no room above. */
static double beside_rule(const tt1__plot *p, double y)
{
  return y - 2.0 - 0.85 * FONT < p->top ? y + 0.85 * FONT : y - 2.0;
}

static void label_rule(cairo_t *cairo, const tt1__plot *p, const tt1_rule *rule)
{
  if (!rule->label || !isfinite(rule->value)) return;
  tt1__set_hue(cairo, (tt1__hue)rule->hue, 1.0);
  tt1__set_font(cairo, 0.85 * FONT, 0);
  if (rule->is_upright)
    put_label(cairo, tt1__plot_x(p, rule->value) + 2.0, p->top + FONT, 0.0, rule->label);
  else
    put_label(cairo, p->left + p->width - 2.0, beside_rule(p, tt1__plot_y(p, rule->value)), 1.0,
              rule->label);
}

/* ---- The page ---- */

static void draw_panel(cairo_t *cairo, const tt1__plot *p, const tt1_panel *panel)
{
  tt1__plot_clip(cairo, p);
  for (int i = 0; i < panel->n_rules; i++)
    draw_rule(cairo, p, &panel->rules[i]);
  for (int i = 0; i < panel->n_curves; i++)
    draw_curve(cairo, p, &panel->curves[i], bars_run_along_x(panel));
  for (int i = 0; i < panel->n_rules; i++)
    label_rule(cairo, p, &panel->rules[i]);
  cairo_restore(cairo);
  tt1__plot_axes(cairo, p);
  tt1__set_font(cairo, FONT, 1);
  if (panel->title)
    tt1__text_within(cairo, p->left, p->top - 0.5 * FONT, 0.0, p->width, FONT, panel->title);
}

static void draw_entry(cairo_t *cairo, const chart *c, const entry *e)
{
  double y = c->top - (c->n_rows - e->row) * 1.6 * FONT + 0.2 * FONT, x = e->left + 0.5 * GAP;
  double ends_x[2] = {0.0, 1.0}, middle[1] = {0.5}, ends_y[2] = {0.5, 0.5};
  const tt1__plot sample = {.left = x,
                            .top = y - 0.8 * FONT,
                            .width = 2.4 * FONT,
                            .height = FONT,
                            .x = {.to = 1.0},
                            .y = {.to = 1.0}};
  tt1_curve line = {.x = ends_x, .y = ends_y, .n = 2, .hue = e->curve->hue};
  tt1_curve point = {
      .x = middle, .y = ends_y, .n = 1, .mark = TT1_MARK_POINTS, .hue = e->curve->hue};
  if (e->curve->mark == TT1_MARK_LINE || e->curve->mark == TT1_MARK_BOTH)
    draw_line(cairo, &sample, &line);
  if (e->curve->mark != TT1_MARK_LINE) draw_points(cairo, &sample, &point);
  tt1__set_hue(cairo, TT1__BLACK, 1.0);
  tt1__set_font(cairo, FONT, 0);
  tt1__text_at(cairo, x + 3.0 * FONT, y, 0.0, e->curve->name);
}

static void draw(cairo_t *cairo, const void *payload)
{
  const chart *c = payload;
  const tt1_chart *g = c->given;
  tt1__set_hue(cairo, TT1__BLACK, 1.0);
  tt1__set_font(cairo, 1.2 * FONT, 1);
  if (g->title)
    tt1__text_within(cairo, 0.5 * GAP, 1.5 * FONT, 0.0, WIDTH - GAP, 1.2 * FONT, g->title);
  for (int i = 0; i < c->n_entries; i++)
    draw_entry(cairo, c, &c->entries[i]);
  for (int i = 0; i < g->n_panels; i++)
    draw_panel(cairo, &c->plots[i], &g->panels[i]);
  tt1__set_hue(cairo, TT1__BLACK, 0.75);
  tt1__set_font(cairo, 0.85 * FONT, 0);
  if (g->note)
    tt1__text_within(cairo, 0.5 * GAP, c->height - 0.6 * FONT, 0.0, WIDTH - GAP, 0.85 * FONT,
                     g->note);
}

static tt1_status settle(chart *c, const char *name, tt1_error *err)
{
  const tt1_chart *g = c->given;
  for (int p = 0; p < g->n_panels; p++) {
    tt1__plot *plot = &c->plots[p];
    plot->font = FONT;
    for (int i = 0; i < g->panels[p].n_curves; i++)
      if (g->panels[p].curves[i].hue < 0 || g->panels[p].curves[i].hue >= TT1_N_HUES)
        return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be drawn: hue %d is none of %d",
                              name, g->panels[p].curves[i].hue, TT1_N_HUES);
    if (!settle_axis(&plot->x, &g->panels[p], 1) || !settle_axis(&plot->y, &g->panels[p], 0))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s cannot be drawn: panel %d has nothing to show", name, p + 1);
  }
  list_entries(c);
  place_entries(c);
  place_panels(c);
  return TT1_OK;
}

tt1_status tt1_folder_write_chart(tt1_folder *folder, const char *name, const tt1_chart *given,
                                  tt1_error *err)
{
  if (given->n_panels < 1)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be drawn: it has no panel", name);
  chart c = {.given = given};
  c.plots = tt1__allocate((size_t)given->n_panels, sizeof *c.plots);
  if (!c.plots) return tt1__no_memory(err);
  tt1_status status = settle(&c, name, err);
  if (status == TT1_OK) status = tt1__page_write(folder, name, WIDTH, c.height, draw, &c, err);
  tt1__free(c.plots);
  return status;
}

#else /* without cairo */

tt1_status tt1_folder_write_chart(tt1_folder *folder, const char *name, const tt1_chart *given,
                                  tt1_error *err)
{
  (void)folder, (void)name, (void)given;
  return tt1__error_set(err, TT1_NO_DEVICE, "%s", tt1__no_cairo);
}

#endif
