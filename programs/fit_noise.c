/* SPDX-License-Identifier: MIT
 * `torcht1 fit --noise --sigma`: what the noise is taken for, and how large it is. */
#include <stdlib.h>
#include <string.h>

#include "fit.h"

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

tt1_status fit_find_sigma(const fit_request *request, tt1_device *device, const fit_input *in,
                          const tt1_design *design, const tt1_series *series,
                          tt1_plan_options *options, tt1_error *error)
{
  int is_needed = request->estimates_sigma ||
                  (request->plan.noise == TT1_NOISE_RICIAN && !(request->plan.sigma > 0));
  *options = request->plan;
  if (!is_needed) return TT1_OK;
  tt1_plan *plan = NULL;
  tt1_plan_options squares = TT1_PLAN_OPTIONS_INIT;
  squares.sign = request->plan.sign;
  tt1_status status = tt1_plan_create(&plan, device, in->model, design, &squares, error);
  if (status == TT1_OK) status = tt1_sigma_estimate(&options->sigma, plan, series, in->mask, error);
  tt1_plan_free(plan);
  return status;
}
