/* SPDX-License-Identifier: MIT
 * What is told of a voxel, the same for every solver: derived maps, standard
 * deviations, goodness of fit, outcome.
 *
 * The test of convergence does not ask the solver: a Gauss-Newton step from where it stopped must
 * promise next to nothing. With Rician or robust noise matrix and step are those of the weighed
 * fit, goodness of fit stays that of the residuals. */
#ifndef TT1_FINISH_H
#define TT1_FINISH_H

#define PROMISE_OF_COST   REAL(1e-3) /* relative to the cost */
#define PROMISE_OF_ENERGY REAL(1e-9) /* relative to the energy of the signal */
#define SETTLED_OF_COST   REAL(1e-5) /* the same for the first pass: above it there is a second */
#define SETTLED_OF_ENERGY REAL(1e-12)

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
/* With has_samples: what is predicted of each, then their leverages. */
#define ROW_SAMPLES (ROW_COVARIANCE + (f->has_covariance ? PACKED(MODEL_PARAMETERS, 0) : 0))
#define ROOM_ROWS   (2 * (MAX_PARAMETERS + MAX_MAPS) + 5 + MAX_PACKED + 2 * ROOM_SAMPLES)

/* What the test of convergence is made of: a step that would lower the cost by `promise`. */
typedef struct judgement {
  real promise, least_pivot, bounds, cost, energy;
} judgement;

/* Let go of the parameters on a bound that would move inside once the others have made their step
 * b: they have not ended there. Returns where there are any. */
FN mask let_go(PLAN, PRIVATE const optimum *o, PRIVATE const certainty *c, PRIVATE const real *on,
               PRIVATE real *b, PRIVATE real *held)
{
  mask some = lt(b[0], b[0]);
  backward(c->factor, MODEL_PARAMETERS, b);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    real pull = o->t.gradient[i];
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      pull = mad(-covariance_of(o->t.matrix, i, k), b[k] * c->unit[k], pull);
    mask inside = lt(on[i] * pull, bc(REAL(0.0)));
    held[i] = select(inside, bc(REAL(0.0)), on[i]);
    some = or_(some, inside);
  }
  return some;
}

/* With parameters on a bound held, unless the way down leads inside. */
FN void judge_within(PLAN, PRIVATE const voxels *v, PRIVATE const optimum *o,
                     PRIVATE const real *on, PRIVATE judgement *verdict)
{
  certainty c;
  real b[MAX_PARAMETERS], held[MAX_PARAMETERS];
  find_certainty(PLAN_, v, o, 1, on, &c);
  verdict->promise = find_promise(PLAN_, o, &c, 1, on, b);
  verdict->least_pivot = c.least_pivot;
  if (!any(let_go(PLAN_, o, &c, on, b, held))) return;
  find_certainty(PLAN_, v, o, 1, held, &c);
  verdict->promise = find_promise(PLAN_, o, &c, 1, held, b);
  verdict->least_pivot = c.least_pivot;
}

FN real tell_outcome(PRIVATE const judgement *t, mask finite)
{
  real outcome = select(gt(t->bounds, bc(REAL(0.5))), bc((scalar)AT_BOUND), bc((scalar)CONVERGED));
  real limit = mad(bc(PROMISE_OF_COST), t->cost, bc(PROMISE_OF_ENERGY) * t->energy);
  outcome = select(le(t->promise, limit), outcome, bc((scalar)MAX_ITERATIONS));
  outcome = select(ge(t->least_pivot, bc(LEAST_PIVOT)), outcome, bc((scalar)SINGULAR));
  return select(finite, outcome, bc((scalar)NOT_FINITE));
}

/* Whether another pass would change nothing that matters. */
FN mask is_settled(PRIVATE const judgement *t)
{
  real limit = mad(bc(SETTLED_OF_COST), t->cost, bc(SETTLED_OF_ENERGY) * t->energy);
  mask settled = and_(le(t->promise, limit), ge(t->least_pivot, bc(LEAST_PIVOT)));
  return or_(settled, le(t->energy, bc(REAL(0.0)))); // nothing to settle
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

/* Which NaN comes of NaN times NaN is the compiler's choice: there is one NaN only. */
FN real one_nan(real a)
{
  return select(le(a, a), a, bc(QUIET_NAN));
}

/* Parameters and maps, whose gradients are left behind the values. */
FN void tell_values(PLAN, PRIVATE const real *p, PRIVATE real *values, PRIVATE real *rows)
{
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    rows[i] = p[i];
  if (MODEL_MAPS > 0) maps_at(p, values);
  for (int m = 0; m < MODEL_MAPS; m++)
    rows[ROW_MAPS + m] = values[m];
}

/* Where bounds change what is known: one is reached, or both are within reach. */
FN mask is_bounded(PLAN, PRIVATE const place *at, PRIVATE const real *sd)
{
  mask bounded = gt(at->bounds, bc(REAL(0.5)));
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    bounded = or_(bounded, lt(rmax(at->below[i], at->above[i]), bc(ARM) * sd[i]));
  return bounded;
}

/* Standard deviations there; NaN of what depends on a parameter that is on a bound. */
FN void tell_deviations_within(PLAN, PRIVATE const real *covariance, PRIVATE const place *at,
                               PRIVATE const real *slopes, mask bounded, real noise,
                               PRIVATE real *sd)
{
  real none = bc(QUIET_NAN);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    real own = noise * root(rmax(covariance[PACKED(i, i)], bc(REAL(0.0))));
    sd[i] = select(bounded, select(is_held(at->on[i]), none, own), sd[i]);
  }
  for (int m = 0; m < MODEL_MAPS; m++) {
    PRIVATE const real *slope = slopes + m * MODEL_PARAMETERS;
    PRIVATE real *to = sd + MODEL_PARAMETERS + m;
    real within = noise * deviation_within(PLAN_, covariance, slope);
    within = select(depends_on_bound(PLAN_, at, slope), none, within);
    *to = select(bounded, within, *to);
  }
}

/* The covariance of every two parameters; NaN where one of them is on a bound. */
FN void tell_covariance(PLAN, PRIVATE const real *covariance, PRIVATE const place *at, real noise,
                        PRIVATE real *rows)
{
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    for (int k = 0; k <= i; k++) {
      mask is_on = or_(is_held(at->on[i]), is_held(at->on[k]));
      real value = noise * noise * covariance[PACKED(i, k)];
      rows[ROW_COVARIANCE + PACKED(i, k)] = one_nan(select(is_on, bc(QUIET_NAN), value));
    }
}

/* Standard deviations and covariances. */
FN void tell_certainty(PLAN, PRIVATE const optimum *o, PRIVATE const certainty *c,
                       PRIVATE const place *at, PRIVATE const real *slopes, real noise,
                       PRIVATE real *rows)
{
  real covariance[MAX_PACKED], within[MAX_PACKED];
  PRIVATE real *sd = rows + ROW_SD;
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    sd[i] = noise * own_deviation(PLAN_, c, i);
  for (int m = 0; m < MODEL_MAPS; m++)
    sd[MODEL_PARAMETERS + m] = noise * deviation(PLAN_, c, slopes + m * MODEL_PARAMETERS);
  mask bounded = is_bounded(PLAN_, at, sd);
  if (!f->has_covariance && !any(bounded)) return;
  find_covariance(PLAN_, c, covariance);
  for (int i = 0; i < PACKED(MODEL_PARAMETERS, 0); i++)
    within[i] = covariance[i];
  shorten(PLAN_, o, at, noise, within);
  for (int i = 0; i < PACKED(MODEL_PARAMETERS, 0); i++)
    covariance[i] = select(bounded, within[i], covariance[i]);
  tell_deviations_within(PLAN_, covariance, at, slopes, bounded, noise, sd);
  if (f->has_covariance) tell_covariance(PLAN_, covariance, at, noise, rows);
}

/* What the model says of each sample, and how much of that is the sample itself. What is on a bound does not
 * move with a sample. */
FN void tell_samples(PLAN, PRIVATE const voxels *v, PRIVATE const optimum *o,
                     PRIVATE const place *at, PRIVATE real *rows)
{
  real x[MAX_KNOWN], r[MAX_PARAMETERS + 1], b[MAX_PARAMETERS];
  signal_state state;
  certainty c;
  find_certainty(PLAN_, v, o, 1, at->on, &c);
  known_at(PLAN_, v, 0, x);
  signal_begin(&state, o->p, x);
  for (int j = 0; j < f->n_samples; j++) {
    real weight = bc(REAL(1.0)), leverage = bc(REAL(0.0));
    model_at(PLAN_, v, f->is_magnitude, o->p, &state, j, r);
    if (o->by.noise != NOISE_GAUSSIAN) weight = weigh(PLAN_, v, &o->by, j, v->y[j], r[0]).weight;
    for (int i = 0; i < MODEL_PARAMETERS; i++)
      b[i] = select(is_held(at->on[i]), bc(REAL(0.0)), r[i + 1] * c.unit[i]);
    forward(c.factor, MODEL_PARAMETERS, b);
    for (int i = 0; i < MODEL_PARAMETERS; i++)
      leverage = mad(b[i], b[i], leverage);
    rows[ROW_SAMPLES + j] = one_nan(r[0]);
    rows[ROW_SAMPLES + f->n_samples + j] = one_nan(weight * leverage);
  }
}

/* Parameters count as unknown that are on a bound, too, but for those that nothing depends on. */
FN void judge(PLAN, PRIVATE const voxels *v, PRIVATE const optimum *o, PRIVATE const place *at,
              PRIVATE certainty *whole, PRIVATE judgement *verdict)
{
  real zero = bc(REAL(0.0)), b[MAX_PARAMETERS], held[MAX_PARAMETERS];
  verdict->bounds = at->bounds;
  if (any(gt(at->bounds, zero))) { // to lanes without the same as below
    for (int i = 0; i < MODEL_PARAMETERS; i++)
      held[i] = select(gt(o->t.matrix[PACKED(i, i)], zero), zero, at->on[i]);
    find_certainty(PLAN_, v, o, 1, held, whole);
    judge_within(PLAN_, v, o, at->on, verdict);
    return;
  }
  find_certainty(PLAN_, v, o, 0, at->on, whole);
  verdict->least_pivot = whole->least_pivot;
  verdict->promise = find_promise(PLAN_, o, whole, 0, at->on, b);
}

/* Fill in the rows; returns where another pass would change nothing that matters. */
FN_ONCE mask finish(PLAN, PRIVATE const voxels *v, PRIVATE const weighing *by, mask finite,
                    PRIVATE const real *p, PRIVATE real *rows)
{
  optimum o;
  certainty whole;
  place at;
  judgement verdict;
  real miss[ROOM_SAMPLES], values[MAX_MAPS * (1 + MAX_PARAMETERS)];
  o.by = *by;
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    o.p[i] = p[i];
  linearise(PLAN_, v, v->y, f->is_magnitude, by, p, &o.t);
  find_place(PLAN_, v, &o, &at);
  judge(PLAN_, v, &o, &at, &whole, &verdict);
  verdict.cost = o.t.cost;
  verdict.energy = bc(REAL(0.0));
  for (int j = 0; j < f->n_samples; j++)
    verdict.energy = mad(v->y[j], v->y[j], verdict.energy);
  real squares = o.t.cost;
  if (f->noise != NOISE_GAUSSIAN || numbers[SIGMA] < (scalar)SIGMA_RESIDUALS)
    squares = residuals(PLAN_, v, p, miss);
  real noise = noise_of(PLAN_, &whole, by, miss, squares);
  tell_values(PLAN_, p, values, rows);
  tell_certainty(PLAN_, &o, &whole, &at, values + MODEL_MAPS, noise, rows);
  rows[ROW_RSQUARED] = bc(REAL(1.0)) - squares / total_squares(PLAN_, v);
  rows[ROW_RMSE] = root(squares * bc(REAL(1.0) / (scalar)f->n_samples));
  for (int i = 0; i < ROW_OUTCOME; i++)
    rows[i] = one_nan(rows[i]);
  if (f->has_samples) tell_samples(PLAN_, v, &o, &at, rows);
  mask sound = and_(finite, lt(o.t.cost, bc(REAL(3e38))));
  rows[ROW_OUTCOME] = tell_outcome(&verdict, sound);
  rows[ROW_BOUNDS] = at.bounds;
  return is_settled(&verdict);
}
#endif
