/* SPDX-License-Identifier: MIT
 * What a MOLLI sequence makes of one isochromat, from the Bloch equations:
 * inversions, balanced steady-state readouts of 5 ramp pulses and 70 lines, and
 * recovery in between. Transverse magnetisation is nulled before and after
 * each readout, so a readout is an affine map of Mz and costs a few products of
 * 3x4 matrices, whatever the number of images. */
#ifndef TT1_SIMULATE_BLOCH_H
#define TT1_SIMULATE_BLOCH_H

#include "simulate/simulate.h"

/** Tissue and field of one isochromat. Times in s. */
typedef struct tt1__isochromat {
  double t1, t2;
  double b1;         /* the flip angle is this times the nominal one */
  double frequency;  /* off resonance, Hz */
  double efficiency; /* inversion takes Mz to -efficiency Mz */
} tt1__isochromat;

/** One readout. */
typedef struct tt1__readout {
  double flip;               /* degrees */
  double repetition;         /* s, of one line */
  int n_ramp, n_lines, line; /* the inversion time is measured to the pulse of `line`, from 0 */
} tt1__readout;

/** 35 degrees, 2.7 ms, 5 ramp pulses, line 35 of 70 counted from 0. */
tt1__readout tt1__readout_usual(void);

/** When everything happens: seconds from the first inversion. */
typedef struct tt1__timeline {
  int n_images;
  double inversion[TT1__MAX_TIMES]; /* of the inversion before each image */
  double image[TT1__MAX_TIMES];     /* of the pulse of the central line */
} tt1__timeline;

/** The timeline of a scheme; `gap` [TT1__MAX_BEATS] are the times from one heart beat to the next. */
tt1__timeline tt1__timeline_make(const tt1__scheme *scheme, const double *gap);

/**
 * Signed signal of each image, in units of the transverse magnetisation that the same readout
 * gives from equilibrium. A readout that would begin before its inversion begins with it, at a
 * later line of the ramp or of k-space.
 */
void tt1__bloch_molli(double signal[TT1__MAX_TIMES], const tt1__timeline *timeline,
                      const tt1__isochromat *tissue, const tt1__readout *readout);
#endif
