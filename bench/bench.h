/* SPDX-License-Identifier: MIT
 * What the parts of the bench program share. Every figure is one line,
 * "name value unit", so that run.sh can read them and a person too. */
#ifndef TT1_BENCH_H
#define TT1_BENCH_H

#include <stddef.h>

#include "molli_reference.h"
#include "torcht1.h"

enum { MANY_VOXELS = 65536, RUNS = 7, MAX_RUNS = 64, MAX_IMAGES = 16 };

typedef struct settings {
  const char *isa;    /* NULL: the widest that runs */
  const char *output; /* prefix of what `export` writes */
  const char *device; /* of the parts that compare one with the processor */
  const char *model;  /* of `bits`; NULL: all */
  int voxels, many, iterations;
  int rounds;         /* of the kernel that measures multiply-adds */
  const char *gpufit; /* the library of Gpufit */
} settings;

/** Maps of a fit, with the standard deviation and the outcome that the figures include. */
typedef struct maps {
  float *C, *k, *T1s, *T1, *T1_sd;
  uint8_t *outcome;
} maps;

void fail(const char *message);
void *reserve(size_t bytes); /* never NULL */
maps make_maps(size_t n);
void free_maps(maps *m);

tt1_model *open_molli(int is_interpreted);
tt1_device *open_device(const char *isa, int threads);
tt1_plan *make_plan(tt1_device *device, const tt1_model *model, const double *times, int n,
                    tt1_plan_options options);
/** Fit once, all of `maps` asked for; returns the time in s. */
double time_fit(tt1_plan *plan, const float *signal, int64_t n, maps *m);

/** The same for steady_median(), with a plan_run as payload. */
typedef struct plan_run {
  tt1_plan *plan;
  const float *signal;
  int n;
  maps *maps;
} plan_run;
double time_run(void *payload);

double seconds(void); /* since some moment */

/** One sample after the other of voxel v, into y [n_times]; returns the sum of their squares. */
double sample_of(const float *signal, int n_times, int n, int v, double *y);
/** The optimum of each voxel by brute force: out of PREFIX.optimum if `export` wrote it. */
void load_optimum(const settings *s, const float *signal, molli_optimum *best);
/** n voxels of tissue, of which 65,536 are simulated and then repeated. Free with free(). */
float *repeat_tissue(int n);

double median(double *values, int n);
/** Median of what `time_once` returns, in s: warm after 0.1 s, since clocks rise with the load, then
    for 0.2 s, but at least `least` times. */
double steady_median(double (*time_once)(void *payload), void *payload, int least);
double quantile(double *values, int n, double share); /* sorts */
void figure(const char *name, double value, const char *unit);

void measure_speed(const settings *s);
void measure_varpro(const settings *s);
void measure_threads(const settings *s);
void measure_adam(const settings *s);
void measure_nelder_mead(const settings *s);
void measure_optimum(const settings *s);
void measure_precision(const settings *s);
void measure_bits(const settings *s);
void measure_gpu(const settings *s);
void measure_gpu_first(const settings *s);
void measure_gpu_many(const settings *s);
void measure_gpu_adam(const settings *s);
void measure_gpu_cost(const settings *s);
void measure_gpu_kernel(const settings *s);
void measure_gpu_kernel_many(const settings *s);
void measure_gpu_ceilings(const settings *s);
void measure_gpufit(const settings *s);
/* Tables rather than figures. */
void measure_coverage(const settings *s);
void measure_sigma(const settings *s);
void measure_moved(const settings *s);
void measure_floor(const settings *s);
void measure_losses(const settings *s);
void export_voxels(const settings *s);
void export_kernel(const settings *s);
void export_adam(const settings *s);
#endif
