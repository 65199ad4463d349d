/* SPDX-License-Identifier: MIT
 * Speed and accuracy of the solvers on simulated MOLLI voxels.
 *
 *   bench [--isa NAME] [--quick]
 *
 * Times are medians of several runs, with standard deviations and outcome asked
 * for. "optimum" is the share of voxels whose cost, in double from the returned
 * parameters, is within 1e-4 relative plus 1e-9 of the energy of the brute force
 * minimum of molli_reference.c. bench/README.md tells how to read it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "molli_reference.h"
#include "torcht1.h"

enum { VOXELS = 65536, RUNS = 7 };

typedef struct maps {
  float *C, *k, *T1s, *T1, *T1_sd;
  uint8_t *outcome;
} maps;

static void fail(const tt1_error *err)
{
  fprintf(stderr, "bench: %s\n", err->message);
  exit(1);
}

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static maps make_maps(size_t n)
{
  return (maps){malloc(4 * n), malloc(4 * n), malloc(4 * n),
                malloc(4 * n), malloc(4 * n), malloc(n)};
}

static void free_maps(maps *m)
{
  free(m->C);
  free(m->k);
  free(m->T1s);
  free(m->T1);
  free(m->T1_sd);
  free(m->outcome);
}

/* Fit `runs` times; returns the median time in s. */
static double time_fit(tt1_plan *plan, const float *signal, int64_t n, maps *m, int runs)
{
  tt1_error err;
  double times[64];
  tt1_series series = {.signal = signal, .n_voxels = n};
  tt1_output outputs[] = {{"C", TT1_FLOAT32, m->C},         {"k", TT1_FLOAT32, m->k},
                          {"T1s", TT1_FLOAT32, m->T1s},     {"T1", TT1_FLOAT32, m->T1},
                          {"T1_sd", TT1_FLOAT32, m->T1_sd}, {"outcome", TT1_UINT8, m->outcome}};
  for (int i = 0; i < runs; i++) {
    double begin = seconds();
    if (tt1_plan_run(plan, &series, NULL, outputs, 6, NULL, NULL, &err)) fail(&err);
    times[i] = seconds() - begin;
  }
  qsort(times, (size_t)runs, sizeof *times, ascending);
  return times[runs / 2];
}

static tt1_plan *make_plan(tt1_device *device, const tt1_model *model, const double *times, int n,
                           tt1_plan_options options)
{
  tt1_error err;
  tt1_plan *plan;
  tt1_known_values known = {"TI", times, n};
  tt1_design design = {n, 1, &known};
  options.sign = TT1_SIGN_MAGNITUDE;
  if (tt1_plan_create(&plan, device, model, &design, &options, &err)) fail(&err);
  return plan;
}

/* Share of voxels at the optimum, and how far T1 is from it there. */
static void compare(const float *signal, const double *times, int n_times, int n,
                    const molli_optimum *best, const maps *m)
{
  int hit = 0, bound = 0;
  double *miss = malloc((size_t)n * sizeof *miss);
  for (int v = 0; v < n; v++) {
    double y[16], energy = 0;
    for (int j = 0; j < n_times; j++) {
      y[j] = (double)signal[j * n + v];
      energy += y[j] * y[j];
    }
    double cost =
        molli_cost(y, times, n_times, (double)m->C[v], (double)m->k[v], (double)m->T1s[v]);
    bound += m->outcome[v] == TT1_AT_BOUND;
    if (cost <= best[v].cost * (1 + 1e-4) + 1e-9 * energy)
      miss[hit++] = 1e3 * fabs((double)m->T1[v] - (best[v].k - 1) * best[v].T1s);
  }
  qsort(miss, (size_t)hit, sizeof *miss, ascending);
  printf("optimum %.4f %% (%d missed), |dT1| median %.1e, 99.9 %% %.1e ms, at a bound %.1f %%",
         100.0 * hit / n, n - hit, hit ? miss[hit / 2] : 0, hit ? miss[(int)(hit * 0.999)] : 0,
         100.0 * bound / n);
  free(miss);
}

static void measure_optimum(tt1_device *device, const tt1_model *model, int n)
{
  static const char *const NAMES[] = {"tissue", "stress", "noise"};
  static const tt1_solver SOLVERS[] = {TT1_SOLVER_VARPRO, TT1_SOLVER_LM};
  float *signal = malloc((size_t)n * 9 * sizeof *signal);
  molli_optimum *best = malloc((size_t)n * sizeof *best);
  maps m = make_maps((size_t)n);
  for (int scheme = 0; scheme < 2; scheme++)
    for (int set = TISSUE; set <= NOISE; set++) {
      const double *times = scheme ? MOLLI_432 : MOLLI_533;
      int n_times = scheme ? 9 : 8;
      simulate_voxels((voxel_set)set, times, n_times, n, (uint64_t)set, signal);
      for (int v = 0; v < n; v++) {
        double y[16];
        for (int j = 0; j < n_times; j++)
          y[j] = (double)signal[j * n + v];
        best[v] = molli_brute_force(y, times, n_times);
      }
      for (int s = 0; s < 2; s++) {
        tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
        options.solver = SOLVERS[s];
        tt1_plan *plan = make_plan(device, model, times, n_times, options);
        double time = time_fit(plan, signal, n, &m, s ? 3 : RUNS);
        printf("%s %-6s %-6s %6.2f M fits/s, ", scheme ? "4(1)3(1)2" : "5(3)3    ", NAMES[set],
               tt1_solver_name(SOLVERS[s]), n / time / 1e6);
        compare(signal, times, n_times, n, best, &m);
        printf("\n");
        fflush(stdout);
        tt1_plan_free(plan);
      }
    }
  free(signal);
  free(best);
  free_maps(&m);
}

static tt1_device *open_device(const char *isa, int threads)
{
  tt1_error err;
  tt1_device *device;
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.isa = isa;
  options.threads = threads;
  if (tt1_device_open(&device, "cpu", &options, &err)) fail(&err);
  return device;
}

static void measure_threads(const tt1_model *model, const char *isa)
{
  enum { MANY = 1 << 20 };
  float *signal = malloc((size_t)MANY * 8 * sizeof *signal);
  maps m = make_maps(MANY);
  double time[3] = {0}, ratios[5];
  simulate_voxels(TISSUE, MOLLI_533, 8, MANY, 0, signal);
  for (int round = 0; round < 5; round++) {
    for (int threads = 1; threads <= 2; threads++) {
      tt1_device *device = open_device(isa, threads);
      tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
      tt1_plan *plan = make_plan(device, model, MOLLI_533, 8, options);
      time[threads] = time_fit(plan, signal, MANY, &m, 3);
      tt1_plan_free(plan);
      tt1_device_free(device);
    }
    ratios[round] = time[1] / time[2];
  }
  qsort(ratios, 5, sizeof *ratios, ascending);
  printf("1 M voxels: two threads %.2f times one (median of 5 pairs)\n", ratios[2]);
  free(signal);
  free_maps(&m);
}

static void measure_adam(const tt1_model *model, const char *isa)
{
  float *signal = malloc((size_t)VOXELS * 8 * sizeof *signal);
  maps m = make_maps(VOXELS);
  tt1_device *device = open_device(isa, 2);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = TT1_SOLVER_ADAM;
  options.start = TT1_START_FIXED;
  simulate_voxels(TISSUE, MOLLI_533, 8, VOXELS, 0, signal);
  tt1_plan *plan = make_plan(device, model, MOLLI_533, 8, options);
  double time = time_fit(plan, signal, VOXELS, &m, 3);
  printf("adam, 10000 iterations of 65536 voxels, two threads: %.2f s\n", time);
  tt1_plan_free(plan);
  tt1_device_free(device);
  free(signal);
  free_maps(&m);
}

int main(int argc, char **argv)
{
  const char *isa = NULL;
  int quick = 0;
  tt1_error err;
  tt1_model *model;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--quick"))
      quick = 1;
    else if (!strcmp(argv[i], "--isa") && i + 1 < argc)
      isa = argv[++i];
    else
      return fprintf(stderr, "usage: bench [--isa NAME] [--quick]\n"), 2;
  }
  if (tt1_model_builtin(&model, "molli", &err)) fail(&err);
  tt1_device *device = open_device(isa, 1);
  printf("torcht1 %s, %s, one thread unless said\n", tt1_version(), tt1_device_isa(device));
  measure_optimum(device, model, quick ? 8192 : VOXELS);
  tt1_device_free(device);
  if (!quick) {
    measure_threads(model, isa);
    measure_adam(model, isa);
  }
  tt1_model_free(model);
  return 0;
}
