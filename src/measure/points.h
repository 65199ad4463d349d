/* SPDX-License-Identifier: MIT
 * What is said of slices, in texts and in tables: their levels, and where the right ventricle meets the left
 * one. Nothing here knows of images: slices.c finds out where a point lies. */
#ifndef TT1_MEASURE_POINTS_H
#define TT1_MEASURE_POINTS_H

#include "tt1_measure.h"

enum { TT1__ALL_SLICES = -1, TT1__SLICE_OF_POINTS = -2 };

/** What a text or a line says of a slice. */
typedef struct tt1__slice_row {
  int slice; /* from 0, or one of the above */
  int has_level, has_mm;
  int n_voxel; /* coordinates in voxels: 0 none, 2 within the slice, 3 */
  tt1_level level;
  double voxel[2][3], mm[2][3]; /* anterior, inferior; mm to the right, front and top */
  const char *path;             /* of the table, or NULL */
  int line;
} tt1__slice_row;

typedef struct tt1__slice_table {
  tt1__slice_row rows[2 * TT1_MAX_DESCRIBED];
  int n;
} tt1__slice_table;

/** Read all that --insertion and --level say. TT1_BAD_ARGUMENT with what is expected. */
tt1_status tt1__slice_table_read(tt1__slice_table *out, const char *const *insertions,
                                 int n_insertions, const char *const *levels, int n_levels,
                                 tt1_error *err);
#endif
