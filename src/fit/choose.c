/* SPDX-License-Identifier: MIT
 * Where a run goes whose device was not named. The processor is timed on a few
 * voxels of the series itself; a GPU is estimated from that and from what its
 * driver tells of it. A GPU is not even looked for where the processor will be
 * done before one has started. docs/devices.md states the model. */
#include <stdio.h>

#include "base/clock.h"
#include "fit/run.h"

#define PROBE            64   /* voxels that are timed */
#define START_SECONDS    0.5  /* driver and context, where not yet open */
#define BYTES_PER_SECOND 5e9  /* copies, gathering and scattering among them */
#define GPU_SHARE        0.25 /* of the lane operations it can do at best */
#define CPU_OPERATIONS   3e9  /* lane operations per second, lane and thread */

/* Seconds for one voxel in one thread; negative where that cannot be found out. */
static double probe(tt1__run *r)
{
  unsigned char wanted[TT1__MAX_ROWS] = {0};
  double seconds = -1;
  if (tt1__plan_fitter(&r->fitter, r->plan, r->plan->device, r->data, r->has_starts, NULL))
    return seconds;
  if (!tt1__fitter_begin(r->fitter, PROBE, wanted, NULL)) {
    r->fitter->slots[0].count = r->fitter->slots[0].stride = PROBE;
    tt1__run_gather(r, 0, &r->fitter->slots[0]);
    double began = tt1__seconds();
    r->fitter->device->kind->fit(r->fitter, 0, NULL);
    seconds = (tt1__seconds() - began) / PROBE;
  }
  return seconds;
}

static double estimate_gpu(const tt1__run *r, tt1_device *gpu, double voxel_seconds,
                           double seconds_to_open)
{
  const tt1__job *job = &r->fitter->job; // that of the processor: the same rows
  double operations = voxel_seconds * CPU_OPERATIONS * r->fitter->lanes->width;
  int is_made = r->plan->fitters[1][r->data][r->has_starts] || gpu->kind->is_kept(gpu, job);
  double bytes = 4.0 * (job->n_inputs + r->n_outputs), n = (double)r->n_fitted;
  return seconds_to_open + (is_made ? 0 : gpu->compile_seconds) + n * bytes / BYTES_PER_SECOND +
         n * operations / (gpu->rate * GPU_SHARE);
}

static tt1_device *choose(tt1__run *r)
{
  tt1_device *cpu = r->plan->device;
  char *why = r->plan->reason;
  const size_t size = sizeof r->plan->reason;
  if (!cpu->is_auto) {
    snprintf(why, size, "asked for%s%s", cpu->remark ? "; " : "", cpu->remark ? cpu->remark : "");
    return cpu;
  }
  if (r->plan->options.precision == TT1_DOUBLE || r->n_fitted < PROBE) {
    snprintf(why, size, r->n_fitted < PROBE ? "few voxels" : "double precision");
    return cpu;
  }
  double voxel = probe(r), opening = cpu->other ? 0 : START_SECONDS;
  double seconds = voxel * (double)r->n_fitted / tt1__pool_size(cpu->pool);
  snprintf(why, size, "%.3g s estimated, less than a GPU needs to start", seconds);
  if (voxel < 0 || seconds < opening) return cpu;
  tt1_device *gpu = tt1__device_gpu(cpu);
  if (!gpu) {
    snprintf(why, size, "%.180s", cpu->why_no_gpu);
    return cpu;
  }
  double on_gpu = estimate_gpu(r, gpu, voxel, opening);
  snprintf(why, size, "%.3g s estimated on the processor, %.3g s on %s", seconds, on_gpu,
           gpu->name);
  return on_gpu < seconds ? gpu : cpu;
}

tt1_device *tt1__run_choose(tt1__run *r)
{
  return r->plan->ran_on = choose(r);
}
