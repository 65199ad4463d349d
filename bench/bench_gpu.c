/* SPDX-License-Identifier: MIT
 * A GPU against the processor: times with transfers, and the time to reach the least
 * cost. Where there is no GPU the same on PoCL, to try the program. bench/gpu.sh
 * writes the report. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static tt1_device *open_named(const settings *s, const char *name)
{
  tt1_error err;
  tt1_device *device;
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.isa = strcmp(name, "cpu") ? NULL : s->isa;
  if (tt1_device_open(&device, name, &options, &err)) fail(err.message);
  return device;
}

/* ---- Times ----------------------------------------------------------------- */

float *repeat_tissue(int n)
{
  int tile = n < MANY_VOXELS ? n : MANY_VOXELS; // simulated once, then repeated
  float *few = reserve((size_t)tile * 8 * sizeof *few);
  float *signal = reserve((size_t)n * 8 * sizeof *signal);
  simulate_voxels(TISSUE, MOLLI_533, 8, tile, 0, few);
  for (int j = 0; j < 8; j++)
    for (int v = 0; v < n; v++)
      signal[(size_t)j * (size_t)n + (size_t)v] = few[j * tile + v % tile];
  free(few);
  return signal;
}

/* Median time of one run, transfers included: from and to plain memory. */
static double time_device(const settings *s, const char *name, int n, tt1_solver solver,
                          int iterations, int least, double *first)
{
  float *signal = repeat_tissue(n);
  maps m = make_maps((size_t)n);
  tt1_device *device = open_named(s, name);
  tt1_model *model = open_molli(0);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = solver;
  options.max_iterations = iterations;
  if (solver == TT1_SOLVER_ADAM) options.start = TT1_START_FIXED;
  tt1_plan *plan = make_plan(device, model, MOLLI_533, 8, options);
  plan_run r = {plan, signal, n, &m};
  *first = time_run(&r);
  double time = steady_median(time_run, &r, least);
  tt1_plan_free(plan);
  tt1_model_free(model);
  tt1_device_free(device);
  free_maps(&m);
  free(signal);
  return time;
}

void measure_gpu(const settings *s)
{
  double first;
  double time = time_device(s, s->device, s->voxels, TT1_SOLVER_AUTO, 0, RUNS, &first);
  figure("gpu_varpro", 1e3 * time, "ms");
  figure("gpu_first_run", 1e3 * (first - time), "ms");
  figure("gpu_varpro_rate", 1e-6 * s->voxels / time, "M/s");
  figure("cpu_varpro", 1e3 * time_device(s, "cpu", s->voxels, TT1_SOLVER_AUTO, 0, RUNS, &first),
         "ms");
}

/* From opening the device to the maps, once: what a short program waits for. */
void measure_gpu_first(const settings *s)
{
  double begin = seconds();
  float *signal = repeat_tissue(s->voxels);
  maps m = make_maps((size_t)s->voxels);
  tt1_device *device = open_named(s, s->device);
  tt1_model *model = open_molli(0);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  tt1_plan *plan = make_plan(device, model, MOLLI_533, 8, options);
  time_fit(plan, signal, s->voxels, &m);
  figure("gpu_first", 1e3 * (seconds() - begin), "ms");
  tt1_plan_free(plan);
  tt1_model_free(model);
  tt1_device_free(device);
  free_maps(&m);
  free(signal);
}

void measure_gpu_many(const settings *s)
{
  double first, time = time_device(s, s->device, s->many, TT1_SOLVER_AUTO, 0, 3, &first);
  figure("gpu_many_voxels", s->many, "voxels");
  figure("gpu_many_rate", 1e-6 * s->many / time, "M/s");
  figure("gpu_many_bandwidth", 1e-9 * s->many * (8 * 4 + 5 * 4 + 1) / time, "GB/s, to and fro");
}

void measure_gpu_adam(const settings *s)
{
  double first,
      time = time_device(s, s->device, s->voxels, TT1_SOLVER_ADAM, s->iterations, 3, &first);
  figure("gpu_adam_iterations", s->iterations, "");
  figure("gpu_adam", 1e3 * time, "ms");
}

/* ---- Time to the least cost ------------------------------------------------ */

/* Shares, in %, of the voxels whose cost is that of brute force to 1e-4, and of those whose T1 is
 * within 1 ms of its. */
typedef struct reached {
  double cost, T1;
} reached;

static reached look_at(const float *signal, int n, const molli_optimum *best, const maps *m)
{
  int cost_hits = 0, T1_hits = 0;
  for (int v = 0; v < n; v++) {
    double y[8];
    double energy = sample_of(signal, 8, n, v, y);
    double cost = molli_cost(y, MOLLI_533, 8, (double)m->C[v], (double)m->k[v], (double)m->T1s[v]);
    cost_hits += cost <= best[v].cost * (1 + 1e-4) + 1e-9 * energy;
    T1_hits += fabs((double)m->T1[v] - (best[v].k - 1) * best[v].T1s) <= 1e-3;
  }
  return (reached){100.0 * cost_hits / n, 100.0 * T1_hits / n};
}

typedef struct contender {
  const char *name;
  tt1_solver solver;
  tt1_start start;
} contender;

/* Run until 99 % of the voxels have the least cost; adam with more and more iterations. */
static void run_contender(const settings *s, tt1_device *device, const contender *c,
                          const float *signal, const molli_optimum *best, maps *m)
{
  enum { FIRST = 100 };
  const int is_adam = c->solver == TT1_SOLVER_ADAM, n = s->voxels;
  int iterations = is_adam ? FIRST : 0;
  reached share;
  double time;
  tt1_model *model = open_molli(0);
  for (;; iterations += iterations / 2) {
    tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
    options.solver = c->solver;
    options.start = c->start;
    options.max_iterations = iterations;
    tt1_plan *plan = make_plan(device, model, MOLLI_533, 8, options);
    plan_run r = {plan, signal, n, m};
    time = steady_median(time_run, &r, is_adam ? 1 : RUNS);
    share = look_at(signal, n, best, m);
    tt1_plan_free(plan);
    if (share.cost >= 99 || !is_adam || iterations + iterations / 2 > s->iterations) break;
  }
  printf("cost %s %.6g s; %d iterations; %.3f %% of costs, %.3f %% of T1\n", c->name, time,
         iterations, share.cost, share.T1);
  fflush(stdout);
  tt1_model_free(model);
}

void measure_gpu_cost(const settings *s)
{
  static const contender CONTENDERS[] = {{"varpro", TT1_SOLVER_VARPRO, TT1_START_GRID},
                                         {"lm", TT1_SOLVER_LM, TT1_START_GRID},
                                         {"adam", TT1_SOLVER_ADAM, TT1_START_GRID},
                                         {"adam-fixed", TT1_SOLVER_ADAM, TT1_START_FIXED}};
  int n = s->voxels;
  float *signal = reserve((size_t)n * 8 * sizeof *signal);
  molli_optimum *best = reserve((size_t)n * sizeof *best);
  maps m = make_maps((size_t)n);
  tt1_device *device = open_named(s, s->device);
  simulate_voxels(TISSUE, MOLLI_533, 8, n, 0, signal);
  load_optimum(s, signal, best);
  for (size_t i = 0; i < sizeof CONTENDERS / sizeof *CONTENDERS; i++)
    run_contender(s, device, &CONTENDERS[i], signal, best, &m);
  tt1_device_free(device);
  free_maps(&m);
  free(best);
  free(signal);
}
