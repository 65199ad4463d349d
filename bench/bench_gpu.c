/* SPDX-License-Identifier: MIT
 * A GPU against the processor: bits, accuracy, times with transfers, and where
 * there is no GPU the same on PoCL, to try the program. bench/gpu.sh writes the report. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Bits and accuracy ----------------------------------------------------- */

typedef struct fits {
  int n_rows;
  float *values;        /* [n_rows][n] */
  unsigned char *codes; /* [2][n]: outcome, bounds */
} fits;

static tt1_device *open_named(const settings *s, const char *name)
{
  tt1_error err;
  tt1_device *device;
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.isa = strcmp(name, "cpu") ? NULL : s->isa;
  if (tt1_device_open(&device, name, &options, &err)) fail(err.message);
  return device;
}

/* One row per known quantity: what the shipped models can be tried with. */
static const double *values_of(const char *name)
{
  static const double TI[8] = {0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12};
  static const double TE[8] = {0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.11, 0.15};
  static const double TR[8] = {1.5, 1.6, 2.5, 2.6, 3.5, 3.6, 4.5, 5.5};
  static const double FA[8] = {2, 4, 6, 8, 10, 12, 15, 20};
  return name[0] == 'F' || name[0] == 'a' ? FA
         : !strcmp(name, "TR")            ? TR
         : strstr(name, "E")              ? TE
                                          : TI;
}

static tt1_plan *try_plan(tt1_device *device, const tt1_model *model, tt1_solver solver,
                          tt1_precision precision)
{
  tt1_known_values known[8];
  tt1_plan *plan = NULL;
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  int n = 0;
  for (int q = 0; q < tt1_model_n_known(model); q++) {
    const tt1_known *k = tt1_model_known(model, q);
    if (k->scope == TT1_PER_VOXEL) continue;
    known[n++] =
        (tt1_known_values){k->name, values_of(k->name), k->scope == TT1_PER_SAMPLE ? 8 : 1};
  }
  tt1_design design = {8, n, known};
  options.solver = solver;
  options.precision = precision;
  options.max_iterations = solver == TT1_SOLVER_ADAM ? 200 : 0;
  options.sign = tt1_model_is_magnitude(model) ? TT1_SIGN_MAGNITUDE : TT1_SIGN_SIGNED;
  if (tt1_plan_create(&plan, device, model, &design, &options, NULL)) return NULL;
  return plan;
}

static int fit_all(tt1_plan *plan, const float *signal, int n, fits *out)
{
  tt1_output outputs[64];
  tt1_error err;
  tt1_series series = {.signal = signal, .n_voxels = n};
  int count = 0;
  while (count < 63 && tt1_plan_output_name(plan, count))
    count++;
  out->n_rows = count - 2;
  out->values = need((size_t)out->n_rows * (size_t)n * sizeof *out->values);
  out->codes = need(2 * (size_t)n);
  for (int i = 0; i < count; i++) {
    void *data = i < out->n_rows ? (void *)(out->values + (size_t)i * (size_t)n)
                                 : (void *)(out->codes + (i - out->n_rows) * n);
    outputs[i] = (tt1_output){tt1_plan_output_name(plan, i),
                              i < out->n_rows ? TT1_FLOAT32 : TT1_UINT8, data};
  }
  return tt1_plan_run(plan, &series, NULL, outputs, count, NULL, NULL, &err) == TT1_OK;
}

static void free_fits(fits *f)
{
  free(f->values);
  free(f->codes);
}

/* Voxels in which any bit of any result differs. */
static int count_different(const fits *a, const fits *b, int n)
{
  int different = 0;
  for (int v = 0; v < n; v++) {
    int same = a->codes[v] == b->codes[v] && a->codes[n + v] == b->codes[n + v];
    for (int r = 0; r < a->n_rows && same; r++)
      same = !memcmp(&a->values[(size_t)r * (size_t)n + (size_t)v],
                     &b->values[(size_t)r * (size_t)n + (size_t)v], sizeof(float));
    different += !same;
  }
  return different;
}

/* Median of |a / b - 1| of the first parameter, over the voxels that converged in both. */
static double median_apart(const fits *a, const fits *b, int n)
{
  double *apart = need((size_t)n * sizeof *apart);
  int used = 0;
  for (int v = 0; v < n; v++)
    if (a->codes[v] == TT1_CONVERGED && b->codes[v] == TT1_CONVERGED && fabsf(b->values[v]) > 0)
      apart[used++] = fabs((double)a->values[v] / (double)b->values[v] - 1);
  double result = used ? median(apart, used) : (double)NAN;
  free(apart);
  return result;
}

static void compare_one(const settings *s, const tt1_model *model, tt1_solver solver,
                        const float *signal, int n)
{
  tt1_device *devices[3] = {open_named(s, s->device), open_named(s, "cpu"), open_named(s, "cpu")};
  tt1_plan *plans[3];
  fits results[3] = {{0}};
  int works = 1;
  for (int i = 0; i < 3; i++) {
    plans[i] = try_plan(devices[i], model, solver, i == 2 ? TT1_DOUBLE : TT1_FLOAT);
    works = works && plans[i] && fit_all(plans[i], signal, n, &results[i]);
  }
  if (works)
    printf("bits %s %s %d of %d voxels differ; double %.3g\n", tt1_model_name(model),
           tt1_solver_name(solver), count_different(&results[0], &results[1], n), n,
           median_apart(&results[0], &results[2], n));
  else
    printf("bits %s %s not compared\n", tt1_model_name(model), tt1_solver_name(solver));
  fflush(stdout);
  for (int i = 0; i < 3; i++) {
    free_fits(&results[i]);
    tt1_plan_free(plans[i]);
    tt1_device_free(devices[i]);
  }
}

void measure_bits(const settings *s)
{
  enum { VOXELS = 1024 };
  static const tt1_solver SOLVERS[] = {TT1_SOLVER_VARPRO, TT1_SOLVER_LM, TT1_SOLVER_ADAM};
  float *signal = need((size_t)VOXELS * 8 * sizeof *signal);
  simulate_voxels(TISSUE, MOLLI_533, 8, VOXELS, 0, signal);
  for (int m = 0; tt1_builtin_name(m); m++) {
    tt1_model *model;
    if (s->model && strcmp(s->model, tt1_builtin_name(m)) != 0) continue;
    if (tt1_model_builtin(&model, tt1_builtin_name(m), NULL))
      fail("a shipped model does not compile");
    int is_per_voxel = 0;
    for (int q = 0; q < tt1_model_n_known(model); q++)
      is_per_voxel |= tt1_model_known(model, q)->scope == TT1_PER_VOXEL &&
                      !tt1_model_known(model, q)->has_nominal;
    for (int i = 0; i < 3 && !is_per_voxel; i++)
      compare_one(s, model, SOLVERS[i], signal, VOXELS);
    tt1_model_free(model);
  }
  free(signal);
}

/* ---- Times ----------------------------------------------------------------- */

/* Fits per second and the time of one run, transfers included: from and to plain memory. */
static double time_device(const settings *s, const char *name, int n, tt1_solver solver,
                          int iterations, int runs, double *first)
{
  float *signal = need((size_t)n * 8 * sizeof *signal);
  double times[MAX_RUNS];
  maps m = make_maps((size_t)n);
  tt1_device *device = open_named(s, name);
  tt1_model *model = open_molli(0);
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  options.solver = solver;
  options.max_iterations = iterations;
  if (solver == TT1_SOLVER_ADAM) options.start = TT1_START_FIXED;
  int tile = n < MANY_VOXELS ? n : MANY_VOXELS; // simulated once, then repeated
  float *few = need((size_t)tile * 8 * sizeof *few);
  simulate_voxels(TISSUE, MOLLI_533, 8, tile, 0, few);
  for (int j = 0; j < 8; j++)
    for (int v = 0; v < n; v++)
      signal[(size_t)j * (size_t)n + (size_t)v] = few[j * tile + v % tile];
  tt1_plan *plan = make_plan(device, model, MOLLI_533, 8, options);
  *first = time_fit(plan, signal, n, &m);
  for (int i = 0; i < runs; i++)
    times[i] = time_fit(plan, signal, n, &m);
  double time = median(times, runs);
  tt1_plan_free(plan);
  tt1_model_free(model);
  tt1_device_free(device);
  free_maps(&m);
  free(few);
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
