/* SPDX-License-Identifier: MIT
 * The ways in which times can be moved: each on its own, evenly spaced, or by
 * heart beats. */
#include "design/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { STEPS = 65536, MOST_STEPS = 1000000, MOST_BEATS = 1000 };

/* ---- What is asked for --------------------------------------------------- */

static tt1_status check_movable(const tt1_model *model, const tt1_movable *m, tt1_error *err)
{
  const tt1_known *known = NULL;
  for (int q = 0; q < model->n_known; q++)
    if (!strcmp(model->known[q].name, m->name)) known = &model->known[q];
  if (!known)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "model %s has no known quantity \"%s\"",
                          model->name, m->name);
  if (known->scope != TT1_PER_SAMPLE || known->from >= 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s is not given image by image and cannot be moved", m->name);
  if (!(isfinite(m->lower) && isfinite(m->upper) && m->lower <= m->upper))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "limits %g to %g of %s, expected two numbers, the lower first", m->lower,
                          m->upper, m->name);
  if (!strcmp(known->unit, "s") && !(m->lower >= 0 && m->upper <= 1000))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "limits %g to %g s of %s, expected 0 to 1000 s: are the times in ms?",
                          m->lower, m->upper, m->name);
  if (!(m->spacing >= 0 && isfinite(m->spacing) && m->raster >= 0 && isfinite(m->raster)))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "spacing %g and raster %g of %s, expected positive numbers", m->spacing,
                          m->raster, m->name);
  return TT1_OK;
}

static tt1_status make_axis(tt1__axis *a, const tt1_movable *m, int n_apart, tt1_error *err)
{
  double range = m->upper - m->lower, first = 0, steps = STEPS;
  *a = (tt1__axis){m->lower, range > 0 ? range / STEPS : 1, m->lower, m->upper, 0, 0};
  if (m->raster > 0) { // a little tolerance: 0.15 / 0.005 is not 30
    first = ceil(m->lower / m->raster - 1e-6);
    steps = floor(m->upper / m->raster + 1e-6) - first;
    a->unit = m->raster;
    a->origin = first * m->raster;
  } else if (!(range > 0)) {
    steps = 0;
  }
  if (steps < 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "the limits %g to %g of %s hold no multiple of the raster %g", m->lower,
                          m->upper, m->name, m->raster);
  if (steps > MOST_STEPS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "the limits %g to %g of %s hold %.0f steps of %g, expected at most %d",
                          m->lower, m->upper, m->name, steps, m->raster, (int)MOST_STEPS);
  a->last = (long)steps;
  if (n_apart * ceil(m->spacing / a->unit - 1e-6) > steps)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%d values of %s that are %g apart do not fit into %g to %g", n_apart + 1,
                          m->name, m->spacing, m->lower, m->upper);
  a->gap = n_apart > 0 ? (long)ceil(m->spacing / a->unit - 1e-6) : 0;
  return TT1_OK;
}

static tt1_status check_heart(const tt1_optimise_options *o, int n_samples,
                              const tt1_movable *movables, int n_movables, tt1_error *err)
{
  if (n_movables != 1 || movables[0].spacing > 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "heart beats take one quantity to move, and no spacing");
  if (!(o->beat >= 0.2 && o->beat <= 5))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%g s from beat to beat, expected 0.2 to 5 s",
                          o->beat);
  if (o->rest < 0 || o->rest > MOST_BEATS || o->cycle < 0 || o->cycle > MOST_BEATS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%d beats of rest, %d between inversions, expected "
                          "0 to %d",
                          o->rest, o->cycle, (int)MOST_BEATS);
  if (o->beats < n_samples || o->beats > MOST_BEATS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%d images do not fit into %d heart beats, one image in each", n_samples,
                          o->beats);
  return TT1_OK;
}

tt1_status tt1__layout_make(tt1__layout *out, const tt1_model *model, int n_samples,
                            const tt1_movable *movables, int n_movables,
                            const tt1_optimise_options *options, tt1_error *err)
{
  int is_heart = options->layout == TT1_LAYOUT_HEARTBEATS;
  tt1_status status = TT1_OK;
  if (n_movables < 1 || n_movables > MAX_KNOWN)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d quantities to move, expected 1 to %d",
                          n_movables, MAX_KNOWN);
  *out = (tt1__layout){
      .kind = options->layout, .n_axes = n_movables, .n_samples = n_samples, .options = *options};
  if (is_heart) status = check_heart(options, n_samples, movables, n_movables, err);
  for (int a = 0; a < n_movables && !status; a++) {
    status = check_movable(model, &movables[a], err);
    if (!status) status = make_axis(&out->axes[a], &movables[a], is_heart ? 0 : n_samples - 1, err);
    if (!status && out->kind == TT1_LAYOUT_SPACED && out->axes[a].last < n_samples - 1)
      status = tt1__error_set(err, TT1_BAD_ARGUMENT,
                              "the limits %g to %g of %s hold no %d values a step apart",
                              movables[a].lower, movables[a].upper, movables[a].name, n_samples);
  }
  return status;
}

/* ---- Grouping ------------------------------------------------------------ */

/* The beats of rest that a grouping needs; 0 if there are not so many. The bound does not depend
 * on the order of groups; with the largest first they need the fewest beats. */
static int find_rests(tt1__layout *l)
{
  const tt1_optimise_options *o = &l->options;
  int spare = o->beats - l->n_samples;
  memset(l->rest, 0, sizeof l->rest);
  for (int g = 0; g + 1 < l->n_groups; g++) {
    int least = o->cycle - l->count[g];
    l->rest[g] = least > o->rest ? least : o->rest;
    spare -= l->rest[g];
  }
  if (spare >= 0 && l->n_groups > 1) l->rest[0] += spare;
  return spare >= 0;
}

/* Fill groups [from, n_groups) with `left` images, none larger than the one before; as many in the
 * first as can be. 0 where it cannot be done. */
static int fill(tt1__layout *l, int from, int left)
{
  for (int g = from; g < l->n_groups; g++) {
    int most = left - (l->n_groups - 1 - g); // one at least for each that follows
    if (g > 0 && l->count[g - 1] < most) most = l->count[g - 1];
    if (most < 1) return 0;
    l->count[g] = most;
    left -= most;
  }
  return left == 0;
}

/* The next partition of the images into n_groups, in descending order of the first groups. */
static int next_partition(tt1__layout *l)
{
  int left = l->n_groups > 0 ? l->count[l->n_groups - 1] : 0;
  for (int g = l->n_groups - 2; g >= 0; g--) {
    left += l->count[g];
    for (int count = l->count[g] - 1; count >= 1; count--) {
      l->count[g] = count;
      if (fill(l, g + 1, left - count)) return 1;
    }
  }
  if (l->n_groups == TT1_MAX_GROUPS || l->n_groups == l->n_samples) return 0;
  l->n_groups++;
  return fill(l, 0, l->n_samples);
}

int tt1__layout_next(tt1__layout *l)
{
  int is_first = l->n_variables == 0;
  if (l->kind != TT1_LAYOUT_HEARTBEATS) {
    l->n_variables = l->n_axes * (l->kind == TT1_LAYOUT_FREE ? l->n_samples : 2);
    return is_first;
  }
  while (next_partition(l))
    if (find_rests(l)) {
      l->n_variables = l->n_groups;
      return 1;
    }
  return 0;
}

/* ---- Where the values are ------------------------------------------------ */

static const tt1__axis *axis_of(const tt1__layout *l, int v)
{
  if (l->kind == TT1_LAYOUT_HEARTBEATS) return &l->axes[0];
  return &l->axes[v / (l->kind == TT1_LAYOUT_FREE ? l->n_samples : 2)];
}

long tt1__layout_longest(const tt1__layout *l)
{
  long longest = 0;
  for (int a = 0; a < l->n_axes; a++)
    if (l->axes[a].last > longest) longest = l->axes[a].last;
  return longest;
}

long tt1__layout_step(const tt1__layout *l, int v)
{
  long step = axis_of(l, v)->last >> l->halvings;
  return step > 1 ? step : 1;
}

/* `n` values within the axis and apart. */
static int is_apart(const tt1__axis *a, const long *x, int n)
{
  for (int i = 0; i < n; i++) {
    if (x[i] < 0 || x[i] > a->last) return 0;
    for (int j = 0; j < i && a->gap > 0; j++)
      if (labs(x[i] - x[j]) < a->gap) return 0;
  }
  return 1;
}

static int is_train(const tt1__axis *a, const long *x, int n)
{
  return x[0] >= 0 && x[1] >= (a->gap > 1 ? a->gap : 1) && x[0] + (n - 1) * x[1] <= a->last;
}

int tt1__layout_allows(const tt1__layout *l, const long *x)
{
  int n = l->n_samples;
  if (l->kind == TT1_LAYOUT_HEARTBEATS) return is_apart(&l->axes[0], x, l->n_groups);
  for (int a = 0; a < l->n_axes; a++)
    if (l->kind == TT1_LAYOUT_FREE ? !is_apart(&l->axes[a], x + a * n, n)
                                   : !is_train(&l->axes[a], x + 2 * a, n))
      return 0;
  return 1;
}

/* Rid of what rounding adds: 0.135, not 0.13500000000000001. */
static double tidy(double value, double unit)
{
  return unit < 1e-6 ? value : round(value * 1e9) / 1e9;
}

static double value_at(const tt1__axis *a, long x)
{
  double value = tidy(a->origin + a->unit * (double)x, a->unit);
  return value < a->lower ? a->lower : value > a->upper ? a->upper : value;
}

void tt1__layout_place(const tt1__layout *l, const long *x, double values[MAX_KNOWN][MAX_SAMPLES])
{
  int n = l->n_samples, j = 0;
  for (int g = 0; g < l->n_groups; g++)
    for (int beat = 0; beat < l->count[g]; beat++)
      values[0][j++] = tidy(value_at(&l->axes[0], x[g]) + beat * l->options.beat, l->axes[0].unit);
  for (int a = 0; a < l->n_axes && l->kind != TT1_LAYOUT_HEARTBEATS; a++)
    for (j = 0; j < n; j++)
      values[a][j] = value_at(
          &l->axes[a], l->kind == TT1_LAYOUT_FREE ? x[a * n + j] : x[2 * a] + j * x[2 * a + 1]);
}

/* ---- Where to begin ------------------------------------------------------ */

static long nearest(const tt1__axis *a, double value)
{
  double x = round((value - a->origin) / a->unit);
  return x < 0 ? 0 : x > (double)a->last ? a->last : (long)x;
}

int tt1__layout_nearest(const tt1__layout *l, const double values[MAX_KNOWN][MAX_SAMPLES], long *x)
{
  int n = l->n_samples;
  for (int a = 0; a < l->n_axes; a++) {
    double least = values[a][0], most = values[a][0];
    for (int j = 0; j < n; j++) {
      if (l->kind == TT1_LAYOUT_FREE) x[a * n + j] = nearest(&l->axes[a], values[a][j]);
      least = fmin(least, values[a][j]);
      most = fmax(most, values[a][j]);
    }
    if (l->kind != TT1_LAYOUT_SPACED) continue;
    x[2 * a] = nearest(&l->axes[a], least);
    x[2 * a + 1] = (nearest(&l->axes[a], most) - x[2 * a]) / (n > 1 ? n - 1 : 1);
  }
  return l->kind != TT1_LAYOUT_HEARTBEATS && tt1__layout_allows(l, x);
}

/* A whole number in [0, most], by splitmix64 (Steele et al. 2014, doi:10.1145/2660193.2660195). */
static long draw(uint64_t *seed, long most)
{
  uint64_t z = *seed += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return most > 0 ? (long)((z ^ z >> 31) % (uint64_t)(most + 1)) : 0;
}

/* Anywhere in what the gaps leave, sorted, the gaps put between; then shuffled, since the values
 * of several quantities need not rise together. */
static void scatter(const tt1__axis *a, uint64_t *seed, int n, int shuffles, long *x)
{
  for (int i = 0; i < n; i++) {
    long value = draw(seed, a->last - (n - 1) * a->gap);
    int j = i;
    for (; j > 0 && x[j - 1] > value; j--)
      x[j] = x[j - 1];
    x[j] = value;
  }
  for (int i = 0; i < n; i++)
    x[i] += i * a->gap;
  for (int i = n - 1; i > 0 && shuffles; i--) {
    long j = draw(seed, i), kept = x[i];
    x[i] = x[j];
    x[j] = kept;
  }
}

void tt1__layout_random(const tt1__layout *l, uint64_t *seed, long *x)
{
  int n = l->n_samples;
  for (int g = 0; g < l->n_groups; g++)
    x[g] = draw(seed, l->axes[0].last);
  for (int a = 0; a < l->n_axes && l->kind != TT1_LAYOUT_HEARTBEATS; a++) {
    const tt1__axis *axis = &l->axes[a];
    if (l->kind == TT1_LAYOUT_FREE) {
      scatter(axis, seed, n, l->n_axes > 1, x + a * n);
      continue;
    }
    long least = axis->gap > 1 ? axis->gap : 1, intervals = n > 1 ? n - 1 : 1;
    x[2 * a + 1] = least + draw(seed, axis->last / intervals - least);
    x[2 * a] = draw(seed, axis->last - (n - 1) * x[2 * a + 1]);
  }
}
