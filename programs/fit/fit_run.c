/* SPDX-License-Identifier: MIT
 * Running the fit: one plan for the series, or one for each slice where slices have
 * values of their own, into the same maps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

int fit_n_parts(const fit_input *in)
{
  int n = 1;
  for (int i = 0; i < in->n_known; i++)
    if (in->known[i].n_slices > n) n = in->known[i].n_slices;
  return n;
}

const double *fit_values(const fit_known *known, int slice)
{
  return known->values + (known->n_slices > 1 ? (size_t)slice * (size_t)known->count : 0);
}

static void lay_out_known(fit_part *part, const fit_input *in, int slice)
{
  for (int i = 0; i < in->n_known; i++) {
    const fit_known *known = &in->known[i];
    const char *name = known->known->name;
    if (known->map)
      part->maps[part->series.n_voxel_known++] =
          (tt1_voxel_known){name, tt1_image_data(known->map) + part->first};
    else if (strcmp(known->source, "model") != 0)
      part->values[part->design.n_known++] =
          (tt1_known_values){name, fit_values(known, slice), known->count};
  }
}

void fit_lay_out(fit_part *part, const fit_input *in, const fit_changes *changes, int slice)
{
  int64_t all = tt1_image_n_voxels(in->image), n = all / fit_n_parts(in);
  part->first = slice * n;
  part->mask = in->mask ? in->mask + part->first : NULL;
  part->design = (tt1_design){tt1_image_n_images(in->image), 0, part->values};
  part->series = (tt1_series){.signal = tt1_image_data(in->image) + part->first,
                              .n_voxels = n,
                              .stride = all,
                              .voxel_known = part->maps,
                              .signs = in->signs ? in->signs + part->first : NULL,
                              .n_starts = changes->n_start_maps,
                              .starts = part->starts};
  for (int i = 0; i < changes->n_start_maps; i++)
    part->starts[i] = (tt1_voxel_known){changes->start_maps[i].name,
                                        tt1_image_data(changes->start_maps[i].image) + part->first};
  lay_out_known(part, in, slice);
}

/* What --sign auto finds holds for all slices alike, and whatever the mask. */
static void settle_sign(tt1_plan_options *options, const fit_input *in)
{
  if (options->sign != TT1_SIGN_AUTO || in->signs) return;
  options->sign = tt1_image_is_signed(in->image) ? TT1_SIGN_SIGNED : TT1_SIGN_MAGNITUDE;
}

static void take_device(fit_result *result, const tt1_plan *plan)
{
  const tt1_device *device = tt1_plan_device(plan);
  const char *why = NULL;
  result->threads = tt1_device_threads(device);
  snprintf(result->device, sizeof result->device, "%s", tt1_device_name(device));
  snprintf(result->isa, sizeof result->isa, "%s", tt1_device_isa(device));
  snprintf(result->why, sizeof result->why, "%s", tt1_plan_device_reason(plan));
  result->kernels = tt1_plan_kernels(plan, &why);
  snprintf(result->kernels_why, sizeof result->kernels_why, "%s", why ? why : "");
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

static tt1_status run_part(fit_run *run, int slice, tt1_error *error)
{
  fit_part part;
  tt1_plan *plan = NULL;
  tt1_output shifted[MAX_OUTPUTS + 2];
  fit_lay_out(&part, run->in, &run->request->changes, slice);
  tt1_status status =
      tt1_plan_create(&plan, run->device, run->in->model, &part.design, &run->options, error);
  if (status != TT1_OK) return status;
  if (!run->first) run->n_outputs = fit_prepare(run->result, run->in, plan, run->outputs);
  shift_outputs(shifted, run->outputs, run->n_outputs, part.first);
  run->bar.part = slice;
  status = tt1_plan_run(plan, &part.series, part.mask, shifted, run->n_outputs,
                        run->wants_bar ? progress_show : NULL, &run->bar, error);
  run->result->solver = tt1_solver_name(tt1_plan_solver(plan));
  take_device(run->result, plan);
  if (run->first)
    tt1_plan_free(plan);
  else
    run->first = plan;
  return status;
}

/* The device is opened once, for all series. */
static tt1_status open_device(fit_session *session, const fit_request *request, tt1_error *error)
{
  if (session->device) return TT1_OK;
  hold_signals(1); // threads of the device inherit this, so only the main thread is interrupted
  tt1_status status =
      tt1_device_open(&session->device, request->device, &request->device_options, error);
  hold_signals(0);
  return status;
}

tt1_status fit_run_all(const fit_request *request, const fit_input *in, fit_session *session,
                       fit_result *result, tt1_error *error)
{
  fit_run run = {.request = request, .in = in, .result = result, .options = request->plan};
  int n_parts = fit_n_parts(in);
  run.bar = (progress){.began = seconds_now(), .n_parts = n_parts};
  run.wants_bar = !request->quiet && progress_is_wanted();
  settle_sign(&run.options, in);
  tt1_status status = open_device(session, request, error);
  run.device = session->device;
  if (status == TT1_OK) status = fit_find_sigma(&run, error);
  result->sigma = run.options.sigma;
  for (int slice = 0; slice < n_parts && status == TT1_OK; slice++)
    status = run_part(&run, slice, error);
  progress_erase(&run.bar);
  tt1_plan_free(run.first);
  return status;
}
