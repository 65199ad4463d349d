/* SPDX-License-Identifier: MIT
 * The figures of the report, each as PNG, SVG and PDF. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paper.h"
#include "tt1_report.h"

/* Figures of the paper itself, in s: Zhang et al., MIDL 2024. */
static const double PAPER_SCIPY = 401.3, PAPER_TORCH = 32.8;
static const char *const ENDINGS[] = {"png", "svg", "pdf"};

static void write_chart(tt1_folder *folder, const char *name, const tt1_chart *chart)
{
  char file[64];
  tt1_error error = {0};
  for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++) {
    snprintf(file, sizeof file, "%s.%s", name, ENDINGS[i]);
    check(tt1_folder_write_chart(folder, file, chart, &error), &error);
  }
}

/* ---- Times: figure 1c of the paper ---- */

enum { MAX_ROWS = 24 };

/* Methods as rows; those of one kind are one curve. */
typedef struct rows {
  const char *names[MAX_ROWS];
  double x[MAX_ROWS], low[MAX_ROWS], high[MAX_ROWS], y[MAX_ROWS];
  int n;
} rows;

static void add_row(rows *r, const char *name, double x, double low, double high)
{
  r->names[r->n] = name;
  r->x[r->n] = x;
  r->low[r->n] = low;
  r->high[r->n] = high;
  r->y[r->n] = r->n;
  r->n++;
}

static void add_method(rows *r, const char *name, const verdict *v)
{
  double low = HUGE_VAL, high = 0.0;
  for (int i = 0; i < MAX_CASES; i++)
    if (v->seconds[i] > 0.0) {
      low = fmin(low, v->seconds[i]);
      high = fmax(high, v->seconds[i]);
    }
  if (high > 0.0) add_row(r, name, median_seconds(v), low, high);
}

static tt1_curve curve_of(const rows *r, int from, int to, const char *name, int hue)
{
  return (tt1_curve){.name = name,
                     .x = r->x + from,
                     .y = r->y + from,
                     .low = r->low + from,
                     .high = r->high + from,
                     .n = to - from,
                     .mark = TT1_MARK_POINTS,
                     .hue = hue};
}

static void draw_times(tt1_folder *folder, const verdict *v)
{
  rows r = {.n = 0};
  add_row(&r, "SciPy Nelder-Mead, as published", PAPER_SCIPY, (double)NAN, (double)NAN);
  add_row(&r, "Torch T1 on an RTX 4090, as published", PAPER_TORCH, (double)NAN, (double)NAN);
  int n_published = r.n;
  for (int pass = 0; pass < 2; pass++)
    for (int m = 0; methods[m].key; m++)
      if (methods[m].is_ours == pass && is_shown(v, m, TIMED))
        add_method(&r, methods[m].title, &v[m]);
  int n_peers = n_published;
  for (int m = 0; methods[m].key; m++)
    n_peers += !methods[m].is_ours && is_shown(v, m, TIMED);
  const tt1_curve curves[] = {
      curve_of(&r, 0, n_published, "the paper's own figures, its data and machine", 7),
      curve_of(&r, n_published, n_peers, "peers, this run", 2),
      curve_of(&r, n_peers, r.n, "torcht1, this run", 1)};
  const tt1_panel panel = {
      .x = {.label = "seconds for a sequence (median and range over the cohort)", .is_log = 1},
      .y = {.categories = r.names, .n_categories = r.n},
      .curves = curves,
      .n_curves = 3};
  const tt1_chart chart = {.title = "Time for a sequence",
                           .panels = &panel,
                           .n_panels = 1,
                           .n_columns = 1,
                           .height = 14.0 + 5.5 * r.n};
  write_chart(folder, "times", &chart);
}

/* ---- Agreement: figure 2a ---- */

typedef struct plane {
  double x[MAX_CASES], y[MAX_CASES];
  char title[120];
  tt1_curve curve;
  tt1_rule rules[3];
  char labels[3][40];
} plane;

static void fill_plane(plane *p, const cohort *c, const verdict *v, const verdict *reference,
                       int is_post, const char *name)
{
  means m;
  compare_means(&m, c, v, reference, is_post);
  for (int i = 0; i < m.n; i++) {
    p->x[i] = 0.5 * (m.a[i] + m.b[i]);
    p->y[i] = m.a[i] - m.b[i];
  }
  const double values[] = {m.found.difference.mean, m.found.limits[0], m.found.limits[1]};
  for (int i = 0; i < 3; i++) {
    snprintf(p->labels[i], sizeof p->labels[i], "%s%.3g", i ? "" : "bias ", values[i]);
    p->rules[i] =
        (tt1_rule){.value = values[i], .label = p->labels[i], .hue = i ? 2 : 0, .is_dashed = i > 0};
  }
  snprintf(p->title, sizeof p->title, "%s, %s", name, is_post ? "post-contrast" : "native");
  p->curve = (tt1_curve){.x = p->x, .y = p->y, .n = m.n, .mark = TT1_MARK_POINTS, .hue = 1};
}

static tt1_panel panel_of(const plane *p, const char *y_label)
{
  return (tt1_panel){.title = p->title,
                     .x = {.label = "mean (ms)"},
                     .y = {.label = y_label},
                     .curves = &p->curve,
                     .n_curves = 1,
                     .rules = p->rules,
                     .n_rules = 3};
}

static void draw_agreement(tt1_folder *folder, const cohort *c, const verdict *v,
                           const verdict *reference, const char *name, const char *title,
                           const char *y_label)
{
  static const char *const shown[] = {"scipy", "torch", "network", "varpro"};
  enum { N_SHOWN = sizeof shown / sizeof *shown };
  plane *planes = take_memory(2 * N_SHOWN, sizeof *planes);
  tt1_panel panels[2 * N_SHOWN];
  int n = 0;
  for (int i = 0; i < N_SHOWN; i++)
    for (int is_post = 0; is_post < 2; is_post++) {
      int m = method_index(shown[i]);
      if (v[m].n_cases == 0) continue;
      fill_plane(&planes[n], c, &v[m], reference, is_post, methods[m].title);
      if (planes[n].curve.n < 2) continue;
      panels[n] = panel_of(&planes[n], y_label);
      n++;
    }
  const tt1_chart chart = {.title = title,
                           .note =
                               "each point: mean T1 of the myocardium of one sequence; lines: bias "
                               "and limits of agreement",
                           .panels = panels,
                           .n_panels = n,
                           .n_columns = 2,
                           .height = 42.0};
  if (n > 0) write_chart(folder, name, &chart);
  free(planes);
}

/* ---- By band of T1 ---- */

typedef double (*share_fn)(const tally *t);

static double at_optimum(const tally *t)
{
  return t->n >= 20 ? 100.0 * (double)t->n_optimum / (double)t->n : (double)NAN;
}

static double mean_error(const tally *t)
{
  return t->n_expected >= 20 ? t->sum / (double)t->n_expected : (double)NAN;
}

static double covered(const tally *t)
{
  return t->n_sd >= 20 ? 100.0 * (double)t->n_covered / (double)t->n_sd : (double)NAN;
}

typedef struct banded {
  const char *name, *title, *y_label, *const *shown;
  share_fn share;
  double from, to, level;
} banded;

static void draw_bands(tt1_folder *folder, const verdict *v, const banded *b)
{
  static double x[N_BANDS];
  const char *names[N_BANDS];
  double y[2][TT1_N_HUES][N_BANDS];
  tt1_curve curves[2][TT1_N_HUES];
  tt1_panel panels[2];
  const tt1_rule rule = {.value = b->level, .hue = 7, .is_dashed = 1};
  int n = 0;
  for (int band = 0; band < N_BANDS; band++) {
    x[band] = band;
    names[band] = band_name(band);
  }
  for (int i = 0; b->shown[i]; i++) {
    int m = method_index(b->shown[i]);
    if (v[m].n_cases == 0) continue;
    for (int group = 0; group < 2; group++) {
      for (int band = 0; band < N_BANDS; band++)
        y[group][n][band] = b->share(&v[m].groups[group][band]);
      curves[group][n] = (tt1_curve){.name = methods[m].title,
                                     .x = x,
                                     .y = y[group][n],
                                     .n = N_BANDS,
                                     .mark = TT1_MARK_BOTH,
                                     .hue = n};
    }
    n++;
  }
  for (int group = 0; group < 2; group++)
    panels[group] =
        (tt1_panel){.title = group ? "after contrast agent: 4(1)3(1)2" : "native: 5(3)3",
                    .x = {.label = "T1 (ms)", .categories = names, .n_categories = N_BANDS},
                    .y = {.label = b->y_label, .from = b->from, .to = b->to},
                    .curves = curves[group],
                    .n_curves = n,
                    .rules = &rule,
                    .n_rules = 1};
  const tt1_chart chart = {
      .title = b->title, .panels = panels, .n_panels = 2, .n_columns = 1, .height = 52.0};
  if (n > 0) write_chart(folder, b->name, &chart);
}

static void draw_all_bands(tt1_folder *folder, const verdict *v, int has_truth)
{
  static const char *const fits[] = {"scipy", "torch", "cminpack", "adam", "lm", "varpro", NULL};
  static const char *const errors[] = {"scipy",  "torch",         "network",
                                       "varpro", "varpro-signed", NULL};
  static const char *const ours[] = {"varpro", "varpro-signed", "lm", NULL};
  const banded optimum = {"optimum", "Voxels at the global optimum", "%", fits, at_optimum, -3, 103,
                          100};
  const banded error = {"errors",   "Mean error against the T1 that the protocol gives",
                        "ms",       errors,
                        mean_error, -60,
                        60,         0};
  const banded coverage = {"coverage", "Intervals of 95 % that hold the T1 that the protocol gives",
                           "%",        ours,
                           covered,    70,
                           101,        95};
  draw_bands(folder, v, &optimum);
  if (!has_truth) return;
  draw_bands(folder, v, &error);
  draw_bands(folder, v, &coverage);
}

/* ---- Adam ---- */

enum { MAX_RATES = 8, MAX_POINTS = 32 };

typedef struct descent {
  double rate, x[MAX_POINTS], optimum[MAX_POINTS], close[MAX_POINTS];
  char name[24];
  int n;
} descent;

static void read_adam(const cohort *c, descent d[2][MAX_RATES], int n_rates[2])
{
  sequence top = {.n_images = 0};
  int is_post, iterations;
  double rate, optimum, close;
  snprintf(top.folder, sizeof top.folder, "%s", c->folder);
  FILE *file = open_in(&top, "adam.txt", "r");
  while (fscanf(file, "%d %lf %d %lf %lf", &is_post, &rate, &iterations, &optimum, &close) == 5) {
    int group = is_post != 0, at = n_rates[group] - 1;
    if (at < 0 || rate > 1.01 * d[group][at].rate) {
      if (++at == MAX_RATES) stop("adam.txt has more than %d rates", MAX_RATES);
      n_rates[group] = at + 1;
      d[group][at] = (descent){.rate = rate};
      snprintf(d[group][at].name, sizeof d[group][at].name, "rate %.0e", rate);
    }
    descent *now = &d[group][at];
    if (now->n == MAX_POINTS) stop("adam.txt has more than %d points of a rate", MAX_POINTS);
    now->x[now->n] = iterations;
    now->optimum[now->n] = 100.0 * optimum;
    now->close[now->n++] = 100.0 * close;
  }
  fclose(file);
}

static void draw_adam(tt1_folder *folder, const cohort *c)
{
  static descent d[2][MAX_RATES];
  tt1_curve curves[4][MAX_RATES];
  tt1_panel panels[4];
  int n_rates[2] = {0, 0}, n = 0;
  read_adam(c, d, n_rates);
  for (int p = 0; p < 4; p++) {
    for (int r = 0; r < n_rates[p % 2]; r++) {
      descent *now = &d[p % 2][r];
      curves[p][r] = (tt1_curve){.name = now->name,
                                 .x = now->x,
                                 .y = p < 2 ? now->close : now->optimum,
                                 .n = now->n,
                                 .hue = r};
    }
    if (n_rates[p % 2] == 0) continue;
    panels[n++] = (tt1_panel){
        .title = p % 2 ? "after contrast agent" : "native",
        .x = {.label = "iterations", .is_log = 1},
        .y = {.label = p < 2 ? "T1 within 1 ms of the optimum, %" : "at the least cost, %",
              .from = -3,
              .to = 103},
        .curves = curves[p],
        .n_curves = n_rates[p % 2]};
  }
  const tt1_chart chart = {.title = "Adam from the one start of a user",
                           .panels = panels,
                           .n_panels = n,
                           .n_columns = n / 2,
                           .height = 52.0};
  write_chart(folder, "adam", &chart);
}

/* ---- Maps: figure 2b ---- */

/* T1 in ms, less that of another method or what the protocol gives. */
static float *map_of(const paper_case *c, const answer *a, const answer *minus,
                     const float *expected)
{
  size_t n_map = (size_t)(c->size[0] * c->size[1] * c->size[2]);
  float *map = take_memory(n_map, sizeof *map);
  for (size_t v = 0; v < n_map; v++)
    map[v] = NAN;
  for (int64_t v = 0; v < c->s.n_voxels; v++) {
    double less = minus ? T1_of(minus, c, v) : expected ? (double)expected[v] : 0.0;
    map[c->index[v]] = (float)(1e3 * (T1_of(a, c, v) - less));
  }
  return map;
}

static int read_shown(const paper_case *c, answer answers[3])
{
  static const char *const shown[] = {"scipy", "network", "varpro"};
  for (int i = 0; i < 3; i++) {
    answers[i] = read_answer(c, &methods[method_index(shown[i])]);
    if (!answers[i].is_there || answers[i].n_fitted < c->s.n_voxels) return 0; // parts make no map
  }
  return 1;
}

static void write_pictures(tt1_folder *folder, const char *name, const tt1_pictures *page)
{
  char file[64];
  tt1_error error = {0};
  for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++) {
    snprintf(file, sizeof file, "%s.%s", name, ENDINGS[i]);
    check(tt1_folder_write_pictures(folder, file, page, &error), &error);
  }
}

static void draw_maps(tt1_folder *folder, const paper_case *c)
{
  static const char *const titles[] = {"SciPy",
                                       "MyoMapNet",
                                       "torcht1 varpro",
                                       "SciPy \u2212 expected",
                                       "MyoMapNet \u2212 SciPy",
                                       "torcht1 varpro \u2212 SciPy"};
  answer answers[3];
  float *maps[6];
  tt1_picture pictures[6];
  tt1_geometry g = {.size = {c->size[0], c->size[1], c->size[2]}};
  memcpy(g.spacing, c->spacing, sizeof g.spacing);
  if (!read_shown(c, answers)) return;
  for (int i = 0; i < 6; i++) {
    int is_difference = i >= 3;
    maps[i] = map_of(c, &answers[i % 3], i > 3 ? &answers[0] : NULL, i == 3 ? c->expected : NULL);
    pictures[i] =
        (tt1_picture){.map = maps[i],
                      .geometry = &g,
                      .scale = 1.0,
                      .from = is_difference ? -100.0 : 0.0,
                      .to = is_difference ? 100.0
                            : c->is_post  ? 1000.0
                                          : 2000.0,
                      .colours = is_difference ? TT1_COLOURS_DIFFERENCE : TT1_COLOURS_LIPARI,
                      .title = i == 3 && !c->has_truth ? "expected: not known" : titles[i],
                      .unit = "ms"};
  }
  const tt1_pictures page = {c->is_post ? "After contrast agent" : "Native", pictures, 6, 3};
  write_pictures(folder, c->is_post ? "maps-post" : "maps-native", &page);
  for (int i = 0; i < 6; i++)
    free(maps[i]);
  for (int i = 0; i < 3; i++)
    free_answer(&answers[i]);
}

void write_charts(const cohort *c, const verdict *v, const char *path)
{
  tt1_error error = {0};
  tt1_folder *folder = NULL;
  const verdict *scipy = &v[method_index("scipy-basin")];
  check(tt1_folder_open(&folder, path, &error), &error);
  draw_times(folder, v);
  if (scipy->n_cases > 0)
    draw_agreement(folder, c, v, scipy, "agreement-scipy",
                   "Mean myocardial T1 against SciPy Nelder-Mead, started beside the optimum",
                   "method \u2212 SciPy (ms)");
  if (c->cases[0].has_truth)
    draw_agreement(folder, c, v, NULL, "agreement-truth",
                   "Mean myocardial T1 against what the protocol gives without noise",
                   "method \u2212 expected (ms)");
  draw_all_bands(folder, v, c->cases[0].has_truth);
  draw_adam(folder, c);
  for (int is_post = 0; is_post < 2; is_post++)
    if (first_case(c, is_post)) draw_maps(folder, first_case(c, is_post));
  check(tt1_folder_commit(folder, &error), &error);
  tt1_folder_free(folder);
}
