/* SPDX-License-Identifier: MIT
 * A part of a mapping: what one plan fits. */
#ifndef TT1_MAPPING_PARTS_H
#define TT1_MAPPING_PARTS_H

#include "mapping/mapping.h"

/** The series, a slice of it, or a set of voxels of that, in the shape the library takes. Points to itself: not to be copied. */
typedef struct tt1__part {
  tt1_design design;
  tt1_known_values values[MAX_KNOWN];
  tt1_series series;
  tt1_voxel_map maps[MAX_KNOWN], starts[MAX_STARTS];
  const uint8_t *mask; /* or NULL */
  uint8_t *own_mask;   /* of a set of voxels that take as many images; else NULL */
  int64_t first;       /* its first voxel, counted in the series */
  int64_t n_inside;    /* voxels within the mask of a set */
} tt1__part;

/** Slice `slice` of tt1__mapping_n_plans(), with all its images. */
void tt1__part_lay_out(tt1__part *part, const tt1_mapping *m, int slice);
#endif
