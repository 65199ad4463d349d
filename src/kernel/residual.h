/* SPDX-License-Identifier: MIT
 * Cost, gradient and normal matrix of all parameters at once. */
#ifndef TT1_RESIDUAL_H
#define TT1_RESIDUAL_H

typedef struct linearised {
  real cost;                     /* sum of squared residuals, or as noise.h weighs them */
  real gradient[MAX_PARAMETERS]; /* J'r: the way down, halved */
  real matrix[MAX_PACKED];       /* J'J, J'WJ where they are weighed */
} linearised;

/* The model at sample j, g in r[0] and its derivatives behind. With is_magnitude it is |g| where the
 * sign of the sample is open; the derivative at g = 0 is that of g > 0. */
FN void model_at(PLAN, PRIVATE const voxels *v, int is_magnitude, PRIVATE const real *p,
                 PRIVATE signal_state *state, int j, PRIVATE real *r)
{
  real x[MAX_KNOWN];
  known_at(PLAN_, v, j, x);
  signal_at(state, p, x, r);
  if (!is_magnitude) return;
  mask minus = lt(r[0], bc(REAL(0.0)));
  if (f->has_signs) minus = and_(minus, is_open(PLAN_, v, j));
  for (int i = 0; i <= MODEL_PARAMETERS; i++)
    r[i] = select(minus, -r[i], r[i]);
}

/* Of a magnitude only the size of g can be told, also where the model has no outer abs. */
FN weighed weigh_size(real sigma, real y, real g)
{
  weighed w = weigh_rician(sigma, y, rabs(g));
  w.pull = select(lt(g, bc(REAL(0.0))), -w.pull, w.pull);
  return w;
}

FN weighed weigh(PLAN, PRIVATE const voxels *v, PRIVATE const weighing *by, int j, real y, real g)
{
  weighed w;
  w.pull = y - g;
  if (by->noise == NOISE_ROBUST) return weigh_robust(by->scale, w.pull);
  w.weight = bc(REAL(1.0));
  if (by->noise == NOISE_WITHOUT_ONE && j == by->left_out) w.pull = w.weight = bc(REAL(0.0));
  w.cost = w.pull * w.pull;
  if (by->noise == NOISE_WITHOUT_ONE) return w;
  if (f->has_signs) { // a sample of known sign is Gaussian
    weighed m = weigh_size(by->scale, y, g);
    mask open = is_open(PLAN_, v, j);
    w.pull = select(open, m.pull, w.pull);
    w.weight = select(open, m.weight, w.weight);
    w.cost = select(open, m.cost, w.cost);
    return w;
  }
  return weigh_size(by->scale, y, g);
}

FN void linearise(PLAN, PRIVATE const voxels *v, PRIVATE const real *y, int is_magnitude,
                  PRIVATE const weighing *by, PRIVATE const real *p, PRIVATE linearised *t)
{
  real x[MAX_KNOWN], r[MAX_PARAMETERS + 1], zero = bc(REAL(0.0));
  signal_state state;
  t->cost = zero;
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    t->gradient[i] = zero;
  for (int i = 0; i < PACKED(MODEL_PARAMETERS, 0); i++)
    t->matrix[i] = zero;
  known_at(PLAN_, v, 0, x);
  signal_begin(&state, p, x);
  for (int j = 0; j < f->n_samples; j++) {
    model_at(PLAN_, v, is_magnitude, p, &state, j, r);
    real pull = y[j] - r[0], weight = bc(REAL(1.0));
    if (by->noise == NOISE_GAUSSIAN) {
      t->cost = mad(pull, pull, t->cost);
    } else {
      weighed w = weigh(PLAN_, v, by, j, y[j], r[0]);
      t->cost = t->cost + w.cost;
      pull = w.pull;
      weight = w.weight;
    }
    for (int i = 0; i < MODEL_PARAMETERS; i++) {
      real slope = r[i + 1];
      t->gradient[i] = mad(slope, pull, t->gradient[i]);
      if (by->noise != NOISE_GAUSSIAN) slope = slope * weight;
      for (int k = 0; k <= i; k++)
        t->matrix[PACKED(i, k)] = mad(slope, r[k + 1], t->matrix[PACKED(i, k)]);
    }
  }
}

/* The absolute residuals of the data as they are, and the sum of their squares. */
FN real residuals(PLAN, PRIVATE const voxels *v, PRIVATE const real *p, PRIVATE real *miss)
{
  real x[MAX_KNOWN], r[MAX_PARAMETERS + 1], sum = bc(REAL(0.0));
  signal_state state;
  known_at(PLAN_, v, 0, x);
  signal_begin(&state, p, x);
  for (int j = 0; j < f->n_samples; j++) {
    model_at(PLAN_, v, f->is_magnitude, p, &state, j, r);
    miss[j] = rabs(v->y[j] - r[0]);
    sum = mad(miss[j], miss[j], sum);
  }
  return sum;
}

/* The largest magnitude of a voxel's samples; 1 where all are zero. */
FN real largest(PLAN, PRIVATE const voxels *v)
{
  real most = bc(REAL(0.0));
  for (int j = 0; j < f->n_samples; j++)
    most = rmax(rabs(v->y[j]), most);
  return select(gt(most, bc(REAL(0.0))), most, bc(REAL(1.0)));
}

/* The scale of the residuals at p; a perfect fit has one, too. */
FN real robust_scale(PLAN, PRIVATE const voxels *v, PRIVATE const real *p)
{
  real miss[ROOM_SAMPLES];
  if (numbers[SIGMA] > REAL(0.0)) return bc(numbers[SIGMA]);
  residuals(PLAN_, v, p, miss);
  return rmax(middle_deviation(miss, f->n_samples, MODEL_PARAMETERS),
              bc(REAL(1e-6)) * largest(PLAN_, v));
}

/* The bounds of a voxel: those of the plan, and where the plan limits amplitudes, parameters that
 * scale with the signal stay within so many times the largest sample. */
FN void bounds_of(PLAN, PRIVATE const voxels *v, PRIVATE real *lower, PRIVATE real *upper)
{
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    lower[i] = bc(numbers[LOWER + i]);
    upper[i] = bc(numbers[UPPER + i]);
  }
  if (!f->is_limited) return;
  real limit = bc(numbers[AMPLITUDE_LIMIT]) * largest(PLAN_, v);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    lower[i] = f->scales[i] ? rmax(lower[i], -limit) : lower[i];
    upper[i] = f->scales[i] ? rmin(upper[i], limit) : upper[i];
  }
}

/* The `start` values of the model; those that scale with the signal in largest samples. A map of
 * starts goes before them where it has a number. */
FN void fixed_start(PLAN, PRIVATE const voxels *v, PRIVATE real *p)
{
  real unit = largest(PLAN_, v), lower[MAX_PARAMETERS], upper[MAX_PARAMETERS];
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    p[i] = f->scales[i] ? bc(numbers[START + i]) * unit : bc(numbers[START + i]);
  if (!f->has_starts) return;
  bounds_of(PLAN_, v, lower, upper);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    mask given = le(rabs(v->start[i]), bc(REAL(1e30)));
    p[i] = select(given, rmin(rmax(v->start[i], lower[i]), upper[i]), p[i]);
  }
}
#endif
