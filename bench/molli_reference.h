/* SPDX-License-Identifier: MIT
 * Simulated MOLLI voxels and the best fit of each by brute force in double: what
 * benchmarks and tests measure the solvers against. Nothing of the library is
 * used, so that nothing is checked against itself. */
#ifndef MOLLI_REFERENCE_H
#define MOLLI_REFERENCE_H

#include <stdint.h>

/** Times of 5(3)3 and 4(1)3(1)2 at 60 beats per minute, sorted, in s. */
extern const double MOLLI_533[8], MOLLI_432[9];

typedef enum voxel_set {
  TISSUE, /* T1 0.2 to 2 s, k 1.6 to 2, C / sigma 25 to 100 */
  STRESS, /* T1 0.1 to 3 s, k 1.6 to 2, C / sigma 8 to 200 (logarithmic) */
  NOISE   /* no signal */
} voxel_set;

/** Uniform in (0, 1) and standard normal numbers; *state is not 0. */
double random_uniform(uint64_t *state);
double random_normal(uint64_t *state);

/** Magnitudes with Rician noise: signal[s * n_voxels + v]. */
void simulate_voxels(voxel_set set, const double *times, int n_times, int n_voxels, uint64_t seed,
                     float *signal);

/** Sum of squared residuals of |C (1 - k exp(-t / T1s))| in double. */
double molli_cost(const double *y, const double *times, int n_times, double C, double k,
                  double T1s);

typedef struct molli_optimum {
  double C, k, T1s, cost;
} molli_optimum;

/** The global minimum with C >= 0, 1 <= k <= 4, 0.01 <= T1s <= 10 s: every polarity, 600 points of
 * ln T1s, amplitudes in closed form with their bounds, each local minimum refined. */
molli_optimum molli_brute_force(const double *y, const double *times, int n_times);
#endif
