/* SPDX-License-Identifier: MIT
 * Running plans: what is asked for is checked, then all voxels within the mask
 * are fitted chunk by chunk. */
#include "fit/run.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static int between_chunks(int done, void *payload)
{
  const tt1__run *r = payload;
  int64_t voxels = (int64_t)done * r->fitter->chunk;
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

static tt1_status find_outputs(tt1__run *r, const tt1_output *outputs, int n_outputs,
                               tt1_error *err)
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

/* Without a map a known quantity has its nominal value everywhere, and a start is no number. */
static void find_voxel_known(tt1__run *r)
{
  const tt1_model *model = r->plan->model;
  int row = 0;
  for (int q = 0; q < model->n_known; q++) {
    if (model->known[q].scope != TT1_PER_VOXEL) continue;
    for (int i = 0; i < r->series->n_voxel_known; i++)
      if (!strcmp(r->series->voxel_known[i].name, model->known[q].name))
        r->voxel_known[row] = r->series->voxel_known[i].values;
    r->absent[row++] = model->known[q].nominal;
  }
  assert(row + model->n_parameters <= MAX_KNOWN + MAX_PARAMETERS);
  for (int k = 0; k < model->n_parameters; k++)
    r->absent[row + k] = (double)NAN;
}

/* Rows of starts follow those of the known quantities. */
static tt1_status find_starts(tt1__run *r, tt1_error *err)
{
  const tt1_model *model = r->plan->model;
  const tt1_series *series = r->series;
  int first = 0;
  if (!series->n_starts) return TT1_OK;
  if (r->plan->options.start != TT1_START_FIXED)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "starting maps need a plan with a fixed start");
  for (int q = 0; q < model->n_known; q++)
    first += model->known[q].scope == TT1_PER_VOXEL;
  r->has_starts = 1;
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

int64_t tt1__series_stride(const tt1_series *series)
{
  return series->stride ? series->stride : series->n_voxels;
}

static int is_signed(const tt1__run *r)
{
  return tt1__series_is_signed(r->series, r->plan->samples.n, r->mask, r->plan->device->pool);
}

/* Known signs serve a magnitude model whose data are not told to be signed. */
static int uses_signs(const tt1__run *r)
{
  return r->series->signs && r->plan->magnitude.numbers && r->plan->is_signed.numbers;
}

static tt1_status check_magnitudes(const tt1__run *r, tt1_error *err)
{
  if (r->plan->options.noise != TT1_NOISE_RICIAN || !is_signed(r)) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "rician noise is that of magnitudes, and the series has negative samples");
}

static tt1__data choose_data(const tt1__run *r)
{
  if (uses_signs(r)) return TT1__WITH_SIGNS;
  if (!r->plan->magnitude.numbers) return TT1__SIGNED;
  if (!r->plan->is_signed.numbers) return TT1__MAGNITUDE;
  return is_signed(r) ? TT1__SIGNED : TT1__MAGNITUDE;
}

static tt1_status list_voxels(tt1__run *r, const uint8_t *mask, int64_t **out, tt1_error *err)
{
  r->n_fitted = r->series->n_voxels;
  if (!mask) return TT1_OK;
  int64_t *voxels = tt1__allocate((size_t)r->series->n_voxels, sizeof *voxels), count = 0;
  if (!voxels) return tt1__no_memory(err);
  for (int64_t v = 0; v < r->series->n_voxels; v++)
    if (mask[v]) voxels[count++] = v;
  assert(count <= r->series->n_voxels);
  r->voxels = *out = voxels;
  r->n_fitted = count;
  return TT1_OK;
}

static tt1_status run_chunks(tt1__run *r, tt1_error *err)
{
  int64_t n_chunks = (r->n_fitted + r->fitter->chunk - 1) / r->fitter->chunk;
  if (n_chunks > INT32_MAX / 2)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%lld voxels are too many for one run",
                          (long long)r->n_fitted);
  r->has_failed = 0;
  int is_cancelled =
      tt1__pool_run(r->fitter->device->pool, (int)n_chunks, tt1__run_chunk, between_chunks, r);
  if (r->has_failed) {
    if (err) *err = r->error;
    return r->error.status;
  }
  return is_cancelled ? tt1__error_set(err, TT1_CANCELLED, "%s", tt1_status_text(TT1_CANCELLED))
                      : TT1_OK;
}

static tt1_status run_on(tt1__run *r, tt1_device *device, tt1_error *err)
{
  unsigned char wanted[TT1__MAX_ROWS] = {0};
  for (int i = 0; i < r->n_outputs; i++)
    wanted[r->rows[i]] = 1;
  tt1_status status = tt1__plan_fitter(&r->fitter, r->plan, device, r->data, r->has_starts, err);
  if (status) return status;
  r->plan->last = r->fitter;
  status = tt1__fitter_begin(r->fitter, r->n_fitted, wanted, err);
  return status ? status : run_chunks(r, err);
}

/* A GPU that fails is given up for the processor only where nobody asked for it. */
static tt1_status run_somewhere(tt1__run *r, tt1_error *err)
{
  tt1_error failure = {0};
  tt1_device *device = tt1__run_choose(r), *own = r->plan->device;
  tt1_status status = run_on(r, device, &failure);
  if (device != own && status && status != TT1_CANCELLED) {
    snprintf(r->plan->reason, sizeof r->plan->reason, "%.239s", failure.message);
    snprintf(own->why_no_gpu, sizeof own->why_no_gpu, "%.199s", failure.message); // once is enough
    r->plan->ran_on = own;
    status = run_on(r, own, &failure);
  }
  if (status && err) *err = failure;
  return status;
}

tt1_status tt1_plan_run(tt1_plan *plan, const tt1_series *series, const uint8_t *mask,
                        const tt1_output *outputs, int n_outputs, tt1_progress_fn progress,
                        void *payload, tt1_error *err)
{
  tt1__run r = {.plan = plan,
                .series = series,
                .stride = tt1__series_stride(series),
                .mask = mask,
                .progress = progress,
                .payload = payload};
  int64_t *voxels = NULL;
  if (series->n_voxels < 0 || (series->n_voxels > 0 && !series->signal))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "the series has no signal");
  if (r.stride < series->n_voxels)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "samples begin %lld voxels apart, but hold %lld voxels",
                          (long long)r.stride, (long long)series->n_voxels);
  tt1_status status = find_outputs(&r, outputs, n_outputs, err);
  find_voxel_known(&r);
  if (!status) status = find_starts(&r, err);
  if (!status) status = list_voxels(&r, mask, &voxels, err);
  if (!status) {
    r.data = choose_data(&r);
    status = check_magnitudes(&r, err);
  }
  if (!status) status = run_somewhere(&r, err);
  for (int i = 0; !status && mask && i < n_outputs; i++)
    fill_masked(&outputs[i], r.rows[i] == plan->codes, mask, series->n_voxels);
  tt1__free(voxels);
  return status;
}
