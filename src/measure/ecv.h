/* SPDX-License-Identifier: MIT */
#ifndef TT1_MEASURE_ECV_H
#define TT1_MEASURE_ECV_H

#include "measure/remarks.h"
#include "tt1_measure.h"

/** A result with what it borrows from. */
typedef struct tt1__ecv {
  tt1_ecv_result shown; /* first: it is what the caller frees */
  const tt1_ecv_request *request;
  tt1_image *map[2], *sd[2], *mask[4];
  double scale[2];    /* of the maps, to s */
  uint8_t *pool[2];   /* blood without its edge, in the grid of each map; the second may be NULL */
  int32_t *labels[2]; /* of the myocardium, in the same way; both may be NULL */
  tt1_ecv_row *rows;
  tt1__remarks warnings;
  char *source;
} tt1__ecv;

/* ---- ecv_checks.c: what no blood and no myocardium can be ---- */

/** Whether blood and myocardium of map `own` are two things: TT1_BAD_ARGUMENT, or a warning. */
tt1_status tt1__ecv_check_masks(tt1__ecv *m, int own, tt1_error *err);
/** Whether what was measured can be blood and myocardium: TT1_BAD_ARGUMENT where they are exchanged, else
    warnings. */
tt1_status tt1__ecv_check_rows(tt1__ecv *m, tt1_error *err);
#endif
