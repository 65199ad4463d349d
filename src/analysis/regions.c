/* SPDX-License-Identifier: MIT
 * What a map holds in each region, and how well its means are known. */
#include <math.h>
#include <string.h>

#include "analysis/labels.h"
#include "analysis/plane.h"
#include "analysis/summary.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

/* A margin is marked by a value that no map has: infinite standard deviations are not valid ones, and a
 * negative infinite one stands for it. */
static const double IN_MARGIN = -HUGE_VAL;

/* The values and standard deviations of all voxels, scaled, and the group of each. */
static void take_voxels(const tt1_region_maps *maps, const tt1__labels *labels, double *values,
                        double *sds, int32_t *group)
{
  double scale = maps->scale < 0.0 || maps->scale > 0.0 ? maps->scale : 1.0;
  for (int64_t v = 0; v < maps->n_voxels; v++) {
    int is_in = maps->labels[v] != 0 && (!maps->mask || maps->mask[v]);
    group[v] = is_in ? tt1__labels_find(labels, maps->labels[v]) : -1;
    values[v] = scale * (double)maps->map[v];
    sds[v] = maps->sd ? fabs(scale) * (double)maps->sd[v] : (double)NAN;
    if (maps->margin && maps->margin[v]) sds[v] = IN_MARGIN;
  }
}

/* Move what is valid to the front and count the rest. */
static void keep_valid(tt1_region_summary *out, double *values, double *sds, int64_t n,
                       const tt1_region_maps *maps)
{
  out->n_offered = n;
  for (int64_t i = 0; i < n; i++) {
    if (sds[i] <= IN_MARGIN)
      out->margin++;
    else if (isnan(values[i]))
      out->not_a_number++;
    else if (isinf(values[i]))
      out->infinite++;
    else if (!maps->keep_zeros && !(fabs(values[i]) > 0.0))
      out->zero++;
    else if (maps->sd_limit > 0.0 && sds[i] > maps->sd_limit * fabs(values[i]))
      out->uncertain++;
    else {
      values[out->n] = values[i];
      sds[out->n++] = sds[i];
    }
  }
}

/* Voxels whose standard deviation is not known are taken to have that of the others. */
static void find_uncertainty(tt1_region_summary *out, const double *sds)
{
  double squares = 0.0, n = (double)out->n;
  for (int64_t i = 0; i < out->n; i++) {
    if (!isfinite(sds[i]) || sds[i] < 0.0) continue;
    squares += sds[i] * sds[i];
    out->n_sd++;
  }
  out->mean_sd = out->n_sd ? sqrt(squares / (double)out->n_sd / n) : (double)NAN;
  out->median_sd = out->mean_sd * sqrt(TT1__PI * n / (2.0 * n + TT1__PI - 2.0));
}

static void summarise(tt1_region_summary *out, double *values, double *sds, int64_t n,
                      double *scratch, const tt1_region_maps *maps)
{
  keep_valid(out, values, sds, n, maps);
  tt1__summarise(&out->values, values, out->n, scratch);
  find_uncertainty(out, sds);
}

static tt1_status summarise_all(tt1_region_summary *out, const tt1_region_maps *maps,
                                const tt1__labels *labels, tt1_error *err)
{
  size_t n = (size_t)maps->n_voxels;
  double *values = tt1__allocate(n, sizeof *values), *sds = tt1__allocate(n, sizeof *sds);
  int32_t *group = tt1__allocate(n, sizeof *group);
  tt1__sorted sorted = {0};
  tt1_status status = values && sds && group ? TT1_OK : tt1__no_memory(err);
  if (status == TT1_OK) {
    take_voxels(maps, labels, values, sds, group);
    const tt1__grouped pairs = {maps->n_voxels, values, sds, group};
    status = tt1__sort_groups(&sorted, &pairs, labels->n, err);
  }
  for (int i = 0; i < labels->n && status == TT1_OK; i++) {
    int64_t start = sorted.starts[i];
    out[i].label = labels->values[i];
    summarise(&out[i], sorted.a + start, sorted.b + start, sorted.starts[i + 1] - start, values,
              maps);
  }
  tt1__sorted_free(&sorted);
  tt1__free(values);
  tt1__free(sds);
  tt1__free(group);
  return status;
}

tt1_status tt1_summarise_regions(tt1_region_summary **out, int *n, const tt1_region_maps *maps,
                                 tt1_error *err)
{
  if (!maps->map || !maps->labels || maps->n_voxels < 1 || maps->n_voxels > INT64_MAX / 64)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "a map of at least one voxel and its labels are expected");
  if (!isfinite(maps->scale))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a map cannot be scaled by %g", maps->scale);
  tt1__labels labels = {0};
  tt1_region_summary *regions = NULL;
  tt1_status status = tt1__labels_list(&labels, maps->labels, maps->mask, maps->n_voxels, err);
  if (status == TT1_OK) {
    regions = tt1__allocate((size_t)labels.n + 1, sizeof *regions);
    status = regions ? summarise_all(regions, maps, &labels, err) : tt1__no_memory(err);
  }
  if (status == TT1_OK) {
    *out = regions;
    *n = labels.n;
  } else
    tt1__free(regions);
  tt1__labels_free(&labels);
  return status;
}

void tt1_region_summaries_free(tt1_region_summary *regions)
{
  tt1__free(regions);
}

/* ---- Erosion ---- */

tt1_status tt1_erode(uint8_t *out, const uint8_t *mask, const int64_t size[3], int times,
                     tt1_error *err)
{
  if (times < 0 || times > 64 || size[0] < 1 || size[1] < 1 || size[2] < 1)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "an edge of 0 to 64 voxels can be taken away, not %d", times);
  int64_t area = size[0] * size[1];
  uint8_t *before = tt1__allocate((size_t)area, 1);
  if (!before) return tt1__no_memory(err);
  for (int64_t v = 0; v < area * size[2]; v++)
    out[v] = mask[v] != 0;
  for (int64_t k = 0; k < size[2]; k++)
    for (int t = 0; t < times; t++) {
      memcpy(before, out + k * area, (size_t)area);
      tt1__planes_erode(out + k * area, before, size);
    }
  tt1__free(before);
  return TT1_OK;
}

static void erode_slice(uint8_t *volume, const tt1__planes *p, int64_t k, int times, uint8_t *room)
{
  int64_t area = p->size[0] * p->size[1];
  tt1__planes_take(room, volume, p, k);
  for (int t = 0; t < times; t++) {
    uint8_t *from = t % 2 ? room + area : room, *to = t % 2 ? room : room + area;
    tt1__planes_erode(to, from, p->size);
  }
  const uint8_t *last = times % 2 ? room + area : room;
  for (int64_t v = 0; v < area; v++)
    volume[tt1__planes_voxel(p, k, v)] = last[v];
}

tt1_status tt1_erode_slices(uint8_t *mask, const tt1_geometry *geometry, int times, tt1_error *err)
{
  const int64_t *size = geometry->size;
  if (times < 0 || times > 64 || size[0] < 1 || size[1] < 1 || size[2] < 1)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "an edge of 0 to 64 voxels can be taken away, not %d", times);
  tt1__planes p = tt1__planes_of(geometry);
  uint8_t *room = tt1__allocate((size_t)(p.size[0] * p.size[1]), 2);
  if (!room) return tt1__no_memory(err);
  for (int64_t k = 0; k < p.n; k++)
    erode_slice(mask, &p, k, times, room);
  tt1__free(room);
  return TT1_OK;
}
