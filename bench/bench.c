/* SPDX-License-Identifier: MIT
 * Speed and accuracy of the solvers on simulated MOLLI voxels.
 *
 *   bench [--isa NAME] [--voxels N] [--output PREFIX] [--device NAME] [--model NAME]
 *         [--many N] [--iterations N] [--rounds N] [--gpufit LIBRARY] [PART...]
 *
 * README.md beside this file tells what the parts measure and how to read them. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
  const char *name;
  void (*measure)(const settings *s);
  int is_default;
} PARTS[] = {{"speed", measure_speed, 1},
             {"threads", measure_threads, 1},
             {"varpro", measure_varpro, 0},
             {"adam", measure_adam, 1},
             {"nelder-mead", measure_nelder_mead, 0},
             {"optimum", measure_optimum, 1},
             {"precision", measure_precision, 1},
             {"bits", measure_bits, 0},
             {"gpu", measure_gpu, 0},
             {"gpu_first", measure_gpu_first, 0},
             {"gpu_many", measure_gpu_many, 0},
             {"gpu_adam", measure_gpu_adam, 0},
             {"gpu_cost", measure_gpu_cost, 0},
             {"gpu_kernel", measure_gpu_kernel, 0},
             {"gpu_kernel_many", measure_gpu_kernel_many, 0},
             {"gpu_ceilings", measure_gpu_ceilings, 0},
             {"gpufit", measure_gpufit, 0},
             {"coverage", measure_coverage, 0},
             {"sigma", measure_sigma, 0},
             {"moved", measure_moved, 0},
             {"floor", measure_floor, 0},
             {"losses", measure_losses, 0},
             {"export", export_voxels, 0},
             {"export-kernel", export_kernel, 0},
             {"export-adam", export_adam, 0}};
enum { N_PARTS = sizeof PARTS / sizeof *PARTS };

void fail(const char *message)
{
  fprintf(stderr, "bench: %s\n", message);
  exit(1);
}

void *reserve(size_t bytes)
{
  void *block = malloc(bytes);
  if (!block) fail("out of memory");
  return block;
}

maps make_maps(size_t n)
{
  maps m = {reserve(4 * n), reserve(4 * n), reserve(4 * n),
            reserve(4 * n), reserve(4 * n), reserve(n)};
  return m;
}

void free_maps(maps *m)
{
  free(m->C);
  free(m->k);
  free(m->T1s);
  free(m->T1);
  free(m->T1_sd);
  free(m->outcome);
}

/* The same text under another name is not the shipped model: the interpreter serves it. */
tt1_model *open_molli(int is_interpreted)
{
  tt1_error err;
  tt1_model *shipped, *own;
  if (tt1_model_builtin(&shipped, "molli", &err)) fail(err.message);
  if (!is_interpreted) return shipped;
  const char *text = strstr(tt1_model_text(shipped), "molli\n");
  if (!text) fail("molli does not begin with its name");
  size_t size = strlen(text) + 32;
  char *renamed = reserve(size);
  snprintf(renamed, size, "model interpreted_%s", text);
  if (tt1_model_compile(&own, renamed, &err)) fail(err.message);
  free(renamed);
  tt1_model_free(shipped);
  return own;
}

tt1_device *open_device(const char *isa, int threads)
{
  tt1_error err;
  tt1_device *device;
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.isa = isa;
  options.jit = TT1_JIT_OFF; // what is called interpreted is
  options.threads = threads;
  if (tt1_device_open(&device, "cpu", &options, &err)) fail(err.message);
  return device;
}

tt1_plan *make_plan(tt1_device *device, const tt1_model *model, const double *times, int n,
                    tt1_plan_options options)
{
  tt1_error err;
  tt1_plan *plan;
  tt1_known_values known = {.name = "TI", .values = times, .count = n};
  tt1_design design = {n, 1, &known};
  if (tt1_plan_create(&plan, device, model, &design, &options, &err)) fail(err.message);
  return plan;
}

double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double time_fit(tt1_plan *plan, const float *signal, int64_t n, maps *m)
{
  tt1_error err;
  tt1_series series = {.signal = signal, .n_voxels = n};
  tt1_output outputs[] = {{"C", TT1_FLOAT32, m->C},         {"k", TT1_FLOAT32, m->k},
                          {"T1s", TT1_FLOAT32, m->T1s},     {"T1", TT1_FLOAT32, m->T1},
                          {"T1_sd", TT1_FLOAT32, m->T1_sd}, {"outcome", TT1_UINT8, m->outcome}};
  double begin = seconds();
  if (tt1_plan_run(plan, &series, NULL, outputs, 6, NULL, NULL, &err)) fail(err.message);
  return seconds() - begin;
}

double time_run(void *payload)
{
  const plan_run *r = payload;
  return time_fit(r->plan, r->signal, r->n, r->maps);
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double quantile(double *values, int n, double share)
{
  if (n == 0) return 0;
  qsort(values, (size_t)n, sizeof *values, ascending);
  int at = (int)(share * n);
  return values[at < n ? at : n - 1];
}

double median(double *values, int n)
{
  return quantile(values, n, 0.5);
}

double steady_median(double (*time_once)(void *payload), void *payload, int least)
{
  enum { MOST = 1024 };
  double times[MOST], begin = seconds();
  int n = 0;
  do
    time_once(payload);
  while (seconds() - begin < 0.1);
  for (begin = seconds(); n < least || (n < MOST && seconds() - begin < 0.2); n++)
    times[n] = time_once(payload);
  return median(times, n);
}

void figure(const char *name, double value, const char *unit)
{
  printf("%-32s %.6g %s\n", name, value, unit);
  fflush(stdout);
}

static int usage(void)
{
  fprintf(
      stderr,
      "usage: bench [--isa NAME] [--voxels N] [--output PREFIX] [--device NAME] [--model NAME]\n"
      "             [--many N] [--iterations N] [--rounds N] [--gpufit LIBRARY] [PART...]\nparts:");
  for (int i = 0; i < N_PARTS; i++)
    fprintf(stderr, " %s", PARTS[i].name);
  fprintf(stderr, "\n");
  return 2;
}

static int find_part(const char *name)
{
  for (int i = 0; i < N_PARTS; i++)
    if (!strcmp(PARTS[i].name, name)) return i;
  return -1;
}

int main(int argc, char **argv)
{
  settings s = {
      .device = "cuda", .voxels = MANY_VOXELS, .many = 1 << 24, .iterations = 10000, .rounds = 256};
  int wanted[N_PARTS] = {0}, n_wanted = 0;
  for (int i = 1; i < argc; i++) {
    int part = find_part(argv[i]), has_value = i + 1 < argc;
    if (part >= 0)
      n_wanted += !wanted[part], wanted[part] = 1;
    else if (!strcmp(argv[i], "--isa") && has_value)
      s.isa = argv[++i];
    else if (!strcmp(argv[i], "--output") && has_value)
      s.output = argv[++i];
    else if (!strcmp(argv[i], "--model") && has_value)
      s.model = argv[++i];
    else if (!strcmp(argv[i], "--device") && has_value)
      s.device = argv[++i];
    else if (!strcmp(argv[i], "--many") && has_value)
      s.many = (int)strtol(argv[++i], NULL, 10);
    else if (!strcmp(argv[i], "--iterations") && has_value)
      s.iterations = (int)strtol(argv[++i], NULL, 10);
    else if (!strcmp(argv[i], "--rounds") && has_value)
      s.rounds = (int)strtol(argv[++i], NULL, 10);
    else if (!strcmp(argv[i], "--gpufit") && has_value)
      s.gpufit = argv[++i];
    else if (!strcmp(argv[i], "--voxels") && has_value)
      s.voxels = (int)strtol(argv[++i], NULL, 10);
    else
      return usage();
  }
  if (s.voxels < 1 || s.voxels > 1 << 24 || s.many < 1 || s.many > 1 << 27) return usage();
  if (s.iterations < 1 || s.iterations > 1000000 || s.rounds < 1) return usage();
  for (int i = 0; i < N_PARTS; i++)
    if (n_wanted ? wanted[i] : PARTS[i].is_default) PARTS[i].measure(&s);
  return 0;
}
