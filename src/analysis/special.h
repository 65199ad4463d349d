/* SPDX-License-Identifier: MIT
 * Student's t distribution and the non-central one, chi squared and F, for confidence intervals.
 * No table, no global state (lgamma has one). Relative errors stay below 1e-10
 * for Student and 1e-6 for the non-central one. */
#ifndef TT1_ANALYSIS_SPECIAL_H
#define TT1_ANALYSIS_SPECIAL_H

/** P(|T| >= |t|) for Student's t with `freedom` >= 1 degrees. */
double tt1__student_p(double t, double freedom);
/** The t > 0 with P(|T| >= t) = p, 0 < p < 1. */
double tt1__student_quantile(double p, double freedom);

/** P(T <= t) for the non-central t with `freedom` >= 1 degrees and non-centrality `shift`. */
double tt1__noncentral_t(double t, double freedom, double shift);
/** The t with P(T <= t) = p, 0 < p < 1; `shift` > 0. */
double tt1__noncentral_t_quantile(double p, double freedom, double shift);
/** The x with P(X <= x) = p, 0 < p < 1, of chi squared with `freedom` >= 1 degrees. */
double tt1__chi_squared_quantile(double p, double freedom);
/** The same of F with `above` and `below` degrees. */
double tt1__f_quantile(double p, double above, double below);
#endif
