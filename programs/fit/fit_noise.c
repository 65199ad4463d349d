/* SPDX-License-Identifier: MIT
 * `torcht1 fit --noise --sigma`: what the noise is taken for, and how large it is. */
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

const char *fit_noise_name(int index)
{
  return tt1_noise_name((tt1_noise)index);
}

void fit_take_sigma(fit_request *request, const char *text)
{
  tt1_plan_options *plan = &request->plan;
  plan->sigma = 0;
  plan->sigma_from = strcmp(text, "middle") == 0 ? TT1_SIGMA_MIDDLE : TT1_SIGMA_RESIDUALS;
  request->estimates_sigma = strcmp(text, "auto") == 0;
  if (request->estimates_sigma || plan->sigma_from == TT1_SIGMA_MIDDLE ||
      strcmp(text, "residuals") == 0)
    return;
  char *end = NULL;
  strtod(text, &end);
  if (end == text)
    usage_error(&command_fit, "--sigma takes residuals, middle, auto or a number, not '%s'", text);
  plan->sigma = option_number(&command_fit, "sigma", text, 1e-30, 1e30);
}

static tt1_status estimate(double *sigma, const fit_run *run, int slice, tt1_error *error)
{
  fit_part part;
  tt1_plan *plan = NULL;
  tt1_plan_options squares = TT1_PLAN_OPTIONS_INIT;
  squares.sign = run->options.sign;
  fit_lay_out(&part, run->in, &run->request->changes, slice);
  part.series.n_starts = 0; // which are for the fit itself
  tt1_status status =
      tt1_plan_create(&plan, run->device, run->in->model, &part.design, &squares, error);
  if (status == TT1_OK) status = tt1_sigma_estimate(sigma, plan, &part.series, part.mask, error);
  tt1_plan_free(plan);
  return status;
}

static int by_size(const void *first, const void *second)
{
  double a = *(const double *)first, b = *(const double *)second;
  return (a > b) - (a < b);
}

/* The middle of what the slices give: a slice that moved, or without tissue, does not decide. */
tt1_status fit_find_sigma(fit_run *run, tt1_error *error)
{
  const tt1_plan_options *asked = &run->request->plan;
  if (!run->request->estimates_sigma && (asked->noise != TT1_NOISE_RICIAN || asked->sigma > 0))
    return TT1_OK;
  int n_parts = fit_n_parts(run->in), count = 0;
  double *found = allocate((size_t)n_parts, sizeof *found);
  tt1_status status = TT1_OK;
  for (int slice = 0; slice < n_parts; slice++) {
    status = estimate(&found[count], run, slice, error);
    if (status == TT1_OK) count++;
    if (status != TT1_OK && status != TT1_BAD_ARGUMENT) break;
  }
  if (count > 0 && (status == TT1_OK || status == TT1_BAD_ARGUMENT)) {
    qsort(found, (size_t)count, sizeof *found, by_size);
    run->options.sigma = 0.5 * (found[(count - 1) / 2] + found[count / 2]);
    status = TT1_OK;
  }
  free(found);
  return status;
}
