/* SPDX-License-Identifier: MIT
 * The solvers of the library on every case, and how Adam goes down. Times are
 * of making the plan and running it, data in memory, as for all methods. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paper.h"
#include "tt1_network.h"

/* A device and the model, for all cases. */
typedef struct fitter {
  tt1_device *device;
  tt1_model *model;
  tt1_plan_options options;
} fitter;

static fitter open_fitter(const char *device, int threads)
{
  fitter f = {.options = TT1_PLAN_OPTIONS_INIT};
  tt1_error error = {0};
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.threads = threads;
  check(tt1_device_open(&f.device, device, &options, &error), &error);
  check(tt1_model_builtin(&f.model, "molli", &error), &error);
  return f;
}

static void close_fitter(fitter *f)
{
  tt1_model_free(f->model);
  tt1_device_free(f->device);
}

/* Fit `signal`; returns the seconds. `found` [4][n]: C, k, T1s, SD of T1. */
static double fit(const fitter *f, const sequence *s, const float *signal, float *found,
                  uint8_t *outcome)
{
  tt1_error error = {0};
  tt1_plan *plan = NULL;
  int64_t n = s->n_voxels;
  const tt1_known_values TI = {.name = "TI", .values = s->times, .count = s->n_images};
  const tt1_design design = {s->n_images, 1, &TI};
  const tt1_output outputs[] = {{"C", TT1_FLOAT32, found},
                                {"k", TT1_FLOAT32, found + n},
                                {"T1s", TT1_FLOAT32, found + 2 * n},
                                {"T1_sd", TT1_FLOAT32, found + 3 * n},
                                {"outcome", TT1_UINT8, outcome}};
  const tt1_series series = {.signal = signal, .n_voxels = n};
  double began = clock_seconds();
  check(tt1_plan_create(&plan, f->device, f->model, &design, &f->options, &error), &error);
  check(tt1_plan_run(plan, &series, NULL, outputs, 5, NULL, NULL, &error), &error);
  double seconds = clock_seconds() - began;
  tt1_plan_free(plan);
  return seconds;
}

/* Once, if that is long enough to be told apart from chance, else the median of several. */
static double median_time(const fitter *f, const sequence *s, const float *signal, float *found,
                          uint8_t *outcome)
{
  enum { TIMES = 9 };
  double seconds[TIMES] = {fit(f, s, signal, found, outcome)};
  if (seconds[0] > 1.0) return seconds[0];
  for (int i = 1; i < TIMES; i++)
    seconds[i] = fit(f, s, signal, found, outcome);
  return tt1_quantile(seconds, TIMES, 0.5);
}

static void fit_case(const fitter *f, const paper_case *c, const char *name, const float *signal)
{
  size_t n = (size_t)c->s.n_voxels;
  char file_name[80], note[160];
  float *found = take_memory(4 * n, sizeof *found);
  uint8_t *outcome = take_memory(n, 1);
  double seconds = median_time(f, &c->s, signal, found, outcome);
  snprintf(note, sizeof note, "torcht1 %s on %s %s", tt1_version(), tt1_device_name(f->device),
           tt1_device_isa(f->device));
  write_answer(&c->s, name, found, seconds, c->s.n_voxels, tt1_device_threads(f->device), note);
  snprintf(file_name, sizeof file_name, "%.60s.sd.f32", name);
  write_floats(&c->s, file_name, found + 3 * n, n);
  free(found);
  free(outcome);
}

/* The network gives T1 alone: C is no number, and (k - 1) T1s is T1. */
static void predict_case(const tt1_network *network, const paper_case *c, int threads)
{
  tt1_error error = {0};
  size_t n = (size_t)c->s.n_voxels;
  float *found = take_memory(3 * n, sizeof *found);
  uint8_t *outcome = take_memory(n, 1);
  const tt1_network_input input = {.signal = c->s.signal,
                                   .times = c->s.times,
                                   .n_images = c->s.n_images,
                                   .n_voxels = c->s.n_voxels};
  double began = clock_seconds();
  check(tt1_network_predict(network, &input, found + 2 * n, outcome, threads, NULL, NULL, &error),
        &error);
  double seconds = clock_seconds() - began;
  for (size_t v = 0; v < n; v++) {
    found[v] = NAN;
    found[n + v] = 2.0F;
  }
  write_answer(&c->s, "network", found, seconds, c->s.n_voxels, threads, "MyoMapNet");
  free(found);
  free(outcome);
}

static void predict_all(const cohort *c, const char *weights, int threads)
{
  tt1_error error = {0};
  tt1_network *network = NULL;
  check(tt1_network_load(&network, weights, &error), &error);
  for (int i = 0; i < c->n_cases; i++)
    if (c->cases[i].s.n_images >= tt1_network_n_images(network))
      predict_case(network, &c->cases[i], threads);
  tt1_network_free(network);
}

static tt1_solver solver_of(const char *name)
{
  for (int i = 1; tt1_solver_name((tt1_solver)i); i++)
    if (strcmp(tt1_solver_name((tt1_solver)i), name) == 0) return (tt1_solver)i;
  stop("'%s' is no solver of torcht1", name);
}

static fitter fitter_of(const char *solver, const fit_request *request)
{
  fitter f = open_fitter(request->device, request->threads);
  f.options.solver = solver_of(solver);
  int is_adam = f.options.solver == TT1_SOLVER_ADAM,
      is_simplex = f.options.solver == TT1_SOLVER_NELDER_MEAD;
  if (is_adam || is_simplex) f.options.start = TT1_START_FIXED; // the paper's one start
  if (is_adam) f.options.max_iterations = request->most;
  if (is_simplex) f.options.precision = TT1_DOUBLE;
  return f;
}

static void fit_signed(fitter *f, const cohort *c)
{
  f->options.sign = TT1_SIGN_SIGNED;
  for (int i = 0; i < c->n_cases; i++)
    if (c->cases[i].has_signed)
      fit_case(f, &c->cases[i], "varpro-signed", c->cases[i].signed_signal);
}

void fit_ours(const cohort *c, const char *solver, const fit_request *request)
{
  char name[40];
  if (strcmp(solver, "network") == 0) {
    predict_all(c, request->weights, request->threads);
    return;
  }
  fitter f = fitter_of(solver, request);
  int is_gpu = strcmp(tt1_device_name(f.device), "cpu") != 0;
  snprintf(name, sizeof name, "%.30s%s", solver, is_gpu ? "-gpu" : "");
  for (int i = 0; i < c->n_cases; i++)
    fit_case(&f, &c->cases[i], name, c->cases[i].s.signal);
  if (f.options.solver == TT1_SOLVER_VARPRO && !is_gpu) fit_signed(&f, c);
  close_fitter(&f);
}

/* ---- Adam ---- */

/* The first voxels that are judged, as a sequence of their own. */
static sequence part_of(const paper_case *c, int64_t n)
{
  sequence part = c->s;
  part.n_voxels = n < n_judged(c) ? n : n_judged(c);
  part.signal = take_memory((size_t)part.n_voxels * (size_t)part.n_images, sizeof *part.signal);
  for (int i = 0; i < part.n_images; i++)
    memcpy(part.signal + i * part.n_voxels, c->s.signal + i * c->s.n_voxels,
           (size_t)part.n_voxels * sizeof *part.signal);
  return part;
}

/* Which share of the voxels is at the optimum, and has its T1 to 1 ms. */
static void write_progress(FILE *file, const paper_case *c, const sequence *part,
                           const float *found, double rate, int iterations)
{
  molli_optimum *best = read_optima(c);
  int64_t n = part->n_voxels, n_optimum = 0, n_close = 0;
  for (int64_t v = 0; v < n; v++) {
    double T1 = ((double)found[n + v] - 1.0) * (double)found[2 * n + v];
    n_optimum += is_at_optimum(c, v, (double)found[v], (double)found[n + v],
                               (double)found[2 * n + v], &best[v]);
    n_close += fabs(T1 - (best[v].k - 1.0) * best[v].T1s) < 1e-3;
  }
  fprintf(file, "%d %.0e %d %.5f %.5f\n", c->is_post, rate, iterations,
          (double)n_optimum / (double)n, (double)n_close / (double)n);
  free(best);
}

void follow_adam(const cohort *c, const fit_request *request)
{
  enum { VOXELS = 2048 };
  static const double rates[] = {1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1};
  sequence top = {.n_images = 0};
  snprintf(top.folder, sizeof top.folder, "%s", c->folder);
  FILE *file = open_in(&top, "adam.txt", "w");
  fitter f = open_fitter("cpu", request->threads);
  f.options.solver = TT1_SOLVER_ADAM;
  f.options.start = TT1_START_FIXED;
  uint8_t *outcome = take_memory(VOXELS, 1);
  float *found = take_memory(4 * VOXELS, sizeof *found);
  for (int is_post = 0; is_post < 2; is_post++) {
    const paper_case *first = first_case(c, is_post);
    if (!first) continue;
    sequence part = part_of(first, VOXELS);
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
      for (int iterations = 25; iterations <= 2 * request->most; iterations = iterations * 8 / 5) {
        f.options.learning_rate = rates[r];
        f.options.max_iterations = iterations;
        fit(&f, &part, part.signal, found, outcome);
        write_progress(file, first, &part, found, rates[r], iterations);
      }
    free(part.signal);
  }
  if (fclose(file) != 0) stop("%s/adam.txt cannot be written", c->folder);
  close_fitter(&f);
  free(outcome);
  free(found);
}
