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

#include "model_table.h"
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
  options.jit =
      TT1_JIT_OFF; // what is not shipped is interpreted, whatever earlier runs left behind
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

/** The row of a shipped model. */
static inline const model_row *row_of(const tt1_model *model)
{
  for (int i = 0; i < N_MODEL_ROWS; i++)
    if (!strcmp(MODEL_ROWS[i].model, tt1_model_name(model))) return &MODEL_ROWS[i];
  need(0, tt1_model_name(model), "no row of this model in model_table.h: add one");
  return NULL;
}

/** The protocol of a shipped model. What it leaves out has its nominal value or follows. */
static inline void acquire(acquisition *a, const tt1_model *model)
{
  const model_row *row = row_of(model);
  memset(a, 0, sizeof *a);
  a->design = (tt1_design){row->n, 0, a->known};
  for (int q = 0; q < 7 && row->known[q].name; q++) {
    memcpy(a->values[q], row->known[q].values, sizeof row->known[q].values);
    a->known[q] = (tt1_known_values){
        .name = row->known[q].name, .values = a->values[q], .count = row->known[q].count};
    a->design.n_known++;
  }
}

/** One known quantity per sample. */
static inline void acquire_times(acquisition *a, const char *name, const double *times, int n)
{
  memset(a, 0, sizeof *a);
  memcpy(a->values[0], times, (size_t)n * sizeof *times);
  a->known[0] = (tt1_known_values){.name = name, .values = a->values[0], .count = n};
  a->design = (tt1_design){n, 1, a->known};
}

/** Parameters of tissue for a shipped model. */
static inline void draw_parameters(const tt1_model *model, uint64_t *seed, double *p)
{
  const model_row *row = row_of(model);
  for (int i = 0; i < tt1_model_n_parameters(model); i++) {
    int same = row->parameters[i].name &&
               !strcmp(row->parameters[i].name, tt1_model_parameter(model, i)->name);
    need(same, tt1_model_parameter(model, i)->name, "its range is not in model_table.h");
    p[i] =
        row->parameters[i].from + uniform(seed) * (row->parameters[i].to - row->parameters[i].from);
    if (row->parameters[i].of_first) p[i] *= p[0];
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

/** The value of known quantity q at sample j. */
static inline double known_value(const tt1_model *model, const acquisition *a, int q, int j)
{
  const tt1_known *known = tt1_model_known(model, q);
  int best = 0;
  for (int i = 0; i < a->design.n_known; i++)
    if (!strcmp(a->known[i].name, known->name))
      return a->known[i].values[a->known[i].count == 1 ? 0 : j];
  if (known->from < 0) return known->nominal;
  for (int i = 1; i < a->design.n_samples; i++) {
    double more =
        known_value(model, a, known->where, i) - known_value(model, a, known->where, best);
    if (known->is_greatest ? more > 0 : more < 0) best = i;
  }
  return known_value(model, a, known->from, best);
}

/** The noise-free signal of one voxel at every sample, with its gradient. */
static inline void evaluate_gradient(const tt1_model *model, const acquisition *a, const double *p,
                                     double *y, double (*gradient)[8])
{
  for (int j = 0; j < a->design.n_samples; j++) {
    double x[12];
    for (int q = 0; tt1_model_known(model, q); q++)
      x[q] = known_value(model, a, q, j);
    tt1_model_evaluate(model, p, x, &y[j], gradient[j], NULL);
  }
}

/** The noise-free signal of one voxel at every sample. */
static inline void evaluate_voxel(const tt1_model *model, const acquisition *a, const double *p,
                                  double *y)
{
  double gradient[MAX_TIMES][8];
  evaluate_gradient(model, a, p, y, gradient);
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
