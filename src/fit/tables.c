/* SPDX-License-Identifier: MIT
 * Puts the tables together: header numbers, faces, bases, patterns. */
#include "fit/tables.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static const double HUGE_BOUND =
    3e38; /* in place of infinity, which float arithmetic keeps finite */

static void fill_parameters(const tt1_model *model, fit_setup *f, double *numbers)
{
  for (int i = 0; i < model->n_parameters; i++) {
    const tt1_parameter *p = &model->parameters[i];
    numbers[LOWER + i] = p->lower > -HUGE_BOUND ? p->lower : -HUGE_BOUND;
    numbers[UPPER + i] = p->upper < HUGE_BOUND ? p->upper : HUGE_BOUND;
    numbers[START + i] = p->start;
    f->scales[i] = p->scales;
    f->numerator[i] = model->structure.n_amplitudes ? model->structure.numerator[i] : -1;
    f->denominator[i] = model->structure.n_amplitudes ? model->structure.denominator[i] : -1;
  }
}

/* Rows of the bounds, and for two amplitudes the ray along each. One row alone bounds a half
 * plane, whose edge is a line: two rays with the same row. */
static void fill_faces(const tt1__structure *s, fit_setup *f, double *numbers)
{
  f->n_faces = s->n_amplitudes ? s->n_faces : 0;
  for (int i = 0; i < f->n_faces; i++)
    memcpy(numbers + FACE + 2 * i, s->face[i], sizeof s->face[i]);
  if (s->n_amplitudes < 2 || f->n_faces == 0) return;
  if (f->n_faces == 1) memcpy(numbers + FACE + 2, s->face[0], sizeof s->face[0]);
  for (int i = 0; i < 2; i++) {
    const double *row = numbers + FACE + 2 * i, *other = numbers + FACE + 2 * !i;
    double ray[2] = {-row[1], row[0]};
    double into = other[0] * ray[0] + other[1] * ray[1];
    double sign = f->n_faces == 1 ? (i ? -1 : 1) : into < 0 ? -1 : 1;
    numbers[RAY + 2 * i] = sign * ray[0];
    numbers[RAY + 2 * i + 1] = sign * ray[1];
  }
  f->n_faces = 2;
}

static double dot_product(const double *a, const double *b, int n)
{
  double sum = 0;
  for (int j = 0; j < n; j++)
    sum += a[j] * b[j];
  return sum;
}

static double inverse_norm(const double *a, int n)
{
  double norm = sqrt(dot_product(a, a, n));
  return norm > 0 ? 1 / norm : 0;
}

/* Two amplitudes: basis = R'w with w orthonormal, so s = w0.y, z = w1.y and
 * a1 = z / r11, a0 = (s - r01 a1) / r00. Rows are scaled so that s has the weight face[0]. */
static void fill_pair(const fit_setup *f, const double *numbers, const tt1__point *point,
                      double *to)
{
  int n = f->n_samples;
  const double *e0 = point->basis[0], *e1 = point->basis[1];
  double r00 = sqrt(dot_product(e0, e0, n)), i00 = inverse_norm(e0, n);
  double r01 = dot_product(e0, e1, n) * i00, rest[MAX_SAMPLES];
  for (int j = 0; j < n; j++)
    rest[j] = e1[j] - r01 * e0[j] * i00;
  double r11 = sqrt(dot_product(rest, rest, n)), i11 = inverse_norm(rest, n);
  for (int j = 0; j < n; j++)
    to[j] = rest[j] * i11;
  for (int j = 0; j < n && !f->first_fixed; j++)
    to[POINT_FIRST(n) + j] = e0[j] * i00;
  for (int i = 0; i < f->n_faces; i++) {
    const double *row = numbers + FACE + 2 * i, *ray = numbers + RAY + 2 * i;
    double along[2] = {ray[0] * r00 + ray[1] * r01, ray[1] * r11};
    double scale = inverse_norm(along, 2);
    to[POINT_FACES(n) + i] = (row[1] * r00 - row[0] * r01) * i11;
    to[POINT_EDGE(n) + 2 * i] = along[0] * scale;
    to[POINT_EDGE(n) + 2 * i + 1] = along[1] * scale;
  }
}

static void fill_point(const fit_setup *f, const double *numbers, const tt1__point *point,
                       double *to)
{
  int n = f->n_samples;
  assert(f->n_amplitudes >= 0 && f->n_amplitudes <= MAX_AMPLITUDES);
  if (f->n_amplitudes == 2) {
    fill_pair(f, numbers, point, to);
    return;
  }
  double scale = f->n_amplitudes ? inverse_norm(point->basis[0], n) : 1;
  for (int j = 0; j < n; j++)
    to[j] = point->basis[0][j] * scale;
  to[POINT_FACES(n)] = f->n_amplitudes ? numbers[FACE] : dot_product(to, to, n);
}

static void fill_rates(const tt1_plan_options *options, int count, double *to)
{
  double first = 1, second = 1;
  for (int t = 0; t < count; t++) {
    first *= 0.9;
    second *= 0.999;
    to[2 * t] = options->learning_rate / (1 - first);
    to[2 * t + 1] = 1 / sqrt(1 - second);
  }
}

static void fill_numbers(const tt1__samples *samples, const tt1_plan_options *options,
                         const tt1__point *points, tt1__tables *t)
{
  fit_setup *f = &t->setup;
  for (int q = 0; q < f->n_known; q++)
    memcpy(t->numbers + f->known + q * MAX_SAMPLES, samples->known[q], sizeof samples->known[q]);
  double scale = inverse_norm(points[0].basis[0], f->n_samples);
  for (int j = 0; j < f->n_samples; j++)
    t->numbers[f->shared + j] = points[0].basis[0][j] * scale;
  for (int g = 0; g < f->n_grid; g++)
    fill_point(f, t->numbers, &points[g], t->numbers + f->points + g * f->point_size);
  if (f->solver == TT1_SOLVER_ADAM) fill_rates(options, f->max_iterations, t->numbers + f->rates);
}

static void fill_integers(const tt1__patterns *patterns, const tt1__point *points, tt1__tables *t)
{
  fit_setup *f = &t->setup;
  int used = 0, n = f->n_samples, hull[2] = {f->n_grid, 0};
  enum { RANGES = 2 + 2 * MAX_FACES };
  memcpy(t->integers + f->rank, patterns->rank, (size_t)n * sizeof(int));
  for (int p = 0; p < f->n_patterns; p++) {
    uint64_t now = patterns->flips[p], before = p ? patterns->flips[p - 1] : 0;
    t->integers[f->toggles + p] = used;
    for (int j = 0; j < n; j++) {
      t->integers[f->flips + p * n + j] = now >> j & 1;
      if ((now ^ before) >> j & 1) t->integers[f->toggled + used++] = j;
    }
    for (int face = -1; face < MAX_FACES; face++)
      if (face < f->n_faces)
        tt1__pattern_reach(f, t->numbers, points, patterns, p, face,
                           t->integers + f->reach + p * RANGES + 2 * (face + 1));
  }
  assert(f->toggled + used <= f->flips);
  t->integers[f->toggles + f->n_patterns] = used;
  for (int p = f->n_patterns - 1; p >= 0; p--)
    for (int face = -1; face < f->n_faces || face < 0; face++) {
      const int *range = t->integers + f->reach + p * RANGES + 2 * (face + 1);
      if (range[0] < range[1]) {
        hull[0] = range[0] < hull[0] ? range[0] : hull[0];
        hull[1] = range[1] > hull[1] ? range[1] : hull[1];
      }
      t->integers[f->upkeep + 2 * p] = hull[0];
      t->integers[f->upkeep + 2 * p + 1] = hull[1];
    }
}

/* Hand out places in the two arrays. */
static void lay_out(tt1__tables *t)
{
  fit_setup *f = &t->setup;
  int at = HEAD_SIZE, n = f->n_samples, n_patterns = f->n_patterns;
  f->point_size = POINT_SIZE(n);
  f->known = at;
  f->shared = at += f->n_known * MAX_SAMPLES;
  f->points = at += n;
  f->rates = at += f->n_grid * f->point_size;
  t->n_numbers = at + (f->solver == TT1_SOLVER_ADAM ? 2 * f->max_iterations : 0);
  f->rank = at = 0;
  f->toggles = at += n;
  f->toggled = at += n_patterns + 1;
  f->flips = at += n_patterns * n;
  f->reach = at += n_patterns * n;
  f->upkeep = at += n_patterns * (2 + 2 * MAX_FACES);
  t->n_integers = at + 2 * n_patterns;
  assert(f->points + f->n_grid * f->point_size <= t->n_numbers);
}

/* What varpro leaves unsettled, settle.h takes up again. */
static int has_second_pass(const tt1_model *model, const tt1_plan_options *options)
{
  return options->solver == TT1_SOLVER_VARPRO && options->noise == TT1_NOISE_GAUSSIAN &&
         model->structure.n_amplitudes > 0 && model->structure.n_nonlinear == 1;
}

static void fill_head(const tt1_model *model, const tt1__samples *samples,
                      const tt1_plan_options *options, int is_magnitude, tt1__tables *t,
                      double *head)
{
  fit_setup *f = &t->setup;
  *f = (fit_setup){.solver = (int)options->solver,
                   .is_magnitude = is_magnitude,
                   .is_fixed_start = options->start == TT1_START_FIXED,
                   .n_samples = samples->n,
                   .n_parameters = model->n_parameters,
                   .n_known = model->n_known,
                   .n_maps = model->n_maps,
                   .n_amplitudes = model->structure.n_amplitudes,
                   .first_fixed = model->structure.first_fixed,
                   .is_limited = options->amplitude_limit > 0,
                   .noise = (int)options->noise,
                   .has_covariance = options->covariance != 0,
                   .has_samples = options->samples != 0,
                   .n_passes = has_second_pass(model, options) ? 2 : 1,
                   .max_iterations = options->max_iterations,
                   .max_evaluations = INT_MAX};
  if (options->solver == TT1_SOLVER_NELDER_MEAD && !options->max_iterations)
    f->max_iterations = f->max_evaluations = 200 * model->n_parameters; // as SciPy does
  for (int q = 0; q < model->n_known; q++)
    f->voxel_known[q] = model->known[q].scope == TT1_PER_VOXEL ? f->n_voxel_known++ : -1;
  head[TOLERANCE] = options->tolerance;
  double source = options->sigma_from == TT1_SIGMA_MIDDLE ? SIGMA_MIDDLE : SIGMA_RESIDUALS;
  head[SIGMA] = options->sigma > 0 ? options->sigma : source;
  head[AMPLITUDE_LIMIT] = options->amplitude_limit;
  head[FREEDOM] = samples->n - model->n_parameters;
  fill_parameters(model, f, head);
  fill_faces(&model->structure, f, head);
  f->n_grid = tt1__grid_axes(model, f, head);
  assert(f->n_grid >= 1 && f->n_grid <= MAX_GRID && f->n_samples <= MAX_SAMPLES);
  int is_log = f->axis[0].is_log;
  head[SMALL_STEP] = is_log ? 1e-3 : 4e-3 * head[AXIS_STEP];
  head[LARGE_STEP] = is_log ? 1 : HUGE_BOUND;
}

static tt1_status allocate_tables(tt1__tables *t, const double *head)
{
  lay_out(t);
  t->numbers = tt1__allocate((size_t)t->n_numbers, sizeof *t->numbers);
  t->numbers_float = tt1__allocate((size_t)t->n_numbers, sizeof *t->numbers_float);
  t->integers = tt1__allocate((size_t)t->n_integers, sizeof *t->integers);
  if (!t->numbers || !t->numbers_float || !t->integers) return TT1_NO_MEMORY;
  memcpy(t->numbers, head, HEAD_SIZE * sizeof *head);
  return TT1_OK;
}

/* The patterns are looked for on a finer grid: between two points several samples may flip. */
static tt1_status find_patterns(const tt1_model *model, const tt1__samples *samples,
                                const fit_setup *setup, const double *head, tt1__patterns *out,
                                tt1_error *err)
{
  enum { FINER = 8 };
  fit_setup fine = *setup;
  if (!setup->is_magnitude) return tt1__patterns_find(out, setup, head, samples, NULL, err);
  double fine_head[HEAD_SIZE];
  memcpy(fine_head, head, sizeof fine_head);
  if (setup->n_nonlinear == 1 && setup->n_grid > 1) {
    fine.n_grid = fine.axis[0].count = (setup->n_grid - 1) * FINER + 1;
    fine_head[AXIS_STEP] /= FINER;
  }
  tt1__point *points = tt1__grid_points(model, samples, &fine, fine_head);
  if (!points) return TT1_NO_MEMORY;
  tt1_status status = tt1__patterns_find(out, &fine, fine_head, samples, points, err);
  tt1__free(points);
  return status;
}

tt1_status tt1__tables_make(tt1__tables *out, const tt1_model *model, const tt1__samples *samples,
                            const tt1_plan_options *options, int is_magnitude, tt1_error *err)
{
  double head[HEAD_SIZE] = {0};
  tt1__patterns patterns;
  *out = (tt1__tables){0};
  fill_head(model, samples, options, is_magnitude, out, head);
  tt1__point *points = tt1__grid_points(model, samples, &out->setup, head);
  tt1_status status = TT1_NO_MEMORY;
  if (points) status = find_patterns(model, samples, &out->setup, head, &patterns, err);
  if (!status) {
    out->setup.n_patterns = patterns.count;
    out->setup.is_prefix = patterns.is_prefix;
    status = allocate_tables(out, head);
  }
  if (!status) {
    fill_numbers(samples, options, points, out);
    fill_integers(&patterns, points, out);
    for (int i = 0; i < out->n_numbers; i++)
      out->numbers_float[i] = (float)out->numbers[i];
  } else {
    tt1__tables_free(out);
  }
  tt1__free(points);
  return status == TT1_NO_MEMORY ? tt1__no_memory(err) : status;
}

void tt1__tables_free(tt1__tables *tables)
{
  tt1__free(tables->numbers);
  tt1__free(tables->numbers_float);
  tt1__free(tables->integers);
  *tables = (tt1__tables){0};
}
