/* SPDX-License-Identifier: MIT
 * The second pass: what becomes of a voxel that the first has not settled.
 *
 * Every local maximum over the grid, of every pattern, is a candidate, and each is refined until it
 * stands still. Sums as those of varpro.h cancel where a time constant is long against the times;
 * here they are made of residuals and of orthonormal directions n that the amplitudes can move
 * along within their bounds, mixtures of the basis functions. With r the residual and d and dd the
 * derivatives of the signal by s at fixed amplitudes, all at the samples,
 *
 *   dF/2   = r . d_                               d_ = d - sum n (n . d)
 *   d2F/2  = r . dd - |d_|^2 + sum u (u - 2 n.d)  u = r . dn, the mixtures held      (Newton)
 *          ~ -|d_|^2                                                                 (Gauss-Newton)
 *
 * A lane that stands still is left alone: here, too, a voxel's bits depend on nothing else. */
#ifndef TT1_SETTLE_H
#define TT1_SETTLE_H

enum { MAX_SETTLING = 32 };       /* steps of one candidate */
#define SETTLED        REAL(1e-7) /* of the cost: what a step may still gain */
#define SETTLED_ENERGY REAL(4e-14)

/* The basis functions of the amplitudes and their derivatives at the samples. */
typedef struct basis_table {
  real e[2][ROOM_SAMPLES], d[2][ROOM_SAMPLES], dd[2][ROOM_SAMPLES];
} basis_table;

/* Unit vectors n[i] = w[i][0] e0 + w[i][1] e1; all zero where there is none. */
typedef struct directions {
  real n[2][ROOM_SAMPLES], w[2][2];
} directions;

/* One value of the nonlinear parameter: the amplitudes, and halves of the derivatives of the energy. */
typedef struct stand {
  real a[2], cost, energy, slope, curvature, gauss; /* energy: of the samples */
} stand;

FN void tabulate(PLAN, PRIVATE const voxels *v, PRIVATE const real *p, PRIVATE basis_table *b)
{
  real x[MAX_KNOWN], r[3 * MAX_AMPLITUDES];
  basis_state state;
  known_at(PLAN_, v, 0, x);
  basis_begin(&state, p, x);
  for (int j = 0; j < f->n_samples; j++) {
    known_at(PLAN_, v, j, x);
    basis_at(&state, p, x, r);
    for (int m = 0; m < MODEL_AMPLITUDES; m++) {
      b->e[m][j] = r[3 * m];
      b->d[m][j] = r[3 * m + 1];
      b->dd[m][j] = r[3 * m + 2];
    }
  }
}

FN real inner(PRIVATE const real *a, PRIVATE const real *b, int n)
{
  real sum = bc(REAL(0.0));
  for (int j = 0; j < n; j++)
    sum = mad(a[j], b[j], sum);
  return sum;
}

/* Make direction i of the mixture w0, w1 where `take`, 0 where that is nothing; returns what of y it explains. */
FN real direct(PLAN, PRIVATE const basis_table *b, PRIVATE const real *y, int i, mask take, real w0,
               real w1, PRIVATE directions *to)
{
  real raw[ROOM_SAMPLES], zero = bc(REAL(0.0));
  for (int j = 0; j < f->n_samples; j++)
    raw[j] = MODEL_AMPLITUDES == 2 ? mad(w0, b->e[0][j], w1 * b->e[1][j]) : w0 * b->e[0][j];
  real square = inner(raw, raw, f->n_samples);
  mask some = gt(square, zero);
  real inverse = select(some, bc(REAL(1.0)) / root(select(some, square, bc(REAL(1.0)))), zero);
  real explained = inner(raw, y, f->n_samples) * inverse;
  for (int j = 0; j < f->n_samples; j++)
    to->n[i][j] = select(take, raw[j] * inverse, to->n[i][j]);
  to->w[i][0] = select(take, w0 * inverse, to->w[i][0]);
  to->w[i][1] = select(take, w1 * inverse, to->w[i][1]);
  return explained;
}

/* Where the amplitudes violate face i, and it explains more than *best: only along it. */
FN void turn_to_face(PLAN, PRIVATE const basis_table *b, PRIVATE const real *y, int i, mask outside,
                     PRIVATE directions *to, PRIVATE stand *s, PRIVATE real *best)
{
  real zero = bc(REAL(0.0)), w0 = bc(numbers[RAY + 2 * i]), w1 = bc(numbers[RAY + 2 * i + 1]);
  directions along;
  mask all = le(zero, zero);
  along.w[0][0] = along.w[0][1] = zero;
  real explained = rmax(direct(PLAN_, b, y, 0, all, w0, w1, &along), zero);
  mask take = and_(outside, gt(explained, *best));
  *best = select(take, explained, *best);
  for (int j = 0; j < f->n_samples; j++) {
    to->n[0][j] = select(take, along.n[0][j], to->n[0][j]);
    to->n[1][j] = select(take, zero, to->n[1][j]);
  }
  for (int m = 0; m < 2; m++) {
    to->w[0][m] = select(take, along.w[0][m], to->w[0][m]);
    to->w[1][m] = select(take, zero, to->w[1][m]);
    s->a[m] = select(take, explained * along.w[0][m], s->a[m]);
  }
}

/* The amplitudes within their bounds, and where they can still move. */
FN void find_amplitudes(PLAN, PRIVATE const basis_table *b, PRIVATE const real *y,
                        PRIVATE directions *to, PRIVATE stand *s)
{
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0)), best = bc(REAL(-1.0));
  mask all = le(zero, zero), outside[MAX_FACES];
  to->w[0][0] = to->w[0][1] = to->w[1][0] = to->w[1][1] = zero;
  real first = direct(PLAN_, b, y, 0, all, one, zero, to), second = zero;
  if (MODEL_AMPLITUDES ==
      2) { // what the second adds to the first, twice: rounding is not left over
    real share = inner(to->n[0], b->e[1], f->n_samples);
    second = direct(PLAN_, b, y, 1, all, -share * to->w[0][0], one, to);
  }
  for (int m = 0; m < 2; m++)
    s->a[m] =
        MODEL_AMPLITUDES == 2 ? mad(first, to->w[0][m], second * to->w[1][m]) : first * to->w[0][m];
  for (int i = 0; i < MODEL_FACES; i++)
    outside[i] = lt(face_value(PLAN_, i, s->a[0], s->a[1]), zero);
  for (int i = 0; i < MODEL_FACES && MODEL_AMPLITUDES == 2; i++)
    turn_to_face(PLAN_, b, y, i, outside[i], to, s, &best);
  if (MODEL_AMPLITUDES == 1 && MODEL_FACES > 0) {
    for (int j = 0; j < f->n_samples; j++)
      to->n[0][j] = select(outside[0], zero, to->n[0][j]);
    to->w[0][0] = select(outside[0], zero, to->w[0][0]);
    s->a[0] = select(outside[0], zero, s->a[0]);
  }
}

/* w0 a + w1 b, b where there are two amplitudes. */
FN real mixed(PLAN, PRIVATE const real *w, real a, real b)
{
  return MODEL_AMPLITUDES == 2 ? mad(w[0], a, w[1] * b) : w[0] * a;
}

/* Energy, slope and curvature at the nonlinear parameter in p; y is signed by the pattern. */
FN void take_stand(PLAN, PRIVATE const voxels *v, PRIVATE const real *y, PRIVATE const real *p,
                   PRIVATE stand *s)
{
  basis_table b;
  directions to;
  real r[ROOM_SAMPLES], d[ROOM_SAMPLES], zero = bc(REAL(0.0)), part[2], u[2];
  tabulate(PLAN_, v, p, &b);
  find_amplitudes(PLAN_, &b, y, &to, s);
  s->cost = s->energy = s->slope = s->curvature = s->gauss = u[0] = u[1] = zero;
  for (int j = 0; j < f->n_samples; j++) {
    real g = mixed(PLAN_, s->a, b.e[0][j], b.e[1][j]), miss = miss_of(PLAN_, v, j, g);
    r[j] = y[j] - g;
    d[j] = mixed(PLAN_, s->a, b.d[0][j], b.d[1][j]);
    s->cost = mad(miss, miss, s->cost);
    s->energy = mad(y[j], y[j], s->energy);
    s->curvature = mad(r[j], mixed(PLAN_, s->a, b.dd[0][j], b.dd[1][j]), s->curvature);
  }
  for (int i = 0; i < MODEL_AMPLITUDES; i++) {
    part[i] = inner(to.n[i], d, f->n_samples);
    for (int j = 0; j < f->n_samples; j++)
      u[i] = mad(r[j], mixed(PLAN_, to.w[i], b.d[0][j], b.d[1][j]), u[i]);
    s->curvature = mad(u[i], u[i] - (part[i] + part[i]), s->curvature);
  }
  for (int j = 0; j < f->n_samples; j++) {
    for (int i = 0; i < MODEL_AMPLITUDES; i++)
      d[j] = mad(-part[i], to.n[i][j], d[j]);
    s->slope = mad(r[j], d[j], s->slope);
    s->gauss = mad(-d[j], d[j], s->gauss);
  }
  s->curvature = s->curvature + s->gauss;
}

/* ---- Candidates ------------------------------------------------------------- */

/* The best few local maxima, best first. */
typedef struct maxima {
  real energy[MAX_MAXIMA], point[MAX_MAXIMA], pattern[MAX_MAXIMA];
} maxima;

FN void insert_maximum(PRIVATE maxima *c, real energy, real point, real pattern)
{
  mask known = lt(energy, bc(REAL(-1e38)));
  for (int i = 0; i < MAX_MAXIMA; i++) // patterns may be the same to a voxel
    known = or_(known, and_(lt(rabs(point - c->point[i]), bc(REAL(0.5))),
                            lt(rabs(pattern - c->pattern[i]), bc(REAL(0.5)))));
  energy = select(known, bc(REAL(-3e38)), energy);
  for (int i = 0; i < MAX_MAXIMA; i++) {
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

/* What point g explains within the bounds: inside or on a face. */
FN real energy_at(PLAN, PRIVATE const search_state *state, CONSTANT int *reach, int g)
{
  const int n = f->n_samples;
  CONSTANT scalar *point = numbers + f->points + g * f->point_size;
  real z = state->z[g], none = bc(MODEL_AMPLITUDES > 0 ? REAL(-1.0) : REAL(-3e38)), q = z * z;
  if (MODEL_AMPLITUDES == 0) q = mad(bc(REAL(2.0)), z, -bc(point[POINT_FACES(n)]));
  if (MODEL_AMPLITUDES == 2) q = mad(z, z, FIRST(state, g) * FIRST(state, g));
  for (int i = 0; i < MODEL_FACES; i++)
    q = select(
        gt(inside(point + POINT_FACES(n), i, face_share(PLAN_, state, g, i), z), bc(REAL(0.0))), q,
        none);
  if (g < reach[0] || g >= reach[1]) q = none;
  for (int i = 0; i < MODEL_FACES && MODEL_AMPLITUDES == 2; i++) {
    CONSTANT scalar *edge = point + POINT_EDGE(n) + 2 * i;
    real e = rmax(mad(bc(edge[0]), FIRST(state, g), bc(edge[1]) * z), bc(REAL(0.0)));
    if (g >= reach[2 + 2 * i] && g < reach[3 + 2 * i]) q = rmax(q, e * e);
  }
  return q;
}

/* Where no neighbour along any axis explains more. */
FN mask is_maximum(PLAN, PRIVATE const real *energy, int from, int to, int g)
{
  mask most = le(bc(REAL(0.0)), bc(REAL(0.0)));
  for (int a = 0; a < MODEL_NONLINEAR; a++) {
    const int stride = MODEL_NONLINEAR > 1 ? f->axis[a].stride : 1;
    const int at = MODEL_NONLINEAR > 1 ? g / stride % f->axis[a].count : g;
    if (at > 0 && g - stride >= from) most = and_(most, ge(energy[g], energy[g - stride]));
    if (at < f->axis[a].count - 1 && g + stride < to)
      most = and_(most, gt(energy[g], energy[g + stride]));
  }
  return most;
}

FN void search_maxima(PLAN, PRIVATE const voxels *v, PRIVATE maxima *c)
{
  search_state state;
  real energy[ROOM_GRID], none = bc(REAL(-3e38)), pattern = bc(REAL(0.0));
  for (int i = 0; i < MAX_MAXIMA; i++) {
    c->energy[i] = none;
    c->point[i] = c->pattern[i] = bc(REAL(-1.0));
  }
  search_begin(PLAN_, v, &state);
  for (int p = 0; p < f->n_patterns; p++) {
    CONSTANT int *reach = integers + f->reach + p * (2 + 2 * MAX_FACES);
    mask another = turn_to(PLAN_, v, &state, p);
    pattern = f->has_signs ? select(another, bc((scalar)p), pattern) : bc((scalar)p);
    int from = f->n_grid, to = 0;
    for (int i = 0; i <= (MODEL_AMPLITUDES == 2 ? MODEL_FACES : 0); i++) {
      if (reach[2 * i] >= reach[2 * i + 1]) continue;
      from = reach[2 * i] < from ? reach[2 * i] : from;
      to = reach[2 * i + 1] > to ? reach[2 * i + 1] : to;
    }
    for (int g = from; g < to; g++)
      energy[g] = energy_at(PLAN_, &state, reach, g);
    for (int g = from; g < to; g++) {
      mask most = is_maximum(PLAN_, energy, from, to, g);
      if (any(most)) insert_maximum(c, select(most, energy[g], none), bc((scalar)g), pattern);
    }
  }
}
/* ---- Steps ------------------------------------------------------------------ */

/* Where a lane is with one candidate. */
typedef struct settling {
  real y[ROOM_SAMPLES], p[MAX_PARAMETERS]; /* as in a trial */
  real low, high, before, steps;           /* bracket; size of the last step; steps taken */
  real low_open, high_open;                /* 1 where the best may be the bound at that end */
} settling;

/* From the grid point of a candidate to its neighbours; from the ends of the grid to the bounds. */
FN void begin_settling(PLAN, PRIVATE const voxels *v, mask which, real point, real pattern,
                       PRIVATE settling *w)
{
  SETUP grid_axis *axis = &f->axis[0];
  const int k = axis->parameter;
  scalar lower = numbers[LOWER + k], upper = numbers[UPPER + k];
  real p[MAX_PARAMETERS], y[ROOM_SAMPLES], step = bc(numbers[AXIS_STEP]), zero = bc(REAL(0.0)),
                                           one = bc(REAL(1.0));
  grid_parameters(PLAN_, point, p);
  polarise(PLAN_, v, pattern, y);
  for (int j = 0; j < f->n_samples; j++)
    w->y[j] = select(which, y[j], w->y[j]);
  real low = clamp(axis->is_log ? p[k] * rexp(-step) : p[k] - step, lower, upper);
  real high = clamp(axis->is_log ? p[k] * rexp(step) : p[k] + step, lower, upper);
  low = select(lt(point, bc(REAL(0.5))), bc(lower), low);
  high = select(gt(point, bc((scalar)axis->count - REAL(1.5))), bc(upper), high);
  w->p[k] = select(which, p[k], w->p[k]);
  w->low = select(which, low, w->low);
  w->high = select(which, high, w->high);
  w->low_open = select(which, select(gt(low, bc(lower)), zero, one), w->low_open);
  w->high_open = select(which, select(lt(high, bc(upper)), zero, one), w->high_open);
  w->before = select(which, bc(REAL(3e38)), w->before);
  w->steps = select(which, zero, w->steps);
}

/* One step; the lanes that need no other are told: they stand still, stand on a bound, or cannot
 * come to less than `least`. */
FN mask settle_step(PLAN, PRIVATE const stand *s, real least, PRIVATE settling *w)
{
  SETUP grid_axis *axis = &f->axis[0];
  const int k = axis->parameter;
  real zero = bc(REAL(0.0)), a_half = bc(REAL(0.5)), q = w->p[k],
       unit = axis->is_log ? q : bc(REAL(1.0));
  mask up = gt(s->slope, zero), is_curved = lt(s->curvature, zero);
  real curvature = select(is_curved, s->curvature, s->gauss);
  mask flat = not_(lt(curvature, zero));
  real step = select(flat, zero, -s->slope / select(flat, bc(REAL(-1.0)), curvature));
  real settled = mad(bc(SETTLED), s->cost, bc(SETTLED_ENERGY) * s->energy);
  real hope = bc(REAL(2.0)) * rabs(s->slope) * (select(up, w->high - q, q - w->low));
  mask done = or_(flat, le(rabs(step), bc(numbers[SMALL_STEP] * REAL(1e-3))));
  done = or_(done, le(rabs(step * s->slope), settled));
  done = or_(done, le(hope, zero)); // on a bound
  done = or_(done, gt((s->cost - least) * unit, hope));
  done = or_(done, gt(w->steps, bc((scalar)MAX_SETTLING - REAL(1.5))));
  w->steps = w->steps + bc(REAL(1.0));
  w->low = select(up, q, w->low);
  w->high = select(up, w->high, q);
  w->low_open = select(up, zero, w->low_open);
  w->high_open = select(up, w->high_open, zero);
  real reach = rmin(rmax(step, bc(-numbers[AXIS_STEP])), bc(numbers[AXIS_STEP]));
  real next = axis->is_log ? q * rexp(reach) : q + reach, middle = a_half * (w->low + w->high);
  mask closed = and_(lt(w->low_open, a_half), lt(w->high_open, a_half));
  mask slow = and_(closed, gt(rabs(step) + rabs(step), w->before));
  w->before = rabs(step);
  next = select(le(next, w->low), select(gt(w->low_open, a_half), w->low, middle), next);
  next = select(ge(next, w->high), select(gt(w->high_open, a_half), w->high, middle), next);
  w->p[k] = select(done, q, select(slow, middle, next));
  return done;
}

/* ---- Voxels ----------------------------------------------------------------- */

/* Candidate `turn` of each lane; a lane that has none gets energy -3e38. */
FN void take_turn(PRIVATE const maxima *c, real turn, PRIVATE real *energy, PRIVATE real *point,
                  PRIVATE real *pattern)
{
  *energy = bc(REAL(-3e38));
  *point = *pattern = bc(REAL(0.0));
  for (int i = 0; i < MAX_MAXIMA; i++) {
    mask now = lt(rabs(turn - bc((scalar)i)), bc(REAL(0.5)));
    *energy = select(now, c->energy[i], *energy);
    *point = select(now, c->point[i], *point);
    *pattern = select(now, c->pattern[i], *pattern);
  }
}

/* Refine one candidate after the other, each lane at its own pace; the best is left in p. */
FN void settle_reduced(PLAN, PRIVATE const voxels *v, PRIVATE const maxima *c, PRIVATE real *p)
{
  settling w;
  real turn = bc(REAL(0.0)), best = bc(REAL(3e38)), energy, point, pattern;
  mask busy = le(turn, turn);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    w.p[i] = bc(REAL(0.0));
  take_turn(c, turn, &energy, &point, &pattern);
  begin_settling(PLAN_, v, busy, point, pattern, &w);
  while (any(busy)) {
    real q[MAX_PARAMETERS];
    stand s;
    take_stand(PLAN_, v, w.y, w.p, &s);
    for (int i = 0; i < MODEL_PARAMETERS; i++)
      q[i] = w.p[i];
    linear_parameters(PLAN_, s.a[0], s.a[1], q);
    mask done = and_(busy, settle_step(PLAN_, &s, best, &w));
    mask better = and_(done, lt(s.cost, best));
    best = select(better, s.cost, best);
    for (int i = 0; i < MODEL_PARAMETERS; i++)
      p[i] = select(better, q[i], p[i]);
    if (!any(done)) continue;
    turn = turn + select(done, bc(REAL(1.0)), bc(REAL(0.0)));
    take_turn(c, turn, &energy, &point, &pattern);
    begin_settling(PLAN_, v, done, point, pattern, &w);
    busy = gt(energy, bc(REAL(-2e38)));
  }
}
#endif
