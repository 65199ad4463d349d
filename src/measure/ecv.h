/* SPDX-License-Identifier: MIT */
#ifndef TT1_MEASURE_ECV_H
#define TT1_MEASURE_ECV_H

#include "tt1_measure.h"

/** A result with what it borrows from. */
typedef struct tt1__ecv {
  tt1_ecv_result shown; /* first: it is what the caller frees */
  const tt1_ecv_request *request;
  tt1_image *map[2], *sd[2], *mask[4];
  double scale[2]; /* of the maps, to s */
  tt1_ecv_row *rows;
  char *source;
} tt1__ecv;
#endif
