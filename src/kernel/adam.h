/* SPDX-License-Identifier: MIT
 * Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1) as Torch T1 uses it:
 * exact gradients, every voxel on its own. The loss is the mean over the samples
 * of a voxel whose signal is scaled to a largest sample of one, so the learning
 * rate means the same for every scan, and a voxel's path does not depend on the
 * image it is in. Parameters are kept within their bounds. */
#ifndef TT1_ADAM_H
#define TT1_ADAM_H

/* The way down of the loss, halved, and nothing else: this is what the time goes into. */
FN void loss_gradient(PLAN, PRIVATE const voxels *v, PRIVATE const real *y, PRIVATE const real *p,
                      PRIVATE real *gradient)
{
  real x[MAX_KNOWN], r[MAX_PARAMETERS + 1], zero = bc(REAL(0.0));
  signal_state state;
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    gradient[i] = zero;
  known_at(PLAN_, v, 0, x);
  signal_begin(&state, p, x);
  for (int j = 0; j < f->n_samples; j++) {
    known_at(PLAN_, v, j, x);
    signal_at(&state, p, x, r);
    real miss = y[j] - r[0];
    if (f->is_magnitude) { // r (y - |g|) sign(g) = r (sign(g) y - g)
      mask minus = lt(r[0], zero);
      if (f->has_signs) minus = and_(minus, is_open(PLAN_, v, j));
      miss = select(minus, -y[j], y[j]) - r[0];
    }
    for (int i = 0; i < MODEL_PARAMETERS; i++)
      gradient[i] = mad(r[i + 1], miss, gradient[i]);
  }
}

/* p and its bounds in units of the scaled signal; p is refined in place. */
FN void refine_adam(PLAN, PRIVATE const voxels *v, PRIVATE const real *y, real unit,
                    PRIVATE real *p)
{
  real gradient[MAX_PARAMETERS], mean[MAX_PARAMETERS], square[MAX_PARAMETERS];
  real lower[MAX_PARAMETERS], upper[MAX_PARAMETERS];
  real zero = bc(REAL(0.0)), weight = bc(REAL(-2.0) / (scalar)f->n_samples);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    mean[i] = square[i] = zero;
  bounds_of(PLAN_, v, lower, upper);
  for (int i = 0; i < MODEL_PARAMETERS; i++) {
    lower[i] = f->scales[i] ? lower[i] / unit : lower[i];
    upper[i] = f->scales[i] ? upper[i] / unit : upper[i];
  }
  mask active = ge(y[0], y[0]);
  for (int n = 0; n < f->max_iterations && any(active); n++) {
    real step = bc(numbers[f->rates + 2 * n]), correction = bc(numbers[f->rates + 2 * n + 1]);
    mask moved = lt(zero, zero);
    loss_gradient(PLAN_, v, y, p, gradient);
    for (int i = 0; i < MODEL_PARAMETERS; i++) {
      real g = gradient[i] * weight;
      mean[i] = mad(bc(REAL(0.1)), g - mean[i], mean[i]);
      square[i] = mad(bc(REAL(0.001)), mad(g, g, -square[i]), square[i]);
      real change = step * mean[i] / mad(root(square[i]), correction, bc(REAL(1e-8)));
      real next = rmin(rmax(p[i] - change, lower[i]), upper[i]);
      moved = or_(moved, gt(rabs(next - p[i]), bc(numbers[TOLERANCE]) * rabs(p[i])));
      p[i] = numbers[TOLERANCE] > REAL(0.0) ? select(active, next, p[i]) : next;
    }
    if (numbers[TOLERANCE] > REAL(0.0)) active = and_(active, moved);
  }
}

FN void fit_adam(PLAN, PRIVATE const voxels *v, PRIVATE real *p)
{
  real y[ROOM_SAMPLES], unit = largest(PLAN_, v);
  for (int j = 0; j < f->n_samples; j++)
    y[j] = v->y[j] / unit;
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    p[i] = f->scales[i] ? p[i] / unit : p[i];
  refine_adam(PLAN_, v, y, unit, p);
  for (int i = 0; i < MODEL_PARAMETERS; i++)
    p[i] = clamp(f->scales[i] ? p[i] * unit : p[i], numbers[LOWER + i], numbers[UPPER + i]);
}
#endif
