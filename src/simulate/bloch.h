/* SPDX-License-Identifier: MIT
 * What a sequence makes of one isochromat, from the Bloch equations: inversions,
 * saturations and T2 preparations, balanced steady-state readouts, and recovery
 * in between. Transverse magnetisation is nulled before and after each readout, so
 * a readout is an affine map of Mz and costs a few products of 3x4 matrices,
 * whatever the number of images. */
#ifndef TT1_SIMULATE_BLOCH_H
#define TT1_SIMULATE_BLOCH_H

#include "simulate/sequence.h"

/** Tissue and field of one isochromat. Times in s. */
typedef struct tt1__isochromat {
  double t1, t2;
  double b1;         /* the flip angle is this times the nominal one */
  double frequency;  /* off resonance, Hz */
  double inversion;  /* takes Mz to -inversion Mz */
  double saturation; /* takes Mz to (1 - saturation) Mz */
} tt1__isochromat;

/** Transverse magnetisation in units of the equilibrium, in a frame that turns by half a turn per
    pulse, as the receiver does. */
typedef struct tt1__transverse {
  double x, y;
} tt1__transverse;

/**
 * The transverse magnetisation right after the central pulse of each image, and `*full`, what the
 * same readout gives from equilibrium. A readout that would begin before its inversion begins with
 * it, at a later line of the ramp or of k-space.
 */
void tt1__bloch(tt1__transverse signal[TT1__MAX_TIMES], tt1__transverse *full,
                const tt1__sequence *sequence, const tt1__isochromat *tissue,
                const tt1__readout *readout);

/** The same half a repetition later, at the echo. */
tt1__transverse tt1__at_echo(tt1__transverse m, const tt1__isochromat *tissue,
                             const tt1__readout *readout);

/** The magnitude of `m` in units of that of `full`, negative where it points away from it. */
double tt1__signed_signal(tt1__transverse m, tt1__transverse full);
#endif
