/* SPDX-License-Identifier: MIT
 * Where there is something to map: the voxels that a table should sum up, and those that --mask auto keeps. */
#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "mapping/mapping.h"

/* Of the brightest voxels: those above the 98th percentile. */
static const double LEAST_BRIGHTNESS = 0.1, LEAST_RSQUARED = 0.9, GREATEST_DEVIATION = 0.25;

/* The greatest size that each voxel has in any image. */
static void find_brightness(float *brightness, const tt1_image *image)
{
  int64_t n_voxels = tt1_image_n_voxels(image);
  const float *signal = tt1_image_data(image);
  for (int s = 0; s < tt1_image_n_images(image); s++)
    for (int64_t v = 0; v < n_voxels; v++) {
      float size = fabsf(signal[s * n_voxels + v]);
      if (size > brightness[v]) brightness[v] = size;
    }
}

/* One vote of each bright voxel. */
static tt1_status vote_by_signal(uint8_t *votes, const tt1_image *image, tt1_error *err)
{
  int64_t n_voxels = tt1_image_n_voxels(image), n = 0;
  float *brightness = tt1__allocate((size_t)n_voxels, sizeof *brightness);
  double *values = tt1__allocate((size_t)n_voxels, sizeof *values);
  if (brightness && values) {
    find_brightness(brightness, image);
    for (int64_t v = 0; v < n_voxels; v++)
      if (isfinite(brightness[v])) values[n++] = (double)brightness[v];
    double least = LEAST_BRIGHTNESS * tt1__quantile(values, n, 0.98);
    for (int64_t v = 0; v < n_voxels; v++)
      votes[v] = brightness[v] > 0.0f && (double)brightness[v] >= least;
  }
  tt1_status status = brightness && values ? TT1_OK : tt1__no_memory(err);
  tt1__free(brightness);
  tt1__free(values);
  return status;
}

double tt1__relative_deviation(const float *values, const float *deviations, int64_t v)
{
  double relative = fabs((double)deviations[v] / (double)values[v]);
  return isfinite(relative) ? relative : HUGE_VAL;
}

/* The votes of the fit; returns how many a voxel can have of all. */
static int vote_by_fit(uint8_t *votes, const tt1_mapping *m)
{
  int64_t n_voxels = tt1_image_n_voxels(m->image);
  const float *rsquared = tt1_mapping_map(m, "rsquared");
  const tt1__map *shown = &m->maps[tt1__mapping_shown(m)];
  const float *deviations = tt1__mapping_deviation(m, tt1__mapping_shown(m));
  for (int64_t v = 0; v < n_voxels && rsquared; v++)
    if (isfinite(rsquared[v]) && (double)rsquared[v] >= LEAST_RSQUARED) votes[v]++;
  for (int64_t v = 0; v < n_voxels && deviations; v++)
    if (tt1__relative_deviation(shown->values, deviations, v) <= GREATEST_DEVIATION) votes[v]++;
  return 1 + (rsquared != NULL) + (deviations != NULL);
}

/* Whether most of a voxel and its neighbours in the plane are on: a lone voxel of air goes, and one of tissue
 * that was not fitted stays. */
static int most_are_on(const uint8_t *is_on, const int64_t size[3], int64_t i, int64_t j, int64_t k)
{
  int on = 0, all = 0;
  for (int64_t y = j > 0 ? j - 1 : j; y <= j + 1 && y < size[1]; y++)
    for (int64_t x = i > 0 ? i - 1 : i; x <= i + 1 && x < size[0]; x++, all++)
      on += is_on[(k * size[1] + y) * size[0] + x];
  return 2 * on > all;
}

static int64_t take_majority(uint8_t *tissue, const uint8_t *is_on, const int64_t size[3])
{
  int64_t v = 0, n = 0;
  for (int64_t k = 0; k < size[2]; k++)
    for (int64_t j = 0; j < size[1]; j++)
      for (int64_t i = 0; i < size[0]; i++, v++)
        n += tissue[v] = (uint8_t)most_are_on(is_on, size, i, j, k);
  return n;
}

tt1_status tt1__mapping_find_tissue(tt1_mapping *m, tt1_error *err)
{
  int64_t n_voxels = tt1_image_n_voxels(m->image);
  uint8_t *votes = tt1__allocate((size_t)n_voxels, sizeof *votes);
  m->tissue = tt1__allocate((size_t)n_voxels, sizeof *m->tissue);
  tt1_status status = votes && m->tissue ? TT1_OK : tt1__no_memory(err);
  if (status == TT1_OK) status = vote_by_signal(votes, m->image, err);
  if (status == TT1_OK) {
    int possible = vote_by_fit(votes, m);
    for (int64_t v = 0; v < n_voxels; v++)
      votes[v] = 2 * votes[v] > possible && !(m->mask && !m->mask[v]);
    m->n_tissue = take_majority(m->tissue, votes, tt1_image_geometry(m->image)->size);
  }
  tt1__free(votes);
  return status;
}
