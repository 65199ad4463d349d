/* SPDX-License-Identifier: MIT
 * A part of a mapping: what one plan fits. */
#ifndef TT1_MAPPING_PARTS_H
#define TT1_MAPPING_PARTS_H

#include "mapping/mapping.h"

/** The series, or a slice of it, in the shape the library takes. Points to itself: not to be copied. */
typedef struct tt1__part {
  tt1_design design;
  tt1_known_values values[MAX_KNOWN];
  tt1_series series;
  tt1_voxel_map maps[MAX_KNOWN], starts[MAX_STARTS];
  const uint8_t *mask; /* or NULL */
  int64_t first;       /* its first voxel, counted in the series */
} tt1__part;

/** Part `slice` of tt1__mapping_n_plans(). */
void tt1__part_lay_out(tt1__part *part, const tt1_mapping *m, int slice);
#endif
