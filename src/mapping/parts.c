/* SPDX-License-Identifier: MIT
 * Running the fit: one plan for the series, or one for each slice where slices have values of their own and
 * for each set of voxels that are fitted to the same images, into the same maps; before that, where it is asked for, how large the noise is. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "mapping/parts.h"

/** A fit under way. */
typedef struct run {
  tt1_mapping *m;
  tt1_plan_options options; /* as asked for, with sign and sigma settled */
  tt1_plan *first;          /* that of the first part, which owns the names of the outputs */
  tt1_output outputs[MAX_OUTPUTS + 2];
  int n_outputs;
  tt1__parts parts;
} run;

int tt1__parts_progress(int64_t done, int64_t total, void *payload)
{
  const tt1__parts *p = payload;
  return p->progress(done + p->part * total, total * p->n_parts, p->payload);
}

static void lay_out_known(tt1__part *p, const tt1_mapping *m, int slice)
{
  for (int i = 0; i < m->n_known; i++) {
    const tt1__matched *known = &m->known[i];
    const char *name = known->known->name;
    assert(i < MAX_KNOWN && (known->map || known->values));
    if (known->map)
      p->maps[p->series.n_voxel_known++] =
          (tt1_voxel_map){name, tt1_image_data(known->map) + p->first};
    else if (!known->is_of_model)
      p->values[p->design.n_known++] = (tt1_known_values){
          .name = name, .values = tt1__matched_values(known, slice), .count = known->count};
  }
}

/* Only the voxels of a set, and as many images as they take. */
static int take_set(tt1__part *p, const tt1_mapping *m, int set)
{
  int64_t n = p->series.n_voxels;
  int wanted = m->sets.n_images[set];
  const uint8_t *used = m->sets.used + p->first;
  p->own_mask = tt1__allocate((size_t)n, 1);
  if (!p->own_mask) return 0;
  for (int64_t v = 0; v < n; v++)
    p->n_inside += p->own_mask[v] = used[v] == wanted && (!p->mask || p->mask[v]);
  p->mask = p->own_mask;
  for (int i = 0; i < p->design.n_known; i++)
    if (p->values[i].count == p->design.n_samples) p->values[i].count = wanted;
  p->design.n_samples = wanted;
  return 1;
}

void tt1__part_lay_out(tt1__part *p, const tt1_mapping *m, int slice)
{
  int64_t all = tt1_image_n_voxels(m->image), n = all / tt1__mapping_n_plans(m);
  assert(slice >= 0 && n * tt1__mapping_n_plans(m) == all);
  p->first = slice * n;
  p->mask = m->mask ? m->mask + p->first : NULL;
  p->design = (tt1_design){tt1_image_n_images(m->image), 0, p->values};
  p->series = (tt1_series){.signal = tt1_image_data(m->image) + p->first,
                           .n_voxels = n,
                           .stride = all,
                           .voxel_known = p->maps,
                           .signs = m->signs ? m->signs + p->first : NULL,
                           .n_starts = m->options->n_starts,
                           .starts = p->starts};
  for (int i = 0; i < m->options->n_starts; i++)
    p->starts[i] =
        (tt1_voxel_map){m->options->starts[i].parameter, tt1_image_data(m->starts[i]) + p->first};
  lay_out_known(p, m, slice);
}

/* Part `index` of tt1__mapping_n_runs(): the sets of a slice follow each other. */
static tt1_status lay_out(tt1__part *p, const tt1_mapping *m, int index, tt1_error *err)
{
  int n_sets = m->sets.n > 0 ? m->sets.n : 1;
  *p = (tt1__part){0};
  tt1__part_lay_out(p, m, index / n_sets);
  return m->sets.n == 0 || take_set(p, m, index % n_sets) ? TT1_OK : tt1__no_memory(err);
}

/* What --sign auto finds holds for all slices alike, and whatever the mask. */
static tt1_status settle_sign(tt1_plan_options *options, tt1_mapping *m, tt1_error *err)
{
  int is_lost = 0;
  if (options->sign != TT1_SIGN_AUTO || m->signs) return TT1_OK;
  options->sign = tt1_image_is_signed(m->image) ? TT1_SIGN_SIGNED : TT1_SIGN_MAGNITUDE;
  if (options->sign == TT1_SIGN_MAGNITUDE || !tt1_model_is_magnitude(m->model)) return TT1_OK;
  tt1_status status = tt1__mapping_check_polarity(m, &is_lost, err);
  if (is_lost) options->sign = TT1_SIGN_MAGNITUDE;
  return status;
}

/* ---- How large the noise is ---- */

static tt1_status estimate(double *sigma, const run *r, int index, tt1_error *err)
{
  tt1__part p;
  tt1_plan *plan = NULL;
  tt1_plan_options squares = TT1_PLAN_OPTIONS_INIT;
  squares.sign = r->options.sign;
  tt1_status status = lay_out(&p, r->m, index, err);
  p.series.n_starts = 0; // which are for the fit itself
  if (status == TT1_OK)
    status = tt1_plan_create(&plan, r->m->device, r->m->model, &p.design, &squares, err);
  if (status == TT1_OK) status = tt1_sigma_estimate(sigma, plan, &p.series, p.mask, err);
  tt1_plan_free(plan);
  tt1__free(p.own_mask);
  return status;
}

/* The middle of what the parts give: a slice that moved, or without tissue, does not decide. */
static tt1_status estimate_sigma(run *r, tt1_error *err)
{
  int count = 0;
  double *found = tt1__allocate((size_t)r->parts.n_parts, sizeof *found);
  tt1_status status = found ? TT1_OK : tt1__no_memory(err);
  for (int i = 0; found && i < r->parts.n_parts; i++) {
    status = estimate(&found[count], r, i, err);
    if (status == TT1_OK) count++;
    if (status != TT1_OK && status != TT1_BAD_ARGUMENT) break;
  }
  if (count > 0 && (status == TT1_OK || status == TT1_BAD_ARGUMENT)) {
    qsort(found, (size_t)count, sizeof *found, tt1__by_value);
    r->options.sigma = 0.5 * (found[(count - 1) / 2] + found[count / 2]);
    status = TT1_OK;
  }
  tt1__free(found);
  return status;
}

static tt1_status settle_sigma(run *r, tt1_error *err)
{
  const tt1_plan_options *asked = &r->m->plan;
  int is_needed =
      r->m->options->estimates_sigma || (asked->noise == TT1_NOISE_RICIAN && !(asked->sigma > 0));
  tt1_status status = is_needed ? estimate_sigma(r, err) : TT1_OK;
  r->m->result.sigma = r->options.sigma;
  r->m->result.sigma_is_estimated = !(asked->sigma > 0) && r->options.sigma > 0;
  return status;
}

/* ---- The plans ---- */

static void note_device(tt1_mapping *m, const tt1_plan *plan)
{
  const tt1_device *device = tt1_plan_device(plan);
  const char *why = NULL;
  m->result.threads = tt1_device_threads(device);
  m->result.kernels = tt1_plan_kernels(plan, &why);
  m->result.model_file = m->model_file;
  m->result.solver = tt1_solver_name(tt1_plan_solver(plan));
  snprintf(m->device_name, sizeof m->device_name, "%s", tt1_device_name(device));
  snprintf(m->isa, sizeof m->isa, "%s", tt1_device_isa(device));
  snprintf(m->device_reason, sizeof m->device_reason, "%s", tt1_plan_device_reason(plan));
  snprintf(m->kernels_why, sizeof m->kernels_why, "%s", why ? why : "");
}

/* The same outputs, from voxel `first` on. */
static void shift_outputs(tt1_output *shifted, const tt1_output *outputs, int count, int64_t first)
{
  for (int i = 0; i < count; i++) {
    size_t size = outputs[i].type == TT1_UINT8 ? 1 : sizeof(float);
    shifted[i] = outputs[i];
    shifted[i].data = (char *)outputs[i].data + (size_t)first * size;
  }
}

/* Where a run after the first of a slice puts its outputs, and which of them are then taken over. */
static tt1_status make_scratch(tt1_output *scratch, const run *r, int64_t n, tt1_error *err)
{
  for (int i = 0; i < r->n_outputs; i++) {
    scratch[i] = r->outputs[i];
    scratch[i].data = tt1__allocate((size_t)n, r->outputs[i].type == TT1_UINT8 ? 1 : sizeof(float));
    if (!scratch[i].data) return tt1__no_memory(err);
  }
  return TT1_OK;
}

static void take_over(tt1_output *outputs, const tt1_output *scratch, int count, const tt1__part *p)
{
  for (int i = 0; i < count; i++) {
    size_t size = outputs[i].type == TT1_UINT8 ? 1 : sizeof(float);
    char *to = outputs[i].data;
    const char *from = scratch[i].data;
    for (int64_t v = 0; v < p->series.n_voxels; v++)
      if (p->own_mask[v]) memcpy(to + (size_t)v * size, from + (size_t)v * size, size);
  }
}

/* The voxels of a set into maps that hold those of the sets before. */
static tt1_status run_beside(run *r, tt1_plan *plan, const tt1__part *p, tt1_output *outputs,
                             tt1_progress_fn progress, tt1_error *err)
{
  tt1_output scratch[MAX_OUTPUTS + 2] = {{0}};
  tt1_status status = make_scratch(scratch, r, p->series.n_voxels, err);
  if (status == TT1_OK)
    status =
        tt1_plan_run(plan, &p->series, p->mask, scratch, r->n_outputs, progress, &r->parts, err);
  if (status == TT1_OK) take_over(outputs, scratch, r->n_outputs, p);
  for (int i = 0; i < r->n_outputs; i++)
    tt1__free(scratch[i].data);
  return status;
}

static tt1_status run_plan(run *r, tt1_plan *plan, const tt1__part *p, int index, tt1_error *err)
{
  tt1_output shifted[MAX_OUTPUTS + 2];
  tt1_progress_fn progress = r->parts.progress ? tt1__parts_progress : NULL;
  int is_first_of_slice = r->m->sets.n == 0 || index % r->m->sets.n == 0;
  shift_outputs(shifted, r->outputs, r->n_outputs, p->first);
  r->parts.part = index;
  if (is_first_of_slice)
    return tt1_plan_run(plan, &p->series, p->mask, shifted, r->n_outputs, progress, &r->parts, err);
  return p->n_inside > 0 ? run_beside(r, plan, p, shifted, progress, err) : TT1_OK;
}

static tt1_status run_part(run *r, int index, tt1_error *err)
{
  tt1__part p;
  tt1_mapping *m = r->m;
  tt1_plan *plan = NULL;
  tt1_status status = lay_out(&p, m, index, err);
  if (status == TT1_OK)
    status = tt1_plan_create(&plan, m->device, m->model, &p.design, &r->options, err);
  if (status == TT1_OK && !r->first) {
    r->first = plan;
    status = tt1__mapping_prepare(m, plan, r->outputs, &r->n_outputs, err);
  }
  if (status == TT1_OK) status = run_plan(r, plan, &p, index, err);
  if (status == TT1_OK) note_device(m, plan);
  if (plan != r->first) tt1_plan_free(plan);
  tt1__free(p.own_mask);
  return status;
}

tt1_status tt1__mapping_run_plans(tt1_mapping *m, tt1_progress_fn progress, void *payload,
                                  tt1_error *err)
{
  int n_parts = tt1__mapping_n_runs(m);
  m->result.n_plans = tt1__mapping_n_plans(m);
  run r = {.m = m, .options = m->plan, .parts = {progress, payload, 0, n_parts}};
  tt1_status status = settle_sign(&r.options, m, err);
  if (status == TT1_OK) status = settle_sigma(&r, err);
  for (int i = 0; i < n_parts && status == TT1_OK; i++)
    status = run_part(&r, i, err);
  if (status == TT1_OK) status = tt1__mapping_check_images(m, r.options.sign, err);
  tt1_plan_free(r.first);
  return status;
}
