/* SPDX-License-Identifier: MIT
 * What is told of a voxel, the same for every solver: derived maps, standard
 * deviations, goodness of fit, outcome.
 *
 * Standard deviations come from the Jacobian at the optimum, with parameters on
 * a bound held; those of maps by the delta method through the maps' own
 * derivatives. The test of convergence does not ask the solver: a Gauss-Newton
 * step from where it stopped must promise next to nothing. With Rician or robust
 * noise matrix and step are those of the weighed fit, goodness of fit stays that
 * of the residuals. */
#ifndef TT1_FINISH_H
#define TT1_FINISH_H

#define PROMISE_OF_COST   REAL(1e-3) /* relative to the cost */
#define PROMISE_OF_ENERGY REAL(1e-9) /* relative to the energy of the signal */
#define LEAST_PIVOT       REAL(1e-6) /* of the normal matrix scaled to a unit diagonal */

/* Rows of the output block, in the order of tt1_plan_output_name(). */
#define ROW_MAPS        (MODEL_PARAMETERS)
#define ROW_SD          (MODEL_PARAMETERS + MODEL_MAPS)
#define ROW_RSQUARED    (2 * (MODEL_PARAMETERS + MODEL_MAPS))
#define ROW_RMSE        (ROW_RSQUARED + 1)
#define ROW_OUTCOME     (ROW_RSQUARED + 2)
#define ROW_BOUNDS      (ROW_RSQUARED + 3)
#define ROW_EVALUATIONS (ROW_RSQUARED + 4) /* of nelder-mead only */
/* Of the parameters, packed; with has_covariance. */
#define ROW_COVARIANCE (ROW_EVALUATIONS + (f->solver == SOLVE_NELDER_MEAD))

/* What is known of the optimum while standard deviations are made. */
typedef struct certainty {
  real factor[MAX_PACKED];   /* of J'J scaled to a unit diagonal */
  real unit[MAX_PARAMETERS]; /* that scaling; 0 where the parameter is held */
  real held[MAX_PARAMETERS]; /* 1 where on a bound, else 0 */
  real least_pivot, promise, bounds;
} certainty;

FN mask is_held(real flag)
{
  return gt(flag, bc(REAL(0.5)));
}

FN mask on_bound(real p, real bound)
{
  return le(rabs(p - bound), bc(REAL(1e-5)) * rabs(bound));
}

FN void find_bounds(PLAN, PRIVATE const voxels *v, PRIVATE const real *p, PRIVATE certainty *c)
{
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0)), lower[MAX_PARAMETERS], upper[MAX_PARAMETERS];
  scalar bit = REAL(1.0);
  c->bounds = zero;
  bounds_of(PLAN_, v, lower, upper);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    mask on = or_(on_bound(p[i], lower[i]), on_bound(p[i], upper[i]));
    c->held[i] = select(on, one, zero);
    c->bounds = c->bounds + select(on, bc(bit), zero);
    bit = bit + bit;
  }
}

FN void find_certainty(PLAN, PRIVATE const linearised *t, PRIVATE certainty *c)
{
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0)), b[MAX_PARAMETERS];
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    real diagonal = t->matrix[PACKED(i, i)];
    mask silent = not_(gt(diagonal, zero)); // nothing in the data depends on it: the pivot stays 0
    c->unit[i] = select(or_(is_held(c->held[i]), silent), zero, one / root(diagonal));
    b[i] = select(is_held(c->held[i]), zero, t->gradient[i] * c->unit[i]);
    for (int k = 0; k < i; k++) {
      mask held = or_(is_held(c->held[i]), is_held(c->held[k]));
      c->factor[PACKED(i, k)] =
          select(held, zero, t->matrix[PACKED(i, k)] * c->unit[i] * c->unit[k]);
    }
    c->factor[PACKED(i, i)] = select(and_(silent, not_(is_held(c->held[i]))), zero, one);
  }
  c->least_pivot = factorise(c->factor, MODEL_PARAMETERS);
  forward(c->factor, MODEL_PARAMETERS, b);
  c->promise = zero;
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    c->promise = mad(b[i], b[i], c->promise);
}

/* The standard deviation of a quantity with this gradient, for noise of unit variance; NaN where
 * it depends on a parameter that is held. */
FN real deviation(PLAN, PRIVATE const certainty *c, PRIVATE const real *gradient)
{
  real zero = bc(REAL(0.0)), sum = zero, b[MAX_PARAMETERS];
  mask unknown = lt(zero, zero);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    b[i] = select(is_held(c->held[i]), zero, gradient[i] * c->unit[i]);
    unknown = or_(unknown, and_(is_held(c->held[i]), gt(rabs(gradient[i]), zero)));
  }
  forward(c->factor, MODEL_PARAMETERS, b);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    sum = mad(b[i], b[i], sum);
  return select(unknown, bc(QUIET_NAN), root(sum));
}

/* Sum of squares about the mean, in two passes: one pass cancels. */
FN real total_squares(PLAN, PRIVATE const voxels *v)
{
  real mean = bc(REAL(0.0)), sum = mean;
  for (int j = 0; j < f->n_samples; j++)
    mean = mean + v->y[j];
  mean = mean * bc(REAL(1.0) / (scalar)f->n_samples);
  for (int j = 0; j < f->n_samples; j++)
    sum = mad(v->y[j] - mean, v->y[j] - mean, sum);
  return sum;
}

FN void tell_maps(PLAN, PRIVATE const certainty *c, real noise, PRIVATE const real *p,
                  PRIVATE real *rows)
{
  real values[MAX_MAPS * (1 + MAX_PARAMETERS)], gradient[MAX_PARAMETERS];
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      gradient[k] = bc(k == i ? REAL(1.0) : REAL(0.0));
    rows[i] = p[i];
    rows[ROW_SD + i] = noise * deviation(PLAN_, c, gradient);
  }
  if (MODEL_MAPS > 0) maps_at(p, values);
  for (int m = 0; m < MODEL_MAPS; m++) {
    rows[ROW_MAPS + m] = values[m];
    rows[ROW_SD + MODEL_PARAMETERS + m] =
        noise * deviation(PLAN_, c, values + MODEL_MAPS + m * MODEL_PARAMETERS);
  }
}

/* Which NaN comes of NaN times NaN is the compiler's choice: there is one NaN only. */
FN real one_nan(real a)
{
  return select(le(a, a), a, bc(QUIET_NAN));
}

FN real tell_outcome(PRIVATE const certainty *c, real cost, real energy, mask finite)
{
  real outcome = select(gt(c->bounds, bc(REAL(0.5))), bc((scalar)AT_BOUND), bc((scalar)CONVERGED));
  real limit = mad(bc(PROMISE_OF_COST), cost, bc(PROMISE_OF_ENERGY) * energy);
  outcome = select(le(c->promise, limit), outcome, bc((scalar)MAX_ITERATIONS));
  outcome = select(ge(c->least_pivot, bc(LEAST_PIVOT)), outcome, bc((scalar)SINGULAR));
  return select(finite, outcome, bc((scalar)NOT_FINITE));
}

/* The SD of the noise per sample; NaN where nothing tells it. */
FN real noise_of(PLAN, PRIVATE const certainty *c, PRIVATE const weighing *by,
                 PRIVATE const real *miss, real squares)
{
  real noise = bc(numbers[SIGMA]), none = bc(QUIET_NAN);
  if (numbers[SIGMA] < REAL(0.0)) {
    if (numbers[FREEDOM] <= REAL(0.0)) return none; // 0 / 0
    if (by->noise == NOISE_ROBUST)
      noise = by->scale;
    else if (numbers[SIGMA] < (scalar)SIGMA_RESIDUALS)
      noise = middle_deviation(miss, f->n_samples, MODEL_PARAMETERS);
    else
      noise = root(squares / bc(numbers[FREEDOM]));
  }
  return select(ge(c->least_pivot, bc(LEAST_PIVOT)), noise, none);
}

/* The covariance of every two parameters; NaN where one of them is held. */
FN void tell_covariance(PLAN, PRIVATE const certainty *c, real noise, PRIVATE real *rows)
{
  real b[MAX_PARAMETERS * MAX_PARAMETERS], zero = bc(REAL(0.0));
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    PRIVATE real *column = b + i * MODEL_PARAMETERS;
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      column[k] = k == i ? c->unit[i] : zero;
    forward(c->factor, MODEL_PARAMETERS, column);
  }
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    for (int k = 0; k <= i; k++) {
      real sum = zero;
      for (int m = 0; m < MODEL_PARAMETERS; m++)
        sum = mad(b[i * MODEL_PARAMETERS + m], b[k * MODEL_PARAMETERS + m], sum);
      mask held = or_(is_held(c->held[i]), is_held(c->held[k]));
      rows[ROW_COVARIANCE + PACKED(i, k)] =
          one_nan(select(held, bc(QUIET_NAN), noise * noise * sum));
    }
}

FN void finish(PLAN, PRIVATE const voxels *v, PRIVATE const weighing *by, mask finite,
               PRIVATE const real *p, PRIVATE real *rows)
{
  linearised t;
  certainty c;
  real miss[ROOM_SAMPLES], energy = bc(REAL(0.0));
  linearise(PLAN_, v, v->y, f->is_magnitude, by, p, &t);
  find_bounds(PLAN_, v, p, &c);
  find_certainty(PLAN_, &t, &c);
  for (int j = 0; j < f->n_samples; j++)
    energy = mad(v->y[j], v->y[j], energy);
  real squares = t.cost;
  if (f->noise != NOISE_GAUSSIAN || numbers[SIGMA] < (scalar)SIGMA_RESIDUALS)
    squares = residuals(PLAN_, v, p, miss);
  real noise = noise_of(PLAN_, &c, by, miss, squares);
  tell_maps(PLAN_, &c, noise, p, rows);
  rows[ROW_RSQUARED] = bc(REAL(1.0)) - squares / total_squares(PLAN_, v);
  rows[ROW_RMSE] = root(squares * bc(REAL(1.0) / (scalar)f->n_samples));
  for (int i = 0; i < ROW_OUTCOME; i++)
    rows[i] = one_nan(rows[i]);
  mask sound = and_(finite, lt(t.cost, bc(REAL(3e38))));
  rows[ROW_OUTCOME] = tell_outcome(&c, t.cost, energy, sound);
  rows[ROW_BOUNDS] = c.bounds;
  if (f->has_covariance) tell_covariance(PLAN_, &c, noise, rows);
}
#endif
