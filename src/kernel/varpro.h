/* SPDX-License-Identifier: MIT
 * Variable projection (Golub & Pereyra 1973, doi:10.1137/0710036) with one
 * nonlinear parameter q: safeguarded steps in s = q or ln q on the energy that
 * the model explains,
 *
 *   F(s) = b' G^-1 b,  b = E'y,  G = E'E,  E the basis functions at s,
 *   dF   = a . (db + c),                     a = G^-1 b, c = db - dG a,
 *   d2F  = 2 d2b . a - a' d2G a + 2 c' G^-1 c                    (Newton),
 *        ~ 2 t' G^-1 t - 2 |dE a|^2,         t = E' dE a         (Gauss-Newton),
 *
 * or, where the amplitudes leave their bounds, the same along the face. From afar
 * Gauss-Newton comes closer, near the end Newton does: two steps of the one, one
 * of the other. The bracket shrinks with the sign of the slope: without it the
 * steps cycle at a face for ever. The schedule is fixed: time does not depend on
 * the data. */
#ifndef TT1_VARPRO_H
#define TT1_VARPRO_H

enum { GAUSS_NEWTON_STEPS = 2, NEWTON_STEPS = 1 };

/* Sums over the samples of products of the basis functions e0, e1, their first (d) and second
 * (dd) derivatives by s, and the data. */
typedef struct projection {
  normal m;
  real d_b0, d_b1;                 /* y.de0, y.de1 */
  real d_g00, d_g01, d_g10, d_g11; /* e0.de0, e0.de1, e1.de0, e1.de1 */
  real dd_b0, dd_b1;               /* Newton: y.dde0, y.dde1 */
  real dd_g00, dd_g01, dd_g11;     /* Newton: half the second derivatives of G; else de.de */
} projection;

#define NO_SUMS                                                                                 \
  {                                                                                             \
    {zero, zero, zero, zero, zero}, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, \
        zero                                                                                    \
  }

/* r holds e0, de0, dde0, e1, de1, dde1. */
FN void add_second(PLAN, PRIVATE projection *t, real y, PRIVATE const real *r, int is_newton)
{
  if (MODEL_AMPLITUDES == 1 || !MODEL_FIRST_FIXED) {
    t->dd_g00 = mad(r[1], r[1], t->dd_g00);
    if (is_newton) {
      t->dd_b0 = mad(y, r[2], t->dd_b0);
      t->dd_g00 = mad(r[0], r[2], t->dd_g00);
    }
  }
  if (MODEL_AMPLITUDES == 1) return;
  t->dd_g11 = mad(r[4], r[4], t->dd_g11);
  if (is_newton) {
    t->dd_b1 = mad(y, r[5], t->dd_b1);
    t->dd_g01 = mad(r[0] * bc(REAL(0.5)), r[5], t->dd_g01);
    t->dd_g11 = mad(r[3], r[5], t->dd_g11);
  }
  if (!MODEL_FIRST_FIXED) {
    t->dd_g01 = mad(r[1], r[4], t->dd_g01);
    if (is_newton) t->dd_g01 = mad(r[3] * bc(REAL(0.5)), r[2], t->dd_g01);
  }
}

FN void add_first(PLAN, PRIVATE projection *t, real y, PRIVATE const real *r)
{
  t->m.b0 = mad(y, r[0], t->m.b0);
  t->m.g00 = mad(r[0], r[0], t->m.g00);
  if (MODEL_AMPLITUDES == 1 || !MODEL_FIRST_FIXED) {
    t->d_b0 = mad(y, r[1], t->d_b0);
    t->d_g00 = mad(r[0], r[1], t->d_g00);
  }
  if (MODEL_AMPLITUDES == 2) {
    t->m.b1 = mad(y, r[3], t->m.b1);
    t->m.g01 = mad(r[0], r[3], t->m.g01);
    t->m.g11 = mad(r[3], r[3], t->m.g11);
    t->d_b1 = mad(y, r[4], t->d_b1);
    t->d_g01 = mad(r[0], r[4], t->d_g01);
    t->d_g11 = mad(r[3], r[4], t->d_g11);
    if (!MODEL_FIRST_FIXED) t->d_g10 = mad(r[3], r[1], t->d_g10);
  }
}

/* w' G^-1 w, or along the face the amplitudes lie on. */
FN real gain(PLAN, PRIVATE const projection *t, PRIVATE const amplitudes *a, real w0, real w1)
{
  if (MODEL_AMPLITUDES == 1) return w0 * w0 * a->i00;
  real u = mad(-t->m.g01 * a->i00, w0, w1); // by elimination
  real sum = mad(w0 * a->i00, w0, u * u * a->schur);
  for (int i = 0; i < MODEL_FACES; i++) {
    real h = mad(bc(numbers[RAY + 2 * i]), w0, bc(numbers[RAY + 2 * i + 1]) * w1);
    mask on = and_(gt(a->face, bc((scalar)i - REAL(0.5))), lt(a->face, bc((scalar)i + REAL(0.5))));
    sum = select(on, h * h * a->ray, sum);
  }
  return sum;
}

/* t = E' dE a, c = db - dG a, and dF. */
typedef struct incline {
  real t0, t1, c0, c1, slope;
} incline;

FN void find_incline(PLAN, PRIVATE const projection *s, PRIVATE const amplitudes *a,
                     PRIVATE incline *to)
{
  real zero = bc(REAL(0.0)), u0 = zero, u1 = zero; // dE' E a
  to->t1 = to->c1 = zero;
  if (MODEL_AMPLITUDES == 1) {
    to->t0 = u0 = s->d_g00 * a->a0;
  } else if (MODEL_FIRST_FIXED) {
    to->t0 = s->d_g01 * a->a1;
    to->t1 = s->d_g11 * a->a1;
    u1 = mad(s->d_g01, a->a0, to->t1);
  } else {
    real first = s->d_g00 * a->a0, second = s->d_g11 * a->a1;
    to->t0 = mad(s->d_g01, a->a1, first);
    to->t1 = mad(s->d_g10, a->a0, second);
    u0 = mad(s->d_g10, a->a1, first);
    u1 = mad(s->d_g01, a->a0, second);
  }
  if (MODEL_AMPLITUDES == 2) to->c1 = s->d_b1 - (to->t1 + u1);
  if (MODEL_AMPLITUDES == 2 && MODEL_FIRST_FIXED) {
    to->c0 = -to->t0;
    to->slope = a->a0 * to->c0;
  } else {
    to->c0 = s->d_b0 - (to->t0 + u0);
    to->slope = a->a0 * (s->d_b0 + to->c0);
  }
  if (MODEL_AMPLITUDES == 2) to->slope = mad(a->a1, s->d_b1 + to->c1, to->slope);
}

/* First and second derivative of the explained energy. */
FN void energy_slopes(PLAN, PRIVATE const projection *t, int is_newton, PRIVATE real *slope,
                      PRIVATE real *curvature)
{
  amplitudes a;
  incline d;
  real bent = bc(REAL(0.0)), pulled = bent;
  solve_amplitudes(PLAN_, &t->m, &a);
  find_incline(PLAN_, t, &a, &d);
  if (MODEL_AMPLITUDES == 1 || !MODEL_FIRST_FIXED) {
    bent = t->dd_g00 * a.a0 * a.a0;
    pulled = t->dd_b0 * a.a0;
  }
  if (MODEL_AMPLITUDES == 2) {
    bent = mad(t->dd_g11 * a.a1, a.a1, bent);
    if (is_newton || !MODEL_FIRST_FIXED) bent = mad(bc(REAL(2.0)) * t->dd_g01 * a.a0, a.a1, bent);
    pulled = mad(t->dd_b1, a.a1, pulled);
  }
  real bend = is_newton ? gain(PLAN_, t, &a, d.c0, d.c1) + (pulled - bent)
                        : gain(PLAN_, t, &a, d.t0, d.t1) - bent;
  *slope = d.slope;
  *curvature = bend + bend;
}

/* One step of q within the bracket, which shrinks. */
FN void improve(PLAN, PRIVATE const voxels *v, PRIVATE trial *t, int is_newton)
{
  SETUP grid_axis *axis = &f->axis[0];
  real x[MAX_KNOWN], r[3 * MAX_AMPLITUDES], zero = bc(REAL(0.0)), slope, curvature;
  real q = t->p[axis->parameter];
  projection sums = {{zero, zero, zero, zero, zero},
                     zero,
                     zero,
                     zero,
                     zero,
                     zero,
                     zero,
                     zero,
                     zero,
                     zero,
                     zero,
                     zero};
  basis_state state;
  known_at(PLAN_, v, 0, x);
  basis_begin(&state, t->p, x);
  for (int j = 0; j < f->n_samples; j++) {
    known_at(PLAN_, v, j, x);
    basis_at(&state, t->p, x, r);
    add_first(PLAN_, &sums, t->y[j], r);
    add_second(PLAN_, &sums, t->y[j], r, is_newton);
  }
  energy_slopes(PLAN_, &sums, is_newton, &slope, &curvature);
  mask up = gt(slope, zero);
  t->low = select(up, q, t->low);
  t->high = select(up, t->high, q);
  real step = -slope / curvature, next;
  if (axis->is_log) // exp(step) to second order
    next = mad(mad(step, bc(REAL(0.5)), bc(REAL(1.0))) * step, q, q);
  else
    next = q + step;
  mask within = and_(gt(next, t->low), lt(next, t->high));
  mask tiny = lt(rabs(step), bc(numbers[SMALL_STEP]));
  mask good =
      and_(and_(lt(curvature, zero), lt(rabs(step), bc(numbers[LARGE_STEP]))), or_(tiny, within));
  next = select(good, next, bc(REAL(0.5)) * (t->low + t->high));
  if (is_newton) t->curvature = select(good, curvature, zero);
  t->p[axis->parameter] =
      clamp(next, numbers[LOWER + axis->parameter], numbers[UPPER + axis->parameter]);
}

/* A little more than one grid step to either side. */
FN void bracket(PLAN, PRIVATE trial *t)
{
  SETUP grid_axis *axis = &f->axis[0];
  scalar lower = numbers[LOWER + axis->parameter], upper = numbers[UPPER + axis->parameter];
  real q = t->p[axis->parameter], reach = bc(REAL(1.2) * numbers[AXIS_STEP]);
  t->low = clamp(axis->is_log ? q * rexp(-reach) : q - reach, lower, upper);
  t->high = clamp(axis->is_log ? q * rexp(reach) : q + reach, lower, upper);
}

/* Amplitudes and cost where the last step has led, and the slope there. */
FN void arrive(PLAN, PRIVATE const voxels *v, PRIVATE trial *t)
{
  real x[MAX_KNOWN], r[3 * MAX_AMPLITUDES], e0[ROOM_SAMPLES], e1[ROOM_SAMPLES];
  real zero = bc(REAL(0.0));
  projection sums = NO_SUMS;
  basis_state state;
  amplitudes a;
  incline d;
  known_at(PLAN_, v, 0, x);
  basis_begin(&state, t->p, x);
  for (int j = 0; j < f->n_samples; j++) {
    known_at(PLAN_, v, j, x);
    basis_at(&state, t->p, x, r);
    e0[j] = r[0];
    if (MODEL_AMPLITUDES == 2) e1[j] = r[3];
    add_first(PLAN_, &sums, t->y[j], r);
  }
  solve_amplitudes(PLAN_, &sums.m, &a);
  find_incline(PLAN_, &sums, &a, &d);
  t->slope = d.slope;
  t->cost = zero;
  for (int j = 0; j < f->n_samples; j++) {
    real g = MODEL_AMPLITUDES == 2 ? mad(a.a0, e0[j], a.a1 * e1[j]) : a.a0 * e0[j];
    real miss = miss_of(PLAN_, v, j, g);
    t->cost = mad(miss, miss, t->cost);
  }
  linear_parameters(PLAN_, a.a0, a.a1, t->p);
}

/* Whether a trial may still explain `more`: by the parabola of its last step, and by the slope up to
 * the end of its bracket. */
FN mask may_gain(PLAN, PRIVATE const trial *t, real more)
{
  SETUP grid_axis *axis = &f->axis[0];
  real q = t->p[axis->parameter], halved = bc(REAL(0.5)) * t->slope;
  real reach = select(gt(t->slope, bc(REAL(0.0))), t->high - q, q - t->low);
  mask far = gt(rabs(t->slope) * reach, axis->is_log ? more * q : more);
  return and_(far, gt(halved * t->slope, -t->curvature * more));
}

/* Refine all candidates. Step by step in turn: while one waits for its divisions, the next works. */
FN void refine_varpro(PLAN, PRIVATE const voxels *v, PRIVATE trial *t)
{
  for (int i = 0; i < MAX_CANDIDATES; i++)
    bracket(PLAN_, &t[i]);
  for (int n = 0; n < GAUSS_NEWTON_STEPS; n++)
    for (int i = 0; i < MAX_CANDIDATES; i++)
      improve(PLAN_, v, &t[i], 0);
  for (int n = 0; n < NEWTON_STEPS; n++)
    for (int i = 0; i < MAX_CANDIDATES; i++)
      improve(PLAN_, v, &t[i], 1);
  for (int i = 0; i < MAX_CANDIDATES; i++)
    arrive(PLAN_, v, &t[i]);
}
#endif
