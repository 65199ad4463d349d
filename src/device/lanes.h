/* SPDX-License-Identifier: MIT
 * The kernels as one table of functions per (model or interpreter, instruction
 * set). Lane types never cross a file: the functions take plain pointers. */
#ifndef TT1_DEVICE_LANES_H
#define TT1_DEVICE_LANES_H

#include <stdint.h>

#include "kernel/setup.h"

typedef struct tt1_model
    tt1_model; // all that this file needs of model/: it is compiled at run time too

/** What one call works on: `count` voxels, value of row i for voxel v at [i * stride + v]. */
typedef struct tt1__chunk {
  void *inputs;      /* rows: samples in the order of the plan; with has_signs as many signs, -1, 0
                        (not known) or 1; then n_voxel_known known quantities, with has_starts
                        the starts last */
  void *results;     /* rows in the order of tt1_plan_output_name() */
  int count, stride; /* stride: at least `count` rounded up to the lane width */
} tt1__chunk;

typedef struct tt1__lanes {
  const char *model; /* name of the shipped model; NULL: the interpreter, for any */
  const char *isa;   /* "avx512", "avx2", "portable" */
  int width;         /* lanes */
  int is_double;     /* numbers, inputs and results are double, else float */
  const char *flags; /* what the compiler was told: a kernel compiled later is told the same */
  void (*fit)(const fit_setup *f, const void *numbers, const int *integers, const tt1_model *model,
              const tt1__chunk *chunk);
  /** Function `which` of exp, log, sin, cos, tan, tanh, I1 / I0, z - ln I0 on [count] values: for
      tests. */
  void (*elementary)(int which, const void *a, void *result, int count);
} tt1__lanes;

/** The table for `model` (its interpreter if it is not shipped) on `isa`; NULL if there is none. */
const tt1__lanes *tt1__lanes_find(const tt1_model *model, const char *isa, int is_double);
/** Whether this processor runs `isa`; 0 with the reason in *why. */
int tt1__isa_runs(const char *isa, const char **why);
/** Instruction set `index`, the widest first; NULL past the last. */
const char *tt1__isa_name(int index);
#endif
