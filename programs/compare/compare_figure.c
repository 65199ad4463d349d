/* SPDX-License-Identifier: MIT
 * Figures of `torcht1 compare`: agreement, and the maps themselves. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/compare.h"
#include "tt1_report.h"

static const char *shown_unit(const comparison *c)
{
  const char *unit = c->found->unit;
  return unit && strcmp(unit, "1") != 0 ? unit : NULL;
}

tt1_status compare_put_figure(const void *context, tt1_folder *folder, const char *name,
                              tt1_error *error)
{
  const comparison *c = context;
  const tt1_map_comparison *found = c->found->found;
  tt1_bland_altman figure = {.a = found->a,
                             .b = found->b,
                             .n = found->all.n_pairs,
                             .agreement = &found->all,
                             .regions = found->regions,
                             .n_regions = found->n_regions,
                             .title = c->title,
                             .name_a = c->names[0],
                             .name_b = c->names[1],
                             .unit = shown_unit(c)};
  return tt1_folder_write_bland_altman(folder, name, &figure, error);
}

float *compare_difference(const comparison *c, double scale)
{
  size_t n = (size_t)tt1_image_n_voxels(c->found->map[0]);
  const tt1_map_comparison *found = c->found->found;
  float *map = allocate(n, sizeof *map);
  for (size_t v = 0; v < n; v++)
    map[v] = NAN;
  for (int64_t i = 0; i < found->all.n_pairs; i++)
    map[found->voxels[i]] = (float)(scale * (found->a[i] - found->b[i]));
  return map;
}

/* 98 of 100 sizes among `values` lie below this round number. */
static double limit_of(const double *values, int64_t count)
{
  double *sizes = allocate((size_t)count, sizeof *sizes);
  int64_t kept = 0;
  for (int64_t i = 0; i < count; i++)
    if (isfinite(values[i])) sizes[kept++] = fabs(values[i]);
  double limit = tt1_round_up(tt1_quantile(sizes, kept, 0.98));
  free(sizes);
  return limit;
}

static double difference_limit(const comparison *c)
{
  int64_t n = c->found->found->all.n_pairs;
  double *apart = allocate((size_t)n, sizeof *apart);
  for (int64_t i = 0; i < n; i++)
    apart[i] = c->found->found->a[i] - c->found->found->b[i];
  double limit = limit_of(apart, n);
  free(apart);
  return limit;
}

tt1_status compare_put_maps(const void *context, tt1_folder *folder, const char *name,
                            tt1_error *error)
{
  const comparison *c = context;
  const tt1_map_comparison *found = c->found->found;
  char title[200];
  snprintf(title, sizeof title, "%s \u2212 %s", c->names[0], c->names[1]);
  float *difference = compare_difference(c, 1.0);
  double apart = difference_limit(c);
  tt1_picture map = {
      .geometry = tt1_image_geometry(c->found->map[0]),
      .to = fmax(limit_of(found->a, found->all.n_pairs), limit_of(found->b, found->all.n_pairs)),
      .colours = tt1_colours_of(c->asked.map[0]),
      .unit = shown_unit(c)};
  tt1_picture pictures[3] = {map, map, map};
  pictures[0].map = tt1_image_data(c->found->map[0]);
  pictures[0].scale = c->found->scale[0];
  pictures[0].title = c->names[0];
  pictures[1].map = tt1_image_data(c->found->map[1]);
  pictures[1].scale = c->found->scale[1];
  pictures[1].title = c->names[1];
  pictures[2].map = difference;
  pictures[2].scale = 1.0;
  pictures[2].title = title;
  pictures[2].from = -apart;
  pictures[2].to = apart;
  pictures[2].colours = TT1_COLOURS_DIFFERENCE;
  const tt1_pictures page = {c->title, pictures, 3, 3};
  tt1_status status = tt1_folder_write_pictures(folder, name, &page, error);
  free(difference);
  return status;
}
