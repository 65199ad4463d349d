/* SPDX-License-Identifier: MIT
 * A few hundred bright voxels of each part, fitted again in other ways: with and without sign, and without
 * each image in turn. They decide what the maps themselves cannot show. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "mapping/parts.h"

enum { LOOKED_AT = 65536, MOST = 512 };

typedef struct probe {
  tt1_mapping *m;
  tt1_device *device, *own; /* the processor: kernels of GPUs are made for one protocol */
  tt1__part part;
  int n_images, count;
  int64_t voxels[MOST]; /* counted in the part */
  double energy[MOST];
  float *signal, *chosen; /* [n_images][MOST]: all, and those of a fit */
  float maps[MAX_KNOWN][MOST];
  double squares[MOST]; /* the residuals' sum, after fit_probe() */
} probe;

static void close_probe(probe *p)
{
  if (!p) return;
  tt1_device_free(p->own);
  tt1__free(p->signal);
  tt1__free(p->chosen);
  tt1__free(p);
}

static tt1_status open_probe(probe **out, tt1_mapping *m, tt1_error *err)
{
  tt1_device_options one = TT1_DEVICE_OPTIONS_INIT;
  tt1_status status = TT1_OK;
  probe *p = tt1__allocate(1, sizeof *p);
  if (!p) return tt1__no_memory(err);
  one.threads = 1;
  p->m = m;
  p->n_images = tt1_image_n_images(m->image);
  p->signal = tt1__allocate((size_t)p->n_images * MOST, sizeof *p->signal);
  p->chosen = tt1__allocate((size_t)p->n_images * MOST, sizeof *p->chosen);
  p->device = m->device;
  if (!p->signal || !p->chosen) status = tt1__no_memory(err);
  if (status == TT1_OK && strcmp(tt1_device_name(m->device), "cpu") != 0) {
    status = tt1_device_open(&p->own, "cpu", &one, err);
    p->device = p->own;
  }
  if (status == TT1_OK)
    *out = p;
  else
    close_probe(p);
  return status;
}

/* ---- The voxels ---- */

static double energy_of(const probe *p, int64_t voxel)
{
  double sum = 0.0;
  const tt1_series *s = &p->part.series;
  for (int i = 0; i < p->n_images; i++) {
    double value = (double)s->signal[i * s->stride + voxel];
    sum += value * value;
  }
  return sum;
}

/* Those brighter than a tenth of the brightest, spread over the part. */
static tt1_status choose_voxels(probe *p, int slice, tt1_error *err)
{
  tt1__part_lay_out(&p->part, p->m, slice);
  int64_t n = p->part.series.n_voxels, step = (n + LOOKED_AT - 1) / LOOKED_AT, looked = 0,
          bright = 0;
  double *energy = tt1__allocate((size_t)LOOKED_AT, 2 * sizeof *energy),
         *sorted = energy + LOOKED_AT;
  if (!energy) return tt1__no_memory(err);
  p->count = 0;
  for (int64_t v = 0; v < n; v += step) {
    int is_taken = !p->part.mask || p->part.mask[v];
    energy[looked] = is_taken ? energy_of(p, v) : 0.0;
    if (!isfinite(energy[looked])) energy[looked] = 0.0;
    sorted[looked] = energy[looked];
    looked++;
  }
  double least = 0.1 * tt1__quantile(sorted, looked, 0.98);
  for (int64_t i = 0; i < looked; i++)
    bright += energy[i] > least;
  int64_t each = bright > MOST ? (bright + MOST - 1) / MOST : 1, seen = 0;
  for (int64_t i = 0; i < looked; i++) {
    if (!(energy[i] > least) || seen++ % each != 0) continue;
    p->energy[p->count] = energy[i];
    p->voxels[p->count++] = i * step;
  }
  tt1__free(energy);
  return TT1_OK;
}

static void gather(probe *p)
{
  const tt1_series *s = &p->part.series;
  for (int i = 0; i < p->n_images; i++)
    for (int v = 0; v < p->count; v++)
      p->signal[i * MOST + v] = s->signal[i * s->stride + p->voxels[v]];
  for (int k = 0; k < s->n_voxel_known; k++)
    for (int v = 0; v < p->count; v++)
      p->maps[k][v] = p->part.maps[k].values[p->voxels[v]];
}

static tt1_status take_part(probe *p, int slice, tt1_error *err)
{
  tt1_status status = choose_voxels(p, slice, err);
  if (status == TT1_OK) gather(p);
  return status;
}

/* ---- Fits ---- */

/* The design without image `left_out`; -1: all. `numbers` has room for all values. */
static void shorten(tt1_design *design, tt1_known_values *values, double *numbers, const probe *p,
                    int left_out)
{
  *design = p->part.design;
  design->known = values;
  if (left_out >= 0) design->n_samples--;
  for (int k = 0; k < design->n_known; k++) {
    values[k] = p->part.values[k];
    if (left_out < 0 || values[k].count != p->n_images) continue;
    values[k].values = numbers;
    values[k].count--;
    for (int i = 0; i < p->n_images; i++)
      if (i != left_out) *numbers++ = p->part.values[k].values[i];
  }
}

/* By least squares, whatever the noise of the fit. A part that cannot be fitted so has no voxels. */
static tt1_status fit_probe(probe *p, tt1_sign sign, int left_out, tt1_error *err)
{
  float rmse[MOST];
  tt1_design design;
  tt1_known_values values[MAX_KNOWN];
  tt1_voxel_map maps[MAX_KNOWN];
  tt1_plan *plan = NULL;
  tt1_plan_options options = TT1_PLAN_OPTIONS_INIT;
  const tt1_series *s = &p->part.series;
  int n = 0;
  double *numbers = tt1__allocate((size_t)p->n_images * MAX_KNOWN, sizeof *numbers);
  if (!numbers) return tt1__no_memory(err);
  options.sign = sign;
  shorten(&design, values, numbers, p, left_out);
  for (int i = 0; i < p->n_images; i++)
    if (i != left_out)
      memcpy(p->chosen + n++ * MOST, p->signal + i * MOST, MOST * sizeof *p->chosen);
  for (int k = 0; k < s->n_voxel_known; k++)
    maps[k] = (tt1_voxel_map){s->voxel_known[k].name, p->maps[k]};
  const tt1_series series = {.signal = p->chosen,
                             .n_voxels = p->count,
                             .stride = MOST,
                             .n_voxel_known = s->n_voxel_known,
                             .voxel_known = maps};
  const tt1_output output = {"rmse", TT1_FLOAT32, rmse};
  tt1_error fault = {0};
  tt1_status status = tt1_plan_create(&plan, p->device, p->m->model, &design, &options, &fault);
  if (status != TT1_OK && status != TT1_BAD_ARGUMENT && err) *err = fault;
  if (status == TT1_BAD_ARGUMENT) { // too many sign patterns, say: there is nothing to compare with
    p->count = 0;
    status = TT1_OK;
  }
  if (p->count > 0 && status == TT1_OK)
    status = tt1_plan_run(plan, &series, NULL, &output, 1, NULL, NULL, err);
  for (int v = 0; v < p->count && status == TT1_OK; v++)
    p->squares[v] = (double)rmse[v] * (double)rmse[v] * n;
  tt1_plan_free(plan);
  tt1__free(numbers);
  return status;
}

/* ---- Polarity ---- */

/* Voxels that contradict the model as signed images, and fit it as magnitudes. */
static int count_contradictions(const probe *p, const double *as_signed)
{
  int n = 0;
  for (int v = 0; v < p->count; v++)
    n += as_signed[v] > 0.01 * p->energy[v] && p->squares[v] < 0.25 * as_signed[v];
  return n;
}

tt1_status tt1__mapping_check_polarity(tt1_mapping *m, int *is_lost, tt1_error *err)
{
  const double most = 0.1; // as a share
  int contradict = 0, all = 0, n_parts = tt1__mapping_n_plans(m);
  double as_signed[MOST];
  probe *p = NULL;
  *is_lost = 0;
  tt1_status status = open_probe(&p, m, err);
  for (int slice = 0; slice < n_parts && status == TT1_OK; slice++) {
    status = take_part(p, slice, err);
    if (status == TT1_OK) status = fit_probe(p, TT1_SIGN_SIGNED, -1, err);
    if (status == TT1_OK) memcpy(as_signed, p->squares, sizeof as_signed);
    if (status == TT1_OK) status = fit_probe(p, TT1_SIGN_MAGNITUDE, -1, err);
    if (status != TT1_OK) break;
    contradict += count_contradictions(p, as_signed);
    all += p->count;
  }
  close_probe(p);
  if (status != TT1_OK || !(contradict > most * all)) return status;
  *is_lost = 1;
  int is_added = tt1__mapping_add(
      m, &m->warnings,
      "the images are signed, but in %.0f %% of the bright voxels their signs contradict model %s, "
      "which their magnitudes fit: they were stored without their polarity and are fitted as "
      "magnitudes; --sign signed takes the signs as they are",
      100.0 * contradict / all, tt1_model_name(m->model));
  return is_added ? TT1_OK : tt1__no_memory(err);
}

/* ---- Images ---- */

/* How far image `left_out` is off what the others say, in SDs: the median over the voxels of its residual
 * after a fit without it. */
static tt1_status find_distance(double *distance, probe *p, tt1_sign sign, int left_out,
                                const double *with, tt1_error *err)
{
  double each[MOST];
  int freedom = p->n_images - 1 - tt1_model_n_parameters(p->m->model);
  tt1_status status = fit_probe(p, sign, left_out, err);
  if (status != TT1_OK) return status;
  for (int v = 0; v < p->count; v++) {
    double least = 1e-6 * p->energy[v]; // what float resolves, with a margin
    double noise = fmax(p->squares[v], least) / freedom;
    each[v] = sqrt(fmax(with[v] - p->squares[v], 0.0) / noise);
  }
  *distance = p->count > 0 ? tt1__quantile(each, p->count, 0.5) : 0.0;
  return TT1_OK;
}

/* The image that is furthest off what the others say, or -1 where none is far. One bad image makes its
 * neighbours look bad too, but less. */
static tt1_status find_odd(int *odd, double *most, probe *p, tt1_sign sign, tt1_error *err)
{
  const double far = 4.0; // noise alone comes to 0.7, what models leave out to 2.5 in our data
  double with[MOST];
  int at = -1;
  *odd = -1;
  *most = 0.0;
  tt1_status status = fit_probe(p, sign, -1, err);
  memcpy(with, p->squares, sizeof with);
  for (int i = 0; i < p->n_images && status == TT1_OK; i++) {
    double distance = 0.0;
    status = find_distance(&distance, p, sign, i, with, err);
    if (!(distance > *most)) continue;
    *most = distance;
    at = i;
  }
  if (status == TT1_OK && *most >= far) *odd = at;
  return status;
}

static tt1_status warn_of(tt1_mapping *m, int odd, double distance, int slice, tt1_error *err)
{
  unsigned char is_left_out[MAX_IMAGES] = {0};
  char list[TT1__LIST_SIZE], where[40] = "";
  is_left_out[odd] = 1;
  tt1__images_without(list, m, is_left_out);
  if (tt1__mapping_n_plans(m) > 1) snprintf(where, sizeof where, " of slice %d", slice + 1);
  int is_added = tt1__mapping_add(
      m, &m->warnings,
      "image %d%s does not fit the others by model %s (it is %.2g SDs off in half of "
      "the bright voxels): leave it out with --images %s, or give it no weight with "
      "--noise robust",
      m->images ? m->images[odd] : odd + 1, where, tt1_model_name(m->model), distance, list);
  return is_added ? TT1_OK : tt1__no_memory(err);
}

tt1_status tt1__mapping_check_images(tt1_mapping *m, tt1_sign sign, tt1_error *err)
{
  const int is_weighed = m->plan.noise == TT1_NOISE_ROBUST;
  int n_parts = tt1__mapping_n_plans(m), odd, freedom;
  double distance;
  probe *p = NULL;
  freedom = tt1_image_n_images(m->image) - 1 - tt1_model_n_parameters(m->model);
  if (freedom < 1 || is_weighed) return TT1_OK;
  if (m->signs) sign = TT1_SIGN_MAGNITUDE;
  tt1_status status = open_probe(&p, m, err);
  for (int slice = 0; slice < n_parts && status == TT1_OK; slice++) {
    status = take_part(p, slice, err);
    if (status != TT1_OK || p->count < 8) continue; // too few to speak for an image
    status = find_odd(&odd, &distance, p, sign, err);
    if (status == TT1_OK && odd >= 0) status = warn_of(m, odd, distance, slice, err);
  }
  close_probe(p);
  return status;
}
