/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 ecv` share. */
#ifndef TT1_ECV_H
#define TT1_ECV_H

#include "cli/program.h"
#include "tt1_measure.h"

/** The command line, and what was measured. */
typedef struct ecv {
  tt1_ecv_request asked;
  const char *output, *source;
  int has_hematocrit, has_hematocrit_sd, has_synthetic, as_dicom, as_json;
  tt1_ecv_result *found;
} ecv;

/* ecv_report.c */
void ecv_print(const ecv *e);
#endif
