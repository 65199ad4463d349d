/* SPDX-License-Identifier: MIT
 * The slices of a volume, one by one, whichever axis runs from slice to slice: what is done in the
 * plane of a slice (rings, edges, walls) is written once for all orders of the axes. */
#ifndef TT1_ANALYSIS_PLANE_H
#define TT1_ANALYSIS_PLANE_H

#include "tt1_analysis.h"

/** How the voxels of the slices lie in the volume. */
typedef struct tt1__planes {
  int64_t n, stride;        /* slices, and from one to the next */
  int64_t size[2], step[2]; /* along the first and the second axis in the plane */
  double spacing[2];        /* mm, above 0 */
} tt1__planes;

tt1__planes tt1__planes_of(const tt1_geometry *geometry);
/** Where voxel i + j * size[0] of slice k lies in the volume. */
int64_t tt1__planes_voxel(const tt1__planes *planes, int64_t k, int64_t v);
/** Copy slice k, as 0 and 1, into `plane`: [size[0] * size[1]]. */
void tt1__planes_take(uint8_t *plane, const uint8_t *volume, const tt1__planes *planes, int64_t k);
/** Mark what can be reached from the border of the image without crossing `wall`. `stack` has room for a
    slice. */
void tt1__planes_flood(uint8_t *outside, const uint8_t *wall, const int64_t size[2],
                       int64_t *stack);
/** Take the edge of a slice away once: `out` and `plane` must not overlap. */
void tt1__planes_erode(uint8_t *out, const uint8_t *plane, const int64_t size[2]);
#endif
