/* SPDX-License-Identifier: MIT
 * Gpufit (Przybylski et al. 2017, doi:10.1038/s41598-017-15313-9) beside the same fit
 * here, through its public C interface, from a library whose path is given.
 *
 * It has no recovery curve and takes no model at run time. But its GAUSS_1D,
 * a exp(-(x - x0)^2 / (2 s^2)) + b, with x0 held at 0 and x the root of the inversion
 * time, is C (1 - k exp(-TI / T1s)) with b = C, a = -C k, 2 s^2 = T1s: three parameters,
 * its own derivatives. There is no magnitude, so the samples are signed for both. */
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

enum { IMAGES = 8, GAUSS_1D = 0, LEAST_SQUARES = 0, MOST_ITERATIONS = 50 };
#define TOLERANCE 1e-6F

/* Of a build in single precision, Gpufit's default. */
typedef int gpufit_call(size_t n_fits, size_t n_points, float *data, float *weights, int model,
                        float *start, float tolerance, int max_iterations, int *free_parameters,
                        int estimator, size_t user_info_size, char *user_info, float *parameters,
                        int *states, float *squares, int *iterations);

static void simulate_signed(int n, float *signal)
{
  uint64_t state = 77;
  for (int v = 0; v < n; v++) {
    double C = 100 + 900 * random_uniform(&state), k = 1.6 + 0.4 * random_uniform(&state);
    double T1s = (0.2 + 1.8 * random_uniform(&state)) / (k - 1);
    double sigma = C / (25 + 75 * random_uniform(&state));
    for (int j = 0; j < IMAGES; j++)
      signal[(size_t)j * (size_t)n + (size_t)v] =
          (float)(C * (1 - k * exp(-MOLLI_533[j] / T1s)) + sigma * random_normal(&state));
  }
}

/* The default solver on `device`, signs known. */
static double time_here(tt1_device *device, const float *signal, int n, maps *m)
{
  tt1_error err;
  tt1_plan *plan;
  tt1_known_values known = {.name = "TI", .values = MOLLI_533, .count = IMAGES};
  tt1_design design = {IMAGES, 1, &known};
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  tt1_model *model = open_molli(0);
  options.sign = TT1_SIGN_SIGNED;
  if (tt1_plan_create(&plan, device, model, &design, &options, &err)) fail(err.message);
  plan_run r = {plan, signal, n, m};
  double time = steady_median(time_run, &r, RUNS);
  tt1_plan_free(plan);
  tt1_model_free(model);
  return time;
}

typedef struct gpufit_room {
  float *data, *start, *parameters, *squares;
  int *states, *iterations;
} gpufit_room;

/* One fit after the other; the start is a user's: C the last sample, k 2, T1s 1 s. */
static void fill(const gpufit_room *r, const float *signal, int n)
{
  for (int v = 0; v < n; v++) {
    float *start = r->start + 4 * (size_t)v;
    for (int j = 0; j < IMAGES; j++)
      r->data[(size_t)v * IMAGES + (size_t)j] = signal[(size_t)j * (size_t)n + (size_t)v];
    start[3] = r->data[(size_t)v * IMAGES + IMAGES - 1];
    start[0] = -2 * start[3];
    start[1] = 0;
    start[2] = 0.70710678F;
  }
}

typedef struct gpufit_run {
  gpufit_call *call;
  const gpufit_room *room;
  int n, has_failed;
} gpufit_run;

static double time_call(void *payload)
{
  gpufit_run *g = payload;
  const gpufit_room *r = g->room;
  float x[IMAGES];
  int is_free[4] = {1, 0, 1, 1};
  for (int j = 0; j < IMAGES; j++)
    x[j] = (float)sqrt(MOLLI_533[j]);
  double begin = seconds();
  g->has_failed |= g->call((size_t)g->n, IMAGES, r->data, NULL, GAUSS_1D, r->start, TOLERANCE,
                           MOST_ITERATIONS, is_free, LEAST_SQUARES, sizeof x, (char *)x,
                           r->parameters, r->states, r->squares, r->iterations) != 0;
  return seconds() - begin;
}

static double time_gpufit(gpufit_call *call, const gpufit_room *r, int n)
{
  gpufit_run g = {call, r, n, 0};
  double time = steady_median(time_call, &g, RUNS);
  return g.has_failed ? -1 : time;
}

/* Squares of a voxel's signed residuals. */
static double squares_of(const float *signal, int n, int v, double C, double k, double T1s)
{
  double y[IMAGES], sum = 0;
  sample_of(signal, IMAGES, n, v, y);
  for (int j = 0; j < IMAGES; j++) {
    double miss = y[j] - C * (1 - k * exp(-MOLLI_533[j] / T1s));
    sum += miss * miss;
  }
  return sum;
}

static void compare(const gpufit_room *r, const maps *m, const float *signal, int n)
{
  int here = 0, there = 0;
  for (int v = 0; v < n; v++) {
    const float *p = r->parameters + 4 * (size_t)v;
    double C = (double)p[3], k = -(double)p[0] / C, T1s = 2 * (double)p[2] * (double)p[2];
    double a = squares_of(signal, n, v, (double)m->C[v], (double)m->k[v], (double)m->T1s[v]);
    double b = squares_of(signal, n, v, C, k, T1s);
    double least = b < a ? b : a; // NaN is not less
    here += a <= least * (1 + 1e-4);
    there += b <= least * (1 + 1e-4);
  }
  figure("gpufit_at_least", 100.0 * there / n, "% of the voxels within 1e-4 of the least cost");
  figure("gpufit_here_at_least", 100.0 * here / n, "%, the default solver here");
}

static void run_both(const settings *s, gpufit_call *call)
{
  size_t n = (size_t)s->voxels;
  float *signal = reserve(n * IMAGES * sizeof *signal);
  maps m = make_maps(n);
  gpufit_room r = {reserve(n * IMAGES * 4), reserve(n * 16), reserve(n * 16),
                   reserve(n * 4),          reserve(n * 4),  reserve(n * 4)};
  tt1_error err;
  tt1_device *device;
  if (tt1_device_open(&device, s->device, NULL, &err)) fail(err.message);
  simulate_signed(s->voxels, signal);
  fill(&r, signal, s->voxels);
  double here = time_here(device, signal, s->voxels, &m), there = time_gpufit(call, &r, s->voxels);
  if (there < 0) fail("gpufit() reports an error");
  figure("gpufit", 1e3 * there, "ms");
  figure("gpufit_here", 1e3 * here, "ms");
  compare(&r, &m, signal, s->voxels);
  tt1_device_free(device);
  void *blocks[] = {r.data, r.start, r.parameters, r.squares, r.states, r.iterations, signal};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    free(blocks[i]);
  free_maps(&m);
}

void measure_gpufit(const settings *s)
{
  if (!s->gpufit) fail("gpufit needs --gpufit LIBRARY");
  void *library = dlopen(s->gpufit, RTLD_NOW | RTLD_LOCAL);
  void *symbol = library ? dlsym(library, "gpufit") : NULL;
  gpufit_call *call;
  if (!symbol) fail(dlerror());
  *(void **)&call = symbol;
  run_both(s, call);
}
