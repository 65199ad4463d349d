/* SPDX-License-Identifier: MIT
 * Linear parameters in closed form within their bounds, at given nonlinear ones. */
#ifndef TT1_AMPLITUDES_H
#define TT1_AMPLITUDES_H

/* Basis function m is result m * BASIS_STRIDE of the model; with one nonlinear parameter its two
 * derivatives follow. */
#define BASIS_STRIDE (MODEL_NONLINEAR == 1 ? 3 : 1)

/* The normal equations of the amplitudes: gram * a = b. */
typedef struct normal {
  real b0, b1, g00, g01, g11;
} normal;

/* Amplitudes along `ray`: the energy they explain, or 0 where they would be negative. */
FN real on_ray(PRIVATE const normal *m, CONSTANT scalar *ray, PRIVATE real *a0, PRIVATE real *a1)
{
  real r0 = bc(ray[0]), r1 = bc(ray[1]);
  real b = mad(r0, m->b0, r1 * m->b1);
  real g = mad(r0 * r0, m->g00, mad(bc(REAL(2.0)) * r0 * r1, m->g01, r1 * r1 * m->g11));
  b = rmax(b, bc(REAL(0.0)));
  real a = b / g;
  *a0 = a * r0;
  *a1 = a * r1;
  return a * b;
}

FN real face_value(PLAN, int i, real a0, real a1)
{
  return mad(bc(numbers[FACE + 2 * i]), a0, bc(numbers[FACE + 2 * i + 1]) * a1);
}

/* Solve for the amplitudes. *face: -1 interior, else the face they lie on. */
FN void solve_amplitudes(PLAN, PRIVATE const normal *m, PRIVATE real *a0, PRIVATE real *a1,
                         PRIVATE real *face)
{
  real zero = bc(REAL(0.0));
  *face = bc(REAL(-1.0));
  if (MODEL_AMPLITUDES == 1) {
    real a = m->b0 / m->g00;
    if (MODEL_FACES > 0) {
      mask out = lt(face_value(PLAN_, 0, a, zero), zero);
      a = select(out, zero, a);
      *face = select(out, zero, *face);
    }
    *a0 = a;
    *a1 = zero;
    return;
  }
  real w = m->g01 / m->g00; // eliminate the first
  real a = mad(-w, m->b0, m->b1) / mad(-w, m->g01, m->g11);
  *a1 = a;
  *a0 = mad(-m->g01, a, m->b0) / m->g00;
  real best = bc(REAL(-1.0)), outside0 = *a0, outside1 = *a1;
  for (int i = 0; i < MODEL_FACES; i++) { // outside: the better of the faces it violates
    real r0, r1, energy = on_ray(m, numbers + RAY + 2 * i, &r0, &r1);
    mask take = and_(lt(face_value(PLAN_, i, outside0, outside1), zero), gt(energy, best));
    best = select(take, energy, best);
    *a0 = select(take, r0, *a0);
    *a1 = select(take, r1, *a1);
    *face = select(take, bc((scalar)i), *face);
  }
}

/* The parameters that the amplitudes stand for, within bounds. */
FN void linear_parameters(PLAN, real a0, real a1, PRIVATE real *p)
{
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    if (f->numerator[i] < 0)
      continue;
    real value = f->numerator[i] ? a1 : a0;
    if (f->denominator[i] >= 0)
      value = value / (f->denominator[i] ? a1 : a0);
    p[i] = clamp(value, numbers[LOWER + i], numbers[UPPER + i]);
  }
}

/* Linear parameters at the nonlinear ones in p, and the sum of squared residuals; y is signed
 * by the pattern, the residual is that of the data. */
FN real complete(PLAN, PRIVATE const voxels *v, PRIVATE const real *y, PRIVATE real *p)
{
  real x[MAX_KNOWN], r[3 * MAX_AMPLITUDES], e0[MAX_SAMPLES], e1[MAX_SAMPLES];
  real zero = bc(REAL(0.0));
  normal m = {zero, zero, zero, zero, zero};
  basis_state state;
  known_at(PLAN_, v, 0, x);
  basis_begin(&state, p, x);
  for (int j = 0; j < f->n_samples; j++) {
    known_at(PLAN_, v, j, x);
    basis_at(&state, p, x, r);
    e0[j] = r[0];
    m.b0 = mad(y[j], r[0], m.b0);
    m.g00 = mad(r[0], r[0], m.g00);
    if (MODEL_AMPLITUDES == 2) {
      e1[j] = r[BASIS_STRIDE];
      m.b1 = mad(y[j], e1[j], m.b1);
      m.g01 = mad(r[0], e1[j], m.g01);
      m.g11 = mad(e1[j], e1[j], m.g11);
    }
  }
  real a0, a1, face, cost = zero;
  solve_amplitudes(PLAN_, &m, &a0, &a1, &face);
  for (int j = 0; j < f->n_samples; j++) {
    real g = MODEL_AMPLITUDES == 2 ? mad(a0, e0[j], a1 * e1[j]) : a0 * e0[j];
    real miss = f->is_magnitude ? v->y[j] - rabs(g) : v->y[j] - g;
    cost = mad(miss, miss, cost);
  }
  linear_parameters(PLAN_, a0, a1, p);
  return cost;
}
#endif
