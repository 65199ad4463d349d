/* SPDX-License-Identifier: MIT
 * Accuracy: the share of voxels at the optimum that brute force finds, float
 * against double, and voxels with their optimum for other programs to fit. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const SETS[] = {"tissue", "stress", "noise"};

double sample_of(const float *signal, int n_times, int n, int v, double *y)
{
  double energy = 0;
  for (int j = 0; j < n_times; j++) {
    y[j] = (double)signal[(int64_t)j * n + v];
    energy += y[j] * y[j];
  }
  return energy;
}

static void brute_force(const float *signal, const double *times, int n_times, int n,
                        molli_optimum *best)
{
  double y[MAX_IMAGES];
  for (int v = 0; v < n; v++) {
    sample_of(signal, n_times, n, v, y);
    best[v] = molli_brute_force(y, times, n_times);
  }
}

/* A hit is a cost, in double from the parameters returned, within 1e-4 of the least plus 1e-9 of the
 * energy of the signal. */
static void compare(const char *name, const float *signal, const double *times, int n_times, int n,
                    const molli_optimum *best, int lists_misses, const maps *m)
{
  int hits = 0, at_bound = 0, good = 0;
  double y[MAX_IMAGES], *miss = reserve((size_t)n * sizeof *miss);
  char text[64];
  for (int v = 0; v < n; v++) {
    double energy = sample_of(signal, n_times, n, v, y);
    double cost =
        molli_cost(y, times, n_times, (double)m->C[v], (double)m->k[v], (double)m->T1s[v]);
    double T1 = (best[v].k - 1) * best[v].T1s;
    at_bound += m->outcome[v] == TT1_AT_BOUND;
    good += m->outcome[v] == TT1_CONVERGED || m->outcome[v] == TT1_AT_BOUND;
    if (cost <= best[v].cost * (1 + 1e-4) + 1e-9 * energy)
      miss[hits++] = 1e3 * fabs((double)m->T1[v] - T1);
    else if (lists_misses)
      printf("# %s missed voxel %d: cost %.5f times the least, T1 %.3f s, best %.3f s, %s\n", name,
             v, cost / best[v].cost, (double)m->T1[v], T1,
             tt1_outcome_name((tt1_outcome)m->outcome[v]));
  }
  snprintf(text, sizeof text, "%s_optimum", name);
  figure(text, 100.0 * hits / n, "%");
  snprintf(text, sizeof text, "%s_missed", name);
  figure(text, n - hits, "voxels");
  snprintf(text, sizeof text, "%s_dT1_median", name);
  figure(text, median(miss, hits), "ms");
  snprintf(text, sizeof text, "%s_dT1_999", name);
  figure(text, quantile(miss, hits, 0.999), "ms");
  snprintf(text, sizeof text, "%s_at_bound", name);
  figure(text, 100.0 * at_bound / n, "%");
  snprintf(text, sizeof text, "%s_converged", name);
  figure(text, 100.0 * good / n, "%");
  free(miss);
}

static void fit_and_compare(tt1_device *device, const tt1_model *model, tt1_solver solver,
                            const char *name, const float *signal, const double *times, int n_times,
                            int n, const molli_optimum *best, int lists_misses)
{
  maps m = make_maps((size_t)n);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = solver;
  tt1_plan *plan = make_plan(device, model, times, n_times, options);
  time_fit(plan, signal, n, &m);
  compare(name, signal, times, n_times, n, best, lists_misses, &m);
  tt1_plan_free(plan);
  free_maps(&m);
}

void measure_optimum(const settings *s)
{
  int n = s->voxels;
  float *signal = reserve((size_t)n * 9 * sizeof *signal);
  molli_optimum *best = reserve((size_t)n * sizeof *best);
  tt1_device *device = open_device(s->isa, 1);
  tt1_model *model = open_molli(0);
  for (int scheme = 0; scheme < 2; scheme++)
    for (int set = TISSUE; set <= NOISE; set++) {
      const double *times = scheme ? MOLLI_432 : MOLLI_533;
      int n_times = scheme ? 9 : 8;
      simulate_voxels((voxel_set)set, times, n_times, n, (uint64_t)set, signal);
      brute_force(signal, times, n_times, n, best);
      for (int solver = TT1_SOLVER_VARPRO; solver <= TT1_SOLVER_LM; solver++) {
        char name[32];
        snprintf(name, sizeof name, "%s_%s_%s", scheme ? "432" : "533", SETS[set],
                 tt1_solver_name((tt1_solver)solver));
        fit_and_compare(device, model, (tt1_solver)solver, name, signal, times, n_times, n, best,
                        set == STRESS);
      }
    }
  tt1_model_free(model);
  tt1_device_free(device);
  free(best);
  free(signal);
}

/* The same solver in float and in double: what rounding alone does. */
void measure_precision(const settings *s)
{
  int n = s->voxels;
  float *signal = reserve((size_t)n * 8 * sizeof *signal);
  double *apart = reserve((size_t)n * sizeof *apart);
  maps single = make_maps((size_t)n), reference = make_maps((size_t)n);
  tt1_device *device = open_device(s->isa, 1);
  tt1_model *model = open_molli(0);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT, in_double = TT1_PLAN_OPTIONS_INIT;
  in_double.precision = TT1_DOUBLE;
  simulate_voxels(TISSUE, MOLLI_533, 8, n, 0, signal);
  tt1_plan *fast = make_plan(device, model, MOLLI_533, 8, options);
  tt1_plan *slow = make_plan(device, model, MOLLI_533, 8, in_double);
  time_fit(fast, signal, n, &single);
  double time = time_fit(slow, signal, n, &reference);
  for (int v = 0; v < n; v++)
    apart[v] = 1e3 * fabs((double)single.T1[v] - (double)reference.T1[v]);
  figure("float_double_dT1_median", median(apart, n), "ms");
  figure("float_double_dT1_999", quantile(apart, n, 0.999), "ms");
  figure("varpro_double", 1e-6 * n / time, "M/s");
  tt1_plan_free(fast);
  tt1_plan_free(slow);
  tt1_model_free(model);
  tt1_device_free(device);
  free_maps(&single);
  free_maps(&reference);
  free(apart);
  free(signal);
}

static void write_file(const char *prefix, const char *suffix, const void *data, size_t bytes)
{
  char path[4096];
  snprintf(path, sizeof path, "%s%s", prefix, suffix);
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(data, 1, bytes, file) != bytes || fclose(file) != 0) {
    perror(path);
    fail("cannot write");
  }
}

/* PREFIX.signal: float32 [8][voxels]; PREFIX.optimum: float64 [voxels][4], C k T1s cost. */
void export_voxels(const settings *s)
{
  int n = s->voxels;
  float *signal = reserve((size_t)n * 8 * sizeof *signal);
  molli_optimum *best = reserve((size_t)n * sizeof *best);
  if (!s->output) fail("export needs --output PREFIX");
  simulate_voxels(TISSUE, MOLLI_533, 8, n, 0, signal);
  brute_force(signal, MOLLI_533, 8, n, best);
  write_file(s->output, ".signal", signal, (size_t)n * 8 * sizeof *signal);
  write_file(s->output, ".optimum", best, (size_t)n * sizeof *best);
  free(best);
  free(signal);
}

void load_optimum(const settings *s, const float *signal, molli_optimum *best)
{
  char path[4096];
  snprintf(path, sizeof path, "%s.optimum", s->output ? s->output : "");
  FILE *file = s->output ? fopen(path, "rb") : NULL;
  if (!file) {
    brute_force(signal, MOLLI_533, 8, s->voxels, best);
    return;
  }
  if (fread(best, sizeof *best, (size_t)s->voxels, file) != (size_t)s->voxels)
    fail("the file of optima holds other voxels");
  fclose(file);
}

/* PREFIX.signal as above, and what 2,000 iterations of adam from the fixed start make of it:
 * PREFIX.adam, float32 [C, k, T1s][voxels]. */
void export_adam(const settings *s)
{
  if (!s->output) fail("export-adam needs --output PREFIX");
  size_t n = (size_t)s->voxels, bytes = n * sizeof(float);
  float *signal = reserve(8 * bytes), *parameters = reserve(3 * bytes);
  maps m = make_maps(n);
  tt1_device *device = open_device(s->isa, 1);
  tt1_model *model = open_molli(0);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = TT1_SOLVER_ADAM;
  options.start = TT1_START_FIXED;
  options.max_iterations = 2000;
  simulate_voxels(TISSUE, MOLLI_533, 8, s->voxels, 0, signal);
  tt1_plan *plan = make_plan(device, model, MOLLI_533, 8, options);
  time_fit(plan, signal, s->voxels, &m);
  memcpy(parameters, m.C, bytes);
  memcpy(parameters + n, m.k, bytes);
  memcpy(parameters + 2 * n, m.T1s, bytes);
  write_file(s->output, ".signal", signal, 8 * bytes);
  write_file(s->output, ".adam", parameters, 3 * bytes);
  tt1_plan_free(plan);
  tt1_model_free(model);
  tt1_device_free(device);
  free_maps(&m);
  free(parameters);
  free(signal);
}
