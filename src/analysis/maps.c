/* SPDX-License-Identifier: MIT
 * Comparing two maps: everywhere, by region, across regions, by band. */
#include <math.h>

#include "analysis/labels.h"
#include "base/error.h"
#include "base/memory.h"
#include "tt1_analysis.h"

enum { MAX_EDGES = 256 };

/* Compare each group of pairs: out[i] is filled from the pairs of group i. */
static tt1_status compare_groups(tt1_agreement **out, const tt1__grouped *g, int n_groups,
                                 int keep_zeros, tt1_error *err)
{
  tt1__sorted sorted = {0};
  tt1_status status = tt1__sort_groups(&sorted, g, n_groups, err);
  for (int i = 0; i < n_groups && status == TT1_OK; i++)
    status = tt1_compare(out[i], sorted.a + sorted.starts[i], sorted.b + sorted.starts[i],
                         sorted.starts[i + 1] - sorted.starts[i], keep_zeros, err);
  tt1__sorted_free(&sorted);
  return status;
}

/* ---- Regions ---- */

static tt1_status compare_across(tt1_map_comparison *c, tt1_error *err)
{
  double *means = tt1__allocate((size_t)c->n_regions + 1, 2 * sizeof *means);
  if (!means) return tt1__no_memory(err);
  int n = 0;
  for (int i = 0; i < c->n_regions; i++) {
    const tt1_agreement *region = &c->regions[i].agreement;
    if (region->n_pairs < 1) continue;
    means[n] = region->a.mean;
    means[c->n_regions + n++] = region->b.mean;
  }
  tt1_status status = tt1_compare(&c->across_regions, means, means + c->n_regions, n, 1, err);
  tt1__free(means);
  return status;
}

static tt1_status compare_labels(tt1_map_comparison *c, const tt1_map_pair *maps, tt1__grouped *g,
                                 const tt1__labels *labels, tt1_error *err)
{
  c->n_regions = labels->n;
  c->regions = tt1__allocate((size_t)labels->n + 1, sizeof *c->regions);
  tt1_agreement **out = tt1__allocate((size_t)labels->n + 1, sizeof *out);
  tt1_status status = c->regions && out ? TT1_OK : tt1__no_memory(err);
  if (status == TT1_OK) {
    for (int i = 0; i < labels->n; i++) {
      c->regions[i].label = labels->values[i];
      out[i] = &c->regions[i].agreement;
    }
    for (int64_t i = 0; i < g->n; i++) {
      int32_t label = maps->labels[c->voxels[i]];
      g->group[i] = label == 0 ? -1 : tt1__labels_find(labels, label);
    }
    status = compare_groups(out, g, labels->n, maps->keep_zeros, err);
  }
  tt1__free(out);
  return status == TT1_OK ? compare_across(c, err) : status;
}

static tt1_status compare_regions(tt1_map_comparison *c, const tt1_map_pair *maps, tt1__grouped *g,
                                  tt1_error *err)
{
  tt1__labels labels = {0};
  tt1_status status = tt1__labels_list(&labels, maps->labels, maps->mask, maps->n_voxels, err);
  if (status == TT1_OK) status = compare_labels(c, maps, g, &labels, err);
  tt1__labels_free(&labels);
  return status;
}

/* ---- Bands ---- */

static int32_t find_band(const tt1_map_pair *maps, double value)
{
  int32_t band = -1;
  while (band + 1 < maps->n_edges && value >= maps->edges[band + 1])
    band++;
  return band;
}

static tt1_status compare_bands(tt1_map_comparison *c, const tt1_map_pair *maps, tt1__grouped *g,
                                tt1_error *err)
{
  tt1_agreement *out[MAX_EDGES];
  c->n_bands = maps->n_edges;
  c->bands = tt1__allocate((size_t)c->n_bands, sizeof *c->bands);
  if (!c->bands) return tt1__no_memory(err);
  for (int i = 0; i < c->n_bands; i++) {
    c->bands[i].from = maps->edges[i];
    c->bands[i].to = i + 1 < c->n_bands ? maps->edges[i + 1] : (double)INFINITY;
    out[i] = &c->bands[i].agreement;
  }
  for (int64_t i = 0; i < g->n; i++) {
    double middle = 0.5 * g->a[i] + 0.5 * g->b[i];
    g->group[i] = find_band(maps, maps->band_by == TT1_BAND_BY_REFERENCE ? g->b[i] : middle);
  }
  return compare_groups(out, g, c->n_bands, 1, err);
}

/* ---- All together ---- */

static tt1_status check(const tt1_map_pair *maps, tt1_error *err)
{
  if (!maps->a || !maps->b || maps->n_voxels < 1 || maps->n_voxels > INT64_MAX / 64)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "two maps of at least one voxel are expected");
  if (!isfinite(maps->scale_a) || !isfinite(maps->scale_b))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a map cannot be scaled by %g and %g",
                          maps->scale_a, maps->scale_b);
  if (maps->edges && (maps->n_edges < 1 || maps->n_edges > MAX_EDGES))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d edges of bands given, 1 to %d are possible",
                          maps->n_edges, MAX_EDGES);
  for (int i = 0; maps->edges && i < maps->n_edges; i++)
    if (!isfinite(maps->edges[i]) || (i > 0 && !(maps->edges[i] > maps->edges[i - 1])))
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "edges of bands must increase: number %d is %g",
                            i + 1, maps->edges[i]);
  return TT1_OK;
}

/* The voxels within the mask, scaled, and where they are. */
static int64_t take_voxels(const tt1_map_pair *maps, double *a, double *b, int64_t *voxels)
{
  double scale_a = maps->scale_a < 0.0 || maps->scale_a > 0.0 ? maps->scale_a : 1.0;
  double scale_b = maps->scale_b < 0.0 || maps->scale_b > 0.0 ? maps->scale_b : 1.0;
  int64_t n = 0;
  for (int64_t v = 0; v < maps->n_voxels; v++) {
    if (maps->mask && !maps->mask[v]) continue;
    a[n] = scale_a * (double)maps->a[v];
    b[n] = scale_b * (double)maps->b[v];
    voxels[n++] = v;
  }
  return n;
}

/* Move the pairs that tt1_compare() takes to the front. */
static int64_t keep_valid(double *a, double *b, int64_t *voxels, int64_t n, int keep_zeros)
{
  int64_t kept = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!isfinite(a[i]) || !isfinite(b[i])) continue;
    if (!keep_zeros && (!(fabs(a[i]) > 0.0) || !(fabs(b[i]) > 0.0))) continue;
    a[kept] = a[i];
    b[kept] = b[i];
    voxels[kept++] = voxels[i];
  }
  return kept;
}

static tt1_status compare(tt1_map_comparison *c, const tt1_map_pair *maps, int32_t *group,
                          tt1_error *err)
{
  int64_t n = take_voxels(maps, c->a, c->b, c->voxels);
  tt1__grouped g = {n, c->a, c->b, group};
  tt1_status status = tt1_compare(&c->all, c->a, c->b, n, maps->keep_zeros, err);
  if (status == TT1_OK && maps->labels) status = compare_regions(c, maps, &g, err);
  if (status != TT1_OK) return status;
  g.n = keep_valid(c->a, c->b, c->voxels, n, maps->keep_zeros);
  return maps->edges ? compare_bands(c, maps, &g, err) : TT1_OK;
}

tt1_status tt1_compare_maps(tt1_map_comparison **out, const tt1_map_pair *maps, tt1_error *err)
{
  tt1_status status = check(maps, err);
  if (status != TT1_OK) return status;
  tt1_map_comparison *c = tt1__allocate(1, sizeof *c);
  int32_t *group = tt1__allocate((size_t)maps->n_voxels, sizeof *group);
  if (c) {
    c->a = tt1__allocate((size_t)maps->n_voxels, sizeof *c->a);
    c->b = tt1__allocate((size_t)maps->n_voxels, sizeof *c->b);
    c->voxels = tt1__allocate((size_t)maps->n_voxels, sizeof *c->voxels);
  }
  if (c && group && c->a && c->b && c->voxels)
    status = compare(c, maps, group, err);
  else
    status = tt1__no_memory(err);
  tt1__free(group);
  if (status == TT1_OK)
    *out = c;
  else
    tt1_map_comparison_free(c);
  return status;
}

void tt1_map_comparison_free(tt1_map_comparison *comparison)
{
  if (!comparison) return;
  tt1__free(comparison->regions);
  tt1__free(comparison->bands);
  tt1__free(comparison->a);
  tt1__free(comparison->b);
  tt1__free(comparison->voxels);
  tt1__free(comparison);
}
