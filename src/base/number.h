/* SPDX-License-Identifier: MIT
 * Numbers: pi, order, quantiles. */
#ifndef TT1_BASE_NUMBER_H
#define TT1_BASE_NUMBER_H

#include <stdint.h>

#define TT1__PI 3.14159265358979323846

/** -1, 0 or 1, as a comparison for qsort() answers. */
int tt1__order(double a, double b);
/** A comparison of doubles for qsort(). */
int tt1__by_value(const void *first, const void *second);
/** A quantile of `values` [n], none NaN, which are reordered; interpolated linearly between ranks at
    (n - 1) fraction. NaN if n is 0. */
double tt1__quantile(double *values, int64_t n, double fraction);
#endif
