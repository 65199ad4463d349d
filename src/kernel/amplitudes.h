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

/* What solving them gives. Divisions are dear: each reciprocal is made once. */
typedef struct amplitudes {
  real a0, a1;
  real i00, schur; /* 1 / g00 and, of the second after the first is eliminated, 1 / (its square) */
  real face;       /* the face they lie on, or -1 */
  real ray;        /* there: 1 / (square of the basis function along its ray) */
} amplitudes;

FN real face_value(PLAN, int i, real a0, real a1)
{
  return mad(bc(numbers[FACE + 2 * i]), a0, bc(numbers[FACE + 2 * i + 1]) * a1);
}

/* Face i instead, where the amplitudes violate it and it explains more than *best. */
FN void try_face(PLAN, PRIVATE const normal *m, int i, mask outside, PRIVATE amplitudes *a,
                 PRIVATE real *best)
{
  real r0 = bc(numbers[RAY + 2 * i]), r1 = bc(numbers[RAY + 2 * i + 1]);
  real b = rmax(mad(r0, m->b0, r1 * m->b1), bc(REAL(0.0)));
  real g = mad(r0 * r0, m->g00, mad(bc(REAL(2.0)) * r0 * r1, m->g01, r1 * r1 * m->g11));
  real inverse = bc(REAL(1.0)) / g, along = b * inverse, energy = along * b;
  mask take = and_(outside, gt(energy, *best));
  *best = select(take, energy, *best);
  a->a0 = select(take, along * r0, a->a0);
  a->a1 = select(take, along * r1, a->a1);
  a->ray = select(take, inverse, a->ray);
  a->face = select(take, bc((scalar)i), a->face);
}

FN void solve_one(PLAN, PRIVATE const normal *m, PRIVATE amplitudes *a)
{
  real zero = bc(REAL(0.0));
  a->a0 = m->b0 * a->i00;
  a->a1 = zero;
  if (MODEL_FACES > 0) {
    mask out = lt(face_value(PLAN_, 0, a->a0, zero), zero);
    a->a0 = select(out, zero, a->a0);
    a->face = select(out, zero, a->face);
  }
}

FN void solve_amplitudes(PLAN, PRIVATE const normal *m, PRIVATE amplitudes *a)
{
  real best = bc(REAL(-1.0));
  mask outside[MAX_FACES];
  a->i00 = bc(REAL(1.0)) / m->g00;
  a->face = best;
  a->ray = a->schur = bc(REAL(0.0));
  if (MODEL_AMPLITUDES == 1) {
    solve_one(PLAN_, m, a);
    return;
  }
  real w = m->g01 * a->i00; // eliminate the first
  a->schur = bc(REAL(1.0)) / mad(-w, m->g01, m->g11);
  a->a1 = mad(-w, m->b0, m->b1) * a->schur;
  a->a0 = mad(-m->g01, a->a1, m->b0) * a->i00;
  for (int i = 0; i < MODEL_FACES; i++)
    outside[i] = lt(face_value(PLAN_, i, a->a0, a->a1), bc(REAL(0.0)));
  if (MODEL_FACES == 2 && !any(or_(outside[0], outside[1]))) return; // spares two divisions
  for (int i = 0; i < MODEL_FACES; i++)
    try_face(PLAN_, m, i, outside[i], a, &best);
}

/* The parameters that the amplitudes stand for, within bounds. */
FN void linear_parameters(PLAN, real a0, real a1, PRIVATE real *p)
{
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    if (f->numerator[i] < 0) continue;
    real value = f->numerator[i] ? a1 : a0;
    if (f->denominator[i] >= 0) value = value / (f->denominator[i] ? a1 : a0);
    p[i] = clamp(value, numbers[LOWER + i], numbers[UPPER + i]);
  }
}

/* What is left of sample j of the data where the model without its outer abs has g. */
FN real miss_of(PLAN, PRIVATE const voxels *v, int j, real g)
{
  if (f->has_signs)
    g = select(is_open(PLAN_, v, j), rabs(g), g);
  else if (f->is_magnitude)
    g = rabs(g);
  return v->y[j] - g;
}

/* Linear parameters at the nonlinear ones in p, and the sum of squared residuals; y is signed
 * by the pattern, the residual is that of the data. */
FN real complete(PLAN, PRIVATE const voxels *v, PRIVATE const real *y, PRIVATE real *p)
{
  real x[MAX_KNOWN], r[3 * MAX_AMPLITUDES], e0[ROOM_SAMPLES], e1[ROOM_SAMPLES];
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
  real cost = zero;
  amplitudes a;
  solve_amplitudes(PLAN_, &m, &a);
  for (int j = 0; j < f->n_samples; j++) {
    real g = MODEL_AMPLITUDES == 2 ? mad(a.a0, e0[j], a.a1 * e1[j]) : a.a0 * e0[j];
    real miss = miss_of(PLAN_, v, j, g);
    cost = mad(miss, miss, cost);
  }
  linear_parameters(PLAN_, a.a0, a.a1, p);
  return cost;
}
#endif
