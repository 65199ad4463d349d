/* SPDX-License-Identifier: MIT
 * Colour bars that are burned into maps. */
#ifndef TT1_MEASURE_BARS_H
#define TT1_MEASURE_BARS_H

#include "tt1_image.h"

/** Columns (axis 0) or rows (axis 1) of all slices, from the inner edge of a bar to the border of the image. */
typedef struct tt1__bar {
  int axis;
  int64_t from, to; /* indices, both of them in it */
} tt1__bar;

/**
 * Find colour bars of a map on `size`: at the border, in a strip of at least four equal voxels across, values that rise or
 * fall from end to end in many steps. No tissue is like that. Returns how many, at most `capacity`.
 */
int tt1__find_bars(tt1__bar *bars, int capacity, const float *map, const int64_t size[3]);
#endif
