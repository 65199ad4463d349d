/* SPDX-License-Identifier: MIT
 * Which labels occur in a label map, and numbers sorted into groups: once,
 * however many groups there are. */
#ifndef TT1_ANALYSIS_LABELS_H
#define TT1_ANALYSIS_LABELS_H

#include "tt1_analysis.h"

/** Different labels in increasing order, without 0. Zero-initialise; free with tt1__labels_free(). */
typedef struct tt1__labels {
  int n;
  int32_t *values;
} tt1__labels;

/** List the labels within the mask (NULL: everywhere); TT1_BAD_ARGUMENT if there are more than 4096. */
tt1_status tt1__labels_list(tt1__labels *out, const int32_t *labels, const uint8_t *mask,
                            int64_t n_voxels, tt1_error *err);
/** Where `label` is, or would be. */
int tt1__labels_find(const tt1__labels *labels, int32_t label);
void tt1__labels_free(tt1__labels *labels);

/** Pairs and the group that each belongs to (-1: none). */
typedef struct tt1__grouped {
  int64_t n;
  const double *a, *b;
  int32_t *group; /* [n] */
} tt1__grouped;

/** The pairs of group i are a[starts[i]] up to a[starts[i + 1]], and b likewise. */
typedef struct tt1__sorted {
  double *a, *b;
  int64_t *starts; /* [n_groups + 1] */
} tt1__sorted;

/** Sort pairs by their group, in their order. Free with tt1__sorted_free(), also after a failure. */
tt1_status tt1__sort_groups(tt1__sorted *out, const tt1__grouped *pairs, int n_groups,
                            tt1_error *err);
void tt1__sorted_free(tt1__sorted *sorted);
#endif
