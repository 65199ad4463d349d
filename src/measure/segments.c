/* SPDX-License-Identifier: MIT */
#include "measure/segments.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "input/companion.h"
#include "input/selection.h"
#include "measure/points.h"

tt1_status tt1__segments_check(const tt1__ring_request *r, tt1_error *err)
{
  for (int i = 0; i < 2; i++)
    if (!(r->margins[i] >= 0.0 && r->margins[i] <= 0.45))
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "--margin takes a share of the wall from 0 to 0.45 on each side");
  tt1__slice_table *table = tt1__allocate(1, sizeof *table);
  if (!table) return tt1__no_memory(err);
  tt1_status status =
      tt1__slice_table_read(table, r->insertions, r->n_insertions, r->levels, r->n_levels, err);
  tt1__free(table);
  return status;
}

/* What is left out next to the blood and next to what lies around the heart. */
static tt1_status find_margin(tt1__segments *out, const tt1__ring_request *r,
                              const uint8_t *myocardium, const tt1_geometry *geometry, size_t n,
                              tt1_error *err)
{
  out->margin = tt1__allocate(n, 1);
  if (!out->margin) return tt1__no_memory(err);
  return tt1_wall_margins(out->margin, myocardium, geometry, r->margins, err);
}

/* The image whose voxels the points are counted in; by default that of the ring, as its file has it. */
static tt1_status read_points_image(tt1__segments *out, const tt1__ring_request *r, tt1_error *err)
{
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  options.takes_maps = 1;
  return r->points_of ? tt1_image_read(&out->points, r->points_of, &options, err) : TT1_OK;
}

static tt1_status segment(tt1__segments *out, const tt1__ring_request *r, const uint8_t *myocardium,
                          const tt1_geometry *stored, const tt1_image *map, const char *map_path,
                          tt1_error *err)
{
  tt1_error reason = {0};
  tt1_aha_slice *slices = NULL;
  const tt1_geometry *geometry = tt1_image_geometry(map);
  size_t n = (size_t)tt1_image_n_voxels(map);
  const tt1__slice_places places = {.map = geometry,
                                    .points =
                                        out->points ? tt1_image_geometry(out->points) : stored,
                                    .map_path = map_path,
                                    .points_path = out->points ? r->points_of : r->myocardium,
                                    .myocardium = myocardium,
                                    .ring_path = r->myocardium};
  tt1_status status = tt1__slices_describe(&slices, r, &places, out, err);
  out->segments = tt1__allocate(n, sizeof *out->segments);
  out->septum = tt1__allocate(n, 1);
  if (status == TT1_OK && (!out->segments || !out->septum)) status = tt1__no_memory(err);
  if (status == TT1_OK) {
    status = tt1_aha_segments(out->segments, out->septum, myocardium, geometry, slices, &reason);
    if (status != TT1_OK) tt1__error_set(err, status, "%s: %s", r->myocardium, reason.message);
  }
  tt1__free(slices);
  return status == TT1_OK ? find_margin(out, r, myocardium, geometry, n, err) : status;
}

tt1_status tt1__segments_find(tt1__segments *out, const tt1__ring_request *r, const tt1_image *map,
                              const char *map_path, tt1_error *err)
{
  uint8_t *myocardium = NULL;
  tt1_geometry stored;
  double apart;
  tt1_status status = tt1__mask_read(&myocardium, &out->ring, &stored, r->myocardium, "myocardium",
                                     map, "map", err);
  if (status == TT1_OK)
    status = tt1__check_position(&apart, out->ring, r->myocardium, map, map_path, 0, err);
  if (status == TT1_OK) status = read_points_image(out, r, err);
  if (status == TT1_OK) status = segment(out, r, myocardium, &stored, map, map_path, err);
  tt1__free(myocardium);
  return status;
}

void tt1__segments_free(tt1__segments *s)
{
  tt1_image_free(s->ring);
  tt1_image_free(s->points);
  tt1__free(s->segments);
  tt1__free(s->septum);
  tt1__free(s->margin);
  tt1__remarks_free(&s->notes);
  tt1__remarks_free(&s->warnings);
  *s = (tt1__segments){0};
}
