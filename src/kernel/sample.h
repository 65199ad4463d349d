/* SPDX-License-Identifier: MIT
 * One block of voxels as the solvers see it, and how the model is asked. */
#ifndef TT1_SAMPLE_H
#define TT1_SAMPLE_H

typedef struct voxels {
  real y[ROOM_SAMPLES];       /* magnitudes; signed data; with has_signs signed where `open` is 0 */
  real open[ROOM_SAMPLES];    /* with has_signs: 1 where the sign of the sample is not known */
  real known[MAX_KNOWN];      /* per voxel */
  real start[MAX_PARAMETERS]; /* with has_starts: where to begin, NaN where the plan says */
} voxels;

/* Known quantities that are the same for all samples; a fit reads sample 0 for per-series ones. */
FN void known_at(PLAN, PRIVATE const voxels *v, int j, PRIVATE real *x)
{
  for (int q = 0; q < MODEL_KNOWN; q++)
    x[q] = f->voxel_known[q] >= 0 ? v->known[q] : bc(numbers[f->known + q * MAX_SAMPLES + j]);
}

/* Whether voxels that the fixed schedule leaves are looked at again. The counts of a model are known
 * where it is compiled: others are rid of the second pass. */
FN int has_second_pass(PLAN)
{
  return MODEL_AMPLITUDES > 0 && MODEL_NONLINEAR == 1 && f->n_passes > 1;
}

FN real clamp(real a, scalar lower, scalar upper)
{
  return rmin(rmax(a, bc(lower)), bc(upper)); // NaN becomes lower
}

/* Where sample j of a magnitude fit may have either sign. */
FN mask is_open(PLAN, PRIVATE const voxels *v, int j)
{
  return gt(f->has_signs ? v->open[j] : bc((scalar)f->is_magnitude), bc(REAL(0.5)));
}

/* The samples with the signs of `pattern`, one pattern per lane; a sign that is known stays. */
FN void polarise(PLAN, PRIVATE const voxels *v, real pattern, PRIVATE real *y)
{
  for (int j = 0; j < f->n_samples; j++) {
    mask flip = gt(pattern, bc((scalar)integers[f->rank + j]));
    if (!f->is_prefix) {
      flip = lt(pattern, bc(REAL(-1.0)));
      for (int p = 1; p < f->n_patterns; p++)
        if (integers[f->flips + p * f->n_samples + j])
          flip = or_(flip, and_(gt(pattern, bc((scalar)p - REAL(0.5))),
                                lt(pattern, bc((scalar)p + REAL(0.5)))));
    }
    if (f->has_signs) flip = and_(flip, is_open(PLAN_, v, j));
    y[j] = select(flip, -v->y[j], v->y[j]);
  }
}
#endif
