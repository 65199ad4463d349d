/* SPDX-License-Identifier: MIT
 * Bounded Nelder-Mead (Nelder & Mead 1965, doi:10.1093/comjnl/7.4.308) step for
 * step as SciPy 1.10.1 walks it, the baseline of Torch T1: the same first simplex,
 * every vertex clipped into the bounds, the same order of evaluations, ties in
 * their old order, the same two rules for the end. What is minimised is the mean
 * squared residual on the signal as it is.
 *
 * The path branches from voxel to voxel, so this is for one lane, and in double:
 * the tolerances are absolute, which float cannot resolve on the cost. */
#ifndef TT1_NELDER_MEAD_H
#define TT1_NELDER_MEAD_H

typedef struct simplex {
  real vertex[MAX_PARAMETERS + 1][MAX_PARAMETERS]; /* the best first */
  real value[MAX_PARAMETERS + 1];
  real lower[MAX_PARAMETERS], upper[MAX_PARAMETERS];
  int evaluations;
} simplex;

static real mean_squared_residual(PLAN, const voxels *v, const real *p)
{
  real x[MAX_KNOWN], r[MAX_PARAMETERS + 1], sum = REAL(0.0);
  signal_state state;
  known_at(PLAN_, v, 0, x);
  signal_begin(&state, p, x);
  for (int j = 0; j < f->n_samples; j++) {
    known_at(PLAN_, v, j, x);
    signal_at(&state, p, x, r);
    real miss = v->y[j] - (is_open(PLAN_, v, j) ? rabs(r[0]) : r[0]);
    sum = mad(miss, miss, sum);
  }
  return sum / f->n_samples;
}

/* The value at p; 0 if the evaluations are used up. */
static int evaluate(PLAN, const voxels *v, simplex *s, const real *p, real *value)
{
  if (s->evaluations >= f->max_evaluations) return 0;
  s->evaluations++;
  *value = mean_squared_residual(PLAN_, v, p);
  return 1;
}

static void copy_vertex(PLAN, real *to, const real *from)
{
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    to[i] = from[i];
}

static real clip(const simplex *s, int i, real a)
{
  return rmin(rmax(a, s->lower[i]), s->upper[i]);
}

/* Insertion sort, not-a-numbers last: it keeps ties in order, as numpy does for so few. */
static void sort(PLAN, simplex *s)
{
  for (int k = 1; k <= MODEL_PARAMETERS; k++) {
    real value = s->value[k], vertex[MAX_PARAMETERS];
    copy_vertex(PLAN_, vertex, s->vertex[k]);
    int to = k;
    for (; to > 0; to--) {
      real before = s->value[to - 1];
      if (!(value < before || (!(before <= before) && value <= value))) break;
      s->value[to] = before;
      copy_vertex(PLAN_, s->vertex[to], s->vertex[to - 1]);
    }
    s->value[to] = value;
    copy_vertex(PLAN_, s->vertex[to], vertex);
  }
}

/* The start, and from it one vertex along each axis, by 5 % or, from zero, by 0.00025. */
static void spread(PLAN, const voxels *v, const real *start, simplex *s)
{
  for (int k = 0; k <= MODEL_PARAMETERS; k++)
    for (int i = 0; i < MODEL_PARAMETERS; i++) {
      real a = clip(s, i, start[i]);
      if (i == k - 1) a = rabs(a) > REAL(0.0) ? REAL(1.05) * a : REAL(0.00025);
      s->vertex[k][i] = clip(s, i, a);
    }
  for (int k = 0; k <= MODEL_PARAMETERS; k++)
    s->value[k] = (real)INFINITY;
  for (int k = 0; k <= MODEL_PARAMETERS; k++)
    if (!evaluate(PLAN_, v, s, s->vertex[k], &s->value[k])) break;
  sort(PLAN_, s);
}

/* From the mean of the others by `reach` times the way to the worst, away from it. */
static int propose(PLAN, const voxels *v, simplex *s, const real *mean, real reach, real *p,
                   real *value)
{
  const real *worst = s->vertex[MODEL_PARAMETERS];
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    p[i] = clip(s, i, (REAL(1.0) + reach) * mean[i] - reach * worst[i]);
  return evaluate(PLAN_, v, s, p, value);
}

static int replace_worst(PLAN, simplex *s, const real *p, real value)
{
  copy_vertex(PLAN_, s->vertex[MODEL_PARAMETERS], p);
  s->value[MODEL_PARAMETERS] = value;
  return 1;
}

static int shrink(PLAN, const voxels *v, simplex *s)
{
  for (int k = 1; k <= MODEL_PARAMETERS; k++) {
    for (int i = 0; i < MODEL_PARAMETERS; i++) {
      real best = s->vertex[0][i];
      s->vertex[k][i] = clip(s, i, best + REAL(0.5) * (s->vertex[k][i] - best));
    }
    if (!evaluate(PLAN_, v, s, s->vertex[k], &s->value[k])) return 0;
  }
  return 1;
}

/* One iteration: reflect, then expand, contract or shrink; 0 if the evaluations ran out in it. */
static int move(PLAN, const voxels *v, simplex *s)
{
  const int n = MODEL_PARAMETERS;
  real mean[MAX_PARAMETERS], p[MAX_PARAMETERS], q[MAX_PARAMETERS], at_p, at_q;
  for (int i = 0; i < n; i++) {
    mean[i] = s->vertex[0][i];
    for (int k = 1; k < n; k++)
      mean[i] = mean[i] + s->vertex[k][i];
    mean[i] = mean[i] / n;
  }
  if (!propose(PLAN_, v, s, mean, REAL(1.0), p, &at_p)) return 0;
  if (at_p < s->value[0]) {
    if (!propose(PLAN_, v, s, mean, REAL(2.0), q, &at_q)) return 0;
    return at_q < at_p ? replace_worst(PLAN_, s, q, at_q) : replace_worst(PLAN_, s, p, at_p);
  }
  if (at_p < s->value[n - 1]) return replace_worst(PLAN_, s, p, at_p);
  const int outside = at_p < s->value[n];
  if (!propose(PLAN_, v, s, mean, outside ? REAL(0.5) : REAL(-0.5), q, &at_q)) return 0;
  if (outside ? at_q <= at_p : at_q < s->value[n]) return replace_worst(PLAN_, s, q, at_q);
  return shrink(PLAN_, v, s);
}

static int is_small(PLAN, const simplex *s)
{
  const scalar limit = numbers[TOLERANCE];
  for (int k = 1; k <= MODEL_PARAMETERS; k++) {
    if (!(rabs(s->value[0] - s->value[k]) <= limit)) return 0;
    for (int i = 0; i < MODEL_PARAMETERS; i++)
      if (!(rabs(s->vertex[k][i] - s->vertex[0][i]) <= limit)) return 0;
  }
  return 1;
}

/* Refine p in place; returns the number of evaluations. */
static real fit_nelder_mead(PLAN, const voxels *v, real *p)
{
  simplex s = {.evaluations = 0};
  bounds_of(PLAN_, v, s.lower, s.upper);
  spread(PLAN_, v, p, &s);
  int iterations = 1; // SciPy counts from one
  while (s.evaluations < f->max_evaluations && iterations < f->max_iterations &&
         !is_small(PLAN_, &s)) {
    iterations += move(PLAN_, v, &s);
    sort(PLAN_, &s);
  }
  copy_vertex(PLAN_, p, s.vertex[0]);
  return (real)s.evaluations;
}
#endif
