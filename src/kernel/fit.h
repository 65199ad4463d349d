/* SPDX-License-Identifier: MIT
 * One block of voxels from data to results. */
#ifndef TT1_FIT_KERNEL_H
#define TT1_FIT_KERNEL_H

enum { ROBUST_ROUNDS = 6 };

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
  weighing squares = {NOISE_GAUSSIAN, bc(REAL(0.0)), 0};
  t->cost = bc(REAL(0.0));
  if (MODEL_AMPLITUDES > 0) t->cost = complete(PLAN_, v, t->y, t->p);
  if (f->solver == SOLVE_LM) t->cost = refine_lm(PLAN_, v, t->y, 0, &squares, t->p);
}

/* The parameters of the cheapest of `count` trials. */
FN void take_best(PRIVATE const trial *t, int count, int n_parameters, PRIVATE real *p)
{
  real best = bc(REAL(3e38));
  for (int i = 0; i < count; i++) {
    mask better = lt(t[i].cost, best);
    best = select(better, t[i].cost, best);
    for (int k = 0; k < n_parameters; k++)
      p[k] = select(better, t[i].p[k], p[k]);
  }
}

/* One image that does not belong has bent the fit p to all of them. Of the fits that leave out one
 * image each, the one whose residuals are the smallest in the middle (Rousseeuw 1984,
 * doi:10.1080/01621459.1984.10477105, over these few) becomes the trial t, one more place to begin. */
FN void leave_one_out(PLAN, PRIVATE const voxels *v, PRIVATE trial *t, PRIVATE const real *p)
{
  real miss[ROOM_SAMPLES], best = bc(REAL(3e38)), q[MAX_PARAMETERS];
  weighing without = {NOISE_WITHOUT_ONE, bc(REAL(0.0)), 0};
  for (int j = 0; j < f->n_samples; j++) {
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      q[k] = p[k];
    without.left_out = j;
    refine_lm(PLAN_, v, v->y, f->is_magnitude, &without, q);
    residuals(PLAN_, v, q, miss);
    real spread = middle_deviation(miss, f->n_samples, MODEL_PARAMETERS);
    mask better = lt(spread, best);
    best = select(better, spread, best);
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      t->p[k] = select(better, q[k], t->p[k]);
  }
}

/* From least squares to the noise that was asked for. Every candidate goes on, since polarities
 * that least squares tells apart may not differ in likelihood. The scale of a robust fit is that
 * of least squares first, then its own. */
FN void refine_noise(PLAN, PRIVATE const voxels *v, PRIVATE trial *t, int count,
                     PRIVATE weighing *by, PRIVATE real *p)
{
  const int rounds = f->noise == NOISE_ROBUST ? ROBUST_ROUNDS : 1;
  if (f->noise == NOISE_ROBUST) {
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      t[count].p[k] = p[k];
    leave_one_out(PLAN_, v, &t[count++], p);
  }
  for (int round = 0; round < rounds; round++) {
    if (f->noise == NOISE_ROBUST) by->scale = robust_scale(PLAN_, v, p);
    for (int i = 0; i < count; i++)
      t[i].cost = refine_lm(PLAN_, v, v->y, f->is_magnitude, by, t[i].p);
    take_best(t, count, MODEL_PARAMETERS, p);
  }
}

/* Whether a candidate that has not settled may come to less than the best of them. */
FN mask is_in_doubt(PLAN, PRIVATE const trial *t)
{
  real least = t[0].cost;
  for (int i = 1; i < MAX_CANDIDATES; i++)
    least = rmin(t[i].cost, least);
  mask doubt = lt(least, least);
  for (int i = 0; i < MAX_CANDIDATES; i++)
    doubt = or_(doubt, may_gain(PLAN_, &t[i], mad(bc(REAL(1e-4)), least, t[i].cost - least)));
  return doubt;
}

/* All candidates, the best of them in p. Adam and Nelder-Mead start from the best grid point. */
FN mask fit_from_grid(PLAN, PRIVATE const voxels *v, PRIVATE weighing *by, PRIVATE real *p)
{
  candidates c;
  mask doubt = lt(bc(REAL(0.0)), bc(REAL(0.0)));
  trial t[MAX_CANDIDATES + 1];
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
  for (int i = 0; i < count && f->solver != SOLVE_VARPRO; i++)
    refine_one(PLAN_, v, &t[i]);
  take_best(t, count, MODEL_PARAMETERS, p);
  if (has_second_pass(PLAN_)) doubt = is_in_doubt(PLAN_, t);
  if (f->noise != NOISE_GAUSSIAN) refine_noise(PLAN_, v, t, count, by, p);
  return doubt;
}

/* The second pass: every local maximum over the grid is refined to its end. */
FN void settle(PLAN, PRIVATE const voxels *v, PRIVATE real *p)
{
  maxima c;
  search_maxima(PLAN_, v, &c);
  for (int k = 0; k < MODEL_PARAMETERS; k++)
    p[k] = bc(numbers[LOWER + k]);
  settle_reduced(PLAN_, v, &c, p);
}

FN void fit_from_start(PLAN, PRIVATE const voxels *v, PRIVATE weighing *by, PRIVATE real *p)
{
  weighing squares = {NOISE_GAUSSIAN, bc(REAL(0.0)), 0};
  trial t[2];
  fixed_start(PLAN_, v, p);
  if (f->solver == SOLVE_LM) refine_lm(PLAN_, v, v->y, f->is_magnitude, &squares, p);
  if (f->noise == NOISE_GAUSSIAN) return;
  for (int k = 0; k < MODEL_PARAMETERS; k++)
    t[0].p[k] = p[k];
  refine_noise(PLAN_, v, t, 1, by, p);
}

FN void fit_block(PLAN, PRIVATE voxels *v, PRIVATE real *rows)
{
  real p[MAX_PARAMETERS];
  weighing by = {f->noise, bc(numbers[SIGMA]), 0};
  mask finite = sanitise(PLAN_, v), open = not_(finite);
  if (f->is_fixed_start)
    fit_from_start(PLAN_, v, &by, p);
  else
    open = fit_from_grid(PLAN_, v, &by, p);
  if (f->solver == SOLVE_ADAM) fit_adam(PLAN_, v, p);
#ifdef WORDS_DOUBLE
  if (f->solver == SOLVE_NELDER_MEAD) rows[ROW_EVALUATIONS] = fit_nelder_mead(PLAN_, v, p);
#endif
  mask settled = finish(PLAN_, v, &by, finite, p, rows);
  if (!has_second_pass(PLAN_)) return;
  open = and_(or_(open, not_(settled)), finite);
  rows[ROW_OUTCOME] = rows[ROW_OUTCOME] + select(open, bc((scalar)UNSETTLED), bc(REAL(0.0)));
}

/* Again, for voxels that the first pass leaves: those with an outcome that is not final. */
FN_ONCE void settle_block(PLAN, PRIVATE voxels *v, PRIVATE real *rows)
{
  real p[MAX_PARAMETERS];
  weighing by = {f->noise, bc(numbers[SIGMA]), 0};
  mask finite = sanitise(PLAN_, v);
  settle(PLAN_, v, p);
  finish(PLAN_, v, &by, finite, p, rows);
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
FN void load_voxels(PLAN, CONSTANT scalar *inputs, int stride, int at, PRIVATE voxels *v)
{
  CONSTANT scalar *signs = inputs + f->n_samples * stride, *known = signs;
  for (int j = 0; j < f->n_samples; j++)
    v->y[j] = load(inputs + j * stride + at);
  for (int j = 0; f->is_magnitude && j < f->n_samples; j++)
    v->y[j] = rabs(v->y[j]); // interpolation leaves some below zero
  if (f->has_signs) {
    take_signs(PLAN_, signs + at, stride, v);
    known = signs + f->n_samples * stride;
  }
  for (int q = 0; q < MODEL_KNOWN; q++)
    if (f->voxel_known[q] >= 0) v->known[q] = load(known + f->voxel_known[q] * stride + at);
  for (int i = 0; f->has_starts && i < MODEL_PARAMETERS; i++)
    v->start[i] = load(known + (f->n_voxel_known - MODEL_PARAMETERS + i) * stride + at);
}

FN int count_rows(PLAN)
{
  return ROW_SAMPLES + (f->has_samples ? 2 * f->n_samples : 0);
}

FN void fit_at(PLAN, CONSTANT scalar *inputs, GLOBAL scalar *results, int stride, int at)
{
  voxels v;
  real rows[ROOM_ROWS];
  load_voxels(PLAN_, inputs, stride, at, &v);
  fit_block(PLAN_, &v, rows);
  for (int i = 0; i < count_rows(PLAN_); i++)
    store(results + i * stride + at, rows[i]);
}

/* The same for the second pass. */
FN_ONCE void settle_at(PLAN, CONSTANT scalar *inputs, GLOBAL scalar *results, int stride, int at)
{
  voxels v;
  real rows[ROOM_ROWS];
  load_voxels(PLAN_, inputs, stride, at, &v);
  settle_block(PLAN_, &v, rows);
  for (int i = 0; i < count_rows(PLAN_); i++)
    store(results + i * stride + at, rows[i]);
}
#endif
