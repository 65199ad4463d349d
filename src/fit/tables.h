/* SPDX-License-Identifier: MIT
 * From a model and a design to what the kernels read: the order of the samples,
 * the sign patterns to try, the search grid with its orthonormal bases. All in
 * double; the plan rounds the numbers once. */
#ifndef TT1_FIT_TABLES_H
#define TT1_FIT_TABLES_H

#include "kernel/setup.h"
#include "model/model.h"

enum { TT1__MAX_PATTERNS = 256 };

/** The design checked and sorted. */
typedef struct tt1__samples {
  int n;
  int order[MAX_SAMPLES];               /* order[j]: which image is sample j */
  double known[MAX_KNOWN][MAX_SAMPLES]; /* nominal where per voxel */
  int recovery;                         /* the known quantity sorted by, or -1 */
} tt1__samples;

/** Sets of samples taken as negative, bit j for sample j. The first is empty. */
typedef struct tt1__patterns {
  int count, is_prefix;
  uint64_t flips[TT1__MAX_PATTERNS];
  int rank[MAX_SAMPLES]; /* where prefix: pattern p flips the samples of rank < p */
} tt1__patterns;

/** What a kernel is given; one for magnitudes, one for signed data. */
typedef struct tt1__tables {
  fit_setup setup;
  double *numbers;
  int *integers;
  int n_numbers, n_integers;
  float *numbers_float;
} tt1__tables;

/** Check `design` against `model` and sort it. TT1_BAD_ARGUMENT with a sentence for the user. */
tt1_status tt1__samples_from(tt1__samples *out, const tt1_model *model, const tt1_design *design,
                             tt1_error *err);

/** The basis functions (or, without amplitudes, the signal) of one grid point at every sample. */
typedef struct tt1__point {
  double q[MAX_PARAMETERS];                  /* values of the nonlinear parameters, by axis */
  double basis[MAX_AMPLITUDES][MAX_SAMPLES]; /* [0]: the signal where there are no amplitudes */
} tt1__point;

/** The axes of the grid into setup and numbers; returns the number of points. */
int tt1__grid_axes(const tt1_model *model, fit_setup *setup, double *numbers);
/** Evaluate every point. [setup->n_grid]; NULL if out of memory. */
tt1__point *tt1__grid_points(const tt1_model *model, const tt1__samples *samples,
                             const fit_setup *setup, const double *numbers);

/** The sign patterns that the model can have at these points. */
tt1_status tt1__patterns_find(tt1__patterns *out, const fit_setup *setup, const double *numbers,
                              const tt1__samples *samples, const tt1__point *points,
                              tt1_error *err);

/**
 * Grid range [from, to) where `pattern` can be the signs of the model: face -1 asks within
 * the bounds, face i along that face. Neighbours of a point count: refining moves there.
 */
void tt1__pattern_reach(const fit_setup *setup, const double *numbers, const tt1__point *points,
                        const tt1__patterns *patterns, int pattern, int face, int range[2]);

/** Make the tables for one kind of data. Free with tt1__tables_free(). */
tt1_status tt1__tables_make(tt1__tables *out, const tt1_model *model, const tt1__samples *samples,
                            const tt1_plan_options *options, int is_magnitude, tt1_error *err);
void tt1__tables_free(tt1__tables *tables);
#endif
