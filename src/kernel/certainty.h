/* SPDX-License-Identifier: MIT
 * How sure the parameters are at an optimum: covariances from the Jacobian there, and what bounds
 * make of them.
 *
 * A parameter on a bound is neither known nor normal (Self & Liang 1987,
 * doi:10.1080/01621459.1987.10478472): taken as known, it leaves the others far too sure. So it counts as
 * unknown, up to where the likelihood says. With the cost quadratic, the optimum without bounds
 * lies d standard deviations beyond the bound, and the likelihood interval of z standard
 * deviations (Venzon & Moolgavkar 1988, doi:10.2307/2347496) has one arm only, inside,
 *
 *   sqrt(d^2 + z^2) - d      standard deviations long, at most as long as the way to the other bound.
 *
 * Inside, both arms are z long, or end on a bound. The longer one counts: what the parameter adds to the
 * covariances of the others is taken times its square over z^2. Nothing changes where no bound is
 * reached and one of both is further than z standard deviations. */
#ifndef TT1_CERTAINTY_H
#define TT1_CERTAINTY_H

#define LEAST_PIVOT REAL(1e-6) /* of the normal matrix scaled to a unit diagonal */
#define SURE_PIVOT  REAL(1e-3) /* below it sums of products have lost too much */
#define ARM         REAL(1.96) /* z */

/* Where a fit has ended. */
typedef struct optimum {
  real p[MAX_PARAMETERS];
  weighing by;
  linearised t;
} optimum;

typedef struct certainty {
  real factor[MAX_PACKED];   /* of J'J scaled to a unit diagonal */
  real unit[MAX_PARAMETERS]; /* that scaling; 0 where the parameter is held */
  real least_pivot;
} certainty;

/* Where a parameter is: the ways to its bounds, and -1 on the lower, 1 on the upper, else 0. */
typedef struct place {
  real below[MAX_PARAMETERS], above[MAX_PARAMETERS], on[MAX_PARAMETERS];
  real bounds; /* bit i: parameter i is on one */
} place;

FN mask is_held(real flag)
{
  return gt(rabs(flag), bc(REAL(0.5)));
}

FN mask on_bound(real p, real bound)
{
  return le(rabs(p - bound), bc(REAL(1e-5)) * rabs(bound));
}

FN void find_place(PLAN, PRIVATE const voxels *v, PRIVATE const optimum *o, PRIVATE place *at)
{
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0)), lower[MAX_PARAMETERS], upper[MAX_PARAMETERS];
  scalar bit = REAL(1.0);
  at->bounds = zero;
  bounds_of(PLAN_, v, lower, upper);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    at->on[i] = select(on_bound(o->p[i], lower[i]), -one, zero);
    at->on[i] = select(on_bound(o->p[i], upper[i]), one, at->on[i]);
    at->below[i] = o->p[i] - lower[i];
    at->above[i] = upper[i] - o->p[i];
    at->bounds = mad(rabs(at->on[i]), bc(bit), at->bounds);
    bit = bit + bit;
  }
}

/* The derivatives of parameter i at the samples in columns[i], scaled to length 1 by c->unit. */
typedef struct jacobian {
  real columns[MAX_PARAMETERS][ROOM_SAMPLES];
} jacobian;

FN void find_jacobian(PLAN, PRIVATE const voxels *v, PRIVATE const optimum *o,
                      PRIVATE const certainty *c, PRIVATE jacobian *to)
{
  real x[MAX_KNOWN], r[MAX_PARAMETERS + 1];
  signal_state state;
  known_at(PLAN_, v, 0, x);
  signal_begin(&state, o->p, x);
  for (int j = 0; j < f->n_samples; j++) {
    real weight = bc(REAL(1.0));
    model_at(PLAN_, v, f->is_magnitude, o->p, &state, j, r);
    if (o->by.noise != NOISE_GAUSSIAN)
      weight = root(weigh(PLAN_, v, &o->by, j, v->y[j], r[0]).weight);
    for (int i = 0; i < MODEL_PARAMETERS; i++)
      to->columns[i][j] = r[i + 1] * c->unit[i] * weight;
  }
}

/* The factor where a pivot is small: of the Jacobian itself, by modified Gram-Schmidt. Its
 * pivots are known to the rounding of its elements, those of J'J to the root of that. */
FN_ONCE void refine_factor(PLAN, PRIVATE const voxels *v, PRIVATE const optimum *o,
                           PRIVATE certainty *c)
{
  real least = bc(REAL(1e30)), zero = bc(REAL(0.0)), one = bc(REAL(1.0)), factor[MAX_PACKED];
  mask doubtful = lt(c->least_pivot, bc(SURE_PIVOT));
  jacobian q;
  find_jacobian(PLAN_, v, o, c, &q);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    real pivot = zero;
    for (int j = 0; j < f->n_samples; j++)
      pivot = mad(q.columns[i][j], q.columns[i][j], pivot);
    real left_out =
        select(lt(c->factor[PACKED(i, i)], bc(REAL(2.0))), one, zero); // held, or silent
    pivot = select(gt(c->unit[i], zero), pivot, left_out);
    least = rmin(pivot, least);
    real inverse = bc(REAL(1.0)) / root(rmax(pivot, bc(REAL(1e-12))));
    factor[PACKED(i, i)] = inverse;
    for (int k = i + 1; k < MODEL_PARAMETERS; k++) {
      real share = zero;
      for (int j = 0; j < f->n_samples; j++)
        share = mad(q.columns[i][j], q.columns[k][j], share);
      factor[PACKED(k, i)] = share * inverse;
      real along = share * inverse * inverse;
      for (int j = 0; j < f->n_samples; j++)
        q.columns[k][j] = mad(-along, q.columns[i][j], q.columns[k][j]);
    }
  }
  for (int i = 0; i < PACKED(MODEL_PARAMETERS, 0); i++)
    c->factor[i] = select(doubtful, factor[i], c->factor[i]);
  c->least_pivot = select(doubtful, least, c->least_pivot);
}

/* Factorise, with has_held parameters that are held left out. */
FN void find_certainty(PLAN, PRIVATE const voxels *v, PRIVATE const optimum *o, int has_held,
                       PRIVATE const real *held, PRIVATE certainty *c)
{
  real zero = bc(REAL(0.0)), one = bc(REAL(1.0));
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    real diagonal = o->t.matrix[PACKED(i, i)];
    mask silent = not_(gt(diagonal, zero)); // nothing in the data depends on it: the pivot stays 0
    mask out = has_held ? or_(silent, is_held(held[i])) : silent;
    c->unit[i] = select(out, zero, one / root(diagonal));
    for (int k = 0; k < i; k++) {
      real element = o->t.matrix[PACKED(i, k)] * c->unit[i] * c->unit[k];
      if (has_held) element = select(or_(is_held(held[i]), is_held(held[k])), zero, element);
      c->factor[PACKED(i, k)] = element;
    }
    if (has_held) silent = and_(silent, not_(is_held(held[i])));
    c->factor[PACKED(i, i)] = select(silent, zero, one);
  }
  c->least_pivot = factorise(c->factor, MODEL_PARAMETERS);
  if (any(lt(c->least_pivot, bc(SURE_PIVOT)))) refine_factor(PLAN_, v, o, c);
}

/* By how much a step of Gauss-Newton would lower the cost; L^-1 J'r is left in b. */
FN real find_promise(PLAN, PRIVATE const optimum *o, PRIVATE const certainty *c, int has_held,
                     PRIVATE const real *held, PRIVATE real *b)
{
  real promise = bc(REAL(0.0));
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    b[i] = o->t.gradient[i] * c->unit[i];
    if (has_held) b[i] = select(is_held(held[i]), bc(REAL(0.0)), b[i]);
  }
  forward(c->factor, MODEL_PARAMETERS, b);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    promise = mad(b[i], b[i], promise);
  return promise;
}

/* Whether a quantity with this gradient depends on a parameter that is on a bound. */
FN mask depends_on_bound(PLAN, PRIVATE const place *at, PRIVATE const real *gradient)
{
  mask depends = lt(gradient[0], gradient[0]);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    depends = or_(depends, and_(is_held(at->on[i]), gt(rabs(gradient[i]), bc(REAL(0.0)))));
  return depends;
}

/* The standard deviation of a quantity with this gradient, for noise of unit variance. */
FN real deviation(PLAN, PRIVATE const certainty *c, PRIVATE const real *gradient)
{
  real sum = bc(REAL(0.0)), b[MAX_PARAMETERS];
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    b[i] = gradient[i] * c->unit[i];
  forward(c->factor, MODEL_PARAMETERS, b);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    sum = mad(b[i], b[i], sum);
  return root(sum);
}

/* Row by row L^-1 times the unit vector of parameter i, which begins there. */
FN void unit_column(PLAN, PRIVATE const certainty *c, int i, PRIVATE real *b)
{
  for (int m = i; m < MODEL_PARAMETERS; m++) {
    real sum = m == i ? c->unit[i] : bc(REAL(0.0));
    for (int k = i; k < m; k++)
      sum = mad(-c->factor[PACKED(m, k)], b[k], sum);
    b[m] = sum * c->factor[PACKED(m, m)];
  }
}

/* That of parameter i. */
FN real own_deviation(PLAN, PRIVATE const certainty *c, int i)
{
  real sum = bc(REAL(0.0)), b[MAX_PARAMETERS];
  unit_column(PLAN_, c, i, b);
  for (int m = i; m < MODEL_PARAMETERS; m++)
    sum = mad(b[m], b[m], sum);
  return root(sum);
}

/* All covariances, for noise of unit variance. */
FN void find_covariance(PLAN, PRIVATE const certainty *c, PRIVATE real *covariance)
{
  real b[MAX_PARAMETERS * MAX_PARAMETERS];
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    unit_column(PLAN_, c, i, b + i * MODEL_PARAMETERS);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    for (int k = 0; k <= i; k++) {
      real sum = bc(REAL(0.0));
      for (int m = i; m < MODEL_PARAMETERS; m++)
        sum = mad(b[i * MODEL_PARAMETERS + m], b[k * MODEL_PARAMETERS + m], sum);
      covariance[PACKED(i, k)] = sum;
    }
}

FN real covariance_of(PRIVATE const real *covariance, int i, int k)
{
  return covariance[i < k ? PACKED(k, i) : PACKED(i, k)];
}

/* Where bounds shorten the likelihood interval of parameter i, whose SD is `sd`: its longer arm over
 * z. `step` leads from the bound to the optimum without. */
FN real arm_share(PRIVATE const place *at, int i, real step, real sd)
{
  real zero = bc(REAL(0.0)), z = bc(ARM), on = at->on[i];
  real beyond = rmax(on * step, zero) / sd;
  real inside = root(mad(beyond, beyond, z * z)) - beyond;
  real below = select(is_held(on), select(lt(on, zero), zero, inside), z);
  real above = select(is_held(on), select(gt(on, zero), zero, inside), z);
  below = rmin(at->below[i] / sd, below);
  above = rmin(at->above[i] / sd, above);
  return rmax(below, above) * bc(REAL(1.0) / ARM);
}

/* The covariances for this noise where bounds are within reach, one parameter after the other. */
FN void shorten(PLAN, PRIVATE const optimum *o, PRIVATE const place *at, real noise,
                PRIVATE real *covariance)
{
  real zero = bc(REAL(0.0)), step[MAX_PARAMETERS], variance[MAX_PARAMETERS];
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    step[i] = zero;
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      step[i] = mad(covariance_of(covariance, i, k), o->t.gradient[k], step[i]);
    variance[i] = covariance[PACKED(i, i)];
  }
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    real share = arm_share(at, i, step[i], noise * root(variance[i])), column[MAX_PARAMETERS];
    mask some = gt(covariance[PACKED(i, i)], zero);
    real less = select(some, mad(-share, share, bc(REAL(1.0))) / covariance[PACKED(i, i)], zero);
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      column[k] = covariance_of(covariance, i, k);
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      for (int m = 0; m <= k; m++)
        covariance[PACKED(k, m)] = mad(-less * column[k], column[m], covariance[PACKED(k, m)]);
  }
}

/* As deviation(). */
FN real deviation_within(PLAN, PRIVATE const real *covariance, PRIVATE const real *gradient)
{
  real sum = bc(REAL(0.0));
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    for (int k = 0; k < MODEL_PARAMETERS; k++)
      sum = mad(gradient[i] * covariance_of(covariance, i, k), gradient[k], sum);
  return root(rmax(sum, bc(REAL(0.0))));
}
#endif
