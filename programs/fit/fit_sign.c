/* SPDX-License-Identifier: MIT
 * `torcht1 fit --sign`: what is known of the sign behind each magnitude. */
#include <stdlib.h>

#include "fit/fit.h"

const char *fit_sign_name(int index)
{
  static const char *const names[] = {"auto", "magnitude", "signed", "phase", NULL};
  return names[index];
}

/* The times by which the images recover; NULL if the model marks none, or they are a map. */
static const fit_known *recovery_times(const fit_input *in)
{
  for (int i = 0; i < in->n_known; i++)
    if (in->known[i].known->is_recovery && in->known[i].count == tt1_image_n_images(in->image))
      return &in->known[i];
  return NULL;
}

/* Why the phase cannot tell signs; NULL if it can. */
static const char *why_not(const fit_input *in)
{
  if (in->network) return "a network takes magnitudes";
  if (!tt1_image_phase(in->image)) return "no phase images come with the series";
  if (!tt1_model_is_magnitude(in->model)) return "the signal of the model has no outer abs";
  if (!recovery_times(in)) return "the model marks no known quantity as recovery";
  return NULL;
}

static void count_open(fit_input *in, int64_t n)
{
  int64_t open = 0;
  for (int64_t i = 0; i < n; i++)
    open += in->signs[i] == 0;
  in->open_share = (double)open / (double)n;
}

int fit_signs(fit_input *in, const fit_request *request)
{
  const char *why = why_not(in);
  int is_wanted = request->sign == FIT_SIGN_PHASE || (request->sign == FIT_SIGN_AUTO && !why);
  if (!is_wanted || (request->like && request->sign == FIT_SIGN_AUTO)) return EXIT_OK;
  if (why) return complain("--sign phase: %s", why);
  tt1_error error = {0};
  int n_images = tt1_image_n_images(in->image);
  int64_t n_voxels = tt1_image_n_voxels(in->image);
  in->signs = allocate((size_t)n_images * (size_t)n_voxels, sizeof *in->signs);
  const fit_known *times = recovery_times(in);
  int64_t n = n_voxels / times->n_slices;
  for (int slice = 0; slice < times->n_slices; slice++)
    if (tt1_phase_signs(in->signs + slice * n, tt1_image_phase(in->image) + slice * n,
                        fit_values(times, slice), n_images, n, n_voxels, &error) != TT1_OK)
      return complain_of(&error);
  count_open(in, n_images * n_voxels);
  return EXIT_OK;
}
