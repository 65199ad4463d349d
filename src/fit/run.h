/* SPDX-License-Identifier: MIT
 * What the threads share while a plan runs. */
#ifndef TT1_FIT_RUN_H
#define TT1_FIT_RUN_H

#include <stdatomic.h>

#include "fit/plan.h"

typedef struct tt1__run {
  tt1_plan *plan;
  tt1__data data;
  int has_starts;      /* the series brings maps of starts */
  tt1__fitter *fitter; /* where it runs */
  const tt1_series *series;
  int64_t stride;                                       /* that of the series, never 0 */
  const float *voxel_known[MAX_KNOWN + MAX_PARAMETERS]; /* then the starts, NULL where none */
  double absent[MAX_KNOWN + MAX_PARAMETERS];            /* what stands where there is no map */
  const tt1_output *outputs;
  int n_outputs, rows[TT1__MAX_ROWS]; /* rows[i]: which row output i takes */
  const uint8_t *mask;                /* as given */
  const int64_t *voxels;              /* those within the mask; NULL: all */
  int64_t n_fitted;
  tt1_progress_fn progress;
  void *payload;
  atomic_int has_failed; /* a chunk did; `error` says how */
  tt1_error error;
} tt1__run;

/** The stride of a series: what is given, or its number of voxels. */
int64_t tt1__series_stride(const tt1_series *series);
/** Whether samples below zero are more than what interpolation leaves; `pool` may be NULL. */
int tt1__series_is_signed(const tt1_series *series, int n_samples, const uint8_t *mask,
                          tt1__pool *pool);
/** The device that serves this run soonest, with the reason in the plan. */
tt1_device *tt1__run_choose(tt1__run *r);
/** Fill the inputs of a chunk, its count and stride set, with voxels from `first` on. */
void tt1__run_gather(const tt1__run *r, int64_t first, tt1__chunk *chunk);
/** Fit chunk `item` in slot `thread` of the fitter: a tt1__work_fn with the run as payload. */
void tt1__run_chunk(int item, int thread, void *payload);
#endif
