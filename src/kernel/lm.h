/* SPDX-License-Identifier: MIT
 * Bounded Levenberg-Marquardt (Marquardt 1963, doi:10.1137/0111030) on all
 * parameters. A parameter on a bound that the way down would leave is held for
 * that step; the step is cut at the bounds. Lanes that are done stand still:
 * a voxel's result does not depend on its neighbours. */
#ifndef TT1_LM_H
#define TT1_LM_H

/* The damped step; parameters that are `held` move by what `step` says and the others allow for it. */
FN void solve_step(PLAN, PRIVATE const linearised *t, real damping, int is_moved,
                   PRIVATE const mask *held, PRIVATE real *step)
{
  real a[MAX_PACKED], b[MAX_PARAMETERS], unit[MAX_PARAMETERS];
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0));
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    unit[i] = select(held[i], zero, one / root(t->matrix[PACKED(i, i)])); // scale-free damping
    b[i] = t->gradient[i];
    for (int k = 0; k < MODEL_PARAMETERS && is_moved; k++) {
      real moved = select(held[k], step[k], zero);
      b[i] = mad(-t->matrix[i < k ? PACKED(k, i) : PACKED(i, k)], moved, b[i]);
    }
    b[i] = select(held[i], zero, b[i] * unit[i]);
    for (int k = 0; k < i; k++)
      a[PACKED(i, k)] = t->matrix[PACKED(i, k)] * unit[i] * unit[k];
    a[PACKED(i, i)] = one + damping;
  }
  factorise(a, MODEL_PARAMETERS);
  forward(a, MODEL_PARAMETERS, b);
  backward(a, MODEL_PARAMETERS, b);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    step[i] = select(held[i], step[i], b[i] * unit[i]);
}

/* The damped step from p, within the bounds, into `next`. Where it would cross a bound it is taken
 * anew up to there: cut alone it would lead beside the valley. Returns where it does. */
FN mask damped_step(PLAN, PRIVATE const linearised *t, PRIVATE const real *p, real damping,
                    PRIVATE real *next)
{
  real step[MAX_PARAMETERS], zero = bc(REAL(0.0));
  mask held[MAX_PARAMETERS], crosses = lt(damping, damping);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    mask down = and_(le(p[i], bc(numbers[LOWER + i])), le(t->gradient[i], zero));
    mask up = and_(ge(p[i], bc(numbers[UPPER + i])), ge(t->gradient[i], zero));
    held[i] = or_(or_(down, up), not_(gt(t->matrix[PACKED(i, i)], zero)));
    step[i] = zero;
  }
  solve_step(PLAN_, t, damping, 0, held, step);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    real to = p[i] + step[i], within = clamp(to, numbers[LOWER + i], numbers[UPPER + i]);
    mask out = or_(lt(to, within), gt(to, within));
    held[i] = or_(held[i], out);
    step[i] = select(out, within - p[i], step[i]);
    crosses = or_(crosses, out);
  }
  if (any(crosses)) {
    real anew[MAX_PARAMETERS];
    for (int i = 0; i < MODEL_PARAMETERS; i++)
      anew[i] = step[i];
    solve_step(PLAN_, t, damping, 1, held, anew);
    for (int i = 0; i < MODEL_PARAMETERS; i++)
      step[i] = select(crosses, anew[i], step[i]);
  }
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    next[i] = clamp(p[i] + step[i], numbers[LOWER + i], numbers[UPPER + i]);
  return crosses;
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
    mask reaches = damped_step(PLAN_, &now, p, damping, next);
    linearise(PLAN_, v, y, is_magnitude, by, next, &attempt);
    real less = now.cost - attempt.cost, little = bc(numbers[TOLERANCE]) * now.cost;
    // Short steps lower little anywhere. Costs too close to tell apart keep no full step from the
    // optimum, and none from a bound.
    mask is_full = le(damping, bc(REAL(1e-2)));
    mask better = or_(gt(less, bc(REAL(0.0))), and_(or_(reaches, is_full), ge(less, -little)));
    better = and_(active, better);
    mask settled = and_(le(less, little), is_full);
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
