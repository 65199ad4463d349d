/* SPDX-License-Identifier: MIT
 * --sign: what is known of the sign behind each magnitude. */
#include "base/error.h"
#include "mapping/mapping.h"

/* The times by which the images recover; NULL if the model marks none, or they are a map. */
static const tt1__matched *recovery_times(const tt1_mapping *m)
{
  for (int i = 0; i < m->n_known; i++)
    if (m->known[i].known->is_recovery && m->known[i].count == tt1_image_n_images(m->image))
      return &m->known[i];
  return NULL;
}

/* Why the phase cannot tell signs; NULL if it can. */
static const char *why_not(const tt1_mapping *m)
{
  if (m->network) return "a network takes magnitudes";
  if (!tt1_image_phase(m->image)) return "no phase images come with the series";
  if (!tt1_model_is_magnitude(m->model)) return "the signal of the model has no outer abs";
  if (!recovery_times(m)) return "the model marks no known quantity as recovery";
  return NULL;
}

static double count_open(const int8_t *signs, int64_t n)
{
  int64_t open = 0;
  for (int64_t i = 0; i < n; i++)
    open += signs[i] == 0;
  return (double)open / (double)n;
}

tt1_status tt1__mapping_find_signs(tt1_mapping *m, tt1_error *err)
{
  int asked = m->options->sign;
  const char *why = why_not(m);
  int is_wanted = asked == SIGN_PHASE || (asked == SIGN_AUTO && !why && !m->options->like);
  if (!is_wanted) return TT1_OK;
  if (why) return tt1__error_set(err, TT1_BAD_ARGUMENT, "--sign phase: %s", why);
  int n_images = tt1_image_n_images(m->image);
  int64_t n_voxels = tt1_image_n_voxels(m->image);
  m->signs = tt1__allocate((size_t)n_images * (size_t)n_voxels, sizeof *m->signs);
  if (!m->signs) return tt1__no_memory(err);
  const tt1__matched *times = recovery_times(m);
  int64_t n = n_voxels / times->n_slices;
  tt1_status status = TT1_OK;
  for (int slice = 0; slice < times->n_slices && status == TT1_OK; slice++)
    status = tt1_phase_signs(m->signs + slice * n, tt1_image_phase(m->image) + slice * n,
                             tt1__matched_values(times, slice), n_images, n, n_voxels, err);
  m->result.open_share = count_open(m->signs, n_images * n_voxels);
  return status;
}
