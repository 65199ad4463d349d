/* SPDX-License-Identifier: MIT
 * UNI images of MP2RAGE: alone, in place of both inversions, or beside their magnitudes (image/uni.h). */
#include "image/uni.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "file/file.h"
#include "input/companion.h"
#include "mapping/mapping.h"

/* ---- Alone ---- */

int tt1__mapping_has_uni(const tt1_mapping *m)
{
  if (m->options->uni || m->image->is_mp2rage) return 1;
  return m->image->n_images == 1 && tt1__image_is_called_uni(m->image);
}

static int is_mp2rage(const tt1_mapping *m)
{
  return m->model && strcmp(tt1_model_name(m->model), "mp2rage") == 0;
}

/* The noise of a ratio differs from voxel to voxel, and two images of one know no more than it. */
static tt1_status check_noise(const tt1_mapping *m, tt1_error *err)
{
  const tt1_mapping_options *o = m->options;
  int has_sigma = m->plan.sigma > 0 || o->estimates_sigma;
  if (!has_sigma && m->plan.noise == TT1_NOISE_GAUSSIAN) return TT1_OK;
  return tt1__error_set(
      err, TT1_BAD_ARGUMENT,
      "%s: the noise of a UNI image differs from voxel to voxel, so its standard deviations "
      "are not known: leave --%s out, or fit both inversions with their signs",
      m->input, has_sigma ? "sigma" : "noise");
}

static tt1_status check_uni_option(const tt1_mapping *m, tt1_error *err)
{
  const char *path = m->options->uni;
  int n = m->image->n_images;
  if (m->options->is_network || !is_mp2rage(m))
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "--uni %s: it gives the sign of the first inversion of MP2RAGE: --model mp2rage", path);
  if (n != 2)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--uni %s: it goes with two inversions, %s holds %d image%s", path,
                          m->input, n, n == 1 ? "; a UNI image alone is the input itself" : "s");
  if (m->image->is_signed || m->image->is_told)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--uni %s: the images of %s are signed without it",
                          path, m->input);
  return TT1_OK;
}

/* Whoever says that the image is signed knows what it is. */
static tt1_status check_doubt(tt1_mapping *m, tt1_error *err)
{
  const char *doubt = m->image->doubt;
  if (!doubt) return TT1_OK;
  if (m->options->sign != SIGN_SIGNED) return tt1__error_set(err, TT1_BAD_FILE, "%s", doubt);
  return tt1__mapping_add(m, &m->warnings, "%s", doubt) ? TT1_OK : tt1__no_memory(err);
}

tt1_status tt1__mapping_take_uni(tt1_mapping *m, tt1_error *err)
{
  tt1_status status = m->options->uni ? check_uni_option(m, err) : TT1_OK;
  if (status == TT1_OK && !m->options->uni && !m->options->is_network && is_mp2rage(m) &&
      m->image->n_images == 1)
    status = tt1__uni_to_pair(m->image, m->input, err);
  if (status == TT1_OK && m->image->is_uni) status = check_doubt(m, err);
  return status == TT1_OK && m->image->is_uni ? check_noise(m, err) : status;
}

/* ---- Beside magnitudes ---- */

static const tt1__matched *inversion_times(const tt1_mapping *m)
{
  for (int i = 0; i < m->n_known; i++) {
    const char *key = m->known[i].known->bids;
    if (key && strcmp(key, "InversionTime") == 0 && m->known[i].count == m->image->n_images)
      return &m->known[i];
  }
  return NULL;
}

tt1_status tt1__mapping_sign_by_uni(tt1_mapping *m, tt1_error *err)
{
  tt1_image *uni = NULL;
  const char *path = m->options->uni;
  const tt1__matched *times = inversion_times(m);
  if (!path || !times) return TT1_OK; // they are there: the model wants them
  tt1_status status = tt1__companion_read(&uni, path, "UNI image", m->image, "series", err);
  if (status == TT1_OK) status = tt1__mapping_note_files(m, uni, NULL, err);
  if (status == TT1_OK)
    status = tt1__uni_sign(m->image, times->values[0] < times->values[1] ? 0 : 1, uni, path, err);
  tt1_image_free(uni);
  return status;
}

/* ---- What it decides ---- */

enum { N_TIMES = 4096 };

/* The ratio of the first inversion to the second over T1. */
typedef struct curve {
  int t1;                /* the parameter */
  double from, step;     /* ln(T1) */
  double ratio[N_TIMES]; /* NaN where the second is not above zero */
} curve;

static int find_t1(const tt1_model *model)
{
  const tt1_parameter *p;
  for (int i = 0; (p = tt1_model_parameter(model, i)) != NULL; i++)
    if (p->bids && strcmp(p->bids, "T1map") == 0)
      return p->lower > 0 && isfinite(p->upper) ? i : -1;
  return -1;
}

static double signal_at(const tt1_mapping *m, const double *parameters, int image)
{
  double known[MAX_KNOWN], signal;
  for (int k = 0; k < m->n_known; k++) {
    const tt1__matched *q = &m->known[k];
    known[k] = q->map ? 1.0 : tt1__matched_values(q, 0)[q->count > 1 ? image : 0];
  }
  tt1_model_evaluate(m->model, parameters, known, &signal, NULL, NULL);
  return signal;
}

static void draw(curve *c, const tt1_mapping *m, const double *times)
{
  double parameters[8] = {0};
  const tt1_parameter *t1 = tt1_model_parameter(m->model, c->t1);
  int first = times[0] < times[1] ? 0 : 1;
  c->from = log(t1->lower);
  c->step = (log(t1->upper) - c->from) / (N_TIMES - 1);
  for (int i = 0; tt1_model_parameter(m->model, i); i++)
    parameters[i] = tt1_model_parameter(m->model, i)->start;
  for (int i = 0; i < N_TIMES; i++) {
    parameters[c->t1] = exp(c->from + i * c->step);
    double second = signal_at(m, parameters, 1 - first);
    c->ratio[i] = second > 0.0 ? signal_at(m, parameters, first) / second : (double)NAN;
  }
}

/* The longest piece of the curve on which the ratio falls from at most 1 to at least -1: `range` are its ends. */
static void find_unique(int range[2], const curve *c)
{
  range[0] = range[1] = 0;
  for (int from = 0, to; from < N_TIMES; from = to) {
    to = from + 1;
    if (!(fabs(c->ratio[from]) <= 1.0)) continue;
    while (to < N_TIMES && c->ratio[to] >= -1.0 && c->ratio[to] < c->ratio[to - 1])
      to++;
    if (to - 1 - from <= range[1] - range[0]) continue;
    range[0] = from;
    range[1] = to - 1;
  }
}

/* T1 is looked for where it is unique. */
static tt1_status narrow(tt1_mapping *m, int t1, double from, double to, tt1_error *err)
{
  tt1_model *narrowed = NULL;
  const char *name = tt1_model_parameter(m->model, t1)->name;
  const tt1_change change = {name, TT1_CHANGE_BOUNDS, from, to};
  tt1_status status = tt1_model_adapt(&narrowed, m->model, &change, 1, err);
  if (status != TT1_OK) return status;
  int is_added = tt1__mapping_add(
      m, &m->notes,
      "UNI decides T1 from %.3g to %.3g s only, where the ratio of the inversions falls from 1 to "
      "-1: there it is "
      "looked for, and shorter or longer T1 are taken for others (--bounds T1=A,B chooses within)",
      from, to);
  for (int k = 0; k < m->n_known; k++)
    m->known[k].known = tt1_model_known(narrowed, k);
  tt1_model_free(m->model);
  m->model = narrowed;
  return is_added ? TT1_OK : tt1__no_memory(err);
}

tt1_status tt1__mapping_check_uni(tt1_mapping *m, tt1_error *err)
{
  int range[2];
  const tt1__matched *times = inversion_times(m);
  int t1 = m->image->is_uni && m->model ? find_t1(m->model) : -1;
  if (t1 < 0 || !times || m->image->n_images != 2) return TT1_OK;
  curve *c = tt1__allocate(1, sizeof *c);
  if (!c) return tt1__no_memory(err);
  c->t1 = t1;
  draw(c, m, tt1__matched_values(times, 0));
  find_unique(range, c);
  double from = exp(c->from + range[0] * c->step), to = exp(c->from + range[1] * c->step);
  tt1__free(c);
  if (range[1] == range[0])
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "%s: with these times and flip angles UNI decides no T1: are they those of the sequence?",
        m->input);
  return range[0] > 0 || range[1] < N_TIMES - 1 ? narrow(m, t1, from, to, err) : TT1_OK;
}
