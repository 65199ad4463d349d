/* SPDX-License-Identifier: MIT
 * Order statistics of the finite values of a map. */
#ifndef TT1_QUANTILE_H
#define TT1_QUANTILE_H

#include <stdint.h>

/** Move the finite values of `values` to its front and return how many there are. */
int64_t keep_finite(float *values, int64_t count);
/** The value of rank fraction * (count - 1), rounded down; reorders `values`; NaN if there are none. */
double quantile(float *values, int64_t count, double fraction);
#endif
