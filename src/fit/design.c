/* SPDX-License-Identifier: MIT
 * Checks a design against its model and sorts the samples. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "fit/tables.h"

static const tt1_known_values *find_values(const tt1_design *design, const char *name)
{
  for (int i = 0; i < design->n_known; i++)
    if (!strcmp(design->known[i].name, name)) return &design->known[i];
  return NULL;
}

static tt1_status check_names(const tt1_model *model, const tt1_design *design, tt1_error *err)
{
  for (int i = 0; i < design->n_known; i++) {
    int matches = 0;
    for (int q = 0; q < model->n_known; q++)
      matches |= !strcmp(model->known[q].name, design->known[i].name);
    if (!matches)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "model %s has no known quantity \"%s\"",
                            model->name, design->known[i].name);
    if (design->known[i].n_slices > 1)
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s has values for each of %d slices; a plan takes those of one",
                            design->known[i].name, design->known[i].n_slices);
  }
  return TT1_OK;
}

/* One value may stand for all images where another quantity tells them apart. */
static int may_be_shared(const tt1_model *model, int q)
{
  int n_per_sample = 0;
  for (int i = 0; i < model->n_known; i++)
    n_per_sample += model->known[i].scope == TT1_PER_SAMPLE;
  return model->known[q].scope != TT1_PER_SAMPLE || n_per_sample > 1;
}

static tt1_status take_values(tt1__samples *out, const tt1_model *model, int q,
                              const tt1_known_values *values, tt1_error *err)
{
  const tt1_known *known = &model->known[q];
  int one_for_all = known->scope != TT1_PER_SAMPLE;
  if (!values && !known->has_nominal)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "model %s needs %s (%s, in %s), which is not given", model->name,
                          known->name, known->meaning, known->unit);
  if (values && values->count != out->n && !(may_be_shared(model, q) && values->count == 1))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s has %d values, expected %d%s", known->name,
                          values->count, one_for_all ? 1 : out->n,
                          one_for_all ? "" : ", one per image");
  for (int j = 0; j < out->n; j++) {
    double value = values ? values->values[values->count == 1 ? 0 : j] : known->nominal;
    if (!isfinite(value))
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s of image %d is not a finite number",
                            known->name, j + 1);
    if (one_for_all && value != (values ? values->values[0] : known->nominal))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s differs between images, but model %s takes one value", known->name,
                            model->name);
    if (!strcmp(known->unit, "s") && (value < 0 || value > 1000))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s of image %d is %g s, expected 0 to 1000 s: are the times in ms?",
                            known->name, j + 1, value);
    out->known[q][j] = value;
  }
  return TT1_OK;
}

/* The value of another quantity in the image where a third is least or greatest. */
static tt1_status take_from(tt1__samples *out, const tt1_model *model, int q, int is_given,
                            tt1_error *err)
{
  const tt1_known *known = &model->known[q];
  const double *where = out->known[known->where];
  int best = 0;
  if (is_given)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s follows from %s and cannot be given",
                          known->name, model->known[known->from].name);
  for (int j = 1; j < out->n; j++)
    if (known->is_greatest ? where[j] > where[best] : where[j] < where[best]) best = j;
  for (int j = 0; j < out->n; j++)
    out->known[q][j] = out->known[known->from][best];
  return TT1_OK;
}

static void swap_samples(tt1__samples *s, int a, int b)
{
  int image = s->order[a];
  s->order[a] = s->order[b];
  s->order[b] = image;
  for (int q = 0; q < MAX_KNOWN; q++) {
    double value = s->known[q][a];
    s->known[q][a] = s->known[q][b];
    s->known[q][b] = value;
  }
}

/* By insertion: stable, and there are at most 64. */
static void sort_samples(tt1__samples *s)
{
  for (int i = 1; s->recovery >= 0 && i < s->n; i++)
    for (int j = i; j > 0 && s->known[s->recovery][j - 1] > s->known[s->recovery][j]; j--)
      swap_samples(s, j - 1, j);
}

/* With fewer distinct settings than parameters no fit is determined. */
static tt1_status check_distinct(const tt1__samples *s, const tt1_model *model, tt1_error *err)
{
  int distinct = 0;
  for (int j = 0; j < s->n; j++) {
    int seen = 0;
    for (int i = 0; i < j && !seen; i++) {
      seen = 1;
      for (int q = 0; q < model->n_known; q++)
        seen &= s->known[q][i] == s->known[q][j];
    }
    distinct += !seen;
  }
  if (distinct < model->n_parameters)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%d images with %d distinct settings of %s: model %s has %d parameters "
                          "and needs at least as many",
                          s->n, distinct, model->known[0].name, model->name, model->n_parameters);
  return TT1_OK;
}

tt1_status tt1__samples_from(tt1__samples *out, const tt1_model *model, const tt1_design *design,
                             tt1_error *err)
{
  if (design->n_samples < 1 || design->n_samples > MAX_SAMPLES)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d images, expected 1 to %d", design->n_samples,
                          MAX_SAMPLES);
  memset(out, 0, sizeof *out);
  out->n = design->n_samples;
  out->recovery = -1;
  for (int j = 0; j < out->n; j++)
    out->order[j] = j;
  tt1_status status = check_names(model, design, err);
  for (int q = 0; q < model->n_known && !status; q++) {
    const tt1_known_values *values = find_values(design, model->known[q].name);
    status = model->known[q].from >= 0 ? take_from(out, model, q, values != NULL, err)
                                       : take_values(out, model, q, values, err);
    if (model->known[q].is_recovery && model->known[q].scope == TT1_PER_SAMPLE) out->recovery = q;
  }
  if (!status) status = check_distinct(out, model, err);
  if (!status) sort_samples(out);
  return status;
}
