/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 regions` share. */
#ifndef TT1_REGIONS_H
#define TT1_REGIONS_H

#include "cli/program.h"
#include "tt1_measure.h"

/** The command line, and what was measured. */
typedef struct regions {
  tt1_regions_request asked;
  const char *insertions[TT1_MAX_DESCRIBED], *levels[TT1_MAX_DESCRIBED];
  const char *csv, *segments_path, *septum_path, *bullseye, *title;
  int is_aha, as_json, has_margin;
  tt1_regions_result *found;
} regions;

/* regions_figure.c: a put_file */
tt1_status regions_put_bullseye(const void *regions, tt1_folder *folder, const char *name,
                                tt1_error *error);

/* regions_report.c */
void regions_print(const regions *r);
#endif
