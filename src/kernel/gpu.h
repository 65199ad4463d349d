/* SPDX-License-Identifier: MIT
 * The kernels of a GPU: one thread fits one voxel. src/device/gpu.c makes
 * one text of this, each include replaced by what it names:
 *
 *   GPU_SETUP  ROOM_* and SETUP_VALUES: the plan's setup, known when this is compiled; GROUP_SIZE;
 *              N_PASSES, as in the setup
 *   GPU_MODEL  what src/model/emit.c makes of the model */
// clang-format off
#include GPU_SETUP
#include "kernel/words.h"
#include "kernel/setup.h"
#include "kernel/elementary.h"
#include GPU_MODEL
#include "kernel/emitted.h"
#include "kernel/solvers.h"
// clang-format on

SETUP_OBJECT fit_setup the_setup = {SETUP_VALUES};

KERNEL void fit_voxels(CONSTANT scalar *ONLY numbers, CONSTANT int *ONLY integers,
                       CONSTANT scalar *ONLY inputs, GLOBAL scalar *ONLY results, int count,
                       int stride)
{
  SETUP fit_setup *f = &the_setup;
  int at = THREAD_INDEX;
  if (at < count) fit_at(PLAN_, inputs, results, stride, at);
}

/* The second pass is a kernel of its own: in one with the first it takes 255 registers a thread,
 * where the first takes 128 and this 168 (molli, NVRTC for an H200), and fewer threads run at once. */
#if N_PASSES > 1
KERNEL void settle_voxels(CONSTANT scalar *ONLY numbers, CONSTANT int *ONLY integers,
                          CONSTANT scalar *ONLY inputs, GLOBAL scalar *ONLY results, int count,
                          int stride)
{
  SETUP fit_setup *f = &the_setup;
  int at = THREAD_INDEX;
  if (at < count && results[ROW_OUTCOME * stride + at] >= (scalar)UNSETTLED)
    settle_at(PLAN_, inputs, results, stride, at);
}
#endif
