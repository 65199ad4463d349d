/* SPDX-License-Identifier: MIT
 * The start that makes a fit global: every grid point of the nonlinear
 * parameters, every sign pattern, linear parameters in closed form within their
 * bounds. What is compared is the energy that the model explains: with an
 * orthonormal basis per grid point that is a sum of squared dot products, and a
 * pattern changes each by one mad per flipped sample.
 *
 * Bounds on two amplitudes are a cone in the plane of the dot products. Inside
 * it the energy is that of the plane; on a face, of one vector: each face is a
 * candidate of its own beside the best interior point of each pattern. */
#ifndef TT1_SEARCH_H
#define TT1_SEARCH_H

/* The best few, best first. `point` and `pattern` are integers kept as reals. */
typedef struct candidates {
  real energy[MAX_CANDIDATES], point[MAX_CANDIDATES], pattern[MAX_CANDIDATES];
} candidates;

/* One candidate while it is refined. */
typedef struct trial {
  real y[ROOM_SAMPLES]; /* the samples with the signs of its pattern */
  real p[MAX_PARAMETERS], cost;
  real low, high; /* bracket of the nonlinear parameter */
  real slope;     /* of the energy there */
  real curvature; /* likewise, of the last step; 0 where it was not trusted */
} trial;

FN void insert(PRIVATE candidates *c, real energy, real point, real pattern)
{
  for (int i = 0; i < MAX_CANDIDATES; i++) {
    mask better = gt(energy, c->energy[i]);
    real e = c->energy[i], g = c->point[i], p = c->pattern[i];
    c->energy[i] = select(better, energy, e);
    c->point[i] = select(better, point, g);
    c->pattern[i] = select(better, pattern, p);
    energy = select(better, e, energy);
    point = select(better, g, point);
    pattern = select(better, p, pattern);
  }
}

FN real dot(CONSTANT scalar *w, PRIVATE const real *y, int n)
{
  real sum = bc(REAL(0.0));
  for (int j = 0; j < n; j++)
    sum = mad(bc(w[j]), y[j], sum);
  return sum;
}

/* One face of the cone: its best grid point over all patterns so far. */
typedef struct face_best {
  real energy, point, pattern;
} face_best;

typedef struct search_state {
  real y[ROOM_SAMPLES];
  real s;            /* dot product with the first basis vector, where that is fixed */
  real z[ROOM_GRID]; /* with the last */
#if !MODEL_ALWAYS_FIXED
  real first[ROOM_GRID]; /* with the first, where that depends on the point */
#endif
} search_state;

#if MODEL_ALWAYS_FIXED
#  define FIRST(state, g) ((state)->s)
#else
#  define FIRST(state, g) (MODEL_FIRST_FIXED ? (state)->s : (state)->first[g])
#endif

/* The dot products of all points, four at a time: one alone waits for its own sums. */
FN void dot_points(PLAN, PRIVATE search_state *state)
{
  const int n = f->n_samples, size = f->point_size;
  int g = 0;
  for (; g + 4 <= f->n_grid; g += 4) {
    CONSTANT scalar *w = numbers + f->points + g * size;
    real a = bc(REAL(0.0)), b = a, c = a, d = a;
    for (int j = 0; j < n; j++) {
      real y = state->y[j];
      a = mad(bc(w[j]), y, a);
      b = mad(bc(w[size + j]), y, b);
      c = mad(bc(w[2 * size + j]), y, c);
      d = mad(bc(w[3 * size + j]), y, d);
    }
    state->z[g] = a;
    state->z[g + 1] = b;
    state->z[g + 2] = c;
    state->z[g + 3] = d;
  }
  for (; g < f->n_grid; g++)
    state->z[g] = dot(numbers + f->points + g * size, state->y, n);
}

FN void search_begin(PLAN, PRIVATE const voxels *v, PRIVATE search_state *state)
{
  const int n = f->n_samples;
  for (int j = 0; j < n; j++)
    state->y[j] = v->y[j];
  state->s = bc(REAL(0.0));
  if (MODEL_AMPLITUDES == 2 && MODEL_FIRST_FIXED) state->s = dot(numbers + f->shared, state->y, n);
  dot_points(PLAN_, state);
#if !MODEL_ALWAYS_FIXED
  for (int g = 0; g < f->n_grid; g++)
    if (MODEL_AMPLITUDES == 2 && !MODEL_FIRST_FIXED)
      state->first[g] = dot(numbers + f->points + g * f->point_size + POINT_FIRST(n), state->y, n);
#endif
}

/* Flip sample j: every dot product moves by -2 y_j times its weight. A sign that is known stays. */
FN void search_flip(PLAN, PRIVATE const voxels *v, PRIVATE search_state *state, int j, int from,
                    int to)
{
  real change = bc(REAL(-2.0)) * state->y[j], flipped = -state->y[j];
  if (f->has_signs) {
    change = select(is_open(PLAN_, v, j), change, bc(REAL(0.0)));
    flipped = select(is_open(PLAN_, v, j), flipped, state->y[j]);
  }
  state->y[j] = flipped;
  if (MODEL_AMPLITUDES == 2 && MODEL_FIRST_FIXED)
    state->s = mad(bc(numbers[f->shared + j]), change, state->s);
  for (int g = from; g < to; g++) {
    CONSTANT scalar *point = numbers + f->points + g * f->point_size;
    state->z[g] = mad(bc(point[j]), change, state->z[g]);
#if !MODEL_ALWAYS_FIXED
    if (MODEL_AMPLITUDES == 2 && !MODEL_FIRST_FIXED)
      state->first[g] = mad(bc(point[POINT_FIRST(f->n_samples) + j]), change, state->first[g]);
#endif
  }
}

/* How far inside face i: positive inside. */
FN real inside(CONSTANT scalar *faces, int i, real share, real z)
{
  return mad(bc(faces[i]), z, share);
}

/* The part of the first dot product in it. */
FN real face_share(PLAN, PRIVATE const search_state *state, int g, int i)
{
  if (MODEL_AMPLITUDES < 2) return bc(REAL(0.0));
  return bc(numbers[FACE + 2 * i]) * FIRST(state, g);
}

/* The best interior point of this pattern. */
FN void search_interior(PLAN, PRIVATE const search_state *state, int from, int to,
                        PRIVATE real *energy, PRIVATE real *at)
{
  const int n = f->n_samples;
  real best = bc(MODEL_AMPLITUDES > 0 ? REAL(-1.0) : REAL(-3e38)), best_at = bc(REAL(0.0)),
       index = bc((scalar)from);
  real share0 = face_share(PLAN_, state, 0, 0), share1 = face_share(PLAN_, state, 0, 1);
  real ss = state->s * state->s;
  for (int g = from; g < to; g++) {
    CONSTANT scalar *faces = numbers + f->points + g * f->point_size + POINT_FACES(n);
    real z = state->z[g], q;
    if (MODEL_AMPLITUDES == 0)
      q = mad(bc(REAL(2.0)), z, -bc(faces[0]));
    else if (MODEL_AMPLITUDES == 2 && !MODEL_FIRST_FIXED)
      q = mad(z, z, FIRST(state, g) * FIRST(state, g));
    else
      q = mad(z, z, ss);
    if (MODEL_AMPLITUDES == 2 && !MODEL_FIRST_FIXED) {
      share0 = face_share(PLAN_, state, g, 0);
      share1 = face_share(PLAN_, state, g, 1);
    }
    if (MODEL_FACES > 0)
      q = select(gt(inside(faces, 0, share0, z), bc(REAL(0.0))), q, bc(REAL(-1.0)));
    if (MODEL_FACES > 1)
      q = select(gt(inside(faces, 1, share1, z), bc(REAL(0.0))), q, bc(REAL(-1.0)));
    best_at = select(gt(q, best), index, best_at);
    best = rmax(q, best); // all that the next point waits for
    index = index + bc(REAL(1.0));
  }
  *energy = best;
  *at = best_at;
}

FN void search_face(PLAN, PRIVATE const search_state *state, int i, int p, int from, int to,
                    PRIVATE face_best *best)
{
  const int n = f->n_samples;
  real index = bc((scalar)from);
  for (int g = from; g < to; g++, index = index + bc(REAL(1.0))) {
    CONSTANT scalar *edge = numbers + f->points + g * f->point_size + POINT_EDGE(n) + 2 * i;
    real e = rmax(mad(bc(edge[0]), FIRST(state, g), bc(edge[1]) * state->z[g]), bc(REAL(0.0)));
    e = e * e;
    mask better = gt(e, best->energy);
    best->energy = rmax(e, best->energy);
    best->point = select(better, index, best->point);
    best->pattern = select(better, bc((scalar)p), best->pattern);
  }
}

/* The interior candidate of the patterns that are the same to a voxel: they differ only in samples
 * whose sign is known. Without known signs each pattern has its own. */
typedef struct pattern_best {
  real energy, point, pattern;
} pattern_best;

/* Take the best interior point of pattern p; hand on the last candidate where p is `another`. */
FN void next_pattern(PRIVATE candidates *c, PRIVATE pattern_best *best, mask another, real energy,
                     real at, int p)
{
  insert(c, select(another, best->energy, bc(REAL(-3e38))), best->point, best->pattern);
  mask better = or_(another, gt(energy, best->energy));
  best->energy = select(better, energy, best->energy);
  best->point = select(better, at, best->point);
  best->pattern = select(better, bc((scalar)p), best->pattern);
}

/* Flip what pattern p flips anew; where any of it is open. */
FN mask turn_to(PLAN, PRIVATE const voxels *v, PRIVATE search_state *state, int p)
{
  CONSTANT int *upkeep = integers + f->upkeep + 2 * p;
  mask another = lt(bc(REAL(0.0)), bc(REAL(0.0)));
  for (int t = integers[f->toggles + p]; t < integers[f->toggles + p + 1]; t++) {
    int j = integers[f->toggled + t];
    search_flip(PLAN_, v, state, j, upkeep[0], upkeep[1]);
    if (f->has_signs) another = or_(another, is_open(PLAN_, v, j));
  }
  return another;
}

FN void search(PLAN, PRIVATE const voxels *v, PRIVATE candidates *c)
{
  search_state state;
  face_best face[MAX_FACES];
  real none = bc(REAL(-3e38)), zero = bc(REAL(0.0));
  pattern_best best = {none, zero, zero};
  for (int i = 0; i < MAX_CANDIDATES; i++) {
    c->energy[i] = none;
    c->point[i] = c->pattern[i] = zero;
  }
  for (int i = 0; i < MAX_FACES; i++) {
    face[i].energy = none;
    face[i].point = face[i].pattern = zero;
  }
  search_begin(PLAN_, v, &state);
  for (int p = 0; p < f->n_patterns; p++) {
    CONSTANT int *reach = integers + f->reach + p * (2 + 2 * MAX_FACES);
    mask another = turn_to(PLAN_, v, &state, p);
    real energy, at;
    search_interior(PLAN_, &state, reach[0], reach[1], &energy, &at);
    if (f->has_signs)
      next_pattern(c, &best, another, energy, at, p);
    else
      insert(c, energy, at, bc((scalar)p));
    if (MODEL_AMPLITUDES == 2)
      for (int i = 0; i < MODEL_FACES; i++)
        search_face(PLAN_, &state, i, p, reach[2 + 2 * i], reach[3 + 2 * i], &face[i]);
  }
  if (f->has_signs) insert(c, best.energy, best.point, best.pattern);
  if (MODEL_AMPLITUDES == 2)
    for (int i = 0; i < MODEL_FACES; i++)
      insert(c, face[i].energy, face[i].point, face[i].pattern);
}

/* The parameters of a grid point: point = sum of index * stride over the axes. */
FN void grid_parameters(PLAN, real point, PRIVATE real *p)
{
  for (int a = 0; a < MODEL_NONLINEAR; a++) {
    SETUP grid_axis *axis = &f->axis[a];
    scalar share = REAL(1.0) / (scalar)axis->stride;
    real index = point;
    if (a < MODEL_NONLINEAR - 1) { // rounded down: (point + 1/2) / stride is never an integer
      index = mad(point, bc(share), bc(REAL(0.5) * share - REAL(0.5)));
      index = (index + bc(ROUNDER)) - bc(ROUNDER);
      point = mad(index, bc(-(scalar)axis->stride), point);
    }
    real s = mad(index, bc(numbers[AXIS_STEP + a]), bc(numbers[AXIS_FROM + a]));
    real q = axis->is_log ? rexp(s) : s;
    p[axis->parameter] =
        clamp(q, numbers[LOWER + axis->parameter], numbers[UPPER + axis->parameter]);
  }
}
#endif
