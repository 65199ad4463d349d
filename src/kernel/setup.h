/* SPDX-License-Identifier: MIT
 * What a plan hands to the kernels: counts, and where each table starts in two
 * flat arrays, so that the same description travels to any device.
 *
 * Samples are in the order of the plan (sorted by the recovery variable), not
 * of the files. "Pattern" is a set of samples taken as negative: for magnitudes
 * the search tries every pattern the model can have; pattern 0 flips nothing. */
#ifndef TT1_SETUP_H
#define TT1_SETUP_H

enum {
  MAX_SAMPLES = 64,
  MAX_PARAMETERS = 8,
  MAX_KNOWN = 12,
  MAX_MAPS = 8,
  MAX_GRID = 1024, /* points of the search grid */
  MAX_AMPLITUDES = 2,
  MAX_FACES = 2,
  MAX_CANDIDATES = 3, /* starts that are refined */
  MAX_MAXIMA = 8      /* those of the second pass */
};

/* Room of private arrays. A GPU has little: there the text is made for one plan and says how much. */
#ifndef ROOM_SAMPLES
#  define ROOM_SAMPLES MAX_SAMPLES
#  define ROOM_GRID    MAX_GRID
#endif

/* Solvers, as in tt1_solver. */
enum { SOLVE_VARPRO = 1, SOLVE_LM = 2, SOLVE_ADAM = 3, SOLVE_NELDER_MEAD = 4 };

/* How residuals are weighed, as in tt1_noise. */
enum { NOISE_GAUSSIAN = 0, NOISE_RICIAN = 1, NOISE_ROBUST = 2 };

/* Outcomes, as in tt1_outcome. */
enum { CONVERGED = 0, MAX_ITERATIONS = 1, SINGULAR = 2, NOT_FINITE = 3, AT_BOUND = 4 };
enum { UNSETTLED = 8 }; /* added to these by the first pass where there is to be a second */

/* One nonlinear parameter q in the grid: its point i lies at AXIS_FROM + i * AXIS_STEP of
 * s = q or ln q. */
typedef struct grid_axis {
  int parameter, count, stride, is_log;
} grid_axis;

/* SIGMA where it is not given: from the sum of squared residuals, or from their middle. */
enum { SIGMA_RESIDUALS = -1, SIGMA_MIDDLE = -2 };

/* The head of `numbers`; the tables follow where fit_setup says. */
enum {
  TOLERANCE,
  SIGMA,                      /* SIGMA_*, or positive */
  FREEDOM,                    /* samples less parameters */
  SMALL_STEP,                 /* of Newton in s: taken whatever the bracket */
  LARGE_STEP,                 /* refused from here */
  AMPLITUDE_LIMIT,            /* in largest samples of the voxel, where is_limited */
  FACE,                       /* [MAX_FACES][2] face . amplitudes >= 0 */
  RAY = FACE + 2 * MAX_FACES, /* [MAX_FACES][2] the direction along that face */
  LOWER = RAY + 2 * MAX_FACES,
  UPPER = LOWER + MAX_PARAMETERS, /* finite: an absent bound is a huge number */
  START = UPPER + MAX_PARAMETERS,
  AXIS_FROM = START + MAX_PARAMETERS,
  AXIS_STEP = AXIS_FROM + MAX_PARAMETERS,
  HEAD_SIZE = AXIS_STEP + MAX_PARAMETERS
};

/* Integers only, so that it is the same for float and double. */
typedef struct fit_setup {
  int solver, is_magnitude, is_fixed_start, is_limited;
  int noise, has_covariance, has_samples;
  int n_passes;   /* 2 where voxels that the first leaves unsettled are looked at again */
  int has_signs;  /* of magnitudes some signs are known, voxel by voxel: set for each run */
  int has_starts; /* the last n_parameters voxel maps are starts: set for each run */
  int n_samples, n_parameters, n_known, n_voxel_known, n_maps;
  int n_amplitudes, first_fixed, n_faces, n_nonlinear;
  int n_grid, n_patterns, is_prefix; /* prefix: pattern p flips the samples of rank < p */
  int max_iterations, max_evaluations;
  int scales[MAX_PARAMETERS];
  int numerator[MAX_PARAMETERS], denominator[MAX_PARAMETERS]; /* as in tt1__structure */
  int voxel_known[MAX_KNOWN];                                 /* row of the voxel maps, or -1 */
  grid_axis axis[MAX_PARAMETERS];

  /* In numbers: */
  int known;  /* [n_known][MAX_SAMPLES] */
  int shared; /* [n_samples] first basis vector, normalised, where first_fixed */
  int points; /* [n_grid][point_size], a grid_point each */
  int point_size;
  int rates; /* [max_iterations][2] of adam: step and 1 / sqrt of the bias correction */

  /* In integers: */
  int rank;    /* [n_samples] */
  int toggles; /* [n_patterns + 1] where the samples that pattern p flips anew begin */
  int toggled; /* the samples, as their index */
  int flips;   /* [n_patterns][n_samples], where not is_prefix */
  int reach;   /* [n_patterns][2 + 2 * MAX_FACES] grid ranges [from, to): interior, each face */
  int upkeep;  /* [n_patterns][2] grid range that this or a later pattern looks at */
} fit_setup;

/* Layout of one grid point, n = n_samples: basis vector w[n]; faces[2], the weight of w . y in
 * each face; edge[2][2], the unit vector along each face; where the first basis function is not
 * fixed also its vector v[n]. Without amplitudes: w is the signal, faces[0] its energy. */
#define POINT_FACES(n) (n)
#define POINT_EDGE(n)  ((n) + 2)
#define POINT_FIRST(n) ((n) + 6)
#define POINT_SIZE(n)  (2 * (n) + 6)

/* Every function of a solver sees the plan through these; MODEL_ARGUMENT is empty but for the
 * interpreter, which carries its program along. */
#define PLAN  SETUP fit_setup *f, CONSTANT scalar *numbers, CONSTANT int *integers MODEL_ARGUMENT
#define PLAN_ f, numbers, integers MODEL_ARGUMENT_
#endif
