/* SPDX-License-Identifier: MIT
 * One block of voxels from data to results. */
#ifndef TT1_FIT_KERNEL_H
#define TT1_FIT_KERNEL_H

/* Samples that are NaN or infinite become zero, and the lane is marked. */
FN mask sanitise(PLAN, PRIVATE voxels *v)
{
  mask finite = le(bc(REAL(0.0)), bc(REAL(0.0)));
  for (int j = 0; j < f->n_samples; j++)
    finite = and_(finite, le(rabs(v->y[j]), bc(REAL(1e18)))); // its square must be finite too
  for (int j = 0; j < f->n_samples; j++)
    v->y[j] = select(finite, v->y[j], bc(REAL(0.0)));
  return finite;
}

/* Refine one candidate; returns its cost. */
FN real refine(PLAN, PRIVATE const voxels *v, real point, real pattern, PRIVATE real *p)
{
  real y[MAX_SAMPLES];
  grid_parameters(PLAN_, point, p);
  polarise(PLAN_, v, pattern, y);
  if (f->solver == SOLVE_VARPRO)
    return refine_varpro(PLAN_, v, y, p);
  real cost = bc(REAL(0.0));
  if (MODEL_AMPLITUDES > 0)
    cost = complete(PLAN_, v, y, p);
  if (f->solver == SOLVE_LM)
    cost = refine_lm(PLAN_, v, y, 0, p);
  return cost;
}

/* All candidates, the best of them in p. Adam starts from the best grid point. */
FN void fit_from_grid(PLAN, PRIVATE const voxels *v, PRIVATE real *p)
{
  candidates c;
  real trial[MAX_PARAMETERS], best = bc(REAL(3e38));
  search(PLAN_, v, &c);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    p[i] = trial[i] = bc(numbers[LOWER + i]);
  int count = f->solver == SOLVE_ADAM ? 1 : MAX_CANDIDATES;
  for (int i = 0; i < count; i++) {
    real cost = refine(PLAN_, v, c.point[i], c.pattern[i], trial);
    mask better = lt(cost, best);
    best = select(better, cost, best);
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      p[k] = select(better, trial[k], p[k]);
  }
}

FN void fit_block(PLAN, PRIVATE voxels *v, PRIVATE real *rows)
{
  real p[MAX_PARAMETERS];
  mask finite = sanitise(PLAN_, v);
  if (!f->is_fixed_start) {
    fit_from_grid(PLAN_, v, p);
  } else {
    fixed_start(PLAN_, largest(PLAN_, v), p);
    if (f->solver == SOLVE_LM)
      refine_lm(PLAN_, v, v->y, f->is_magnitude, p);
  }
  if (f->solver == SOLVE_ADAM)
    fit_adam(PLAN_, v, p);
  finish(PLAN_, v, finite, p, rows);
}
#endif
