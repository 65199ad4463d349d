/* SPDX-License-Identifier: MIT
 * How much of some numbers lies below zero. Interpolation and motion correction leave a
 * few values below zero in magnitudes, too: one of them must not change what all are. */
#ifndef TT1_BASE_ENERGY_H
#define TT1_BASE_ENERGY_H

#include <stdint.h>

/** Sums of squares. Zero-initialise before use. */
typedef struct tt1__energy {
  double negative, all;
} tt1__energy;

/** Add `n` values; what is not finite, or beyond 1e18, is left out. The sum does not depend on the
    machine. */
void tt1__energy_add(tt1__energy *sum, const float *values, int64_t n);
/** Whether more than a thousandth lies below zero: then the values are signed. */
int tt1__energy_is_signed(const tt1__energy *sum);
#endif
