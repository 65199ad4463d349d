/* SPDX-License-Identifier: MIT
 * Running plans: voxels are gathered into chunks, fitted, and scattered into the
 * outputs. A chunk holds only voxels within the mask. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "device/device.h"
#include "fit/plan.h"

enum { CHUNK = 4096, MAX_ROWS = 2 * (MAX_PARAMETERS + MAX_MAPS) + 5 };

/* What the threads share during one run. */
typedef struct run {
  const tt1_plan *plan;
  const tt1__tables *tables;
  fit_setup setup; /* that of the tables, for this run */
  const tt1_series *series;
  const float *voxel_known[MAX_KNOWN + MAX_PARAMETERS]; /* then the starts, NULL where none */
  const tt1_output *outputs;
  int n_outputs, rows[MAX_ROWS]; /* rows[i]: which row output i takes */
  const int64_t *voxels;         /* those within the mask; NULL: all */
  int64_t n_fitted;
  void **scratch; /* one block per thread */
  tt1_progress_fn progress;
  void *payload;
} run;

static size_t number_size(const run *r)
{
  return r->plan->lanes->is_double ? sizeof(double) : sizeof(float);
}

/* What a map that is not there holds. */
static void fill_absent(const run *r, int count, void *to)
{
  for (int i = 0; i < count; i++)
    if (r->plan->lanes->is_double)
      ((double *)to)[i] = (double)NAN;
    else
      ((float *)to)[i] = NAN;
}

static void gather(const run *r, const float *from, int64_t first, int count, void *to)
{
  if (!from) {
    fill_absent(r, count, to);
    return;
  }
  if (r->plan->lanes->is_double) {
    double *numbers = to;
    for (int i = 0; i < count; i++)
      numbers[i] = (double)from[r->voxels ? r->voxels[first + i] : first + i];
    return;
  }
  float *numbers = to;
  if (!r->voxels) memcpy(numbers, from + first, (size_t)count * sizeof *numbers);
  for (int i = 0; r->voxels && i < count; i++)
    numbers[i] = from[r->voxels[first + i]];
  for (int i = count; i < CHUNK && i < count + 16; i++) // the last block of lanes is full
    numbers[i] = 0;
}

/* Signs are bytes; the kernels take them as numbers. */
static void gather_signs(const run *r, const int8_t *from, int64_t first, int count, void *to)
{
  for (int i = 0; i < count; i++) {
    int sign = from[r->voxels ? r->voxels[first + i] : first + i];
    if (r->plan->lanes->is_double)
      ((double *)to)[i] = sign;
    else
      ((float *)to)[i] = (float)sign;
  }
}

static double number_at(const run *r, const void *from, int i)
{
  return r->plan->lanes->is_double ? ((const double *)from)[i] : (double)((const float *)from)[i];
}

static void scatter(const run *r, const tt1_output *output, const void *from, int64_t first,
                    int count)
{
  if (output->type == TT1_FLOAT32 && !r->plan->lanes->is_double && !r->voxels) {
    memcpy((float *)output->data + first, from, (size_t)count * sizeof(float));
    return;
  }
  for (int i = 0; i < count; i++) {
    int64_t at = r->voxels ? r->voxels[first + i] : first + i;
    double value = number_at(r, from, i);
    switch (output->type) {
    case TT1_FLOAT32: ((float *)output->data)[at] = (float)value; break;
    case TT1_FLOAT64: ((double *)output->data)[at] = value; break;
    case TT1_UINT8: ((uint8_t *)output->data)[at] = (uint8_t)value; break;
    }
  }
}

static void fit_chunk(int item, int thread, void *payload)
{
  const run *r = payload;
  const tt1__tables *t = r->tables;
  const fit_setup *f = &r->setup;
  int64_t first = (int64_t)item * CHUNK, left = r->n_fitted - first;
  int count = left < CHUNK ? (int)left : CHUNK, n = f->n_samples;
  size_t row = CHUNK * number_size(r);
  char *signal = r->scratch[thread], *signs = signal + (size_t)n * row;
  char *known = signs + (f->has_signs ? (size_t)n * row : 0);
  char *rows = known + (size_t)f->n_voxel_known * row;
  for (int j = 0; j < n; j++) {
    int64_t image = r->plan->samples.order[j] * r->series->n_voxels;
    gather(r, r->series->signal + image, first, count, signal + (size_t)j * row);
    if (f->has_signs)
      gather_signs(r, r->series->signs + image, first, count, signs + (size_t)j * row);
  }
  for (int q = 0; q < f->n_voxel_known; q++)
    gather(r, r->voxel_known[q], first, count, known + (size_t)q * row);
  tt1__chunk chunk = {signal, signs, known, rows, count, CHUNK};
  const void *numbers = r->plan->lanes->is_double ? (const void *)t->numbers : t->numbers_float;
  r->plan->lanes->fit(f, numbers, t->integers, r->plan->model, &chunk);
  for (int i = 0; i < r->n_outputs; i++)
    scatter(r, &r->outputs[i], rows + (size_t)r->rows[i] * row, first, count);
}

static int between_chunks(int done, void *payload)
{
  const run *r = payload;
  int64_t voxels = (int64_t)done * CHUNK;
  if (!r->progress) return 0;
  return r->progress(voxels < r->n_fitted ? voxels : r->n_fitted, r->n_fitted, r->payload);
}

static void fill_masked(const tt1_output *output, int is_outcome, const uint8_t *mask, int64_t n)
{
  for (int64_t v = 0; v < n; v++) {
    if (mask[v]) continue;
    switch (output->type) {
    case TT1_FLOAT32: ((float *)output->data)[v] = NAN; break;
    case TT1_FLOAT64: ((double *)output->data)[v] = (double)NAN; break;
    case TT1_UINT8: ((uint8_t *)output->data)[v] = is_outcome ? TT1_MASKED : 0; break;
    }
  }
}

static tt1_status find_outputs(run *r, const tt1_output *outputs, int n_outputs, tt1_error *err)
{
  int n_rows = r->plan->n_rows;
  r->outputs = outputs;
  r->n_outputs = n_outputs;
  if (n_outputs < 0 || n_outputs > n_rows)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d outputs, expected 0 to %d", n_outputs, n_rows);
  for (int i = 0; i < n_outputs; i++) {
    r->rows[i] = tt1__plan_row(r->plan, outputs[i].name);
    if (r->rows[i] < 0)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "model %s has no output \"%s\"",
                            r->plan->model->name, outputs[i].name);
    int is_code = r->rows[i] == r->plan->codes || r->rows[i] == r->plan->codes + 1;
    if ((int)outputs[i].type < TT1_FLOAT32 || outputs[i].type > TT1_UINT8)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "output \"%s\" has the unknown type %d",
                            outputs[i].name, (int)outputs[i].type);
    if (!outputs[i].data || is_code != (outputs[i].type == TT1_UINT8))
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "output \"%s\" %s", outputs[i].name,
                            !outputs[i].data ? "has no data array"
                            : is_code        ? "holds codes and must be TT1_UINT8"
                                             : "holds numbers and cannot be TT1_UINT8");
  }
  return TT1_OK;
}

static tt1_status find_voxel_known(run *r, tt1_error *err)
{
  const tt1_model *model = r->plan->model;
  for (int q = 0, row = 0; q < model->n_known; q++) {
    if (model->known[q].scope != TT1_PER_VOXEL) continue;
    const float *values = NULL;
    for (int i = 0; i < r->series->n_voxel_known; i++)
      if (!strcmp(r->series->voxel_known[i].name, model->known[q].name))
        values = r->series->voxel_known[i].values;
    if (!values)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "model %s needs a map of %s (%s)", model->name,
                            model->known[q].name, model->known[q].meaning);
    r->voxel_known[row++] = values;
  }
  return TT1_OK;
}

/* Rows of starts follow those of the known quantities. */
static tt1_status find_starts(run *r, tt1_error *err)
{
  const tt1_model *model = r->plan->model;
  const tt1_series *series = r->series;
  int first = r->setup.n_voxel_known;
  if (!series->n_starts) return TT1_OK;
  if (r->plan->options.start != TT1_START_FIXED)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "starting maps need a plan with a fixed start");
  r->setup.has_starts = 1;
  r->setup.n_voxel_known += model->n_parameters;
  for (int i = 0; i < series->n_starts; i++) {
    int k = 0;
    while (k < model->n_parameters && strcmp(model->parameters[k].name, series->starts[i].name))
      k++;
    if (k == model->n_parameters)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "model %s has no parameter \"%s\" to start",
                            model->name, series->starts[i].name);
    r->voxel_known[first + k] = series->starts[i].values;
  }
  return TT1_OK;
}

/* Only what is fitted counts: a mask must not change the voxels within it. */
static int has_negative(const run *r)
{
  for (int j = 0; j < r->plan->samples.n; j++) {
    const float *image = r->series->signal + j * r->series->n_voxels;
    for (int64_t v = 0; v < r->n_fitted; v++)
      if (image[r->voxels ? r->voxels[v] : v] < 0) return 1;
  }
  return 0;
}

/* Known signs serve a magnitude model whose data are not told to be signed. */
static int uses_signs(const run *r)
{
  return r->series->signs && r->plan->magnitude.numbers && r->plan->is_signed.numbers;
}

static const tt1__tables *choose_tables(const run *r)
{
  if (uses_signs(r)) return &r->plan->magnitude;
  if (!r->plan->magnitude.numbers) return &r->plan->is_signed;
  if (!r->plan->is_signed.numbers) return &r->plan->magnitude;
  return has_negative(r) ? &r->plan->is_signed : &r->plan->magnitude;
}

static tt1_status list_voxels(run *r, const uint8_t *mask, int64_t **out, tt1_error *err)
{
  r->n_fitted = r->series->n_voxels;
  if (!mask) return TT1_OK;
  int64_t *voxels = tt1__allocate((size_t)r->series->n_voxels, sizeof *voxels), count = 0;
  if (!voxels) return tt1__no_memory(err);
  for (int64_t v = 0; v < r->series->n_voxels; v++)
    if (mask[v]) voxels[count++] = v;
  r->voxels = *out = voxels;
  r->n_fitted = count;
  return TT1_OK;
}

static tt1_status allocate_scratch(run *r, int n_threads, tt1_error *err)
{
  const fit_setup *f = &r->setup;
  int n_inputs = f->n_samples * (f->has_signs ? 2 : 1) + f->n_voxel_known;
  size_t n_rows = (size_t)(n_inputs + r->plan->n_rows);
  r->scratch = tt1__allocate((size_t)n_threads, sizeof *r->scratch);
  if (!r->scratch) return tt1__no_memory(err);
  for (int i = 0; i < n_threads; i++) {
    r->scratch[i] = tt1__allocate_aligned(n_rows * CHUNK, number_size(r));
    if (!r->scratch[i]) return tt1__no_memory(err);
  }
  return TT1_OK;
}

static tt1_status run_chunks(run *r, const uint8_t *mask, tt1_error *err)
{
  int64_t n_chunks = (r->n_fitted + CHUNK - 1) / CHUNK;
  if (n_chunks > INT32_MAX / 2)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%lld voxels are too many for one run",
                          (long long)r->n_fitted);
  for (int i = 0; mask && i < r->n_outputs; i++)
    fill_masked(&r->outputs[i], r->rows[i] == r->plan->codes, mask, r->series->n_voxels);
  if (tt1__pool_run(r->plan->device->pool, (int)n_chunks, fit_chunk, between_chunks, r))
    return tt1__error_set(err, TT1_CANCELLED, "%s", tt1_status_text(TT1_CANCELLED));
  return TT1_OK;
}

tt1_status tt1_plan_run(tt1_plan *plan, const tt1_series *series, const uint8_t *mask,
                        const tt1_output *outputs, int n_outputs, tt1_progress_fn progress,
                        void *payload, tt1_error *err)
{
  run r = {.plan = plan, .series = series, .progress = progress, .payload = payload};
  int64_t *voxels = NULL;
  int n_threads = tt1__pool_size(plan->device->pool);
  if (series->n_voxels < 0 || (series->n_voxels > 0 && !series->signal))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "the series has no signal");
  tt1_status status = find_outputs(&r, outputs, n_outputs, err);
  if (!status) status = find_voxel_known(&r, err);
  if (!status) status = list_voxels(&r, mask, &voxels, err);
  if (!status) {
    r.tables = choose_tables(&r);
    r.setup = r.tables->setup;
    r.setup.has_signs = uses_signs(&r);
  }
  if (!status) status = find_starts(&r, err);
  if (!status) status = allocate_scratch(&r, n_threads, err);
  if (!status) status = run_chunks(&r, mask, err);
  for (int i = 0; r.scratch && i < n_threads; i++)
    tt1__free(r.scratch[i]);
  tt1__free(r.scratch);
  tt1__free(voxels);
  return status;
}
