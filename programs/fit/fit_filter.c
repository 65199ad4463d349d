/* SPDX-License-Identifier: MIT
 * `torcht1 fit --filter`: maps smoothed after the fit, and said so. */
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

static const struct {
  const char *name;
  int width;
} FILTERS[] = {{"none", 1}, {"median3", 3}, {"median5", 5}};

const char *fit_filter_name(int index)
{
  return index < (int)(sizeof FILTERS / sizeof *FILTERS) ? FILTERS[index].name : NULL;
}

tt1_status fit_filter(fit_map *map, float *scratch, const fit_input *in, int filter,
                      tt1_error *error)
{
  const tt1_geometry *geometry = tt1_image_geometry(in->image);
  if (filter == 0) return TT1_OK;
  map->filter = FILTERS[filter].name;
  memcpy(scratch, map->values, (size_t)tt1_image_n_voxels(in->image) * sizeof *scratch);
  return tt1_median_filter(map->values, scratch, geometry->size, FILTERS[filter].width, error);
}
