/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 ecv` share. */
#ifndef TT1_ECV_H
#define TT1_ECV_H

#include "cli/program.h"
#include "tt1_analysis.h"
#include "tt1_mapping.h"

/** A map, its standard deviations, and how it was made. */
typedef struct ecv_side {
  const char *path, *sd_path;
  const char *unit; /* as given, or NULL */
  tt1_image *map, *sd;
  double scale; /* to s */
  tt1_provenance made;
} ecv_side;

/** One label of the myocardium. T1 in s. */
typedef struct ecv_row {
  int32_t label;
  int64_t n[2];
  tt1_estimate native, post;
  tt1_ecv found;
} ecv_row;

/** The command line, and what was found. */
typedef struct ecv_request {
  ecv_side side[2];                     /* native, post */
  const char *blood[2], *myocardium[2]; /* for each map; the second may be NULL */
  const char *output, *source;
  int has_hematocrit, has_hematocrit_sd, has_synthetic, is_registered, is_resampled,
      ignore_position, erode;
  int as_dicom, as_json;
  double synthetic[2]; /* slope in ms, intercept */
  tt1_ecv_blood given;
  int64_t n_blood[2];
  ecv_row *rows;
  int n_rows;
} ecv_request;

/* ecv_maps.c */
/** Write the maps of registered T1; EXIT_FAILED after a complaint. */
int ecv_write_maps(const ecv_request *r, tt1_folder *folder);

/* ecv_report.c */
char *ecv_json(const ecv_request *r); /* free with free() */
char *ecv_csv(const ecv_request *r);
void ecv_print(const ecv_request *r);
#endif
