/* SPDX-License-Identifier: MIT
 * --sign: what is known of the sign behind each magnitude, and models that cannot do without. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "image/image.h"
#include "mapping/mapping.h"
#include "model/model.h"

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

/* ---- Models that need signs ---- */

enum { AXIS_POINTS = 24, MOST_POINTS = 4096 };

/* Where a signal was looked at. */
typedef struct place {
  double parameters[TT1__MAX_PARAMETERS], known[TT1__MAX_KNOWN];
  int image; /* from 0 */
} place;

static double along(const tt1__grid *grid, int i)
{
  double t = (double)i / (AXIS_POINTS - 1);
  return grid->is_log ? exp((1 - t) * log(grid->from) + t * log(grid->to))
                      : (1 - t) * grid->from + t * grid->to;
}

/* Put point `g` of the grid into `p`; 0 past the last. What scales the signal is at its start, and so is
 * what may itself be below zero, an offset say: its sign is free. */
static int set_point(place *p, const tt1_model *model, int g)
{
  for (int i = 0; i < model->n_parameters; i++)
    p->parameters[i] = model->parameters[i].start;
  for (int a = 0; a < model->structure.n_nonlinear; a++) {
    int i = model->structure.nonlinear[a];
    if (model->parameters[i].lower < 0) continue;
    p->parameters[i] = along(&model->grid[i], g % AXIS_POINTS);
    g /= AXIS_POINTS;
  }
  return g == 0;
}

static void set_known(place *p, const tt1_mapping *m, int slice)
{
  for (int k = 0; k < m->n_known; k++) {
    const tt1__matched *known = &m->known[k];
    if (known->map)
      p->known[k] = known->known->has_nominal ? known->known->nominal : 1.0;
    else
      p->known[k] = tt1__matched_values(known, slice)[known->count > 1 ? p->image : 0];
  }
}

/* Whether the signal of the model is below zero in an image, for some values of what is sought. */
static int goes_below_zero(place *p, const tt1_mapping *m)
{
  int n_images = tt1_image_n_images(m->image), n_parts = tt1__mapping_n_plans(m);
  for (int slice = 0; slice < n_parts; slice++)
    for (p->image = 0; p->image < n_images; p->image++) {
      set_known(p, m, slice);
      for (int g = 0; g < MOST_POINTS && set_point(p, m->model, g); g++) {
        double signal = 0.0;
        tt1_model_evaluate(m->model, p->parameters, p->known, &signal, NULL, NULL);
        if (signal < 0.0) return 1;
      }
    }
  return 0;
}

/* What is sought, where the signal was found below zero: "T1 = 2.3 s". */
static void name_place(char text[200], const place *p, const tt1_model *model)
{
  size_t used = 0;
  text[0] = '\0';
  for (int a = 0; a < model->structure.n_nonlinear && used < 150; a++) {
    int i = model->structure.nonlinear[a];
    const char *unit = model->parameters[i].unit;
    used += (size_t)snprintf(text + used, 200 - used, "%s%.31s %.3g%s%.8s", used ? ", " : " at ",
                             model->parameters[i].name, p->parameters[i],
                             strcmp(unit, "1") != 0 ? " " : "", strcmp(unit, "1") != 0 ? unit : "");
  }
}

tt1_status tt1__mapping_check_signed(const tt1_mapping *m, tt1_error *err)
{
  char where[200];
  place p = {0};
  int asked = m->options->sign, is_signed = m->image->is_signed || m->image->is_told;
  if (m->network || tt1_model_is_magnitude(m->model) || asked == SIGN_SIGNED) return TT1_OK;
  if ((is_signed && asked != SIGN_MAGNITUDE) || !goes_below_zero(&p, m)) return TT1_OK;
  name_place(where, &p, m->model);
  return tt1__error_set(
      err, TT1_BAD_ARGUMENT,
      "%s: %s, but model %s needs signed images (its signal of image %d is below zero%s), and "
      "magnitudes "
      "do not say on which side of zero they lie: give the real part%s; --sign signed where these "
      "are "
      "signed all the same",
      m->input, is_signed ? "--sign magnitude is asked for" : "no value is below zero",
      tt1_model_name(m->model), p.image + 1, where,
      strcmp(tt1_model_name(m->model), "mp2rage") == 0 ? ", or the UNI image with --uni FILE" : "");
}
