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

FN void refine_one(PLAN, PRIVATE const voxels *v, PRIVATE trial *t)
{
  t->cost = bc(REAL(0.0));
  if (MODEL_AMPLITUDES > 0) t->cost = complete(PLAN_, v, t->y, t->p);
  if (f->solver == SOLVE_LM) t->cost = refine_lm(PLAN_, v, t->y, 0, t->p);
}

/* All candidates, the best of them in p. Adam and Nelder-Mead start from the best grid point. */
FN void fit_from_grid(PLAN, PRIVATE const voxels *v, PRIVATE real *p)
{
  candidates c;
  trial t[MAX_CANDIDATES];
  real best = bc(REAL(3e38));
  const int count = f->solver == SOLVE_VARPRO || f->solver == SOLVE_LM ? MAX_CANDIDATES : 1;
  search(PLAN_, v, &c);
  for (int k = 0; k < MODEL_PARAMETERS; k++)
    p[k] = bc(numbers[LOWER + k]);
  for (int i = 0; i < count; i++) {
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      t[i].p[k] = p[k];
    grid_parameters(PLAN_, c.point[i], t[i].p);
    polarise(PLAN_, v, c.pattern[i], t[i].y);
  }
  if (MODEL_AMPLITUDES > 0 && MODEL_NONLINEAR == 1 && f->solver == SOLVE_VARPRO)
    refine_varpro(PLAN_, v, t);
  for (int i = 0; i < count; i++) {
    if (f->solver != SOLVE_VARPRO) refine_one(PLAN_, v, &t[i]);
    mask better = lt(t[i].cost, best);
    best = select(better, t[i].cost, best);
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      p[k] = select(better, t[i].p[k], p[k]);
  }
}

FN void fit_block(PLAN, PRIVATE voxels *v, PRIVATE real *rows)
{
  real p[MAX_PARAMETERS], evaluations = bc(REAL(0.0));
  mask finite = sanitise(PLAN_, v);
  if (!f->is_fixed_start) {
    fit_from_grid(PLAN_, v, p);
  } else {
    fixed_start(PLAN_, v, p);
    if (f->solver == SOLVE_LM) refine_lm(PLAN_, v, v->y, f->is_magnitude, p);
  }
  if (f->solver == SOLVE_ADAM) fit_adam(PLAN_, v, p);
#ifdef WORDS_DOUBLE
  if (f->solver == SOLVE_NELDER_MEAD) evaluations = fit_nelder_mead(PLAN_, v, p);
#endif
  finish(PLAN_, v, finite, p, rows);
  rows[ROW_EVALUATIONS] = evaluations;
}

/* A sample whose sign is known becomes signed. */
FN void take_signs(PLAN, CONSTANT scalar *signs, int stride, PRIVATE voxels *v)
{
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0));
  for (int j = 0; j < f->n_samples; j++) {
    real sign = load(signs + j * stride);
    v->y[j] = select(lt(sign, zero), -v->y[j], v->y[j]);
    v->open[j] = select(or_(lt(sign, zero), gt(sign, zero)), zero, one);
  }
}

/* The block of voxels from `at` on. Rows of inputs follow each other, `stride` apart: samples,
 * signs of the samples where has_signs, maps of known quantities, with has_starts those of the
 * starts last; results likewise. */
FN void fit_at(PLAN, CONSTANT scalar *inputs, GLOBAL scalar *results, int stride, int at)
{
  voxels v;
  real rows[2 * (MAX_PARAMETERS + MAX_MAPS) + 5];
  const int n_rows = f->solver == SOLVE_NELDER_MEAD ? ROW_EVALUATIONS + 1 : ROW_EVALUATIONS;
  CONSTANT scalar *signs = inputs + f->n_samples * stride, *known = signs;
  for (int j = 0; j < f->n_samples; j++)
    v.y[j] = load(inputs + j * stride + at);
  if (f->has_signs) {
    take_signs(PLAN_, signs + at, stride, &v);
    known = signs + f->n_samples * stride;
  }
  for (int q = 0; q < MODEL_KNOWN; q++)
    if (f->voxel_known[q] >= 0) v.known[q] = load(known + f->voxel_known[q] * stride + at);
  for (int i = 0; f->has_starts && i < MODEL_PARAMETERS; i++)
    v.start[i] = load(known + (f->n_voxel_known - MODEL_PARAMETERS + i) * stride + at);
  fit_block(PLAN_, &v, rows);
  for (int i = 0; i < n_rows; i++)
    store(results + i * stride + at, rows[i]);
}
#endif
