/* SPDX-License-Identifier: MIT
 * Simulated voxels for training: a tissue, a heart rate and noise are drawn, the
 * Bloch equations give the signal, and what the network should answer is known. */
#ifndef TT1_NETWORK_SAMPLER_H
#define TT1_NETWORK_SAMPLER_H

#include "network/network.h"
#include "simulate/bloch.h"
#include "simulate/simulate.h"

/** A protocol, checked and complete. */
typedef struct tt1__sampler {
  tt1_protocol protocol; /* `scheme` and `times` point into this struct */
  char text[32];
  double times[TT1__MAX_TIMES];
  tt1__scheme scheme;
  double gap[TT1__MAX_BEATS]; /* s from beat to beat at `rate` */
  double rate;                /* beats per minute */
} tt1__sampler;

/** Must not move afterwards: it points into itself. TT1_BAD_ARGUMENT. */
tt1_status tt1__sampler_make(tt1__sampler *sampler, const tt1_protocol *protocol, tt1_error *err);

/** One simulated voxel. */
typedef struct tt1__sample {
  double signal[TT1__MAX_TIMES], times[TT1__MAX_TIMES]; /* all images of the protocol */
  double largest; /* by which to scale: half of the time of all images, else of those fed */
  double label;   /* s; NaN: leave it out */
} tt1__sample;
void tt1__sampler_draw(tt1__sample *sample, const tt1__sampler *sampler, tt1__random *random);

/** T1 of the least-squares fit of a - b exp(-t/T) to signed data, (b/a - 1) T; NaN if it fails. */
double tt1__molli_fit(const double *signal, const double *times, int n, double start);

/** Fill block `pass` with drawn voxels; `labels` [TT1__BLOCK]. */
void tt1__sampler_fill(tt1__pass *pass, double *labels, const tt1__sampler *sampler,
                       tt1__random *random);
#endif
