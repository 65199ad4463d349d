/* SPDX-License-Identifier: MIT
 * The kernels of a model that is not shipped, compiled by the C compiler of the
 * machine with the flags of this build, in place of the interpreter: the same bits,
 * several times faster.
 *
 * Where that cannot be done (no compiler, no cache to build in, a file system that
 * runs nothing) or is not worth the time, the interpreter serves, and `why` says so. */
#ifndef TT1_DEVICE_JIT_H
#define TT1_DEVICE_JIT_H

#include "device/cache.h"
#include "device/lanes.h"
#include "model/model.h"

/** Loaded kernels of one model on one instruction set. Zero-initialise before use. */
typedef struct tt1__jit {
  const tt1__lanes *lanes; /* NULL: there are none */
  void *library;
  int has_tried; /* to compile: once is enough */
  tt1_error why; /* why there are none where they were wanted; TT1_OK if nothing is to be said */
} tt1__jit;

/** What is to be fitted, for a trial of the interpreter. */
typedef struct tt1__jit_task {
  const tt1_model *model;
  const tt1__lanes *interpreter;
  const fit_setup *setup;
  const void *numbers;
  const int *integers;
  int n_inputs, n_rows; /* rows of inputs and results, as in tt1__chunk */
  double n_voxels;      /* that one thread has to fit */
} tt1__jit_task;

/** The compiler is asked where the interpreter would need longer than this. It needs about 1.5 s. */
#define TT1__JIT_SECONDS 2.0

/**
 * The kernels to use for a task: those compiled before, those compiled now if the task is worth
 * it, else the interpreter. What is loaded has given the bits of the interpreter in a trial.
 */
const tt1__lanes *tt1__jit_choose(tt1__jit *jit, const tt1__jit_task *task, tt1__cache *cache);
void tt1__jit_close(tt1__jit *jit);
#endif
