/* SPDX-License-Identifier: MIT
 * Moments and order statistics of a sample. */
#ifndef TT1_ANALYSIS_SUMMARY_H
#define TT1_ANALYSIS_SUMMARY_H

#include "tt1_analysis.h"

double tt1__mean(const double *values, int64_t n);
/** Sum over (x - mean_x) (y - mean_y). */
double tt1__cross(const double *x, double mean_x, const double *y, double mean_y, int64_t n);
/** All of a tt1_summary; `scratch` has room for n. */
void tt1__summarise(tt1_summary *out, const double *values, int64_t n, double *scratch);
#endif
