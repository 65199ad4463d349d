/* SPDX-License-Identifier: MIT
 * The segments of the left ventricle in the grid of a map, from a ring of myocardium and insertion points that
 * may be counted in another image. */
#ifndef TT1_MEASURE_SEGMENTS_H
#define TT1_MEASURE_SEGMENTS_H

#include "measure/remarks.h"
#include "tt1_measure.h"

/** What is asked for; texts as in tt1_regions_request. */
typedef struct tt1__ring_request {
  const char *myocardium, *points_of; /* a selection; an image, NULL: the myocardium */
  const char *const *insertions, *const *levels;
  int n_insertions, n_levels;
  double margins[2]; /* shares of the wall that are left out, inside and outside */
} tt1__ring_request;

/** What was found. Zero-initialise; free with tt1__segments_free(). */
typedef struct tt1__segments {
  tt1_image *ring, *points; /* that were read; points may be NULL */
  int32_t *segments;        /* [n_voxels] 1 to 16, 0 outside */
  uint8_t *septum;          /* [n_voxels] the mid-septal region */
  uint8_t *margin;          /* [n_voxels] 1 within the margins */
  tt1__remarks notes, warnings;
} tt1__segments;

/** Whether levels, insertion points and margins can be read at all. */
tt1_status tt1__segments_check(const tt1__ring_request *request, tt1_error *err);
/** Find the segments in the grid of `map`, which was read from `map_path`. */
tt1_status tt1__segments_find(tt1__segments *out, const tt1__ring_request *request,
                              const tt1_image *map, const char *map_path, tt1_error *err);
void tt1__segments_free(tt1__segments *segments);

/* ---- slices.c ---- */

/** The images between which insertion points move. */
typedef struct tt1__slice_places {
  const tt1_geometry *map, *points;   /* grids; `points` as its file has it */
  const char *map_path, *points_path; /* for sentences */
  const uint8_t *myocardium;          /* in the grid of the map */
  const char *ring_path;
} tt1__slice_places;

/**
 * What is said of each slice of the map in which there is myocardium, with points in voxels of the map.
 * @param[out] out [size along tt1_geometry_slice_axis()]; free with tt1__free()
 */
tt1_status tt1__slices_describe(tt1_aha_slice **out, const tt1__ring_request *request,
                                const tt1__slice_places *places, tt1__segments *remarks,
                                tt1_error *err);
#endif
