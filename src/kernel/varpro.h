/* SPDX-License-Identifier: MIT
 * Variable projection (Golub & Pereyra 1973, doi:10.1137/0710036) with one
 * nonlinear parameter q: safeguarded Newton steps in s = q or ln q on the energy
 * that the model explains,
 *
 *   F(s) = b' G^-1 b,  b = E'y,  G = E'E,  E the basis functions at s,
 *   dF   = a . (db + c),                     a = G^-1 b, c = db - dG a,
 *   d2F  = 2 d2b . a - a' d2G a + 2 c' G^-1 c,
 *
 * or, where the amplitudes leave their bounds, the same along the face. The
 * bracket shrinks with the sign of the slope: without it Newton cycles at a face.
 * The schedule is fixed: time does not depend on the data. */
#ifndef TT1_VARPRO_H
#define TT1_VARPRO_H

enum { NEWTON_STEPS = 3 };

/* Sums over the samples; d: first, dd: second derivative by s. dd_g00, dd_g11 are halved. */
typedef struct projection {
  normal m;
  real d_b0, d_b1, d_g00, d_g01, d_g11;
  real dd_b0, dd_b1, dd_g00, dd_g01, dd_g11;
} projection;

FN void add_sample(PLAN, PRIVATE projection *t, real y, PRIVATE const real *r)
{
  if (MODEL_AMPLITUDES == 1) {
    t->m.b0 = mad(y, r[0], t->m.b0);
    t->m.g00 = mad(r[0], r[0], t->m.g00);
    t->d_b0 = mad(y, r[1], t->d_b0);
    t->d_g00 = mad(r[0], r[1], t->d_g00);
    t->dd_b0 = mad(y, r[2], t->dd_b0);
    t->dd_g00 = mad(r[0], r[2], mad(r[1], r[1], t->dd_g00));
    return;
  }
  t->m.b0 = mad(y, r[0], t->m.b0);
  t->m.b1 = mad(y, r[3], t->m.b1);
  t->m.g00 = mad(r[0], r[0], t->m.g00);
  t->m.g01 = mad(r[0], r[3], t->m.g01);
  t->m.g11 = mad(r[3], r[3], t->m.g11);
  t->d_b1 = mad(y, r[4], t->d_b1);
  t->d_g01 = mad(r[0], r[4], t->d_g01);
  t->d_g11 = mad(r[3], r[4], t->d_g11);
  t->dd_b1 = mad(y, r[5], t->dd_b1);
  t->dd_g01 = mad(r[0], r[5], t->dd_g01);
  t->dd_g11 = mad(r[3], r[5], mad(r[4], r[4], t->dd_g11));
  if (!MODEL_FIRST_FIXED) {
    t->d_b0 = mad(y, r[1], t->d_b0);
    t->d_g00 = mad(r[0], r[1], t->d_g00);
    t->d_g01 = mad(r[3], r[1], t->d_g01);
    t->dd_b0 = mad(y, r[2], t->dd_b0);
    t->dd_g00 = mad(r[0], r[2], mad(r[1], r[1], t->dd_g00));
    t->dd_g01 = mad(bc(REAL(2.0)) * r[1], r[4], mad(r[3], r[2], t->dd_g01));
  }
}

/* First and second derivative of the explained energy. */
FN void energy_slopes(PLAN, PRIVATE const projection *t, PRIVATE real *slope, PRIVATE real *curvature)
{
  real two = bc(REAL(2.0)), d_g00 = two * t->d_g00, d_g11 = two * t->d_g11;
  real dd_g00 = two * t->dd_g00, dd_g11 = two * t->dd_g11;
  amplitudes a;
  solve_amplitudes(PLAN_, &t->m, &a);
  real c0 = mad(-d_g00, a.a0, t->d_b0);
  if (MODEL_AMPLITUDES == 1) {
    *slope = a.a0 * (t->d_b0 + c0);
    *curvature = mad(two * t->dd_b0, a.a0, mad(-dd_g00 * a.a0, a.a0, two * c0 * c0 * a.i00));
    return;
  }
  real c1 = mad(-t->d_g01, a.a0, mad(-d_g11, a.a1, t->d_b1));
  c0 = mad(-t->d_g01, a.a1, c0);
  *slope = mad(a.a0, t->d_b0 + c0, a.a1 * (t->d_b1 + c1));
  real bend = mad(two * t->dd_b0, a.a0, two * t->dd_b1 * a.a1);
  bend = mad(-dd_g00 * a.a0, a.a0,
             mad(-dd_g11 * a.a1, a.a1, mad(-two * t->dd_g01 * a.a0, a.a1, bend)));
  real u = mad(-t->m.g01 * a.i00, c0, c1); // c' G^-1 c by elimination
  real gain = mad(c0 * a.i00, c0, u * u * a.schur);
  for (int i = 0; i < MODEL_FACES; i++) {
    real h = mad(bc(numbers[RAY + 2 * i]), c0, bc(numbers[RAY + 2 * i + 1]) * c1);
    mask on = and_(gt(a.face, bc((scalar)i - REAL(0.5))), lt(a.face, bc((scalar)i + REAL(0.5))));
    gain = select(on, h * h * a.ray, gain);
  }
  *curvature = mad(two, gain, bend);
}

/* One Newton step of q within the bracket, which shrinks. */
FN void newton(PLAN, PRIVATE const voxels *v, PRIVATE trial *t)
{
  CONSTANT grid_axis *axis = &f->axis[0];
  real x[MAX_KNOWN], r[3 * MAX_AMPLITUDES], zero = bc(REAL(0.0)), slope, curvature;
  real q = t->p[axis->parameter];
  projection sums = {{zero, zero, zero, zero, zero}, zero, zero, zero, zero, zero,
                     zero, zero, zero, zero, zero};
  basis_state state;
  known_at(PLAN_, v, 0, x);
  basis_begin(&state, t->p, x);
  for (int j = 0; j < f->n_samples; j++) {
    known_at(PLAN_, v, j, x);
    basis_at(&state, t->p, x, r);
    add_sample(PLAN_, &sums, t->y[j], r);
  }
  energy_slopes(PLAN_, &sums, &slope, &curvature);
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
  mask good = and_(and_(lt(curvature, zero), lt(rabs(step), bc(numbers[LARGE_STEP]))),
                   or_(tiny, within));
  next = select(good, next, bc(REAL(0.5)) * (t->low + t->high));
  t->p[axis->parameter] =
      clamp(next, numbers[LOWER + axis->parameter], numbers[UPPER + axis->parameter]);
}

/* A little more than one grid step to either side. */
FN void bracket(PLAN, PRIVATE trial *t)
{
  CONSTANT grid_axis *axis = &f->axis[0];
  scalar lower = numbers[LOWER + axis->parameter], upper = numbers[UPPER + axis->parameter];
  real q = t->p[axis->parameter], reach = bc(REAL(1.2) * numbers[AXIS_STEP]);
  t->low = clamp(axis->is_log ? q * rexp(-reach) : q - reach, lower, upper);
  t->high = clamp(axis->is_log ? q * rexp(reach) : q + reach, lower, upper);
}

/* Refine all candidates. Step by step in turn: while one waits for its divisions, the next works. */
FN void refine_varpro(PLAN, PRIVATE const voxels *v, PRIVATE trial *t)
{
  for (int i = 0; i < MAX_CANDIDATES; i++)
    bracket(PLAN_, &t[i]);
  for (int n = 0; n < NEWTON_STEPS; n++)
    for (int i = 0; i < MAX_CANDIDATES; i++)
      newton(PLAN_, v, &t[i]);
  for (int i = 0; i < MAX_CANDIDATES; i++)
    t[i].cost = complete(PLAN_, v, t[i].y, t[i].p);
}
#endif
