/* SPDX-License-Identifier: MIT
 * One chunk of a run: voxels within the mask are gathered into a slot of the
 * device, fitted, and scattered into the outputs. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "fit/run.h"

/* What a map that is not there holds. */
static void fill_absent(const tt1__run *r, double value, int count, void *to)
{
  for (int i = 0; i < count; i++)
    if (r->fitter->job.is_double)
      ((double *)to)[i] = value;
    else
      ((float *)to)[i] = (float)value;
}

static void gather(const tt1__run *r, const float *from, int64_t first, const tt1__chunk *chunk,
                   void *to)
{
  int count = chunk->count;
  if (r->fitter->job.is_double) {
    double *numbers = to;
    for (int i = 0; i < count; i++)
      numbers[i] = (double)from[r->voxels ? r->voxels[first + i] : first + i];
    return;
  }
  float *numbers = to;
  if (!r->voxels) memcpy(numbers, from + first, (size_t)count * sizeof *numbers);
  for (int i = 0; r->voxels && i < count; i++)
    numbers[i] = from[r->voxels[first + i]];
  for (int i = count; i < chunk->stride; i++)
    numbers[i] = 0;
}

/* Signs are bytes; the kernels take them as numbers. */
static void gather_signs(const tt1__run *r, const int8_t *from, int64_t first, int count, void *to)
{
  for (int i = 0; i < count; i++) {
    int sign = from[r->voxels ? r->voxels[first + i] : first + i];
    if (r->fitter->job.is_double)
      ((double *)to)[i] = sign;
    else
      ((float *)to)[i] = (float)sign;
  }
}

static void scatter(const tt1__run *r, const tt1_output *output, const void *from, int64_t first,
                    int count)
{
  // Copies: for all the compiler knows, codes may be written over what is pointed to.
  const int64_t *voxels = r->voxels;
  const double *doubles = r->fitter->job.is_double ? from : NULL;
  const float *floats = from;
  const tt1_output to = *output;
  if (to.type == TT1_FLOAT32 && !doubles && !voxels) {
    memcpy((float *)to.data + first, floats, (size_t)count * sizeof *floats);
    return;
  }
  for (int i = 0; i < count; i++) {
    int64_t at = voxels ? voxels[first + i] : first + i;
    double value = doubles ? doubles[i] : (double)floats[i];
    switch (to.type) {
    case TT1_FLOAT32: ((float *)to.data)[at] = (float)value; break;
    case TT1_FLOAT64: ((double *)to.data)[at] = value; break;
    case TT1_UINT8: ((uint8_t *)to.data)[at] = (uint8_t)value; break;
    }
  }
}

void tt1__run_gather(const tt1__run *r, int64_t first, tt1__chunk *chunk)
{
  const fit_setup *f = &r->fitter->job.setup;
  size_t number = r->fitter->job.is_double ? sizeof(double) : sizeof(float);
  size_t row = (size_t)chunk->stride * number;
  char *to = chunk->inputs;
  assert(first >= 0 && first + chunk->count <= r->n_fitted);
  for (int j = 0; j < f->n_samples; j++, to += row)
    gather(r, r->series->signal + r->plan->samples.order[j] * r->stride, first, chunk, to);
  for (int j = 0; j < f->n_samples && f->has_signs; j++, to += row)
    gather_signs(r, r->series->signs + r->plan->samples.order[j] * r->stride, first, chunk->count,
                 to);
  for (int q = 0; q < f->n_voxel_known; q++, to += row)
    if (r->voxel_known[q])
      gather(r, r->voxel_known[q], first, chunk, to);
    else
      fill_absent(r, r->absent[q], chunk->stride, to);
  assert(to == (char *)chunk->inputs + (size_t)r->fitter->job.n_inputs * row);
}

static void scatter_chunk(const tt1__run *r, int64_t first, const tt1__chunk *chunk)
{
  size_t number = r->fitter->job.is_double ? sizeof(double) : sizeof(float);
  size_t row = (size_t)chunk->stride * number;
  for (int i = 0; i < r->n_outputs; i++)
    scatter(r, &r->outputs[i], (const char *)chunk->results + (size_t)r->rows[i] * row, first,
            chunk->count);
}

void tt1__run_chunk(int item, int thread, void *payload)
{
  enum { GRAIN = 64 }; // blocks of lanes and groups of GPU threads are full
  tt1__run *r = payload;
  tt1_error error = {0};
  assert(thread >= 0 && thread < tt1__pool_size(r->fitter->device->pool));
  tt1__chunk *chunk = &r->fitter->slots[thread];
  int64_t size = r->fitter->chunk, first = item * size, left = r->n_fitted - first;
  if (atomic_load(&r->has_failed)) return;
  chunk->count = (int)(left < size ? left : size);
  chunk->stride = (chunk->count + GRAIN - 1) / GRAIN * GRAIN;
  assert(chunk->count > 0 && chunk->stride <= r->fitter->room);
  tt1__run_gather(r, first, chunk);
  if (!r->fitter->device->kind->fit(r->fitter, thread, &error))
    scatter_chunk(r, first, chunk);
  else if (!atomic_exchange(&r->has_failed, 1))
    r->error = error; // read when all threads are done
}
