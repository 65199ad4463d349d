/* SPDX-License-Identifier: MIT
 * Bounded Levenberg-Marquardt (Marquardt 1963, doi:10.1137/0111030) on all
 * parameters. A parameter on a bound that the way down would leave is held for
 * that step; the step is cut at the bounds. Lanes that are done stand still:
 * a voxel's result does not depend on its neighbours. */
#ifndef TT1_LM_H
#define TT1_LM_H

/* The damped step from p, cut at the bounds, into `next`. */
FN void damped_step(PLAN, PRIVATE const linearised *t, PRIVATE const real *p, real damping,
                    PRIVATE real *next)
{
  real a[MAX_PACKED], b[MAX_PARAMETERS], unit[MAX_PARAMETERS];
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0));
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    mask down = and_(le(p[i], bc(numbers[LOWER + i])), le(t->gradient[i], zero));
    mask up = and_(ge(p[i], bc(numbers[UPPER + i])), ge(t->gradient[i], zero));
    real diagonal = t->matrix[PACKED(i, i)];
    mask held = or_(or_(down, up), not_(gt(diagonal, zero)));
    unit[i] = select(held, zero, one / root(diagonal)); // unit diagonal: scale-free damping
    b[i] = t->gradient[i] * unit[i];
    b[i] = select(held, zero, b[i]);
    for (int k = 0; k < i; k++)
      a[PACKED(i, k)] = t->matrix[PACKED(i, k)] * unit[i] * unit[k];
    a[PACKED(i, i)] = one + damping;
  }
  factorise(a, MODEL_PARAMETERS);
  forward(a, MODEL_PARAMETERS, b);
  backward(a, MODEL_PARAMETERS, b);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    next[i] = clamp(mad(b[i], unit[i], p[i]), numbers[LOWER + i], numbers[UPPER + i]);
}

/* Refine p in place; y is signed by the pattern unless is_magnitude. Returns the cost. */
FN_ONCE real refine_lm(PLAN, PRIVATE const voxels *v, PRIVATE const real *y, int is_magnitude,
                       PRIVATE const weighing *by, PRIVATE real *p)
{
  linearised now, attempt;
  real next[MAX_PARAMETERS], damping = bc(REAL(1e-3));
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    p[i] = clamp(p[i], numbers[LOWER + i], numbers[UPPER + i]);
  linearise(PLAN_, v, y, is_magnitude, by, p, &now);
  mask active = ge(now.cost, bc(REAL(0.0))); // NaN: done at once
  for (int n = 0; n < f->max_iterations && any(active); n++) {
    damped_step(PLAN_, &now, p, damping, next);
    linearise(PLAN_, v, y, is_magnitude, by, next, &attempt);
    mask better = and_(active, lt(attempt.cost, now.cost));
    mask settled = le(now.cost - attempt.cost, bc(numbers[TOLERANCE]) * now.cost);
    settled = or_(and_(better, settled), gt(damping, bc(REAL(1e5))));
    for (int i = 0; i < MODEL_PARAMETERS; i++) {
      p[i] = select(better, next[i], p[i]);
      now.gradient[i] = select(better, attempt.gradient[i], now.gradient[i]);
    }
    for (int i = 0; i < PACKED(MODEL_PARAMETERS, 0); i++)
      now.matrix[i] = select(better, attempt.matrix[i], now.matrix[i]);
    now.cost = select(better, attempt.cost, now.cost);
    real changed = damping * select(better, bc(REAL(0.2)), bc(REAL(5.0)));
    damping = select(active, rmax(changed, bc(REAL(1e-7))), damping);
    active = and_(active, not_(settled));
  }
  return now.cost;
}
#endif
