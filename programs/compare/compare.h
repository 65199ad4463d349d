/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 compare` share. */
#ifndef TT1_COMPARE_H
#define TT1_COMPARE_H

#include "cli/program.h"
#include "tt1_measure.h"

enum { MAX_FIGURES = 4 };

/** The command line, and what was compared. */
typedef struct comparison {
  tt1_comparison_request asked;
  double edges[TT1_MAX_EDGES];
  char names[2][80]; /* in table and figure */
  const char *title, *csv, *difference;
  const char *figures[MAX_FIGURES], *pictures[MAX_FIGURES];
  int n_figures, n_pictures, as_json;
  tt1_comparison_result *found;
} comparison;

/* compare_figure.c */
/** scale * (A - B) where both are valid, else NaN; free with free(). */
float *compare_difference(const comparison *c, double scale);
/** The Bland-Altman figure, and the maps beside each other, as files; put_file each. */
tt1_status compare_put_figure(const void *comparison, tt1_folder *folder, const char *name,
                              tt1_error *error);
tt1_status compare_put_maps(const void *comparison, tt1_folder *folder, const char *name,
                            tt1_error *error);

/* compare_report.c */
void compare_print(const comparison *c);
#endif
