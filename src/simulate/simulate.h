/* SPDX-License-Identifier: MIT
 * Random numbers, times of MOLLI schemes and the anatomy of the digital heart:
 * the parts that tt1_simulate_heart() is made of. */
#ifndef TT1_SIMULATE_SIMULATE_H
#define TT1_SIMULATE_SIMULATE_H

#include <stdint.h>

#include "tt1_simulate.h"

/* ---- random.c: xoshiro256++ (Blackman & Vigna 2021, doi:10.1145/3460772) ---- */

typedef struct tt1__random {
  uint64_t state[4];
  double kept; /* the second of a pair of normal numbers */
  int has_kept;
} tt1__random;

tt1__random tt1__random_seed(uint64_t seed);
double tt1__random_uniform(tt1__random *random); /**< in [0, 1) */
double tt1__random_normal(tt1__random *random);  /**< mean 0, variance 1 */

/* ---- molli.c ---- */

enum { TT1__MAX_INVERSIONS = 3, TT1__MAX_TIMES = 27, TT1__MAX_BEATS = 45 };

/** A protocol: groups of images, each after an inversion, one image per heart beat. */
typedef struct tt1__scheme {
  int n_groups, n_images;
  int count[TT1__MAX_INVERSIONS];    /* images of a group */
  int rest[TT1__MAX_INVERSIONS];     /* heart beats without an image after a group */
  double first[TT1__MAX_INVERSIONS]; /* s from the inversion to the first image of a group */
} tt1__scheme;

/** Read a scheme such as "5(3)3"; TT1_BAD_ARGUMENT if it is none. */
tt1_status tt1__scheme_read(tt1__scheme *scheme, const char *text, tt1_error *err);

/**
 * Inversion times in s, in the order of acquisition, of a scheme such as "5(3)3": images after
 * each inversion, and in brackets the heart beats of rest between (Messroghli et al. 2004,
 * doi:10.1002/mrm.20110).
 */
tt1_status tt1__molli_times(double times[TT1__MAX_TIMES], int *n_times, const char *scheme,
                            double heart_rate, tt1_error *err);

/* ---- anatomy.c ---- */

typedef enum tt1__label {
  TT1__AIR = 0,
  TT1__CHEST_WALL,
  TT1__LUNG,
  TT1__LIVER,
  TT1__MYOCARDIUM,
  TT1__BLOOD,
  TT1__FAT,
  TT1__N_LABELS
} tt1__label;

/**
 * What lies at a point of the chest: `x` to the patient's left and `y` to the front, both -1 to 1
 * over the field of view; `z` from 0 (base of the heart) to 1 (apex).
 */
tt1__label tt1__anatomy(double x, double y, double z);
#endif
