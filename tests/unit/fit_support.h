/* SPDX-License-Identifier: MIT
 * What the tests of the fit room share: an acquisition and simulated voxels for
 * every shipped model, and a run that asks for every output. Nothing of cmocka,
 * so that hash_main.c can use it too: what cannot be set up ends the program. */
#ifndef FIT_SUPPORT_H
#define FIT_SUPPORT_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "torcht1.h"

#ifndef TT1_SOURCE_DIR
#  define TT1_SOURCE_DIR "."
#endif

enum { MAX_TIMES = 64, MOST_OUTPUTS = 36 };

static inline void need(int truth, const char *what, const char *why)
{
  if (truth) return;
  fprintf(stderr, "cannot go on: %s: %s\n", what, why);
  exit(1);
}

static inline void *space(size_t count, size_t size)
{
  void *block = calloc(count ? count : 1, size);
  need(block != NULL, "calloc", "out of memory");
  return block;
}

static inline tt1_model *shipped(const char *name)
{
  tt1_model *model = NULL;
  tt1_error err = {0};
  need(tt1_model_builtin(&model, name, &err) == TT1_OK, name, err.message);
  return model;
}

static inline tt1_model *from_text(const char *text)
{
  tt1_model *model = NULL;
  tt1_error err = {0};
  need(tt1_model_compile(&model, text, &err) == TT1_OK, text, err.message);
  return model;
}

static inline tt1_device *processor(const char *isa, int threads)
{
  tt1_device *device = NULL;
  tt1_error err = {0};
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.isa = isa;
  options.threads = threads;
  need(tt1_device_open(&device, "cpu", &options, &err) == TT1_OK, "device", err.message);
  return device;
}

static inline tt1_plan *planned(tt1_device *device, const tt1_model *model,
                                const tt1_design *design, const tt1_plan_options *options)
{
  tt1_plan *plan = NULL;
  tt1_error err = {0};
  need(tt1_plan_create(&plan, device, model, design, options, &err) == TT1_OK, "plan", err.message);
  return plan;
}

/* ---- Random numbers without the C library: the same everywhere ------------ */

/** A number in [0, 1) that depends on nothing but the seed. */
static inline double uniform(uint64_t *seed)
{
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) / 9007199254740992.0;
}

/** Close to normal: the sum of twelve. */
static inline double near_normal(uint64_t *seed)
{
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += uniform(seed);
  return sum;
}

/* ---- Acquisitions --------------------------------------------------------- */

/** A design with room for its values. Not to be moved once filled. */
typedef struct acquisition {
  tt1_design design;
  tt1_known_values known[8];
  double values[8][MAX_TIMES];
} acquisition;

/** What each known quantity of the shipped models is set to, `n` = 8 images. */
static inline void acquire(acquisition *a, const tt1_model *model)
{
  static const struct {
    const char *name;
    double values[8];
  } ROWS[] = {
      {"TI", {0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12}},
      {"TS", {0.12, 0.3, 0.5, 0.8, 1.2, 1.9, 2.8, 30}},
      {"TR", {1.5, 1.6, 2.5, 2.6, 3.5, 3.6, 4.5, 5.5}},
      {"TE", {0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.11, 0.15}},
  };
  memset(a, 0, sizeof *a);
  a->design = (tt1_design){8, tt1_model_n_known(model), a->known};
  for (int q = 0; q < a->design.n_known; q++) {
    const char *name = tt1_model_known(model, q)->name;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
      if (!strcmp(ROWS[i].name, name)) memcpy(a->values[q], ROWS[i].values, sizeof ROWS[i].values);
    a->known[q] = (tt1_known_values){name, a->values[q], 8};
    if (!strcmp(tt1_model_name(model), "irse") && !strcmp(name, "TE"))
      for (int j = 0; j < 8; j++)
        a->values[q][j] = 0.012;
  }
}

/** One known quantity per sample. */
static inline void acquire_times(acquisition *a, const char *name, const double *times, int n)
{
  memset(a, 0, sizeof *a);
  memcpy(a->values[0], times, (size_t)n * sizeof *times);
  a->known[0] = (tt1_known_values){name, a->values[0], n};
  a->design = (tt1_design){n, 1, a->known};
}

/** Parameters of tissue for a shipped model. */
static inline void draw_parameters(const tt1_model *model, uint64_t *seed, double *p)
{
  static const struct {
    const char *model, *name;
    double from, to;
    int of_first; /* in units of the first parameter */
  } ROWS[] = {
      {NULL, "C", 100, 1000, 0},       {NULL, "k", 1.6, 2, 0},   {NULL, "T1s", 0.25, 2.2, 0},
      {NULL, "A", 100, 1000, 0},       {"ir3", "B", 1.6, 2, 1},  {"sasha3", "B", 0.9, 1.05, 0},
      {"t2offset", "B", 0.05, 0.3, 1}, {NULL, "T1", 0.25, 2, 0}, {NULL, "c", 0.85, 0.98, 0},
      {NULL, "T2", 0.02, 0.08, 0},
  };
  for (int i = 0; i < tt1_model_n_parameters(model); i++) {
    const char *name = tt1_model_parameter(model, i)->name;
    int found = 0;
    double share = uniform(seed);
    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS && !found; r++) {
      found = !strcmp(ROWS[r].name, name) &&
              (!ROWS[r].model || !strcmp(ROWS[r].model, tt1_model_name(model)));
      if (found) p[i] = ROWS[r].from + share * (ROWS[r].to - ROWS[r].from);
      if (found && ROWS[r].of_first) p[i] *= p[0];
    }
    need(found, name, "no range to draw this parameter from: add a row");
  }
}

/** The model without its outer abs, to simulate signed data with. */
static inline tt1_model *without_abs(const tt1_model *model)
{
  const char *from = tt1_model_text(model);
  char *text = space(strlen(from) + 1, 1);
  memcpy(text, from, strlen(from));
  char *abs_at = strstr(text, "signal  abs(");
  if (abs_at) memcpy(abs_at, "signal     (", 12);
  tt1_model *copy = from_text(text);
  free(text);
  return copy;
}

/** The noise-free signal of one voxel at every sample. */
static inline void evaluate_voxel(const tt1_model *model, const acquisition *a, const double *p,
                                  double *y)
{
  for (int j = 0; j < a->design.n_samples; j++) {
    double x[8];
    for (int q = 0; q < a->design.n_known; q++)
      x[q] = a->known[q].values[a->known[q].count == 1 ? 0 : j];
    tt1_model_evaluate(model, p, x, &y[j], NULL, NULL);
  }
}

/* ---- Results -------------------------------------------------------------- */

/** Every output of a run: row o of `values`, and the two of codes behind. */
typedef struct results {
  int64_t n;
  int n_rows; /* of values */
  float *values;
  uint8_t *codes; /* [2][n] outcome, bounds */
} results;

static inline void free_results(results *r)
{
  free(r->values);
  free(r->codes);
  *r = (results){0};
}

/** Fit with every output asked for but "evaluations". Free with free_results(). */
static inline results run_series(tt1_plan *plan, const tt1_series *series, const uint8_t *mask)
{
  tt1_output outputs[MOST_OUTPUTS];
  tt1_error err = {0};
  int count = 0;
  int64_t n = series->n_voxels;
  results r = {.n = n};
  while (tt1_plan_output_name(plan, count) &&
         strcmp(tt1_plan_output_name(plan, count), "evaluations") != 0)
    count++;
  r.n_rows = count - 2;
  r.values = space((size_t)r.n_rows * (size_t)n, sizeof *r.values);
  r.codes = space(2 * (size_t)n, 1);
  for (int o = 0; o < count; o++) {
    void *data = o < r.n_rows ? (void *)(r.values + o * n) : (void *)(r.codes + (o - r.n_rows) * n);
    outputs[o] =
        (tt1_output){tt1_plan_output_name(plan, o), o < r.n_rows ? TT1_FLOAT32 : TT1_UINT8, data};
  }
  need(tt1_plan_run(plan, series, mask, outputs, count, NULL, NULL, &err) == TT1_OK, "run",
       err.message);
  return r;
}

static inline results run_all(tt1_plan *plan, const float *signal, int64_t n, const uint8_t *mask)
{
  tt1_series series = {.signal = signal, .n_voxels = n};
  return run_series(plan, &series, mask);
}

/** FNV-1a over the bits of every output of voxel v. */
static inline uint64_t hash_voxel(const results *r, int64_t v)
{
  uint64_t hash = 14695981039346656037u;
  for (int o = 0; o < r->n_rows; o++) {
    uint32_t bits;
    memcpy(&bits, &r->values[o * r->n + v], sizeof bits);
    for (int i = 0; i < 4; i++)
      hash = (hash ^ (bits >> 8 * i & 255)) * 1099511628211u;
  }
  for (int o = 0; o < 2; o++)
    hash = (hash ^ r->codes[o * r->n + v]) * 1099511628211u;
  return hash;
}

static inline uint64_t hash_all(const results *r)
{
  uint64_t hash = 0;
  for (int64_t v = 0; v < r->n; v++)
    hash = (hash ^ hash_voxel(r, v)) * 1099511628211u;
  return hash;
}
#endif
